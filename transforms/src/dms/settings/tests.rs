use super::known::edits;
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
        ..Settings::default().csv
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
        (&[("IncludeOpForFullLoad", "true"), ("CdcInsertsAndUpdates", "true")], true, true, false),
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
        ("CsvRowDelimiter", "||"),
        ("CsvRowDelimiter", "\""),
        ("CsvDelimiter", "||"),
        ("CsvDelimiter", ""),
        ("CsvDelimiter", "\""),
        ("CsvDelimiter", "§"),
        ("DatePartitionTimezone", "Europe/Berlim"),
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

#[test]
fn a_text_for_missing_values_counts_only_where_it_is_used() {
    let of = |options: &[(&str, &str)]| read(options).csv.no_sup_value;
    assert_eq!(of(&[("CsvNoSupValue", "~")]), None);
    assert_eq!(of(&[("CsvNoSupValue", "~"), ("UseCsvNoSupValue", "false")]), None);
    assert_eq!(of(&[("CsvNoSupValue", "~"), ("UseCsvNoSupValue", "true")]).as_deref(), Some("~"));
    assert_eq!(
        refused(&[("UseCsvNoSupValue", "true")]),
        "option `UseCsvNoSupValue` needs `CsvNoSupValue`"
    );
}

#[test]
fn settings_that_exclude_or_need_each_other_are_told() {
    for (options, told) in [
        (&[("PreserveTransactions", "true")][..], "option `PreserveTransactions` needs `CdcPath`"),
        (
            &[("PreserveTransactions", "true"), ("CdcPath", "tx"), ("AddColumnName", "true")],
            "options `PreserveTransactions` and `AddColumnName` exclude each other",
        ),
        (
            &[("UseCsvNoSupValue", "true"), ("CsvNoSupValue", "~"), ("BeforeImagePrefix", "BI_")],
            "options `UseCsvNoSupValue` and `BeforeImagePrefix` exclude each other",
        ),
        (
            &[("CsvDelimiter", "|"), ("CsvRowDelimiter", "|")],
            "options `CsvDelimiter` and `CsvRowDelimiter` exclude each other",
        ),
    ] {
        assert_eq!(refused(options), told);
    }
    let settings = read(&[("PreserveTransactions", "true"), ("CdcPath", "tx")]);
    assert!(settings.preserve_transactions && !settings.has_op(ObjectKind::FullLoad));
}

#[test]
fn rows_end_as_declared() {
    for (value, byte) in [
        ("\n", b'\n'),
        ("\r\n", b'\n'),
        ("\\n", b'\n'),
        ("\\r\\n", b'\n'),
        ("\r", b'\r'),
        ("\\r", b'\r'),
        ("|", b'|'),
        ("\u{1e}", 0x1e),
    ] {
        assert_eq!(read(&[("CsvRowDelimiter", value)]).csv.row_delimiter, byte, "{value:?}");
    }
    let keeps = |value| read(&[("CsvRowDelimiter", value)]).csv.keeps_carriage_returns;
    assert_eq!(["\n", "\\n", "\r\n", "\\r\\n", "\r"].map(keeps), [true, true, false, false, false]);
    assert!(!read(&[]).csv.keeps_carriage_returns);
}

#[test]
fn before_images_are_named_by_what_stands_around_the_column() {
    assert_eq!(read(&[("BeforeImagePrefix", "")]).before_image, None);
    let named = |options: &[(&str, &str)]| read(options).before_image.unwrap().name_of("id");
    assert_eq!(named(&[("BeforeImagePrefix", "BI_")]), "BI_id");
    assert_eq!(named(&[("BeforeImageSuffix", "_old")]), "id_old");
    assert_eq!(named(&[("BeforeImagePrefix", "x_"), ("BeforeImageSuffix", "_y")]), "x_id_y");
}

#[test]
fn a_zone_is_one_of_the_database_and_utc_is_none() {
    for utc in ["", "UTC", "etc/utc", "GMT"] {
        assert_eq!(read(&[("DatePartitionTimezone", utc)]).time_zone, None);
    }
    let zone = read(&[("DatePartitionTimezone", "Europe/Berlin")]).time_zone;
    assert_eq!(zone, Some(chrono_tz::Europe::Berlin));
}
