//! Whole tables: rebuild, replace, append.

use datafusion::arrow::datatypes::{DataType, Field};
use runner::error::Kind;
use runner::target::{Change, TableChange};

use crate::conformance::fixtures::{
    JOB, apply, assert_holds, counts, fill, in_place_of, objects, rebuild, rows, spec, titled,
    titles, update,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        a_rebuild_creates_and_fills_a_missing_table,
        a_rebuild_replaces_all_rows,
        a_rebuild_of_two_tables_writes_both_and_the_ledger,
        a_rebuild_with_no_rows_empties_the_table,
        a_created_table_fits_its_own_model,
        a_table_without_a_key_is_created_and_keeps_duplicates,
        a_key_that_is_there_twice_is_refused,
        an_append_keeps_what_is_there,
        a_replacement_removes_what_is_there,
        a_missing_table_is_not_described,
        a_view_is_refused,
    ]
}

async fn a_rebuild_creates_and_fills_a_missing_table(subject: Subject) {
    let (spec, batch) = (titles("song_titles"), titled(&[(1, Some("one")), (2, None)]));
    fill(&subject.target, &spec, &batch).await;
    assert_holds(&subject.other, &spec, &batch).await;
    assert_eq!(objects(&subject.other).await, ["LOAD1"]);

    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    let names: Vec<_> = def.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "title"]);
    assert_eq!(def.unique, [["id"]]);
}

async fn a_rebuild_replaces_all_rows(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, Some("one")), (2, None)])).await;
    let batch = titled(&[(2, Some("two")), (3, Some("three"))]);
    fill(&subject.target, &spec, &batch).await;
    assert_holds(&subject.target, &spec, &batch).await;
}

async fn a_rebuild_of_two_tables_writes_both_and_the_ledger(subject: Subject) {
    let (first, second) = (titles("first"), titles("second"));
    fill(&subject.target, &first, &titled(&[(1, None)])).await;
    let batches = [titled(&[(7, None)]), titled(&[(8, None), (9, None)])];
    let tables = [rebuild(&first, &batches[0]), rebuild(&second, &batches[1])];
    let done = subject.target.rebuild(&tables, &update("LOAD2")).await.unwrap();
    assert_eq!(done, [in_place_of(1, 1), in_place_of(0, 2)]);
    assert_holds(&subject.target, &first, &batches[0]).await;
    assert_holds(&subject.target, &second, &batches[1]).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1", "LOAD2"]);
}

async fn a_rebuild_with_no_rows_empties_the_table(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, None)])).await;
    fill(&subject.target, &spec, &titled(&[])).await;
    assert_holds(&subject.target, &spec, &titled(&[])).await;
}

async fn a_created_table_fits_its_own_model(subject: Subject) {
    let spec = titles("song_titles");
    assert!(subject.target.create_statement(&spec).unwrap().contains("CREATE TABLE"));
    fill(&subject.target, &spec, &titled(&[])).await;
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(subject.target.check(&spec, &def), []);
}

async fn a_table_without_a_key_is_created_and_keeps_duplicates(subject: Subject) {
    let spec = runner::target::TableSpec { key: vec![], ..titles("song_titles") };
    let batch = titled(&[(1, Some("one")), (1, Some("one")), (1, None)]);
    fill(&subject.target, &spec, &batch).await;
    assert_holds(&subject.target, &spec, &batch).await;
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert!(def.unique.is_empty());
}

async fn a_key_that_is_there_twice_is_refused(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, Some("one"))])).await;
    let twice = titled(&[(7, Some("confidential")), (7, Some("secret"))]);
    let error =
        subject.target.rebuild(&[rebuild(&spec, &twice)], &update("LOAD2")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    assert_holds(&subject.target, &spec, &titled(&[(1, Some("one"))])).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn an_append_keeps_what_is_there(subject: Subject) {
    let spec = spec("log", vec![Field::new("line", DataType::Int64, true)], &[]);
    let batch = |lines: &[Option<i64>]| {
        let lines = datafusion::arrow::array::Int64Array::from(lines.to_vec());
        crate::conformance::fixtures::batch(&spec.schema, vec![std::sync::Arc::new(lines)])
    };
    fill(&subject.target, &spec, &batch(&[Some(1), None])).await;
    let change = Change::Append { rows: rows(&batch(&[Some(1), Some(2)])) };
    let done = apply(&subject.target, TableChange { spec: spec.clone(), change }).await.unwrap();
    assert_eq!(done, counts(2, 0));
    assert_holds(&subject.target, &spec, &batch(&[Some(1), None, Some(1), Some(2)])).await;
}

async fn a_replacement_removes_what_is_there(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, Some("one")), (2, None)])).await;
    let batch = titled(&[(2, Some("two"))]);
    let change = Change::Replace { rows: rows(&batch) };
    let done = apply(&subject.target, TableChange { spec: spec.clone(), change }).await.unwrap();
    assert_eq!(done, in_place_of(2, 1));
    assert_holds(&subject.target, &spec, &batch).await;
}

async fn a_missing_table_is_not_described(subject: Subject) {
    let missing = "song_titles".parse().unwrap();
    assert!(subject.target.describe(&missing).await.unwrap().is_none());
    subject.target.recover(JOB).await.unwrap();
    assert!(subject.target.describe(&missing).await.unwrap().is_none());
}

async fn a_view_is_refused(subject: Subject) {
    subject.native.execute("CREATE VIEW song_titles AS SELECT 1 AS id").await;
    let error = subject.target.describe(&"song_titles".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
}
