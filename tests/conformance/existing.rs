//! Tables that were there before: they keep their definition, and what does not fit is refused.

use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field};
use runner::error::Kind;
use runner::target::{Change, TableChange, TableSpec};

use crate::conformance::fixtures::{
    JOB, apply, assert_holds, batch, counts, fill, ids, merge, objects, rebuild, rows, spec,
    titled, titles, update, upsert,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        a_table_keeps_its_definition_through_rebuild_and_merge,
        names_of_columns_are_compared_without_case,
        a_table_with_a_second_unique_index_is_merged,
        a_merge_never_touches_a_row_that_only_shares_another_unique_value,
        a_missing_column_and_a_column_that_must_be_named_are_mismatches,
        a_text_does_not_fit_a_number,
        a_computed_column_is_a_mismatch,
        a_value_that_is_too_long_is_refused_and_nothing_changes,
        a_value_out_of_range_is_refused_and_nothing_changes,
        a_null_that_is_not_allowed_is_refused_and_nothing_changes,
    ]
}

async fn a_table_keeps_its_definition_through_rebuild_and_merge(subject: Subject) {
    let create = "CREATE TABLE song_titles (id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(20) DEFAULT 'kept', title VARCHAR(40))";
    subject.native.execute(create).await;
    subject.native.execute("CREATE INDEX by_title ON song_titles (title)").await;
    let spec = titles("song_titles");
    let before = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(subject.target.check(&spec, &before), []);

    fill(&subject.target, &spec, &titled(&[(1, Some("one")), (2, None)])).await;
    let change = merge(&spec, &ids(&[1]), &titled(&[(2, Some("two")), (3, None)]));
    apply(&subject.target, change).await.unwrap();
    fill(&subject.target, &spec, &titled(&[(3, Some("three")), (4, None)])).await;
    assert_holds(&subject.target, &spec, &titled(&[(3, Some("three")), (4, None)])).await;

    let after = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    let note = subject.native.value("SELECT note FROM song_titles WHERE id = 3").await;
    assert_eq!(note.as_deref(), Some("kept"));
    // It fails if the index is gone.
    subject.native.drop_index("by_title", "song_titles").await;
}

async fn names_of_columns_are_compared_without_case(subject: Subject) {
    subject
        .native
        .execute("CREATE TABLE song_titles (ID BIGINT NOT NULL PRIMARY KEY, Title VARCHAR(40))")
        .await;
    let spec = titles("song_titles");
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(subject.target.check(&spec, &def), []);
    fill(&subject.target, &spec, &titled(&[(1, Some("one"))])).await;
    apply(&subject.target, upsert(&spec, &titled(&[(1, Some("uno"))]))).await.unwrap();
    assert_holds(&subject.target, &spec, &titled(&[(1, Some("uno"))])).await;
}

/// `id` is the key, `code` is unique as well.
async fn coded(subject: &Subject, rows: &[(i64, &str)]) -> TableSpec {
    subject.native.execute("CREATE TABLE codes (id BIGINT NOT NULL PRIMARY KEY, code VARCHAR(20), CONSTRAINT one_code UNIQUE (code))").await;
    let fields =
        vec![Field::new("id", DataType::Int64, false), Field::new("code", DataType::Utf8, true)];
    let spec = spec("codes", fields, &["id"]);
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(def.unique, [["id"], ["code"]]);
    fill(&subject.target, &spec, &codes(&spec, rows)).await;
    spec
}

fn codes(spec: &TableSpec, rows: &[(i64, &str)]) -> RecordBatch {
    let ids = Int64Array::from_iter_values(rows.iter().map(|row| row.0));
    let codes = StringArray::from_iter_values(rows.iter().map(|row| row.1));
    batch(&spec.schema, vec![Arc::new(ids), Arc::new(codes)])
}

async fn a_table_with_a_second_unique_index_is_merged(subject: Subject) {
    let spec = coded(&subject, &[(1, "a"), (2, "b"), (3, "c")]).await;
    // 1 and 2 exchange their codes, 4 takes that of 3, which goes.
    let change = merge(&spec, &ids(&[3]), &codes(&spec, &[(1, "b"), (2, "a"), (4, "c")]));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(3, 1));
    assert_holds(&subject.target, &spec, &codes(&spec, &[(1, "b"), (2, "a"), (4, "c")])).await;

    let many: Vec<_> = (1..5000).map(|id| (id, format!("code {}", 5000 - id))).collect();
    let many: Vec<_> = many.iter().map(|(id, code)| (*id, code.as_str())).collect();
    let done = apply(&subject.target, upsert(&spec, &codes(&spec, &many))).await.unwrap();
    assert_eq!(done, counts(4999, 0));
    assert_holds(&subject.target, &spec, &codes(&spec, &many)).await;
}

async fn a_merge_never_touches_a_row_that_only_shares_another_unique_value(subject: Subject) {
    let before = [(1, "a"), (2, "b")];
    let spec = coded(&subject, &before).await;
    let error =
        apply(&subject.target, upsert(&spec, &codes(&spec, &[(3, "a")]))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error:?}");
    assert_holds(&subject.target, &spec, &codes(&spec, &before)).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_missing_column_and_a_column_that_must_be_named_are_mismatches(subject: Subject) {
    subject.native.execute("CREATE TABLE song_titles (id BIGINT NOT NULL PRIMARY KEY, must INT NOT NULL, may INT NOT NULL DEFAULT 1)").await;
    let spec = titles("song_titles");
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    let mismatches = subject.target.check(&spec, &def);
    let columns: Vec<_> = mismatches.iter().map(|mismatch| mismatch.column.as_str()).collect();
    assert_eq!(columns, ["title", "must"], "{mismatches:?}");

    subject.target.recover(JOB).await.unwrap();
    let change = upsert(&spec, &titled(&[(1, None)]));
    assert_eq!(apply(&subject.target, change).await.unwrap_err().kind(), Kind::Refused);
}

async fn a_text_does_not_fit_a_number(subject: Subject) {
    subject
        .native
        .execute("CREATE TABLE song_titles (id BIGINT NOT NULL PRIMARY KEY, title BIGINT)")
        .await;
    let spec = titles("song_titles");
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    let mismatches = subject.target.check(&spec, &def);
    assert_eq!(mismatches.len(), 1, "{mismatches:?}");
    assert_eq!(mismatches[0].column, "title");
    assert!(mismatches[0].reason.to_uppercase().contains("BIGINT"), "{}", mismatches[0].reason);
}

async fn a_computed_column_is_a_mismatch(subject: Subject) {
    subject.native.execute("CREATE TABLE song_titles (id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(20) GENERATED ALWAYS AS ('x') STORED, other BIGINT GENERATED ALWAYS AS (id + 1) STORED)").await;
    let spec = titles("song_titles");
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    let mismatches = subject.target.check(&spec, &def);
    assert_eq!(mismatches.len(), 1, "{mismatches:?}");
    assert_eq!(mismatches[0].column, "title");
}

/// Every way of writing bad rows is refused by name, without the value, and leaves everything as it was.
async fn assert_refused(
    subject: &Subject,
    spec: &TableSpec,
    before: &RecordBatch,
    bad: &RecordBatch,
) {
    fill(&subject.target, spec, before).await;
    let ledger = objects(&subject.target).await;
    let replacement =
        TableChange { spec: spec.clone(), change: Change::Replace { rows: rows(bad) } };
    let errors = [
        apply(&subject.target, upsert(spec, bad)).await.unwrap_err(),
        apply(&subject.target, replacement).await.unwrap_err(),
        subject.target.rebuild(&[rebuild(spec, bad)], &update("LOAD2")).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), Kind::Refused, "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert_holds(&subject.target, spec, before).await;
        assert_eq!(objects(&subject.target).await, ledger);
    }
}

async fn a_value_that_is_too_long_is_refused_and_nothing_changes(subject: Subject) {
    // SQLite knows no lengths, so a CHECK stands in; MySQL has cut the value before it would check.
    subject.native.execute("CREATE TABLE song_titles (id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(5) CHECK (length(title) <= 5))").await;
    let spec = titles("song_titles");
    let before = titled(&[(1, Some("one")), (2, Some("two"))]);
    let mut bad: Vec<_> = (1..5000).map(|id| (id, Some("fits"))).collect();
    bad.push((5000, Some("secret")));
    assert_refused(&subject, &spec, &before, &titled(&bad[4990..])).await;
    assert_refused(&subject, &spec, &before, &titled(&bad)).await;
}

async fn a_value_out_of_range_is_refused_and_nothing_changes(subject: Subject) {
    subject.native.execute("CREATE TABLE amounts (id BIGINT NOT NULL PRIMARY KEY, amount SMALLINT CHECK (amount BETWEEN -32768 AND 32767))").await;
    let fields =
        vec![Field::new("id", DataType::Int64, false), Field::new("amount", DataType::Int32, true)];
    let spec = spec("amounts", fields, &["id"]);
    let amounts = |amounts: &[i32]| {
        let ids = Int64Array::from_iter_values(1..=i64::try_from(amounts.len()).unwrap());
        let amounts = datafusion::arrow::array::Int32Array::from(amounts.to_vec());
        batch(&spec.schema, vec![Arc::new(ids), Arc::new(amounts)])
    };
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    if !subject.target.check(&spec, &def).is_empty() {
        // A target may refuse the wider type as such.
        subject.target.recover(JOB).await.unwrap();
        let error = apply(&subject.target, upsert(&spec, &amounts(&[1]))).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
        return;
    }
    assert_refused(&subject, &spec, &amounts(&[1, -2]), &amounts(&[3, 32_768])).await;
}

async fn a_null_that_is_not_allowed_is_refused_and_nothing_changes(subject: Subject) {
    subject
        .native
        .execute(
            "CREATE TABLE song_titles (id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(20) NOT NULL)",
        )
        .await;
    let spec = titles("song_titles");
    let before = titled(&[(1, Some("one"))]);
    assert_refused(&subject, &spec, &before, &titled(&[(1, Some("uno")), (2, None)])).await;
}
