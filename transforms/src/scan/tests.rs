use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlanBuilder;
use flate2::Compression as Level;
use flate2::write::GzEncoder;

use super::error::ScanError;
use super::{FrozenTable, Loads, RawTable, ReadCounts, ScanLog};
use crate::dms::csv::BadRows;
use crate::testing::{Staging, texts};

mod changes;
mod habits;
mod meter;
mod parquet;
mod told;

const T: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, grp VARCHAR(10), n INT) STORED AS DMS LOCATION 't'";
const LOG: &str = "CREATE EXTERNAL TABLE log (n INT, msg VARCHAR(10)) STORED AS DMS LOCATION 'log'";

/// Key 1 is updated twice, 2 deleted and inserted again, 4 deleted, 3 deleted, inserted and deleted in one object,
/// 5 loses its group.
const OBJECTS: &[(&str, &[u8])] = &[
    ("LOAD00000001.csv", b"1,a,10\n2,b,20\n3,,30\n4,d,40\n"),
    ("20260101-000000001.csv", b"U,1,a,11\nD,2,,\nI,5,e,50\n"),
    ("20260101-000000002.csv", b"U,1,x,12\nI,2,b2,21\nD,4,,\nU,5,,51\nD,3,,\nI,3,c,31\nD,3,,\n"),
];

async fn table(staging: &Staging, ddl: &str, objects: &[(&str, &[u8])]) -> FrozenTable {
    let sources = staging.sources(ddl).await;
    FrozenTable { loads: Loads::Once, ..staging.freeze(&sources[0], objects).await }
}

async fn check(table: &FrozenTable, staging: &Staging, sql: &str, expected: &[&str]) {
    let found = staging.select(sql, std::slice::from_ref(table)).await;
    assert_eq!(found, expected, "{sql}");
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_source_holds_the_newest_row_of_each_key_that_is_not_deleted() {
    let staging = Staging::new();
    let whole = table(&staging, T, OBJECTS).await;
    let after = |count: usize| whole.with_objects(whole.objects[..count].to_vec());
    check(&after(0), &staging, "SELECT * FROM t", &[]).await;
    check(&after(0), &staging, "SELECT count(*) AS c FROM t", &["0"]).await;
    check(&after(1), &staging, "SELECT * FROM t", &["1|a|10", "2|b|20", "3|NULL|30", "4|d|40"])
        .await;
    check(&after(2), &staging, "SELECT * FROM t", &["1|a|11", "3|NULL|30", "4|d|40", "5|e|50"])
        .await;
    check(&after(3), &staging, "SELECT * FROM t", &["1|x|12", "2|b2|21", "5|NULL|51"]).await;
    let news = whole.with_objects(whole.objects[2..].to_vec());
    check(&news, &staging, "SELECT * FROM t", &["1|x|12", "2|b2|21", "5|NULL|51"]).await;
}

#[tokio::test]
async fn the_order_of_application_decides_and_not_that_of_listing() {
    let staging = Staging::new();
    let mut whole = table(&staging, T, OBJECTS).await;
    whole.objects.reverse();
    check(&whole, &staging, "SELECT * FROM t", &["1|x|12", "2|b2|21", "5|NULL|51"]).await;
}

#[tokio::test]
async fn a_full_load_that_is_taken_to_hold_each_key_once_and_does_not_is_an_error() {
    let text =
        "CREATE EXTERNAL TABLE t (id VARCHAR(9) PRIMARY KEY, n INT) STORED AS DMS LOCATION 't'";
    let two = "CREATE EXTERNAL TABLE t (id INT, n INT, x INT, PRIMARY KEY (n, id)) STORED AS DMS LOCATION 't'";
    let with_op = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 't' OPTIONS ('IncludeOpForFullLoad' 'true')";
    /// The declaration, two objects, the rows, and whether a key is there twice.
    type Case = (&'static str, [&'static [u8]; 2], &'static [&'static str], bool);
    let cases: [Case; 7] = [
        (T, [b"1,a,1\n2,b,2\n", b"3,c,3\n1,d,4\n"], &["1|d|4", "2|b|2", "3|c|3"], true),
        (T, [b"1,a,1\n1,b,2\n", b"3,c,3\n"], &["1|b|2", "3|c|3"], true),
        (T, [b"-1,a,1\n", b"1,c,3\n"], &["-1|a|1", "1|c|3"], false),
        (text, [b"a,1\nb,2\n", b"A,3\na,4\n"], &["A|3", "a|4", "b|2"], true),
        (two, [b"1,2,0\n", b"2,1,0\n1,1,0\n"], &["1|1|0", "1|2|0", "2|1|0"], false),
        (two, [b"1,2,0\n", b"1,2,1\n"], &["1|2|1"], true),
        (with_op, [b"I,1,1\n", b"I,2,2\nD,1,\n"], &["2|2"], true),
    ];
    for (ddl, [first, second], expected, repeats) in cases {
        let mut staging = Staging::new();
        let log = Arc::new(ScanLog::default());
        let config = staging.state.config().clone().with_extension(Arc::clone(&log));
        staging.state = SessionStateBuilder::new_from_existing(staging.state.clone())
            .with_config(config)
            .build();
        let objects = [("LOAD00000001.csv", first), ("LOAD00000002.csv", second)];
        let once = table(&staging, ddl, &objects).await;
        if repeats {
            let error = staging.error("SELECT * FROM t", std::slice::from_ref(&once)).await;
            assert!(matches!(ScanError::find(&error), Some(ScanError::Repeated { .. })), "{error}");
        } else {
            check(&once, &staging, "SELECT * FROM t", expected).await;
        }
        assert_eq!(log.repeating().contains("t"), repeats);
        let any = FrozenTable { loads: Loads::Any, ..once };
        check(&any, &staging, "SELECT * FROM t", expected).await;
    }
}

#[tokio::test]
async fn filters_see_the_newest_rows_alone() {
    let staging = Staging::new();
    let whole = table(&staging, T, OBJECTS).await;
    let (one, two, five) = ("1|x|12", "2|b2|21", "5|NULL|51");
    for (condition, expected) in [
        ("grp = 'a'", vec![]),
        ("n = 11", vec![]),
        ("n < 12", vec![]),
        ("grp = 'x'", vec![one]),
        ("n > 20", vec![two, five]),
        ("grp IS NULL", vec![five]),
        ("grp IS NOT NULL", vec![one, two]),
        ("grp <> 'x'", vec![two]),
        ("NOT (grp = 'a')", vec![one, two]),
        ("coalesce(grp, 'z') = 'z'", vec![five]),
        ("grp LIKE 'b%'", vec![two]),
        ("id = 1", vec![one]),
        ("id = 3", vec![]),
        ("id = 4 OR id = 5", vec![five]),
        ("id IN (1, 2, 3) AND n > 12", vec![two]),
        ("id = 1 AND grp = 'a'", vec![]),
        ("id > 4 OR grp = 'x'", vec![one, five]),
        ("id + n = 13", vec![one]),
        ("id = n", vec![]),
        ("id % 2 = 1", vec![one, five]),
        ("TRUE", vec![one, two, five]),
        ("FALSE", vec![]),
        ("NULL", vec![]),
    ] {
        check(&whole, &staging, &format!("SELECT * FROM t WHERE {condition}"), &expected).await;
        let ids: Vec<&str> = expected.iter().map(|row| row.split_once('|').unwrap().0).collect();
        check(&whole, &staging, &format!("SELECT id FROM t WHERE {condition}"), &ids).await;
        let count = expected.len().to_string();
        let sql = format!("SELECT count(*) AS c FROM t WHERE {condition}");
        check(&whole, &staging, &sql, &[&count]).await;
    }
}

#[tokio::test]
async fn a_filter_on_a_part_of_the_key_is_one_on_the_key() {
    let staging = Staging::new();
    let ddl = "CREATE EXTERNAL TABLE c (a INT, n INT, b VARCHAR(5), PRIMARY KEY (b, a)) STORED AS DMS LOCATION 'c'";
    let objects: &[(&str, &[u8])] = &[
        ("LOAD00000001.csv", b"1,10,x\n1,20,y\n2,30,x\n"),
        ("20260101-000000001.csv", b"U,1,11,x\nD,1,,y\nI,2,40,y\n"),
    ];
    let whole = table(&staging, ddl, objects).await;
    check(&whole, &staging, "SELECT * FROM c", &["1|11|x", "2|30|x", "2|40|y"]).await;
    check(&whole, &staging, "SELECT * FROM c WHERE a = 1", &["1|11|x"]).await;
    check(&whole, &staging, "SELECT n FROM c WHERE b = 'y'", &["40"]).await;
    check(&whole, &staging, "SELECT * FROM c WHERE n IN (10, 20)", &[]).await;
    check(&whole, &staging, "SELECT * FROM c WHERE a = 1 OR n = 20", &["1|11|x"]).await;
}

#[tokio::test]
async fn columns_may_be_left_out() {
    let staging = Staging::new();
    let whole = table(&staging, T, OBJECTS).await;
    for (sql, expected) in [
        ("SELECT n FROM t", vec!["12", "21", "51"]),
        ("SELECT grp FROM t", vec!["NULL", "b2", "x"]),
        ("SELECT n, id FROM t", vec!["12|1", "21|2", "51|5"]),
        ("SELECT 1 AS one FROM t", vec!["1", "1", "1"]),
        ("SELECT count(*) AS c FROM t", vec!["3"]),
        ("SELECT count(grp) AS c, max(n) AS m FROM t", vec!["2|51"]),
        ("SELECT n FROM t ORDER BY n DESC LIMIT 1", vec!["51"]),
        ("SELECT n FROM t WHERE grp = 'x' LIMIT 5", vec!["12"]),
        ("SELECT DISTINCT id FROM t", vec!["1", "2", "5"]),
        ("SELECT grp, count(*) AS c FROM t GROUP BY id, grp", vec!["NULL|1", "b2|1", "x|1"]),
    ] {
        check(&whole, &staging, sql, &expected).await;
    }
    for (limit, expected) in [(0, 0), (1, 1), (2, 2), (9, 3)] {
        let sql = format!("SELECT n FROM t LIMIT {limit}");
        assert_eq!(
            staging.select(&sql, std::slice::from_ref(&whole)).await.len(),
            expected,
            "{sql}"
        );
    }
}

#[tokio::test]
async fn gzipped_objects_are_read_like_plain_ones() {
    let staging = Staging::new();
    let (load, change) = (gzip(OBJECTS[0].1), gzip(OBJECTS[2].1));
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.csv.gz", &load), OBJECTS[1], ("20260101-000000002.csv.gz", &change)];
    let whole = table(&staging, T, objects).await;
    check(&whole, &staging, "SELECT * FROM t", &["1|x|12", "2|b2|21", "5|NULL|51"]).await;
}

#[tokio::test]
async fn of_a_source_without_a_key_all_rows_are_kept() {
    let staging = Staging::new();
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.csv", b"1,a\n1,a\n"), ("20260101-000000001.csv", b"I,1,a\nI,2,\n")];
    let whole = table(&staging, LOG, objects).await;
    check(&whole, &staging, "SELECT * FROM log", &["1|a", "1|a", "1|a", "2|NULL"]).await;
    check(&whole, &staging, "SELECT msg FROM log WHERE n = 2", &["NULL"]).await;
    check(&whole, &staging, "SELECT count(*) AS c FROM log", &["4"]).await;
    let deleted: &[(&str, &[u8])] = &[("20260101-000000002.csv", b"I,1,a\nD,1,a\n")];
    let deleted = table(&staging, LOG, deleted).await;
    let error = staging.error("SELECT * FROM log", &[deleted]).await;
    assert_eq!(
        ScanError::find(&error).unwrap().to_string(),
        "memory://staging/20260101-000000002.csv:2: column `Op`: D needs a PRIMARY KEY, the source has none"
    );
}

#[tokio::test]
async fn raw_rows_have_their_position() {
    let staging = Staging::new();
    let whole = table(&staging, T, OBJECTS).await;
    let changes = whole.with_objects(whole.objects[1..2].to_vec());
    let raw = provider_as_source(Arc::new(RawTable::new(Arc::new(changes))));
    let plan = LogicalPlanBuilder::scan("raw", raw, None).unwrap().build().unwrap();
    let second = 1_u64 << 40;
    let expected = [
        format!("1|a|11|false|{second}"),
        format!("2|NULL|NULL|true|{}", second + 1),
        format!("5|e|50|false|{}", second + 2),
    ];
    assert_eq!(staging.rows(&plan).await, expected);
}

fn counting(staging: &mut Staging) -> Arc<ReadCounts> {
    let counts = Arc::new(ReadCounts::default());
    let config = staging.state.config().clone().with_extension(Arc::clone(&counts));
    staging.state =
        SessionStateBuilder::new_from_existing(staging.state.clone()).with_config(config).build();
    counts
}

#[tokio::test]
async fn rows_that_are_set_aside_are_not_there_and_bounded_over_all_objects() {
    const BAD: &[(&str, &[u8])] = &[
        ("LOAD00000001.csv", b"1,a,10\nx,b,20\n3,c,30\n"),
        ("20260101-000000001.csv", b"U,1,a\nU,3,c,x\nU,3,c,31\n"),
        ("20260101-000000002.csv", b"D,1,,\nI,4,\"d\"x,40\nI,5,e,50\n"),
    ];
    let mut staging = Staging::new();
    let counts = counting(&mut staging);
    let refused = table(&staging, T, BAD).await;
    let aside = |most| FrozenTable { bad_rows: BadRows::SetAside { most }, ..refused.clone() };
    for sql in ["SELECT * FROM t", "SELECT * FROM t WHERE n > 5 OR id = 3"] {
        check(&aside(5), &staging, sql, &["3|c|31"]).await;
    }
    check(&aside(5), &staging, "SELECT n FROM t WHERE id = 3", &["31"]).await;
    let found = BAD.iter().map(|(key, _)| counts.get("t", key).unwrap());
    let found: Vec<(u64, u64)> = found.map(|read| (read.rows, read.rejected())).collect();
    assert_eq!(found, [(2, 1), (1, 2), (1, 2)]);
    assert_eq!(counts.rejected(), 5);
    // No object has more than four.
    let counts = counting(&mut staging);
    let error = staging.error("SELECT * FROM t", &[aside(4)]).await;
    let told = ScanError::find(&error).unwrap().to_string();
    assert!(
        told.ends_with("more rows would be set aside than `rejected_rows` allows, 4"),
        "{told}"
    );
    assert!(counts.rejected() <= 5);
}

#[tokio::test]
async fn an_object_that_a_limit_left_is_begun_and_not_counted() {
    let mut staging = Staging::of_partitions(1);
    let counts = counting(&mut staging);
    let text: String = (0..100_000_u32).map(|n| format!("{n},abc\n")).collect();
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.csv", text.as_bytes()), ("LOAD00000002.csv", b"1,a\n")];
    let whole = table(&staging, LOG, objects).await;
    assert_eq!(staging.select("SELECT n FROM log LIMIT 1", &[whole]).await, ["0"]);
    assert_eq!(counts.get("log", "LOAD00000001.csv"), None);
    assert!(counts.is_begun("log", "LOAD00000001.csv"));
    assert!(!counts.is_begun("log", "LOAD00000002.csv"));
}

#[tokio::test]
async fn rows_are_counted_once_an_object_is_read_to_its_end() {
    let mut staging = Staging::new();
    let counts = counting(&mut staging);
    let whole = table(&staging, T, OBJECTS).await;
    assert_eq!(counts.get("t", "LOAD00000001.csv"), None);
    check(&whole, &staging, "SELECT n FROM t WHERE id = 1", &["12"]).await;
    let found = OBJECTS
        .iter()
        .map(|(key, _)| counts.get("t", key).map(|read| read.rows))
        .collect::<Vec<_>>();
    assert_eq!(found, [Some(4), Some(3), Some(7)]);
    assert_eq!(counts.get("u", "LOAD00000001.csv"), None);
}

#[tokio::test]
async fn an_object_that_is_not_the_listed_one_is_an_error() {
    for (content, e_tag) in
        [(&b"1,a,10\n2,b,99\n"[..], true), (b"1,a,10\n", true), (b"1,a,10\n", false)]
    {
        let staging = Staging::new();
        let mut whole = table(&staging, T, &[("LOAD00000001.csv", b"1,a,10\n2,b,20\n")]).await;
        if !e_tag {
            whole.objects[0].e_tag = None;
        }
        staging.put(&whole.objects[0].path, content).await;
        let error = staging.error("SELECT * FROM t", &[whole]).await;
        assert_eq!(
            ScanError::find(&error).unwrap().to_string(),
            "memory://staging/LOAD00000001.csv: changed while it was read"
        );
    }
}

#[tokio::test]
async fn an_object_that_is_gone_is_an_error() {
    let staging = Staging::new();
    let whole = table(&staging, T, OBJECTS).await;
    staging.delete(&whole.objects[1].path).await;
    let error = staging.error("SELECT count(*) AS c FROM t", &[whole]).await;
    let found = ScanError::find(&error).unwrap();
    assert!(
        matches!(found, ScanError::Store { source: object_store::Error::NotFound { .. }, .. }),
        "{found:?}"
    );
    assert_eq!(found.to_string(), "memory://staging/20260101-000000001.csv: cannot be read");
}

#[tokio::test]
async fn a_cut_gzip_object_is_an_error() {
    let staging = Staging::new();
    let mut content = gzip(OBJECTS[0].1);
    content.truncate(content.len() - 9);
    let whole = table(&staging, T, &[("LOAD00000001.csv.gz", &content)]).await;
    let error = staging.error("SELECT id FROM t", &[whole]).await;
    let found = ScanError::find(&error).unwrap();
    assert!(matches!(found, ScanError::Broken { .. }), "{found:?}");
}

/// Objects of many rows, larger than a piece in all, against a map.
#[tokio::test]
async fn many_rows_in_many_batches_are_folded_as_a_map_would() {
    let mut staging = Staging::new();
    let config = staging.state.config().clone().with_batch_size(100).with_target_partitions(2);
    staging.state =
        SessionStateBuilder::new_from_existing(staging.state.clone()).with_config(config).build();
    let mut expected: BTreeMap<u64, (String, u64)> = BTreeMap::new();
    let mut contents = Vec::new();
    for object in 0..5_u64 {
        let mut text = String::new();
        for row in 0..1_000_u64 {
            let id = (row * 7919 + object * 104_729) % 1_500;
            let n = object * 10_000 + row;
            let grp = format!("g{}", n % 10);
            if object == 0 {
                text = if row < 500 { format!("{text}{row},{grp},{n}\n") } else { text };
                if row < 500 {
                    expected.insert(row, (grp, n));
                }
            } else if n % 5 == 0 {
                text = format!("{text}D,{id},,\n");
                expected.remove(&id);
            } else {
                text = format!("{text}U,{id},{grp},{n}\n");
                expected.insert(id, (grp, n));
            }
        }
        contents.push(text.into_bytes());
    }
    let keys = [
        "LOAD00000001.csv",
        "20260101-000000001.csv",
        "20260101-000000002.csv",
        "20260101-000000003.csv",
        "20260101-000000004.csv",
    ];
    let objects: Vec<(&str, &[u8])> =
        keys.iter().copied().zip(contents.iter().map(Vec::as_slice)).collect();
    let whole = table(&staging, T, &objects).await;
    let mut found = staging.select("SELECT * FROM t", std::slice::from_ref(&whole)).await;
    let mut rows: Vec<String> =
        expected.iter().map(|(id, (grp, n))| format!("{id}|{grp}|{n}")).collect();
    found.sort();
    rows.sort();
    assert_eq!(found, rows);
    let of_group = expected.values().filter(|(grp, n)| grp == "g3" && *n > 20_000).count();
    let sql = "SELECT count(*) AS c FROM t WHERE grp = 'g3' AND n > 20000";
    check(&whole, &staging, sql, &[&of_group.to_string()]).await;
    let batches = staging.batches(&staging.plan("SELECT id FROM t", &[whole]).await).await.unwrap();
    assert_eq!(texts(&batches).len(), expected.len());
}

#[tokio::test]
async fn an_object_of_several_pieces_is_read_whole() {
    let staging = Staging::new();
    let text: String = (0..200_000_u32).map(|n| format!("{n},abcdefghij,{n}\n")).collect();
    assert!(text.len() > 4 * 1024 * 1024, "{}", text.len());
    let log =
        "CREATE EXTERNAL TABLE log (n INT, msg VARCHAR(10), m INT) STORED AS DMS LOCATION 'log'";
    let whole = table(&staging, log, &[("LOAD00000001.csv", text.as_bytes())]).await;
    let sql = "SELECT count(*) AS c, sum(n) AS s, min(msg) AS a, max(m) AS b FROM log";
    check(&whole, &staging, sql, &["200000|19999900000|abcdefghij|199999"]).await;
}
