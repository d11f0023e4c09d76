//! From DMS objects to deltas: everything of Unglue that only computes.
//!
//! ```text
//! names (staged) -> generation and pending objects (staging)
//!   -> rows (dms::csv, read by scan) -> newest row of each key (scan::SourceTable)
//!   -> models (model, in the one SQL path of sql) -> their way (model::way) -> delta
//! ```
//!
//! This crate links no network client and reads no environment, clock or path of its own: object stores and the session are
//! handed to it. What it plans is plain data over frozen lists of objects, so that it can be run elsewhere.

mod cause;
pub mod delta;
pub mod dms;
pub mod functions;
pub mod glue;
pub mod lineage;
pub mod model;
pub mod place;
mod planner;
pub mod quality;
pub mod scan;
pub mod session;
pub mod source;
#[cfg(test)]
mod spark_answers;
pub mod sql;
pub mod staging;
#[cfg(test)]
mod testing;
pub mod types;
