//! What a person asks of one run, or allows it, beyond what the job says.

use transforms::staging::Vanished;

/// The wishes for one run; by default none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Take what is staged as the truth and build all tables anew.
    pub full_refresh: bool,
    /// Try the rows again that were set aside.
    pub retry_rejected: bool,
    /// What to do about applied objects that are gone; `None` leaves it to the job.
    pub vanished: Option<Vanished>,
    /// Look at everything that is staged and applied, not only at what is recent.
    pub list_all: bool,
    /// Let tables lose more rows than their guards allow.
    pub allow_deletes: bool,
    /// Replace the rows of tables that were there before the job.
    pub take_over: bool,
    /// Set columns to their default that models lack.
    pub reset_columns: bool,
}

impl Wishes {
    /// Whether it takes a look at everything to fulfil them.
    #[must_use]
    pub fn look_at_everything(&self) -> bool {
        self.list_all || self.full_refresh || self.retry_rejected || self.vanished.is_some()
    }

    /// Whether what is staged is taken as the whole, however little it is.
    #[must_use]
    pub fn accepts_what_is_staged(&self) -> bool {
        self.full_refresh || self.vanished == Some(Vanished::Accept)
    }
}
