//! The formats of files, and what can be said of them.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::config::{CsvOptions, JsonOptions};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use transforms::sql::nearest;

use crate::error::{Error, Result};

/// How files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::explore) enum Format {
    /// Separated values.
    Csv,
    /// Parquet.
    Parquet,
    /// JSON objects, one behind the other or in an array.
    Json,
    /// A folder that DMS stages for a table.
    Dms,
}

/// The formats by the words of `STORED AS` and of Spark's ``csv.`path` ``.
pub(in crate::explore) const WORDS: [(&str, Format); 5] = [
    ("csv", Format::Csv),
    ("parquet", Format::Parquet),
    ("json", Format::Json),
    ("ndjson", Format::Json),
    ("dms", Format::Dms),
];

/// The endings of files.
const ENDINGS: [(&str, Format); 7] = [
    (".csv", Format::Csv),
    (".tsv", Format::Csv),
    (".txt", Format::Csv),
    (".parquet", Format::Parquet),
    (".json", Format::Json),
    (".ndjson", Format::Json),
    (".jsonl", Format::Json),
];

const PACKED: [&str; 6] = [".gz", ".bz2", ".zst", ".zip", ".xz", ".lz4"];

impl Format {
    /// The format that a word stands for.
    pub(in crate::explore) fn of_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, format)| *format)
    }

    /// The format that a file's name ends with.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Json => "json",
            Self::Dms => "dms",
        }
    }
}

/// Whether a file's name says that it is packed, which is not read here.
pub(super) fn is_packed(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // Parquet's own packing is named before the ending.
    PACKED.iter().any(|ending| name.ends_with(ending))
}

/// Whether a name in a statement can only be meant as a path.
pub(in crate::explore) fn is_path(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.contains('/') || Format::of_name(&lower).is_some() || is_packed(&lower)
}

/// What a declaration says of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::explore) struct Options {
    /// Whether the first line of a CSV file has the names of its columns; to be found out if it is not said.
    pub(super) header: Option<bool>,
    /// What stands between values; to be found out if it is not said.
    pub(super) delimiter: Option<u8>,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    pub(super) comment: Option<u8>,
    pub(super) null_value: Option<String>,
    /// Whether JSON files hold an array each.
    pub(super) is_array: Option<bool>,
}

/// The options of CSV, each with the other names that it goes by.
const OF_CSV: [(&str, &[&str]); 6] = [
    ("header", &["has_header"]),
    ("delimiter", &["sep"]),
    ("quote", &[]),
    ("escape", &[]),
    ("comment", &[]),
    ("nullvalue", &["null_value"]),
];
const OF_JSON: [(&str, &[&str]); 1] = [("multiline", &["array"])];

impl Options {
    /// Reads what stands in OPTIONS.
    ///
    /// # Errors
    /// Kind `Usage` for an option that this format does not have, and a value that cannot be.
    pub(in crate::explore) fn parse(
        format: Format,
        given: &HashMap<String, String>,
    ) -> Result<Self> {
        let known: &[(&str, &[&str])] = match format {
            Format::Csv => &OF_CSV,
            Format::Json => &OF_JSON,
            Format::Parquet | Format::Dms => &[],
        };
        let mut options = Self::default();
        for (key, value) in given {
            let key = key.strip_prefix("format.").unwrap_or(key).to_ascii_lowercase();
            let is_meant =
                |(name, others): &&(&str, &[&str])| *name == key || others.contains(&key.as_str());
            let Some((name, _)) = known.iter().find(is_meant) else {
                return Err(unknown(format, &key, known));
            };
            options.set(name, value).ok_or_else(|| wrong(name, value))?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "header" => self.header = Some(truth(value)?),
            "delimiter" => self.delimiter = Some(character(value)?),
            "quote" => self.quote = Some(character(value)?),
            "escape" => self.escape = Some(character(value)?),
            "comment" => self.comment = Some(character(value)?),
            "nullvalue" => self.null_value = Some(value.to_owned()),
            _ => self.is_array = Some(truth(value)?),
        }
        Some(())
    }

    /// The engine's reader; what is to be found out is known by now.
    pub(super) fn reader(&self, format: Format) -> Arc<dyn FileFormat> {
        match format {
            Format::Csv => Arc::new(CsvFormat::default().with_options(self.csv())),
            Format::Json => {
                let is_array = self.is_array.unwrap_or_default();
                let options =
                    JsonOptions { newline_delimited: !is_array, ..JsonOptions::default() };
                Arc::new(JsonFormat::default().with_options(options))
            }
            Format::Parquet | Format::Dms => Arc::new(
                ParquetFormat::default()
                    .with_force_view_types(false)
                    .with_coerce_int96(Some("us".to_owned())),
            ),
        }
    }

    pub(super) fn csv(&self) -> CsvOptions {
        let defaults = CsvOptions::default();
        CsvOptions {
            has_header: Some(self.header.unwrap_or_default()),
            delimiter: self.delimiter.unwrap_or(defaults.delimiter),
            quote: self.quote.unwrap_or(defaults.quote),
            escape: self.escape,
            comment: self.comment,
            // A file is never cut in two, which a line break within a value would not survive.
            newlines_in_values: Some(true),
            ..defaults
        }
    }

    /// The same for the reader that columns are found with.
    pub(super) fn csv_format(&self) -> datafusion::arrow::csv::reader::Format {
        let options = self.csv();
        let mut format = datafusion::arrow::csv::reader::Format::default()
            .with_header(self.header.unwrap_or_default())
            .with_delimiter(options.delimiter)
            .with_quote(options.quote)
            .with_truncated_rows(true);
        if let Some(escape) = options.escape {
            format = format.with_escape(escape);
        }
        if let Some(comment) = options.comment {
            format = format.with_comment(comment);
        }
        format
    }
}

fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// One character of ASCII; a tab may be written as `\t`, and a backslash as two, since one would take the meaning from the quote behind it.
fn character(value: &str) -> Option<u8> {
    match value.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        b"\\t" => Some(b'\t'),
        br"\\" => Some(b'\\'),
        _ => None,
    }
}

fn unknown(format: Format, key: &str, known: &[(&str, &[&str])]) -> Error {
    let word = format.word().to_uppercase();
    let error = Error::usage(format!("there is no option `{key}` for {word}"));
    let names: Vec<&str> = known
        .iter()
        .flat_map(|(name, others)| std::iter::once(name).chain(*others))
        .copied()
        .collect();
    match nearest(key, names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint(format!("{word} takes no options")),
        None => {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            error.hint(format!("there are {}", names.join(", ")))
        }
    }
}

fn wrong(name: &str, value: &str) -> Error {
    let wants = match name {
        "header" | "multiline" => "true or false",
        _ => "one character",
    };
    Error::usage(format!("option `{name}` cannot be `{}`", value.escape_debug()))
        .hint(format!("write {wants}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(format: Format, options: &[(&str, &str)]) -> Result<Options> {
        let given = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Options::parse(format, &given.collect())
    }

    #[test]
    fn options_go_by_the_names_of_both_engines() {
        let ours = parse(Format::Csv, &[("format.has_header", "true"), ("format.delimiter", ";")]);
        let sparks = parse(Format::Csv, &[("format.header", "TRUE"), ("sep", ";")]);
        assert_eq!(ours.unwrap(), sparks.unwrap());
    }

    #[test]
    fn a_backslash_and_a_tab_are_written_as_in_a_text() {
        let options = parse(Format::Csv, &[("escape", r"\\"), ("sep", r"\t"), ("quote", "'")]);
        let options = options.unwrap();
        assert_eq!(
            (options.escape, options.delimiter, options.quote),
            (Some(b'\\'), Some(b'\t'), Some(b'\''))
        );
    }

    #[test]
    fn a_wrong_option_is_told_with_what_was_meant() {
        for (format, option, told, next) in [
            (
                Format::Csv,
                ("headers", "true"),
                "there is no option `headers` for CSV",
                "did you mean `header`?",
            ),
            (
                Format::Csv,
                ("delimiter", "||"),
                "option `delimiter` cannot be `||`",
                "write one character",
            ),
            (
                Format::Parquet,
                ("x", "1"),
                "there is no option `x` for PARQUET",
                "PARQUET takes no options",
            ),
        ] {
            let error = parse(format, &[option]).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.next_step()), (told, Some(next)));
        }
    }

    #[test]
    fn names_that_can_only_be_paths_are_told_from_tables() {
        for path in ["a/b", "s3://b/x/", "x.csv", "X.Parquet", "x.csv.gz", "./x"] {
            assert!(is_path(path), "{path}");
        }
        for table in ["orders", "orders$changes", "a.b"] {
            assert!(!is_path(table), "{table}");
        }
    }
}
