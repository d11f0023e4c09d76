//! Which job writes which table: two jobs that wrote one table would undo each other, and both would call it up to date.

use crate::digest;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::target::ledger::{Ledger, TABLE_KEY};
use crate::target::name::TableName;

/// Names in `unglue_meta` are bounded; a longer table name stands for itself by its hash.
const NAME_LENGTH_MAX: usize = 100;

/// The name under which a job's ownership of a table is kept; case does not tell tables apart everywhere.
pub(crate) fn table_key(table: &TableName) -> String {
    let name = table.to_string().to_lowercase();
    if name.len() <= NAME_LENGTH_MAX {
        return format!("{TABLE_KEY}{name}");
    }
    format!("{TABLE_KEY}{}", digest::hex(name.as_bytes(), 16))
}

/// Checks that no other job writes a table of this one. Two first runs at the same time may both pass, so every run asks.
///
/// # Errors
/// Kind `Refused`, naming the other job.
pub(crate) fn check(job: &Job, ledger: &Ledger) -> Result<()> {
    for output in &job.outputs {
        let key = table_key(&output.table);
        if let Some(owner) = ledger.taken.get(&key) {
            let table = &output.table;
            return Err(Error::refused(format!("table `{table}` is written by job `{owner}`"))
                .hint(format!("give the model another table, or, if that job is no more, delete its row `model/{owner}/{key}` of unglue_meta; then run once with --full-refresh")));
        }
    }
    Ok(())
}
