//! Drift: objects that have more or fewer columns than their source declares, in a job with `drift = "widen"`; and what else
//! a run learns of objects that it must plan anew with.
//!
//! How far a source's objects reach is kept in the ledger. A run plans with what is known, and once more with what it learns
//! where an object reaches further: that is found when the object is read, and before the commit.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use datafusion::execution::SessionState;
use serde::{Deserialize, Serialize};
use tracing::warn;
use transforms::dms::{DriftPolicy, Extent};
use transforms::scan::{Loads, ReadCounts, ScanLog};
use transforms::source::Source;
use transforms::staging::{News, RebuildReason};

use crate::digest;
use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::survey::SourceSurvey;
use crate::target::ledger::{Ledger, columns_key};

/// How far the objects of a job's sources are known to reach.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    extents: BTreeMap<String, Extent>,
    /// How far the ledger knew when the run began.
    before: BTreeMap<String, Extent>,
    /// Sources whose full load holds a key more than once.
    repeating: BTreeSet<String>,
    /// Sources whose pending changes depend on those before them.
    dependent: BTreeSet<String>,
}

/// An extent as it is kept in the ledger. It holds for the declaration that it was found under.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    declared: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<String>>,
}

impl Reach {
    /// What the ledger knows. A refresh takes what is staged for the whole truth, so nothing of before counts.
    #[must_use]
    pub fn known(job: &Job, ledger: &Ledger, refresh: bool) -> Self {
        if refresh {
            return Self::default();
        }
        let known = job.sources.iter().filter(|source| source.drift == DriftPolicy::Widen);
        let extents: BTreeMap<String, Extent> = known
            .filter_map(|source| {
                let text = ledger.models.get(&columns_key(&source.name))?;
                Some((source.name.clone(), extent(source, text)?))
            })
            .collect();
        Self { before: extents.clone(), extents, ..Self::default() }
    }

    /// The job over sources that reach so far.
    ///
    /// # Errors
    /// See [`Job::widened`].
    pub async fn job<'a>(&self, declared: &'a Job, state: &SessionState) -> Result<Cow<'a, Job>> {
        if self.extents.is_empty() {
            return Ok(Cow::Borrowed(declared));
        }
        Ok(Cow::Owned(declared.widened(&self.extents, state).await?))
    }

    /// What plans may take for granted about a source's full load. What comes twice is found at the end of the load, which not all
    /// models read to.
    #[must_use]
    pub fn loads(&self, job: &Job, source: &str) -> Loads {
        let stops_early = |output: &Output| {
            output.analysis.stops_early && output.analysis.sources.contains(source)
        };
        if self.repeating.contains(source) || job.outputs.iter().any(stops_early) {
            Loads::Any
        } else {
            Loads::Once
        }
    }

    /// The sources whose pending objects do not tell all that is new, so that what follows them has to be replayed.
    #[must_use]
    pub fn dependent(&self) -> &BTreeSet<String> {
        &self.dependent
    }

    /// Takes in what a failed attempt found: how far objects reach, keys that a full load repeats, and changes that depend on those
    /// before them. Answers whether any of it was not planned with, so that another attempt has to be made.
    pub fn learn(&mut self, log: &ScanLog) -> bool {
        let (repeating, dependent) = (log.repeating(), log.dependent());
        let mut is_further =
            !repeating.is_subset(&self.repeating) || !dependent.is_subset(&self.dependent);
        self.repeating.extend(repeating);
        self.dependent.extend(dependent);
        for (source, found) in self.further(log) {
            warn!(source, "{found}: adding what is missing");
            is_further = true;
        }
        is_further
    }

    /// Takes in how far objects reach, for somebody who only looks. Answers whether that is further than was planned with.
    pub(crate) fn look(&mut self, log: &ScanLog) -> bool {
        !self.further(log).is_empty()
    }

    /// What is found to reach further than is known, which it is from then on.
    fn further(&mut self, log: &ScanLog) -> Vec<(String, Extent)> {
        let mut further = Vec::new();
        for (source, found) in log.beyond() {
            let known = self.extents.get(&source).cloned();
            let joined = self.joined(&source, known.clone(), &found);
            if known.as_ref() != Some(&joined) {
                let _previous = self.extents.insert(source.clone(), joined);
                further.push((source, found));
            }
        }
        further
    }

    /// What a person should know who looks at sources that are wider than the ledger knows.
    pub(crate) fn notes(&self, job: &Job) -> Vec<String> {
        let note = |(source, columns): (String, Vec<String>)| {
            let columns = columns.join(", ");
            format!("source `{source}` is shown with what the next run adds to it: {columns}")
        };
        self.news(job).into_iter().map(note).collect()
    }

    /// What objects are read first depends on chance, so names that come in one run are sorted.
    fn joined(&self, source: &str, known: Option<Extent>, found: &Extent) -> Extent {
        let both = match known {
            Some(known) => known.with(found.clone()),
            None => found.clone(),
        };
        match both {
            Extent::Width(width) => Extent::Width(width),
            Extent::Names(mut names) => {
                let known = match self.before.get(source) {
                    Some(Extent::Names(known)) => known.len(),
                    _ => 0,
                };
                names.get_mut(known..).unwrap_or_default().sort();
                Extent::Names(names)
            }
        }
    }

    /// The columns that the ledger did not know of, by source.
    #[must_use]
    pub fn news(&self, job: &Job) -> BTreeMap<String, Vec<String>> {
        let of = |source: &std::sync::Arc<Source>| {
            let known = self.before.get(&source.name);
            let known = known.and_then(|extent| source.widened(extent).ok());
            let known: Vec<&str> = known.iter().flat_map(Source::added).collect();
            let news: Vec<String> =
                source.added().filter(|name| !known.contains(name)).map(str::to_owned).collect();
            (!news.is_empty()).then(|| (source.name.clone(), news))
        };
        job.sources.iter().filter_map(of).collect()
    }

    /// What the ledger is to know of a source whose objects have been read: name and text; none where nothing may be added.
    ///
    /// # Errors
    /// Kind `Refused` for rows narrower than those before them without a header, as nothing tells which column is gone.
    pub fn keep(
        &self,
        survey: &SourceSurvey,
        log: &ScanLog,
        counts: &ReadCounts,
    ) -> Result<Option<(String, String)>> {
        let source = &survey.source;
        if source.drift == DriftPolicy::Refuse {
            return Ok(None);
        }
        let kept = if source.settings.names_columns() {
            let names = source.added().map(str::to_owned).collect();
            Kept { declared: fingerprint(source), width: None, names: Some(names) }
        } else {
            let before = match self.before.get(&source.name) {
                Some(Extent::Width(width)) => Some(*width),
                _ => None,
            };
            let width = Some(widest(survey, log, counts, before)?);
            Kept { declared: fingerprint(source), width, names: None }
        };
        let text = serde_json::to_string(&kept)
            .map_err(|error| Error::failed("a ledger entry cannot be printed").source(error))?;
        Ok(Some((columns_key(&source.name), text)))
    }
}

/// The widest row of the generation, `before` being the widest that earlier runs know of. Columns are only added behind the
/// others, so rows never get narrower in the order of application: behind objects that this run has not read, at least
/// `before` is expected, which may be too much for a late object, but never writes values into the wrong column.
///
/// Where earlier runs know of nothing, such objects were read while drift was refused, so they are as wide as declared.
fn widest(
    survey: &SourceSurvey,
    log: &ScanLog,
    counts: &ReadCounts,
    before: Option<usize>,
) -> Result<usize> {
    let (source, state) = (&survey.source.name, &survey.state);
    let unread = before.unwrap_or(survey.source.declared);
    // What was loaded anew comes after everything else.
    let is_reload = state.news == News::Rebuild(RebuildReason::Reload);
    let mut widest = if is_reload { unread } else { 0 };
    let mut is_all_read = state.gone.is_empty() && survey.behind.is_none();
    for object in &survey.whole.objects {
        if let Some((least, most)) = log.widths(source, &object.key) {
            let floor = if is_all_read { widest } else { widest.max(unread) };
            if least < floor {
                return Err(narrower(survey, &object.key, least, floor));
            }
            widest = widest.max(most);
        }
        is_all_read &= counts.get(source, &object.key).is_some();
    }
    let known = if is_all_read { before.unwrap_or_default() } else { unread };
    Ok(widest.max(known))
}

fn narrower(survey: &SourceSurvey, key: &str, least: usize, floor: usize) -> Error {
    Error::refused(format!(
        "source `{}`: `{key}` has rows of {least} columns, others before it may have {floor}: perhaps a column was dropped at the source, and without a header nothing tells which",
        survey.source.name
    ))
    .hint("declare its columns as they are now in sources.sql; if they are declared so, or the object only came late, run once with --full-refresh. With AddColumnName columns are found by name")
}

fn extent(source: &Source, text: &str) -> Option<Extent> {
    // What cannot be read is found again in the objects.
    let kept: Kept = serde_json::from_str(text).ok()?;
    if kept.declared != fingerprint(source) {
        return None;
    }
    match (source.settings.names_columns(), kept.width, kept.names) {
        (false, Some(width), _) => Some(Extent::Width(width)),
        (true, _, Some(names)) => Some(Extent::Names(names)),
        _ => None,
    }
}

fn fingerprint(source: &Source) -> String {
    digest::hex(source.definition.as_bytes(), 16)
}
