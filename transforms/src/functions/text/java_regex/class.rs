//! Classes of characters between brackets.

use super::escape::range;
use super::{Fault, Translator};

impl Translator {
    /// A class, behind its `[`.
    pub(super) fn class(&mut self) -> Result<String, Fault> {
        let mut out = "[".to_owned();
        if self.take("^") {
            out.push('^');
        }
        let start = out.len();
        loop {
            if self.flags.comments && self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
                self.at += 1;
                continue;
            }
            if self.take("&&") {
                // Nothing on one of the sides leaves the other.
                if out.len() > start && self.peek() != Some(']') {
                    out.push_str("&&");
                }
                continue;
            }
            let Some(c) = self.next() else { return Err(Fault::Wrong("`[` without `]`")) };
            match c {
                ']' if out.len() > start => break,
                '[' => out.push_str(&self.class()?),
                '\\' if self.peek() == Some('Q') => self.quoted(&mut out)?,
                '\\' => match self.named_class()? {
                    Some(named) if named.negated => out.push_str(&named.class()),
                    Some(named) => out.push_str(&named.members),
                    None => {
                        let from = self.escaped_char()?;
                        self.range_from(from, &mut out)?;
                    }
                },
                from => self.range_from(from, &mut out)?,
            }
        }
        out.push(']');
        let folded = self.flags.any_case && self.flags.unicode_case;
        Ok(if folded { format!("(?i:{out})") } else { out })
    }

    fn quoted(&mut self, out: &mut String) -> Result<(), Fault> {
        self.at += 1;
        while !self.take(r"\E") {
            let Some(c) = self.next() else { return Err(Fault::Wrong("`[` without `]`")) };
            self.put(c, c, out);
        }
        Ok(())
    }

    /// A character, or a range that begins with it.
    fn range_from(&mut self, from: char, out: &mut String) -> Result<(), Fault> {
        let after = self.chars.get(self.at + 1).copied();
        let is_range = self.peek() == Some('-')
            && after.is_some_and(|c| c != ']' && c != '[')
            && !self.starts_with("-&&");
        if !is_range {
            self.put(from, from, out);
            return Ok(());
        }
        self.at += 1;
        let to = match self.next() {
            Some('\\') => self.escaped_char()?,
            Some(c) => c,
            None => return Err(Fault::Wrong("`[` without `]`")),
        };
        if to < from {
            return Err(Fault::Wrong("a range of characters that ends before it begins"));
        }
        self.put(from, to, out);
        Ok(())
    }

    /// Without regard to case, letters of ASCII stand for both of their forms.
    fn put(&self, from: char, to: char, out: &mut String) {
        out.push_str(&range(from, to));
        if !self.flags.any_case {
            return;
        }
        for (first, last) in [('a', 'z'), ('A', 'Z')] {
            let (from, to) = (from.max(first), to.min(last));
            if from <= to {
                let other = |c: char| {
                    if c.is_ascii_lowercase() {
                        c.to_ascii_uppercase()
                    } else {
                        c.to_ascii_lowercase()
                    }
                };
                out.push_str(&range(other(from), other(to)));
            }
        }
    }
}
