//! The settings that DMS knows, and what a reader does with each.

use std::collections::HashMap;

use super::{BeforeImage, ENDPOINT, Settings, SettingsError};
use crate::dms::endpoint::plain;

const CHECK: &str = "CheckFirstRows";

/// A setting and what a reader does with it.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) role: Role,
}

pub(super) enum Role {
    /// Changes nothing for a reader.
    Ignored,
    /// Only these values are read; any other changes the objects in a way that is not supported.
    Must {
        values: &'static [&'static str],
        why: &'static str,
    },
    Flag(fn(&mut Settings) -> &mut bool),
    Delimiter,
    RowDelimiter,
    NullValue,
    /// A text; none if it is empty.
    Text(fn(&mut Settings) -> &mut Option<String>),
    UsesNoSupValue,
    TimeZone,
    BeforeImage(fn(&mut BeforeImage) -> &mut String),
    DataFormat,
}

const fn ignored(name: &'static str) -> Known {
    Known { name, role: Role::Ignored }
}

const fn must(name: &'static str, values: &'static [&'static str], why: &'static str) -> Known {
    Known { name, role: Role::Must { values, why } }
}

const fn flag(name: &'static str, field: fn(&mut Settings) -> &mut bool) -> Known {
    Known { name, role: Role::Flag(field) }
}

const fn text(name: &'static str, field: fn(&mut Settings) -> &mut Option<String>) -> Known {
    Known { name, role: Role::Text(field) }
}

const KNOWN: &[Known] = &[
    Known { name: "CsvDelimiter", role: Role::Delimiter },
    Known { name: "CsvNullValue", role: Role::NullValue },
    Known { name: "CsvRowDelimiter", role: Role::RowDelimiter },
    Known { name: "UseCsvNoSupValue", role: Role::UsesNoSupValue },
    Known { name: "DatePartitionTimezone", role: Role::TimeZone },
    Known { name: "BeforeImagePrefix", role: Role::BeforeImage(|image| &mut image.prefix) },
    Known { name: "BeforeImageSuffix", role: Role::BeforeImage(|image| &mut image.suffix) },
    text("TimestampColumnName", |settings| &mut settings.timestamp_column_name),
    text("ChangeSequenceColumn", |settings| &mut settings.change_sequence_column),
    text("CdcPath", |settings| &mut settings.cdc_path),
    text("CsvNoSupValue", |settings| &mut settings.csv.no_sup_value),
    flag("PreserveTransactions", |settings| &mut settings.preserve_transactions),
    flag("Rfc4180", |settings| &mut settings.csv.rfc4180),
    flag("AddColumnName", |settings| &mut settings.csv.header),
    flag("IncludeOpForFullLoad", |settings| &mut settings.include_op_for_full_load),
    flag("CdcInsertsOnly", |settings| &mut settings.inserts_only),
    flag("CdcInsertsAndUpdates", |settings| &mut settings.inserts_and_updates),
    flag("AddTrailingPaddingCharacter", |settings| &mut settings.is_padded),
    flag("AllowEmpty", |settings| &mut settings.allow_empty),
    flag(CHECK, |settings| &mut settings.check_first_rows),
    Known { name: "DataFormat", role: Role::DataFormat },
    must("IgnoreHeaderRows", &["", "0"], "it is a setting of a source; see AddColumnName"),
    ignored("BucketFolder"),
    ignored("BucketName"),
    ignored("CannedAclForObjects"),
    ignored("CdcMaxBatchInterval"),
    ignored("CdcMinFileSize"),
    // Told by the names of the objects.
    ignored("CompressionType"),
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

pub(super) fn lookup(key: &str) -> Result<&'static Known, SettingsError> {
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

/// The name of an option as AWS writes it; as it is, if it is unknown.
#[must_use]
pub fn canonical_option(key: &str) -> String {
    lookup(key).map_or_else(|_| key.to_owned(), |known| known.name.to_owned())
}

/// Whether an option is [`ENDPOINT`].
#[must_use]
pub fn is_endpoint(key: &str) -> bool {
    plain(&bare(key)).eq_ignore_ascii_case(ENDPOINT)
}

/// Whether an option only says that objects are compared with the others.
#[must_use]
pub fn is_check(key: &str) -> bool {
    plain(&bare(key)).eq_ignore_ascii_case(CHECK)
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

/// The names of the options that say otherwise than the endpoint does, as far as they matter to a reader.
#[must_use]
pub fn overrides(
    endpoint: &[(String, String)],
    options: &HashMap<String, String>,
) -> Vec<&'static str> {
    // One may need another one; alone it says what it says.
    let alone = |name: &str, value: &str| {
        let mut settings = Settings::default();
        let known = lookup(name).ok()?;
        match known.role {
            Role::UsesNoSupValue => Some(value.to_lowercase()),
            _ => settings.apply(known, value).ok().map(|()| format!("{settings:?}")),
        }
    };
    let mut names: Vec<&str> = endpoint
        .iter()
        .filter(|(name, _)| matters(name))
        .filter_map(|(name, value)| {
            let (_, own) = options.iter().find(|(key, _)| same_option(key, name))?;
            let is_otherwise = alone(name, own) != alone(name, value);
            is_otherwise.then(|| lookup(name).ok().map(|known| known.name))?
        })
        .collect();
    names.sort_unstable();
    names
}

/// What other readers of CSV call an option.
const ELSEWHERE: [(&str, &str); 7] = [
    ("header", "AddColumnName"),
    ("hasheader", "AddColumnName"),
    ("delimiter", "CsvDelimiter"),
    ("sep", "CsvDelimiter"),
    ("nullvalue", "CsvNullValue"),
    ("linesep", "CsvRowDelimiter"),
    ("compression", "CompressionType"),
];

/// The known name that is meant by one of other readers, or has the fewest edits, if they are few for its length.
fn nearest(wrong: &str) -> Option<&'static str> {
    // A name longer than any of ours by far is no typing error; this also bounds the work.
    const LENGTH_MAX: usize = 60;
    if wrong.len() > LENGTH_MAX {
        return None;
    }
    let meant = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == wrong);
    if let Some((_, meant)) = meant {
        return Some(meant);
    }
    let (edits, name) = KNOWN
        .iter()
        .map(|known| (edits(wrong, &known.name.to_ascii_lowercase()), known.name))
        .min()?;
    (edits * 3 <= name.len()).then_some(name)
}

/// The Levenshtein distance in bytes.
pub(super) fn edits(a: &str, b: &str) -> usize {
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

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test reads the repository")]
    fn every_setting_stands_in_the_documentation() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/jobs.md");
        let text = std::fs::read_to_string(path).unwrap();
        let (_, options) = text.split_once("### OPTIONS").unwrap();
        let (options, _) = options.split_once("### NULL").unwrap();
        let missing: Vec<&str> = KNOWN
            .iter()
            .map(|known| known.name)
            .filter(|name| !options.contains(&format!("`{name}`")))
            .collect();
        assert!(missing.is_empty(), "not in docs/jobs.md: {missing:?}");
    }
}
