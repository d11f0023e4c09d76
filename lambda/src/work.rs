//! What is done about the needs of a job, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use staged::job::JobName;
use tokio::sync::Semaphore;

use crate::ecs::{EcsError, Seen};
use crate::need::Need;
use crate::restart::{Verdict, judge};

/// What came of a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A task was started for it; `again`: for one that stopped.
    Started {
        /// Whether it was started by itself, for a task that stopped.
        again: bool,
    },
    /// It was done within the function.
    Ran,
    /// A run within the function did not come to its end, and ended with this exit status: it must come again, as far as that helps
    /// ([`judge`]).
    RunFailed(u8),
    /// A task sees it, or has seen it.
    Covered,
    /// The task that stopped had done its work.
    Done,
    /// The task that stopped is not started again: a person has to look.
    GaveUp,
    /// A task of the job runs that may have looked before: it must come again.
    Waits,
    /// It must come again, and why.
    Failed(String),
}

impl Outcome {
    /// Why the message must come again on its account; none if it need not.
    #[must_use]
    pub fn left(&self) -> Option<String> {
        match self {
            Self::Waits => Some("a task runs that may have looked before".to_owned()),
            Self::Failed(error) => Some(error.clone()),
            Self::RunFailed(status) if !self.has_failed() => {
                Some(format!("the run ended with status {status}"))
            }
            Self::Started { .. }
            | Self::Ran
            | Self::RunFailed(_)
            | Self::Covered
            | Self::Done
            | Self::GaveUp => None,
        }
    }

    /// Whether a person has to look, for it does not come again by itself.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        match self {
            Self::GaveUp => true,
            Self::RunFailed(status) => judge(Some((*status).into())) == Verdict::Failed,
            _ => false,
        }
    }
}

impl From<&EcsError> for Outcome {
    fn from(error: &EcsError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Does what is needed of a job.
pub trait Worker: Sync {
    /// How many jobs it may work on at the same time.
    const AT_ONCE: usize;

    /// One outcome for each need, in their order. It is dropped when the time that is left is over; what is needed then comes again.
    ///
    /// `seen` is of the whole invocation.
    fn work(
        &self,
        job: &JobName,
        needs: &[Need],
        left: Duration,
        seen: &Seen,
    ) -> impl Future<Output = Vec<Outcome>> + Send;
}

/// Does what is needed of all jobs until then: the outcomes of each job, in their order. A job that hangs keeps none from its turn but
/// by the place that it takes.
pub async fn work_all<W: Worker>(
    worker: &W,
    by_job: &BTreeMap<JobName, Vec<Need>>,
    until: DateTime<Utc>,
) -> Vec<Vec<Outcome>> {
    let (seen, places) = (&Seen::default(), &Semaphore::new(W::AT_ONCE));
    let works = by_job.iter().map(|(job, needs)| async move {
        let _place = places.acquire().await;
        let left = (until - Utc::now()).to_std().unwrap_or(Duration::ZERO);
        let work = worker.work(job, needs, left, seen);
        tokio::time::timeout(left, work).await.unwrap_or_else(|_| {
            tracing::error!(%job, "the time of the invocation is over");
            vec![Outcome::Failed("the time of the invocation is over".to_owned()); needs.len()]
        })
    });
    join_all(works).await
}
