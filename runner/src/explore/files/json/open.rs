//! Files of JSON as batches of rows, a few MiB at a time.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpenFuture, FileOpener};
use datafusion::error::{DataFusionError, Result};
use futures::stream::try_unfold;
use futures::{FutureExt, StreamExt};
use object_store::ObjectStore;
use object_store::path::Path;

use super::super::input::Input;
use super::super::unfit::Told;
use super::build::Named;
use super::fault::{At, Fault};
use super::kind::Kind;
use super::rows::Rows;
use super::scan::Scanner;

/// Bytes of a file from which rows make a batch, however few they are.
const BATCH_BYTES: usize = 4 << 20;
/// Cells from which rows make a batch, NULLs too: a few MiB.
const BATCH_CELLS: usize = 1 << 20;

/// Opens files, of which some columns are read.
pub(in super::super) struct Opener {
    pub(in super::super) store: Arc<dyn ObjectStore>,
    pub(in super::super) columns: Arc<Vec<(String, Kind)>>,
    pub(in super::super) schema: SchemaRef,
    pub(in super::super) batch_rows: usize,
    /// Whether each file is an array, if that is declared.
    pub(in super::super) is_array: Option<bool>,
    pub(in super::super) told: Arc<Told>,
}

impl FileOpener for Opener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let named = Named::new(&self.columns, !self.told.are_found).ok_or_else(|| {
            DataFusionError::Internal("a column of JSON has a type that was not found".to_owned())
        })?;
        let path = file.object_meta.location;
        let (store, told) = (Arc::clone(&self.store), Arc::clone(&self.told));
        // Whoever reads all columns may think that there are no others.
        let all = told.are_found && told.schema.fields().len() == self.columns.len();
        let (schema, batch_rows) = (Arc::clone(&self.schema), self.batch_rows);
        let rows = Rows::new(self.is_array);
        Ok(async move {
            let input = Input::open(&*store, &path).await?;
            let reading = Reading { input, rows, named, schema, batch_rows, told, path, all };
            Ok(try_unfold(reading, Reading::batch).boxed())
        }
        .boxed())
    }
}

/// What a batch holds so far.
#[derive(Debug, Default)]
struct Held {
    rows: usize,
    bytes: usize,
    cells: usize,
}

impl Held {
    fn add(&mut self, row: Self) {
        self.rows += row.rows;
        self.bytes += row.bytes;
        self.cells += row.cells;
    }

    fn is_full(&self, rows: usize) -> bool {
        self.rows >= rows || self.bytes >= BATCH_BYTES || self.cells >= BATCH_CELLS
    }
}

/// A file that is being read.
struct Reading {
    input: Input,
    rows: Rows,
    named: Named,
    schema: SchemaRef,
    batch_rows: usize,
    told: Arc<Told>,
    path: Path,
    /// Whether all columns of the table are read, so that others are to be told.
    all: bool,
}

impl Reading {
    /// The next rows, and what comes behind them.
    async fn batch(mut self) -> Result<Option<(RecordBatch, Self)>> {
        // A local file has nothing to wait for, so that a statement that is to end would go on.
        tokio::task::yield_now().await;
        let mut batch = Held::default();
        loop {
            while !batch.is_full(self.batch_rows) {
                let Some(row) = self.row()? else { break };
                batch.add(row);
            }
            if batch.is_full(self.batch_rows) {
                break;
            }
            let piece = self.input.piece().await?;
            if piece.is_empty() {
                self.rows.end().map_err(|(at, fault)| self.told.json(&self.path, at, &fault))?;
                break;
            }
            self.rows.push(&piece);
        }
        if batch.rows == 0 {
            return Ok(None);
        }
        let columns = self.named.finish()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.rows));
        let schema = Arc::clone(&self.schema);
        let batch = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Ok(Some((batch, self)))
    }

    /// Reads a row, and tells how much it is; `None` if there is no whole one.
    fn row(&mut self) -> Result<Option<Held>> {
        let Self { rows, named, told, path, all, .. } = self;
        let failed = |at: At, fault: Fault| told.json(path, at, &fault);
        let Some((at, row)) = rows.next().map_err(|(at, fault)| failed(at, fault))? else {
            return Ok(None);
        };
        let other = |name: &str| {
            if *all {
                told.note_unknown(path, at, name);
            }
            Ok(())
        };
        let read = Scanner::new(row).and_then(|mut scanner| {
            named.object(&mut scanner, other)?;
            scanner.end().map(|()| scanner.cells())
        });
        let held = |cells| Held { rows: 1, bytes: row.len(), cells };
        read.map(|cells| Some(held(cells))).map_err(|fault| failed(at, fault))
    }
}
