//! What an object is, from its name alone.
//!
//! The names are those of the DMS user guide, "Using Amazon S3 as a target for AWS Database
//! Migration Service". The names of jobs ([`job`]) and the bounds of
//! [`routes`] are here too, since the same programs read them.

pub mod job;
pub mod routes;

use std::fmt;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// How many minutes the time in an object's name and that of the event which tells of it may be apart: what is more is named to a task. A
/// run looks further back than that for objects which come late.
pub const LATE_MINUTES: i64 = 5;

/// The two kinds of staged objects. A generation's full load comes before its changes, and so do
/// the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    FullLoad,
    Change,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FullLoad => "full load",
            Self::Change => "change",
        })
    }
}

/// How an object is written, as its name tells (`DataFormat`, `CompressionType`). What Parquet is compressed with stands within
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Csv,
    GzippedCsv,
    Parquet,
}

/// The name of an object that belongs to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    pub kind: ObjectKind,
    pub format: Format,
    /// It holds changes of several tables (`PreserveTransactions`), and rows name theirs.
    pub of_tables: bool,
    /// Sorts as text, within the kind, in the order of application. Equal only for objects of one name in one folder that are written in different formats.
    ///
    /// Full load: `folder/segment/counter`, the numbers of a fixed width. Change: the stamp of the
    /// file name, then `/folder` if it lies in one; a stamp with more digits is a finer time, so it
    /// sorts after its own prefix.
    pub order: String,
}

/// What [`classify`] finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Classified {
    Object(ObjectName),
    /// Left alone, and why.
    Foreign(&'static str),
}

/// Classifies an object by its key relative to the folder of its table.
///
/// - full load: `[folder/][SEGMENTn_]LOADxxxxxxxx.csv[.gz]` or `….parquet`. The counter is hexadecimal; folder and
///   segment come from parallel load.
/// - change: `[date folders/]YYYYMMDD-HHMMSSmmm….csv[.gz]` or `….parquet`. The time is UTC, or that of
///   `DatePartitionTimezone`; three or more digits follow the second.
/// - changes of several tables: `CDC_TXN-YYYYMMDDHHMMSSmmm….csv[.gz]`.
///
/// Everything else is foreign: control tables of DMS, validation results, folder markers, other
/// formats, and changes in a folder that is not a date (someone's archive).
pub fn classify(relative_key: &str) -> Classified {
    match parse(relative_key) {
        Ok(name) => Classified::Object(name),
        Err(reason) => Classified::Foreign(reason),
    }
}

/// The time stamp of a change object, to the millisecond, from its [`ObjectName::order`]; of a full
/// load: none.
pub fn change_time(order: &str) -> Option<NaiveDateTime> {
    let (stamp, folder) = order.split_once('/').unwrap_or((order, ""));
    if folder.is_empty() || is_date_folder(folder) { parse_stamp(stamp) } else { None }
}

/// What is told of a time in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InUtc {
    /// The order by the time in UTC.
    Order(String),
    /// The hour is there twice, as clocks are put back: the earlier order, and the later one with its time.
    Either(String, String, DateTime<Utc>),
    /// There is no such time, as clocks are put forward, or it is no change.
    Never,
}

/// The [`ObjectName::order`] of a change whose name has the time of a zone (`DatePartitionTimezone`).
pub fn in_utc(order: &str, zone: Tz) -> InUtc {
    let Some(local) = change_time(order) else { return InUtc::Never };
    let moved = |time: DateTime<Tz>| {
        let stamp = time.to_utc().format("%Y%m%d-%H%M%S%3f").to_string();
        // Finer parts of the time, and folders.
        format!("{stamp}{}", order.get(stamp.len()..).unwrap_or_default())
    };
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => InUtc::Order(moved(time)),
        LocalResult::Ambiguous(first, second) => {
            InUtc::Either(moved(first), moved(second), second.to_utc())
        }
        LocalResult::None => InUtc::Never,
    }
}

fn parse(key: &str) -> Result<ObjectName, &'static str> {
    if key.is_empty() || key.ends_with('/') || key.ends_with("_$folder$") {
        return Err("a folder marker");
    }
    let (folder, file) = key.rsplit_once('/').unwrap_or(("", key));
    if key.starts_with('/') || key.contains("//") {
        return Err("a folder without a name");
    }
    if key.split('/').any(|part| part.starts_with("awsdms_")) {
        return Err("a control table of DMS");
    }
    if key.split('/').any(|part| part == "s3_validation_failures") {
        return Err("validation results of DMS");
    }
    if key.split('/').any(|part| part.starts_with(['_', '.'])) {
        return Err("a hidden name");
    }
    let endings =
        [(".csv", Format::Csv), (".csv.gz", Format::GzippedCsv), (".parquet", Format::Parquet)];
    let (stem, format) = endings
        .into_iter()
        .find_map(|(ending, format)| Some((file.strip_suffix(ending)?, format)))
        .ok_or("neither .csv, .csv.gz nor .parquet")?;
    if let Some(stamp) = stem.strip_prefix(TRANSACTIONS) {
        let order = transactions_order(folder, stamp)?;
        return Ok(ObjectName { kind: ObjectKind::Change, format, of_tables: true, order });
    }
    let (kind, order) = if stem.starts_with(|c: char| c.is_ascii_digit()) {
        (ObjectKind::Change, change_order(folder, stem)?)
    } else {
        (ObjectKind::FullLoad, load_order(folder, stem)?)
    };
    Ok(ObjectName { kind, format, of_tables: false, order })
}

const NO_STAMP: &str = "not a time stamp that DMS gives";

/// What the names of objects with changes of several tables begin with ("Capturing data changes (CDC) including transaction order"
/// of the guide).
pub const TRANSACTIONS: &str = "CDC_TXN-";

/// The same form as of other changes, so that both sort by time. The guide's names have no dash.
fn transactions_order(folder: &str, stamp: &str) -> Result<String, &'static str> {
    if !folder.is_empty() {
        return Err("transaction order in a folder within that of CdcPath");
    }
    match stamp.split_at_checked(8) {
        Some((date, time)) if all_digits(stamp) => change_order("", &format!("{date}-{time}")),
        _ => Err(NO_STAMP),
    }
}

/// `LOAD%08X` with an optional `SEGMENT<n>_`; "parallel load" of the guide puts a partition into
/// one folder.
fn load_order(folder: &str, stem: &str) -> Result<String, &'static str> {
    const NOT_A_LOAD: &str = "not a name that DMS gives";
    let (segment, load) = match stem.strip_prefix("SEGMENT") {
        Some(rest) => {
            let (number, load) = rest.split_once('_').ok_or(NOT_A_LOAD)?;
            if !all_digits(number) {
                return Err(NOT_A_LOAD);
            }
            (number.parse::<u32>().map_err(|_| NOT_A_LOAD)?, load)
        }
        None => (0, stem),
    };
    let counter = load.strip_prefix("LOAD").ok_or(NOT_A_LOAD)?;
    if counter.len() != 8 || !counter.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(NOT_A_LOAD);
    }
    if folder.contains('/') {
        return Err("a full load more than one folder down");
    }
    Ok(format!("{folder}/{segment:010}/{}", counter.to_ascii_uppercase()))
}

fn change_order(folder: &str, stem: &str) -> Result<String, &'static str> {
    if parse_stamp(stem).is_none() {
        return Err(NO_STAMP);
    }
    if folder.is_empty() {
        return Ok(stem.to_owned());
    }
    if !is_date_folder(folder) {
        return Err("a change in a folder that is not a date");
    }
    Ok(format!("{stem}/{folder}"))
}

/// `YYYYMMDD-HHMMSSmmm`; the guide also shows ten digits after the dash, so more are finer parts of
/// the second.
fn parse_stamp(stamp: &str) -> Option<NaiveDateTime> {
    let (date, time) = stamp.split_once('-')?;
    if date.len() != 8 || time.len() < 9 || !all_digits(date) || !all_digits(time) {
        return None;
    }
    let number = |text: &str, range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(number(date, 0..4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(date, 4..6)?, number(date, 6..8)?)?.and_hms_milli_opt(
        number(time, 0..2)?,
        number(time, 2..4)?,
        number(time, 4..6)?,
        number(time, 6..9)?,
    )
}

/// `DatePartitionSequence` (YYYYMMDD, YYYYMMDDHH, YYYYMM, MMYYYYDD, DDMMYYYY) in one of the forms
/// of `DatePartitionDelimiter` (SLASH, UNDERSCORE, DASH, NONE).
fn is_date_folder(folder: &str) -> bool {
    const WIDTHS: [&[usize]; 5] = [&[4, 2, 2], &[4, 2, 2, 2], &[4, 2], &[2, 4, 2], &[2, 2, 4]];
    let delimiter = folder.chars().find(|c| ['/', '_', '-'].contains(c));
    let parts: Vec<&str> = match delimiter {
        Some(delimiter) => folder.split(delimiter).collect(),
        None => return matches!(folder.len(), 6 | 8 | 10) && all_digits(folder),
    };
    parts.iter().all(|part| all_digits(part))
        && WIDTHS
            .iter()
            .any(|widths| parts.iter().map(|part| part.len()).eq(widths.iter().copied()))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
