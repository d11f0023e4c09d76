//! Bytes to records and fields, by RFC 4180.
//!
//! Push chunks cut anywhere, then take records until more bytes are needed. Unlike the usual CSV
//! readers this one says of every field whether it was quoted, because `NULL` and `"NULL"` are
//! different values.

mod record;

use std::fmt;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use crate::dms::settings::CsvFormat;
use record::Span;
pub use record::{Field, Record, SplitError, SplitFault};

/// The longest record that is read, so that one missing quote does not pull a whole object into
/// memory. MySQL takes no larger row by default (`max_allowed_packet`).
pub const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Splits one object into records.
///
/// Rows end with LF or CRLF, or with one byte that is declared; the last one may end with the object. A quoted field may hold
/// delimiters, line ends and doubled quotes. A quote inside an unquoted field is an error: DMS
/// quotes whole fields, so the quoting is broken. Without `rfc4180` quotes are ordinary bytes. A
/// byte order mark at the start is skipped, and so are completely empty lines, except in a table of
/// one field, where such a line is an empty field.
pub struct Splitter {
    delimiter: u8,
    row_delimiter: u8,
    /// A carriage return before it belongs to the row's end.
    ends_with_crlf: bool,
    rfc4180: bool,
    one_field: bool,
    past_bare_quotes: bool,
    /// Bytes not given out yet, after those of the current record.
    input: Vec<u8>,
    /// Where the current record begins, where the text of its current field begins, and the next
    /// byte to look at.
    record: usize,
    field: usize,
    scan: usize,
    state: State,
    /// Doubled quotes have been seen in the current field.
    doubled: bool,
    /// The current record has a quote inside an unquoted field.
    bare_quote: bool,
    fields: Vec<Span>,
    /// The fields of the current record that held doubled quotes, with single ones.
    unescaped: Vec<u8>,
    /// The line of the current record, and the line breaks inside its quoted fields so far.
    line: u64,
    breaks: u64,
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    ObjectStart,
    RecordDone,
    FieldStart,
    Unquoted,
    Quoted,
}

/// What a scan came to.
enum Scan {
    Starved,
    Field,
    Record,
}

// Written by hand, since what is derived would print the bytes of rows.
impl fmt::Debug for Splitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Splitter").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Splitter {
    /// `fields_expected` only decides what an empty line is.
    pub fn new(format: &CsvFormat, fields_expected: usize) -> Self {
        Self {
            delimiter: format.delimiter,
            row_delimiter: format.row_delimiter,
            ends_with_crlf: format.ends_with_crlf(),
            rfc4180: format.rfc4180,
            one_field: fields_expected == 1,
            past_bare_quotes: false,
            input: Vec::new(),
            record: 0,
            field: 0,
            scan: 0,
            state: State::ObjectStart,
            doubled: false,
            bare_quote: false,
            fields: Vec::new(),
            unescaped: Vec::new(),
            line: 1,
            breaks: 0,
            ended: false,
        }
    }

    /// Takes a quote inside an unquoted field for text, to find the end of its record; the record
    /// tells of it.
    #[must_use]
    pub fn past_bare_quotes(self) -> Self {
        Self { past_bare_quotes: true, ..self }
    }

    /// Adds bytes. All complete records should have been taken before, since what is left is moved.
    pub fn push(&mut self, chunk: &[u8]) {
        let used = if self.state == State::RecordDone { self.scan } else { self.record };
        if used > 0 {
            self.input.drain(..used);
            self.record = self.record.saturating_sub(used);
            self.field = self.field.saturating_sub(used);
            self.scan -= used;
            if self.state == State::RecordDone {
                self.next_line();
                self.begin_record();
            }
        }
        self.input.extend_from_slice(chunk);
    }

    /// Says that no more bytes follow, so that the last record may end without a line end.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next record, or none until more bytes are pushed; none after [`Self::end`] is the end.
    /// Not to be called again after an error.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, SplitError> {
        if self.state == State::RecordDone {
            self.next_line();
            self.begin_record();
        }
        loop {
            let scanned = match self.state {
                State::ObjectStart => self.skip_bom(),
                State::FieldStart | State::RecordDone => self.start_field(),
                State::Unquoted => self.scan_unquoted(),
                State::Quoted => self.scan_quoted(),
            };
            let scanned = scanned.map_err(|fault| SplitError { line: self.line, fault })?;
            if self.scan - self.record > RECORD_BYTES_MAX {
                return Err(SplitError { line: self.line, fault: SplitFault::TooLong });
            }
            match scanned {
                Scan::Starved => return Ok(None),
                Scan::Field => {}
                Scan::Record if self.is_blank() => {
                    self.next_line();
                    self.begin_record();
                }
                Scan::Record => break,
            }
        }
        self.state = State::RecordDone;
        Ok(Some(Record {
            bytes: self.input.get(self.record..self.scan).unwrap_or_default(),
            unescaped: &self.unescaped,
            fields: &self.fields,
            line: self.line,
            breaks: self.breaks,
            bare_quote: self.bare_quote,
        }))
    }

    /// After an error: the bytes from the beginning of the broken record on, as far as they were pushed.
    pub fn rest(&self) -> &[u8] {
        self.input.get(self.record..).unwrap_or_default()
    }

    /// The same; nothing more is split.
    pub fn into_rest(mut self) -> Vec<u8> {
        self.input.split_off(self.record.min(self.input.len()))
    }

    fn next_line(&mut self) {
        self.line += 1 + self.breaks;
        self.breaks = 0;
    }

    fn begin_record(&mut self) {
        self.record = self.scan;
        self.fields.clear();
        self.unescaped.clear();
        self.bare_quote = false;
        self.state = State::FieldStart;
    }

    fn is_blank(&self) -> bool {
        let empty = |span: &Span| !span.quoted && span.start == span.end;
        !self.one_field && self.fields.len() == 1 && self.fields.iter().all(empty)
    }

    fn skip_bom(&mut self) -> Result<Scan, SplitFault> {
        if !self.ended && self.input.len() < BOM.len() && BOM.starts_with(&self.input) {
            return Ok(Scan::Starved);
        }
        if self.input.starts_with(BOM) {
            self.scan = BOM.len();
        }
        self.begin_record();
        Ok(Scan::Field)
    }

    fn start_field(&mut self) -> Result<Scan, SplitFault> {
        self.field = self.scan;
        self.doubled = false;
        match self.input.get(self.scan) {
            Some(b'"') if self.rfc4180 => {
                self.scan += 1;
                self.field = self.scan;
                self.state = State::Quoted;
                self.scan_quoted()
            }
            Some(_) => {
                self.state = State::Unquoted;
                self.scan_unquoted()
            }
            None if self.ended && !self.fields.is_empty() => {
                self.push_field(self.scan, false);
                Ok(Scan::Record)
            }
            None => Ok(Scan::Starved),
        }
    }

    fn scan_unquoted(&mut self) -> Result<Scan, SplitFault> {
        loop {
            match self.scan_to_mark()? {
                Some(scanned) => return Ok(scanned),
                None => self.bare_quote = true,
            }
        }
    }

    /// Goes on to what ends an unquoted field; none at a quote that is passed over.
    fn scan_to_mark(&mut self) -> Result<Option<Scan>, SplitFault> {
        let rest = self.input.get(self.scan..).unwrap_or_default();
        let found = if self.rfc4180 {
            memchr3(self.delimiter, self.row_delimiter, b'"', rest)
        } else {
            memchr2(self.delimiter, self.row_delimiter, rest)
        };
        let Some(offset) = found else {
            self.scan = self.input.len();
            if !self.ended {
                return Ok(Some(Scan::Starved));
            }
            self.push_field(self.scan, false);
            return Ok(Some(Scan::Record));
        };
        let at = self.scan + offset;
        let byte = rest.get(offset).copied();
        self.scan = at + 1;
        if byte == Some(self.delimiter) {
            self.push_field(at, false);
            self.state = State::FieldStart;
            return Ok(Some(Scan::Field));
        }
        if byte == Some(b'"') {
            return if self.past_bare_quotes { Ok(None) } else { Err(SplitFault::BareQuote) };
        }
        let crlf = self.ends_with_crlf && at > self.field && self.input.get(at - 1) == Some(&b'\r');
        self.push_field(if crlf { at - 1 } else { at }, false);
        Ok(Some(Scan::Record))
    }

    fn scan_quoted(&mut self) -> Result<Scan, SplitFault> {
        loop {
            let rest = self.input.get(self.scan..).unwrap_or_default();
            let Some(offset) = memchr(b'"', rest) else {
                self.scan = self.input.len();
                return if self.ended { Err(SplitFault::Unterminated) } else { Ok(Scan::Starved) };
            };
            let quote = self.scan + offset;
            // While what follows is not known, the scan stays at the quote and sees it again.
            self.scan = quote;
            let after = rest.get(offset + 1).copied();
            match after {
                Some(b'"') => {
                    self.doubled = true;
                    self.scan = quote + 2;
                }
                None if !self.ended => return Ok(Scan::Starved),
                Some(b'\r') if rest.len() == offset + 2 && !self.ended => return Ok(Scan::Starved),
                _ => return self.close_quoted(quote, after),
            }
        }
    }

    /// `after` is the byte after the closing quote, none at the end of the object.
    fn close_quoted(&mut self, quote: usize, after: Option<u8>) -> Result<Scan, SplitFault> {
        self.scan = match after {
            None => quote + 1,
            Some(byte) if byte == self.delimiter || byte == self.row_delimiter => quote + 2,
            Some(b'\r') if self.ends_with_crlf && self.input.get(quote + 2) == Some(&b'\n') => {
                quote + 3
            }
            Some(_) => return Err(SplitFault::TextAfterQuote),
        };
        let text = self.input.get(self.field..quote).unwrap_or_default();
        self.breaks += memchr_iter(self.row_delimiter, text).map(|_| 1).sum::<u64>();
        if self.doubled {
            self.push_unescaped(quote);
        } else {
            self.push_field(quote, true);
        }
        self.state = State::FieldStart;
        Ok(if after == Some(self.delimiter) { Scan::Field } else { Scan::Record })
    }

    /// Keeps the current field with single quotes instead of doubled ones; the record stays as it is.
    fn push_unescaped(&mut self, end: usize) {
        let start = self.unescaped.len();
        let mut from = self.field;
        while let Some(rest) = self.input.get(from..end).filter(|rest| !rest.is_empty()) {
            let keep = memchr(b'"', rest).map_or(rest.len(), |offset| offset + 1);
            self.unescaped.extend_from_slice(rest.get(..keep).unwrap_or_default());
            from += keep + 1;
        }
        let end = self.unescaped.len();
        self.fields.push(Span { start, end, quoted: true, unescaped: true });
    }

    fn push_field(&mut self, end: usize, quoted: bool) {
        let (start, end) = (self.field - self.record, end - self.record);
        self.fields.push(Span { start, end, quoted, unescaped: false });
    }
}

#[cfg(test)]
mod tests;
