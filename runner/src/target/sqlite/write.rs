//! One transaction: the tables' changes, the ledger, the commit.

use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::failpoint::failpoint;
use crate::target::rows::Rows;
use crate::target::sqlite::fault::Step;
use crate::target::sqlite::link::Link;
use crate::target::sqlite::rows::Table;
use crate::target::sqlite::{connection, ledger};
use crate::target::{Change, Counts, Loss, TableChange, TableRebuild};

/// How often a transaction is tried when another connection is in the way; each waits for the busy time-out.
const ATTEMPTS_MAX: u32 = 3;

/// The pause before the second attempt; it grows with each.
const PAUSE: Duration = Duration::from_millis(200);

/// What a transaction does to the tables.
#[derive(Debug)]
pub(super) enum Work {
    /// [`crate::target::Target::apply`]
    Apply(Vec<TableChange>),
    /// [`crate::target::Target::rebuild`]
    Rebuild(Vec<TableRebuild>),
}

/// Runs the transaction, again from its beginning while the database is busy.
pub(super) fn run(path: &Path, work: &Work, link: &mut Link) -> Step<Vec<Counts>> {
    let mut attempt = 1;
    loop {
        match transaction(path, work, link) {
            Err(fault) if fault.is_busy() && attempt < ATTEMPTS_MAX => {
                link.check()?;
                thread::sleep(PAUSE * attempt);
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn transaction(path: &Path, work: &Work, link: &mut Link) -> Step<Vec<Counts>> {
    let mut connection = connection::open_to_write(path)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Only the state at the commit counts, in whatever order the tables are written.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    failpoint!("sqlite.write.begun");
    let (counts, losses) = write_tables(&transaction, work, link)?.into_iter().unzip();
    failpoint!("sqlite.write.before_ledger");
    ledger::write(&transaction, &link.update(losses)?)?;
    link.check()?;
    failpoint!("sqlite.commit.before");
    transaction.commit()?;
    failpoint!("sqlite.commit.after");
    Ok(counts)
}

fn write_tables(
    connection: &Connection,
    work: &Work,
    link: &mut Link,
) -> Step<Vec<(Counts, Loss)>> {
    match work {
        Work::Apply(changes) => {
            let apply = |change: &TableChange| {
                apply(connection, change, link).map_err(|fault| fault.at(&change.spec.table))
            };
            changes.iter().map(apply).collect()
        }
        Work::Rebuild(tables) => {
            let rebuild = |table: &TableRebuild| {
                rebuild(connection, table, link).map_err(|fault| fault.at(&table.spec.table))
            };
            tables.iter().map(rebuild).collect()
        }
    }
}

fn apply(connection: &Connection, change: &TableChange, link: &mut Link) -> Step<(Counts, Loss)> {
    let table = Table::open(connection, &change.spec)?;
    match &change.change {
        Change::Append { rows } => {
            let upserted = table.insert(rows, link)?;
            Ok((
                Counts { upserted, ..Counts::default() },
                Loss { written: upserted, ..Loss::default() },
            ))
        }
        Change::Replace { rows } => replace(&table, rows, link),
        Change::Merge { deletes, upserts, kept_counted_times } => {
            let deleted = table.delete(deletes, link)?;
            let before = deleted + table.kept(deleted, *kept_counted_times)?;
            let upserted = table.upsert(upserts, link)?;
            let loss = Loss { before, gone: deleted, written: upserted };
            Ok((Counts { upserted, deleted, replaced: None }, loss))
        }
    }
}

fn rebuild(
    connection: &Connection,
    rebuild: &TableRebuild,
    link: &mut Link,
) -> Step<(Counts, Loss)> {
    replace(&Table::open_or_create(connection, &rebuild.spec)?, &rebuild.rows, link)
}

fn replace(table: &Table<'_>, rows: &Rows, link: &mut Link) -> Step<(Counts, Loss)> {
    let before = table.clear()?;
    let upserted = table.insert(rows, link)?;
    Ok((Counts::of_whole(before, upserted), Loss::of_whole(before, upserted)))
}
