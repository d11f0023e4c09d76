//! Bad rows that are set aside (`rejected_rows` in `job.toml`): how many, where they are kept, how they are tried again.

mod folder;
mod keep;
mod retry;
mod tally;

pub use folder::RejectsFolder;
pub use keep::{keep, tell};
pub use retry::retry;
pub use tally::{Tallied, Tally, tally};

use transforms::dms::csv::BadRows;

use crate::store::Location;

/// The most that `rejected_rows` may say: what is set aside is kept in memory during a run.
pub const REJECTED_ROWS_MAX: u64 = 10_000;

/// What a job does with bad rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// So many may be set aside in all that the job's tables are made of.
    pub most: u64,
    /// Where they are kept; there if `most` is not 0.
    pub location: Option<Location>,
}

impl Policy {
    /// The same for one scan.
    #[must_use]
    pub fn bad_rows(&self) -> BadRows {
        match self.most {
            0 => BadRows::Refuse,
            most => BadRows::SetAside { most },
        }
    }
}
