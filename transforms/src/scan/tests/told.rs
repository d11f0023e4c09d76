//! Rows as people see them: all changes, and the versions of each key.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use datafusion::arrow::array::{ArrayRef, StringArray};
use datafusion::catalog::TableProvider;
use datafusion::physical_plan::displayable;
use proptest::prelude::*;

use super::parquet::parquet;
use super::{T, gzip, table};
use crate::model::{ModelFile, Models};
use crate::scan::{Application, ChangesTable, FrozenTable, HistoryTable, Loads};
use crate::testing::Staging;

const STAMPED: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, a VARCHAR(5)) STORED AS DMS LOCATION 't' OPTIONS ('TimestampColumnName' 'ts')";

/// All objects but the last are applied.
fn applied(table: &FrozenTable) -> impl Fn(&str) -> Option<Application> {
    let last = table.objects.last().map(|object| object.key.clone());
    move |key| {
        let run_id = format!("run of {key}");
        let application = Application { run_id, applied_at: DateTime::UNIX_EPOCH };
        Some(application).filter(|_| Some(key) != last.as_deref())
    }
}

fn changes(table: &FrozenTable) -> Arc<dyn TableProvider> {
    Arc::new(ChangesTable::try_new(table, 3, &applied(table)).unwrap())
}

fn history(table: &FrozenTable) -> Arc<dyn TableProvider> {
    Arc::new(HistoryTable::try_new(table, 3, &applied(table)).unwrap().unwrap())
}

/// The rows of a SELECT over a table called `t`, sorted as text.
async fn select(staging: &Staging, table: Arc<dyn TableProvider>, sql: &str) -> Vec<String> {
    let files = vec![ModelFile { file: "m.sql".to_owned(), text: sql.to_owned() }];
    let models = Models::parse(&staging.state, files, &["t".to_owned()].into()).unwrap();
    let planned = models.plan(&staging.state, vec![("t".to_owned(), table)]).await;
    let planned = planned.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = staging.rows(&planned.plans["m"]).await;
    rows.sort();
    rows
}

pub(super) async fn changes_of(staging: &Staging, table: &FrozenTable, sql: &str) -> Vec<String> {
    select(staging, changes(table), sql).await
}

async fn history_of(staging: &Staging, table: &FrozenTable, sql: &str) -> Vec<String> {
    select(staging, history(table), sql).await
}

#[tokio::test]
async fn changes_are_all_rows_with_what_is_known_of_them() {
    let staging = Staging::new();
    let second = gzip(b"U,1,a,11\nD,2,,\n\nI,5,\"e\ne\",50\nU,1,x,12\n");
    let objects: &[(&str, &[u8])] = &[
        ("LOAD00000001.csv", b"1,a,10\n2,b,20\n"),
        ("20260101-000000001.csv.gz", &second),
        ("20260101-000000002.csv", b"I,2,z,21\n"),
    ];
    let whole = table(&staging, T, objects).await;
    let all = [
        "D|000002.0000000002|NULL|2|NULL|NULL|20260101-000000001.csv.gz|2|3|true|run of 20260101-000000001.csv.gz|1970-01-01T00:00:00",
        "I|000002.0000000003|NULL|5|e\ne|50|20260101-000000001.csv.gz|4|3|true|run of 20260101-000000001.csv.gz|1970-01-01T00:00:00",
        "I|000003.0000000001|NULL|2|z|21|20260101-000000002.csv|1|3|false|NULL|NULL",
        "L|000001.0000000001|NULL|1|a|10|LOAD00000001.csv|1|3|true|run of LOAD00000001.csv|1970-01-01T00:00:00",
        "L|000001.0000000002|NULL|2|b|20|LOAD00000001.csv|2|3|true|run of LOAD00000001.csv|1970-01-01T00:00:00",
        "U|000002.0000000001|NULL|1|a|11|20260101-000000001.csv.gz|1|3|true|run of 20260101-000000001.csv.gz|1970-01-01T00:00:00",
        "U|000002.0000000004|NULL|1|x|12|20260101-000000001.csv.gz|6|3|true|run of 20260101-000000001.csv.gz|1970-01-01T00:00:00",
    ];
    assert_eq!(changes_of(&staging, &whole, "SELECT * FROM t").await, all);
    for (sql, expected) in [
        ("SELECT count(*) AS c FROM t", vec!["7"]),
        ("SELECT _op, count(*) AS c FROM t GROUP BY _op", vec!["D|1", "I|2", "L|2", "U|2"]),
        ("SELECT n FROM t WHERE id = 1", vec!["10", "11", "12"]),
        ("SELECT n, _line FROM t WHERE id = 1 AND _op = 'U' AND n > 11", vec!["12|6"]),
        ("SELECT n FROM t WHERE NOT _applied", vec!["21"]),
        ("SELECT n FROM t WHERE _object LIKE 'LOAD%' OR _op = 'D'", vec!["10", "20", "NULL"]),
    ] {
        assert_eq!(changes_of(&staging, &whole, sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn only_objects_are_read_whose_rows_a_filter_can_want() {
    let staging = Staging::new();
    let objects: &[(&str, &[u8])] = &[
        ("LOAD00000001.csv", b"1,a,10\n"),
        ("LOAD00000002.csv", b"2,a,10\n"),
        ("20260101-000000001.csv", b"U,1,a,11\n"),
        ("20260101-000000002.csv", b"U,2,a,11\n"),
    ];
    let whole = table(&staging, T, objects).await;
    for (condition, read) in [
        ("_object = '20260101-000000001.csv'", 1),
        ("_object > '20260101-000000001.csv' AND _op = 'L'", 2),
        ("_op = 'L'", 2),
        ("_op IN ('U', 'D')", 4),
        ("_op = 'I'", 2),
        ("NOT _applied", 1),
        ("_run_id = 'run of LOAD00000002.csv'", 1),
        ("_generation = 2", 0),
        ("id = 1", 4),
        ("id = 1 AND _object LIKE 'LOAD%'", 2),
        ("id = 1 OR _object LIKE 'LOAD%'", 4),
    ] {
        let sql = format!("SELECT id FROM t WHERE {condition}");
        let files = vec![ModelFile { file: "m.sql".to_owned(), text: sql.clone() }];
        let models = Models::parse(&staging.state, files, &["t".to_owned()].into()).unwrap();
        let tables = vec![("t".to_owned(), changes(&whole))];
        let plan = models.plan(&staging.state, tables).await.unwrap().plans.remove("m").unwrap();
        let physical = staging.state.create_physical_plan(&plan).await.unwrap();
        let shown = displayable(physical.as_ref()).indent(false).to_string();
        let is_told = shown.contains(&format!("objects={read},"))
            || (read == 0 && !shown.contains("objects="));
        assert!(is_told, "{condition}: {shown}");
    }
}

#[tokio::test]
async fn the_time_of_the_commit_is_known_wherever_a_column_tells_it() {
    let staging = Staging::new();
    let declared = STAMPED.replace("a VARCHAR(5)", "a VARCHAR(5), ts TIMESTAMP");
    let objects: &[(&str, &[u8])] = &[
        ("LOAD00000001.csv", b"2026-01-01 00:00:00.000001,1,a\n"),
        (
            "20260101-000000001.csv",
            b"U,2026-01-01 00:00:01.500000,1,b\nD,2026-01-01 00:00:02.000000,1,\nD,,1,\n",
        ),
    ];
    let times = [
        "D|1|NULL|2026-01-01T00:00:02",
        "D|1|NULL|NULL",
        "L|1|a|NULL",
        "U|1|b|2026-01-01T00:00:01.500",
    ];
    for ddl in [STAMPED, &declared] {
        let whole = table(&staging, ddl, objects).await;
        let found = changes_of(&staging, &whole, "SELECT _op, id, a, _commit_time FROM t").await;
        assert_eq!(found, times, "{ddl}");
    }
    // Its own column holds the same, whether the time is asked for or not.
    let whole = table(&staging, &declared, objects).await;
    let stamps = [
        "D|2026-01-01T00:00:02",
        "D|NULL",
        "L|2026-01-01T00:00:00.000001",
        "U|2026-01-01T00:00:01.500",
    ];
    assert_eq!(changes_of(&staging, &whole, "SELECT _op, ts FROM t").await, stamps);
    let found = changes_of(&staging, &whole, "SELECT * FROM t WHERE _op = 'L'").await;
    assert!(found[0].starts_with("L|000001.0000000001|NULL|1|a|2026"), "{found:?}");

    let named = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, AR_H_TIMESTAMP VARCHAR(30)) STORED AS DMS LOCATION 't'";
    let objects: &[(&str, &[u8])] = &[(
        "20260101-000000001.csv",
        b"U,1,2026-01-01 00:00:01.5\nU,2,never\nD,3,2026-01-01 00:00:02\n",
    )];
    let whole = table(&staging, named, objects).await;
    let times = ["1|2026-01-01T00:00:01.500", "2|NULL", "3|2026-01-01T00:00:02"];
    assert_eq!(changes_of(&staging, &whole, "SELECT id, _commit_time FROM t").await, times);

    let sequenced = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, seq VARCHAR(35)) STORED AS DMS LOCATION 't' OPTIONS ('ChangeSequenceColumn' 'seq')";
    let sequence = "2026010100000150".to_owned() + &"1".repeat(19);
    let row = format!("D,1,{sequence}\n");
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.csv", b"1,\n"), ("20260101-000000001.csv", row.as_bytes())];
    let whole = table(&staging, sequenced, objects).await;
    let places = [
        format!("{}.000001.0000000001|NULL", "0".repeat(35)),
        format!("{sequence}.000002.0000000001|2026-01-01T00:00:01.500"),
    ];
    assert_eq!(changes_of(&staging, &whole, "SELECT _position, _commit_time FROM t").await, places);
}

#[tokio::test]
async fn the_time_of_the_commit_is_known_of_parquet_too() {
    let staging = Staging::new();
    let texts = |values: &[Option<&str>]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let load = parquet(
        &[
            ("ts", texts(&[Some("2026-01-01 00:00:00")])),
            ("id", texts(&[Some("1")])),
            ("a", texts(&[Some("x")])),
        ],
        10,
    );
    let stamps = [
        Some("2026-01-01 00:00:01.500000"),
        Some("2026-01-01 00:00:02.000000"),
        Some("soon"),
        None,
    ];
    let change = parquet(
        &[
            ("Op", texts(&[Some("U"), Some("D"), Some("D"), Some("D")])),
            ("ts", texts(&stamps)),
            ("id", texts(&[Some("1"); 4])),
            ("a", texts(&[Some("y"); 4])),
        ],
        10,
    );
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.parquet", &load), ("20260101-000000001.parquet", &change)];
    let expected = [
        "D|NULL|2026-01-01T00:00:02|2",
        "D|NULL|NULL|3",
        "D|NULL|NULL|4",
        "L|x|NULL|1",
        "U|y|2026-01-01T00:00:01.500|1",
    ];
    // What a row that deletes has there is no reason to refuse it, whatever is declared.
    for ddl in [STAMPED.to_owned(), STAMPED.replace("a VARCHAR(5)", "a VARCHAR(5), ts TIMESTAMP")] {
        let whole = table(&staging, &ddl, objects).await;
        let sql = "SELECT _op, a, _commit_time, _line FROM t";
        assert_eq!(changes_of(&staging, &whole, sql).await, expected, "{ddl}");
    }
}

#[tokio::test]
async fn a_name_that_the_source_has_is_the_sources() {
    let staging = Staging::new();
    let ddl = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, _op INT, __op INT, _line INT, _valid_from INT) STORED AS DMS LOCATION 't'";
    let whole = table(&staging, ddl, &[("LOAD00000001.csv", b"1,2,3,4,5\n")]).await;
    let found = changes_of(&staging, &whole, "SELECT _op, __op, ___op, _line, __line FROM t").await;
    assert_eq!(found, ["2|3|L|4|1"]);
    let found =
        history_of(&staging, &whole, "SELECT ___op, _valid_from, __valid_from FROM t").await;
    assert_eq!(found, ["L|5|NULL"]);
}

#[tokio::test]
async fn the_history_holds_each_version_from_when_to_when() {
    let staging = Staging::new();
    let objects: &[(&str, &[u8])] = &[
        ("LOAD00000001.csv", b"2026-01-01 00:00:00,1,a\n2026-01-01 00:00:00,2,b\n"),
        (
            "20260101-000000001.csv",
            b"U,2026-01-01 00:00:01,1,c\nD,2026-01-01 00:00:02,2,\nI,2026-01-01 00:00:03,2,d\nD,2026-01-01 00:00:04,1,\n",
        ),
    ];
    let whole = table(&staging, STAMPED, objects).await;
    let expected = [
        "1|000001.0000000001|L|a|NULL|2026-01-01T00:00:01|false|000002.0000000001",
        "1|000002.0000000001|U|c|2026-01-01T00:00:01|2026-01-01T00:00:04|false|000002.0000000004",
        "1|000002.0000000004|D|NULL|2026-01-01T00:00:04|NULL|false|NULL",
        "2|000001.0000000002|L|b|NULL|2026-01-01T00:00:02|false|000002.0000000002",
        "2|000002.0000000002|D|NULL|2026-01-01T00:00:02|2026-01-01T00:00:03|false|000002.0000000003",
        "2|000002.0000000003|I|d|2026-01-01T00:00:03|NULL|true|NULL",
    ];
    let sql =
        "SELECT id, _position, _op, a, _valid_from, _valid_to, _is_current, _next_position FROM t";
    assert_eq!(history_of(&staging, &whole, sql).await, expected);
    for (sql, expected) in [
        ("SELECT a FROM t WHERE id = 2 AND _is_current", vec!["d"]),
        ("SELECT count(*) AS c FROM t WHERE id = 2", vec!["3"]),
        // What is chosen does not change how long it held.
        ("SELECT a, _valid_to FROM t WHERE a = 'a'", vec!["a|2026-01-01T00:00:01"]),
        ("SELECT _line FROM t WHERE _object LIKE 'LOAD%' AND _next_position IS NULL", vec![]),
    ] {
        assert_eq!(history_of(&staging, &whole, sql).await, expected, "{sql}");
    }
    let all = history_of(&staging, &whole, "SELECT * FROM t WHERE id = 1 AND _op = 'U'").await;
    assert_eq!(
        all,
        [
            "U|2026-01-01T00:00:01|2026-01-01T00:00:04|false|1|c|000002.0000000001|000002.0000000004|20260101-000000001.csv|1|3|false|NULL|NULL"
        ]
    );
}

#[tokio::test]
async fn a_key_that_moves_away_has_a_last_version() {
    let staging = Staging::new();
    let ddl = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT, BI_id INT) STORED AS DMS LOCATION 't' OPTIONS ('BeforeImagePrefix' 'BI_')";
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.csv", b"1,10,\n"), ("20260101-000000001.csv", b"U,2,11,1\n")];
    let whole = table(&staging, ddl, objects).await;
    let changes = changes_of(&staging, &whole, "SELECT id, _op, n, bi_id, _line FROM t").await;
    assert_eq!(changes, ["1|L|10|NULL|1", "1|M|NULL|NULL|1", "2|U|11|1|1"]);
    let history = history_of(&staging, &whole, "SELECT id, _op, n, _is_current FROM t").await;
    assert_eq!(history, ["1|L|10|false", "1|M|NULL|false", "2|U|11|true"]);
}

#[tokio::test]
async fn without_a_key_there_are_changes_and_no_versions() {
    let staging = Staging::new();
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.csv", b"1,a\n"), ("20260101-000000001.csv", b"I,1,a\n")];
    let whole = table(&staging, super::LOG, objects).await;
    let found = changes_of(&staging, &whole, "SELECT _op, n, _line FROM t").await;
    assert_eq!(found, ["I|1|1", "L|1|1"]);
    assert!(HistoryTable::try_new(&whole, 1, &|_| None).unwrap().is_none());
}

/// A change of one of a few keys: what it does, and which of two values it leaves out.
type Change = (u8, i32, u8);

/// Objects of changes, and of a full load before them.
fn staged(loaded: &[i32], changes: &[Vec<Change>]) -> Vec<(String, String)> {
    let load = loaded.iter().map(|id| format!("{id},l{id},0\n")).collect();
    let mut objects = vec![("LOAD00000001.csv".to_owned(), load)];
    let mut number = 0;
    for (index, rows) in changes.iter().enumerate() {
        let mut text = String::new();
        for (op, id, absent) in rows {
            number += 1;
            let value =
                |bit: u8, value: String| if absent & bit == 0 { value } else { "~".to_owned() };
            let row = match op {
                0 => format!("I,{id},i{number},{number}\n"),
                1 => format!("D,{id},,\n"),
                _ => format!(
                    "U,{id},{},{}\n",
                    value(1, format!("u{number}")),
                    value(2, number.to_string())
                ),
            };
            text.push_str(&row);
        }
        objects.push((format!("20260101-{index:09}.csv"), text));
    }
    objects
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.min(48)))]

    /// The state of the source, the newest change of each key, and the last version of each are one.
    #[test]
    fn the_source_is_the_newest_change_of_each_key_and_its_current_version(
        loaded in prop::collection::btree_set(0..5_i32, 0..5),
        changes in prop::collection::vec(prop::collection::vec((0..5_u8, 0..5_i32, 0..4_u8), 0..9), 0..4),
        has_gaps in any::<bool>(),
        batch_rows in 1..5_usize,
    ) {
        let changes: Vec<Vec<Change>> = changes
            .into_iter()
            .map(|rows| rows.into_iter().map(|(op, id, absent)| (op, id, if has_gaps { absent } else { 0 })).collect())
            .collect();
        let objects = staged(&loaded.into_iter().collect::<Vec<_>>(), &changes);
        let objects: Vec<(&str, &[u8])> =
            objects.iter().map(|(key, text)| (key.as_str(), text.as_bytes())).collect();
        let ddl = match has_gaps {
            true => "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, a VARCHAR(5), n INT) STORED AS DMS LOCATION 't' OPTIONS ('UseCsvNoSupValue' 'true', 'CsvNoSupValue' '~')",
            false => T,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (source, newest, current, chains) = runtime.block_on(async {
            let mut staging = Staging::new();
            let config = staging.state.config().clone().with_batch_size(batch_rows);
            *staging.state.config_mut() = config;
            let whole = FrozenTable { loads: Loads::Any, ..table(&staging, ddl, &objects).await };
            let columns = if has_gaps { "id, a, n" } else { "id, grp, n" };
            let source = staging.select(&format!("SELECT {columns} FROM t"), std::slice::from_ref(&whole)).await;
            let newest = changes_of(&staging, &whole, &format!("SELECT {columns} FROM t WHERE _op <> 'D' AND _position IN (SELECT max(_position) FROM t GROUP BY id)")).await;
            let current = history_of(&staging, &whole, &format!("SELECT {columns} FROM t WHERE _is_current")).await;
            let chains = history_of(&staging, &whole, "SELECT id, _position, _next_position FROM t").await;
            (source, newest, current, chains)
        });
        prop_assert_eq!(&current, &source);
        // What a change leaves out is in none of its own values.
        if !has_gaps {
            prop_assert_eq!(&newest, &source);
        }
        // Each version ends where the next one of its key begins.
        let mut by_key: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for row in &chains {
            let parts: Vec<&str> = row.split('|').collect();
            by_key.entry(parts[0]).or_default().push((parts[1], parts[2]));
        }
        let rows: usize = objects.iter().map(|(_, text)| text.iter().filter(|byte| **byte == b'\n').count()).sum();
        prop_assert_eq!(chains.len(), rows);
        for versions in by_key.values() {
            for pair in versions.windows(2) {
                prop_assert_eq!(pair[0].1, pair[1].0);
            }
            prop_assert_eq!(versions.last().map(|last| last.1), Some("NULL"));
        }
    }
}
