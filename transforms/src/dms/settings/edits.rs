//! Settings near the declared ones: what is tried where objects cannot be read as declared.

use std::fmt;

use super::Settings;
use staged::ObjectKind;

/// What stands for NULL where users chose it, and is no value of any type but text.
const NULLS: [&str; 8] = ["NULL", "\\N", "null", "(null)", "NA", "N/A", "None", "-"];

/// A name that no column has: which one the endpoint has does not matter where columns have no names.
const ANY_NAME: &str = "(any name)";

/// Another value of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// `IncludeOpForFullLoad`
    IncludeOp(bool),
    /// `CdcInsertsOnly`
    InsertsOnly(bool),
    /// `AddColumnName`
    Header(bool),
    /// `Rfc4180`
    Rfc4180(bool),
    /// `TimestampColumnName`: whether there is one
    Stamp(bool),
    /// `CsvDelimiter`
    Delimiter(u8),
    /// `CsvRowDelimiter`
    RowDelimiter(u8),
    /// `CsvNullValue`
    Null(&'static str),
}

impl Edit {
    fn of(declared: &Settings, kind: ObjectKind) -> Vec<Self> {
        let csv = &declared.csv;
        let mut edits = vec![
            Self::IncludeOp(!declared.include_op_for_full_load),
            Self::Header(!csv.header),
            Self::Rfc4180(!csv.rfc4180),
            Self::Stamp(declared.timestamp_column_name.is_none()),
        ];
        if kind == ObjectKind::Change && !declared.inserts_and_updates {
            edits.push(Self::InsertsOnly(!declared.inserts_only));
        }
        let delimiters = b",;\t|".iter().filter(|byte| **byte != csv.delimiter);
        edits.extend(delimiters.map(|byte| Self::Delimiter(*byte)));
        let ends = b"\n\r".iter().filter(|byte| **byte != csv.row_delimiter);
        edits.extend(ends.map(|byte| Self::RowDelimiter(*byte)));
        // Not declared, it is read as declared already.
        let is_known = |word: &&str| match &csv.null_value {
            None => *word == "NULL",
            Some(value) => *word == value,
        };
        edits.extend(NULLS.into_iter().filter(|word| !is_known(word)).map(Self::Null));
        edits
    }

    fn apply(self, settings: &mut Settings) {
        match self {
            Self::IncludeOp(is_on) => settings.include_op_for_full_load = is_on,
            Self::InsertsOnly(is_on) => settings.inserts_only = is_on,
            Self::Header(is_on) => settings.csv.header = is_on,
            Self::Rfc4180(is_on) => settings.csv.rfc4180 = is_on,
            Self::Stamp(is_there) => {
                settings.timestamp_column_name = is_there.then(|| ANY_NAME.to_owned());
            }
            Self::Delimiter(byte) => settings.csv.delimiter = byte,
            Self::RowDelimiter(byte) => settings.csv.row_delimiter = byte,
            Self::Null(word) => settings.csv.null_value = Some(word.to_owned()),
        }
    }

    /// The option's name.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::IncludeOp(_) => "IncludeOpForFullLoad",
            Self::InsertsOnly(_) => "CdcInsertsOnly",
            Self::Header(_) => "AddColumnName",
            Self::Rfc4180(_) => "Rfc4180",
            Self::Stamp(_) => "TimestampColumnName",
            Self::Delimiter(_) => "CsvDelimiter",
            Self::RowDelimiter(_) => "CsvRowDelimiter",
            Self::Null(_) => "CsvNullValue",
        }
    }

    /// Whether it goes together with another one: what users forget most.
    fn is_of_pairs(self) -> bool {
        !matches!(self, Self::RowDelimiter(_) | Self::Null(_))
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self {
            Self::IncludeOp(true) | Self::InsertsOnly(true) | Self::Header(true) => "true",
            Self::IncludeOp(false) | Self::InsertsOnly(false) | Self::Header(false) => "false",
            Self::Rfc4180(is_on) => return write!(f, "'{}' '{is_on}'", self.option()),
            Self::Stamp(true) => "ts",
            Self::Stamp(false) => "",
            Self::Delimiter(b'\t') => "\\t",
            Self::RowDelimiter(b'\n') => "\\n",
            Self::RowDelimiter(b'\r') => "\\r",
            Self::Delimiter(byte) | Self::RowDelimiter(byte) => {
                return write!(f, "'{}' '{}'", self.option(), char::from(*byte));
            }
            Self::Null(word) => word,
        };
        write!(f, "'{}' '{value}'", self.option())
    }
}

/// One change of the declared settings, or two; shown as OPTIONS have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edits(Vec<Edit>);

impl Edits {
    /// All that may explain objects of a kind, the simplest first.
    #[must_use]
    pub fn of(declared: &Settings, kind: ObjectKind) -> Vec<Self> {
        let single = Edit::of(declared, kind);
        let mut all: Vec<Self> = single.iter().map(|edit| Self(vec![*edit])).collect();
        let of_pairs: Vec<Edit> = single.into_iter().filter(|edit| edit.is_of_pairs()).collect();
        for (index, first) in of_pairs.iter().enumerate() {
            let others = of_pairs.iter().skip(index + 1);
            let others = others.filter(|second| second.option() != first.option());
            all.extend(others.map(|second| Self(vec![*first, *second])));
        }
        let is_possible = |edits: &Self| edits.apply(declared).check(false).is_ok();
        all.into_iter().filter(is_possible).collect()
    }

    /// The settings with these changes.
    #[must_use]
    pub fn apply(&self, declared: &Settings) -> Settings {
        let mut settings = declared.clone();
        for edit in &self.0 {
            edit.apply(&mut settings);
        }
        settings
    }

    /// The changes.
    #[must_use]
    pub fn all(&self) -> &[Edit] {
        &self.0
    }
}

impl fmt::Display for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, edit) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{edit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(declared: &Settings) -> Vec<(String, Settings)> {
        let all = Edits::of(declared, ObjectKind::Change);
        all.iter().map(|edits| (edits.to_string(), edits.apply(declared))).collect()
    }

    #[test]
    fn one_change_is_tried_before_two() {
        let all = all(&Settings::default());
        assert_eq!(all[0].0, "'IncludeOpForFullLoad' 'true'");
        assert!(all[0].1.include_op_for_full_load);
        let pair = "'IncludeOpForFullLoad' 'true', 'AddColumnName' 'true'";
        let pair = all.iter().position(|(written, _)| written == pair).unwrap();
        let last_single = all.iter().rposition(|(written, _)| !written.contains("', '")).unwrap();
        assert!(last_single < pair);
    }

    #[test]
    fn every_change_differs_from_what_is_declared_and_is_written_as_it_is_read() {
        let mut other = Settings::default();
        other.csv.null_value = Some("\\N".to_owned());
        other.csv.row_delimiter = b'\r';
        other.timestamp_column_name = Some("ts".to_owned());
        for declared in [Settings::default(), other] {
            for edits in Edits::of(&declared, ObjectKind::Change) {
                let changed = edits.apply(&declared);
                assert_ne!(changed, declared, "{edits}");
                let written: Vec<String> = edits.all().iter().map(ToString::to_string).collect();
                assert_eq!(edits.to_string(), written.join(", "));
                let pairs = written.iter().map(|pair| {
                    let pair = pair.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap();
                    pair.split_once("' '").unwrap()
                });
                let read = Settings::from_options(pairs).unwrap();
                for edit in edits.all() {
                    let is_same = match edit {
                        Edit::Delimiter(byte) => read.csv.delimiter == *byte,
                        Edit::RowDelimiter(byte) => read.csv.row_delimiter == *byte,
                        Edit::Null(word) => read.csv.null_value.as_deref() == Some(word),
                        Edit::Stamp(is_there) => read.timestamp_column_name.is_some() == *is_there,
                        Edit::IncludeOp(is_on) => read.include_op_for_full_load == *is_on,
                        Edit::InsertsOnly(is_on) => read.inserts_only == *is_on,
                        Edit::Header(is_on) => read.csv.header == *is_on,
                        Edit::Rfc4180(is_on) => read.csv.rfc4180 == *is_on,
                    };
                    assert!(is_same, "{edits}");
                }
            }
        }
    }

    #[test]
    fn what_excludes_each_other_is_not_tried() {
        let declared = Settings {
            preserve_transactions: true,
            cdc_path: Some("changes".to_owned()),
            ..Settings::default()
        };
        assert!(!all(&declared).iter().any(|(written, _)| written.contains("AddColumnName")));
    }
}
