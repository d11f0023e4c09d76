//! DMS's own settings of an S3 endpoint, as written in the OPTIONS of `CREATE EXTERNAL TABLE`.
//!
//! Names, defaults and meanings: "S3Settings" of the DMS API reference, and "Endpoint settings when
//! using Amazon S3 as a target for AWS DMS" of the user guide.

mod edits;
mod known;

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::csv::Ops;
pub use edits::{Edit, Edits};
use known::{Known, Role, lookup};
pub use known::{
    beside_options, canonical_option, is_check, is_endpoint, matters, overrides, same_option,
};
use staged::ObjectKind;

/// The option that names a file with the endpoint's settings, our own.
pub const ENDPOINT: &str = "S3Settings";

/// What a reader needs to know of the endpoint that wrote the objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub csv: CsvFormat,
    /// `IncludeOpForFullLoad`: rows of a full load begin with an operation too.
    pub include_op_for_full_load: bool,
    /// `CdcInsertsOnly`: updates and deletes are not written, and rows of changes begin with an operation only where those of
    /// full loads do.
    pub inserts_only: bool,
    /// `CdcInsertsAndUpdates`: deletes are not written. Whether rows begin with an operation, the guide says both ways.
    pub inserts_and_updates: bool,
    /// `AddTrailingPaddingCharacter`: texts are padded.
    pub is_padded: bool,
    /// `TimestampColumnName`: each row has a column of this name, after the operation. Empty means
    /// no such column.
    pub timestamp_column_name: Option<String>,
    /// `CdcPath`: the folder of changes beside the folders of tables, if they are not in these.
    pub cdc_path: Option<String>,
    /// `PreserveTransactions`: the folder of changes holds those of all tables, in the order of transactions.
    pub preserve_transactions: bool,
    /// `DatePartitionTimezone`: the times in the names of changes are those of this zone.
    pub time_zone: Option<Tz>,
    /// How columns are called that a rule `add-before-image-columns` adds, our own: `BeforeImagePrefix`, `BeforeImageSuffix`.
    pub before_image: Option<BeforeImage>,
    /// `ChangeSequenceColumn`, our own: the column that a rule fills with `$AR_H_CHANGE_SEQ`.
    pub change_sequence_column: Option<String>,
    /// `DataFormat`, if it is declared: the objects are Parquet, or CSV. Else the names of objects tell.
    pub is_parquet: Option<bool>,
    /// `AllowEmpty`, our own: a table without any object is an empty table, not a wrong location.
    pub allow_empty: bool,
    /// `CheckFirstRows`, our own: objects whose first rows contradict these settings are refused.
    pub check_first_rows: bool,
}

/// The name of the column that holds a column's value before the change: its own between these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BeforeImage {
    pub prefix: String,
    pub suffix: String,
}

impl CsvFormat {
    /// Whether a carriage return before a row's end belongs to it.
    #[must_use]
    pub fn ends_with_crlf(&self) -> bool {
        self.row_delimiter == b'\n' && !self.keeps_carriage_returns
    }
}

impl BeforeImage {
    /// The name of the column with the values that `column` had before.
    #[must_use]
    pub fn name_of(&self, column: &str) -> String {
        format!("{}{column}{}", self.prefix, self.suffix)
    }
}

/// How the text of an object is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFormat {
    /// `CsvDelimiter`, one byte.
    pub delimiter: u8,
    /// `CsvRowDelimiter`, one byte; before a line feed a carriage return belongs to it.
    pub row_delimiter: u8,
    /// `CsvRowDelimiter` is declared as a line feed alone, so that a carriage return before it belongs to the field.
    pub keeps_carriage_returns: bool,
    /// `Rfc4180`: fields may be quoted. Without it a quote is an ordinary byte.
    pub rfc4180: bool,
    /// `CsvNullValue`. `None`: not declared, so that both what the reference says (`NULL`) and what
    /// real endpoints write (nothing) are read as NULL.
    pub null_value: Option<String>,
    /// `CsvNoSupValue`, if `UseCsvNoSupValue` is set: the text in place of a value that the source's log does not hold. Changes
    /// alone have it.
    pub no_sup_value: Option<String>,
    /// `AddColumnName`: the first record of every object holds the column names.
    pub header: bool,
}

/// Why options are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("unknown option `{name}`{}", did_you_mean(*.nearest))]
    Unknown { name: String, nearest: Option<&'static str> },
    #[error("option `{name}` is given twice")]
    Twice { name: &'static str },
    #[error("options `{one}` and `{other}` exclude each other")]
    Contradiction { one: &'static str, other: &'static str },
    #[error("option `{name}` needs `{other}`")]
    Lacks { name: &'static str, other: &'static str },
    #[error("option `{name}` must be true or false, not `{value}`")]
    NotBoolean { name: &'static str, value: String },
    #[error("option `{name}` with the value `{value}` is not supported: {why}")]
    NotSupported { name: &'static str, value: String, why: &'static str },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl Default for Settings {
    /// The defaults of DMS.
    fn default() -> Self {
        Self {
            csv: CsvFormat {
                delimiter: b',',
                row_delimiter: b'\n',
                keeps_carriage_returns: false,
                rfc4180: true,
                null_value: None,
                no_sup_value: None,
                header: false,
            },
            include_op_for_full_load: false,
            inserts_only: false,
            inserts_and_updates: false,
            is_padded: false,
            timestamp_column_name: None,
            cdc_path: None,
            preserve_transactions: false,
            time_zone: None,
            before_image: None,
            change_sequence_column: None,
            is_parquet: None,
            allow_empty: false,
            check_first_rows: true,
        }
    }
}

impl SettingsError {
    /// The same with the name of an unknown option as it was written: the planner folds them.
    #[must_use]
    pub fn as_written(self, names: &[String]) -> Self {
        match self {
            Self::Unknown { name, nearest } => {
                let is_this = |written: &&String| same_option(written, &name);
                let name = names.iter().find(is_this).cloned().unwrap_or(name);
                Self::Unknown { name, nearest }
            }
            other => other,
        }
    }
}

impl Settings {
    /// Reads options as DataFusion hands them over: keys lower-cased and prefixed with `format.`
    /// when they had no dot (`dms.` may be written too). Keys are matched without regard to case.
    ///
    /// A setting that DMS knows is never refused as unknown: either it changes nothing for a
    /// reader, or it is obeyed, or its value is refused because reading on would give wrong rows.
    pub fn from_options<K: AsRef<str>, V: AsRef<str>>(
        options: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, SettingsError> {
        // Sorted, so that of several wrong options always the same one is reported.
        let mut sorted = BTreeMap::new();
        for (key, value) in options {
            let known = lookup(key.as_ref())?;
            if sorted.insert(known.name, (known, value)).is_some() {
                return Err(SettingsError::Twice { name: known.name });
            }
        }
        let mut settings = Self::default();
        // Whether it is used is said by another one.
        let mut uses_no_sup_value = false;
        for (known, value) in sorted.values() {
            match known.role {
                Role::UsesNoSupValue => uses_no_sup_value = boolean(known.name, value.as_ref())?,
                _ => settings.apply(known, value.as_ref())?,
            }
        }
        settings.check(uses_no_sup_value)?;
        if !uses_no_sup_value {
            settings.csv.no_sup_value = None;
        }
        Ok(settings)
    }

    /// What one setting alone does not tell.
    fn check(&self, uses_no_sup_value: bool) -> Result<(), SettingsError> {
        let excluding = [
            (
                self.inserts_only && self.inserts_and_updates,
                "CdcInsertsOnly",
                "CdcInsertsAndUpdates",
            ),
            (
                self.preserve_transactions && self.csv.header,
                "PreserveTransactions",
                "AddColumnName",
            ),
            // The values that a row leaves out are those of its key before.
            (
                uses_no_sup_value && self.before_image.is_some(),
                "UseCsvNoSupValue",
                "BeforeImagePrefix",
            ),
        ];
        if let Some((_, one, other)) = excluding.into_iter().find(|(is_so, ..)| *is_so) {
            return Err(SettingsError::Contradiction { one, other });
        }
        let lacking = [
            (
                uses_no_sup_value && self.csv.no_sup_value.is_none(),
                "UseCsvNoSupValue",
                "CsvNoSupValue",
            ),
            (
                self.preserve_transactions && self.cdc_path.is_none(),
                "PreserveTransactions",
                "CdcPath",
            ),
        ];
        if let Some((_, name, other)) = lacking.into_iter().find(|(is_so, ..)| *is_so) {
            return Err(SettingsError::Lacks { name, other });
        }
        if self.csv.delimiter == self.csv.row_delimiter {
            return Err(SettingsError::Contradiction {
                one: "CsvDelimiter",
                other: "CsvRowDelimiter",
            });
        }
        Ok(())
    }

    /// Whether all objects name their columns. Without that they are told by position, and the one cannot be brought together with
    /// the other where columns are added.
    #[must_use]
    pub fn names_columns(&self) -> bool {
        (self.csv.header || self.is_parquet == Some(true)) && !self.preserve_transactions
    }

    /// Whether rows of an object begin with an operation (user guide, "Indicating source DB operations in migrated S3 data").
    #[must_use]
    pub fn has_op(&self, kind: ObjectKind) -> bool {
        self.include_op_for_full_load || kind == ObjectKind::Change && !self.inserts_only
    }

    /// The operations that are written.
    #[must_use]
    pub fn ops(&self) -> Ops {
        match (self.inserts_only, self.inserts_and_updates) {
            (true, _) => Ops::InsertsOnly,
            (false, true) => Ops::InsertsAndUpdates,
            (false, false) => Ops::All,
        }
    }

    /// Whether objects without operations are written all the same.
    #[must_use]
    pub fn op_may_lack(&self, kind: ObjectKind) -> bool {
        kind == ObjectKind::Change && self.inserts_and_updates && !self.include_op_for_full_load
    }

    fn apply(&mut self, known: &Known, value: &str) -> Result<(), SettingsError> {
        let name = known.name;
        match &known.role {
            Role::Ignored => {}
            Role::Must { values, why } => {
                if !values.iter().any(|accepted| accepted.eq_ignore_ascii_case(value)) {
                    return Err(SettingsError::NotSupported { name, value: value.to_owned(), why });
                }
            }
            Role::Flag(field) => *field(self) = boolean(name, value)?,
            Role::Delimiter => self.csv.delimiter = delimiter(name, value)?,
            Role::RowDelimiter => {
                self.csv.row_delimiter = row_delimiter(name, value)?;
                self.csv.keeps_carriage_returns = matches!(value, "\n" | "\\n");
            }
            Role::Text(field) => *field(self) = (!value.is_empty()).then(|| value.to_owned()),
            Role::TimeZone => self.time_zone = time_zone(name, value)?,
            Role::BeforeImage(part) if !value.is_empty() => {
                value.clone_into(part(self.before_image.get_or_insert_default()));
            }
            Role::BeforeImage(_) | Role::UsesNoSupValue => {}
            Role::DataFormat => self.is_parquet = Some(is_parquet(name, value)?),
            Role::NullValue => self.csv.null_value = Some(value.to_owned()),
        }
        Ok(())
    }
}

/// The guide lists `true`, `false`, `y` and `n`; the other forms cannot mean anything else.
fn boolean(name: &'static str, value: &str) -> Result<bool, SettingsError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "t" | "y" | "yes" | "1" => Ok(true),
        "false" | "f" | "n" | "no" | "0" => Ok(false),
        _ => Err(SettingsError::NotBoolean { name, value: value.to_owned() }),
    }
}

fn is_parquet(name: &'static str, value: &str) -> Result<bool, SettingsError> {
    match value.to_ascii_lowercase().as_str() {
        "csv" => Ok(false),
        "parquet" => Ok(true),
        _ => {
            let why = "DMS writes csv and parquet";
            Err(SettingsError::NotSupported { name, value: value.to_owned(), why })
        }
    }
}

fn delimiter(name: &'static str, value: &str) -> Result<u8, SettingsError> {
    let refused = |why| SettingsError::NotSupported { name, value: value.to_owned(), why };
    match value.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [b'"' | b'\r' | b'\n'] => Err(refused("it would be taken for a quote or a row end")),
        [byte] => Ok(*byte),
        _ => Err(refused("a delimiter is one byte")),
    }
}

/// SQL dialects differ in whether they turn `\n` into a line feed, so the two characters are accepted as well.
fn row_delimiter(name: &'static str, value: &str) -> Result<u8, SettingsError> {
    let refused = |why| SettingsError::NotSupported { name, value: value.to_owned(), why };
    match value.as_bytes() {
        b"\n" | b"\r\n" | b"\\n" | b"\\r\\n" => Ok(b'\n'),
        b"\\r" => Ok(b'\r'),
        [b'"'] => Err(refused("it would be taken for a quote")),
        [byte] => Ok(*byte),
        _ => Err(refused(
            "rows end with a line feed, a carriage return and a line feed, or another single byte",
        )),
    }
}

/// "Area/Location" (DMS API reference, `DatePartitionTimezone`); UTC is none.
fn time_zone(name: &'static str, value: &str) -> Result<Option<Tz>, SettingsError> {
    if ["", "UTC", "Etc/UTC", "GMT"].iter().any(|utc| utc.eq_ignore_ascii_case(value)) {
        return Ok(None);
    }
    let why = "it is no zone of the time zone database, such as Europe/Berlin";
    let refused = |_| SettingsError::NotSupported { name, value: value.to_owned(), why };
    value.parse().map(Some).map_err(refused)
}

#[cfg(test)]
mod tests;
