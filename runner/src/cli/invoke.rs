//! A command line within a process that goes on, such as a function of AWS Lambda.

use std::ffi::OsString;
use std::time::Duration;

use tokio::sync::oneshot::{Receiver, channel};

use super::app::App;
use super::{TERMINATED, execute};
use crate::error::Kind;
use crate::telemetry::{self, peak_memory};

/// How long interrupted work may take to end. Who invokes has a deadline that is nearer than that of a container.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// Does what the program `runner` does with these arguments, without its name, and answers the exit status.
///
/// The environment, stdout and stderr are those of this process; logs are written as the first who started them said
/// ([`telemetry::init`]). What is under way after `limit`, or when the future is dropped, is interrupted as by SIGTERM, status 143: nothing
/// is half applied. That takes up to 5 s more.
///
/// The work has a runtime of its own, as in `runner`: with its stacks, and with all connections closed when it ends, since a
/// function is frozen between its invocations, and locks are those of connections. At most one command at a time, since logs are of one run.
pub async fn invoke(args: Vec<String>, limit: Duration) -> u8 {
    // Dropped with this future.
    let (_alive, gone) = channel::<()>();
    let (ended, end) = channel();
    let work = move || {
        peak_memory::begin();
        let name = OsString::from("runner");
        let typed = std::iter::once(name).chain(args.into_iter().map(OsString::from)).collect();
        let status = execute(typed, &App::from_process(), stopped(limit, gone), LEAVE_WITHIN);
        telemetry::end_run();
        // Who has gone knows that it was interrupted.
        let _gone = ended.send(status);
    };
    let failed = Kind::Failed.exit_status();
    match std::thread::Builder::new().name("run".to_owned()).spawn(work) {
        // A panic has been told of where it happened.
        Ok(_thread) => end.await.unwrap_or(failed),
        Err(error) => {
            tracing::error!(%error, "a thread cannot be started");
            failed
        }
    }
}

async fn stopped(limit: Duration, gone: Receiver<()>) -> u8 {
    let _over_or_gone = tokio::time::timeout(limit, gone).await;
    TERMINATED
}
