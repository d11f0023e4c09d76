//! What AWS DMS writes to S3: the names of its objects, its settings, and its CSV text.
//!
//! Pure: bytes go in, Arrow arrays and errors come out. Listing and fetching objects belongs to others.

pub mod csv;
pub mod gunzip;
pub mod name;
pub mod settings;
