mod beside;

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::datasource::MemTable;

use super::*;
use crate::model::output::canonical;
use crate::scan::RawTable;
use crate::testing::Staging;

async fn model(staging: &Staging, sql: &str) -> LogicalPlan {
    canonical("m.sql", staging.plan(sql, &[]).await).unwrap()
}

/// Rows of a SELECT as a table of a target, all of whose columns may be NULL.
async fn target(staging: &Staging, sql: &str) -> Arc<dyn TableProvider> {
    let plan = model(staging, sql).await;
    let fields =
        plan.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    let schema = Arc::new(datafusion::arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
    let batches = staging.batches(&plan).await.unwrap();
    let batches =
        batches.into_iter().map(|batch| batch.with_schema(Arc::clone(&schema)).unwrap()).collect();
    Arc::new(MemTable::try_new(schema, vec![batches]).unwrap())
}

/// `(new rows, old rows, key, deletes, upserts)`; rows are of columns k, l (numbers) and x (text).
type Case<'a> = (&'a str, &'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

/// NULL is written as 0 and '0': the engine does not get the type of a column of bare NULLs right in VALUES.
fn rows_of(values: &str) -> String {
    let columns = "SELECT nullif(CAST(k AS BIGINT), 0) AS k, nullif(CAST(l AS BIGINT), 0) AS l,
        nullif(CAST(x AS STRING), '0') AS x";
    match values {
        "" => format!("{columns} FROM (VALUES (1, 1, 'a')) AS q(k, l, x) WHERE k > 1"),
        values => {
            format!(
                "{columns} FROM (VALUES {}) AS q(k, l, x)",
                values.replace("NULL)", "'0')").replace("NULL", "0")
            )
        }
    }
}

#[tokio::test]
async fn a_comparison_finds_what_is_new_gone_or_another() {
    let staging = Staging::new();
    let cases: &[Case<'_>] = &[
        ("", "", &["k"], &[], &[]),
        ("(1, 1, 'a')", "(1, 1, 'a')", &["k"], &[], &[]),
        ("(2, 1, 'b'), (1, 1, 'a')", "", &["k"], &[], &["1|1|a", "2|1|b"]),
        ("", "(2, 1, 'b'), (1, 1, 'a')", &["k"], &["1", "2"], &[]),
        ("(1, 1, 'b')", "(1, 1, 'a')", &["k"], &[], &["1|1|b"]),
        ("(1, 1, NULL)", "(1, 1, 'a')", &["k"], &[], &["1|1|NULL"]),
        ("(1, 1, 'a')", "(1, 1, NULL)", &["k"], &[], &["1|1|a"]),
        ("(1, 1, NULL)", "(1, 1, NULL)", &["k"], &[], &[]),
        ("(1, 1, '')", "(1, 1, NULL)", &["k"], &[], &["1|1|"]),
        ("(1, NULL, NULL)", "(1, NULL, NULL)", &["k"], &[], &[]),
        ("(1, 1, 'a'), (3, 3, 'c')", "(1, 1, 'a'), (2, 2, 'b')", &["k"], &["2"], &["3|3|c"]),
        // A key of several columns, in another order than theirs.
        ("(1, 2, 'a'), (1, 3, 'b')", "(1, 2, 'a'), (2, 2, 'b')", &["l", "k"], &["2|2"], &["1|3|b"]),
        // NULL is a value of a key like another.
        ("(NULL, 1, 'a')", "(NULL, 1, 'a')", &["k"], &[], &[]),
        ("(NULL, 1, 'b'), (2, 1, 'c')", "(NULL, 1, 'a')", &["k"], &[], &["NULL|1|b", "2|1|c"]),
        ("(NULL, 1, 'a')", "", &["k"], &[], &["NULL|1|a"]),
        ("", "(NULL, 1, 'a')", &["k"], &["NULL"], &[]),
        (
            "(1, NULL, 'a'), (1, 1, 'b')",
            "(1, NULL, 'a'), (1, 2, 'b')",
            &["k", "l"],
            &["1|2"],
            &["1|1|b"],
        ),
        (
            "(1, NULL, 'b')",
            "(1, NULL, 'a'), (NULL, 1, 'a')",
            &["k", "l"],
            &["NULL|1"],
            &["1|NULL|b"],
        ),
        // All columns are the key: nothing can be another.
        (
            "(1, 1, 'a'), (1, 1, 'b')",
            "(1, 1, 'a'), (1, 1, NULL)",
            &["k", "l", "x"],
            &["1|1|NULL"],
            &["1|1|b"],
        ),
        // Upserts and deletes come in the order of the key.
        (
            "(3, 1, 'a'), (1, 1, 'a'), (2, 1, 'a')",
            "(6, 1, 'a'), (5, 1, 'a')",
            &["k"],
            &["5", "6"],
            &["1|1|a", "2|1|a", "3|1|a"],
        ),
    ];
    for (new, old, key, deletes, upserts) in cases {
        let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
        let old_table = target(&staging, &rows_of(old)).await;
        let delta = compare(
            &model(&staging, &rows_of(new)).await,
            &key,
            old_table,
            &BTreeSet::new(),
            Keys::Unique,
        )
        .unwrap();
        assert_eq!(staging.rows(&delta.deletes).await, *deletes, "deletes of {new} over {old}");
        assert_eq!(staging.rows(&delta.upserts).await, *upserts, "upserts of {new} over {old}");
    }
}

#[tokio::test]
async fn a_key_that_the_target_has_several_times_is_written_once_and_deleted_once() {
    let staging = Staging::new();
    let cases: [(&str, &str, &[&str], &[&str]); 5] = [
        ("(1, 1, 'c')", "(1, 1, 'a'), (1, 1, 'a'), (1, 1, 'b')", &[], &["1|1|c"]),
        ("(2, 1, 'c')", "(1, 1, 'a'), (1, 2, 'b')", &["1"], &["2|1|c"]),
        // Also where all that are there are equal.
        ("(1, 1, 'a'), (2, 1, 'b')", "(1, 1, 'a'), (1, 1, 'a'), (2, 1, 'b')", &[], &["1|1|a"]),
        ("(NULL, 1, 'a')", "(NULL, 1, 'a'), (NULL, 1, 'a')", &[], &["NULL|1|a"]),
        ("(1, 1, 'a'), (NULL, 2, 'b')", "(NULL, 2, 'b'), (1, 1, 'a')", &[], &[]),
    ];
    for (new, old, deletes, upserts) in cases {
        let old_table = target(&staging, &rows_of(old)).await;
        let new_rows = model(&staging, &rows_of(new)).await;
        let key = ["k".to_owned()];
        let delta = compare(&new_rows, &key, old_table, &BTreeSet::new(), Keys::Repeated).unwrap();
        assert_eq!(staging.rows(&delta.deletes).await, *deletes, "deletes of {new} over {old}");
        assert_eq!(staging.rows(&delta.upserts).await, *upserts, "upserts of {new} over {old}");
    }
}

#[tokio::test]
async fn a_zero_keeps_its_sign_where_its_row_is_written() {
    let staging = Staging::new();
    let row = |x: &str| format!("SELECT 1 AS id, CAST('-0.0' AS DOUBLE) AS v, '{x}' AS x");
    for keys in [Keys::Unique, Keys::Repeated] {
        let old = target(&staging, &row("a")).await;
        let new = model(&staging, &row("b")).await;
        let delta = compare(&new, &["id".to_owned()], old, &BTreeSet::new(), keys).unwrap();
        assert_eq!(staging.rows(&delta.upserts).await, ["1|-0.0|b"], "{keys:?}");
    }
}

#[tokio::test]
async fn names_with_dots_and_capitals_are_columns_like_others() {
    let staging = Staging::new();
    let sql = |x: &str| format!("SELECT 1 AS `Id.A`, '{x}' AS `X y`");
    let key = ["Id.A".to_owned()];
    let old = target(&staging, &sql("a")).await;
    let delta =
        compare(&model(&staging, &sql("b")).await, &key, old, &BTreeSet::new(), Keys::Unique)
            .unwrap();
    assert_eq!(staging.rows(&delta.upserts).await, ["1|b"]);
    assert_eq!(staging.rows(&delta.deletes).await, [""; 0]);
    let names: Vec<&String> =
        delta.upserts.schema().fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, ["Id.A", "X y"]);
    let duplicates = duplicates(&model(&staging, &sql("b")).await, &key).unwrap();
    assert_eq!(staging.rows(&duplicates).await, [""; 0]);
}

#[tokio::test]
async fn a_key_may_be_of_types_that_the_merge_join_cannot_compare() {
    let staging = Staging::new();
    for sql_type in ["TIME", "DECIMAL(50, 20)"] {
        let value = |text: &str| {
            format!(
                "arrow_cast('{text}', '{}')",
                match sql_type {
                    "TIME" => "Time64(Microsecond)",
                    _ => "Decimal256(50, 20)",
                }
            )
        };
        let (first, second, third) = match sql_type {
            "TIME" => ("00:00:01", "10:00:00", "23:59:59.999999"),
            _ => ("-1.5", "0.00000000000000000001", "123456789012345678901234567890"),
        };
        let rows = |rows: &[(&str, i32)]| {
            let selects: Vec<String> = rows
                .iter()
                .map(|(key, x)| format!("SELECT {} AS k, {x} AS x", value(key)))
                .collect();
            selects.join(" UNION ALL ")
        };
        let old = target(&staging, &rows(&[(first, 1), (second, 1)])).await;
        let new = model(&staging, &rows(&[(second, 1), (third, 1)])).await;
        let delta = compare(&new, &["k".to_owned()], old, &BTreeSet::new(), Keys::Unique).unwrap();
        assert_eq!(staging.rows(&delta.deletes).await.len(), 1, "{sql_type}");
        assert_eq!(staging.rows(&delta.upserts).await.len(), 1, "{sql_type}");
        let names: Vec<&String> =
            delta.upserts.schema().fields().iter().map(|field| field.name()).collect();
        assert_eq!(names, ["k", "x"]);
    }
}

#[tokio::test]
async fn a_target_may_have_columns_that_the_model_has_not() {
    let staging = Staging::new();
    let old = target(&staging, "SELECT 7 AS extra, 'a' AS x, 1 AS id, 2 AS more").await;
    let new = model(&staging, "SELECT 1 AS id, 'b' AS x").await;
    let delta = compare(&new, &["id".to_owned()], old, &BTreeSet::new(), Keys::Unique).unwrap();
    assert_eq!(staging.rows(&delta.upserts).await, ["1|b"]);
    assert_eq!(staging.rows(&delta.deletes).await, [""; 0]);
}

#[tokio::test]
async fn equal_numbers_of_every_kind_do_not_differ() {
    let staging = Staging::new();
    for value in [
        "CAST(1.50 AS DECIMAL(10, 2))",
        "CAST('NaN' AS DOUBLE)",
        "CAST(0.1 AS DOUBLE)",
        "TIMESTAMP '2026-01-02 03:04:05.678901'",
        "DATE '2026-01-02'",
        "TRUE",
        "X'00FF'",
    ] {
        let sql = format!("SELECT 1 AS id, {value} AS v");
        let old = target(&staging, &sql).await;
        let delta = compare(
            &model(&staging, &sql).await,
            &["id".to_owned()],
            old,
            &BTreeSet::new(),
            Keys::Unique,
        )
        .unwrap();
        assert_eq!(staging.rows(&delta.upserts).await, [""; 0], "{value}");
    }
}

#[tokio::test]
async fn changed_keys_that_a_row_wise_model_does_not_return_are_deleted() {
    let staging = Staging::new();
    let ddl = "CREATE EXTERNAL TABLE t (a INT, n INT, b VARCHAR(5), PRIMARY KEY (a, b)) STORED AS DMS LOCATION 't'";
    let changes: &[(&str, &[u8])] = &[
        ("20260101-000000001.csv", b"U,1,5,x\nI,2,-1,x\nD,3,,x\nU,4,1,\"\"\n"),
        ("20260101-000000002.csv", b"U,1,6,x\nU,2,7,y\nD,4,,\"\"\nI,3,9,x\nU,5,-5,x\n"),
    ];
    let source = &staging.sources(ddl).await[0];
    let pending = staging.freeze(source, changes).await;
    let sql = "SELECT b AS k2, n * 10 AS n10, a AS k1 FROM t WHERE n > 0";
    let plan = canonical("m.sql", staging.plan(sql, std::slice::from_ref(&pending)).await).unwrap();
    let raw = Arc::new(RawTable::new(Arc::new(pending)));
    let names = |names: [&str; 2]| names.map(ToOwned::to_owned).to_vec();
    let delta = row_wise(&plan, &names(["k1", "k2"]), raw, &names(["a", "b"])).unwrap();
    assert_eq!(staging.rows(&delta.upserts).await, ["x|60|1", "y|70|2", "x|90|3"]);
    assert_eq!(staging.rows(&delta.deletes).await, ["2|x", "4|", "5|x"]);
}

#[tokio::test]
async fn a_key_of_several_rows_is_found() {
    let staging = Staging::new();
    for (rows, key, expected) in [
        ("(1, 1, 'a'), (2, 1, 'a')", vec!["k"], 0),
        ("(1, 1, 'a'), (1, 2, 'a')", vec!["k"], 1),
        ("(1, 1, 'a'), (1, 2, 'a')", vec!["k", "l"], 0),
        ("(1, 1, 'a'), (1, 1, 'a')", vec!["k", "l", "x"], 1),
        ("(NULL, 1, 'a'), (NULL, 2, 'a')", vec!["k"], 1),
        ("(NULL, 1, 'a'), (1, 2, 'a')", vec!["k"], 0),
        ("(1, NULL, 'a'), (1, NULL, 'a')", vec!["k", "l"], 1),
        ("(1, 1, 'a'), (1, 1, 'a'), (2, 1, 'a'), (2, 1, 'a')", vec!["k"], 1),
        ("", vec!["k"], 0),
    ] {
        let key: Vec<String> = key.into_iter().map(ToOwned::to_owned).collect();
        let plan = duplicates(&model(&staging, &rows_of(rows)).await, &key).unwrap();
        assert_eq!(staging.rows(&plan).await.len(), expected, "{rows} by {key:?}");
    }
}

#[tokio::test]
async fn documents_are_compared_by_what_they_say() {
    let staging = Staging::new();
    let sql = |x: &str| format!("SELECT 1 AS id, '{x}' AS x");
    let json = BTreeSet::from(["x".to_owned()]);
    for (new, old, expected) in [
        (r#"{"a": 1, "b": [1, 2]}"#, r#"{"b":[1,2],"a":1}"#, 0),
        (r#"{"a": 1}"#, r#"{"a": 2}"#, 1),
        ("[1, 2]", "[2, 1]", 1),
    ] {
        let old_table = target(&staging, &sql(old)).await;
        let new_rows = model(&staging, &sql(new)).await;
        let delta = compare(&new_rows, &["id".to_owned()], old_table, &json, Keys::Unique).unwrap();
        assert_eq!(staging.rows(&delta.upserts).await.len(), expected, "{new} over {old}");
    }
}
