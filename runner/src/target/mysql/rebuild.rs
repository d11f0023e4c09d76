//! Full loads: shadow tables are filled over several connections, and then exchanged for the tables that readers know.

use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::future::{BoxFuture, try_join_all};
use futures::stream;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::digest;
use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::ledger::LedgerUpdate;
use crate::target::mysql::connect::{self, Connector};
use crate::target::mysql::error::Result;
use crate::target::mysql::layout::Layout;
use crate::target::mysql::load::{self, Destination};
use crate::target::mysql::marker::{self, Exchange, Phase};
use crate::target::mysql::{
    ddl, decode, describe, fence, grants, ledger, quote, retry, search, statement, swap,
};
use crate::target::name::TableName;
use crate::target::rows::Rows;
use crate::target::{Counts, Loss, Record, TableRebuild, TableSpec};

/// Two connections load 1.7 times as fast as one; from four on, the server's disk is the limit.
const CONNECTIONS_MAX: usize = 4;
/// What makes the names of shadow tables unique.
const HASH_BYTES: usize = 8;
/// What one transaction of a load holds: above it, undo and binary logs grow for nothing.
const TRANSACTION_BYTES: usize = 256 << 20;

/// Replaces whole tables; see [`crate::target::Target::rebuild`].
pub(super) async fn rebuild(
    connector: &Connector,
    tables: &[TableRebuild],
    record: &dyn Record,
) -> Result<Vec<Counts>> {
    let mut conn = connector.open().await?;
    let fill = marker::new_fill(record.job());
    let exchanges: Vec<_> = tables.iter().map(|table| exchange(&table.spec, &fill)).collect();
    // As long as this connection lives, no other run takes the tables for left-overs.
    if !swap::take_lock(&mut conn, &fill, 0).await? {
        return Err(Error::temporary("the lock of a full load is taken").hint("run again").into());
    }
    failpoint!("mysql.rebuild.locked");
    let shadows: Vec<_> = exchanges.iter().map(|exchange| exchange.shadow.as_str()).collect();
    let list = marker::print(&shadows)?;
    let mut conflicts = 0;
    while let Err(failure) = ledger::set_meta(&mut conn, &fill, &list).await {
        if !retry::again(&failure, &mut conflicts).await {
            return Err(failure);
        }
    }
    failpoint!("mysql.rebuild.noted");
    match fill_and_mark(&mut conn, connector, &fill, tables, &exchanges, record).await {
        Ok((update, counts)) => {
            swap::swap(&mut conn, connector, &update, &exchanges).await?;
            Ok(counts)
        }
        Err(failure) => {
            discard(&mut conn, &fill, &shadows).await;
            Err(failure)
        }
    }
}

/// What fails here is left for the next run to clean up.
async fn discard(conn: &mut Conn, fill: &str, shadows: &[&str]) {
    let dropped = async {
        failpoint!("mysql.discard.before");
        // Gone with the commit of the marker, whatever was answered: then the tables are the marker's, and recovery's.
        if ledger::meta(conn, fill).await?.is_none() {
            return Ok(());
        }
        swap::drop_tables(conn, shadows.iter().copied()).await?;
        failpoint!("mysql.discard.dropped");
        ledger::remove_meta(conn, fill).await
    };
    if let Err(failure) = dropped.await {
        let error = Error::from(failure);
        tracing::warn!(error = %error, "shadow tables are left for the next run to drop");
    }
}

fn exchange(spec: &TableSpec, fill: &str) -> Exchange {
    let id = digest::hex(format!("{fill}/{}", spec.table).as_bytes(), HASH_BYTES);
    Exchange {
        target: spec.table.to_string(),
        shadow: spec.table.sibling(format!("unglue_shadow_{id}")).to_string(),
        retired: spec.table.sibling(format!("unglue_retired_{id}")).to_string(),
    }
}

/// Fills the shadow tables and writes the swap's marker; answers what the marker holds and the counts.
async fn fill_and_mark(
    conn: &mut Conn,
    connector: &Connector,
    fill: &str,
    tables: &[TableRebuild],
    exchanges: &[Exchange],
    record: &dyn Record,
) -> Result<(LedgerUpdate, Vec<Counts>)> {
    let mut counts = Vec::with_capacity(tables.len());
    let mut losses = Vec::with_capacity(tables.len());
    let mut definitions = Vec::with_capacity(tables.len());
    for (table, exchange) in tables.iter().zip(exchanges) {
        definitions.push(definition(conn, &table.spec.table).await?);
        let to = create(conn, connector, table, exchange).await?;
        // This connection holds the lock of the fill, and must not be taken for idle meanwhile.
        let loading = load_all(connector, &to, &table.rows);
        let upserted = match connect::kept_alive(conn, loading).await {
            Ok(rows) => rows,
            Err(failure) => {
                let failure = failure.instead_about(&table.spec.table);
                return Err(search::in_rebuild(connector, table, &to.table, failure).await);
            }
        };
        failpoint!("mysql.rebuild.filled");
        check_count(conn, &to, upserted).await?;
        analyze(conn, &to.table).await?;
        let exists = describe::exists(conn, &table.spec.table).await?;
        let before = if exists { count(conn, &table.spec.table).await? } else { 0 };
        losses.push(Loss::of_whole(before, upserted));
        tracing::debug!(rows = upserted, table = %table.spec.table, "filled a shadow table");
        counts.push(Counts::of_whole(before, upserted));
    }
    record.allow(&losses)?;
    let update = record.update().await?;
    fence::hold(conn, connector, &update.job).await?;
    for (table, before) in tables.iter().zip(&definitions) {
        if definition(conn, &table.spec.table).await? != *before {
            let table = &table.spec.table;
            let message = format!("table `{table}` was altered while its new rows were loaded");
            return Err(Error::temporary(message).hint("run again").into());
        }
    }
    let mut conflicts = 0;
    while let Err(failure) = mark(conn, fill, exchanges, &update).await {
        // After a lock wait time-out the transaction is still open, and the next one would commit it.
        conn.query_drop("ROLLBACK").await?;
        if !retry::again(&failure, &mut conflicts).await {
            return Err(failure);
        }
    }
    record.commits(&update, &counts);
    connect::commit(conn).await?;
    // The rename has a connection of its own.
    fence::release(conn, connector, &update.job).await?;
    failpoint!("mysql.rebuild.marked");
    Ok((update, counts))
}

/// Begins the transaction that writes the swap's marker.
async fn mark(
    conn: &mut Conn,
    fill: &str,
    exchanges: &[Exchange],
    update: &LedgerUpdate,
) -> Result<()> {
    connect::begin(conn).await?;
    ledger::check_basis(conn, update).await?;
    failpoint!("mysql.rebuild.before_marker");
    ledger::remove_meta(conn, fill).await?;
    match marker::read(conn, &update.job).await? {
        None => {}
        Some(left) if left.phase == Phase::Drop => {
            // Tables that could not be dropped after the last exchange; they are left-overs like others from now on.
            let retired: Vec<_> = left.tables.iter().map(|old| old.retired.as_str()).collect();
            ledger::set_meta(conn, &marker::new_fill(&update.job), &marker::print(&retired)?)
                .await?;
        }
        Some(_) => return Err(marker::is_exchanging()),
    }
    ledger::remove_meta(conn, &marker::name(&update.job)).await?;
    marker::write(conn, exchanges.to_vec(), update).await?;
    Ok(())
}

/// What the exchange would take away if it changed while rows are loaded: columns, indexes, triggers, foreign keys; `None` for a
/// table that is not there.
async fn definition(
    conn: &mut Conn,
    table: &TableName,
) -> Result<Option<(String, Option<String>)>> {
    let Some(found) = describe::describe(conn, table).await? else { return Ok(None) };
    Ok(Some((describe::create_statement(conn, table).await?, found.def.swap_obstacle)))
}

/// Creates a shadow table: like the table that is there, else as the model asks for.
async fn create(
    conn: &mut Conn,
    connector: &Connector,
    table: &TableRebuild,
    exchange: &Exchange,
) -> Result<Destination> {
    let spec = &table.spec;
    let shadow = marker::table(&exchange.shadow)?;
    let sql = match describe::describe(conn, &spec.table).await? {
        Some(found) => {
            if let Some(reason) = &found.def.swap_obstacle {
                return Err(swap::obstacle(&spec.table, reason).into());
            }
            grants::check_sees_triggers(conn, &spec.table).await?;
            statement::create_like(&shadow, &spec.table)
        }
        None => {
            let spec = TableSpec { table: shadow.clone(), ..spec.clone() };
            ddl::create_statement(&spec, connector.server())?
        }
    };
    failpoint!("mysql.rebuild.before_create");
    conn.query_drop(sql)
        .await
        .map_err(|error| crate::target::mysql::error::Failure::from(error).about(&spec.table))?;
    failpoint!("mysql.rebuild.created");
    let mut created = describe::existing(conn, &shadow).await?;
    if let Some(sql) = ddl::add_columns(spec, &shadow, &created.def, connector.server())? {
        failpoint!("mysql.rebuild.before_alter");
        conn.query_drop(sql).await?;
        failpoint!("mysql.rebuild.altered");
        created = describe::existing(conn, &shadow).await?;
    }
    let layout = Layout::new(spec, &created)?;
    Ok(Destination { table: shadow, columns: layout.columns, replaces: false })
}

/// Loads all partitions, a few connections side by side.
async fn load_all(connector: &Connector, to: &Destination, rows: &Rows) -> Result<u64> {
    retry::transaction(connector, || Box::pin(load_once(connector, to, rows))).await
}

async fn load_once(connector: &Connector, to: &Destination, rows: &Rows) -> Result<u64> {
    // A repetition begins with an empty table.
    let truncate = format!("TRUNCATE TABLE {}", quote::table(&to.table));
    failpoint!("mysql.rebuild.before_truncate");
    connector.open().await?.query_drop(truncate).await?;
    failpoint!("mysql.rebuild.truncated");
    let mut loads: Vec<BoxFuture<'_, Result<u64>>> = Vec::new();
    for part in parts(rows)? {
        loads.push(Box::pin(load_part(connector, to, part)));
    }
    Ok(try_join_all(loads).await?.into_iter().sum())
}

/// The plan's partitions as at most [`CONNECTIONS_MAX`] streams. Those of one stream are read side by side too: a plan may
/// wait until all are.
fn parts(rows: &Rows) -> Result<Vec<SendableRecordBatchStream>> {
    let mut groups: Vec<Vec<SendableRecordBatchStream>> = Vec::new();
    for (index, partition) in rows.partitions()?.into_iter().enumerate() {
        match groups.get_mut(index % CONNECTIONS_MAX) {
            Some(group) => group.push(partition),
            None => groups.push(vec![partition]),
        }
    }
    let mut parts: Vec<SendableRecordBatchStream> = Vec::new();
    for group in groups {
        let merged = stream::select_all(group);
        parts.push(Box::pin(RecordBatchStreamAdapter::new(rows.schema(), merged)));
    }
    Ok(parts)
}

async fn load_part(
    connector: &Connector,
    to: &Destination,
    rows: SendableRecordBatchStream,
) -> Result<u64> {
    let mut conn = connector.open().await?;
    let mut loaded = 0;
    let mut rest = Some(rows);
    while let Some(rows) = rest {
        let (count, left) = load::load(&mut conn, connector, to, rows, TRANSACTION_BYTES).await?;
        failpoint!("mysql.rebuild.part_loaded");
        loaded += count;
        rest = left;
    }
    Ok(loaded)
}

/// Counts a table's keys for the server's planner. By itself the server does so a while later, and until then it takes the new
/// table for empty and reads all of it for each change.
async fn analyze(conn: &mut Conn, table: &TableName) -> Result<()> {
    // Its answer is a row that says how it went; without it all is only slower.
    conn.query_drop(format!("ANALYZE NO_WRITE_TO_BINLOG TABLE {}", quote::table(table))).await?;
    failpoint!("mysql.rebuild.analyzed");
    Ok(())
}

async fn check_count(conn: &mut Conn, to: &Destination, expected: u64) -> Result<()> {
    let found = count(conn, &to.table).await?;
    if found == expected {
        return Ok(());
    }
    let message = format!("a rebuilt table has {found} rows instead of {expected}");
    Err(Error::failed(message).into())
}

async fn count(conn: &mut Conn, table: &TableName) -> Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM {}", quote::table(table));
    let rows = decode::rows(conn, &sql, Vec::new()).await?;
    Ok(decode::first_unsigned(&rows).unwrap_or_default())
}
