//! What a process brings along, read once: environment, clock, cores.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use chrono::{DateTime, Utc};
use datafusion::execution::SessionState;
use transforms::sql::Dialect;

use super::loudness::Shown;
use super::under_way::UnderWay;
use crate::engine;
use crate::environment::Environment;
use crate::error::Result;
use crate::settings;

/// The process around a command.
#[derive(Clone)]
pub(super) struct App {
    /// The variables of the process.
    pub(super) environment: Environment,
    /// Values for `${NAME}` in the files of jobs, the weakest there are.
    pub(super) vars: Arc<BTreeMap<String, String>>,
    /// What was not taken from the file of defaults, and why.
    pub(super) ignored: Arc<[String]>,
    /// When the process started.
    pub(super) now: DateTime<Utc>,
    /// The same, to measure from.
    pub(super) started: Instant,
    /// Cores to use.
    pub(super) cores: usize,
    /// Memory that may be used.
    pub(super) memory_bytes: u64,
    /// The run, as soon as one has begun.
    pub(super) run: Arc<OnceLock<UnderWay>>,
    /// Whether the shell hears interrupts, which end the process else.
    pub(super) is_interrupt_taken: Arc<AtomicBool>,
    /// What is counted, and how that is shown.
    pub(super) shown: Shown,
}

impl App {
    pub(super) fn from_process() -> Self {
        let environment = Environment::of_process();
        Self {
            memory_bytes: engine::memory_bytes(&environment),
            environment,
            vars: Arc::default(),
            ignored: Arc::default(),
            now: Utc::now(),
            started: Instant::now(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            run: Arc::default(),
            is_interrupt_taken: Arc::default(),
            shown: Shown::default(),
        }
    }

    /// The same with the file of defaults.
    ///
    /// # Errors
    /// Those of [`settings::read`].
    pub(super) fn configured(&self) -> Result<Self> {
        let settings = settings::read(&self.environment)?;
        let environment = self.environment.clone().with_defaults(settings.variables);
        let (vars, ignored) = (Arc::new(settings.vars), settings.ignored.into());
        Ok(Self { environment, vars, ignored, ..self.clone() })
    }

    /// A session in a dialect, of whose work is counted how far it is.
    ///
    /// # Errors
    /// Those of [`engine::engine`].
    pub(super) fn engine(&self, dialect: Dialect) -> Result<SessionState> {
        let engine = engine::engine(dialect, self.cores, self.memory_bytes)?;
        Ok(self.shown.counters.of_session(engine))
    }

    /// An environment variable; one that is not UTF-8 is as good as none.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.variable(name).map(str::to_owned)
    }

    /// The folder of jobs: as it was given, else as the environment says.
    pub(super) fn jobs(&self, given: Option<&String>) -> String {
        let told = || self.variable("UNGLUE_JOBS").filter(|jobs| !jobs.is_empty());
        given.cloned().or_else(told).unwrap_or_else(|| "sql".to_owned())
    }
}
