//! What AWS DMS writes to S3: the names of its objects, its settings, and its CSV text.
//!
//! ```text
//! key  -> name::classify -> kind, compression, order
//! OPTIONS -> Settings -> Layout
//! bytes -> [Gunzip] -> Decoder -> Decoded: ops and columns
//! ```
//!
//! Pure: bytes go in, Arrow arrays and errors come out. Listing and fetching objects belongs to
//! others.

pub mod csv;
pub mod drift;
pub mod gunzip;
pub mod name;
mod op;
pub mod settings;

pub use csv::{ColumnSpec, Decoded, Decoder, Layout, LayoutError, RowError, RowErrors};
pub use drift::{DriftPolicy, Extent};
pub use gunzip::Gunzip;
pub use name::{Classified, Compression, ObjectKind, ObjectName, classify};
pub use op::Op;
pub use settings::{CsvFormat, Settings, SettingsError};
