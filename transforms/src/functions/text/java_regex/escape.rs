//! What stands behind a backslash.

use super::{Fault, Translator, escaped};

/// Characters of a class that a backslash names: as they stand between brackets, and whether it is all others that are meant.
pub(super) struct Named {
    pub(super) members: String,
    pub(super) negated: bool,
}

impl Named {
    fn of(members: &str, negated: bool) -> Self {
        Self { members: members.to_owned(), negated }
    }

    /// As a class of its own.
    pub(super) fn class(&self) -> String {
        format!("[{}{}]", if self.negated { "^" } else { "" }, self.members)
    }
}

const BLANKS: &str = r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
const VERTICAL: &str = r"\n\x0B\f\r\x{85}\x{2028}\x{2029}";

impl Translator {
    /// An escape outside of brackets, behind its backslash.
    pub(super) fn escape(&mut self) -> Result<(), Fault> {
        if let Some(named) = self.named_class()? {
            self.push(&named.class());
            return Ok(());
        }
        match self.peek() {
            Some('A') => self.push(r"\A"),
            Some('z') => self.push(r"\z"),
            Some('Z') => {
                self.out.at_last_line_end = true;
                self.push(r"\z");
            }
            Some('b') if self.starts_with("b{") => {
                return Err(Fault::Unsupported("boundaries `\\b{…}`"));
            }
            Some('b') => self.push(r"\b"),
            Some('B') => self.push(r"\B"),
            Some('R') => self.push(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
            Some('G') => return Err(Fault::Unsupported("`\\G`, the end of the match before")),
            Some('X') => return Err(Fault::Unsupported("`\\X`, a grapheme")),
            Some('1'..='9' | 'k') => {
                return Err(Fault::Unsupported("back-references such as `\\1`"));
            }
            Some('Q') => {
                self.at += 1;
                while !self.take(r"\E") {
                    let Some(c) = self.next() else { return Ok(()) };
                    self.literal(c);
                }
                return Ok(());
            }
            _ => {
                let c = self.escaped_char()?;
                self.literal(c);
                return Ok(());
            }
        }
        self.at += 1;
        Ok(())
    }

    /// A class named by a letter, such as `\d` and `\p{Alpha}`, if that is what comes.
    pub(super) fn named_class(&mut self) -> Result<Option<Named>, Fault> {
        let Some(c) = self.peek() else {
            return Err(Fault::Wrong("a backslash at the end"));
        };
        let unicode = self.flags.unicode_classes;
        let members = match c.to_ascii_lowercase() {
            'd' if unicode => r"\d",
            'd' => "0-9",
            'w' if unicode => r"\w",
            'w' => "a-zA-Z0-9_",
            's' if unicode => r"\s",
            's' => r" \t\n\x0B\f\r",
            'h' => BLANKS,
            'v' => VERTICAL,
            'p' => {
                self.at += 1;
                let name = self.property_name()?;
                let members = self.property(&name)?;
                return Ok(Some(Named { members, negated: c == 'P' }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Named::of(members, c.is_ascii_uppercase())))
    }

    fn property_name(&mut self) -> Result<String, Fault> {
        match self.next() {
            Some('{') => {
                let mut name = String::new();
                loop {
                    match self.next() {
                        Some('}') => return Ok(name),
                        Some(c) => name.push(c),
                        None => return Err(Fault::Wrong("`\\p{` without `}`")),
                    }
                }
            }
            Some(c) => Ok(c.to_string()),
            None => Err(Fault::Wrong("`\\p` without a name")),
        }
    }

    /// The members of a property. Those with the names of POSIX are of ASCII.
    fn property(&self, name: &str) -> Result<String, Fault> {
        let posix = match name {
            "Lower" if self.flags.any_case => Some("a-zA-Z"),
            "Upper" if self.flags.any_case => Some("a-zA-Z"),
            "Lower" => Some("a-z"),
            "Upper" => Some("A-Z"),
            "ASCII" => Some(r"\x00-\x7F"),
            "Alpha" => Some("a-zA-Z"),
            "Digit" => Some("0-9"),
            "Alnum" => Some("a-zA-Z0-9"),
            "Punct" => Some("!-/:-@\\[-`{-\\~"),
            "Graph" => Some(r"!-\~"),
            "Print" => Some(r" -\~"),
            "Blank" => Some(r" \t"),
            "Cntrl" => Some(r"\x00-\x1F\x7F"),
            "XDigit" => Some("0-9a-fA-F"),
            "Space" => Some(r" \t\n\x0B\f\r"),
            _ => None,
        };
        if let Some(members) = posix {
            if self.flags.unicode_classes && name != "ASCII" {
                return Err(Fault::Unsupported("classes of POSIX, `\\p{Alpha}`, behind `(?U)`"));
            }
            return Ok(members.to_owned());
        }
        let unicode = match name {
            "L1" => r"\x00-\xFF".to_owned(),
            "all" => r"\x00-\x{10FFFF}".to_owned(),
            "javaLowerCase" => r"\p{Lowercase}".to_owned(),
            "javaUpperCase" => r"\p{Uppercase}".to_owned(),
            "javaAlphabetic" => r"\p{Alphabetic}".to_owned(),
            "javaLetter" => r"\p{L}".to_owned(),
            "javaDigit" => r"\p{Nd}".to_owned(),
            "javaLetterOrDigit" => r"\p{L}\p{Nd}".to_owned(),
            "IsPunctuation" => r"\p{P}".to_owned(),
            "IsDigit" => r"\p{Nd}".to_owned(),
            "IsLetter" => r"\p{L}".to_owned(),
            "IsControl" => r"\p{Cc}".to_owned(),
            name if name.starts_with("In") || name.starts_with("blk=") => {
                return Err(Fault::Unsupported("blocks of Unicode, `\\p{In…}`"));
            }
            name if name.starts_with("java") => {
                return Err(Fault::Unsupported("this class of Java's, `\\p{java…}`"));
            }
            name => {
                let value = ["Is", "sc=", "script=", "gc=", "general_category="]
                    .iter()
                    .find_map(|prefix| name.strip_prefix(prefix));
                format!(r"\p{{{}}}", value.unwrap_or(name))
            }
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '-');
        let known = name.split('=').all(|part| part.chars().all(plain));
        if known { Ok(unicode) } else { Err(Fault::Wrong("an unknown property in `\\p{…}`")) }
    }

    /// The character that an escape stands for.
    pub(super) fn escaped_char(&mut self) -> Result<char, Fault> {
        let Some(c) = self.next() else {
            return Err(Fault::Wrong("a backslash at the end"));
        };
        Ok(match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            '0' => self.octal()?,
            'x' if self.take("{") => {
                let digits = self.digits(16, usize::MAX);
                if !self.take("}") {
                    return Err(Fault::Wrong("`\\x{` without `}`"));
                }
                code(&digits, 16)?
            }
            'x' => code(&self.exactly(2)?, 16)?,
            'u' => self.utf16()?,
            'c' => {
                let Some(of) = self.next().filter(char::is_ascii) else {
                    return Err(Fault::Wrong("`\\c` without a letter"));
                };
                char::from_u32(u32::from(of) ^ 64).unwrap_or(of)
            }
            'N' => return Err(Fault::Unsupported("characters by name, `\\N{…}`")),
            c if c.is_ascii_alphabetic() => {
                return Err(Fault::Wrong("an unknown letter behind a backslash"));
            }
            other => other,
        })
    }

    fn octal(&mut self) -> Result<char, Fault> {
        let longest = if matches!(self.peek(), Some('0'..='3')) { 3 } else { 2 };
        let digits = self.digits(8, longest);
        code(&digits, 8)
    }

    /// A character by its code units in UTF-16.
    fn utf16(&mut self) -> Result<char, Fault> {
        let digits = self.exactly(4)?;
        let unit = u16::from_str_radix(&digits, 16).unwrap_or_default();
        let mut units = vec![unit];
        if (0xD800..0xDC00).contains(&unit) && self.take("\\u") {
            let low = self.exactly(4)?;
            units.push(u16::from_str_radix(&low, 16).unwrap_or_default());
        }
        match char::decode_utf16(units).next() {
            Some(Ok(c)) => Ok(c),
            _ => Err(Fault::Unsupported("halves of characters (surrogates)")),
        }
    }

    fn exactly(&mut self, count: usize) -> Result<String, Fault> {
        let digits = self.digits(16, count);
        if digits.len() == count {
            Ok(digits)
        } else {
            Err(Fault::Wrong("too few digits for a character's number"))
        }
    }

    fn digits(&mut self, radix: u32, longest: usize) -> String {
        let mut digits = String::new();
        while digits.len() < longest
            && let Some(c) = self.peek().filter(|c| c.is_digit(radix))
        {
            digits.push(c);
            self.at += 1;
        }
        digits
    }
}

fn code(digits: &str, radix: u32) -> Result<char, Fault> {
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .ok_or(Fault::Wrong("no character has this number"))
}

/// A range of characters between brackets, or one character.
pub(super) fn range(from: char, to: char) -> String {
    if from == to { escaped(from) } else { format!("{}-{}", escaped(from), escaped(to)) }
}
