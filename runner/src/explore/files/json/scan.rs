//! The values of one row, one behind the other, as they are written.
//!
//! `serde_json` has numbers as 64 bits, of which a longer one loses digits; here a number is its text.

use std::borrow::Cow;

use super::fault::Fault;

/// Objects and lists within one another, as `serde_json` allows.
const DEPTH_MAX: usize = 128;
/// Cells of one row besides those that are written, which its bytes bound: NULL for each field that an object of a list leaves out.
pub(in super::super) const CELLS_MAX: usize = 2_000_000;

/// What kind of value stands next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

impl Next {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// A text of JSON, read from its begin to its end.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    cells: usize,
}

type Result<T> = std::result::Result<T, Fault>;

impl<'a> Scanner<'a> {
    /// At the begin of a row.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotJson)?;
        Ok(Self { text, at: 0, depth: 0, cells: 0 })
    }

    /// The kind of the value that stands next. Whether it is written rightly is seen when it is read.
    pub(super) fn next(&mut self) -> Result<Next> {
        Ok(match self.peek()? {
            b'n' => Next::Null,
            b't' | b'f' => Next::Boolean,
            b'"' => Next::Text,
            b'[' => Next::List,
            b'{' => Next::Object,
            b'-' | b'0'..=b'9' => Next::Number,
            _ => return Err(Fault::NotJson),
        })
    }

    /// Nothing but blanks may be left.
    pub(super) fn end(&mut self) -> Result<()> {
        self.blanks();
        if self.at == self.text.len() { Ok(()) } else { Err(Fault::NotJson) }
    }

    /// Counts cells that the values read take.
    ///
    /// # Errors
    /// More than a row may have.
    pub(super) fn take_cells(&mut self, count: usize) -> Result<()> {
        self.cells += count;
        let is_bounded = self.cells <= CELLS_MAX + self.text.len();
        if is_bounded { Ok(()) } else { Err(Fault::TooManyCells) }
    }

    /// The cells so far.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    pub(super) fn null(&mut self) -> Result<()> {
        self.word("null")
    }

    /// `true` or `false`, as it is written.
    pub(super) fn boolean(&mut self) -> Result<&'a str> {
        let word = if self.peek()? == b't' { "true" } else { "false" };
        self.word(word).map(|()| word)
    }

    /// A number, as it is written.
    pub(super) fn number(&mut self) -> Result<&'a str> {
        let from = self.at;
        self.take(b'-');
        if !self.take(b'0') && self.digits() == 0 {
            return Err(Fault::NotJson);
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(Fault::NotJson);
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(Fault::NotJson);
            }
        }
        // `007` would else be three numbers.
        match self.byte() {
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'.' => Err(Fault::NotJson),
            _ => Ok(self.text.get(from..self.at).unwrap_or_default()),
        }
    }

    /// A text, without its quotes and with what its escapes stand for.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>> {
        let written = self.quoted()?;
        let inner = written.get(1..written.len() - 1).unwrap_or_default();
        if !inner.contains('\\') {
            return Ok(Cow::Borrowed(inner));
        }
        serde_json::from_str(written).map(Cow::Owned).map_err(|_| Fault::NotJson)
    }

    /// The value that stands next, whatever it is, as it is written.
    pub(super) fn written(&mut self) -> Result<&'a str> {
        let next = self.next()?;
        let from = self.at;
        match next {
            Next::Null => self.null()?,
            Next::Boolean => drop(self.boolean()?),
            Next::Number => drop(self.number()?),
            Next::Text => drop(self.text()?),
            Next::List => self.list(|scanner, _| scanner.written().map(drop))?,
            Next::Object => self.object(|scanner, _| scanner.written().map(drop))?,
        }
        Ok(self.text.get(from..self.at).unwrap_or_default())
    }

    /// A list, each of whose items is read by what is given, with its index.
    pub(super) fn list(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        self.open(b'[')?;
        if self.peek()? != b']' {
            for index in 0.. {
                item(self, index)?;
                if self.peek()? != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.close(b']')
    }

    /// An object, each of whose values is read by what is given, with its name.
    pub(super) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<()> {
        self.open(b'{')?;
        if self.peek()? != b'}' {
            loop {
                if self.peek()? != b'"' {
                    return Err(Fault::NotJson);
                }
                let name = self.text()?;
                if self.peek()? != b':' {
                    return Err(Fault::NotJson);
                }
                self.at += 1;
                field(self, &name)?;
                if self.peek()? != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.close(b'}')
    }

    fn open(&mut self, wanted: u8) -> Result<()> {
        if self.peek()? != wanted {
            return Err(Fault::NotJson);
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        self.at += 1;
        Ok(())
    }

    fn close(&mut self, wanted: u8) -> Result<()> {
        if self.peek()? != wanted {
            return Err(Fault::NotJson);
        }
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    /// A text with its quotes; control characters do not stand in one.
    fn quoted(&mut self) -> Result<&'a str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut bytes = rest.bytes().enumerate().skip(1);
        while let Some((index, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    self.at += index + 1;
                    return Ok(rest.get(..=index).unwrap_or_default());
                }
                b'\\' => drop(bytes.next()),
                0..0x20 => return Err(Fault::NotJson),
                _ => {}
            }
        }
        Err(Fault::NotJson)
    }

    fn word(&mut self, word: &str) -> Result<()> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let behind = rest.strip_prefix(word).ok_or(Fault::NotJson)?;
        if behind.starts_with(|next: char| next.is_ascii_alphanumeric()) {
            return Err(Fault::NotJson);
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - from
    }

    fn take(&mut self, wanted: u8) -> bool {
        let is_there = self.byte() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The byte that stands next behind blanks.
    fn peek(&mut self) -> Result<u8> {
        self.blanks();
        self.byte().ok_or(Fault::NotJson)
    }
}
