//! Merges: keys, deletes, upserts.

use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field};
use runner::target::TableSpec;

use crate::conformance::fixtures::{
    apply, assert_holds, batch, counts, delete, fill, ids, keys, merge, objects, spec, titled,
    titles, update, upsert,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        a_merge_deletes_updates_and_inserts,
        a_merge_of_nothing_writes_the_ledger,
        a_large_merge_deletes_updates_and_inserts,
        two_tables_are_merged_in_one_transaction,
        keys_that_differ_in_case_accent_or_blanks_stay_apart,
        a_composite_key_counts_as_a_whole_in_its_own_order,
        a_table_of_nothing_but_its_key_is_merged,
        a_null_in_a_key_equals_null,
        a_merge_may_be_repeated,
    ]
}

async fn a_merge_deletes_updates_and_inserts(subject: Subject) {
    let spec = titles("song_titles");
    let before = titled(&[(1, Some("one")), (2, Some("two")), (3, Some("three"))]);
    fill(&subject.target, &spec, &before).await;
    let change = merge(&spec, &ids(&[1, 99]), &titled(&[(2, None), (4, Some("four"))]));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(2, 1));
    let after = titled(&[(2, None), (3, Some("three")), (4, Some("four"))]);
    assert_holds(&subject.other, &spec, &after).await;
    assert_eq!(objects(&subject.other).await, ["LOAD1", "change"]);
}

async fn a_merge_of_nothing_writes_the_ledger(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one"))]));
    fill(&subject.target, &spec, &before).await;
    let done = apply(&subject.target, merge(&spec, &ids(&[]), &titled(&[]))).await.unwrap();
    assert_eq!(done, counts(0, 0));
    assert_holds(&subject.target, &spec, &before).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1", "change"]);
}

async fn a_large_merge_deletes_updates_and_inserts(subject: Subject) {
    let spec = titles("song_titles");
    let title = |id: i64, version: &str| format!("title {version} of {id}");
    let numbered = |range: std::ops::Range<i64>, version: &str| {
        let titles: Vec<_> = range.clone().map(|id| title(id, version)).collect();
        let rows: Vec<_> = range.zip(titles.iter().map(|title| Some(title.as_str()))).collect();
        titled(&rows)
    };
    fill(&subject.target, &spec, &numbered(0..8000, "old")).await;
    // 5,000 deletes, of which 3,000 are there.
    let gone: Vec<_> = (0..3000).chain(20_000..22_000).collect();
    let change = merge(&spec, &ids(&gone), &numbered(5000..11_000, "new"));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(6000, 3000));
    let kept = numbered(3000..5000, "old");
    let new = numbered(5000..11_000, "new");
    let after = datafusion::arrow::compute::concat_batches(&spec.schema, &[kept, new]).unwrap();
    assert_holds(&subject.target, &spec, &after).await;
}

async fn two_tables_are_merged_in_one_transaction(subject: Subject) {
    let (first, second) = (titles("first"), titles("second"));
    fill(&subject.target, &first, &titled(&[(1, Some("one"))])).await;
    fill(&subject.target, &second, &titled(&[(1, Some("one")), (2, None)])).await;
    let changes = [
        upsert(&first, &titled(&[(1, Some("uno"))])),
        merge(&second, &ids(&[1, 2]), &titled(&[(3, None)])),
    ];
    let done = subject.target.apply(&changes, &update("change")).await.unwrap();
    assert_eq!(done, [counts(1, 0), counts(1, 2)]);
    assert_holds(&subject.target, &first, &titled(&[(1, Some("uno"))])).await;
    assert_holds(&subject.target, &second, &titled(&[(3, None)])).await;
}

async fn keys_that_differ_in_case_accent_or_blanks_stay_apart(subject: Subject) {
    let fields = vec![
        Field::new("code", DataType::Utf8, false),
        Field::new("number", DataType::Int64, true),
    ];
    let spec = spec("codes", fields, &["code"]);
    let all =
        ["a", "A", "á", "a\u{301}", "a ", " a", "", " ", "ß", "ss", "🎈", "🎷", "a\0", "1", "01"];
    let numbered = |codes: &[&str], number: i64| {
        let numbers = Int64Array::from(vec![number; codes.len()]);
        batch(&spec.schema, vec![Arc::new(StringArray::from(codes.to_vec())), Arc::new(numbers)])
    };
    fill(&subject.target, &spec, &numbered(&all, 0)).await;
    assert_holds(&subject.target, &spec, &numbered(&all, 0)).await;

    let gone = keys(&spec, &numbered(&["A", "a ", "", "ss"], 0));
    let change = merge(&spec, &gone, &numbered(&["a", "á", " "], 1));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(3, 4));
    let rest = numbered(&["a\u{301}", " a", "ß", "🎈", "🎷", "a\0", "1", "01"], 0);
    let changed = numbered(&["a", "á", " "], 1);
    let after = datafusion::arrow::compute::concat_batches(&spec.schema, &[rest, changed]).unwrap();
    assert_holds(&subject.target, &spec, &after).await;
}

async fn a_composite_key_counts_as_a_whole_in_its_own_order(subject: Subject) {
    let fields = vec![
        Field::new("week", DataType::Int64, false),
        Field::new("amount", DataType::Int64, true),
        Field::new("region", DataType::Utf8, false),
    ];
    let spec = spec("sales", fields, &["region", "week"]);
    let sales = |rows: &[(i64, i64, &str)]| {
        let weeks = Int64Array::from_iter_values(rows.iter().map(|row| row.0));
        let amounts = Int64Array::from_iter_values(rows.iter().map(|row| row.1));
        let regions = StringArray::from_iter_values(rows.iter().map(|row| row.2));
        batch(&spec.schema, vec![Arc::new(weeks), Arc::new(amounts), Arc::new(regions)])
    };
    let before = sales(&[(1, 10, "north"), (1, 20, "south"), (2, 30, "north"), (2, 40, "south")]);
    fill(&subject.target, &spec, &before).await;
    let gone = keys(&spec, &sales(&[(1, 0, "south"), (3, 0, "north")]));
    let change = merge(&spec, &gone, &sales(&[(2, 31, "north"), (3, 50, "south")]));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(2, 1));
    let after = sales(&[(1, 10, "north"), (2, 31, "north"), (2, 40, "south"), (3, 50, "south")]);
    assert_holds(&subject.target, &spec, &after).await;
    let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
    assert_eq!(def.unique, [["region", "week"]]);
}

async fn a_table_of_nothing_but_its_key_is_merged(subject: Subject) {
    let spec = spec("seen", vec![Field::new("id", DataType::Int64, false)], &["id"]);
    fill(&subject.target, &spec, &ids(&[1, 2])).await;
    let done = apply(&subject.target, merge(&spec, &ids(&[1]), &ids(&[2, 3]))).await.unwrap();
    assert_eq!(done, counts(2, 1));
    assert_holds(&subject.target, &spec, &ids(&[2, 3])).await;
}

fn nullable_spec() -> TableSpec {
    let fields = vec![
        Field::new("genre", DataType::Utf8, true),
        Field::new("year", DataType::Int64, true),
        Field::new("total", DataType::Int64, true),
    ];
    spec("totals", fields, &["genre", "year"])
}

fn totals(rows: &[(Option<&str>, Option<i64>, i64)]) -> RecordBatch {
    let genres: StringArray = rows.iter().map(|row| row.0).collect();
    let years: Int64Array = rows.iter().map(|row| row.1).collect();
    let totals = Int64Array::from_iter_values(rows.iter().map(|row| row.2));
    batch(&nullable_spec().schema, vec![Arc::new(genres), Arc::new(years), Arc::new(totals)])
}

async fn a_null_in_a_key_equals_null(subject: Subject) {
    let spec = nullable_spec();
    let before = totals(&[
        (None, None, 1),
        (None, Some(2020), 2),
        (Some(""), None, 3),
        (Some("jazz"), None, 4),
        (Some("jazz"), Some(2020), 5),
    ]);
    fill(&subject.target, &spec, &before).await;
    assert_holds(&subject.target, &spec, &before).await;
    let upserts = totals(&[(None, None, 10), (Some("jazz"), None, 40), (Some("rock"), None, 60)]);
    let gone = keys(&spec, &totals(&[(None, Some(2020), 0), (None, Some(2021), 0)]));
    let done = apply(&subject.target, merge(&spec, &gone, &upserts)).await.unwrap();
    assert_eq!(done, counts(3, 1));
    let after = totals(&[
        (None, None, 10),
        (Some(""), None, 3),
        (Some("jazz"), None, 40),
        (Some("jazz"), Some(2020), 5),
        (Some("rock"), None, 60),
    ]);
    assert_holds(&subject.target, &spec, &after).await;
    // The same with more rows than are sent directly.
    let many: Vec<_> =
        (0..5000).map(|year| (None, Some(year), year)).chain([(None, None, 11)]).collect();
    apply(&subject.target, upsert(&spec, &totals(&many))).await.unwrap();
    let done = apply(&subject.target, delete(&spec, &keys(&spec, &totals(&many)))).await.unwrap();
    assert_eq!(done, counts(0, 5001));
    assert_holds(&subject.target, &spec, &after.slice(1, 4)).await;
}

async fn a_merge_may_be_repeated(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, Some("one")), (2, Some("two"))])).await;
    let change = merge(&spec, &ids(&[1]), &titled(&[(2, Some("deux")), (3, None)]));
    assert_eq!(apply(&subject.target, change.clone()).await.unwrap(), counts(2, 1));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(2, 0));
    assert_holds(&subject.target, &spec, &titled(&[(2, Some("deux")), (3, None)])).await;
}
