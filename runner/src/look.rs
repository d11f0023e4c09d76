//! What is there and what follows from it: the same for a run and for a plan.

use std::sync::Arc;

use datafusion::execution::SessionState;

use crate::decide::Decision;
use crate::error::Result;
use crate::failpoint::failpoint;
use crate::job::{Job, JobFolder};
use crate::lag::Waiting;
use crate::plan::Inputs;
use crate::progress::{self, Phase};
use crate::quality;
use crate::recent;
use crate::rejects;
use crate::run::Known;
use crate::survey::{SourceSurvey, survey_pinned};
use crate::tables;
use crate::target::Target;
use crate::wishes::Wishes;

/// What a job and its target are looked at with.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) job: &'a Job,
    pub(crate) folder: &'a JobFolder,
    pub(crate) known: Known<'a>,
    pub(crate) engine: &'a SessionState,
    pub(crate) target: &'a Arc<dyn Target>,
    pub(crate) wishes: &'a Wishes,
    /// Told what is pending.
    pub(crate) waiting: &'a Waiting,
    /// The inputs of the plan that is to be applied; what came after it is not seen.
    pub(crate) pinned: Option<&'a Inputs>,
}

/// What is staged for each source, and what happens to each table. `None` if only a part of the ledger was read and that does not
/// suffice: whatever was found, or went wrong, is told after a look at everything.
///
/// # Errors
/// Those of [`survey_pinned`] and [`tables::decisions`] after a look at everything, and a lost connection.
pub(crate) async fn look(look: Look<'_>) -> Result<Option<(Vec<SourceSurvey>, Vec<Decision>)>> {
    let Look { job, folder, known, engine, target, wishes, waiting, pinned } = look;
    progress::enter(engine, Phase::Listing);
    let ledger = known.ledger;
    let is_part = !ledger.parts.is_empty();
    let loads = |source: &str| known.reach.loads(job, source);
    // The staging place and the target answer at the same time.
    let (surveyed, described) = tokio::join!(
        survey_pinned(job, folder, ledger, engine, (wishes, pinned), &loads),
        tables::describe(job, target)
    );
    let mut surveys = match surveyed {
        Err(_) if is_part => return Ok(None),
        surveyed => surveyed?,
    };
    if wishes.retry_rejected {
        rejects::retry(&mut surveys, ledger);
    }
    waiting.note(&surveys);
    progress::enter(engine, Phase::Reading);
    failpoint!("run.surveyed");
    match tables::decisions(job, &surveys, known, target, described) {
        // Rules are of whole tables.
        Ok(decisions)
            if !is_part
                || recent::suffices(&surveys, &decisions) && !quality::is_due(job, &decisions) =>
        {
            Ok(Some((surveys, decisions)))
        }
        Err(error) if !is_part || error.is_connection_lost() => Err(error),
        _ => Ok(None),
    }
}
