//! What tables must hold: the models over naively replayed rows; and rows as text, to be compared.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::DataFrame;
use runner::job::Job;
use transforms::model::output::canonical;
use transforms::session::session_state;
use transforms::source::Source;

use super::source::Row;
use super::value::Cell;

/// Rows of a table as text, sorted.
pub(super) type Rows = Vec<Vec<Option<String>>>;

/// The rows of each written model of the job, given those of its sources.
pub(super) async fn expected(job: &Job, tables: &[Vec<Row>]) -> Result<Vec<Rows>> {
    let state = session_state(transforms::sql::Dialect::Spark, 1, Arc::new(RuntimeEnv::default()));
    let mut sources: Vec<(String, Arc<dyn TableProvider>)> = Vec::new();
    for (source, rows) in job.sources.iter().zip(tables) {
        sources.push((source.name.clone(), Arc::new(table(source, rows)?)));
    }
    let planned = job.models.plan(&state, sources).await.unwrap();
    let mut all = Vec::new();
    for output in &job.outputs {
        let plan = canonical(&output.file, planned.plans[&output.model].clone()).unwrap();
        let batches = DataFrame::new(planned.context.state(), plan).collect().await?;
        all.push(rows_of(&batches));
    }
    Ok(all)
}

fn table(source: &Source, rows: &[Row]) -> Result<MemTable> {
    MemTable::try_new(Arc::clone(&source.schema), vec![vec![batch(source, rows)?]])
}

/// Rows in the source's types.
pub(super) fn batch(source: &Source, rows: &[Row]) -> Result<RecordBatch> {
    let columns = source.schema.fields().iter().enumerate().map(|(index, field)| {
        let cells: Vec<Cell> = rows.iter().map(|row| row[index]).collect();
        array(&cells, field.data_type())
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(Arc::clone(&source.schema), columns)?)
}

fn array(cells: &[Cell], data_type: &DataType) -> Result<ArrayRef> {
    if *data_type == DataType::Binary {
        let bytes: Vec<Option<Vec<u8>>> = cells.iter().map(|cell| cell.map(unhex)).collect();
        return Ok(Arc::new(bytes.iter().map(Option::as_deref).collect::<BinaryArray>()));
    }
    let text: ArrayRef = Arc::new(cells.iter().copied().collect::<StringArray>());
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Ok(cast_with_options(&text, data_type, &options)?)
}

fn unhex(text: &'static str) -> Vec<u8> {
    let digit = |c: &u8| u8::try_from(char::from(*c).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks(2).map(|pair| digit(&pair[0]) * 16 + digit(&pair[1])).collect()
}

/// All rows as text, sorted, since a table has no order.
pub(super) fn rows_of(batches: &[RecordBatch]) -> Rows {
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|array| (array, ArrayFormatter::try_new(array, &options).unwrap()))
            .collect();
        rows.extend((0..batch.num_rows()).map(|row| {
            let text = |(array, formatter): &(&ArrayRef, ArrayFormatter<'_>)| {
                array.is_valid(row).then(|| formatter.value(row).to_string())
            };
            columns.iter().map(text).collect::<Vec<_>>()
        }));
    }
    rows.sort();
    rows
}

/// The rows that only one of both has; nothing if they are equal.
pub(super) fn difference(expected: &Rows, found: &Rows) -> Option<String> {
    if expected == found {
        return None;
    }
    let without = |rows: &Rows, others: &Rows| {
        let mut left = rows.clone();
        for other in others {
            if let Some(place) = left.iter().position(|row| row == other) {
                left.remove(place);
            }
        }
        left
    };
    let missing = without(expected, found);
    let wrong = without(found, expected);
    Some(format!("missing: {missing:?}\n  wrong:   {wrong:?}"))
}
