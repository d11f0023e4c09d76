//! How a job stands: what is applied and what waits. Reads, and writes nothing.
//!
//! ```text
//! ledger, what is staged, the lock (look) -> each source (source), the last runs (runs) -> JobStatus
//! ```

mod look;
mod runs;
mod source;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::owner::LeftTable;

pub(crate) use look::{Known, Looked, look};
pub use runs::RunStatus;
pub(crate) use source::current;
pub use source::{RejectedIn, SourceStatus};

/// How a job stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct JobStatus {
    /// That of reports.
    pub schema_version: u32,
    /// Its name.
    pub job: String,
    /// Its target, without its password.
    pub target: String,
    /// In a word.
    pub state: State,
    /// Whether a run of it is under way; `None` where the target cannot tell.
    pub running: Option<bool>,
    /// How far the target is behind what is staged, of the source that is behind most; `None` if one has never been read.
    pub lag_seconds: Option<i64>,
    /// The run that committed last.
    pub last_run: Option<LastRun>,
    /// The last runs that committed, the newest first.
    pub last_runs: Vec<RunStatus>,
    /// Models whose tables the next run builds anew, whatever is staged: their definition is another one than the tables were
    /// written with.
    pub models: Vec<ModelStatus>,
    /// Tables that the job wrote and writes no more; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_tables: Vec<LeftTable>,
    /// Its sources, as they are declared.
    pub sources: Vec<SourceStatus>,
}

/// A model whose table the next run builds anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelStatus {
    /// Its name.
    pub model: String,
    /// Why, as a lowercase fragment.
    pub reason: String,
}

/// The run that committed last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LastRun {
    /// Its id.
    pub run_id: String,
    /// When it began, by its own clock.
    #[schemars(with = "String")]
    pub applied_at: DateTime<Utc>,
}

/// How a job stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing waits.
    UpToDate,
    /// Something waits: objects, or a model's definition that is another one than its table was written with.
    Pending,
    /// No run has applied anything.
    NeverRun,
    /// A run is under way.
    Running,
    /// It cannot be told, or a run would end like this: the kind of the error.
    Failed,
    /// See [`State::Failed`].
    Usage,
    /// See [`State::Failed`].
    Temporary,
    /// See [`State::Failed`].
    Refused,
}

impl JobStatus {
    /// Its objects, bytes or rows of all sources together.
    #[must_use]
    pub fn total(&self, of_source: impl Fn(&SourceStatus) -> u64) -> u64 {
        self.sources.iter().map(of_source).sum()
    }
}

impl State {
    /// Whether a run would end like this, or it cannot be told.
    #[must_use]
    pub fn is_trouble(self) -> bool {
        match self {
            Self::Failed | Self::Usage | Self::Temporary | Self::Refused => true,
            Self::UpToDate | Self::Pending | Self::NeverRun | Self::Running => false,
        }
    }

    /// For people.
    #[must_use]
    pub fn as_words(self) -> &'static str {
        match self {
            Self::UpToDate => "up to date",
            Self::Pending => "pending",
            Self::NeverRun => "never run",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Usage => "to be corrected",
            Self::Temporary => "temporary",
            Self::Refused => "refused",
        }
    }
}
