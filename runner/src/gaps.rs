//! What cannot be done since objects are gone that would have to be read again. Pure.

use std::collections::BTreeMap;

use transforms::staging::{Gone, SourceState};

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::job::Output;
use crate::survey::SourceSurvey;

/// Checks that every step finds the objects that it reads.
///
/// # Errors
/// Kind `Refused`, naming the model, the reason for which objects are read again, and the first that is gone.
pub(crate) fn check(
    outputs: &[Output],
    decisions: &[Decision],
    surveys: &[SourceSurvey],
) -> Result<()> {
    let states: BTreeMap<&str, &SourceState> =
        surveys.iter().map(|survey| (survey.source.name.as_str(), &survey.state)).collect();
    for (output, decision) in outputs.iter().zip(decisions) {
        for source in &output.analysis.sources {
            let Some(state) = states.get(source.as_str()) else { continue };
            if let Some(gone) = missing(&decision.step, source, state) {
                return Err(refusal(output, decision, source, state.gone.len(), gone));
            }
        }
    }
    Ok(())
}

/// The first object of a source that a step would have to read and cannot.
fn missing<'a>(step: &Step, source: &str, state: &'a SourceState) -> Option<&'a Gone> {
    match step {
        Step::Untouched => None,
        Step::Append { driver } if driver == source => None,
        Step::RowWise { driver } if driver == source => state.gone_in_tail(),
        // Everything of it: it is replayed, or joined.
        _ => state.gone.first(),
    }
}

fn refusal(output: &Output, decision: &Decision, source: &str, gone: usize, first: &Gone) -> Error {
    let (model, key) = (&output.model, &first.key);
    Error::refused(format!(
        "model `{model}` ({}: {}) needs objects of source `{source}` that were applied and are gone; {gone} are, `{key}` among them",
        decision.step.as_str(),
        decision.reason
    ))
    .hint("stage them again, or let DMS load the table anew, or take what is staged now as the whole table with --vanished accept")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use transforms::staging::{Applied, Listed, Naming, Vanished, View, assess, sort_listing};

    use super::*;

    /// A source of which `L1 c2 c4` were applied, `gone` are no longer there, and `staged` has come.
    fn state(gone: &[&str], staged: &[&str]) -> SourceState {
        let key = |short: &str| match short.strip_prefix('L') {
            Some(number) => format!("LOAD{number:0>8}.csv"),
            None => format!("20260101-{:0>9}.csv", &short[1..]),
        };
        let listed = |short: &&str| Listed {
            key: key(short),
            beside: false,
            size: 1,
            modified: DateTime::UNIX_EPOCH,
            e_tag: None,
        };
        let before = ["L1", "c2", "c4"];
        let applied =
            sort_listing(before.iter().map(listed).collect(), Naming::default()).unwrap().0;
        let applied: Vec<Applied> = applied
            .iter()
            .map(|object| Applied {
                key: object.listed.key.clone(),
                fingerprint: object.listed.fingerprint(),
                generation: 1,
                position: object.position(),
                gone: false,
                superseded: false,
            })
            .collect();
        let left = before.iter().filter(|short| !gone.contains(short));
        let listing = left.chain(staged).map(listed).collect();
        let view = View {
            refresh: false,
            moved: false,
            times_are_the_stores: true,
            vanished: Vanished::Ignore,
        };
        assess(sort_listing(listing, Naming::default()).unwrap().0, &applied, view).unwrap()
    }

    fn is_missing(step: &Step, gone: &[&str], staged: &[&str]) -> bool {
        missing(step, "t", &state(gone, staged)).is_some()
    }

    fn row_wise(driver: &str) -> Step {
        Step::RowWise { driver: driver.to_owned() }
    }

    #[test]
    fn changes_need_no_object_that_is_gone_unless_they_come_late() {
        let step = row_wise("t");
        assert!(!is_missing(&step, &["L1", "c2", "c4"], &["c5"]));
        assert!(!is_missing(&step, &["L1", "c2"], &["c3", "c5"]), "c4 is there");
        assert!(is_missing(&step, &["c4"], &["c3"]), "c4 may hold newer rows");
        assert!(is_missing(&step, &["c2", "c4"], &["c1", "c5"]));
        assert!(!is_missing(&step, &["c2", "c4"], &[]), "nothing is pending");
    }

    #[test]
    fn what_is_only_appended_reads_nothing_again() {
        let step = Step::Append { driver: "t".to_owned() };
        assert!(!is_missing(&step, &["L1", "c4"], &["c3"]));
    }

    #[test]
    fn a_replay_and_a_joined_table_need_all_objects() {
        for step in [Step::Replay, Step::Replace, Step::Rebuild, row_wise("other")] {
            assert!(is_missing(&step, &["c2"], &["c5"]), "{step:?}");
            assert!(!is_missing(&step, &[], &["c3"]), "{step:?}");
        }
        assert!(!is_missing(&Step::Untouched, &["c2"], &["c5"]));
    }
}
