//! What had been applied, by all runs or by those up to one: the keys of objects. Pure; it is refused where the ledger cannot tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use transforms::sql::nearest;
use transforms::staging::moment::{Moment, NoPast, Point, Timelines};
use transforms::staging::{News, RebuildReason, SourceState};

use super::as_of;
use crate::error::{Error, Result};
use crate::survey::SourceSurvey;
use crate::target::ledger::{AppliedObject, EntryKind, Ledger};
use crate::target::runs::{RUNS_MAX, Runs};

/// What is asked of a source.
#[derive(Debug, Clone, Copy)]
struct Of<'a> {
    source: &'a str,
    /// The generation of what is staged.
    generation: u32,
    /// Whether it was looked at without the ledger, since that did not fit.
    is_unlike: bool,
    may_be_empty: bool,
}

/// What had been applied of sources; `moment` is [`Moment::Applied`] or [`Moment::Run`].
///
/// # Errors
/// Kind `Usage` for a run that is not known, and where it is not known any more what had been applied by then.
pub(super) fn applied(ledger: &Ledger, moment: &Moment, read: &[&SourceSurvey]) -> Result<Point> {
    let runs = Runs::of(ledger);
    let until = until(ledger, &runs, moment)?;
    let mut keys = BTreeMap::new();
    for survey in read {
        let of = Of {
            source: &survey.source.name,
            generation: survey.state.generation,
            is_unlike: survey.state.news == News::Rebuild(RebuildReason::First),
            may_be_empty: survey.source.settings.allow_empty,
        };
        let of_source = keys_of(ledger, &runs, until, of)?;
        let _none = keys.insert(survey.source.name.clone(), of_source);
    }
    Ok(Point::Applied(keys))
}

/// What is staged for a source, without what is not applied.
///
/// # Errors
/// Kind `Usage` if nothing is applied, or it cannot be read any more.
pub(crate) fn as_applied(ledger: &Ledger, survey: &SourceSurvey) -> Result<SourceSurvey> {
    let point = applied(ledger, &Moment::Applied, &[survey])?;
    let cut = Timelines::new(vec![as_of::line(survey)]).cut(&point, &survey.source.name);
    let cut = cut.map_err(|error| {
        Error::usage(error.to_string()).hint(match error {
            NoPast::Rewritten { .. } => REWRITTEN,
            _ => "stage it again, or leave out --as-of",
        })
    })?;
    let objects = cut.iter().filter_map(|index| survey.state.objects.get(*index).cloned());
    let frozen = cut.iter().filter_map(|index| survey.whole.objects.get(*index).cloned());
    let nothing = Arc::new(survey.whole.with_objects(Vec::new()));
    Ok(SourceSurvey {
        state: SourceState {
            objects: objects.collect(),
            pending: Vec::new(),
            superseded: Vec::new(),
            news: News::Nothing,
            ..survey.state.clone()
        },
        whole: Arc::new(survey.whole.with_objects(frozen.collect())),
        pending: Arc::clone(&nothing),
        tail: nothing,
        ..survey.clone()
    })
}

/// What to do where an object that was applied is not there any more.
pub(super) const GONE: &str = "stage it again, or name an earlier moment";
/// What to do where it is another one.
pub(super) const REWRITTEN: &str =
    "what it was cannot be read any more; after the next run it is applied again";

/// The number of the run of a moment; none for all that is applied.
fn until(ledger: &Ledger, runs: &Runs, moment: &Moment) -> Result<Option<u64>> {
    if ledger.last_run.is_empty() && ledger.applied.is_empty() {
        return Err(Error::usage("nothing is applied yet, or the ledger cannot be read")
            .hint("name an object or a time"));
    }
    let Moment::Run(id) = moment else { return Ok(None) };
    if *id == ledger.last_run {
        return Ok(None);
    }
    if let Some(number) = runs.number(id) {
        return Ok(Some(number));
    }
    if ledger.applied.iter().any(|applied| applied.run_id == *id) {
        // Times of begin are by clocks that differ, and are not those of commits; what was applied again since has no other row.
        let error = Error::usage(format!(
            "run `{id}` is older than the last {RUNS_MAX} runs whose order the ledger keeps, so what had been applied by then cannot be told"
        ));
        let oldest = runs.iter().next().map(|run| run.run_id.as_str());
        return Err(error.hint(match oldest {
            Some(oldest) => {
                format!("name an object or a time; the oldest such run is `run:{oldest}`")
            }
            None => format!("name an object, a time, or the last run: `run:{}`", ledger.last_run),
        }));
    }
    let error = Error::usage(format!("the ledger knows no run `{id}`"));
    let ids = ledger.applied.iter().map(|applied| applied.run_id.as_str());
    match nearest(id, ids.chain(runs.iter().map(|run| run.run_id.as_str()))) {
        Some(near) => Err(error.hint(format!("did you mean `run:{near}`?"))),
        None => {
            Err(error.hint("`runner status --runs N` has the last runs; 'applied' is the last one"))
        }
    }
}

/// The keys of the objects of a source that had been applied when the run with the number `until` had committed.
fn keys_of(
    ledger: &Ledger,
    runs: &Runs,
    until: Option<u64>,
    of: Of<'_>,
) -> Result<BTreeSet<String>> {
    let source = of.source;
    // A run that the list does not know is older than all that it knows.
    let is_by_then = |applied: &&AppliedObject| {
        applied.entry.source == source
            && applied.entry.kind != EntryKind::Superseded
            && until.is_none_or(|until| runs.number(&applied.run_id).is_none_or(|n| n <= until))
    };
    let by_then: Vec<&AppliedObject> = ledger.applied.iter().filter(is_by_then).collect();
    let generation = by_then.iter().map(|applied| applied.entry.generation).max();
    let is_older = generation.is_some_and(|generation| generation != of.generation);
    if is_older || (of.is_unlike && generation.is_some()) {
        return Err(Error::usage(format!(
            "source `{source}`: what was applied by then is of an older full load than what is staged now"
        ))
        .hint("what is no longer staged cannot be read again; name an object or a time"));
    }
    if let Some(run) = until.and_then(|until| runs.undone(source, until)) {
        return Err(Error::usage(format!(
            "source `{source}`: objects that were applied by then were written again or are gone, and run `{}` took note of that, so what they brought cannot be read any more",
            run.run_id
        ))
        .hint(format!(
            "name that run or a later one (`run:{}`), or an object or a time: then their present content counts",
            run.run_id
        )));
    }
    match generation {
        None if of.may_be_empty => Ok(BTreeSet::new()),
        None => Err(Error::usage(format!("nothing of source `{source}` was applied by then"))
            .hint("name a later run, an object or a time")),
        Some(_) => Ok(by_then
            .into_iter()
            .filter(|applied| {
                applied.entry.generation == of.generation
                    && applied.entry.kind != EntryKind::Emptied
            })
            .map(|applied| applied.entry.object.clone())
            .collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::runs::RUNS_KEY;
    use crate::target::runs::tests::{applied, played};

    const OF: Of<'_> = Of { source: "s", generation: 1, is_unlike: false, may_be_empty: false };

    /// The keys as of a run, or why there are none.
    fn as_of(ledger: &Ledger, id: &str) -> std::result::Result<String, String> {
        let runs = Runs::of(ledger);
        let moment = Moment::of(&format!("run:{id}"));
        let keys = until(ledger, &runs, &moment).and_then(|n| keys_of(ledger, &runs, n, OF));
        let keys = keys.map_err(|error| error.to_string())?;
        Ok(keys.into_iter().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn runs_count_in_the_order_of_their_commits_whatever_their_clocks_say() {
        let mut ledger = played(&[("a", &["1"]), ("b", &["2"]), ("c", &["3"])]);
        for (applied, seconds) in ledger.applied.iter_mut().zip([300, 200, 100]) {
            applied.applied_at = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        }
        let found = ["a", "b", "c"].map(|id| as_of(&ledger, id).unwrap());
        assert_eq!(found, ["1", "1 2", "1 2 3"]);
    }

    #[test]
    fn what_was_applied_again_later_is_refused_and_not_left_out() {
        let ledger = played(&[("a", &["1"]), ("b", &["2"]), ("c", &["3"]), ("d", &["2"])]);
        assert_eq!(as_of(&ledger, "a").unwrap(), "1");
        for id in ["b", "c"] {
            let told = as_of(&ledger, id).unwrap_err();
            assert!(told.contains("written again or are gone, and run `d` took note"), "{told}");
        }
        assert_eq!(as_of(&ledger, "d").unwrap(), "1 2 3");
    }

    #[test]
    fn a_run_that_applied_no_object_is_known_too() {
        let ledger = played(&[("a", &["1"]), ("b", &[]), ("c", &["2"])]);
        assert_eq!(as_of(&ledger, "b").unwrap(), "1");
        let told = as_of(&ledger, "x").unwrap_err();
        assert_eq!(told, "the ledger knows no run `x`");
    }

    #[test]
    fn of_runs_before_the_list_nothing_is_told_but_of_the_last_one() {
        let mut ledger = played(&[("a", &["1"]), ("b", &["2"])]);
        let _text = ledger.models.remove(RUNS_KEY);
        assert!(as_of(&ledger, "a").unwrap_err().contains("cannot be told"));
        assert_eq!(as_of(&ledger, "b").unwrap(), "1 2");
        // What they applied counts as there before the first run that is known.
        let later = played(&[("c", &["3"]), ("d", &["4"])]);
        let applied = [applied("1", "a"), applied("2", "b")].into_iter().chain(later.applied);
        let ledger = Ledger { applied: applied.collect(), ..later };
        assert_eq!(as_of(&ledger, "c").unwrap(), "1 2 3");
    }

    #[test]
    fn another_full_load_is_refused() {
        let mut ledger = played(&[("a", &["1"]), ("b", &["2"])]);
        let newest = ledger.applied.last_mut().unwrap();
        newest.entry.generation = 2;
        let runs = Runs::of(&ledger);
        let of = Of { generation: 2, ..OF };
        let told = keys_of(&ledger, &runs, Some(1), of).unwrap_err().to_string();
        assert!(told.contains("of an older full load"), "{told}");
        assert_eq!(keys_of(&ledger, &runs, Some(2), of).unwrap(), ["2".to_owned()].into());
        let told = keys_of(&ledger, &runs, Some(2), Of { is_unlike: true, ..of });
        assert!(told.is_err());
    }
}
