//! DMS's Parquet (`DataFormat` parquet): columns are found by name ([`decode`]) and brought to the declared types
//! (`convert`), a column at a time.

mod convert;
pub mod decode;

pub use decode::Decoder;
