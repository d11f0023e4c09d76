//! What a process brings along, read once: environment, clock, cores.

use chrono::{DateTime, Utc};

use crate::engine;
use crate::environment::Environment;

/// The process around a command.
#[derive(Clone)]
pub(super) struct App {
    /// The variables of the process.
    pub(super) environment: Environment,
    /// When the process started.
    pub(super) now: DateTime<Utc>,
    /// Cores to use.
    pub(super) cores: usize,
    /// Memory that may be used.
    pub(super) memory_bytes: u64,
}

impl App {
    pub(super) fn from_process() -> Self {
        Self {
            environment: Environment::of_process(),
            now: Utc::now(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_bytes: engine::memory_bytes(),
        }
    }

    /// An environment variable; one that is not UTF-8 is as good as none.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.variable(name).map(str::to_owned)
    }
}
