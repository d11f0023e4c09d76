//! DMS objects to deltas.
pub mod types;
