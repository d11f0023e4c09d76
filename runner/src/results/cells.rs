//! Values as texts for people.

use std::borrow::Cow;
use std::fmt::Write as _;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use unicode_width::UnicodeWidthStr;

/// The texts of a batch's values.
pub(super) struct Cells<'a>(Vec<ArrayFormatter<'a>>);

impl<'a> Cells<'a> {
    /// Reads a batch; `null` stands for NULL.
    ///
    /// # Errors
    /// A type that has no text.
    pub(super) fn of(batch: &'a RecordBatch, null: &'a str) -> Result<Self, ArrowError> {
        let options = FormatOptions::default().with_null(null);
        let formatters =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        Ok(Self(formatters.collect::<Result<_, _>>()?))
    }

    /// The values of a row, one after the other.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(move |formatter| {
            let text = formatter.value(row).to_string();
            match harmless(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(text) => text,
            }
        })
    }
}

/// A text that cannot command a terminal: all but line ends is shown as it would be written in a program.
///
/// That goes for marks that turn the direction of writing too, since they make a line look like another.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let is_bad = |char: char| {
        (char.is_control() && char != '\n')
            || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            _ if is_bad(char) => {
                // Writing to a String cannot fail.
                let _infallible = write!(shown, "\\u{{{:x}}}", u32::from(char));
            }
            _ => shown.push(char),
        }
    }
    Cow::Owned(shown)
}

/// How many places of a terminal the longest line of a text takes.
pub(super) fn width(text: &str) -> usize {
    text.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// Whether values of a type stand at the right side of their column.
pub(super) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_commands_a_terminal() {
        for (text, shown) in [
            ("plain, ü, 日本", "plain, ü, 日本"),
            ("two\nlines", "two\nlines"),
            ("\x1b[2J\x07", "\\u{1b}[2J\\u{7}"),
            ("a\tb\r\n", "a\\tb\\r\n"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abc\u{202e}fdp.exe", "abc\\u{202e}fdp.exe"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn a_text_is_as_wide_as_its_longest_line_on_a_terminal() {
        for (text, places) in [("", 0), ("abc", 3), ("日本", 4), ("a\nabcd\n", 4), ("e\u{301}", 1)]
        {
            assert_eq!(width(text), places, "{text:?}");
        }
    }
}
