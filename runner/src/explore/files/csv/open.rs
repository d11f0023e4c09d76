//! Files of CSV as batches of rows.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::csv::ReaderBuilder;
use datafusion::arrow::csv::reader::Decoder;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpenFuture, FileOpener};
use datafusion::error::{DataFusionError, Result};
use futures::stream::try_unfold;
use futures::{FutureExt, StreamExt};
use object_store::ObjectStore;
use object_store::path::Path;

use super::super::convert::{Texts, Unfit};
use super::super::format::Options;
use super::super::input::Input;
use super::super::unfit::Told;
use super::quotes::{Broken, Quotes};

/// Opens files, of which some columns are read.
pub(in super::super) struct Opener {
    pub(in super::super) store: Arc<dyn ObjectStore>,
    pub(in super::super) options: Options,
    /// All columns, each a text.
    pub(in super::super) texts: SchemaRef,
    /// The indices of those that are read, and what they are.
    pub(in super::super) indices: Vec<usize>,
    pub(in super::super) schema: SchemaRef,
    pub(in super::super) batch_rows: usize,
    pub(in super::super) how: Texts,
    pub(in super::super) told: Arc<Told>,
}

impl FileOpener for Opener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let path = file.object_meta.location;
        let decoder = ReaderBuilder::new(Arc::clone(&self.texts))
            .with_format(self.options.csv_format().with_truncated_rows(false))
            .with_batch_size(self.batch_rows)
            .with_projection(self.indices.clone())
            .build_decoder();
        let (quotes, how) = (Quotes::new(&self.options), self.how.clone());
        let (schema, told) = (Arc::clone(&self.schema), Arc::clone(&self.told));
        let store = Arc::clone(&self.store);
        Ok(async move {
            let input = Input::open(&*store, &path).await?;
            let (piece, end, rows) = (Bytes::new(), None, 0);
            let reading =
                Reading { input, quotes, decoder, piece, end, rows, how, schema, told, path };
            Ok(try_unfold(reading, Reading::batch).boxed())
        }
        .boxed())
    }
}

/// A file that is being read.
struct Reading {
    input: Input,
    quotes: Quotes,
    decoder: Decoder,
    /// Bytes that are not decoded yet.
    piece: Bytes,
    /// Whether no more bytes follow, and what is wrong with those that would.
    end: Option<Result<(), Broken>>,
    /// Rows so far.
    rows: usize,
    how: Texts,
    schema: SchemaRef,
    told: Arc<Told>,
    path: Path,
}

impl Reading {
    /// The next rows, and what comes behind them.
    async fn batch(mut self) -> Result<Option<(RecordBatch, Self)>> {
        loop {
            if self.piece.is_empty() && self.end.is_none() {
                self.next_piece().await?;
            }
            // A broken record is not decoded, nor ended with the file.
            if !(self.piece.is_empty() && matches!(self.end, Some(Err(_)))) {
                let used = self.decoder.decode(&self.piece).map_err(|error| self.failed(error))?;
                self.piece.advance(used);
            }
            let is_all = self.piece.is_empty() && self.end.is_some();
            if !is_all && self.decoder.capacity() > 0 {
                continue;
            }
            match (self.decoder.flush(), self.end) {
                (Ok(Some(batch)), _) => {
                    let batch = self.values(&batch)?;
                    self.rows += batch.num_rows();
                    return Ok(Some((batch, self)));
                }
                (_, Some(Err(broken))) if is_all => {
                    return Err(self.told.broken(&self.path, broken));
                }
                (Ok(None), _) if is_all => return Ok(None),
                (Ok(None), _) => {}
                (Err(error), _) => return Err(self.failed(error)),
            }
        }
    }

    /// Reads on, up to a record whose quoting is broken.
    async fn next_piece(&mut self) -> Result<()> {
        self.piece = self.input.piece().await?;
        if self.piece.is_empty() {
            self.end = Some(self.quotes.end());
        } else if let Err(broken) = self.quotes.push(&self.piece) {
            self.piece.truncate(broken.begin);
            self.end = Some(Err(broken));
        }
        Ok(())
    }

    fn failed(&self, error: ArrowError) -> DataFusionError {
        self.told.explain(&self.path, error.into())
    }

    /// Rows of texts as rows of values.
    fn values(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let values = columns.map(|(column, field)| {
            self.how.values(column, field.data_type()).map_err(|unfit| match unfit {
                Unfit::Row(row, fault) => {
                    self.told.unfit(&self.path, field, self.rows + row + 1, fault)
                }
                Unfit::Engine(error) => error.into(),
            })
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), values, &options)?)
    }
}
