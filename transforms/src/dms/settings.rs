//! DMS's own settings of an S3 endpoint, as written in the OPTIONS of `CREATE EXTERNAL TABLE`.
//!
//! Names, defaults and meanings: "S3Settings" of the DMS API reference, and "Endpoint settings when
//! using Amazon S3 as a target for AWS DMS" of the user guide.

use std::collections::BTreeMap;

use super::csv::Ops;
use super::endpoint::plain;
use super::name::ObjectKind;

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
    /// `DataFormat`, if it is declared: the objects are Parquet, or CSV. Else the names of objects tell.
    pub is_parquet: Option<bool>,
    /// `AllowEmpty`, our own: a table without any object is an empty table, not a wrong location.
    pub allow_empty: bool,
}

/// How the text of an object is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFormat {
    /// `CsvDelimiter`, one byte.
    pub delimiter: u8,
    /// `Rfc4180`: fields may be quoted. Without it a quote is an ordinary byte.
    pub rfc4180: bool,
    /// `CsvNullValue`. `None`: not declared, so that both what the reference says (`NULL`) and what
    /// real endpoints write (nothing) are read as NULL.
    pub null_value: Option<String>,
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
            csv: CsvFormat { delimiter: b',', rfc4180: true, null_value: None, header: false },
            include_op_for_full_load: false,
            inserts_only: false,
            inserts_and_updates: false,
            is_padded: false,
            timestamp_column_name: None,
            is_parquet: None,
            allow_empty: false,
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
        for (known, value) in sorted.values() {
            settings.apply(known, value.as_ref())?;
        }
        if settings.inserts_only && settings.inserts_and_updates {
            return Err(SettingsError::Contradiction {
                one: "CdcInsertsOnly",
                other: "CdcInsertsAndUpdates",
            });
        }
        Ok(settings)
    }

    /// Whether all objects name their columns. Without that they are told by position, and the one cannot be brought together with
    /// the other where columns are added.
    #[must_use]
    pub fn names_columns(&self) -> bool {
        self.csv.header || self.is_parquet == Some(true)
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
            Role::MustBeOff { why } => {
                if boolean(name, value)? {
                    return Err(SettingsError::NotSupported { name, value: value.to_owned(), why });
                }
            }
            Role::Flag(field) => *field(self) = boolean(name, value)?,
            Role::Delimiter => self.csv.delimiter = delimiter(name, value)?,
            Role::DataFormat => self.is_parquet = Some(is_parquet(name, value)?),
            Role::NullValue => self.csv.null_value = Some(value.to_owned()),
            Role::TimestampColumn => {
                self.timestamp_column_name = (!value.is_empty()).then(|| value.to_owned());
            }
        }
        Ok(())
    }
}

/// A setting and what a reader does with it.
struct Known {
    name: &'static str,
    role: Role,
}

enum Role {
    /// Changes nothing for a reader.
    Ignored,
    /// Only these values are read; any other changes the objects in a way that is not supported.
    Must {
        values: &'static [&'static str],
        why: &'static str,
    },
    MustBeOff {
        why: &'static str,
    },
    Flag(fn(&mut Settings) -> &mut bool),
    Delimiter,
    NullValue,
    TimestampColumn,
    DataFormat,
}

const fn ignored(name: &'static str) -> Known {
    Known { name, role: Role::Ignored }
}

const fn off(name: &'static str, why: &'static str) -> Known {
    Known { name, role: Role::MustBeOff { why } }
}

const fn must(name: &'static str, values: &'static [&'static str], why: &'static str) -> Known {
    Known { name, role: Role::Must { values, why } }
}

const fn flag(name: &'static str, field: fn(&mut Settings) -> &mut bool) -> Known {
    Known { name, role: Role::Flag(field) }
}

const KNOWN: &[Known] = &[
    Known { name: "CsvDelimiter", role: Role::Delimiter },
    Known { name: "CsvNullValue", role: Role::NullValue },
    Known { name: "TimestampColumnName", role: Role::TimestampColumn },
    flag("Rfc4180", |settings| &mut settings.csv.rfc4180),
    flag("AddColumnName", |settings| &mut settings.csv.header),
    flag("IncludeOpForFullLoad", |settings| &mut settings.include_op_for_full_load),
    flag("CdcInsertsOnly", |settings| &mut settings.inserts_only),
    flag("CdcInsertsAndUpdates", |settings| &mut settings.inserts_and_updates),
    flag("AddTrailingPaddingCharacter", |settings| &mut settings.is_padded),
    flag("AllowEmpty", |settings| &mut settings.allow_empty),
    Known { name: "DataFormat", role: Role::DataFormat },
    // SQL dialects differ in whether they turn `\n` into a line feed, so the two characters are
    // accepted as well.
    must(
        "CsvRowDelimiter",
        &["\n", "\r\n", "\\n", "\\r\\n"],
        "rows end with a line feed, or a carriage return and a line feed",
    ),
    must("CdcPath", &[""], "transaction order is not read yet"),
    // The zone moves the file names, and an hour that is repeated in autumn would be applied in the
    // wrong order.
    must(
        "DatePartitionTimezone",
        &["", "UTC", "Etc/UTC", "GMT"],
        "objects named in local time do not sort by time",
    ),
    must("IgnoreHeaderRows", &["", "0"], "it is a setting of a source; see AddColumnName"),
    off("PreserveTransactions", "transaction order is not read yet"),
    off("UseCsvNoSupValue", "values missing from the source's log are not told apart yet"),
    ignored("BucketFolder"),
    ignored("BucketName"),
    ignored("CannedAclForObjects"),
    ignored("CdcMaxBatchInterval"),
    ignored("CdcMinFileSize"),
    // Told by the names of the objects.
    ignored("CompressionType"),
    // Written only with UseCsvNoSupValue.
    ignored("CsvNoSupValue"),
    ignored("DataPageSize"),
    ignored("DatePartitionDelimiter"),
    ignored("DatePartitionEnabled"),
    ignored("DatePartitionSequence"),
    ignored("DictPageSizeLimit"),
    ignored("EnableStatistics"),
    ignored("EncodingType"),
    ignored("EncryptionMode"),
    ignored("ExpectedBucketOwner"),
    ignored("ExternalTableDefinition"),
    ignored("GlueCatalogGeneration"),
    ignored("MaxFileSize"),
    ignored("ParquetTimestampInMillisecond"),
    ignored("ParquetVersion"),
    ignored("RowGroupLength"),
    ignored("ServerSideEncryptionKmsKeyId"),
    ignored("ServiceAccessRoleArn"),
    ignored("UseTaskStartTimeForFullLoadTimestamp"),
];

fn lookup(key: &str) -> Result<&'static Known, SettingsError> {
    let bare = bare(key);
    // Terraform writes `csv_delimiter`.
    let plain = plain(&bare);
    KNOWN
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(&plain))
        .ok_or_else(|| SettingsError::Unknown { nearest: nearest(&plain), name: bare })
}

/// An option's name without what DataFusion and users put before it, in lower case.
fn bare(key: &str) -> String {
    let lower = key.to_lowercase();
    let bare = lower.strip_prefix("format.").unwrap_or(&lower);
    bare.strip_prefix("dms.").unwrap_or(bare).to_owned()
}

/// Whether two names are of one option.
#[must_use]
pub fn same_option(one: &str, other: &str) -> bool {
    plain(&bare(one)) == plain(&bare(other))
}

/// Whether an option is [`ENDPOINT`].
#[must_use]
pub fn is_endpoint(key: &str) -> bool {
    plain(&bare(key)).eq_ignore_ascii_case(ENDPOINT)
}

/// Whether a setting changes what a reader does.
#[must_use]
pub fn matters(name: &str) -> bool {
    lookup(name).is_ok_and(|known| !matches!(known.role, Role::Ignored))
}

/// The settings that an endpoint has and OPTIONS do not name, as far as they matter to a reader: OPTIONS are stronger.
///
/// # Errors
/// An unknown setting.
pub fn beside_options<K: AsRef<str>>(
    endpoint: Vec<(String, String)>,
    options: impl IntoIterator<Item = K>,
) -> Result<Vec<(String, String)>, SettingsError> {
    let named: Vec<&str> =
        options.into_iter().filter_map(|key| Some(lookup(key.as_ref()).ok()?.name)).collect();
    let mut beside = Vec::new();
    for (name, value) in endpoint {
        let known = lookup(&name)?;
        // Printed as the default it is, it says nothing: real endpoints write an empty field all the same.
        let is_default = matches!(known.role, Role::NullValue) && value == "NULL";
        if !named.contains(&known.name) && !matches!(known.role, Role::Ignored) && !is_default {
            beside.push((known.name.to_owned(), value));
        }
    }
    Ok(beside)
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

/// The known name with the fewest edits, if they are few for its length.
fn nearest(wrong: &str) -> Option<&'static str> {
    // A name longer than any of ours by far is no typing error; this also bounds the work.
    const LENGTH_MAX: usize = 60;
    if wrong.len() > LENGTH_MAX {
        return None;
    }
    let (edits, name) = KNOWN
        .iter()
        .map(|known| (edits(wrong, &known.name.to_ascii_lowercase()), known.name))
        .min()?;
    (edits * 3 <= name.len()).then_some(name)
}

/// The Levenshtein distance in bytes.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let above = *cell;
            left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, &str)]) -> Settings {
        Settings::from_options(options.iter().copied()).unwrap()
    }

    fn refused(options: &[(&str, &str)]) -> String {
        Settings::from_options(options.iter().copied()).unwrap_err().to_string()
    }

    #[test]
    fn no_options_are_the_defaults_of_dms() {
        let settings = read(&[]);
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.csv.delimiter, b',');
        assert!(settings.csv.rfc4180);
        assert_eq!(settings.csv.null_value, None);
    }

    #[test]
    fn keys_are_matched_with_or_without_prefix_in_any_case() {
        let settings = read(&[
            ("format.csvnullvalue", ""),
            ("dms.addcolumnname", "true"),
            ("Rfc4180", "FALSE"),
            ("format.csvdelimiter", "\\t"),
            ("format.includeopforfullload", "y"),
            ("format.timestampcolumnname", "ts"),
            ("format.allowempty", "1"),
        ]);
        let csv = CsvFormat {
            delimiter: b'\t',
            rfc4180: false,
            null_value: Some(String::new()),
            header: true,
        };
        assert_eq!(
            settings,
            Settings {
                csv,
                include_op_for_full_load: true,
                timestamp_column_name: Some("ts".to_owned()),
                allow_empty: true,
                ..Settings::default()
            }
        );
    }

    #[test]
    fn operations_are_where_the_guide_says() {
        for (options, load, change, may_lack) in [
            ([].as_slice(), false, true, false),
            (&[("IncludeOpForFullLoad", "true")], true, true, false),
            (&[("CdcInsertsOnly", "true")], false, false, false),
            (&[("IncludeOpForFullLoad", "true"), ("CdcInsertsOnly", "true")], true, true, false),
            (&[("CdcInsertsAndUpdates", "true")], false, true, true),
            (
                &[("IncludeOpForFullLoad", "true"), ("CdcInsertsAndUpdates", "true")],
                true,
                true,
                false,
            ),
        ] {
            let settings = read(options);
            assert_eq!(settings.has_op(ObjectKind::FullLoad), load, "{options:?}");
            assert_eq!(settings.has_op(ObjectKind::Change), change, "{options:?}");
            assert_eq!(settings.op_may_lack(ObjectKind::Change), may_lack, "{options:?}");
            assert!(!settings.op_may_lack(ObjectKind::FullLoad));
        }
        let both = [("CdcInsertsOnly", "true"), ("CdcInsertsAndUpdates", "true")];
        assert_eq!(
            Settings::from_options(both).unwrap_err().to_string(),
            "options `CdcInsertsOnly` and `CdcInsertsAndUpdates` exclude each other"
        );
        assert!(read(&[("AddTrailingPaddingCharacter", "true")]).is_padded);
    }

    #[test]
    fn settings_that_do_not_matter_to_a_reader_are_accepted() {
        let settings = read(&[
            ("CdcMaxBatchInterval", "60"),
            ("MaxFileSize", "1000"),
            ("EncryptionMode", "SSE_KMS"),
            ("CsvRowDelimiter", "\\r\\n"),
            ("CompressionType", "GZIP"),
            ("PreserveTransactions", "false"),
            ("TimestampColumnName", ""),
        ]);
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn a_value_that_would_give_wrong_rows_is_refused() {
        for (name, value) in [
            ("DataFormat", "avro"),
            ("CsvRowDelimiter", "|"),
            ("CsvDelimiter", "||"),
            ("CsvDelimiter", ""),
            ("CsvDelimiter", "\""),
            ("CsvDelimiter", "§"),
            ("PreserveTransactions", "true"),
            ("CdcPath", "changes"),
            ("UseCsvNoSupValue", "true"),
            ("DatePartitionTimezone", "Europe/Berlin"),
        ] {
            let message = refused(&[(name, value)]);
            assert!(message.contains(name) && message.contains("is not supported"), "{message}");
        }
    }

    #[test]
    fn an_unknown_option_is_refused_with_the_nearest_name() {
        assert_eq!(
            refused(&[("format.csvnulvalue", "")]),
            "unknown option `csvnulvalue`; did you mean `CsvNullValue`?"
        );
        assert_eq!(refused(&[("format.colour", "red")]), "unknown option `colour`");
    }

    #[test]
    fn a_bad_boolean_and_a_repeated_option_are_refused() {
        assert_eq!(
            refused(&[("Rfc4180", "maybe")]),
            "option `Rfc4180` must be true or false, not `maybe`"
        );
        assert_eq!(
            refused(&[("format.rfc4180", "true"), ("dms.rfc4180", "true")]),
            "option `Rfc4180` is given twice"
        );
    }

    #[test]
    fn edits_count_changed_missing_and_added_bytes() {
        assert_eq!(edits("abc", "abc"), 0);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
    }
}
