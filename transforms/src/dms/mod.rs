//! What AWS DMS writes to S3: the names of its objects, its settings, its CSV text and its Parquet.
//!
//! ```text
//! key  -> staged::classify -> kind, format, order
//! OPTIONS, or an endpoint as AWS describes it -> Settings -> Layout
//! bytes -> [Gunzip] -> Decoder -> Decoded: ops and columns
//! Parquet batches -> parquet::Decoder -> Decoded
//! ```
//!
//! Pure: bytes go in, Arrow arrays and errors come out. Listing and fetching objects belongs to
//! others.

pub mod csv;
pub mod drift;
#[cfg(test)]
mod edges;
pub mod endpoint;
pub mod gunzip;
mod op;
pub mod parquet;
pub mod settings;

pub use csv::{ColumnSpec, Decoded, Decoder, Layout, LayoutError, RowError, RowErrors};
pub use drift::{DriftPolicy, Extent};
pub use gunzip::Gunzip;
pub use op::Op;
pub use settings::{CsvFormat, Settings, SettingsError};
pub use staged::{Classified, Format, ObjectKind, ObjectName, classify};
