//! What a process brings along, read once: environment, clock, cores.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use chrono::{DateTime, Utc};

use super::under_way::UnderWay;
use crate::engine;

/// The process around a command.
#[derive(Clone)]
pub(super) struct App {
    variables: BTreeMap<String, String>,
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
}

impl App {
    pub(super) fn from_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            variables: variables.collect(),
            now: Utc::now(),
            started: Instant::now(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_bytes: engine::memory_bytes(),
            run: Arc::default(),
        }
    }

    /// An environment variable; one that is not UTF-8 is as good as none.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// The folder of jobs: as it was given, else as the environment says.
    pub(super) fn jobs(&self, given: Option<&String>) -> String {
        let told = || self.variable("UNGLUE_JOBS").filter(|jobs| !jobs.is_empty());
        given.cloned().or_else(told).unwrap_or_else(|| "sql".to_owned())
    }
}
