//! What is done about the needs of a job, and what came of it.

use std::time::Duration;

use staged::job::JobName;

use crate::ecs::EcsError;
use crate::need::Need;

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
    /// A run within the function did not come to its end, and ended with this exit status: it must come again.
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
    /// Whether the message need not come again on its account.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        !matches!(self, Self::Waits | Self::Failed(_) | Self::RunFailed(_))
    }
}

impl From<&EcsError> for Outcome {
    fn from(error: &EcsError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Does what is needed of a job.
pub trait Worker: Sync {
    /// One outcome for each need, in their order. It is dropped when the time that is left is over; what is needed then comes again.
    fn work(
        &self,
        job: &JobName,
        needs: &[Need],
        left: Duration,
    ) -> impl Future<Output = Vec<Outcome>> + Send;
}
