//! Changes that say more than what a row is now: the key that it had, its place in the order, columns that stay as they are.

use std::sync::Arc;

use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlanBuilder;
use proptest::prelude::*;

use super::{check, table};
use crate::dms::csv::{BadRows, TableName};
use crate::scan::error::ScanError;
use crate::scan::{Before, FrozenTable, Loads, RawTable, ScanLog, SourceTable};
use crate::testing::{Staging, texts};

const MOVED: &str = "CREATE EXTERNAL TABLE t (a INT, b VARCHAR(5), n INT, BI_a INT, BI_b VARCHAR(5), PRIMARY KEY (b, a)) STORED AS DMS LOCATION 't' OPTIONS ('BeforeImagePrefix' 'BI_')";
const SEQUENCED: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT, seq VARCHAR(35)) STORED AS DMS LOCATION 't' OPTIONS ('ChangeSequenceColumn' 'seq')";
const GAPPED: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, a VARCHAR(5), n INT) STORED AS DMS LOCATION 't' OPTIONS ('UseCsvNoSupValue' 'true', 'CsvNoSupValue' '~')";

/// A session that notes what scans learn.
fn noting() -> (Staging, Arc<ScanLog>) {
    let mut staging = Staging::new();
    let log = Arc::new(ScanLog::default());
    let config = staging.state.config().clone().with_extension(Arc::clone(&log));
    staging.state =
        SessionStateBuilder::new_from_existing(staging.state.clone()).with_config(config).build();
    (staging, log)
}

fn sequence(number: u8) -> String {
    format!("{number:035}")
}

#[tokio::test]
async fn an_update_of_the_key_deletes_the_key_that_it_was() {
    let staging = Staging::new();
    let objects: [(&str, &[u8]); 2] = [
        ("LOAD00000001.csv", b"1,x,10,,\n2,y,20,,\n3,z,30,,\n"),
        // One part of the key, nothing of it, both parts, and a key that is taken again.
        (
            "20260101-000000001.csv",
            b"U,9,x,11,1,x\nU,2,y,21,2,y\nU,4,q,31,3,z\nI,1,x,12,,\nU,2,y,22,,\n",
        ),
    ];
    let whole = table(&staging, MOVED, &objects).await;
    let expected = ["1|x|12", "2|y|22", "4|q|31", "9|x|11"];
    check(&whole, &staging, "SELECT a, b, n FROM t", &expected).await;
    check(&whole, &staging, "SELECT n FROM t", &["11", "12", "22", "31"]).await;
    check(&whole, &staging, "SELECT count(*) AS c FROM t", &["4"]).await;
    let keys = ["1|x|NULL", "2|y|NULL", "4|q|3", "9|x|1"];
    check(&whole, &staging, "SELECT a, b, bi_a FROM t", &keys).await;
    check(&whole, &staging, "SELECT n FROM t WHERE a = 3", &[]).await;
    let any = FrozenTable { loads: Loads::Any, ..whole.clone() };
    check(&any, &staging, "SELECT a, b, n FROM t", &expected).await;

    // A run over the changes alone has to know of the keys that are no more.
    let changes = whole.with_objects(whole.objects[1..].to_vec());
    let net = SourceTable::new(Arc::new(changes)).net_changes().unwrap();
    let net = LogicalPlanBuilder::from(net)
        .project(["b", "a", "n", "__unglue_deleted"].map(super::super::source_table::column))
        .unwrap();
    let expected =
        ["q|4|31|false", "x|1|12|false", "x|9|11|false", "y|2|22|false", "z|3|NULL|true"];
    assert_eq!(staging.rows(&net.build().unwrap()).await, expected);
}

#[tokio::test]
async fn a_key_that_moves_on_and_back_is_where_it_was_last() {
    let staging = Staging::new();
    let objects: [(&str, &[u8]); 2] = [
        ("LOAD00000001.csv", b"1,x,10,,\n2,x,20,,\n"),
        ("20260101-000000001.csv", b"U,3,x,10,1,x\nU,1,x,20,2,x\nU,2,x,10,3,x\nD,1,x,20,1,x\n"),
    ];
    let whole = table(&staging, MOVED, &objects).await;
    check(&whole, &staging, "SELECT a, n FROM t", &["2|10"]).await;
}

#[tokio::test]
async fn half_a_key_before_a_change_is_refused() {
    let staging = Staging::new();
    let objects: [(&str, &[u8]); 1] = [("20260101-000000001.csv", b"U,9,x,11,1,\n")];
    let whole = table(&staging, MOVED, &objects).await;
    let error = staging.error("SELECT n FROM t", &[whole]).await;
    let told = ScanError::find(&error).unwrap().to_string();
    let expected =
        "20260101-000000001.csv:1: before the change, a part of the key is NULL and another is not";
    assert!(told.contains(expected), "{told}");
    // Of an insert nothing is taken for what it was.
    let objects: [(&str, &[u8]); 1] = [("20260101-000000001.csv", b"I,9,x,11,1,\nI,8,x,12,9,x\n")];
    let whole = table(&staging, MOVED, &objects).await;
    check(&whole, &staging, "SELECT a FROM t", &["8", "9"]).await;
}

#[tokio::test]
async fn a_name_that_differs_in_case_alone_is_refused_and_another_one_passed_over() {
    const ORDERED: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 't' OPTIONS ('PreserveTransactions' 'true', 'CdcPath' 'tx', 'CdcInsertsOnly' 'true')";
    let staging = Staging::new();
    let key = "CDC_TXN-20260101000000001.csv";
    let rows = b"I,t,s,1,10\nI,u,s,2,x,y,z\nI,t,other,3,30\nI,t,s,4,40\n";
    let name = TableName { schema: "s".to_owned(), table: "t".to_owned() };
    let of = async |rows: &[u8]| {
        let whole = table(&staging, ORDERED, &[(key, rows)]).await;
        FrozenTable { name: Some(name.clone()), ..whole }
    };
    check(&of(rows).await, &staging, "SELECT * FROM t", &["1|10", "4|40"]).await;
    let misspelt = FrozenTable {
        bad_rows: BadRows::SetAside { most: 9 },
        ..of(b"I,t,s,1,10\nI,T,S,2,20\n").await
    };
    let told = staging.error("SELECT * FROM t", &[misspelt]).await.to_string();
    assert!(
        told.contains(":2: the row's schema and table are those that LOCATION ends in"),
        "{told}"
    );
}

#[tokio::test]
async fn changes_are_in_the_order_of_their_sequence_and_behind_the_full_load() {
    let (staging, log) = noting();
    let [one, two, three, four] = [1, 2, 3, 4].map(sequence);
    let first = format!("U,1,14,{four}\nU,1,12,{two}\nD,2,,{three}\n");
    // Repeated after a restart.
    let second = format!("U,2,21,{one}\nU,1,12,{two}\nU,3,31,{one}\n");
    let objects = [
        ("LOAD00000001.csv", "1,10,\n2,20,\n3,30,9\n4,40,\n".as_bytes()),
        ("20260101-000000001.csv", first.as_bytes()),
        ("20260101-000000002.csv", second.as_bytes()),
    ];
    let whole = table(&staging, SEQUENCED, &objects).await;
    for loads in [Loads::Once, Loads::Any] {
        let whole = FrozenTable { loads, ..whole.clone() };
        check(&whole, &staging, "SELECT id, n FROM t", &["1|14", "3|31", "4|40"]).await;
    }
    assert_eq!(log.newest_sequence("t"), Some(four.clone()));

    let end = |newest: Option<&String>| FrozenTable {
        before: Some(Before { newest_sequence: newest.cloned() }),
        ..whole.with_objects(whole.objects[2..].to_vec())
    };
    check(&end(Some(&one)), &staging, "SELECT id, n FROM t", &["1|12", "2|21", "3|31"]).await;
    assert!(log.dependent().is_empty());
    for newest in [Some(&four), None] {
        let error = staging.error("SELECT id, n FROM t", &[end(newest)]).await;
        assert!(matches!(ScanError::find(&error), Some(ScanError::Dependent { .. })), "{error}");
        assert!(log.dependent().contains("t"));
    }
}

#[tokio::test]
async fn a_change_without_a_sequence_is_a_bad_row() {
    for row in ["U,1,1,\n", "U,1,1,12\n", "D,1,,\n", "U,1,1,0000000000000000000000000000000000x\n"]
    {
        let staging = Staging::new();
        let objects = [("20260101-000000001.csv", row.as_bytes())];
        let whole = table(&staging, SEQUENCED, &objects).await;
        let told = staging.error("SELECT id FROM t", &[whole]).await.to_string();
        assert!(told.contains("column `seq`: not a change sequence"), "{told}");
    }
}

#[tokio::test]
async fn columns_that_an_update_leaves_out_stay_as_they_were() {
    let (staging, log) = noting();
    let objects: [(&str, &[u8]); 3] = [
        ("LOAD00000001.csv", b"1,a,10\n2,~,20\n3,c,30\n"),
        ("20260101-000000001.csv", b"U,1,~,11\nU,2,b,~\nD,3,~,~\nU,3,~,31\nI,4,~,40\n"),
        ("20260101-000000002.csv", b"U,1,~,~\nU,2,\"~\",~\nU,4,d,~\nU,5,~,50\n"),
    ];
    let whole = table(&staging, GAPPED, &objects).await;
    let expected = ["1|a|11", "2|~|20", "3|NULL|31", "4|d|40", "5|NULL|50"];
    check(&whole, &staging, "SELECT * FROM t", &expected).await;
    let numbers = ["11", "20", "31", "40", "50"];
    check(&whole, &staging, "SELECT n FROM t", &numbers).await;
    check(&whole, &staging, "SELECT a FROM t WHERE id = 4", &["d"]).await;
    assert!(log.dependent().is_empty());
    let end = FrozenTable {
        before: Some(Before::default()),
        ..whole.with_objects(whole.objects[2..].to_vec())
    };
    let error = staging.error("SELECT id FROM t", &[end]).await;
    assert!(matches!(ScanError::find(&error), Some(ScanError::Dependent { .. })), "{error}");
    assert!(log.dependent().contains("t"));
}

#[tokio::test]
async fn a_key_that_is_left_out_is_a_bad_row() {
    let text = GAPPED.replace("id INT", "id VARCHAR(5)");
    for row in ["U,~,x,1\n", "I,~,x,1\n", "D,~,,\n"] {
        let staging = Staging::new();
        let whole = table(&staging, &text, &[("20260101-000000001.csv", row.as_bytes())]).await;
        let told = staging.error("SELECT n FROM t", &[whole]).await.to_string();
        assert!(told.contains("column `id`: missing from the source's log"), "{told}");
    }
}

#[tokio::test]
async fn a_row_that_moves_keeps_its_position() {
    let staging = Staging::new();
    let objects: [(&str, &[u8]); 1] =
        [("20260101-000000001.csv", b"I,1,x,1,,\nU,2,x,1,1,x\nI,3,x,3,,\n")];
    let whole = table(&staging, MOVED, &objects).await;
    let raw = provider_as_source(Arc::new(RawTable::new(Arc::new(whole))));
    let plan = LogicalPlanBuilder::scan("raw", raw, None).unwrap().build().unwrap();
    let batches = staging.batches(&plan).await.unwrap();
    let rows: Vec<_> = batches.iter().map(|batch| batch.project(&[0, 5, 6]).unwrap()).collect();
    assert_eq!(texts(&rows), ["1|false|0", "1|true|1", "2|false|1", "3|false|2"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.min(64)))]

    /// Random changes with all of it but gaps, against a map.
    #[test]
    fn keys_that_move_in_any_order_end_where_a_map_has_them(
        changes in prop::collection::vec((0..3_u8, 0..4_i32, 0..4_i32), 0..14),
        shift in 0..3_usize,
    ) {
        const T: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT, seq VARCHAR(35), old_id INT) STORED AS DMS LOCATION 't' OPTIONS ('BeforeImagePrefix' 'old_', 'ChangeSequenceColumn' 'seq')";
        let mut rows = std::collections::BTreeMap::from([(0, 100)]);
        let mut lines = Vec::new();
        for (number, (op, id, other)) in changes.into_iter().enumerate() {
            let n = i32::try_from(number).unwrap();
            let seq = sequence(u8::try_from(number).unwrap());
            lines.push(match op {
                0 => {
                    rows.insert(id, n);
                    format!("I,{id},{n},{seq},\n")
                }
                1 => {
                    rows.remove(&id);
                    format!("D,{id},,{seq},\n")
                }
                _ => {
                    rows.remove(&other);
                    rows.insert(id, n);
                    format!("U,{id},{n},{seq},{other}\n")
                }
            });
        }
        // The order of rows does not matter where a sequence tells it.
        let count = lines.len().max(1);
        lines.rotate_left(shift % count);
        let (first, second) = lines.split_at(lines.len() / 2);
        let (first, second) = (first.concat(), second.concat());
        let objects = [
            ("LOAD00000001.csv", "0,100,,\n".as_bytes()),
            ("20260101-000000001.csv", first.as_bytes()),
            ("20260101-000000002.csv", second.as_bytes()),
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            let staging = Staging::new();
            let whole = table(&staging, T, &objects).await;
            staging.select("SELECT id, n FROM t", &[whole]).await
        });
        let expected: Vec<String> = rows.iter().map(|(id, n)| format!("{id}|{n}")).collect();
        prop_assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn the_newest_commit_of_changes_is_known_where_their_time_is_read() {
    const STAMPED: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT, stamped TIMESTAMP) STORED AS DMS LOCATION 't' OPTIONS ('TimestampColumnName' 'Stamped')";
    let (staging, log) = noting();
    let key = "20260101-000000001.csv";
    let objects = [
        // The time of the load, not of a commit.
        ("LOAD00000001.csv", "2030-01-01 00:00:00.000000,1,10\n".as_bytes()),
        (key, b"U,2026-01-01 00:00:01.500000,1,11\nI,2026-01-01 00:00:00.000000,2,20\n".as_slice()),
    ];
    let whole = table(&staging, STAMPED, &objects).await;
    check(&whole, &staging, "SELECT id FROM t", &["1", "2"]).await;
    assert_eq!(log.newest_commit("t", key), None);
    check(&whole, &staging, "SELECT id FROM t WHERE stamped > '2026-01-01'", &["1"]).await;
    assert_eq!(log.newest_commit("t", key), Some(1_767_225_601_500_000));
    assert_eq!(log.newest_commit("t", "LOAD00000001.csv"), None);
}
