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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn object(key: &str) -> ObjectName {
        match classify(key) {
            Classified::Object(name) => name,
            Classified::Foreign(reason) => panic!("{key} is foreign: {reason}"),
        }
    }

    fn reason(key: &str) -> &'static str {
        match classify(key) {
            Classified::Object(name) => panic!("{key} is {name:?}"),
            Classified::Foreign(reason) => reason,
        }
    }

    fn check_ascending(keys: &[&str]) {
        let orders: Vec<String> = keys.iter().map(|key| object(key).order).collect();
        assert!(orders.is_sorted_by(|a, b| a < b), "{orders:?}");
    }

    #[test]
    fn a_full_load_counts_in_hexadecimal() {
        let keys =
            ["LOAD00000001.csv", "LOAD00000009.csv", "LOAD0000000A.csv.gz", "LOAD00000010.csv"];
        check_ascending(&keys);
        assert!(keys.iter().all(|key| object(key).kind == ObjectKind::FullLoad));
        assert_eq!(object("LOAD0000000A.csv.gz").format, Format::GzippedCsv);
    }

    #[test]
    fn segments_of_a_parallel_load_sort_by_number() {
        check_ascending(&[
            "SEGMENT2_LOAD00000001.csv",
            "SEGMENT2_LOAD00000002.csv",
            "SEGMENT10_LOAD00000001.csv",
        ]);
        check_ascending(&["p1/LOAD00000001.csv", "p1/LOAD00000002.csv", "p2/LOAD00000001.csv"]);
    }

    #[test]
    fn changes_of_nine_and_ten_digits_sort_by_time() {
        check_ascending(&[
            "20141029-134010000.csv",
            "20141029-1340100000.csv",
            "20141029-1340100005.csv",
            "20141029-134010001.csv",
            "20141029-1340100011.csv",
            "20141030-000000000.csv.gz",
        ]);
    }

    #[test]
    fn the_folder_of_a_change_counts_only_between_equal_names() {
        check_ascending(&[
            "2021/11/24/20211123-235959998.csv",
            "2021/11/23/20211123-235959999.csv",
            "2021/11/24/20211123-235959999.csv",
            "2021/11/23/20211123-2359599990.csv",
        ]);
    }

    #[test]
    fn every_date_folder_is_a_change() {
        for folder in [
            "2021/11/23",
            "2021_11_23",
            "2021-11-23",
            "20211123",
            "2021/11",
            "202111",
            "11/2021/23",
        ] {
            let name = object(&format!("{folder}/20211123-013830913.csv"));
            assert_eq!(name.kind, ObjectKind::Change, "{folder}");
        }
        object("2021/11/23/05/20211123-013830913.csv");
        object("2021112305/20211123-013830913.csv");
        assert_eq!(
            reason("archive/20211123-013830913.csv"),
            "a change in a folder that is not a date"
        );
        assert_eq!(
            reason("2021-11_23/20211123-013830913.csv"),
            "a change in a folder that is not a date"
        );
    }

    #[test]
    fn what_dms_writes_beside_the_table_is_foreign() {
        for (key, why) in [
            ("", "a folder marker"),
            ("2021/", "a folder marker"),
            ("sub_$folder$", "a folder marker"),
            ("/LOAD00000001.csv", "a folder without a name"),
            ("awsdms_status/LOAD00000001.csv", "a control table of DMS"),
            ("s3_validation_failures/LOAD00000001.csv", "validation results of DMS"),
            ("_temporary/LOAD00000001.csv", "a hidden name"),
            ("CDC_TXN-2020111715304603.csv", "not a time stamp that DMS gives"),
            ("CDC_TXN-20201117-153046033.csv", "not a time stamp that DMS gives"),
            (
                "a/CDC_TXN-20201117153046033.csv",
                "transaction order in a folder within that of CdcPath",
            ),
            ("LOAD00000001.parquet.gz", "neither .csv, .csv.gz nor .parquet"),
            ("LOAD00000001.csv.bz2", "neither .csv, .csv.gz nor .parquet"),
            ("LOAD0000001.csv", "not a name that DMS gives"),
            ("LOAD0000000G.csv", "not a name that DMS gives"),
            ("SEGMENT_LOAD00000001.csv", "not a name that DMS gives"),
            ("SEGMENT+1_LOAD00000001.csv", "not a name that DMS gives"),
            ("a/b/LOAD00000001.csv", "a full load more than one folder down"),
            ("20211323-013830913.csv", "not a time stamp that DMS gives"),
            ("20210229-013830913.csv", "not a time stamp that DMS gives"),
            ("20211123-243830913.csv", "not a time stamp that DMS gives"),
            ("20211123-01383091.csv", "not a time stamp that DMS gives"),
        ] {
            assert_eq!(reason(key), why, "{key}");
        }
    }

    #[test]
    fn a_change_tells_its_time_and_a_full_load_does_not() {
        let time = |key: &str| change_time(&object(key).order).map(|time| time.to_string());
        assert_eq!(time("20240809-192717787.csv").as_deref(), Some("2024-08-09 19:27:17.787"));
        assert_eq!(
            time("2024/08/09/20240809-1927177879.csv").as_deref(),
            Some("2024-08-09 19:27:17.787")
        );
        assert_eq!(time("LOAD00000001.csv"), None);
        assert_eq!(time("20240809-192717787/LOAD00000001.csv"), None);
    }

    #[test]
    fn changes_of_several_tables_sort_among_the_others_by_time() {
        check_ascending(&[
            "20201117-153046032.csv",
            "CDC_TXN-20201117153046033.csv.gz",
            "20201117-153046034.csv",
            "CDC_TXN-202011171530460345.csv",
        ]);
        let name = object("CDC_TXN-20201117153046033.csv");
        assert!(name.of_tables && name.kind == ObjectKind::Change);
        assert!(!object("20201117-153046032.csv").of_tables);
    }

    #[test]
    fn times_of_a_zone_become_those_of_utc() {
        let berlin = chrono_tz::Europe::Berlin;
        let order = |order: &str| InUtc::Order(order.to_owned());
        for (local, expected) in [
            ("20240101-000000000", order("20231231-230000000")),
            ("20240701-0000000001", order("20240630-2200000001")),
            ("20240701-120000000/2024/07/01", order("20240701-100000000/2024/07/01")),
            ("20240331-023000000", InUtc::Never),
            ("/0000000000/00000001", InUtc::Never),
        ] {
            assert_eq!(in_utc(local, berlin), expected, "{local}");
        }
        let InUtc::Either(first, second, time) = in_utc("20241027-023000000", berlin) else {
            panic!("clocks are put back");
        };
        assert_eq!([first.as_str(), &second], ["20241027-003000000", "20241027-013000000"]);
        assert_eq!(time.to_rfc3339(), "2024-10-27T01:30:00+00:00");
    }

    proptest! {
        #[test]
        fn any_text_is_classified_without_a_panic(key in any::<String>()) {
            drop(classify(&key));
            prop_assert!(change_time(&key).is_none_or(|_| key.len() >= 18));
        }

        #[test]
        fn only_changes_have_a_time(
            key in r"[0-9_/-]{0,12}(LOAD|SEGMENT|[0-9]{8}-)[0-9A-Fé]{0,12}(\.csv|\.csv\.gz|\.parquet|)",
        ) {
            if let Classified::Object(name) = classify(&key) {
                let is_change = name.kind == ObjectKind::Change;
                prop_assert_eq!(change_time(&name.order).is_some(), is_change);
            }
        }

        #[test]
        fn counters_sort_as_numbers(a in any::<u32>(), b in any::<u32>()) {
            let order = |n: u32| object(&format!("LOAD{n:08X}.csv")).order;
            prop_assert_eq!(order(a).cmp(&order(b)), a.cmp(&b));
        }
    }
}
