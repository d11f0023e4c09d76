//! The orchestrator: the only place that knows the whole sequence of a run.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::execution::SessionState;
use tokio::sync::OnceCell;
use tracing::{info, warn};
use transforms::dms::DriftPolicy;
use transforms::scan::{DriftLog, ObjectRead, ReadCounts};
use transforms::staging::{News, RebuildReason, Staged};

use crate::decide::{Decision, Step, TableFacts, decide};
use crate::drift::Reach;
use crate::engine;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::gaps;
use crate::guard;
use crate::job::{Job, JobFolder, Output};
use crate::origin;
use crate::owner::{self, table_key};
use crate::rejects::{self, RejectsFolder, Tallied, tally};
use crate::report::{ModelReport, ObjectReport, Outcome, Report, SCHEMA_VERSION};
use crate::survey::{SourceSurvey, late_objects, news, survey};
use crate::takeover::{self, taken_over};
use crate::target::ledger::{
    COLUMNS_KEY, EntryKind, GONE, LOCATION_KEY, Ledger, LedgerEntry, LedgerUpdate, location_key,
};
use crate::target::{Counts, Loss, Record, Target};
use crate::wishes::Wishes;
use crate::work::{Tables, plan_work, spec};

/// How often a run begins again after it lost a connection to the target.
const LOSSES_MAX: u32 = 3;
/// The pause before the second attempt; it grows with each.
const LOSS_PAUSE: Duration = Duration::from_millis(300);

/// What is asked of a run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// What is asked or allowed beyond what the job says.
    pub wishes: Wishes,
    /// How long to wait for another run of the job.
    pub lock_wait: Duration,
    /// The run's id.
    pub run_id: String,
    /// The time of the ledger's rows.
    pub now: DateTime<Utc>,
}

/// Applies what is pending.
///
/// # Errors
/// See docs/operations.md; after any of them the target is as it was before.
pub async fn run(
    job: &Job,
    folder: &JobFolder,
    engine: &SessionState,
    target: &Arc<dyn Target>,
    options: &RunOptions,
) -> Result<Report> {
    let begun = Begun { started: Instant::now(), sent: Mutex::default() };
    let mut losses = 0;
    loop {
        match Box::pin(attempt(job, folder, engine, target, options, &begun)).await {
            Err(error) if error.is_connection_lost() && losses < LOSSES_MAX => {
                losses += 1;
                warn!(%error, losses, "the run begins again, and looks first whether its commit happened");
                tokio::time::sleep(LOSS_PAUSE * losses).await;
            }
            result => return result,
        }
    }
}

/// What outlives an attempt.
struct Begun {
    started: Instant,
    /// What is to be told if the last commit that was sent has happened.
    sent: Mutex<Option<Report>>,
}

impl Begun {
    fn sent(&self) -> Option<Report> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The report of an earlier attempt whose commit turns out to have happened.
    fn settled(&self, ledger: &Ledger, options: &RunOptions) -> Option<Report> {
        let is_ours = ledger.applied.iter().any(|applied| applied.run_id == options.run_id);
        self.sent().filter(|_| is_ours)
    }
}

/// One attempt of a run: the whole way from the lock to the commit, as it is on the first day.
async fn attempt(
    job: &Job,
    folder: &JobFolder,
    engine: &SessionState,
    target: &Arc<dyn Target>,
    options: &RunOptions,
    begun: &Begun,
) -> Result<Report> {
    failpoint!("run.begin");
    let _lock = target.lock(job.name.as_str(), options.lock_wait).await?;
    failpoint!("run.locked");
    target.recover(job.name.as_str()).await?;
    failpoint!("run.recovered");
    let ledger = target.ledger(job.name.as_str()).await?;
    if let Some(report) = begun.settled(&ledger, options) {
        info!("applied: the commit whose answer was lost had happened");
        return Ok(report);
    }
    let mut reach = Reach::known(job, &ledger, options.wishes.full_refresh);
    loop {
        let drift = Arc::new(DriftLog::default());
        let wide = reach.job(job, engine).await?;
        let known = Known { ledger: &ledger, reach: &reach, drift: &drift };
        match apply(&wide, folder, engine, target, options, begun, known).await {
            // Nothing is written where an object has not been read to its end.
            Err(error) if error.is_connection_lost() || !reach.learn(&drift) => return Err(error),
            Err(_) => {}
            report => return report,
        }
    }
}

/// What an attempt knows besides the job and what is staged.
#[derive(Clone, Copy)]
struct Known<'a> {
    ledger: &'a Ledger,
    reach: &'a Reach,
    /// Filled in while objects are read.
    drift: &'a Arc<DriftLog>,
}

/// Applies what is pending, over sources that are as wide as is known.
async fn apply(
    job: &Job,
    folder: &JobFolder,
    engine: &SessionState,
    target: &Arc<dyn Target>,
    options: &RunOptions,
    begun: &Begun,
    known: Known<'_>,
) -> Result<Report> {
    let ledger = known.ledger;
    let counts = Arc::new(ReadCounts::default());
    let engine = engine::of_run(engine, Arc::clone(&counts), Arc::clone(known.drift));
    let mut surveys = survey(job, folder, ledger, &engine, &options.wishes).await?;
    if options.wishes.retry_rejected {
        rejects::retry(&mut surveys, ledger);
    }
    failpoint!("run.surveyed");
    let decisions = decisions(job, &surveys, ledger, target).await?;
    let taken = taken_over(job, &decisions, ledger, target, &options.wishes).await?;
    takeover::check(job, &taken)?;
    failpoint!("run.decided");
    let record = RunRecord {
        job,
        options,
        known,
        surveys: &surveys,
        decisions: &decisions,
        counts,
        engine: &engine,
        target,
        begun,
        rejects: RejectsFolder::open(job)?,
        update: OnceCell::new(),
    };
    let work = plan_work(job, &decisions, &surveys, &engine, target).await?;
    failpoint!("run.planned");
    if is_idle(&decisions, &surveys) {
        info!("nothing to do");
        // A commit without objects leaves no rows in the ledger.
        let settled = begun.sent().filter(|report| report.objects.is_empty());
        return Ok(settled.unwrap_or_else(|| report(&record, &[], &LedgerUpdate::default())));
    }
    let written = match &work.tables {
        Tables::Rebuilds(tables) => target.rebuild(tables, &record).await,
        Tables::Changes(changes) => target.apply(changes, &record).await,
    };
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            return Err(origin::explain(error, job, &decisions, &surveys, &engine).await);
        }
    };
    failpoint!("run.written");
    let update = record.update().await?;
    if let Some(folder) = &record.rejects {
        rejects::tell(folder, ledger, &update).await;
    }
    info!(objects = update.entries.len(), tables = written.len(), "applied");
    Ok(report(&record, &written, &update))
}

/// Whether there is nothing to read and nothing to write.
#[must_use]
pub fn is_idle(decisions: &[Decision], surveys: &[SourceSurvey]) -> bool {
    decisions.iter().all(|decision| decision.step == Step::Untouched)
        && surveys.iter().all(|survey| {
            let state = &survey.state;
            let is_retried = state.news == News::Rebuild(RebuildReason::Retry);
            let has_lost = state.gone.iter().any(|gone| gone.is_news);
            let is_same = state.pending.is_empty() && state.superseded.is_empty() && !has_lost;
            is_same && !is_retried
        })
}

/// Looks at the tables, checks them against the models, and decides.
///
/// # Errors
/// Kind `Refused` for a table that cannot take its model and for a model that needs objects that are gone, kind `Usage` for
/// a model that no table can take.
pub async fn decisions(
    job: &Job,
    surveys: &[SourceSurvey],
    ledger: &Ledger,
    target: &Arc<dyn Target>,
) -> Result<Vec<Decision>> {
    owner::check(job, ledger, target).await?;
    let mut facts = Vec::with_capacity(job.outputs.len());
    for output in &job.outputs {
        facts.push(table_facts(job.drift(), output, ledger, target).await?);
    }
    let decisions = decide(&job.outputs, &news(surveys), &facts);
    let in_place =
        decisions.iter().any(|decision| matches!(decision.step, Step::Replay | Step::Replace));
    for ((output, decision), facts) in job.outputs.iter().zip(&decisions).zip(&facts) {
        if in_place
            && !facts.exists
            && decision.step != Step::Untouched
            && decision.step != Step::Rebuild
        {
            let statement = target.create_statement(&spec(output))?;
            return Err(Error::refused(format!(
                "table `{}` does not exist, and another table of the job cannot be exchanged",
                output.table
            ))
            .hint(format!("create it: {statement}")));
        }
    }
    gaps::check(&job.outputs, &decisions, surveys)?;
    Ok(decisions)
}

async fn table_facts(
    drift: DriftPolicy,
    output: &Output,
    ledger: &Ledger,
    target: &Arc<dyn Target>,
) -> Result<TableFacts> {
    let spec = spec(output);
    let def = target.describe(&output.table).await?;
    let mut lacks = Vec::new();
    match &def {
        None => {
            let _statement = target.create_statement(&spec)?;
        }
        Some(def) => {
            let mut mismatches = target.check(&spec, def);
            if drift == DriftPolicy::Widen {
                lacks = spec.take_lacking(&mut mismatches);
            }
            if !mismatches.is_empty() {
                let lines: Vec<String> = mismatches
                    .iter()
                    .map(|mismatch| format!("column `{}`: {}", mismatch.column, mismatch.reason))
                    .collect();
                return Err(Error::refused(format!(
                    "table `{}` does not fit model `{}`: {}",
                    output.table,
                    output.model,
                    lines.join("; ")
                ))
                .hint("alter the table, or cast in the SELECT; with drift = \"widen\" in job.toml columns that it lacks are added"));
            }
        }
    }
    Ok(TableFacts {
        exists: def.is_some(),
        swap_obstacle: def.and_then(|def| def.swap_obstacle),
        written_with: ledger.models.get(&output.model).cloned(),
        lacks,
    })
}

/// The names of columns that a table gets.
pub(crate) fn columns_added(output: &Output, decision: &Decision) -> Vec<String> {
    let fields = output.schema.fields();
    decision.adds.iter().filter_map(|index| Some(fields.get(*index)?.name().clone())).collect()
}

/// What this run writes to the ledger.
struct RunRecord<'a> {
    job: &'a Job,
    options: &'a RunOptions,
    known: Known<'a>,
    surveys: &'a [SourceSurvey],
    decisions: &'a [Decision],
    counts: Arc<ReadCounts>,
    engine: &'a SessionState,
    target: &'a Arc<dyn Target>,
    begun: &'a Begun,
    rejects: Option<RejectsFolder>,
    /// Made once, when all has been read.
    update: OnceCell<LedgerUpdate>,
}

#[async_trait]
impl Record for RunRecord<'_> {
    async fn update(&self) -> Result<LedgerUpdate> {
        self.update.get_or_try_init(|| self.make_update()).await.cloned()
    }

    fn allow(&self, losses: &[Loss]) -> Result<()> {
        let Self { job, decisions, options, surveys, .. } = self;
        guard::check(&job.outputs, decisions, losses, &options.wishes, surveys)
    }

    fn commits(&self, update: &LedgerUpdate, counts: &[Counts]) {
        let report = report(self, counts, update);
        *self.begun.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}

impl RunRecord<'_> {
    async fn make_update(&self) -> Result<LedgerUpdate> {
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
        Ok(LedgerUpdate {
            job: self.job.name.to_string(),
            run_id: self.options.run_id.clone(),
            applied_at: self.options.now,
            based_on: Some(self.known.ledger.basis()),
            entries,
            models: self.definitions()?,
        })
    }

    /// What the written models and the sources are now. A model that the job no longer has is written as gone: from now on its
    /// table lags behind the ledger, so that it must be built anew if the model comes back.
    fn definitions(&self) -> Result<BTreeMap<String, String>> {
        let is_written = |decision: &Decision| decision.step != Step::Untouched;
        let written = self.job.outputs.iter().zip(self.decisions).filter(|(_, d)| is_written(d));
        let written = written.map(|(output, _)| (output.model.clone(), output.fingerprint.clone()));
        let sources = self.surveys.iter().map(|survey| {
            (location_key(&survey.source.name), survey.folder.location().to_string())
        });
        let tables: BTreeMap<String, String> = self
            .job
            .outputs
            .iter()
            .map(|output| (table_key(&output.table), output.model.clone()))
            .collect();
        let is_there = |name: &str| {
            name.starts_with(LOCATION_KEY)
                || name.starts_with(COLUMNS_KEY)
                || tables.contains_key(name)
                || self.job.outputs.iter().any(|output| output.model == name)
        };
        let gone = self.known.ledger.models.keys().filter(|name| !is_there(name));
        let gone: Vec<(String, String)> =
            gone.map(|name| (name.clone(), GONE.to_owned())).collect();
        let mut all: BTreeMap<String, String> =
            gone.into_iter().chain(written).chain(sources).chain(tables).collect();
        for survey in self.surveys {
            all.extend(self.known.reach.keep(survey, self.known.drift)?);
        }
        Ok(all)
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
        transforms::dms::name::ObjectKind::FullLoad => EntryKind::Load,
        transforms::dms::name::ObjectKind::Change => EntryKind::Change,
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

fn report(record: &RunRecord<'_>, written: &[Counts], update: &LedgerUpdate) -> Report {
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
        .filter(|(_, decision)| decision.step != Step::Untouched);
    let models: Vec<ModelReport> = touched
        .zip(written)
        .map(|((output, decision), counts)| ModelReport {
            model: output.model.clone(),
            table: output.table.to_string(),
            way: decision.step.as_str(),
            upserted: counts.upserted,
            deleted: counts.deleted,
            read_again: record.read_again(&decision.step),
            columns_added: columns_added(output, decision),
        })
        .collect();
    let is_idle = objects.is_empty() && models.is_empty();
    Report {
        schema_version: SCHEMA_VERSION,
        job: record.job.name.to_string(),
        run_id: record.options.run_id.clone(),
        outcome: if is_idle { Outcome::NothingToDo } else { Outcome::Applied },
        rows_read: objects.iter().map(|object| object.rows).sum(),
        objects,
        columns_added: if is_idle { BTreeMap::new() } else { record.known.reach.news(record.job) },
        models,
        target: record.target.display_name(),
        elapsed_ms: u64::try_from(record.begun.started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
