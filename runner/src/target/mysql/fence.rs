//! Keeps the last statement of a dead run from taking effect behind the back of the next one.
//!
//! When a client dies, the server does not notice while it executes a statement: a COMMIT that waits for a replica, or a RENAME
//! that waits for a reader, may still happen minutes later. So the session that is about to do either holds this lock, which
//! ends with the session, and recovery waits for it before it looks at what has happened.

use mysql_async::{Conn, Value};

use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::mysql::connect::Connector;
use crate::target::mysql::error::Result;
use crate::target::mysql::{decode, lock};

/// Longer than `lock_wait_timeout` of our sessions, after which a waiting RENAME gives up.
pub(super) const WAIT_SECONDS: u64 = 60;

/// Takes the lock for the rest of the session, or until it is given back as often as it was taken.
pub(super) async fn hold(conn: &mut Conn, connector: &Connector, job: &str) -> Result<()> {
    failpoint!("mysql.fence.before");
    let parameters = vec![Value::from(name(connector, job)), Value::from(WAIT_SECONDS)];
    let rows = decode::rows(conn, "SELECT GET_LOCK(?, ?)", parameters).await?;
    failpoint!("mysql.fence.after");
    if decode::first_unsigned(&rows) == Some(1) {
        return Ok(());
    }
    let message = "a statement of an interrupted run is still running in the server";
    Err(Error::temporary(message).hint("run again later, or end that session by KILL").into())
}

/// Gives the lock back before the session ends.
pub(super) async fn release(conn: &mut Conn, connector: &Connector, job: &str) -> Result<()> {
    decode::rows(conn, "SELECT RELEASE_LOCK(?)", vec![Value::from(name(connector, job))]).await?;
    Ok(())
}

fn name(connector: &Connector, job: &str) -> String {
    lock::name("write", connector.url().database(), job)
}
