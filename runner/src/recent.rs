//! Looking only at what is recent, where that is enough: at the objects, and the rows of the ledger, that sort behind a little
//! before the newest applied change. See [`transforms::staging::horizon`].

use chrono::{DateTime, Duration, Utc};
use transforms::model::way::Way;
use transforms::source::Source;
use transforms::staging::News;
use transforms::staging::horizon::{Horizon, sorts_by_time};

use crate::decide::{Decision, Step};
use crate::job::{Job, JobFolder, Output};
use crate::store::Places;
use crate::survey::SourceSurvey;
use crate::target::ledger::{
    GENERATIONS_MAX, Notes, PARTS_MAX, Part, Parts, horizon_key, location_key,
};
use crate::wishes::Wishes;

/// Clocks are put back by at most so much.
const ZONE_WINDOW: Duration = Duration::hours(2);

/// What a run knows before it looks.
#[derive(Debug, Clone, Copy)]
pub struct Outset<'a> {
    /// What is asked of it.
    pub wishes: &'a Wishes,
    /// The URLs of the objects that events told of.
    pub told: &'a [String],
    /// The time.
    pub now: DateTime<Utc>,
}

/// The sources of which a part is enough to look at, after the ledger's notes.
#[must_use]
pub fn parts(job: &Job, folder: &JobFolder, notes: &Notes, outset: Outset<'_>) -> Parts {
    let is_whole = outset.wishes.look_at_everything() || counts_rejects(job);
    if is_whole || job.sources.len() > PARTS_MAX {
        return Parts::new();
    }
    let window = Duration::minutes(i64::from(job.late_window_minutes));
    let part = |source: &Source| {
        let name = source.name.as_str();
        let place = Places::of(source, Some(folder.location())).ok()?;
        // Where clocks are put back, a later name sorts before.
        let window = match source.settings.time_zone {
            Some(_) if window > Duration::zero() => window + ZONE_WINDOW,
            _ => window,
        };
        if !job.outputs.iter().all(|output| needs_only_changes(output, name)) {
            return None;
        }
        if notes.get(&location_key(name)) != Some(&place.to_string()) {
            return None;
        }
        let horizon: Horizon = notes.get(&horizon_key(name))?.parse().ok()?;
        let behind = horizon.behind(window, outset.now)?;
        let mut told = outset.told.iter().filter_map(|url| place.relative_key(url));
        let is_before = told.any(|told| told <= behind || told.contains('/'));
        let generation = horizon.generation;
        (!is_before && generation <= GENERATIONS_MAX).then_some(Part { behind, generation })
    };
    let sources = job.sources.iter();
    let mut parts: Parts =
        sources.filter_map(|source| Some((source.name.clone(), part(source)?))).collect();
    let shared = job.sources.iter().filter_map(|source| {
        let places = Places::of(source, Some(folder.location())).ok()?;
        Some((source.name.as_str(), places.changes?.to_string()))
    });
    look_alike(&mut parts, &shared.collect::<Vec<_>>());
    parts
}

/// Sources that share a folder of changes look at the same part of it, so that none applies what another does not see.
fn look_alike(parts: &mut Parts, shared: &[(&str, String)]) {
    for (_, folder) in shared {
        let sharing = shared.iter().filter(|(_, other)| other == folder).map(|(name, _)| *name);
        let sharing: Vec<&str> = sharing.collect();
        let behind = sharing.iter().map(|name| parts.get(*name).map(|part| part.behind.clone()));
        // None, everything, is the least.
        let least = behind.min().flatten();
        for name in sharing {
            match (&least, parts.get_mut(name)) {
                (Some(least), Some(part)) => part.behind.clone_from(least),
                _ => {
                    let _part = parts.remove(name);
                }
            }
        }
    }
}

/// Whether rows may be set aside: they are counted over all objects.
fn counts_rejects(job: &Job) -> bool {
    job.rejects.most > 0
}

/// Whether a model, if it reads the source at all, needs no more of it than what changed.
fn needs_only_changes(output: &Output, source: &str) -> bool {
    let read = &output.analysis.sources;
    if !read.contains(source) {
        return true;
    }
    match &output.analysis.way {
        Way::RowWise { driver, .. } | Way::Append { driver, .. } => {
            driver == source && read.len() == 1
        }
        Way::Replay => false,
    }
}

/// Whether what was found in parts is what would have been found in everything: new or late changes, and nothing else.
#[must_use]
pub fn suffices(surveys: &[SourceSurvey], decisions: &[Decision]) -> bool {
    let is_known = |survey: &SourceSurvey| {
        let state = &survey.state;
        matches!(state.news, News::Nothing | News::Changes { .. })
            && !state.gone.iter().any(|gone| gone.is_news)
            && state.objects.iter().all(sorts_by_time)
    };
    let is_small = |decision: &Decision| {
        matches!(decision.step, Step::Untouched | Step::RowWise { .. } | Step::Append { .. })
    };
    surveys.iter().all(|survey| survey.behind.is_none() || is_known(survey))
        && decisions.iter().all(is_small)
}

/// What the next run is to know of where to look at a source. Nothing while rows may be set aside, so that they are counted once
/// more when that ends.
#[must_use]
pub fn horizon(
    job: &Job,
    survey: &SourceSurvey,
    notes: &Notes,
    now: DateTime<Utc>,
) -> Option<Horizon> {
    if counts_rejects(job) {
        return None;
    }
    let before = || notes.get(&horizon_key(&survey.source.name))?.parse().ok();
    let before: Option<Horizon> = survey.behind.as_ref().and_then(|_| before());
    Horizon::of(&survey.state, before.as_ref(), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_share_a_folder_look_at_the_same_part_of_it() {
        let part = |behind: &str| Part { behind: behind.to_owned(), generation: 1 };
        let folder = "s3://b/tx/".to_owned();
        let shared = [("a", folder.clone()), ("b", folder.clone()), ("d", "s3://b/d/".to_owned())];
        let parts = || {
            let named = [("a", part("2")), ("b", part("1")), ("c", part("3")), ("d", part("4"))];
            Parts::from(named.map(|(name, part)| (name.to_owned(), part)))
        };
        let behind = |parts: &Parts| {
            parts.iter().map(|(name, part)| format!("{name}{}", part.behind)).collect::<Vec<_>>()
        };
        let mut alike = parts();
        look_alike(&mut alike, &shared);
        assert_eq!(behind(&alike), ["a1", "b1", "c3", "d4"]);
        let mut whole = parts();
        whole.remove("b");
        look_alike(&mut whole, &shared);
        assert_eq!(behind(&whole), ["c3", "d4"], "one needs everything");
    }
}
