//! One run at a time for a job: `GET_LOCK` on a connection of its own.

use std::fmt;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};
use tokio::task::JoinHandle;

use crate::digest;
use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::Lock;
use crate::target::mysql::connect::{Connector, KEEPALIVE};
use crate::target::mysql::decode;
use crate::target::mysql::error::Result;

/// Holds the lock by holding its connection: the server releases it when that ends, also if this process dies.
///
/// If the network cuts the connection, the lock is lost. A second run may then begin; both still apply an object at most once,
/// since the ledger's rows are written in the transaction of the data, and an exchange of tables looks at them once more.
struct JobLock {
    /// Owns the connection.
    keeper: JoinHandle<()>,
    name: String,
}

impl Drop for JobLock {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Says something from time to time, as idle connections are closed.
async fn keep(mut conn: Conn) {
    loop {
        tokio::time::sleep(KEEPALIVE).await;
        if conn.ping().await.is_err() {
            tracing::warn!("the connection that holds the job's lock is lost");
            return;
        }
    }
}

impl Lock for JobLock {}

impl fmt::Debug for JobLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The connection would print the password.
        f.debug_struct("JobLock").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Takes the job's lock, waiting at most `wait`, in whole seconds.
pub(super) async fn lock(
    connector: &Connector,
    job: &str,
    wait: Duration,
) -> Result<Box<dyn Lock>> {
    let mut conn = connector.open().await?;
    let name = name("run", connector.url().database(), job);
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let parameters = vec![Value::from(&name), Value::from(seconds)];
    let rows = decode::rows(&mut conn, "SELECT GET_LOCK(?, ?)", parameters).await?;
    failpoint!("mysql.lock.after");
    match decode::first_unsigned(&rows) {
        Some(1) => Ok(Box::new(JobLock { keeper: tokio::spawn(keep(conn)), name })),
        Some(_) => {
            let message =
                format!("another run of job `{job}` holds its lock on {}", connector.url());
            Err(Error::temporary(message).hint("run again when it has ended").into())
        }
        None => Err(Error::temporary("the server could not take the job's lock")
            .hint("run again")
            .into()),
    }
}

/// Whether a connection holds the lock of a job on a database.
pub(super) async fn is_held(conn: &mut Conn, database: &str, job: &str) -> Result<bool> {
    let name = vec![Value::from(name("run", database, job))];
    let rows = decode::rows(conn, "SELECT IS_USED_LOCK(?)", name).await?;
    Ok(decode::first_unsigned(&rows).is_some())
}

/// The name of a job's lock. Locks are of the whole server, and their names have at most 64 characters.
pub(super) fn name(purpose: &str, database: &str, job: &str) -> String {
    let hex = digest::hex(format!("{purpose}\0{database}\0{job}").as_bytes(), 20);
    format!("unglue_{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_differ_by_database_and_job() {
        let long = name("run", &"d".repeat(64), &"j".repeat(64));
        assert!(long.len() <= 64, "{long}");
        assert_ne!(name("run", "a", "b"), name("run", "a", "c"));
        assert_ne!(name("run", "a", "b"), name("run", "c", "b"));
    }
}
