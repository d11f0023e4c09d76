//! The options by which a person asks or allows more than the job says, for one run.

use clap::{Args, ValueEnum};
use transforms::staging::Vanished;

use crate::wishes::Wishes;

/// What is asked or allowed.
#[derive(Debug, Clone, Args)]
pub(super) struct WishArgs {
    /// Take what is staged as the whole truth and build all tables anew
    #[arg(long)]
    full_refresh: bool,
    /// Read the sources again of which bad rows were set aside, to apply what is right now
    #[arg(long)]
    retry_rejected: bool,
    /// What to do about applied objects that are gone, where the run would stop (status 4)
    #[arg(long, value_enum, value_name = "HOW")]
    vanished: Option<VanishedArg>,
    /// Look at everything that is staged and applied, not only at what is recent
    #[arg(long)]
    list_all: bool,
    /// Let this run delete more rows than the guard allows, or all
    #[arg(long)]
    allow_deletes: bool,
    /// Let this run replace the rows of tables that were there before the job
    #[arg(long)]
    take_over: bool,
    /// Let this run set columns to their default that a table has and its model lacks, where the table is built anew
    #[arg(long)]
    reset_columns: bool,
}

/// How vanished objects are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VanishedArg {
    /// What is staged now is the whole table: of sources that lost objects, a new generation begins
    Accept,
    /// What they brought stays, now and later; what would have to read them again is refused
    Ignore,
}

impl WishArgs {
    /// The wishes.
    pub(super) fn wishes(&self) -> Wishes {
        Wishes {
            full_refresh: self.full_refresh,
            retry_rejected: self.retry_rejected,
            vanished: self.vanished.map(|how| match how {
                VanishedArg::Accept => Vanished::Accept,
                VanishedArg::Ignore => Vanished::Ignore,
            }),
            list_all: self.list_all,
            allow_deletes: self.allow_deletes,
            take_over: self.take_over,
            reset_columns: self.reset_columns,
        }
    }
}
