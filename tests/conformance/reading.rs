//! Reading with columns, filters and limits.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Field, Int64Type, Schema};
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use runner::target::{Comparison, Filter, ReadRequest, TableSpec};

use crate::conformance::fixtures::{all, batch, fill, filtered, read, spec, titled, titles};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        columns_are_read_in_the_order_asked_for,
        a_limit_is_exact,
        no_columns_give_the_number_of_rows,
        a_filter_never_loses_a_row,
        several_filters_never_lose_a_row,
        a_large_table_is_read_whole,
        a_missing_table_or_column_is_an_error,
        reading_sees_only_what_is_committed,
    ]
}

async fn columns_are_read_in_the_order_asked_for(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, Some("one")), (2, None)])).await;
    let schema = Arc::new(spec.schema.project(&[1, 0]).unwrap());
    let found = read(&subject.target, all(&spec.table, &schema)).await;
    assert_eq!(found.schema(), schema);
    let titles: BTreeSet<_> = found.column(0).as_string::<i32>().iter().collect();
    assert_eq!(titles, [None, Some("one")].into());
}

async fn a_limit_is_exact(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, None), (2, None), (3, None)])).await;
    for (limit, expected) in [(0, 0), (1, 1), (3, 3), (100, 3)] {
        for schema in [Arc::clone(&spec.schema), Arc::new(Schema::empty())] {
            let request = ReadRequest { limit: Some(limit), ..all(&spec.table, &schema) };
            assert_eq!(number_of_rows(&subject, request).await, expected);
        }
    }
}

async fn no_columns_give_the_number_of_rows(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, None), (2, None)])).await;
    let request = all(&spec.table, &Arc::new(Schema::empty()));
    assert_eq!(number_of_rows(&subject, request).await, 2);
}

async fn number_of_rows(subject: &Subject, request: ReadRequest) -> usize {
    let stream = subject.target.read(request).await.unwrap();
    let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
    batches.iter().map(RecordBatch::num_rows).sum()
}

/// A table with one column of each kind that can be compared, and its rows.
fn comparable() -> (TableSpec, RecordBatch) {
    let decimals = Decimal128Array::from(vec![Some(-1), Some(0), Some(900), Some(1000), None]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..5))),
        (
            "number",
            Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(-1), Some(0), Some(10), None])),
        ),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, None, None]))),
        (
            "share",
            Arc::new(Float64Array::from(vec![Some(-0.5), Some(0.1), Some(0.3), Some(1e300), None])),
        ),
        ("price", Arc::new(decimals.with_precision_and_scale(10, 2).unwrap())),
        (
            "title",
            Arc::new(StringArray::from(vec![Some(""), Some("a"), Some("B"), Some("é 🎈"), None])),
        ),
        (
            "day",
            Arc::new(Date32Array::from(vec![Some(-1), Some(0), Some(9_999), Some(20_000), None])),
        ),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(-1),
                Some(0),
                Some(500_000),
                Some(1_000_000),
                None,
            ])),
        ),
    ];
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), *name != "id"));
    let spec = spec("comparable", fields.collect(), &["id"]);
    let batch = batch(&spec.schema, columns.into_iter().map(|(_, array)| array).collect());
    (spec, batch)
}

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

/// The ids of the rows that meet a filter, by arrow's own order.
fn matching(batch: &RecordBatch, filter: &Filter) -> BTreeSet<i64> {
    let column = batch.column_by_name(&filter.column).unwrap();
    let ids = batch.column(0).as_primitive::<Int64Type>();
    let meets = |row: &usize| {
        let value = ScalarValue::try_from_array(column, *row).unwrap();
        let Some(order) = value.partial_cmp(&filter.value).filter(|_| !value.is_null()) else {
            return false;
        };
        match filter.comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    };
    (0..batch.num_rows()).filter(meets).map(|row| ids.value(row)).collect()
}

async fn found_ids(subject: &Subject, spec: &TableSpec, filters: Vec<Filter>) -> BTreeSet<i64> {
    let found = read(&subject.target, filtered(spec, filters)).await;
    found.column(0).as_primitive::<Int64Type>().values().iter().copied().collect()
}

fn filters(batch: &RecordBatch) -> Vec<Filter> {
    let mut filters = vec![];
    for (column, field) in batch.columns().iter().zip(batch.schema().fields()) {
        for row in 0..4 {
            let value = ScalarValue::try_from_array(column, row).unwrap();
            let of = |comparison| Filter {
                column: field.name().clone(),
                comparison,
                value: value.clone(),
            };
            if !value.is_null() {
                filters.extend(COMPARISONS.map(of));
            }
        }
    }
    filters
}

async fn a_filter_never_loses_a_row(subject: Subject) {
    let (spec, rows) = comparable();
    fill(&subject.target, &spec, &rows).await;
    for filter in filters(&rows) {
        let expected = matching(&rows, &filter);
        let found = found_ids(&subject, &spec, vec![filter.clone()]).await;
        assert!(found.is_superset(&expected), "{filter:?}: {found:?} without {expected:?}");
    }
}

async fn several_filters_never_lose_a_row(subject: Subject) {
    let (spec, rows) = comparable();
    fill(&subject.target, &spec, &rows).await;
    for pair in filters(&rows).windows(7).map(|window| [window[0].clone(), window[6].clone()]) {
        let expected: BTreeSet<_> =
            matching(&rows, &pair[0]).intersection(&matching(&rows, &pair[1])).copied().collect();
        let found = found_ids(&subject, &spec, pair.to_vec()).await;
        assert!(found.is_superset(&expected), "{pair:?}: {found:?} without {expected:?}");
    }
    // An equality of the key is worth pushing down everywhere.
    let filter = Filter {
        column: "id".into(),
        comparison: Comparison::Equal,
        value: ScalarValue::Int64(Some(3)),
    };
    assert_eq!(found_ids(&subject, &spec, vec![filter]).await, [3].into());
}

async fn a_large_table_is_read_whole(subject: Subject) {
    let spec = titles("song_titles");
    let many: Vec<_> = (0..30_000).map(|id| (id, Some("a title of some length"))).collect();
    fill(&subject.target, &spec, &titled(&many)).await;
    crate::conformance::fixtures::assert_holds(&subject.target, &spec, &titled(&many)).await;
}

async fn a_missing_table_or_column_is_an_error(subject: Subject) {
    let missing = titles("missing");
    assert!(fails(&subject, all(&missing.table, &missing.schema)).await);
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, None)])).await;
    assert!(fails(&subject, all(&missing.table, &missing.schema)).await);
    let field = Field::new("nowhere", datafusion::arrow::datatypes::DataType::Utf8, true);
    assert!(fails(&subject, all(&spec.table, &Arc::new(Schema::new(vec![field])))).await);
}

async fn fails(subject: &Subject, request: ReadRequest) -> bool {
    match subject.target.read(request).await {
        Ok(stream) => stream.try_collect::<Vec<_>>().await.is_err(),
        Err(_) => true,
    }
}

async fn reading_sees_only_what_is_committed(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one"))]));
    fill(&subject.target, &spec, &before).await;
    let reader = Reader { subject: &subject, spec: &spec, before: &before };
    let change =
        crate::conformance::fixtures::upsert(&spec, &titled(&[(1, Some("uno")), (2, None)]));
    subject.target.apply(&[change], &reader).await.unwrap();
    let after = titled(&[(1, Some("uno")), (2, None)]);
    crate::conformance::fixtures::assert_holds(&subject.other, &spec, &after).await;
}

/// Reads the table while the transaction that writes it is open.
struct Reader<'a> {
    subject: &'a Subject,
    spec: &'a TableSpec,
    before: &'a RecordBatch,
}

#[async_trait::async_trait]
impl runner::target::Record for Reader<'_> {
    fn job(&self) -> &str {
        crate::conformance::fixtures::JOB
    }

    async fn update(&self) -> runner::error::Result<runner::target::ledger::LedgerUpdate> {
        crate::conformance::fixtures::assert_holds(&self.subject.other, self.spec, self.before)
            .await;
        Ok(crate::conformance::fixtures::update("change").0)
    }
}
