//! Rows that are set aside instead of being applied.

use std::fmt;

use super::row_error::RowError;
use crate::dms::settings::CsvFormat;

/// So many bytes of a row that is set aside are kept; the object holds the rest.
pub const RAW_BYTES_MAX: usize = 4 * 1024;

/// What becomes of an object with bad rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// It is refused.
    #[default]
    Refuse,
    /// They are set aside, as if they were not in it, as long as they are at most so many lines.
    SetAside { most: u64 },
}

/// A row that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong with it, at least one thing.
    pub errors: Vec<RowError>,
    /// Its lines in the object. All count: what broken quoting joined may have been several rows.
    pub lines: u64,
    pub raw: Raw,
}

/// The beginning of a text, without its line end.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Raw {
    /// At most [`RAW_BYTES_MAX`] bytes.
    pub text: Vec<u8>,
    /// Bytes of the whole.
    pub size: u64,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the values of rows.
        f.debug_struct("Raw").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Raw {
    /// Without what ends a row of such a text.
    pub(in crate::dms) fn of(text: &[u8], format: &CsvFormat) -> Self {
        let mut raw = Self::default();
        raw.add(match text.split_last() {
            Some((last, _)) if *last != format.row_delimiter => text,
            Some((_, row)) if format.ends_with_crlf() => without_cr(row),
            Some((_, row)) => row,
            None => text,
        });
        raw
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = RAW_BYTES_MAX - self.text.len();
        self.text.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.size += bytes.len() as u64;
    }
}

fn without_cr(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// Splits what follows broken quoting into physical lines: it cannot be told into rows any more.
#[derive(Debug)]
pub(super) struct Lines {
    number: u64,
    /// The byte that ends a line, and whether a carriage return may come before it.
    end: u8,
    ends_with_crlf: bool,
    current: Raw,
    begun: bool,
}

impl Lines {
    /// `number` is that of the first line.
    pub(super) fn new(number: u64, format: &CsvFormat) -> Self {
        let (end, ends_with_crlf) = (format.row_delimiter, format.ends_with_crlf());
        Self { number, end, ends_with_crlf, current: Raw::default(), begun: false }
    }

    /// Adds bytes, cut anywhere, and hands on the lines that end in them, until `each` answers false.
    pub(super) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(u64, Raw) -> bool) {
        let end = self.end;
        for piece in bytes.split_inclusive(|byte| *byte == end) {
            self.begun = true;
            self.current.add(piece.strip_suffix(&[end]).unwrap_or(piece));
            if piece.ends_with(&[end]) && !self.end_line(each) {
                return;
            }
        }
    }

    /// Ends the object, whose last line may have no end.
    pub(super) fn end(&mut self, each: &mut dyn FnMut(u64, Raw) -> bool) {
        if self.begun {
            self.end_line(each);
        }
    }

    fn end_line(&mut self, each: &mut dyn FnMut(u64, Raw) -> bool) -> bool {
        let mut raw = std::mem::take(&mut self.current);
        // Unless it was cut off.
        if self.ends_with_crlf && raw.size == raw.text.len() as u64 && raw.text.ends_with(b"\r") {
            raw.text.pop();
            raw.size -= 1;
        }
        let number = self.number;
        self.number += 1;
        self.begun = false;
        each(number, raw)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dms::settings::Settings;

    fn lines(text: &[u8], cut: usize) -> Vec<(u64, Vec<u8>, u64)> {
        let mut found = Vec::new();
        let mut lines = Lines::new(7, &Settings::default().csv);
        let mut each = |number, raw: Raw| {
            found.push((number, raw.text, raw.size));
            true
        };
        for chunk in text.chunks(cut) {
            lines.push(chunk, &mut each);
        }
        lines.end(&mut each);
        found
    }

    #[test]
    fn every_physical_line_is_one_and_the_end_of_the_object_ends_the_last() {
        for cut in [1, 2, 100] {
            let found = lines(b"a\r\n\nb\"c\nlast", cut);
            let expected: Vec<(u64, Vec<u8>, u64)> = [(7, "a"), (8, ""), (9, "b\"c"), (10, "last")]
                .map(|(line, text)| (line, text.as_bytes().to_vec(), text.len() as u64))
                .to_vec();
            assert_eq!(found, expected, "{cut}");
        }
        assert_eq!(lines(b"", 1), []);
        assert_eq!(lines(b"a\n", 1).len(), 1);
    }

    #[test]
    fn of_a_long_line_the_beginning_is_kept() {
        let text = "x".repeat(3 * RAW_BYTES_MAX);
        for cut in [1000, usize::MAX] {
            let found = lines(text.as_bytes(), cut);
            assert_eq!(found.len(), 1);
            assert_eq!((found[0].1.len(), found[0].2), (RAW_BYTES_MAX, text.len() as u64));
        }
        assert_eq!(Raw::of(text.as_bytes(), &Settings::default().csv).text.len(), RAW_BYTES_MAX);
        let of = |text: &[u8], end: &str| {
            let settings = Settings::from_options([("CsvRowDelimiter", end)]).unwrap();
            Raw::of(text, &settings.csv).text
        };
        assert_eq!(Raw::of(b"a,b\r\n", &Settings::default().csv).text, b"a,b");
        assert_eq!(of(b"a,b\r\n", "\\r\\n"), b"a,b");
        assert_eq!(of(b"a,b\r\n", "\\n"), b"a,b\r", "it is a part of the value");
        assert_eq!(of(b"a,b\n|", "|"), b"a,b\n");
    }

    proptest! {
        #[test]
        fn any_cuts_give_the_same_lines(text in "[ab\r\n]{0,30}", cut in 1..10_usize) {
            prop_assert_eq!(lines(text.as_bytes(), cut), lines(text.as_bytes(), usize::MAX));
        }
    }
}
