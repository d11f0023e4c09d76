//! Writes Parquet as DMS does (user guide, "Using Apache Parquet to store Amazon S3 objects"), from texts.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::DataType;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, Encoding, GzipLevel};
use datafusion::parquet::file::properties::{WriterProperties, WriterVersion};

/// A column of an object: its name, its type there, and its values as DMS's CSV has them (bytes in hexadecimal).
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) data_type: DataType,
    pub(crate) values: Vec<Option<String>>,
}

/// The settings of an endpoint that change how objects are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// `CompressionType` GZIP.
    pub(crate) gzip: bool,
    /// `ParquetVersion` parquet-2-0.
    pub(crate) version_2: bool,
    /// `EncodingType`: with a dictionary or plain.
    pub(crate) dictionary: bool,
    /// `RowGroupLength`.
    pub(crate) row_group_rows: usize,
}

/// The bytes of an object.
pub(crate) fn parquet(columns: Vec<Column>, written: Written) -> Vec<u8> {
    let arrays = columns.into_iter().map(|Column { name, data_type, values }| {
        let array = array(&data_type, &values);
        (name, array, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).unwrap();
    let version =
        if written.version_2 { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
    let mut properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_dictionary_enabled(written.dictionary)
        .set_max_row_group_row_count(Some(written.row_group_rows));
    if written.gzip {
        properties = properties.set_compression(Compression::GZIP(GzipLevel::default()));
    }
    if !written.dictionary {
        properties = properties.set_encoding(Encoding::PLAIN);
    }
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    let _metadata = writer.close().unwrap();
    bytes
}

fn array(data_type: &DataType, values: &[Option<String>]) -> ArrayRef {
    if *data_type == DataType::Binary {
        let bytes: Vec<Option<Vec<u8>>> =
            values.iter().map(|value| value.as_deref().map(unhex)).collect();
        return Arc::new(BinaryArray::from_iter(bytes));
    }
    let texts: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&texts, data_type, &options).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}
