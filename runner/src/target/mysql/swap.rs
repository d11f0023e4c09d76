//! The exchange of full shadow tables for the tables that readers know, and its repair after a crash.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};

use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::ledger::{AppliedObject, Ledger, LedgerUpdate, Wanted, everything};
use crate::target::mysql::connect::{self, Connector};
use crate::target::mysql::error::Result;
use crate::target::mysql::marker::{self, Exchange, FILL, Phase};
use crate::target::mysql::{decode, describe, fence, ledger, retry, statement};

/// Exchanges the tables. The marker is written; from the rename on, the new state is the one that counts.
pub(super) async fn swap(
    conn: &mut Conn,
    connector: &Connector,
    update: &LedgerUpdate,
    tables: &[Exchange],
) -> Result<()> {
    let job = update.job.as_str();
    if let Err(failure) = rename(connector, job, tables, Some(update)).await {
        // Without an answer, nobody knows; `recover` looks. Nor is an error always a no: the statement may have been ended while
        // it waited for a replica, or, on a server without atomic DDL, between two tables.
        if failure.is_refusal() || failure.is_ours() {
            fence::hold(conn, connector, job).await?;
            undo_whole(conn, job, tables).await?;
            fence::release(conn, connector, job).await?;
        }
        return Err(failure);
    }
    finish(conn, connector, job).await
}

/// Undoes an exchange of which nothing has happened; the fence is held, so that nothing does meanwhile.
async fn undo_whole(conn: &mut Conn, job: &str, tables: &[Exchange]) -> Result<()> {
    if not_renamed(conn, tables).await?.len() == tables.len() {
        undo(conn, job).await?;
    }
    Ok(())
}

/// One statement, and so one moment, for all tables.
///
/// `update` is what the tables were filled for, if that is now: without the lock of the job, which is lost with its
/// connection, another run may have written, or given the exchange up.
async fn rename(
    connector: &Connector,
    job: &str,
    tables: &[Exchange],
    update: Option<&LedgerUpdate>,
) -> Result<()> {
    retry::transaction(connector, || {
        Box::pin(async {
            let mut conn = connector.open().await?;
            fence::hold(&mut conn, connector, job).await?;
            let marker = marker::read(&mut conn, job).await?;
            let is_decided = marker.is_some_and(|marker| {
                marker.phase == Phase::Rename
                    && tables.iter().all(|table| marker.tables.contains(table))
            });
            if !is_decided {
                return Err(marker::is_exchanging());
            }
            if let Some(update) = update {
                ledger::look_at_basis(&mut conn, update).await?;
            }
            let mut pairs = Vec::new();
            for exchange in tables {
                let target = marker::table(&exchange.target)?;
                if describe::exists(&mut conn, &target).await? {
                    pairs.push((target.clone(), marker::table(&exchange.retired)?));
                }
                pairs.push((marker::table(&exchange.shadow)?, target));
            }
            failpoint!("mysql.rename.before");
            conn.query_drop(statement::rename(&pairs)).await?;
            failpoint!("mysql.rename.after");
            Ok(())
        })
    })
    .await
}

/// Writes the ledger and drops the old tables.
async fn finish(conn: &mut Conn, connector: &Connector, job: &str) -> Result<()> {
    retry::transaction(connector, || {
        Box::pin(async {
            let mut conn = connector.open().await?;
            fence::hold(&mut conn, connector, job).await?;
            let Some(mut marker) = marker::read(&mut conn, job).await? else { return Ok(()) };
            if marker.phase == Phase::Drop {
                return Ok(());
            }
            let update = marker::update(&mut conn, job, &marker).await?;
            connect::begin(&mut conn).await?;
            ledger::write(&mut conn, &update).await?;
            failpoint!("mysql.finish.ledger_written");
            ledger::remove_meta(&mut conn, &marker::name(job)).await?;
            marker.phase = Phase::Drop;
            failpoint!("mysql.finish.before_marker");
            marker::set(&mut conn, job, &marker).await?;
            connect::commit(&mut conn).await
        })
    })
    .await?;
    let Some(marker) = marker::read(conn, job).await? else { return Ok(()) };
    failpoint!("mysql.finish.before_drop");
    let retired = marker.tables.iter().map(|exchange| exchange.retired.as_str());
    if let Err(failure) = drop_tables(conn, retired).await {
        // The new state stands. The marker stays, so that the next run tries again, but no run fails for it.
        let error = Error::from(failure);
        tracing::warn!(error = %error, "an exchanged table is left for the next run to drop");
        return Ok(());
    }
    failpoint!("mysql.finish.dropped");
    ledger::remove_meta(conn, &marker::name(job)).await
}

/// Drops the shadow tables of a swap that did not happen.
async fn undo(conn: &mut Conn, job: &str) -> Result<()> {
    let Some(mut marker) = marker::read(conn, job).await? else { return Ok(()) };
    // From the first drop on, a shadow table that is gone no longer means that it was renamed.
    marker.phase = Phase::Undo;
    failpoint!("mysql.undo.begin");
    marker::set(conn, job, &marker).await?;
    failpoint!("mysql.undo.before");
    let shadows = marker.tables.iter().map(|exchange| exchange.shadow.as_str());
    drop_tables(conn, shadows).await?;
    failpoint!("mysql.undo.dropped");
    ledger::remove_meta(conn, &marker::name(job)).await
}

/// Drops tables that are ours.
pub(super) async fn drop_tables(conn: &mut Conn, names: impl Iterator<Item = &str>) -> Result<()> {
    for name in names {
        let table = marker::table(name)?;
        failpoint!("mysql.drop.before");
        conn.query_drop(statement::drop_table(&table)).await?;
        failpoint!("mysql.drop.after");
    }
    Ok(())
}

/// Finishes or undoes what interrupted runs left.
pub(super) async fn recover(conn: &mut Conn, connector: &Connector, job: &str) -> Result<()> {
    failpoint!("mysql.recover.begin");
    // Nothing of another run's session happens while it is looked at what has happened.
    fence::hold(conn, connector, job).await?;
    failpoint!("mysql.recover.fenced");
    let found = undo_unfinished(conn, job).await?;
    fence::release(conn, connector, job).await?;
    let Some(left) = found else { return Ok(()) };
    // A server without atomic DDL may have crashed between two renames.
    if !left.is_empty() {
        rename(connector, job, &left, None).await?;
    }
    finish(conn, connector, job).await
}

/// Drops what was filled for nothing. Answers the tables that are still to be renamed if an exchange has begun.
async fn undo_unfinished(conn: &mut Conn, job: &str) -> Result<Option<Vec<Exchange>>> {
    drop_unfinished(conn, job).await?;
    failpoint!("mysql.recover.before_marker");
    let Some(marker) = marker::read(conn, job).await? else { return Ok(None) };
    let left = match marker.phase {
        Phase::Undo => {
            undo(conn, job).await?;
            return Ok(None);
        }
        Phase::Drop => return Ok(Some(Vec::new())),
        Phase::Rename => not_renamed(conn, &marker.tables).await?,
    };
    tracing::info!(
        tables = marker.tables.len(),
        not_renamed = left.len(),
        "found an interrupted swap"
    );
    if left.len() == marker.tables.len() {
        undo(conn, job).await?;
        return Ok(None);
    }
    Ok(Some(left))
}

async fn not_renamed(conn: &mut Conn, tables: &[Exchange]) -> Result<Vec<Exchange>> {
    let mut left = Vec::new();
    for exchange in tables {
        if describe::exists(conn, &marker::table(&exchange.shadow)?).await? {
            left.push(exchange.clone());
        }
    }
    Ok(left)
}

/// Drops tables that a dead run of any job was filling. A living run holds the lock of the same name; so does a dead one while
/// the server executes its last statement. Of this job, whose lock is ours, that is waited for.
async fn drop_unfinished(conn: &mut Conn, job: &str) -> Result<()> {
    let own = marker::fills_of(job);
    for name in ledger::metas(conn, FILL).await?.into_keys() {
        let is_own = name.starts_with(&own);
        if !take_lock(conn, &name, if is_own { fence::WAIT_SECONDS } else { 0 }).await? {
            if is_own {
                tracing::warn!(
                    "a statement of an interrupted full load still runs in the server; its tables are left for a later run"
                );
            }
            continue;
        }
        failpoint!("mysql.recover.fill_locked");
        match drop_fill(conn, &name).await {
            Ok(()) => {}
            Err(failure) if failure.is_connection_lost() => return Err(failure),
            // It may be another job's, whose tables this user cannot drop, or a backup may hold them: no reason to stop here.
            Err(failure) => {
                let error = Error::from(failure);
                tracing::warn!(error = %error, "tables of an interrupted full load are left for a later run to drop");
            }
        }
        release_lock(conn, &name).await?;
    }
    Ok(())
}

async fn drop_fill(conn: &mut Conn, name: &str) -> Result<()> {
    // Read again under the lock: its run may have filled the tables and given them to its marker meanwhile.
    let Some(text) = ledger::meta(conn, name).await? else { return Ok(()) };
    let tables: Vec<String> = marker::parse(&text)?;
    tracing::info!(tables = tables.len(), "dropping tables of an interrupted full load");
    drop_tables(conn, tables.iter().map(String::as_str)).await?;
    failpoint!("mysql.recover.fill_dropped");
    ledger::remove_meta(conn, name).await
}

/// Takes the lock of a fill; false if another connection has it for so long.
pub(super) async fn take_lock(conn: &mut Conn, name: &str, wait_seconds: u64) -> Result<bool> {
    // Not the fence's text: that is prepared once a connection, and tests hold it where it is prepared.
    let sql = format!("SELECT GET_LOCK(?, {wait_seconds})");
    let rows = decode::rows(conn, &sql, vec![Value::from(lock_name(name))]).await?;
    Ok(decode::first_unsigned(&rows) == Some(1))
}

pub(super) async fn release_lock(conn: &mut Conn, name: &str) -> Result<()> {
    decode::rows(conn, "SELECT RELEASE_LOCK(?)", vec![Value::from(lock_name(name))]).await?;
    Ok(())
}

fn lock_name(name: &str) -> String {
    format!("unglue_{name}")
}

/// The ledger as it will be after recovery. Writes nothing.
pub(super) async fn ledger_after(
    conn: &mut Conn,
    job: &str,
    wanted: &Wanted<'_>,
) -> Result<Ledger> {
    let mut found = ledger::read(conn, job, wanted).await?;
    let marker = match marker::read(conn, job).await {
        Err(failure) if failure.is_missing_table() => None,
        marker => marker?,
    };
    let Some(marker) = marker.filter(|marker| marker.phase == Phase::Rename) else {
        return Ok(found);
    };
    if not_renamed(conn, &marker.tables).await?.len() < marker.tables.len() {
        let update = marker::update(conn, job, &marker).await?;
        found = ledger::read(conn, job, &everything).await?;
        add(&mut found, update);
    }
    Ok(found)
}

fn add(ledger: &mut Ledger, update: LedgerUpdate) {
    let LedgerUpdate { run_id, applied_at, entries, models, .. } = update;
    for entry in entries {
        let same = |applied: &AppliedObject| {
            applied.entry.source == entry.source
                && applied.entry.generation == entry.generation
                && applied.entry.object == entry.object
        };
        ledger.applied.retain(|applied| !same(applied));
        ledger.applied.push(AppliedObject { entry, run_id: run_id.clone(), applied_at });
    }
    let order = |applied: &AppliedObject| {
        let entry = &applied.entry;
        (entry.source.clone(), entry.generation, entry.position.clone(), entry.object.clone())
    };
    ledger.applied.sort_by_cached_key(order);
    ledger.models.extend(models);
    ledger.last_run = run_id;
}

/// An error for tables that cannot be exchanged.
pub(super) fn obstacle(table: &dyn std::fmt::Display, reason: &str) -> Error {
    Error::refused(format!("table `{table}` cannot be exchanged for a rebuilt one: {reason}"))
}
