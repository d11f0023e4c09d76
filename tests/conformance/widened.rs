//! Tables that lack columns of a spec, and get them.

use std::sync::Arc;

use datafusion::arrow::array::{Decimal128Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field};
use runner::error::Kind;
use runner::target::{Change, MismatchKind, TableChange, TableRebuild, TableSpec};

use crate::conformance::fixtures::{
    JOB, apply, assert_holds, batch, counts, failing_rows, fill, in_place_of, objects, rebuild,
    rows, spec, titled, titles, update, upsert,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        a_rebuild_adds_the_columns_that_a_table_lacks,
        changes_add_the_columns_that_a_table_lacks,
        a_table_that_has_the_columns_keeps_them_as_they_are,
        a_table_that_is_created_has_the_columns,
        a_rebuild_that_fails_adds_nothing,
        a_column_that_is_not_to_be_added_is_refused,
    ]
}

/// `id` (the key), `title`, and `Note` and `price`, which a table gets if it lacks them.
fn wide(table: &str) -> TableSpec {
    let fields = vec![
        Field::new("id", DataType::Int64, false),
        Field::new("title", DataType::Utf8, true),
        Field::new("Note", DataType::Utf8, true),
        Field::new("price", DataType::Decimal128(10, 2), true),
    ];
    TableSpec { added: vec![2, 3], ..spec(table, fields, &["id"]) }
}

fn noted(rows: &[(i64, Option<&str>)]) -> RecordBatch {
    let spec = wide("t");
    let ids = Int64Array::from_iter_values(rows.iter().map(|row| row.0));
    let titles = StringArray::from_iter_values(rows.iter().map(|row| format!("title {}", row.0)));
    let notes: StringArray = rows.iter().map(|row| row.1).collect();
    let prices: Decimal128Array =
        rows.iter().map(|row| row.1.map(|_| i128::from(row.0) * 100)).collect();
    let prices = prices.with_precision_and_scale(10, 2).unwrap();
    let columns: Vec<datafusion::arrow::array::ArrayRef> =
        vec![Arc::new(ids), Arc::new(titles), Arc::new(notes), Arc::new(prices)];
    batch(&spec.schema, columns)
}

/// A table of two columns, an index and three rows.
async fn narrow(subject: &Subject) {
    let create = "CREATE TABLE songs (id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(40))";
    subject.native.execute(create).await;
    subject.native.execute("CREATE INDEX by_title ON songs (title)").await;
    let rows = [(1, Some("title 1")), (2, Some("title 2")), (3, Some("title 3"))];
    fill(&subject.target, &titles("songs"), &titled(&rows)).await;
}

async fn assert_widened(subject: &Subject) {
    let def = subject.target.describe(&wide("songs").table).await.unwrap().unwrap();
    let added: Vec<_> =
        def.columns.iter().map(|column| (column.name.as_str(), column.nullable)).collect();
    assert_eq!(added, [("id", false), ("title", true), ("Note", true), ("price", true)]);
    // It fails if the index is gone.
    subject.native.drop_index("by_title", "songs").await;
}

async fn a_rebuild_adds_the_columns_that_a_table_lacks(subject: Subject) {
    narrow(&subject).await;
    let spec = wide("songs");
    let new = noted(&[(2, Some("two")), (4, None)]);
    let done = subject.target.rebuild(&[rebuild(&spec, &new)], &update("LOAD2")).await.unwrap();
    assert_eq!(done, [in_place_of(3, 2)]);
    assert_holds(&subject.target, &spec, &new).await;
    assert_widened(&subject).await;
}

async fn changes_add_the_columns_that_a_table_lacks(subject: Subject) {
    narrow(&subject).await;
    let spec = wide("songs");
    let done = apply(&subject.target, upsert(&spec, &noted(&[(2, Some("two"))]))).await.unwrap();
    assert_eq!(done, counts(1, 0));
    assert_holds(&subject.target, &spec, &noted(&[(1, None), (2, Some("two")), (3, None)])).await;

    let new = noted(&[(7, Some("seven"))]);
    let change = Change::Replace { rows: rows(&new) };
    apply(&subject.target, TableChange { spec: spec.clone(), change }).await.unwrap();
    assert_holds(&subject.target, &spec, &new).await;
    assert_widened(&subject).await;
}

async fn a_table_that_has_the_columns_keeps_them_as_they_are(subject: Subject) {
    subject
        .native
        .execute("CREATE TABLE songs (id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(40), note VARCHAR(99), PRICE DECIMAL(12,2))")
        .await;
    let spec = wide("songs");
    let before = subject.target.describe(&spec.table).await.unwrap().unwrap();
    if !subject.target.check(&spec, &before).is_empty() {
        // SQLite's own decimals are floating point.
        return;
    }
    fill(&subject.target, &spec, &noted(&[(1, Some("one"))])).await;
    apply(&subject.target, upsert(&spec, &noted(&[(2, Some("two"))]))).await.unwrap();
    let after = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
}

async fn a_table_that_is_created_has_the_columns(subject: Subject) {
    let spec = wide("songs");
    let rows = noted(&[(1, Some("one")), (2, None)]);
    fill(&subject.target, &spec, &rows).await;
    assert_holds(&subject.target, &spec, &rows).await;
}

async fn a_rebuild_that_fails_adds_nothing(subject: Subject) {
    narrow(&subject).await;
    let spec = wide("songs");
    let before = subject.target.describe(&spec.table).await.unwrap().unwrap();
    let bad = TableRebuild { spec: spec.clone(), rows: failing_rows(&noted(&[(9, None)])) };
    let error = subject.target.rebuild(&[bad], &update("LOAD2")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    let after = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_column_that_is_not_to_be_added_is_refused(subject: Subject) {
    narrow(&subject).await;
    let spec = TableSpec { added: vec![3], ..wide("songs") };
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    let missing: Vec<_> = subject.target.check(&spec, &def);
    assert!(missing.iter().all(|mismatch| mismatch.kind == MismatchKind::Missing), "{missing:?}");
    let missing: Vec<_> = missing.iter().map(|mismatch| mismatch.column.as_str()).collect();
    assert_eq!(missing, ["Note", "price"]);
    subject.target.recover(JOB).await.unwrap();
    let new = noted(&[(1, None)]);
    let error =
        subject.target.rebuild(&[rebuild(&spec, &new)], &update("LOAD2")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(error.to_string().contains("`Note`"), "{error}");
}
