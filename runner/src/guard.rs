//! Guards: how much of a table one run may take away. Pure.

use std::fmt;

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::job::Output;
use crate::survey::SourceSurvey;
use crate::target::Loss;
use crate::units::counted;
use crate::wishes::Wishes;

/// The share that nobody has set.
const SHARE_DEFAULT: f64 = 0.5;

/// That share is only watched in tables with more rows: in a small one, a few deletes are a large share. A share that
/// someone has set is watched in all.
const ROWS_WATCHED_FROM: u64 = 100;

/// The smallest share that can be watched: for a smaller one more of a table's rows would have to be counted.
pub const SHARE_MIN: f64 = 0.1;

/// Why a table may not lose so much.
#[derive(Debug, Clone, PartialEq)]
pub enum Objection {
    /// It would be empty, and had so many rows.
    Emptied {
        /// Its rows.
        before: u64,
    },
    /// It would lose a larger share of its rows than it may.
    TooMany {
        /// The rows that would go.
        gone: u64,
        /// Its rows.
        before: u64,
        /// The share.
        share: f64,
    },
}

impl Objection {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Emptied { .. } => {
                "nothing was written; if it is right, run once with --allow-deletes, or set allow_empty in job.toml"
            }
            Self::TooMany { .. } => {
                "nothing was written; if it is right, run once with --allow-deletes, or set max_delete_share in job.toml"
            }
        }
    }
}

/// A fragment without the table's name.
impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Emptied { before: 1 } => f.write_str("would lose its only row"),
            Self::Emptied { before } => write!(f, "would lose all of its {before} rows"),
            Self::TooMany { gone, before, share } => {
                let (before, percent) = (counted(before, "row"), share * 100.0);
                write!(f, "would lose {gone} of its {before}, more than {percent:.0} %")
            }
        }
    }
}

/// What to do where some tables would be empty, and others lose too large a share.
const BOTH: &str = "nothing was written; if it is right, run once with --allow-deletes, or set in job.toml allow_empty for what would be empty, max_delete_share for the others";

/// How much of a table one run may take away.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Guard {
    /// At most this share of the rows, from [`SHARE_MIN`] to 1, if it is set; else half, of tables that are not small.
    pub max_delete_share: Option<f64>,
    /// Whether a table that has rows may lose all of them.
    pub allow_empty: bool,
    /// Whether the rows of a table that was there before the job may be replaced.
    pub take_over: bool,
    /// Whether columns that the model lacks may be set to their default, and lose what they hold.
    pub reset_columns: bool,
}

impl Guard {
    fn share(&self) -> f64 {
        self.max_delete_share.unwrap_or(SHARE_DEFAULT)
    }

    /// How many rows that are left have to be counted to tell a loss that is too large, as a multiple of the lost ones: of a table
    /// that has more, the share is small enough.
    #[must_use]
    pub fn kept_counted_times(&self) -> u64 {
        let kept_for_each = 1.0 / self.share().clamp(SHARE_MIN, 1.0) - 1.0;
        // From 0 to 9; one more, so that rounding never makes a table look smaller than it may be.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number from 0 to 9"
        )]
        let times = kept_for_each.ceil() as u64;
        times + 1
    }

    /// Why a table may not lose so much.
    #[must_use]
    pub fn objection(&self, loss: &Loss) -> Option<Objection> {
        let Loss { before, gone, written } = *loss;
        if gone > 0 && gone == before && written == 0 {
            return (!self.allow_empty).then_some(Objection::Emptied { before });
        }
        let share = self.share();
        let is_watched = self.max_delete_share.is_some() || before > ROWS_WATCHED_FROM;
        // Numbers of rows are far below what a double holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        let is_too_much = gone as f64 > share * before as f64;
        (is_watched && is_too_much).then_some(Objection::TooMany { gone, before, share })
    }
}

/// The guard of a model's table in a run.
///
/// Who takes what is staged as the whole of a source that may be empty (`AllowEmpty`) has said that the tables may be empty
/// too.
#[must_use]
pub fn of_run(output: &Output, wishes: &Wishes, surveys: &[SourceSurvey]) -> Guard {
    let is_emptied = |survey: &SourceSurvey| {
        survey.state.emptied && output.analysis.sources.contains(&survey.source.name)
    };
    let is_accepted = wishes.accepts_what_is_staged() && surveys.iter().any(is_emptied);
    Guard { allow_empty: output.guard.allow_empty || is_accepted, ..output.guard }
}

/// Whether the tables may lose so much; `losses` are those of the models that have something to write, in their order.
///
/// # Errors
/// Kind `Refused`, for all tables that may not.
pub fn check(
    outputs: &[Output],
    decisions: &[Decision],
    losses: &[Loss],
    wishes: &Wishes,
    surveys: &[SourceSurvey],
) -> Result<()> {
    if wishes.allow_deletes {
        return Ok(());
    }
    let written = outputs.iter().zip(decisions).filter(|(_, d)| d.step != Step::Untouched);
    let objections = written.zip(losses).filter_map(|((output, _), loss)| {
        let objection = of_run(output, wishes, surveys).objection(loss)?;
        Some((format!("table `{}` {objection}", output.table), objection.hint()))
    });
    let (told, hints): (Vec<String>, Vec<&str>) = objections.unzip();
    let Some(hint) = hints.first() else { return Ok(()) };
    let hint = if hints.iter().all(|other| other == hint) { hint } else { BOTH };
    Err(Error::refused(told.join("\n")).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(guard: Guard, before: u64, gone: u64, written: u64) -> bool {
        guard.objection(&Loss { before, gone, written }).is_some()
    }

    #[test]
    fn more_than_half_of_a_table_is_too_much() {
        let guard = Guard::default();
        assert!(!objects(guard, 200, 0, 0));
        assert!(!objects(guard, 200, 100, 0));
        assert!(objects(guard, 200, 101, 0));
        assert!(objects(guard, 200, 101, 500), "new rows do not make up for lost ones");
        let told = guard.objection(&Loss { before: 150, gone: 120, written: 30 });
        assert_eq!(told.unwrap().to_string(), "would lose 120 of its 150 rows, more than 50 %");
    }

    #[test]
    fn the_share_of_a_small_table_matters_only_if_it_is_set() {
        assert!(!objects(Guard::default(), 100, 99, 0));
        assert!(objects(Guard::default(), 101, 99, 0));
        let set = Guard { max_delete_share: Some(0.5), ..Guard::default() };
        assert!(!objects(set, 100, 50, 0));
        assert!(objects(set, 100, 51, 0));
        assert!(objects(set, 1, 1, 1));
        assert!(!objects(set, 0, 0, 1));
    }

    #[test]
    fn no_table_may_be_emptied_however_small() {
        let guard = Guard::default();
        assert!(objects(guard, 1, 1, 0));
        assert!(!objects(guard, 1, 1, 1), "other rows take their place");
        assert!(!objects(guard, 0, 0, 0), "it was empty");
        assert!(objects(Guard { max_delete_share: Some(1.0), ..guard }, 1000, 1000, 0));
    }

    #[test]
    fn what_is_advised_switches_off_what_objects() {
        let guard = Guard::default();
        let hint =
            |before, gone| guard.objection(&Loss { before, gone, written: 0 }).unwrap().hint();
        let (emptied, too_many) = (hint(2, 2), hint(200, 150));
        assert!(emptied.contains("allow_empty") && !emptied.contains("share"), "{emptied}");
        assert!(too_many.contains("max_delete_share") && !too_many.contains("empty"), "{too_many}");
    }

    #[test]
    fn each_rule_is_switched_off_by_itself() {
        let empty = Guard { allow_empty: true, ..Guard::default() };
        assert!(!objects(empty, 1000, 1000, 0));
        assert!(objects(empty, 1000, 999, 0));
        let all = Guard { max_delete_share: Some(1.0), ..Guard::default() };
        assert!(!objects(all, 1000, 999, 0));
        assert!(!objects(all, 1000, 1000, 1));
    }

    #[test]
    fn the_smallest_share_is_told_from_the_rows_that_are_counted() {
        let guard = Guard { max_delete_share: Some(SHARE_MIN), ..Guard::default() };
        assert!(objects(guard, 9999, 1000, 0));
    }

    #[test]
    fn a_table_of_which_not_all_rows_are_counted_loses_less_than_the_share() {
        for share in [None, Some(SHARE_MIN), Some(0.3), Some(0.5), Some(0.77), Some(1.0)] {
            let guard = Guard { max_delete_share: share, ..Guard::default() };
            let counted = |gone: u64| gone * (1 + guard.kept_counted_times());
            for gone in [1, 70, 1000] {
                assert!(!objects(guard, counted(gone), gone, 0), "{share:?} {gone}");
            }
        }
        assert_eq!(Guard::default().kept_counted_times(), 2);
    }

    #[test]
    fn a_table_that_only_gets_smaller_is_judged_by_its_size() {
        let guard = Guard::default();
        assert!(guard.objection(&Loss::of_whole(1000, 499)).is_some());
        assert!(guard.objection(&Loss::of_whole(1000, 500)).is_none());
        assert!(guard.objection(&Loss::of_whole(1000, 2000)).is_none());
        assert!(guard.objection(&Loss::of_whole(3, 0)).is_some());
        assert!(guard.objection(&Loss::of_whole(0, 0)).is_none());
    }
}
