//! Whole transactions again after a lock wait time-out or a deadlock.

use futures::future::BoxFuture;

use crate::backoff::pause;
use crate::target::mysql::connect::Connector;
use crate::target::mysql::error::{Failure, Result};

/// How often a transaction is tried. Each lock wait may take `innodb_lock_wait_timeout`, 50 s by default.
const ATTEMPTS_MAX: u32 = 5;

/// Runs `attempt` until it succeeds, fails otherwise than by a conflict, or has failed too often. An attempt must leave
/// nothing behind when it fails.
pub(super) async fn transaction<'a, T>(
    connector: &Connector,
    attempt: impl Fn() -> BoxFuture<'a, Result<T>> + Send,
) -> Result<T> {
    let mut conflicts = 0;
    loop {
        match attempt().await {
            Err(failure) if failure.forbids_local_infile() && connector.takes_local_infile() => {
                connector.forgo_local_infile();
            }
            Err(failure) if again(&failure, &mut conflicts).await => {}
            result => return result,
        }
    }
}

/// Whether a transaction that failed is to be tried again, after a pause. `conflicts` counts, from 0.
pub(super) async fn again(failure: &Failure, conflicts: &mut u32) -> bool {
    if !failure.is_conflict() || *conflicts + 1 >= ATTEMPTS_MAX {
        return false;
    }
    *conflicts += 1;
    tracing::info!(conflicts, "the transaction met another one and is repeated");
    tokio::time::sleep(pause(*conflicts)).await;
    true
}
