//! The rows of a file, from pieces of it: objects one behind the other, or the elements of one array.

use super::fault::{At, Fault};

/// A row that needs more is refused, so that a file without an end of its rows does not fill the memory.
pub(in super::super) const ROW_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// Nothing has been seen of the file.
    Begin,
    /// Objects follow one another.
    Lines,
    /// Behind `[`.
    First,
    /// Behind an element.
    Behind,
    /// Behind a comma.
    Comma,
    /// Behind `]`.
    End,
}

/// A row, and where it stands.
type Row<'a> = (At, &'a [u8]);

/// Cuts a file into rows.
#[derive(Debug)]
pub(super) struct Rows {
    /// Whether the file is said to be an array, or not to be one.
    is_array: Option<bool>,
    is_unbegun: bool,
    bytes: Vec<u8>,
    /// Where the row begins that is not whole yet.
    begin: usize,
    /// What of it has been looked at.
    seen: usize,
    /// Objects within one another that are open there.
    depth: usize,
    in_text: bool,
    is_escaped: bool,
    between: Between,
    line: u64,
    element: u64,
    /// Where the row began.
    at: At,
}

impl Rows {
    /// Before the first byte of a file.
    pub(super) fn new(is_array: Option<bool>) -> Self {
        Self {
            is_array,
            is_unbegun: true,
            bytes: Vec::new(),
            begin: 0,
            seen: 0,
            depth: 0,
            in_text: false,
            is_escaped: false,
            between: Between::Begin,
            line: 1,
            element: 0,
            at: At::Line(1),
        }
    }

    /// The next piece of the file. Rows before it must have been taken.
    pub(super) fn push(&mut self, piece: &[u8]) {
        drop(self.bytes.drain(..self.begin));
        self.seen -= self.begin;
        self.begin = 0;
        self.bytes.extend_from_slice(piece);
    }

    /// The next whole row, and where it stands; `None` if more of the file is needed.
    ///
    /// # Errors
    /// What is no object where a row should be, with the place.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, (At, Fault)> {
        if self.is_unbegun {
            let bytes = self.bytes.as_slice();
            if bytes.len() < BOM.len() && BOM.starts_with(bytes) {
                return Ok(None);
            }
            self.seen = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
            self.is_unbegun = false;
        }
        while let Some(byte) = self.bytes.get(self.seen).copied() {
            if self.depth == 0 {
                self.between(byte)?;
                continue;
            }
            self.seen += 1;
            self.line += u64::from(byte == b'\n');
            if self.within(byte)? {
                let row = self.begin..self.seen;
                self.begin = self.seen;
                return Ok(Some((self.at, self.bytes.get(row).unwrap_or_default())));
            }
            if self.seen - self.begin > ROW_BYTES_MAX {
                return Err((self.at, Fault::TooLong));
            }
        }
        if self.depth == 0 {
            self.begin = self.seen;
        }
        Ok(None)
    }

    /// The file has no more bytes.
    ///
    /// # Errors
    /// A row or an array that has not ended.
    pub(super) fn end(&self) -> Result<(), (At, Fault)> {
        let is_array = !matches!(self.between, Between::Begin | Between::Lines | Between::End);
        if self.depth > 0 {
            return Err((self.at, Fault::CutOff));
        }
        if self.is_unbegun && !self.bytes.is_empty() {
            return Err((self.at, Fault::NotJson));
        }
        if is_array { Err((At::Element(self.element), Fault::CutOff)) } else { Ok(()) }
    }

    /// A byte between rows.
    fn between(&mut self, byte: u8) -> Result<(), (At, Fault)> {
        use Between::{Begin, Behind, Comma, End, First, Lines};
        let here = match self.between {
            Begin | Lines => At::Line(self.line),
            First | Behind | Comma | End => At::Element(self.element + 1),
        };
        self.between = match (byte, self.between) {
            (b'\n', between) => {
                self.line += 1;
                between
            }
            (b' ' | b'\t' | b'\r', between) => between,
            (b'[', Begin) if self.is_array == Some(false) => return Err((here, Fault::AnArray)),
            (b'[', Begin) => First,
            (_, Begin) if self.is_array == Some(true) => return Err((here, Fault::NotAnArray)),
            (b',', Behind) => Comma,
            (b']', First | Behind) => End,
            (b'{', Begin | Lines | First | Comma) => {
                (self.begin, self.depth, self.at) = (self.seen, 1, here);
                match self.between {
                    Begin | Lines => Lines,
                    _ => {
                        self.element += 1;
                        Behind
                    }
                }
            }
            (
                b'"' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n',
                Lines | Begin | First | Comma,
            ) => {
                return Err((here, Fault::NotAnObject));
            }
            _ => return Err((here, Fault::NotJson)),
        };
        self.seen += 1;
        Ok(())
    }

    /// A byte within a row; whether it is the last one.
    fn within(&mut self, byte: u8) -> Result<bool, (At, Fault)> {
        match byte {
            // Else a quote that is missing would make one row of all that follows.
            b'\n' if self.in_text => return Err((self.at, Fault::NotJson)),
            _ if self.in_text => {
                self.in_text = self.is_escaped || byte != b'"';
                self.is_escaped = !self.is_escaped && byte == b'\\';
            }
            b'"' => self.in_text = true,
            b'{' => self.depth += 1,
            b'}' => self.depth -= 1,
            _ => {}
        }
        Ok(self.depth == 0)
    }
}

/// What some programs write before UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a file that comes in pieces of some bytes, and how it ends.
    fn rows(text: &str, size: usize) -> Vec<String> {
        let mut rows = Rows::new(None);
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            rows.push(piece);
            loop {
                match rows.next() {
                    Ok(Some((at, row))) => {
                        found.push(format!("{at}: {}", String::from_utf8_lossy(row)));
                    }
                    Ok(None) => break,
                    Err((at, fault)) => {
                        found.push(format!("{at}: {fault:?}"));
                        return found;
                    }
                }
            }
        }
        if let Err((at, fault)) = rows.end() {
            found.push(format!("{at}: {fault:?}"));
        }
        found
    }

    #[test]
    fn rows_are_the_objects_of_a_file_wherever_its_pieces_end() {
        for (text, expected) in [
            (
                "{\"a\":1}\n\n{\"a\":\"}{\\\"\"}",
                &["line 1: {\"a\":1}", "line 3: {\"a\":\"}{\\\"\"}"][..],
            ),
            ("\u{feff}{}{}\r\n{\n}", &["line 1: {}", "line 1: {}", "line 2: {\n}"]),
            (" [ {\"a\":[{}]} ,\n{}]\n", &["element 1: {\"a\":[{}]}", "element 2: {}"]),
            ("[]", &[]),
            ("", &[]),
            ("[{}", &["element 1: {}", "element 1: CutOff"]),
            ("[{},]", &["element 1: {}", "element 2: NotJson"]),
            ("[{}]x", &["element 1: {}", "element 2: NotJson"]),
            ("[1]", &["element 1: NotAnObject"]),
            ("{}\n7\n", &["line 1: {}", "line 2: NotAnObject"]),
            ("{}\n\n[{}]", &["line 1: {}", "line 3: NotAnObject"]),
            ("{}\n{\"a\": {}", &["line 1: {}", "line 2: CutOff"]),
            ("{}\n{\"a: 1}\n{}", &["line 1: {}", "line 2: NotJson"]),
        ] {
            for size in [1, 2, 3, 7, 100] {
                assert_eq!(rows(text, size), expected, "{text} by {size}");
            }
        }
    }
}
