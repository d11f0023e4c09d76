//! What a run writes to the ledger, and what it tells.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use datafusion::execution::SessionState;
use tokio::sync::OnceCell;
use transforms::scan::{Frozen, ObjectRead, ReadCounts};
use transforms::staging::{News, Staged};

use crate::decide::{self, Decision, Step};
use crate::error::{Error, Result};
use crate::guard;
use crate::job::Job;
use crate::lag::time_of;
use crate::owner::{table_key, with_written, written_key};
use crate::progress::{self, Phase};
use crate::quality::{self, Evaluated, RuleReport};
use crate::recent;
use crate::rejects::{self, RejectsFolder, Tallied, tally};
use crate::report::{ModelReport, ObjectReport, Outcome, Report, SCHEMA_VERSION};
use crate::resets::ColumnReset;
use crate::run::{Begun, Known, RunOptions};
use crate::survey::{SourceSurvey, late_objects};
use crate::tables::columns_added;
use crate::target::ledger::{
    COLUMNS_KEY, EntryKind, GONE, HORIZON_KEY, LOCATION_KEY, LedgerEntry, LedgerUpdate,
    SEQUENCE_KEY, WRITTEN_KEY, horizon_key, location_key, newest_sequence, sequence_key,
};
use crate::target::runs::{CommittedRun, ObjectCounts, RUNS_KEY, Runs};
use crate::target::{Counts, Loss, Record, Target};

/// What this run writes to the ledger.
pub(crate) struct RunRecord<'a> {
    pub(crate) job: &'a Job,
    pub(crate) options: &'a RunOptions,
    pub(crate) known: Known<'a>,
    pub(crate) surveys: &'a [SourceSurvey],
    pub(crate) decisions: &'a [Decision],
    /// For each model the columns that are set to their default.
    pub(crate) resets: &'a [Vec<ColumnReset>],
    pub(crate) counts: Arc<ReadCounts>,
    pub(crate) engine: &'a SessionState,
    pub(crate) target: &'a Arc<dyn Target>,
    pub(crate) begun: &'a Begun,
    pub(crate) rejects: Option<RejectsFolder>,
    /// What came of the rules.
    pub(crate) quality: Vec<Evaluated>,
    /// Made once, when all has been read.
    pub(crate) update: OnceCell<LedgerUpdate>,
}

#[async_trait]
impl Record for RunRecord<'_> {
    fn job(&self) -> &str {
        self.job.name.as_str()
    }

    async fn update(&self) -> Result<LedgerUpdate> {
        self.update.get_or_try_init(|| self.make_update()).await.cloned()
    }

    fn allow(&self, losses: &[Loss]) -> Result<()> {
        let Self { job, decisions, options, surveys, .. } = self;
        self.check_planned(losses)?;
        guard::check(&job.outputs, decisions, losses, &options.wishes, surveys)
    }

    fn commits(&self, update: &LedgerUpdate, counts: &[Counts]) {
        let report = report(self, counts, update);
        *self.begun.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}

impl RunRecord<'_> {
    /// Whether tables are written as was planned, if something was; see [`crate::plan::Pins::check_written`].
    pub(crate) fn check_planned(&self, losses: &[Loss]) -> Result<()> {
        match &self.options.pinned {
            Some(pinned) => pinned.check_written(&self.job.outputs, self.decisions, losses),
            None => Ok(()),
        }
    }

    async fn make_update(&self) -> Result<LedgerUpdate> {
        progress::enter(self.engine, Phase::Committing);
        let tally = tally(self.surveys, self.known.ledger, &self.counts, self.engine).await?;
        tally.check(self.job.rejects.most)?;
        if let Some(folder) = &self.rejects {
            rejects::keep(folder, &tally).await?;
        }
        let mut entries = Vec::new();
        for Tallied { survey, staged, read, .. } in tally.objects.iter().filter(|o| o.is_news()) {
            let Some(read) = read else { continue };
            entries.push(entry(survey, staged, survey.state.generation, read));
        }
        for survey in self.surveys {
            for staged in &survey.state.superseded {
                let ended = survey.state.generation.saturating_sub(1);
                let kind = EntryKind::Superseded;
                let unread = ObjectRead::default();
                entries.push(LedgerEntry { kind, ..entry(survey, staged, ended, &unread) });
            }
        }
        entries.extend(self.surveys.iter().filter(|survey| survey.state.emptied).map(emptied));
        entries.extend(self.surveys.iter().flat_map(|survey| self.newly_gone(survey)));
        let mut models = self.definitions()?;
        // The ledger is still the one that is read, or nothing is written: so this is the order of commits.
        let runs = Runs::of(self.known.ledger);
        let run = self.this_run(&runs, &entries);
        let _before = models.insert(RUNS_KEY.to_owned(), runs.with(run).text()?);
        Ok(LedgerUpdate {
            job: self.job.name.to_string(),
            run_id: self.options.run_id.clone(),
            applied_at: self.options.now,
            based_on: Some(self.known.ledger.last_run.clone()),
            entries,
            models,
        })
    }

    /// This run, as later ones know it.
    fn this_run(&self, runs: &Runs, entries: &[LedgerEntry]) -> CommittedRun {
        let (ledger, options) = (self.known.ledger, self.options);
        let elapsed = TimeDelta::from_std(self.begun.started.elapsed()).unwrap_or_default();
        let all = self.job.outputs.iter().zip(self.decisions);
        let written = all.filter(|(_, decision)| decision.step != Step::Untouched);
        let mut changed = written.clone().filter_map(|(output, _)| {
            decide::redefined(output, ledger.models.get(&output.model).map(String::as_str))
        });
        CommittedRun {
            number: 0,
            run_id: options.run_id.clone(),
            began: options.now,
            committed: options.now + elapsed,
            objects: ObjectCounts::of(entries),
            tables: written.count(),
            refresh: options.wishes.full_refresh,
            definition: !ledger.last_run.is_empty() && changed.next().is_some(),
            again: runs.again(ledger, entries),
        }
    }

    /// What the written models and the sources are now. A model that the job no longer has is written as gone: from now on its
    /// table lags behind the ledger, so that it must be built anew if the model comes back.
    fn definitions(&self) -> Result<BTreeMap<String, String>> {
        let is_written = |decision: &Decision| decision.step != Step::Untouched;
        let written = self.job.outputs.iter().zip(self.decisions).filter(|(_, d)| is_written(d));
        let written = written.map(|(output, _)| (output.model.clone(), output.fingerprint.clone()));
        let sources = self
            .surveys
            .iter()
            .map(|survey| (location_key(&survey.source.name), survey.places.to_string()));
        let tables: BTreeMap<String, String> = self
            .job
            .outputs
            .iter()
            .map(|output| (table_key(&output.table), output.model.clone()))
            .collect();
        let is_there = |name: &str| {
            name.starts_with(LOCATION_KEY)
                || name.starts_with(COLUMNS_KEY)
                || name.starts_with(HORIZON_KEY)
                || name.starts_with(SEQUENCE_KEY)
                || name.starts_with(WRITTEN_KEY)
                || name == RUNS_KEY
                || tables.contains_key(name)
                || self.job.outputs.iter().any(|output| output.model == name)
        };
        let gone = self.known.ledger.models.keys().filter(|name| !is_there(name));
        let gone: Vec<(String, String)> =
            gone.map(|name| (name.clone(), GONE.to_owned())).collect();
        let mut all: BTreeMap<String, String> =
            gone.into_iter().chain(written).chain(sources).chain(tables).collect();
        for (output, decision) in self.job.outputs.iter().zip(self.decisions) {
            if is_written(decision) {
                let columns = with_written(output, &decision.step, self.known.ledger);
                let columns = serde_json::to_string(&columns);
                let columns = columns.map_err(|error| {
                    Error::failed("the list of columns cannot be printed").source(error)
                })?;
                let _before = all.insert(written_key(&output.table), columns);
            }
        }
        for survey in self.surveys {
            all.extend(self.known.reach.keep(survey, self.known.drift, &self.counts)?);
            all.extend(self.horizon(survey));
            all.extend(self.newest_sequence(survey));
        }
        Ok(all)
    }

    /// Where the next run is to look: the note's name and text; none where there was none and is none.
    fn horizon(&self, survey: &SourceSurvey) -> Option<(String, String)> {
        let (notes, name) = (&self.known.ledger.models, horizon_key(&survey.source.name));
        match recent::horizon(self.job, survey, notes, self.options.now) {
            Some(horizon) => Some((name, horizon.to_string())),
            None => notes.contains_key(&name).then(|| (name, GONE.to_owned())),
        }
    }

    /// What later runs compare the order of changes with. Without a note the next changes are compared with all objects.
    fn newest_sequence(&self, survey: &SourceSurvey) -> Option<(String, String)> {
        let source = &survey.source;
        let name = sequence_key(&source.name);
        let notes = &self.known.ledger.models;
        if source.change_sequence.is_none() {
            // What comes until the column is declared again is not compared with it.
            return notes.contains_key(&name).then(|| (name, GONE.to_owned()));
        }
        let read = self.known.drift.newest_sequence(&source.name).unwrap_or_default();
        let is_read = |object: &Frozen| self.counts.get(&source.name, &object.key).is_some();
        let is_all_read = survey.behind.is_none()
            && survey.state.gone.is_empty()
            && survey.whole.objects.iter().all(is_read);
        match newest_sequence(notes, &source.name) {
            _ if is_all_read => Some((name, read)),
            Some(known) => Some((name, known.to_owned().max(read))),
            None => None,
        }
    }

    /// The entries of objects that are found to be gone, marked so.
    fn newly_gone<'s>(
        &'s self,
        survey: &'s SourceSurvey,
    ) -> impl Iterator<Item = LedgerEntry> + 's {
        let gone = survey.state.gone.iter().filter(|gone| gone.is_news);
        let gone: HashSet<&str> = gone.map(|gone| gone.key.as_str()).collect();
        let is_gone = move |entry: &&LedgerEntry| {
            entry.source == survey.source.name
                && entry.generation == survey.state.generation
                && gone.contains(entry.object.as_str())
        };
        let applied =
            self.known.ledger.applied.iter().map(|applied| &applied.entry).filter(is_gone);
        applied.map(|entry| LedgerEntry { kind: EntryKind::Gone, ..entry.clone() })
    }

    /// Applied objects that a step reads again.
    fn read_again(&self, step: &Step) -> usize {
        let Step::RowWise { driver } = step else { return 0 };
        let state = self.surveys.iter().find(|survey| survey.source.name == *driver);
        match state.map(|survey| survey.state.news) {
            Some(News::Changes { read_again }) => read_again,
            _ => 0,
        }
    }
}

/// The mark of a generation without objects.
fn emptied(survey: &SourceSurvey) -> LedgerEntry {
    LedgerEntry {
        source: survey.source.name.clone(),
        object: String::new(),
        fingerprint: String::new(),
        kind: EntryKind::Emptied,
        generation: survey.state.generation,
        position: String::new(),
        size: 0,
        modified: DateTime::UNIX_EPOCH,
        rows: 0,
        rejected: 0,
    }
}

fn entry(
    survey: &SourceSurvey,
    staged: &Staged,
    generation: u32,
    read: &ObjectRead,
) -> LedgerEntry {
    let kind = match staged.name.kind {
        staged::ObjectKind::FullLoad => EntryKind::Load,
        staged::ObjectKind::Change => EntryKind::Change,
    };
    LedgerEntry {
        source: survey.source.name.clone(),
        object: staged.listed.key.clone(),
        fingerprint: staged.listed.fingerprint(),
        kind,
        generation,
        position: staged.position(),
        size: staged.listed.size,
        modified: staged.listed.modified,
        rows: read.rows,
        rejected: read.rejected(),
    }
}

/// When the newest change of an object was committed, as far as its rows tell, or its name.
fn committed(record: &RunRecord<'_>, entry: &LedgerEntry) -> Option<DateTime<Utc>> {
    let told = record.known.drift.newest_commit(&entry.source, &entry.object);
    told.and_then(DateTime::from_timestamp_micros).or_else(|| time_of(&entry.position))
}

/// What the run tells of itself.
pub(crate) fn report(record: &RunRecord<'_>, written: &[Counts], update: &LedgerUpdate) -> Report {
    let late = late_objects(record.surveys);
    let objects: Vec<ObjectReport> = update
        .entries
        .iter()
        .filter(|entry| entry.kind != EntryKind::Emptied)
        .map(|entry| ObjectReport {
            source: entry.source.clone(),
            key: entry.object.clone(),
            kind: entry.kind.as_str(),
            late: late.contains(&(entry.source.as_str(), entry.object.as_str())),
            // What is gone is not read.
            rows: if entry.kind == EntryKind::Gone { 0 } else { entry.rows },
            rejected: entry.rejected,
            bytes: entry.size,
            committed: committed(record, entry),
            rejects: record
                .rejects
                .as_ref()
                .filter(|_| entry.rejected > 0)
                .map(|folder| folder.url(&entry.source, entry.generation, &entry.object)),
        })
        .collect();
    let touched = record
        .job
        .outputs
        .iter()
        .zip(record.decisions)
        .zip(record.resets)
        .filter(|((_, decision), _)| decision.step != Step::Untouched);
    let models: Vec<ModelReport> = touched
        .zip(written)
        .map(|(((output, decision), resets), counts)| ModelReport {
            model: output.model.clone(),
            table: output.table.to_string(),
            way: decision.step.as_str(),
            upserted: counts.upserted,
            deleted: counts.deleted,
            replaced: counts.replaced,
            read_again: record.read_again(&decision.step),
            columns_added: columns_added(output, decision),
            columns_reset: resets.clone(),
        })
        .collect();
    let is_idle = objects.is_empty() && models.is_empty();
    let rules = record.quality.iter().flat_map(|evaluated| &evaluated.rules);
    let quality: Vec<RuleReport> = rules.cloned().collect();
    Report {
        schema_version: SCHEMA_VERSION,
        job: record.job.name.to_string(),
        run_id: record.options.run_id.clone(),
        outcome: if is_idle { Outcome::NothingToDo } else { Outcome::Applied },
        rows_read: objects.iter().map(|object| object.rows).sum(),
        objects,
        columns_added: if is_idle { BTreeMap::new() } else { record.known.reach.news(record.job) },
        models,
        quality_score: quality::score(&quality),
        quality,
        target: record.target.display_name(),
        elapsed_ms: u64::try_from(record.begun.started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
