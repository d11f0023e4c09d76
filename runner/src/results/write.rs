//! The one way of rows to a writer.

use std::collections::HashSet;
use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;

use super::csv::Csv;
use super::expanded::Expanded;
use super::json::{Json, Ndjson};
use super::markdown::Markdown;
use super::rows::Rows;
use super::style::{ResultFormat, Style};
use super::table::Table;
use crate::error::{Error, Result};
use crate::explore::Answer;
use crate::units::counted;

/// The bytes of a format, or what it cannot say.
pub(super) type Encoded = std::result::Result<Vec<u8>, ArrowError>;

/// A format that is written as rows come, and holds none of them.
pub(super) trait Encoder: Send {
    /// What stands before all rows.
    ///
    /// # Errors
    /// What the format cannot say.
    fn start(&mut self) -> Encoded {
        Ok(Vec::new())
    }

    /// Some rows.
    ///
    /// # Errors
    /// What the format cannot say.
    fn rows(&mut self, batch: &RecordBatch) -> Encoded;

    /// What stands behind all rows.
    fn end(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    /// So many rows.
    pub(crate) rows: usize,
    /// The limit left some out.
    pub(crate) is_cut: bool,
}

/// Writes the rows of an answer; of the formats for people, how many they were is told in the last line.
///
/// A reader that has gone away (`| head`) ends the output and the query, not the program.
///
/// # Errors
/// Those of reading the rows; kind `Usage` for what the format cannot be written to or cannot say; kind `Failed` for the writer's.
pub(crate) async fn write_rows(
    answer: Answer,
    style: &Style,
    out: &mut (dyn Write + Send),
) -> Result<Shown> {
    let Answer { schema, rows } = answer;
    check_names(style.format, &schema)?;
    let mut rows = Rows::new(rows, style.max_rows);
    match encoder(style, &schema)? {
        Some(mut encoder) => stream(&mut *encoder, &mut rows, out).await?,
        None => table(&schema, &mut rows, style, out).await?,
    }
    let shown = Shown { rows: rows.count, is_cut: rows.is_cut };
    if style.format == ResultFormat::Table {
        let _is_read = put(out, footer(style, shown).as_bytes())?;
    }
    let _is_read = done(out.flush())?;
    Ok(shown)
}

/// The encoder of a format; a table has none, since the widths of its columns depend on all rows.
fn encoder(style: &Style, schema: &SchemaRef) -> Result<Option<Box<dyn Encoder>>> {
    let null = style.null();
    Ok(Some(match style.format {
        ResultFormat::Table if style.expanded => Box::new(Expanded::of(schema, null)),
        ResultFormat::Table => return Ok(None),
        ResultFormat::Csv => Box::new(Csv::of(schema, b',', null)),
        ResultFormat::Tsv => Box::new(Csv::of(schema, b'\t', null)),
        ResultFormat::Json => Box::new(Json::default()),
        ResultFormat::Ndjson => Box::new(Ndjson),
        ResultFormat::Markdown => Box::new(Markdown::of(schema, null)),
        ResultFormat::Parquet => {
            return Err(Error::usage("Parquet is written to a file only")
                .hint("name the file with --out FILE"));
        }
    }))
}

async fn stream(
    encoder: &mut dyn Encoder,
    rows: &mut Rows,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    // Together with the first rows: as long as nothing is seen, a terminal has room for how far it is.
    let mut bytes = encoder.start().map_err(failed)?;
    while let Some(batch) = rows.next().await? {
        bytes.extend(encoder.rows(&batch).map_err(failed)?);
        if !put(out, &std::mem::take(&mut bytes))? {
            return Ok(());
        }
    }
    bytes.extend(encoder.end());
    let _is_read = put(out, &bytes)?;
    Ok(())
}

/// Holds the rows that it draws, and no others.
async fn table(
    schema: &Schema,
    rows: &mut Rows,
    style: &Style,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    let mut batches = Vec::new();
    while let Some(batch) = rows.next().await? {
        batches.push(batch);
    }
    let table = Table::of(schema, &batches, style.null(), style.fit).map_err(failed)?;
    let mut is_read = put(out, table.head().as_bytes())?;
    for batch in batches {
        if !is_read {
            return Ok(());
        }
        is_read = put(out, table.rows(&batch, style.null()).map_err(failed)?.as_bytes())?;
    }
    let _is_read = is_read && put(out, table.line().as_bytes())?;
    Ok(())
}

fn footer(style: &Style, shown: Shown) -> String {
    match shown {
        Shown { rows, is_cut: true } => style.first_of_more(rows) + "\n",
        Shown { rows, .. } => counted(rows as u64, "row") + "\n",
    }
}

/// Two columns of one name are one in an object.
///
/// # Errors
/// Names the column.
pub(super) fn check_names(format: ResultFormat, schema: &Schema) -> Result<()> {
    if !matches!(format, ResultFormat::Json | ResultFormat::Ndjson | ResultFormat::Parquet) {
        return Ok(());
    }
    let mut names = HashSet::new();
    let mut columns = schema.fields().iter().map(|field| field.name());
    match columns.find(|name| !names.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(Error::usage(format!(
            "two columns of the result are called `{name}`, which this format cannot hold"
        ))
        .hint("give one of them another name with AS")),
    }
}

fn failed(error: ArrowError) -> Error {
    Error::failed("the result cannot be printed").source(error)
}

/// Writes; answers whether somebody still reads.
fn put(out: &mut (dyn Write + Send), bytes: &[u8]) -> Result<bool> {
    done(out.write_all(bytes))
}

fn done(result: std::io::Result<()>) -> Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::failed("the result cannot be written").source(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
    use futures::StreamExt;

    use super::super::style::RowLimit;
    use super::super::testing::{answer, songs, twice};
    use super::*;
    use crate::error::Kind;

    /// A reader that goes away.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// An answer of `batches` times three rows, and how many batches were asked for.
    fn counted(batches: usize) -> (Answer, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let schema = songs().schema();
        let rows = futures::stream::iter(0..batches).map(move |_| {
            let _before = count.fetch_add(1, Ordering::Relaxed);
            Ok(songs())
        });
        let rows = RecordBatchStreamAdapter::new(Arc::clone(&schema), rows);
        (Answer { schema, rows: Box::pin(rows) }, asked)
    }

    #[tokio::test]
    async fn behind_the_limit_only_one_more_row_is_asked_for() {
        for format in [ResultFormat::Table, ResultFormat::Csv, ResultFormat::Json] {
            for (limit, asked_for, is_cut) in
                [(5, 2, true), (6, 3, true), (7, 3, true), (300, 100, false)]
            {
                let (answer, asked) = counted(100);
                let style = Style { max_rows: RowLimit::Rows(limit), ..Style::whole(format) };
                let shown = write_rows(answer, &style, &mut Vec::new()).await.unwrap();
                assert_eq!(shown, Shown { rows: limit, is_cut });
                assert_eq!(asked.load(Ordering::Relaxed), asked_for, "{format:?} {limit}");
            }
        }
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_ends_the_query() {
        let (answer, asked) = counted(100);
        let csv = Style::whole(ResultFormat::Csv);
        let _shown = write_rows(answer, &csv, &mut Gone).await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn two_columns_of_one_name_are_refused_where_one_would_be_lost() {
        for (format, is_refused) in [
            (ResultFormat::Json, true),
            (ResultFormat::Ndjson, true),
            (ResultFormat::Csv, false),
            (ResultFormat::Table, false),
        ] {
            let written =
                write_rows(answer(&[twice()]), &Style::whole(format), &mut Vec::new()).await;
            assert_eq!(
                written.is_err_and(|error| error.kind() == Kind::Usage),
                is_refused,
                "{format:?}"
            );
        }
    }
}
