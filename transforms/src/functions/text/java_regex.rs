//! Regular expressions of Java as those of the `regex` crate.
//!
//! Spark matches with java.util.regex (<https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html>).
//! What is written alike means other things there: `\d`, `\w`, `\s` and `(?i)` know ASCII only, `.` stops at five kinds of line ends, `$`
//! matches before the last line end. What needs backtracking (look-around, back-references, possessive quantifiers) is refused.

mod class;
mod escape;

use super::pattern::Fault;

/// A pattern for the `regex` crate, and what it cannot say itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    /// The pattern. `$` stands as `\z` in it.
    pub(super) pattern: String,
    /// There is a `$` that also matches before a line end at the end of the text.
    pub(super) at_last_line_end: bool,
    /// There is a `^` that matches behind line ends, but not at the end of the text.
    pub(super) at_line_starts: bool,
    /// There is a quantifier that takes as little as it can.
    pub(super) lazy: bool,
}

/// Translates a pattern.
///
/// # Errors
/// What is wrong in it, or what it asks for and is not supported.
pub(super) fn translate(pattern: &str) -> Result<Translated, Fault> {
    let mut translator = Translator {
        chars: pattern.chars().collect(),
        at: 0,
        flags: Flags::default(),
        outer: Vec::new(),
        out: Translated {
            pattern: String::with_capacity(pattern.len() + 16),
            at_last_line_end: false,
            at_line_starts: false,
            lazy: false,
        },
    };
    translator.all()?;
    Ok(translator.out)
}

/// The characters that end a line, for `.`.
const LINE_ENDS: &str = r"\n\r\x{85}\x{2028}\x{2029}";

/// The flags that hold at a place.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    any_case: bool,
    unicode_case: bool,
    unicode_classes: bool,
    dot_all: bool,
    multi_line: bool,
    unix_lines: bool,
    comments: bool,
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    flags: Flags,
    /// The flags outside of each open group.
    outer: Vec<Flags>,
    out: Translated,
}

impl Translator {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn starts_with(&self, text: &str) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        text.chars().enumerate().all(|(index, c)| rest.get(index) == Some(&c))
    }

    /// Passes over a text that is next.
    fn take(&mut self, text: &str) -> bool {
        let found = self.starts_with(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn push(&mut self, text: &str) {
        self.out.pattern.push_str(text);
    }

    fn all(&mut self) -> Result<(), Fault> {
        // Whether there is something that a quantifier can repeat.
        let mut repeatable = false;
        while let Some(c) = self.next() {
            repeatable = match c {
                _ if self.flags.comments && c.is_ascii_whitespace() => continue,
                '#' if self.flags.comments => {
                    while self.next().is_some_and(|c| c != '\n') {}
                    continue;
                }
                '(' => self.open()?,
                ')' => {
                    let Some(outer) = self.outer.pop() else {
                        return Err(Fault::Wrong("`)` without `(`"));
                    };
                    self.flags = outer;
                    self.push(")");
                    true
                }
                '|' => {
                    self.push("|");
                    false
                }
                '[' => {
                    let class = self.class()?;
                    self.push(&class);
                    true
                }
                '.' => {
                    self.dot();
                    true
                }
                '^' => {
                    self.line_start();
                    true
                }
                '$' => {
                    self.line_end();
                    true
                }
                '\\' => {
                    self.escape()?;
                    true
                }
                '?' | '*' | '+' | '{' => {
                    if !repeatable {
                        return Err(Fault::Wrong("a quantifier without anything before it"));
                    }
                    self.quantifier(c)?;
                    false
                }
                literal => {
                    self.literal(literal);
                    true
                }
            };
        }
        if self.outer.is_empty() { Ok(()) } else { Err(Fault::Wrong("`(` without `)`")) }
    }

    fn dot(&mut self) {
        if self.flags.dot_all {
            self.push("(?s:.)");
        } else if self.flags.unix_lines {
            self.push(r"[^\n]");
        } else {
            self.push(&format!("[^{LINE_ENDS}]"));
        }
    }

    fn line_start(&mut self) {
        if self.flags.multi_line {
            self.out.at_line_starts = true;
            self.push(if self.flags.unix_lines { "(?m:^)" } else { "(?mR:^)" });
        } else {
            self.push(r"\A");
        }
    }

    fn line_end(&mut self) {
        if self.flags.multi_line {
            self.push(if self.flags.unix_lines { "(?m:$)" } else { "(?mR:$)" });
        } else {
            self.out.at_last_line_end = true;
            self.push(r"\z");
        }
    }

    /// A character that stands for itself.
    fn literal(&mut self, c: char) {
        if self.flags.any_case && self.flags.unicode_case {
            self.push("(?i:");
            self.push(&escaped(c));
            self.push(")");
        } else if self.flags.any_case && c.is_ascii_alphabetic() {
            let both = format!("[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase());
            self.push(&both);
        } else {
            self.push(&escaped(c));
        }
    }

    fn quantifier(&mut self, first: char) -> Result<(), Fault> {
        if first == '{' {
            self.push("{");
            let mut digits = 0;
            loop {
                match self.next() {
                    Some(c) if c.is_ascii_digit() => {
                        digits += 1;
                        self.push(c.encode_utf8(&mut [0; 4]));
                    }
                    Some(',') if digits > 0 => self.push(","),
                    Some('}') if digits > 0 => break,
                    _ => {
                        return Err(Fault::Wrong("`{` is no repetition: a brace is written `\\{`"));
                    }
                }
            }
            self.push("}");
        } else {
            self.push(first.encode_utf8(&mut [0; 4]));
        }
        match self.peek() {
            Some('?') => {
                self.at += 1;
                self.out.lazy = true;
                self.push("?");
                Ok(())
            }
            Some('+') => Err(Fault::Unsupported("possessive quantifiers such as `*+`")),
            Some('*' | '{') => Err(Fault::Wrong("a quantifier behind a quantifier")),
            _ => Ok(()),
        }
    }

    /// A group or flags, behind `(`. Whether a quantifier may follow.
    fn open(&mut self) -> Result<bool, Fault> {
        for (start, what) in [
            ("?=", "look-ahead `(?=…)`"),
            ("?!", "look-ahead `(?!…)`"),
            ("?<=", "look-behind `(?<=…)`"),
            ("?<!", "look-behind `(?<!…)`"),
            ("?>", "atomic groups `(?>…)`"),
        ] {
            if self.starts_with(start) {
                return Err(Fault::Unsupported(what));
            }
        }
        if !self.take("?") {
            self.outer.push(self.flags);
            self.push("(");
            return Ok(false);
        }
        if self.take("<") {
            self.outer.push(self.flags);
            self.push("(?<");
            loop {
                match self.next() {
                    Some(c) if c.is_ascii_alphanumeric() => {
                        self.push(c.encode_utf8(&mut [0; 4]));
                    }
                    Some('>') => break,
                    _ => return Err(Fault::Wrong("the name of a group is letters and digits")),
                }
            }
            self.push(">");
            return Ok(false);
        }
        let before = self.flags;
        let mut on = true;
        loop {
            match self.next() {
                Some('-') => on = false,
                Some(':') => {
                    self.outer.push(before);
                    self.push("(?:");
                    return Ok(false);
                }
                // They hold to the end of the group that they stand in.
                Some(')') => return Ok(false),
                Some(flag) => self.flags.set(flag, on)?,
                None => return Err(Fault::Wrong("`(?` without an end")),
            }
        }
    }
}

impl Flags {
    fn set(&mut self, flag: char, on: bool) -> Result<(), Fault> {
        match flag {
            'i' => self.any_case = on,
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            'd' => self.unix_lines = on,
            'u' => self.unicode_case = on,
            'x' => self.comments = on,
            'U' => {
                self.unicode_classes = on;
                self.unicode_case = on;
            }
            _ => return Err(Fault::Wrong("an unknown flag behind `(?`")),
        }
        Ok(())
    }
}

/// A character as it is written to stand for itself, also between brackets.
fn escaped(c: char) -> String {
    match c {
        c if c.is_ascii_alphanumeric() || !c.is_ascii() => c.to_string(),
        // These cannot be escaped, or need not be.
        '<' | '>' | ' ' => c.to_string(),
        c if c.is_ascii_punctuation() => format!("\\{c}"),
        c => format!("\\x{{{:x}}}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests;
