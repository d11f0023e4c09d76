//! The orchestrator: the only place that knows the whole sequence of a run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use datafusion::execution::SessionState;
use tokio::sync::OnceCell;
use tracing::{debug, info, warn};
use transforms::scan::{ReadCounts, ScanLog};
use transforms::staging::{News, RebuildReason};

use crate::decide::{Decision, Step};
use crate::drift::Reach;
use crate::engine;
use crate::error::Result;
use crate::failpoint::failpoint;
use crate::job::{Job, JobFolder};
use crate::lag::Waiting;
use crate::look::{self, Look};
use crate::origin;
use crate::plan::{self, Pins};
use crate::progress::{self, Phase};
use crate::quality;
use crate::recent::{self, Outset};
use crate::record::{RunRecord, report};
use crate::rejects::{self, RejectsFolder};
use crate::report::Report;
use crate::resets;
use crate::survey::SourceSurvey;
use crate::takeover::{self, taken_over};
use crate::target::Record as _;
use crate::target::Target;
use crate::target::ledger::{Ledger, LedgerUpdate, Notes, Wanted, everything};
use crate::wishes::Wishes;
use crate::work::{Tables, plan_work};

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
    /// The URLs of the objects that events told of.
    pub told: Vec<String>,
    /// The run's id.
    pub run_id: String,
    /// The time of the ledger's rows.
    pub now: DateTime<Utc>,
    /// What `now()` is in models and rules: the time of the run, or that of the plan which it does.
    pub clock: DateTime<Utc>,
    /// Where the run notes what it found pending.
    pub waiting: Arc<Waiting>,
    /// The plan to do exactly; anything that moved since it was made refuses the run.
    pub pinned: Option<Arc<Pins>>,
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
    if let Some(pinned) = &options.pinned {
        // Not even a ledger is made in another database.
        pinned.check_target(target)?;
    }
    let begun = Begun { started: Instant::now(), sent: Mutex::default() };
    let task = Task { folder, engine, target, options, begun: &begun };
    let mut losses = 0;
    loop {
        match Box::pin(attempt(job, task)).await {
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
pub(crate) struct Begun {
    pub(crate) started: Instant,
    /// What is to be told if the last commit that was sent has happened.
    pub(crate) sent: Mutex<Option<Report>>,
}

impl Begun {
    fn sent(&self) -> Option<Report> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The report of an earlier attempt whose commit turns out to have happened.
    fn settled(&self, ledger: &Ledger, options: &RunOptions) -> Option<Report> {
        let is_mine = |run_id: &str| run_id == options.run_id;
        let is_ours = is_mine(&ledger.last_run)
            || ledger.applied.iter().any(|applied| is_mine(&applied.run_id));
        self.sent().filter(|_| is_ours)
    }
}

/// What all attempts of a run have in common, but for the job, which may widen.
#[derive(Clone, Copy)]
struct Task<'a> {
    folder: &'a JobFolder,
    engine: &'a SessionState,
    target: &'a Arc<dyn Target>,
    options: &'a RunOptions,
    begun: &'a Begun,
}

/// One attempt of a run: the whole way from the lock to the commit, as it is on the first day.
async fn attempt(job: &Job, task: Task<'_>) -> Result<Report> {
    let Task { folder, engine, target, options, begun } = task;
    failpoint!("run.begin");
    progress::enter(engine, Phase::Locking);
    let _lock = target.lock(job.name.as_str(), options.lock_wait).await?;
    failpoint!("run.locked");
    target.recover(job.name.as_str()).await?;
    failpoint!("run.recovered");
    let outset = Outset { wishes: &options.wishes, told: &options.told, now: options.now };
    let recent = |notes: &Notes| recent::parts(job, folder, notes, outset);
    // A commit whose answer was lost is looked for in all rows.
    let mut wanted: &Wanted<'_> = if begun.sent().is_some() { &everything } else { &recent };
    loop {
        let ledger = target.ledger(job.name.as_str(), wanted).await?;
        if let Some(report) = begun.settled(&ledger, options) {
            info!("applied: the commit whose answer was lost had happened");
            return Ok(report);
        }
        if let Some(pinned) = &options.pinned {
            pinned.check(job, target, &ledger).await?;
        }
        if let Some(report) = decide_and_apply(job, task, &ledger).await? {
            return Ok(report);
        }
        debug!("what is recent does not suffice: everything is looked at");
        wanted = &everything;
    }
}

/// From the ledger to the commit; `None` if what was read of the ledger does not suffice.
async fn decide_and_apply(job: &Job, task: Task<'_>, ledger: &Ledger) -> Result<Option<Report>> {
    let mut reach = Reach::known(job, ledger, task.options.wishes.full_refresh);
    loop {
        let drift = Arc::new(ScanLog::default());
        let wide = reach.job(job, task.engine).await?;
        let known = Known { ledger, reach: &reach, drift: &drift };
        match apply(&wide, task, known).await {
            // Nothing is written where an object has not been read to its end.
            Err(error) if error.is_connection_lost() || !reach.learn(&drift) => return Err(error),
            Err(_) => {}
            report => return report,
        }
    }
}

/// What an attempt knows besides the job and what is staged.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) reach: &'a Reach,
    /// Filled in while objects are read.
    pub(crate) drift: &'a Arc<ScanLog>,
}

/// Applies what is pending, over sources that are as wide as is known; `None` if the ledger's part does not suffice.
async fn apply(job: &Job, task: Task<'_>, known: Known<'_>) -> Result<Option<Report>> {
    let Task { folder, engine, target, options, begun } = task;
    let ledger = known.ledger;
    let counts = Arc::new(ReadCounts::default());
    let engine = engine::of_run(engine, Arc::clone(&counts), Arc::clone(known.drift));
    let engine = engine::at(engine, options.clock);
    let wishes = &options.wishes;
    let waiting = &options.waiting;
    let pinned = options.pinned.as_deref();
    let inputs = pinned.map(|pinned| &pinned.inputs);
    let look =
        Look { job, folder, known, engine: &engine, target, wishes, waiting, pinned: inputs };
    let Some((surveys, decisions)) = look::look(look).await? else { return Ok(None) };
    if let Some(pinned) = pinned {
        pinned.check_staged(&surveys)?;
    }
    let taken = taken_over(job, &decisions, ledger, target, wishes).await?;
    takeover::check(job, &taken)?;
    let resets = resets::allowed(job, &decisions, ledger, target, wishes).await?;
    failpoint!("run.decided");
    let rejects = RejectsFolder::open(job)?;
    let work = plan_work(job, &decisions, &surveys, &engine, target).await?;
    failpoint!("run.planned");
    let evaluated = quality::evaluate(job, &decisions, &surveys, &work, &engine, options.clock);
    let quality = Box::pin(evaluated).await?;
    quality::allow(&quality)?;
    let checked = plan::check_effects(pinned, job, &decisions, &work, &engine, target);
    Box::pin(checked).await?;
    let record = RunRecord {
        job,
        options,
        known,
        surveys: &surveys,
        decisions: &decisions,
        resets: &resets,
        counts,
        engine: &engine,
        target,
        begun,
        rejects,
        quality,
        update: OnceCell::new(),
    };
    if is_idle(&decisions, &surveys) {
        record.check_planned(&[])?;
        info!("nothing to do");
        // A commit without objects leaves no rows in the ledger.
        let settled = begun.sent().filter(|report| report.objects.is_empty());
        let told = settled.unwrap_or_else(|| report(&record, &[], &LedgerUpdate::default()));
        return Ok(Some(told));
    }
    progress::enter(&engine, Phase::Writing);
    let written = match &work.tables {
        Tables::Rebuilds(tables) => target.rebuild(tables, &record).await,
        Tables::Changes(changes) => target.apply(changes, &record).await,
    };
    let written = match written {
        Ok(written) => written,
        // The rows that it is about may be in objects that were not looked at.
        Err(error) if !ledger.parts.is_empty() && error.culprit().is_some() => return Ok(None),
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
    Ok(Some(report(&record, &written, &update)))
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
            // The mark of an emptied generation, even of a source that no model reads.
            is_same && !is_retried && !state.emptied
        })
}
