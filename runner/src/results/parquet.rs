//! Apache Parquet.

use std::io::Write;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use super::rows::Rows;
use crate::error::{Error, Result};

/// A group of rows is held in memory until it is written.
const GROUP_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Writes all rows as one Parquet file.
///
/// # Errors
/// Those of reading the rows; kind `Failed` for types that Parquet does not have, and for the writer's.
pub(super) async fn write(
    schema: SchemaRef,
    rows: &mut Rows,
    out: impl Write + Send,
) -> Result<()> {
    // Snappy is what every reader has.
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(out, schema, Some(properties)).map_err(failed)?;
    while let Some(batch) = rows.next().await? {
        writer.write(&batch).map_err(failed)?;
        if writer.in_progress_size() > GROUP_BYTES_MAX {
            writer.flush().map_err(failed)?;
        }
    }
    let _metadata = writer.close().map_err(failed)?;
    Ok(())
}

fn failed(error: ParquetError) -> Error {
    Error::failed("the result cannot be written as Parquet").source(error)
}
