//! The replacement of `regexp_replace`: `$1` and `${name}` are groups, a backslash takes the meaning from what follows.

use datafusion::common::exec_err;
use datafusion::error::Result;

use super::pattern::{Match, Pattern};

/// A part of a replacement.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

/// A replacement for the matches of one pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replacement(Vec<Part>);

impl Replacement {
    /// Reads a replacement.
    ///
    /// # Errors
    /// A group that the pattern does not have, `$` or a backslash without what must follow.
    pub(super) fn parse(text: &str, pattern: &Pattern) -> Result<Self> {
        let mut parts = vec![Part::Text(String::new())];
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let literal = match c {
                '\\' => match rest.next() {
                    Some(c) => c,
                    None => return exec_err!("regexp_replace: a backslash ends the replacement"),
                },
                '$' => {
                    let group = if rest.next_if_eq(&'{').is_some() {
                        let name: String =
                            std::iter::from_fn(|| rest.next_if(|c| *c != '}')).collect();
                        rest.next().and_then(|_| pattern.group_named(&name))
                    } else {
                        group(&mut rest, pattern)
                    };
                    let Some(group) = group else {
                        return exec_err!(
                            "regexp_replace: the replacement names a group that the regular expression does not have; a dollar sign is written `\\$`"
                        );
                    };
                    parts.push(Part::Group(group));
                    continue;
                }
                c => c,
            };
            match parts.last_mut() {
                Some(Part::Text(text)) => text.push(literal),
                _ => parts.push(Part::Text(literal.to_string())),
            }
        }
        Ok(Self(parts))
    }

    /// Writes the replacement of a match.
    pub(super) fn write(&self, found: &Match, text: &str, out: &mut String) {
        for part in &self.0 {
            match part {
                Part::Text(part) => out.push_str(part),
                Part::Group(group) => out.push_str(found.group(text, *group).unwrap_or_default()),
            }
        }
    }
}

/// As many digits are taken as there are groups: `$12` is group 1 and `2` where there are fewer than twelve.
fn group(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, pattern: &Pattern) -> Option<usize> {
    let digit = |c: char| c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
    let mut group = rest.next_if(char::is_ascii_digit).and_then(digit)?;
    if group > pattern.groups() {
        return None;
    }
    while let Some(next) = rest.peek().copied().and_then(digit) {
        let longer = group * 10 + next;
        if longer > pattern.groups() {
            break;
        }
        group = longer;
        let _digit = rest.next();
    }
    Some(group)
}
