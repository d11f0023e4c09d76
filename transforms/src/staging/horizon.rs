//! From where on a source's folder has to be looked at: a folder that is added to for years need not be listed as a whole, and
//! the ledger not be read as a whole, for each new object.
//!
//! DMS names change objects by their time, so a new one sorts behind those that are applied, or, if it comes late, not far
//! before them. What may be missed so (objects that come later than the window, old ones that vanish or are written again,
//! folders that begin to be used) is found by looking at everything once in [`WHOLE_LOOK_EVERY`].

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, SecondsFormat, Utc};

use super::{SourceState, Staged};
use staged::{Classified, ObjectName, TRANSACTIONS, change_time, classify};

/// After so long everything is looked at again.
pub const WHOLE_LOOK_EVERY: Duration = Duration::hours(24);

/// What is remembered of a look at a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// The generation of the source.
    pub generation: u32,
    /// When everything was looked at.
    pub looked_at: DateTime<Utc>,
    /// The key of the newest applied change.
    pub newest: String,
}

impl Horizon {
    /// What to remember of a look at everything, or (`before`) at what came behind the horizon before.
    ///
    /// None where names do not tell what is new: no changes yet, folders within the folder (date partitions, parallel
    /// loads).
    #[must_use]
    pub fn of(
        state: &SourceState,
        before: Option<&Self>,
        looked_at: DateTime<Utc>,
    ) -> Option<Self> {
        if !state.objects.iter().all(sorts_by_time) {
            return None;
        }
        let changes = state.objects.iter().rev().find(|object| !object.is_load());
        let newest = changes.map(|object| object.listed.key.clone());
        let newest = newest.into_iter().chain(before.map(|before| before.newest.clone())).max()?;
        let looked_at = before.map_or(looked_at, |before| before.looked_at);
        Some(Self { generation: state.generation, looked_at, newest })
    }

    /// The beginning of keys behind which everything has to be looked at; none if that is everything.
    ///
    /// `window`: how much older than the newest applied change an object may be that comes late.
    #[must_use]
    pub fn behind(&self, window: Duration, now: DateTime<Utc>) -> Option<String> {
        let age = now - self.looked_at;
        if window <= Duration::zero() || age < Duration::zero() || age >= WHOLE_LOOK_EVERY {
            return None;
        }
        let Classified::Object(ObjectName { order, of_tables, .. }) = classify(&self.newest) else {
            return None;
        };
        // A name of the future must not hide those of the present.
        let newest = change_time(&order)?.and_utc().min(now);
        let begin = newest.checked_sub_signed(window)?;
        Some(match of_tables {
            true => format!("{TRANSACTIONS}{}", begin.format("%Y%m%d%H%M%S%3f")),
            false => begin.format("%Y%m%d-%H%M%S%3f").to_string(),
        })
    }
}

/// Whether an object lies in the folder itself: there, changes sort by their time, and full-load objects (`LOAD…`, `SEGMENT…`)
/// behind all of them. Changes of several tables (`CDC_TXN-…`) come between: a source has the one or the other, but for what was
/// written before its endpoint was set to the other.
#[must_use]
pub fn sorts_by_time(object: &Staged) -> bool {
    !object.listed.key.contains('/')
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let looked_at = self.looked_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        write!(f, "{} {looked_at} {}", self.generation, self.newest)
    }
}

/// A text that is none of [`Horizon`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a horizon")]
pub struct NoHorizon;

impl FromStr for Horizon {
    type Err = NoHorizon;

    fn from_str(text: &str) -> Result<Self, NoHorizon> {
        let mut parts = text.splitn(3, ' ');
        let mut next = || parts.next().ok_or(NoHorizon);
        let (generation, looked_at, newest) = (next()?, next()?, next()?);
        Ok(Self {
            generation: generation.parse().map_err(|_| NoHorizon)?,
            looked_at: DateTime::parse_from_rfc3339(looked_at).map_err(|_| NoHorizon)?.to_utc(),
            newest: newest.to_owned(),
        })
    }
}
