//! Rows for the tests of formats.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::style::Style;
use super::write::write_rows;
use crate::explore::Answer;

/// An answer of these batches, of which there is at least one.
pub(super) fn answer(batches: &[RecordBatch]) -> Answer {
    let schema = batches[0].schema();
    let batches: Vec<_> = batches.iter().cloned().map(Ok).collect();
    let rows = futures::stream::iter(batches);
    let rows = RecordBatchStreamAdapter::new(Arc::clone(&schema), rows);
    Answer { schema, rows: Box::pin(rows) }
}

/// Rows that end in an error.
pub(super) fn broken() -> Answer {
    let schema = songs().schema();
    let error = DataFusionError::Execution("no".to_owned());
    let rows = futures::stream::iter([Ok(songs()), Err(error)]);
    let rows = RecordBatchStreamAdapter::new(Arc::clone(&schema), rows);
    Answer { schema, rows: Box::pin(rows) }
}

/// What is written of an answer.
pub(super) async fn written(answer: Answer, style: &Style) -> String {
    let mut out = Vec::new();
    let _shown = write_rows(answer, style, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// Three rows of several types, with what is special in texts.
pub(super) fn songs() -> RecordBatch {
    let prices = Decimal128Array::from(vec![Some(1295), None, Some(100)]);
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(Int64Array::from(vec![1, 20, 300]))),
        ("song", Arc::new(StringArray::from(vec![Some("He said \"Maybe\", so"), Some(""), None]))),
        ("price", Arc::new(prices.with_precision_and_scale(10, 2).unwrap())),
        ("sold", Arc::new(Date32Array::from(vec![Some(20_000), None, Some(0)]))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    batch.unwrap()
}

/// A long text, one of two lines, one of wide letters, one that would clear a terminal.
pub(super) fn long() -> RecordBatch {
    let notes =
        vec!["x".repeat(200), "two\nlines".to_owned(), "日本語".repeat(30), "\x1b[2J".into()];
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from(vec![1_000_000, 2, 3, 4]))),
        ("name", Arc::new(StringArray::from(vec!["short", "b", "c", "d"]))),
        ("note", Arc::new(StringArray::from(notes))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A list, and none.
pub(super) fn lists() -> RecordBatch {
    let lists =
        ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), Some(2)]), None]);
    RecordBatch::try_from_iter_with_nullable([("many", Arc::new(lists) as ArrayRef, true)]).unwrap()
}

/// Two columns of one name.
pub(super) fn twice() -> RecordBatch {
    let field = Field::new("id", DataType::Int64, false);
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let schema = Schema::new(vec![field.clone(), field]);
    RecordBatch::try_new(Arc::new(schema), vec![Arc::clone(&column), column]).unwrap()
}
