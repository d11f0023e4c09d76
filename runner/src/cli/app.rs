//! What a process brings along, read once: environment, clock, cores.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::engine;

/// The process around a command.
#[derive(Clone)]
pub(super) struct App {
    variables: BTreeMap<String, String>,
    /// When the process started.
    pub(super) now: DateTime<Utc>,
    /// Cores to use.
    pub(super) cores: usize,
    /// Memory that may be used.
    pub(super) memory_bytes: u64,
}

impl App {
    pub(super) fn from_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            variables: variables.collect(),
            now: Utc::now(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_bytes: engine::memory_bytes(),
        }
    }

    /// An environment variable; one that is not UTF-8 is as good as none.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}
