//! What every target must do, whatever its database: the contract of [`runner::target::Target`] as checks.
//!
//! Each check gets a [`Subject`] of its own, on an empty database. `main.rs` makes [`trials`] of all of them for each
//! kind of database.

mod existing;
mod failures;
mod fixtures;
mod ledger;
mod merge;
mod mysql;
mod names;
mod reading;
mod sqlite;
mod values;
mod whole;
mod widened;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use libtest_mimic::Trial;
use runner::target::Target;

use crate::support::{MySqlServer, Servers, Shared};

/// A database under test.
pub(crate) struct Subject {
    /// The target to be checked.
    pub(crate) target: Arc<dyn Target>,
    /// The same database as another process would open it.
    pub(crate) other: Arc<dyn Target>,
    /// The database's own client, for what a target cannot do.
    pub(crate) native: Arc<dyn Native>,
    /// The largest UInt64 that the database stores.
    pub(crate) unsigned_max: u64,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("target", &self.target).finish_non_exhaustive()
    }
}

/// Runs SQL of the database itself.
#[async_trait]
pub(crate) trait Native: Send + Sync {
    /// Runs one statement; panics if it fails.
    async fn execute(&self, sql: &str);

    /// The first value of the first row as text; `None` for NULL or no row.
    async fn value(&self, sql: &str) -> Option<String>;

    /// Drops an index; panics if it is not there.
    async fn drop_index(&self, index: &str, table: &str);
}

/// One check; it panics if the target does not keep the contract.
#[derive(Debug)]
pub(crate) struct Check {
    /// A sentence, written as a function's name.
    pub(crate) name: &'static str,
    /// Runs it.
    pub(crate) run: fn(Subject) -> BoxFuture<'static, ()>,
}

/// Makes the list of a module's checks from their functions.
macro_rules! list {
    ($($name:ident),* $(,)?) => {
        vec![$($crate::conformance::Check {
            name: stringify!($name),
            run: |subject| Box::pin($name(subject)),
        }),*]
    };
}
use list;

/// One trial for each check, named `conformance::DATABASE::CHECK`. `subject` is called outside a future, once for each, and its
/// future is run on the trial's own runtime.
fn of(
    database: &str,
    checks: Vec<Check>,
    subject: impl Fn() -> BoxFuture<'static, Subject> + Send + Sync + 'static,
) -> Vec<Trial> {
    let subject = Arc::new(subject);
    let trial = |check: Check| {
        let subject = Arc::clone(&subject);
        Trial::test(format!("conformance::{database}::{}", check.name), move || {
            let subject = subject();
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(async { (check.run)(subject.await).await });
            Ok(())
        })
    };
    checks.into_iter().map(trial).collect()
}

/// A new SQLite database.
fn sqlite() -> BoxFuture<'static, Subject> {
    Box::pin(std::future::ready(sqlite::subject()))
}

/// All checks on all databases.
pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let server = |pick: fn(&Servers) -> &MySqlServer, charset: &'static str| {
        let servers = Shared::clone(servers);
        move || -> BoxFuture<'static, Subject> {
            // Outside the future, since the server's helpers block.
            Box::pin(mysql::subject(mysql::fresh_url(pick(&servers), charset)))
        }
    };
    // What a table of ours holds does not depend on the database's own character set.
    let values = || [ledger::checks(), values::checks(), names::checks()].into_iter().flatten();
    [
        of("sqlite", all_checks(), sqlite),
        of("mysql", all_checks(), server(|servers| &servers.mysql, "utf8mb4")),
        of("mariadb", all_checks(), server(|servers| &servers.mariadb, "utf8mb4")),
        of("mysql_latin1", values().collect(), server(|servers| &servers.mysql, "latin1")),
        of("mariadb_latin1", values().collect(), server(|servers| &servers.mariadb, "latin1")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every check, in the order from simple to hard.
fn all_checks() -> Vec<Check> {
    [
        ledger::checks(),
        whole::checks(),
        values::checks(),
        merge::checks(),
        existing::checks(),
        widened::checks(),
        failures::checks(),
        names::checks(),
        reading::checks(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
