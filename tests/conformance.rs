//! What every target must do, whatever its database: the contract of [`runner::target::Target`] as checks.
//!
//! Each check gets a [`Subject`] of its own, on an empty database. `main.rs` runs all of them for each database.

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
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
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

/// Every check, in the order from simple to hard.
pub(crate) fn checks() -> Vec<Check> {
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

/// A new SQLite database in `folder`.
pub(crate) fn sqlite(folder: &Path) -> Subject {
    sqlite::subject(folder)
}
