//! JSON as Spark's parser reads it: text in single quotes is text, members keep their order, and what stands behind the value is not read.

use std::fmt::Write as _;

use crate::functions::java_number::put_double;

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// A whole number as it was written.
    Whole(String),
    /// Any other number: its value and how it was written.
    Fraction(f64, String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// What a parser takes besides standard JSON and text in single quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// For functions that take JSON apart: control characters in texts.
    Controls,
    /// For `from_json` and `schema_of_json`: `NaN` and `Infinity`.
    Specials,
}

/// A document that is nested deeper is no JSON: the parser calls itself for each level.
const DEEPEST: usize = 500;

/// The first value of a text; `None` where there is none or it is wrong.
pub(super) fn parse(text: &str, reads: Reads) -> Option<Json> {
    Parser { text, at: 0, reads, depth: 0 }.value()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    reads: Reads,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let rest = self.rest().strip_prefix(word)?;
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        self.at += word.len();
        ends.then_some(())
    }

    fn value(&mut self) -> Option<Json> {
        self.skip_blanks();
        match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            quote @ (b'"' | b'\'') => self.string(quote).map(Json::Text),
            b't' => self.word("true").map(|()| Json::Bool(true)),
            b'f' => self.word("false").map(|()| Json::Bool(false)),
            b'n' => self.word("null").map(|()| Json::Null),
            _ => self.number(),
        }
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Option<Json>) -> Option<Json> {
        self.at += 1;
        self.depth += 1;
        let value = (self.depth <= DEEPEST).then(|| parse(self))?;
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Option<Json> {
        let mut items = Vec::new();
        self.skip_blanks();
        if self.take(b']') {
            return Some(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_blanks();
            if self.take(b']') {
                return Some(Json::Array(items));
            }
            self.take(b',').then_some(())?;
        }
    }

    fn object(&mut self) -> Option<Json> {
        let mut members = Vec::new();
        self.skip_blanks();
        if self.take(b'}') {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_blanks();
            let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
            let name = self.string(quote)?;
            self.skip_blanks();
            self.take(b':').then_some(())?;
            members.push((name, self.value()?));
            self.skip_blanks();
            if self.take(b'}') {
                return Some(Json::Object(members));
            }
            self.take(b',').then_some(())?;
        }
    }

    fn string(&mut self, quote: u8) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let c = self.rest().chars().next()?;
            self.at += c.len_utf8();
            match c {
                c if c == char::from(quote) => return Some(out),
                '\\' => out.push(self.escape()?),
                c if c < ' ' && self.reads != Reads::Controls => return None,
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '"' | '\\' | '/' => c,
            // Allowed together with texts in single quotes.
            '\'' => c,
            'u' => {
                let unit = self.unit()?;
                if !(0xD800..0xDC00).contains(&unit) {
                    return Some(char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}'));
                }
                let back = self.at;
                let low = self.rest().starts_with("\\u").then(|| {
                    self.at += 2;
                    self.unit()
                });
                let pair = low.flatten().and_then(|low| char::decode_utf16([unit, low]).next());
                match pair {
                    Some(Ok(c)) => c,
                    // A half of a character is none: Spark prints a question mark.
                    _ => {
                        self.at = back;
                        '?'
                    }
                }
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4)?;
        let unit = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let unit = unit.then(|| u16::from_str_radix(digits, 16).ok())??;
        self.at += 4;
        Some(unit)
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Option<Json> {
        if self.reads == Reads::Specials {
            let specials =
                [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)];
            for (word, value) in specials {
                if self.rest().starts_with(word) {
                    self.word(word)?;
                    return Some(Json::Fraction(value, word.to_owned()));
                }
            }
        }
        let from = self.at;
        let _sign = self.take(b'-');
        let first = self.peek();
        let whole = self.digits();
        if whole == 0 || (whole > 1 && first == Some(b'0')) {
            return None;
        }
        let mut is_whole = true;
        if self.take(b'.') {
            is_whole = false;
            (self.digits() > 0).then_some(())?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_whole = false;
            let _sign = self.take(b'-') || self.take(b'+');
            (self.digits() > 0).then_some(())?;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && self.depth > 0
        {
            return None;
        }
        let text = self.text.get(from..self.at)?.to_owned();
        Some(if is_whole {
            Json::Whole(if text == "-0" { "0".to_owned() } else { text })
        } else {
            Json::Fraction(text.parse().ok()?, text)
        })
    }
}

impl Json {
    /// The member of a name, if this is an object that has one; of several the last.
    pub(super) fn member(&self, name: &str) -> Option<&Json> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The value as JSON, as Spark's generator writes it.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Whole(number) => out.push_str(number),
            Self::Fraction(number, _) => put_number(*number, out),
            Self::Text(text) => put_text(text, out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    put_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// A text as it is, everything else as JSON.
    pub(super) fn write_plain(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            other => other.write(out),
        }
    }
}

/// A number of Java's; what is none stands between quotes.
pub(super) fn put_number(number: f64, out: &mut String) {
    if number.is_finite() {
        put_double(number, out);
    } else {
        out.push('"');
        put_double(number, out);
        out.push('"');
    }
}

/// A text between quotes.
pub(super) fn put_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                let _written = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
