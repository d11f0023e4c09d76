//! Times of what is pending and of what was applied.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use staged::change_time;

use crate::survey::SourceSurvey;

/// The time of a position: that in the name of a change object; of a full load none.
#[must_use]
pub fn time_of(position: &str) -> Option<DateTime<Utc>> {
    let order = position.split_once('/').map_or(position, |(_, order)| order);
    change_time(order).map(|time| time.and_utc())
}

/// What waits to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Found {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// Nothing.
    Nothing,
    /// Objects, of which the oldest has been staged then.
    Since(DateTime<Utc>),
}

/// What a run found pending, for whoever tells of it: it outlives a run that fails or is interrupted.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<Found>);

impl Waiting {
    /// What was found last.
    #[must_use]
    pub fn found(&self) -> Found {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a look at all sources found. When an object was written counts, not its name: a late one has not waited since
    /// the time that it is named by.
    pub(crate) fn note(&self, surveys: &[SourceSurvey]) {
        let pending = surveys.iter().flat_map(|survey| survey.state.pending_objects());
        self.set(pending.map(|object| object.listed.modified).min());
    }

    pub(crate) fn set(&self, oldest: Option<DateTime<Utc>>) {
        let found = oldest.map_or(Found::Nothing, Found::Since);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }
}
