//! What all objects of the current generations hold: rows, and rows set aside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::execution::SessionState;
use futures::TryStreamExt;
use transforms::dms::csv::{BadRows, ROW_ERRORS_MAX, RowErrors};
use transforms::scan::error::ScanError;
use transforms::scan::{Frozen, ObjectRead, ReadCounts};
use transforms::staging::{News, RebuildReason, Staged};

use crate::error::{Error, Result};
use crate::raw_rows::raw_rows;
use crate::survey::SourceSurvey;
use crate::target::ledger::{Ledger, LedgerEntry};
use crate::units::counted;

/// The objects that the tables are made of after this run.
#[derive(Debug)]
pub struct Tally<'a> {
    /// In the order of sources and application.
    pub objects: Vec<Tallied<'a>>,
    /// Rows that were set aside in objects that are gone.
    gone: u64,
}

/// An object of a current generation.
#[derive(Debug)]
pub struct Tallied<'a> {
    /// The source that it belongs to.
    pub survey: &'a SourceSurvey,
    /// The object.
    pub staged: &'a Staged,
    /// Whether this run applies it.
    pub is_pending: bool,
    /// What it holds, if this run has read it.
    pub read: Option<Arc<ObjectRead>>,
    /// Rows and rows set aside when it was applied before.
    known: Option<(u64, u64)>,
}

impl Tallied<'_> {
    /// How many rows of it are set aside.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        match &self.read {
            Some(read) => read.rejected(),
            None => self.known.map_or(0, |(_, rejected)| rejected),
        }
    }

    /// Whether the ledger has to be told: it is applied now, or holds something else than when it was.
    #[must_use]
    pub fn is_news(&self) -> bool {
        let found = self.read.as_ref().map(|read| (read.rows, read.rejected()));
        self.is_pending || found.is_some_and(|found| Some(found) != self.known)
    }

    /// The object as users know it.
    #[must_use]
    pub fn url(&self) -> String {
        let places = &self.survey.places;
        let changes = places.changes.as_ref().filter(|_| self.staged.listed.beside);
        format!("{}{}", changes.unwrap_or(&places.table), self.staged.listed.key)
    }
}

/// Counts, after the plans of the run have been run.
///
/// What no plan has read to its end (a model with LIMIT, a source that no model reads) is read here: what the ledger calls
/// applied has been checked. So is an applied object that a plan has read a part of, if rows may be set aside in it.
///
/// # Errors
/// Those of reading.
pub async fn tally<'a>(
    surveys: &'a [SourceSurvey],
    ledger: &Ledger,
    counts: &ReadCounts,
    engine: &SessionState,
) -> Result<Tally<'a>> {
    let mut objects = Vec::new();
    for survey in surveys {
        let known = known(survey, ledger);
        let pending: BTreeSet<usize> = survey.state.pending.iter().copied().collect();
        let is_retried = survey.state.news == News::Rebuild(RebuildReason::Retry);
        let may_have_rejects = survey.whole.bad_rows != BadRows::Refuse;
        let all = survey.state.objects.iter().zip(&survey.whole.objects);
        for (index, (staged, frozen)) in all.enumerate() {
            let is_pending = pending.contains(&index);
            let is_begun = may_have_rejects && counts.is_begun(&survey.source.name, &frozen.key);
            let read = match is_pending || is_retried || is_begun {
                true => Some(read(survey, frozen, counts, engine).await?),
                false => counts.get(&survey.source.name, &frozen.key),
            };
            let known = known.get(frozen.key.as_str()).map(|entry| (entry.rows, entry.rejected));
            objects.push(Tallied { survey, staged, is_pending, read, known });
        }
    }
    Ok(Tally { objects, gone: surveys.iter().map(|survey| rejected_of_gone(survey, ledger)).sum() })
}

fn known<'a>(survey: &SourceSurvey, ledger: &'a Ledger) -> BTreeMap<&'a str, &'a LedgerEntry> {
    let entries = ledger.applied.iter().map(|applied| &applied.entry);
    let is_here = |entry: &&LedgerEntry| {
        entry.source == survey.source.name && entry.generation == survey.state.generation
    };
    entries.filter(is_here).map(|entry| (entry.object.as_str(), entry)).collect()
}

/// Rows that were set aside in objects whose rows are in the tables and that are staged no longer.
fn rejected_of_gone(survey: &SourceSurvey, ledger: &Ledger) -> u64 {
    let known = known(survey, ledger);
    let gone = survey.state.gone.iter().filter_map(|gone| known.get(gone.key.as_str()));
    gone.map(|entry| entry.rejected).sum()
}

async fn read(
    survey: &SourceSurvey,
    object: &Frozen,
    counts: &ReadCounts,
    engine: &SessionState,
) -> Result<Arc<ObjectRead>> {
    let source = &survey.source.name;
    if let Some(read) = counts.get(source, &object.key) {
        return Ok(read);
    }
    let table = survey.whole.with_objects(vec![object.clone()]);
    let mut batches = raw_rows(table, None, engine).await?;
    while batches.try_next().await?.is_some() {}
    counts
        .get(source, &object.key)
        .ok_or_else(|| Error::failed(format!("{}: its rows were not counted", object.key)))
}

impl Tally<'_> {
    /// How many rows are set aside in all objects.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.gone + self.objects.iter().map(Tallied::rejected).sum::<u64>()
    }

    /// How many of them this run sets aside: of objects that it applies, or that hold something else than when they were applied.
    #[must_use]
    pub fn set_aside(&self) -> u64 {
        self.objects.iter().filter(|object| object.is_news()).map(Tallied::rejected).sum()
    }

    /// Checks that no more rows are set aside than may be.
    ///
    /// # Errors
    /// Kind `Refused`, with the first rows that this run has found.
    pub fn check(&self, most: u64) -> Result<()> {
        let rejected = self.rejected();
        if rejected <= most {
            return Ok(());
        }
        let (mut told, mut room) = (String::new(), ROW_ERRORS_MAX);
        for object in &self.objects {
            let rejects = object.read.iter().flat_map(|read| &read.rejects);
            let errors = rejects.flat_map(|reject| &reject.errors).take(room).cloned();
            let errors = RowErrors { errors: errors.collect(), drift: false, stop: None };
            if !errors.errors.is_empty() {
                room -= errors.errors.len();
                let error = ScanError::Rejected { object: object.url(), errors };
                told = format!("{told}{error}\n");
            }
        }
        Err(Error::refused(format!(
            "{told}{} would be set aside in all, `rejected_rows` allows {most}",
            counted(rejected, "row")
        ))
        .hint("nothing was written; correct the objects or sources.sql and run with --retry-rejected, or raise `rejected_rows` in job.toml"))
    }
}
