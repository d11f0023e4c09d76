//! The columns and the first rows of a Parquet object.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::parquet::arrow::ParquetRecordBatchStreamBuilder;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use transforms::functions::sql_type;
use transforms::staging::Staged;

use super::grid::{Cell, Grid};
use crate::error::{Error, Result};
use crate::store::Folder;

/// So much of the end is asked for first: what describes the object is there.
const FOOTER_BYTES: usize = 64 * 1024;
/// Few, since a row may be large.
const BATCH_ROWS: usize = 100;
/// Texts of rows that are kept of an object.
const BYTES_MAX: usize = 8 << 20;

/// Reads up to `rows` rows.
///
/// # Errors
/// An object that is no Parquet, or has columns of types that DMS does not write.
pub(super) async fn read(folder: &Folder, object: &Staged, rows: usize) -> Result<Grid> {
    let key = &object.listed.key;
    let label = format!("{}{key}", folder.location());
    let failed = |error: ParquetError| {
        Error::refused(format!("{label} is not readable as Parquet")).source(error)
    };
    let store = Arc::clone(folder.store());
    let reader = Ranges { store, path: folder.path_of(key)?, size: object.listed.size };
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder =
        ParquetRecordBatchStreamBuilder::new_with_options(reader, options).await.map_err(failed)?;
    let names = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let types = types(builder.schema()).map_err(|error| error.about(&format!("{label}: ")))?;
    let mut batches =
        builder.with_batch_size(BATCH_ROWS).with_limit(rows).build().map_err(failed)?;
    let mut records = Vec::new();
    let mut bytes = 0;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        bytes += push(&batch, &mut records).map_err(|error| error.about(&format!("{label}: ")))?;
        if bytes > BYTES_MAX {
            break;
        }
    }
    let (key, kind) = (key.clone(), object.name.kind);
    Ok(Grid { key, kind, names: Some(names), types: Some(types), records })
}

/// The SQL types that hold what the columns hold.
fn types(schema: &Schema) -> Result<Vec<String>> {
    let of = |data_type: &DataType| -> Option<String> {
        Some(match data_type {
            DataType::Boolean => "BOOLEAN".to_owned(),
            DataType::Int8 => "TINYINT".to_owned(),
            DataType::Int16 => "SMALLINT".to_owned(),
            DataType::Int32 => "INT".to_owned(),
            DataType::Int64 => "BIGINT".to_owned(),
            DataType::UInt8 => "TINYINT UNSIGNED".to_owned(),
            DataType::UInt16 => "SMALLINT UNSIGNED".to_owned(),
            DataType::UInt32 => "INT UNSIGNED".to_owned(),
            DataType::UInt64 => "BIGINT UNSIGNED".to_owned(),
            DataType::Float16 | DataType::Float32 => "FLOAT".to_owned(),
            DataType::Float64 => "DOUBLE".to_owned(),
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => format!("DECIMAL({precision},{scale})"),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "TEXT".to_owned(),
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => "BLOB".to_owned(),
            DataType::Date32 | DataType::Date64 => "DATE".to_owned(),
            DataType::Timestamp(..) => "TIMESTAMP".to_owned(),
            DataType::Time32(_) | DataType::Time64(_) => "TIME".to_owned(),
            _ => return None,
        })
    };
    let typed = schema.fields().iter().map(|field| {
        of(field.data_type()).ok_or_else(|| {
            let message =
                format!("column `{}` is of type {}", field.name(), sql_type(field.data_type()));
            Error::refused(message).hint("DMS writes no such columns")
        })
    });
    typed.collect()
}

/// Adds the rows of a batch, values as text: enough to compare them, and to tell truth values. Answers their bytes.
fn push(batch: &RecordBatch, records: &mut Vec<Vec<Cell>>) -> Result<usize> {
    let mut bytes = 0;
    let begin = records.len();
    records.resize_with(begin + batch.num_rows(), || Vec::with_capacity(batch.num_columns()));
    let options = FormatOptions::default();
    for column in batch.columns() {
        // The formatter's own words may hold a value.
        let formatter = ArrayFormatter::try_new(column.as_ref(), &options)
            .map_err(|_| Error::refused("a column cannot be shown as text"))?;
        for (index, record) in records.iter_mut().skip(begin).enumerate() {
            let cell = cell(column, index, &formatter)?;
            bytes += cell.as_ref().map_or(0, Vec::len);
            record.push(cell);
        }
    }
    Ok(bytes)
}

fn cell(column: &ArrayRef, index: usize, formatter: &ArrayFormatter<'_>) -> Result<Cell> {
    if column.is_null(index) {
        return Ok(None);
    }
    if *column.data_type() == DataType::Utf8 {
        return Ok(Some(column.as_string::<i32>().value(index).into()));
    }
    let text = formatter.value(index).try_to_string();
    let text = text.map_err(|_| Error::refused("a value cannot be shown as text"))?;
    Ok(Some(text.into_bytes()))
}

/// The bytes of an object as they are asked for.
struct Ranges {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

impl AsyncFileReader for Ranges {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        async move {
            let got = self.store.get_range(&self.path, range).await;
            got.map_err(|error| ParquetError::External(Box::new(error)))
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        let size = self.size;
        async move {
            let reader = ParquetMetaDataReader::new()
                .with_arrow_reader_options(options)
                .with_prefetch_hint(Some(FOOTER_BYTES));
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}
