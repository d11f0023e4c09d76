//! Staged objects as tables of the engine.
//!
//! A scan is planned over a frozen list of objects: what was listed is what is read, in every process that takes part.
//! [`RawTable`] gives all rows with their position; [`SourceTable`] the newest row of each key.

mod assemble;
mod changes;
mod commit;
mod content;
mod counts;
pub mod error;
mod exec;
mod fill;
mod history;
mod loads;
mod log;
mod meter;
mod newest;
mod object;
mod once;
mod pieces;
mod place;
mod raw;
mod source_table;
mod versions;

pub use changes::{Application, ChangesTable};
pub use counts::{ObjectRead, ReadCounts};
pub use history::HistoryTable;
pub use log::ScanLog;
pub use meter::{ScanMeter, Scanned, staged_bytes};
pub use object::{AnyLoads, Before, Frozen, FrozenTable, Loads};
pub use once::trusts_loads;
pub use raw::{DELETED, POSITION, RawTable};
pub(crate) use source_table::{FORMER, column};
pub use source_table::{SourceTable, live};

#[cfg(test)]
mod tests;
