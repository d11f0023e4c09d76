//! The engine of one process: cores, memory, spill folder, object stores.

use std::num::NonZero;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use transforms::scan::{ReadCounts, ScanLog};
use transforms::session::session_state;
use transforms::sql::Dialect;

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::progress::Counters;
use crate::store::Folder;

/// Of the machine's memory, the engine uses at most this share for sorts and joins; beyond it they spill.
const MEMORY_SHARE: u64 = 2;
/// Below this, sorting cannot even merge what it spilled.
const MEMORY_BYTES_MIN: u64 = 256 * 1024 * 1024;
/// How many consumers an out-of-memory message names.
const CONSUMERS_NAMED: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(2);

/// A session in a dialect, of the machine's cores and a bounded share of `memory_bytes`.
///
/// # Errors
/// A temporary folder that cannot be used.
pub fn engine(dialect: Dialect, cores: usize, memory_bytes: u64) -> Result<SessionState> {
    let pool_bytes = (memory_bytes / MEMORY_SHARE).max(MEMORY_BYTES_MIN);
    let pool = FairSpillPool::new(usize::try_from(pool_bytes).unwrap_or(usize::MAX));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(TrackConsumersPool::new(pool, CONSUMERS_NAMED)))
        .build()
        .map_err(|error| Error::failed("the engine cannot start").source(error))?;
    Ok(session_state(dialect, cores, Arc::new(runtime)))
}

/// Makes a folder's store known to the engine.
pub fn register(runtime: &RuntimeEnv, folder: &Folder) {
    let _previous =
        runtime.register_object_store(folder.store_url().as_ref(), Arc::clone(folder.store()));
}

/// The same session for one attempt of a run: its scans report their row counts and how wide objects are, `now()` is one moment in all
/// its plans, and how far it is is counted anew.
#[must_use]
pub fn of_run(state: &SessionState, counts: Arc<ReadCounts>, drift: Arc<ScanLog>) -> SessionState {
    if let Some(counters) = state.config().get_extension::<Counters>() {
        counters.reset();
    }
    let config = state.config().clone().with_extension(counts).with_extension(drift);
    let mut state = state.clone();
    *state.config_mut() = config;
    state.mark_start_execution();
    state
}

/// The same session, in which `now()` is this moment.
#[must_use]
pub fn at(mut state: SessionState, now: DateTime<Utc>) -> SessionState {
    state.execution_props_mut().query_execution_start_time = Some(now);
    state
}

/// The memory that this process may use: the least of what the machine has, and of the limits of its container and of its AWS Lambda
/// function.
#[must_use]
pub fn memory_bytes(environment: &Environment) -> u64 {
    /// In MiB (AWS Lambda developer guide, "Defined runtime environment variables").
    const FUNCTION: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
    const FALLBACK: u64 = 2 * 1024 * 1024 * 1024;
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let container = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .into_iter()
        .find_map(|path| read(path)?.trim().parse::<u64>().ok());
    let machine = read("/proc/meminfo").and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?.to_owned();
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    });
    let function = environment.variable(FUNCTION).and_then(|text| text.trim().parse::<u64>().ok());
    let function = function.map(|mib| mib.saturating_mul(1024 * 1024));
    [container, machine, function].into_iter().flatten().min().unwrap_or(FALLBACK)
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        crate::failure::explain(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_the_memory_that_lambda_says() {
        let of = |size: &str| {
            let variable = ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), size.to_owned());
            memory_bytes(&[variable].into_iter().collect())
        };
        assert_eq!(of("128"), 128 * 1024 * 1024);
        let of_machine = memory_bytes(&Environment::default());
        assert_eq!(of("1000000000"), of_machine, "more than there is");
        assert_eq!(of("many"), of_machine);
    }
}
