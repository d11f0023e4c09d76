//! The formats of rows.

use std::io::Write;
use std::sync::Arc;

use clap::ValueEnum;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::WriterBuilder as JsonBuilder;
use datafusion::arrow::json::writer::JsonArray;
use datafusion::arrow::util::display::FormatOptions;
use datafusion::arrow::util::pretty::pretty_format_batches_with_options;
use futures::TryStreamExt;

use crate::error::{Error, Result};
use crate::explore::Answer;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResultFormat {
    /// A table for people.
    Table,
    /// CSV with a header.
    Csv,
    /// A JSON array of objects.
    Json,
}

/// Writes all rows of an answer; answers how many they were.
///
/// # Errors
/// Those of reading the rows; kind `Failed` for rows that cannot be written in this format, and for the writer's.
pub(crate) async fn write_rows(
    answer: Answer,
    format: ResultFormat,
    out: &mut (dyn Write + Send),
) -> Result<usize> {
    let Answer { schema, mut rows } = answer;
    let mut count = 0;
    match format {
        ResultFormat::Table => {
            // The widths of columns depend on all rows, so a table is held in memory as a whole.
            let batches: Vec<RecordBatch> = rows.try_collect().await?;
            count = batches.iter().map(RecordBatch::num_rows).sum();
            // An empty text and a NULL are two things.
            let options = FormatOptions::default().with_null("NULL");
            let shown = if batches.is_empty() {
                vec![RecordBatch::new_empty(Arc::clone(&schema))]
            } else {
                batches
            };
            let table = pretty_format_batches_with_options(&shown, &options).map_err(failed)?;
            written(write!(out, "{table}\n{count} rows\n"))?;
        }
        ResultFormat::Csv => {
            let mut with_header = true;
            let empty = RecordBatch::new_empty(Arc::clone(&schema));
            let mut next = Some(rows.try_next().await?.unwrap_or(empty));
            while let Some(batch) = next {
                count += batch.num_rows();
                let mut text = Vec::new();
                let mut writer = WriterBuilder::new().with_header(with_header).build(&mut text);
                writer.write(&batch).map_err(failed)?;
                drop(writer);
                written(out.write_all(&text))?;
                with_header = false;
                next = rows.try_next().await?;
            }
        }
        ResultFormat::Json => {
            let batches: Vec<RecordBatch> = rows.try_collect().await?;
            count = batches.iter().map(RecordBatch::num_rows).sum();
            let mut writer =
                JsonBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(Vec::new());
            writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(failed)?;
            writer.finish().map_err(failed)?;
            let text = writer.into_inner();
            let text: &[u8] = if text.is_empty() { b"[]" } else { &text };
            written(out.write_all(text).and_then(|()| out.write_all(b"\n")))?;
        }
    }
    written(out.flush())?;
    Ok(count)
}

fn failed(error: ArrowError) -> Error {
    Error::failed("the result cannot be printed").source(error)
}

/// A reader that has gone away (`| head`) ends the output, not the program.
fn written(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failed("the result cannot be written").source(error))
        }
        _ => Ok(()),
    }
}
