//! What DMS does that surprises those who read its objects; docs/architecture.md lists it.

use super::{check, table};
use crate::testing::Staging;

const T: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, grp VARCHAR(10), n INT NOT NULL) STORED AS DMS LOCATION 't'";
const ALL: &str = "SELECT * FROM t";

#[tokio::test]
async fn a_full_load_without_operations_and_changes_with_them_are_one_table() {
    let staging = Staging::new();
    let (load, changes): (&[u8], &[u8]) = (b"1,a,10\n2,b,20\n", b"I,3,c,30\nU,1,a,11\n");
    let objects = [("LOAD00000001.csv", load), ("20260101-000000001.csv", changes)];
    let expected = ["1|a|11", "2|b|20", "3|c|30"];
    check(&table(&staging, T, &objects).await, &staging, ALL, &expected).await;
    // Wrongly declared it is an error, never other rows.
    let with_op = format!("{T} OPTIONS ('IncludeOpForFullLoad' 'true')");
    let wrong = table(&staging, &with_op, &objects).await;
    assert!(staging.error(ALL, &[wrong]).await.to_string().contains("LOAD00000001.csv:1"));
    let objects = [("LOAD00000001.csv", b"I,1,a,10\nI,2,b,20\n".as_slice()), objects[1]];
    check(&table(&staging, &with_op, &objects).await, &staging, ALL, &expected).await;
    let wrong = table(&staging, T, &objects).await;
    let said = staging.error(ALL, &[wrong]).await.to_string();
    assert!(said.contains("LOAD00000001.csv:1"), "{said}");
}

#[tokio::test]
async fn a_delete_that_holds_nothing_but_the_key_takes_its_row_away() {
    let staging = Staging::new();
    let objects: [(&str, &[u8]); 2] = [
        ("LOAD00000001.csv", b"1,a,10\n2,b,20\n3,c,30\n"),
        // `n` is NOT NULL. MySQL's log holds the whole row.
        ("20260101-000000001.csv", b"D,1,,\nD,3,c,30\n"),
    ];
    check(&table(&staging, T, &objects).await, &staging, ALL, &["2|b|20"]).await;
}

#[tokio::test]
async fn of_several_changes_of_a_key_in_one_second_the_last_row_counts() {
    let staging = Staging::new();
    let stamped = format!("{T} OPTIONS ('TimestampColumnName' 'ts')");
    let objects: [(&str, &[u8]); 3] = [
        ("LOAD00000001.csv", b"2026-01-01 00:00:09.000000,1,a,10\n"),
        (
            "20260101-000000001.csv",
            b"U,2026-01-01 00:00:01.000000,1,b,11\nD,2026-01-01 00:00:01.000000,1,,\nI,2026-01-01 00:00:01.000000,1,c,12\n\
              I,2026-01-01 00:00:01.000000,2,x,1\nD,2026-01-01 00:00:01.000000,2,,\n",
        ),
        // The same second again, and a clock that was set back.
        ("20260101-000000002.csv", b"U,2026-01-01 00:00:01.000000,1,d,13\nU,2025-01-01 00:00:00.000000,1,e,14\n"),
    ];
    let whole = table(&staging, &stamped, &objects).await;
    let first = whole.with_objects(whole.objects[..2].to_vec());
    check(&first, &staging, ALL, &["1|c|12"]).await;
    check(&whole, &staging, ALL, &["1|e|14"]).await;
}

#[tokio::test]
async fn changes_that_come_twice_or_are_in_the_full_load_already_change_nothing() {
    let staging = Staging::new();
    let (load, changes): (&[u8], &[u8]) =
        (b"1,a,11\n3,c,30\n", b"U,1,a,11\nI,3,c,30\nI,4,d,40\nD,2,,\nD,4,,\n");
    let objects = [
        ("LOAD00000001.csv", load),
        ("20260101-000000001.csv", changes),
        ("20260101-000000002.csv", changes),
    ];
    let whole = table(&staging, T, &objects).await;
    for count in 1..=3 {
        let part = whole.with_objects(whole.objects[..count].to_vec());
        check(&part, &staging, ALL, &["1|a|11", "3|c|30"]).await;
    }
}

#[tokio::test]
async fn thousands_of_small_objects_are_read_in_their_order() {
    const OBJECTS: usize = 2_000;
    const KEYS: usize = 7;
    let staging = Staging::new();
    let mut objects = vec![("LOAD00000001.csv".to_owned(), String::new())];
    for number in 0..OBJECTS {
        let row = format!("U,{},g,{number}\n", number % KEYS);
        objects.push((format!("2026/01/01/20260101-{number:09}.csv"), row));
    }
    let objects: Vec<(&str, &[u8])> =
        objects.iter().map(|(key, text)| (key.as_str(), text.as_bytes())).collect();
    let newest = (OBJECTS - KEYS..OBJECTS).map(|number| format!("{}|g|{number}", number % KEYS));
    let mut expected: Vec<String> = newest.collect();
    expected.sort();
    let whole = table(&staging, T, &objects).await;
    let found = staging.select(ALL, &[whole]).await;
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_value_that_its_type_does_not_have_can_be_read_as_text_and_brought_into_form() {
    let staging = Staging::new();
    let ddl =
        "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, at VARCHAR(40)) STORED AS DMS LOCATION 't'";
    let rows = b"1,4713-01-01 00:00:00 BC\n2,9999-12-31 23:59:59\n3,\n";
    let whole = table(&staging, ddl, &[("LOAD00000001.csv", rows)]).await;
    let sql =
        "SELECT id, CASE WHEN at LIKE '%BC' THEN NULL ELSE CAST(at AS TIMESTAMP) END AS at FROM t";
    check(&whole, &staging, sql, &["1|NULL", "2|9999-12-31T23:59:59", "3|NULL"]).await;
}
