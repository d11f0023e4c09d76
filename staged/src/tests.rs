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
    let keys = ["LOAD00000001.csv", "LOAD00000009.csv", "LOAD0000000A.csv.gz", "LOAD00000010.csv"];
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
    for folder in
        ["2021/11/23", "2021_11_23", "2021-11-23", "20211123", "2021/11", "202111", "11/2021/23"]
    {
        let name = object(&format!("{folder}/20211123-013830913.csv"));
        assert_eq!(name.kind, ObjectKind::Change, "{folder}");
    }
    object("2021/11/23/05/20211123-013830913.csv");
    object("2021112305/20211123-013830913.csv");
    assert_eq!(reason("archive/20211123-013830913.csv"), "a change in a folder that is not a date");
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
        ("a/CDC_TXN-20201117153046033.csv", "transaction order in a folder within that of CdcPath"),
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
