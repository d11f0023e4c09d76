//! What the measured values may be at most.

use crate::measured::{Measured, Unit, What};

/// The limits are for a table of so many rows.
pub(crate) const ROWS: u64 = 1_000_000;
/// Not optimised, or with checks that a release does not have.
const OTHER_PROFILES: [&str; 2] = ["debug", "long"];

#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) what: What,
    /// In the unit of what is measured, or times the baseline.
    pub(crate) at_most: f64,
    pub(crate) baseline: Option<What>,
}

pub(crate) const LIMITS: [Limit; 16] = [
    times(What::FullLoad, 1.15, What::LoadDataTwoStreams),
    times(What::Changes, 0.8, What::MergeByHand),
    value(What::SixChanges, 0.060),
    times(What::SixChanges, 2.0, What::SixStatements),
    value(What::Version, 0.015),
    value(What::Plan, 0.060),
    value(What::LoadMemory, 200.0),
    value(What::LargeLoadMemory, 200.0),
    value(What::ChangesMemory, 300.0),
    times(What::Reading, 1.5, What::PlainDataFusion),
    value(What::Aggregates, 1.0),
    times(What::ObjectAfterMany, 1.3, What::ObjectAfterFew),
    value(What::FilesFromFolder, 2.0),
    value(What::FilesFromS3, 3.0),
    times(What::LargeFromS3, 1.2, What::LargeFromFolder),
    value(What::Binary, 80.0),
];

const fn value(what: What, at_most: f64) -> Limit {
    Limit { what, at_most, baseline: None }
}

const fn times(what: What, at_most: f64, baseline: What) -> Limit {
    Limit { what, at_most, baseline: Some(baseline) }
}

impl Limit {
    pub(crate) fn unit(&self) -> Unit {
        if self.baseline.is_some() { Unit::Ratio } else { self.what.unit() }
    }

    /// Nothing, if its group was not measured.
    pub(crate) fn measured(&self, measured: &Measured) -> Option<f64> {
        match self.baseline {
            Some(baseline) => measured.ratio(self.what, baseline),
            None => measured.median(self.what),
        }
    }

    pub(crate) fn verdict(&self, value: f64, judged: bool) -> &'static str {
        match (judged, value <= self.at_most) {
            (false, _) => "not judged",
            (true, true) => "met",
            (true, false) => "missed",
        }
    }
}

/// Whether the limits say something about this setting.
pub(crate) fn judged(rows: u64, profile: &str) -> bool {
    rows == ROWS && !OTHER_PROFILES.contains(&profile)
}
