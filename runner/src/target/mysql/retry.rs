//! Whole transactions again after a lock wait time-out or a deadlock.

use std::time::Duration;

use futures::future::BoxFuture;
use uuid::Uuid;

use crate::target::mysql::connect::Connector;
use crate::target::mysql::error::{Failure, Result};

/// How often a transaction is tried. Each lock wait may take `innodb_lock_wait_timeout`, 50 s by default.
const ATTEMPTS_MAX: u32 = 5;
const PAUSE_FIRST: Duration = Duration::from_millis(100);

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

/// How long to wait after so many failures in a row. Doubles each time, and half of it is chance, so that two runs do not
/// meet again.
pub(super) fn pause(failures: u32) -> Duration {
    let full = PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    // The last bytes of a version 7 UUID are random.
    let chance = u32::from(Uuid::now_v7().as_bytes()[15]);
    full / 2 + (full / 510).saturating_mul(chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_their_bounds() {
        for conflicts in 1..ATTEMPTS_MAX {
            let full = PAUSE_FIRST * 2_u32.pow(conflicts - 1);
            let pause = pause(conflicts);
            assert!(full / 2 <= pause && pause <= full, "{pause:?}");
        }
    }
}
