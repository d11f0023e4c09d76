//! Asks the target and the staging folders.

use std::sync::Arc;

use datafusion::execution::SessionState;
use tracing::debug;
use transforms::scan::{Loads, ScanLog};
use transforms::staging::Vanished;

use super::{JobStatus, LastRun, ModelStatus, SourceStatus, State, runs, source};
use crate::decide::{Decision, redefined};
use crate::drift::Reach;
use crate::error::{Error, Kind, Result};
use crate::job::{Job, JobFolder, Output};
use crate::owner;
use crate::rejects::RejectsFolder;
use crate::report::SCHEMA_VERSION;
use crate::run::Known as Found;
use crate::survey::survey;
use crate::tables;
use crate::takeover::{self, taken_over};
use crate::target::Target;
use crate::target::ledger::{Ledger, everything};
use crate::wishes::Wishes;

/// A job to look at.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) job: &'a Job,
    pub(crate) folder: &'a JobFolder,
    pub(crate) engine: &'a SessionState,
    pub(crate) target: &'a Arc<dyn Target>,
    /// So many of the last runs are told.
    pub(crate) runs: usize,
}

/// How a job stands.
pub(crate) struct Looked {
    pub(crate) status: JobStatus,
    /// Why a run would be refused, or why what is staged cannot be told.
    pub(crate) trouble: Option<Error>,
}

/// Looks at a job.
///
/// # Errors
/// A ledger that cannot be read.
pub(crate) async fn look(known: Known<'_>) -> Result<Looked> {
    let Known { job, folder, engine, target, runs } = known;
    let ledger = target.ledger(job.name.as_str(), &everything).await?;
    let running = target.is_locked(job.name.as_str()).await;
    let running = running.inspect_err(|error| debug!(%error, "the lock cannot be asked")).ok();
    let reach = Reach::known(job, &ledger, false);
    let wide = reach.job(job, engine).await?;
    let look = async |wishes: &Wishes| {
        survey(&wide, folder, &ledger, engine, wishes, &|_| Loads::Any).await
    };
    // What is applied is told even where a run would be refused: that is when it is asked for most.
    let (surveys, trouble) = match look(&Wishes::default()).await {
        Ok(surveys) => {
            let drift = Arc::new(ScanLog::default());
            let found = Found { ledger: &ledger, reach: &reach, drift: &drift };
            let described = tables::describe(&wide, target).await;
            let decided = tables::decisions(&wide, &surveys, found, target, described);
            let allowed = match decided {
                Ok(decisions) => not_taken(&wide, &decisions, &ledger, target).await,
                Err(error) => Err(error),
            };
            (surveys, allowed.err())
        }
        Err(error) => {
            let ignoring = Wishes { vanished: Some(Vanished::Ignore), ..Wishes::default() };
            (look(&ignoring).await.unwrap_or_default(), Some(error))
        }
    };
    let rejects = RejectsFolder::open(job).ok().flatten();
    let file = |source: &str, generation, object: &str| {
        Some(rejects.as_ref()?.url(source, generation, object))
    };
    let sources: Vec<SourceStatus> = job
        .sources
        .iter()
        .map(|source| {
            let survey = surveys.iter().find(|survey| survey.source.name == source.name);
            source::status(source, survey, &ledger, &file)
        })
        .collect();
    let models = models(&wide, &ledger);
    let last_runs = runs::last(&ledger, runs);
    let newest = runs::last(&ledger, 1).pop();
    let has_news = !models.is_empty() || sources.iter().any(|source| source.pending_objects > 0);
    let status = JobStatus {
        schema_version: SCHEMA_VERSION,
        job: job.name.to_string(),
        target: target.display_name(),
        state: state(trouble.as_ref().map(Error::kind), running, newest.is_some(), has_news),
        running,
        lag_seconds: lag(&sources),
        last_run: newest.map(|run| LastRun { run_id: run.run_id, applied_at: run.applied_at }),
        last_runs,
        models,
        left_tables: owner::left_tables(&wide, &ledger, target).await,
        sources,
    };
    Ok(Looked { status, trouble })
}

/// Refuses what a run would refuse: to replace rows of somebody else.
async fn not_taken(
    job: &Job,
    decisions: &[Decision],
    ledger: &Ledger,
    target: &Arc<dyn Target>,
) -> Result<()> {
    takeover::check(job, &taken_over(job, decisions, ledger, target, &Wishes::default()).await?)
}

/// The models whose tables the next run builds anew whatever is staged; none before the first run, which builds all.
fn models(job: &Job, ledger: &Ledger) -> Vec<ModelStatus> {
    if ledger.last_run.is_empty() {
        return Vec::new();
    }
    let of = |output: &Output| {
        let written_with = ledger.models.get(&output.model).map(String::as_str);
        let reason = redefined(output, written_with)?;
        Some(ModelStatus { model: output.model.clone(), reason: reason.to_owned() })
    };
    job.outputs.iter().filter_map(of).collect()
}

/// That of the source that is behind most; none if one has never been read.
fn lag(sources: &[SourceStatus]) -> Option<i64> {
    let lags: Option<Vec<i64>> = sources.iter().map(|source| source.lag_seconds).collect();
    Some(lags?.into_iter().max().unwrap_or(0))
}

fn state(trouble: Option<Kind>, running: Option<bool>, has_run: bool, has_news: bool) -> State {
    match trouble {
        Some(kind) => kind.into(),
        None if running == Some(true) => State::Running,
        None if !has_run => State::NeverRun,
        None if has_news => State::Pending,
        None => State::UpToDate,
    }
}

impl From<Kind> for State {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Failed => Self::Failed,
            Kind::Usage => Self::Usage,
            Kind::Temporary => Self::Temporary,
            Kind::Refused => Self::Refused,
        }
    }
}
