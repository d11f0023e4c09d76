//! Parquet files, each compared with the columns of its table when it is opened: those were found, or compared with what is declared, in
//! some of the files only, and the engine casts what differs without a word.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::DataFusionError;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileSource, ParquetFileReaderFactory, ParquetSource};
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::arrow::parquet_to_arrow_schema;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;

use super::unfit::Told;

/// The engine's source of Parquet files, which judges each by the columns that are `read` of all `columns`.
///
/// # Errors
/// Those of the engine.
pub(super) fn source(
    engine: &Arc<dyn FileSource>,
    session: &dyn Session,
    store: &ObjectStoreUrl,
    judge: Judge,
) -> Result<Arc<dyn FileSource>> {
    let source = engine.downcast_ref::<ParquetSource>().cloned().ok_or_else(|| {
        DataFusionError::Internal("files of Parquet have another source".to_owned())
    })?;
    let runtime = session.runtime_env();
    let cache = runtime.cache_manager.get_file_metadata_cache();
    let engine = CachedParquetFileReaderFactory::new(runtime.object_store(store)?, cache);
    let hint = source.table_parquet_options().global.metadata_size_hint;
    let source = match hint {
        Some(bytes) => source.with_metadata_size_hint(bytes),
        None => source,
    };
    let readers = Readers { engine, judge: Arc::new(judge) };
    Ok(Arc::new(source.with_parquet_file_reader_factory(Arc::new(readers))))
}

/// What a file is judged by.
#[derive(Debug)]
pub(super) struct Judge {
    /// The columns that a statement reads.
    pub(super) read: Schema,
    /// All of the table's.
    pub(super) columns: SchemaRef,
    pub(super) told: Arc<Told>,
}

#[derive(Debug)]
struct Readers {
    engine: CachedParquetFileReaderFactory,
    judge: Arc<Judge>,
}

impl ParquetFileReaderFactory for Readers {
    fn create_reader(
        &self,
        partition_index: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let path = file.object_meta.location.clone();
        let engine =
            self.engine.create_reader(partition_index, file, metadata_size_hint, metrics)?;
        Ok(Box::new(Reader { engine, path, judge: Arc::clone(&self.judge) }))
    }
}

/// Reads a file whose columns are judged with its metadata.
struct Reader {
    engine: Box<dyn AsyncFileReader + Send>,
    path: Path,
    judge: Arc<Judge>,
}

type OfParquet<T> = std::result::Result<T, ParquetError>;

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, OfParquet<Bytes>> {
        self.engine.get_bytes(range)
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, OfParquet<Vec<Bytes>>> {
        self.engine.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, OfParquet<Arc<ParquetMetaData>>> {
        async move {
            let metadata = self.engine.get_metadata(options).await?;
            let file = metadata.file_metadata();
            let found = parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata())?;
            let Judge { read, columns, told } = self.judge.as_ref();
            let judged = told.parquet(&self.path, &found, read, columns);
            judged.map_err(|error| ParquetError::External(Box::new(error)))?;
            Ok(metadata)
        }
        .boxed()
    }
}
