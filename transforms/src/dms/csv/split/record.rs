//! One record of CSV and its fields, in the splitter's buffer; and why a text is no CSV.

use std::fmt;

use super::RECORD_BYTES_MAX;

/// A field, in bytes from the beginning of its record, or of what was unescaped in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
    pub(super) unescaped: bool,
}

/// A field without its quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub text: &'a [u8],
    pub quoted: bool,
}

/// One record; it borrows the splitter's buffer.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) unescaped: &'a [u8],
    pub(super) fields: &'a [Span],
    pub(super) line: u64,
    pub(super) breaks: u64,
    pub(super) bare_quote: bool,
}

impl<'a> Record<'a> {
    /// The line on which the record begins, counted from 1; line breaks inside quotes count.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The number of fields, at least 1.
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    /// The record as it stands in the object, with its line end.
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// The lines that it takes, at least 1.
    pub fn lines(&self) -> u64 {
        1 + self.breaks
    }

    /// What is wrong with its quoting; only after [`past_bare_quotes`](super::Splitter::past_bare_quotes).
    pub fn fault(&self) -> Option<SplitFault> {
        self.bare_quote.then_some(SplitFault::BareQuote)
    }

    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + use<'a> {
        let (bytes, unescaped) = (self.bytes, self.unescaped);
        self.fields.iter().map(move |span| Field {
            text: if span.unescaped { unescaped } else { bytes }
                .get(span.start..span.end)
                .unwrap_or_default(),
            quoted: span.quoted,
        })
    }
}

// Written by hand, since what is derived would print the values of rows.

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("line", &self.line).finish_non_exhaustive()
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("quoted", &self.quoted).finish_non_exhaustive()
    }
}

/// The text is not CSV; what follows cannot be told into records any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct SplitError {
    /// The line on which the broken record begins.
    pub line: u64,
    pub fault: SplitFault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitFault {
    #[error("text after a closing quote")]
    TextAfterQuote,
    #[error("quote inside an unquoted field")]
    BareQuote,
    #[error("closing quote missing at the end of the object")]
    Unterminated,
    #[error("record longer than {RECORD_BYTES_MAX} bytes")]
    TooLong,
}
