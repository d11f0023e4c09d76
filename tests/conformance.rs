//! What every target must do, whatever its database: the contract of [`runner::target::Target`] as checks.
//!
//! Each check gets a [`Subject`] of its own, on an empty database. `main.rs` makes [`trials`] of all of them for each
//! kind of database.

mod existing;
mod failures;
mod fixtures;
mod ledger;
mod merge;
mod names;
mod reading;
mod sqlite;
mod values;
mod whole;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use libtest_mimic::Trial;
use runner::target::Target;

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
pub(crate) fn trials(
    database: &str,
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
    checks().into_iter().map(trial).collect()
}

/// A new SQLite database.
pub(crate) fn sqlite() -> BoxFuture<'static, Subject> {
    Box::pin(std::future::ready(sqlite::subject()))
}

/// Every check, in the order from simple to hard.
fn checks() -> Vec<Check> {
    [
        ledger::checks(),
        whole::checks(),
        values::checks(),
        merge::checks(),
        existing::checks(),
        failures::checks(),
        names::checks(),
        reading::checks(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
