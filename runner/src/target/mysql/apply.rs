//! Changes: one transaction for all tables and the ledger.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{StreamExt, TryStreamExt, stream};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::ledger::LedgerUpdate;
use crate::target::mysql::connect::{self, Connector};
use crate::target::mysql::describe::Table;
use crate::target::mysql::described::Described;
use crate::target::mysql::encode::Column;
use crate::target::mysql::error::{Failure, Result};
use crate::target::mysql::layout::Layout;
use crate::target::mysql::load::{self, Destination};
use crate::target::mysql::{
    ddl, decode, describe, fence, insert, ledger, marker, quote, retry, search, statement,
};
use crate::target::name::TableName;
use crate::target::rows::Rows;
use crate::target::{Change, ColumnDef, Counts, Loss, Record, TableChange, TableSpec};

/// Up to so many rows go directly as parameters; more are loaded into a temporary table first. About where the round trips
/// for creating, loading and joining it are won back.
pub(super) const DIRECT_ROWS_MAX: usize = 1_000;

/// The table for large changes. A temporary table is seen by its own connection only.
const DELTA: &str = "unglue_delta";

/// Applies changes in one transaction; see [`crate::target::Target::apply`].
pub(super) async fn apply(
    connector: &Connector,
    described: &Described,
    changes: &[TableChange],
    record: &dyn Record,
) -> Result<Vec<Counts>> {
    // Each attempt has its own connection, so nothing of a failed one is left. The first may be one that was only asked.
    let attempt = || attempt(connector, described, changes, record);
    let done = retry::transaction(connector, || Box::pin(attempt())).await;
    match done {
        Ok(counts) => Ok(counts),
        Err(failure) => Err(search::in_changes(connector, changes, failure).await),
    }
}

async fn attempt(
    connector: &Connector,
    described: &Described,
    changes: &[TableChange],
    record: &dyn Record,
) -> Result<Vec<Counts>> {
    let mut conn = connector.take().await?;
    failpoint!("mysql.apply.connected");
    let mut layouts = Vec::with_capacity(changes.len());
    for TableChange { spec, .. } in changes {
        let found = described.take(&spec.table);
        layouts.push(layout(&mut conn, connector, spec, found).await?);
    }
    connect::begin(&mut conn).await?;
    let written =
        write(&mut Writer { conn: &mut conn, connector }, changes, &layouts, record).await;
    match written {
        Ok((update, counts)) => {
            record.commits(&update, &counts);
            connect::commit(&mut conn).await?;
            Ok(counts)
        }
        Err(failure) => {
            failpoint!("mysql.rollback.before");
            // A connection that cannot roll back is lost, and the server does it.
            if let Err(error) = conn.query_drop("ROLLBACK").await {
                tracing::debug!(
                    fatal = error.is_fatal(),
                    "the connection is given up instead of a rollback"
                );
            }
            failpoint!("mysql.rollback.after");
            Err(failure)
        }
    }
}

/// Adds the columns that the table lacks. DDL commits by itself, so this comes before the transaction; if that fails,
/// columns without values are left, which the next run finds and uses.
async fn layout(
    conn: &mut Conn,
    connector: &Connector,
    spec: &TableSpec,
    found: Option<Table>,
) -> Result<Layout> {
    let mut found = match found {
        Some(found) => found,
        None => describe::existing(conn, &spec.table).await?,
    };
    if let Some(sql) = ddl::add_columns(spec, &spec.table, &found.def, connector.server())? {
        tracing::info!(table = %spec.table, "adding columns");
        failpoint!("mysql.apply.before_alter");
        conn.query_drop(sql).await.map_err(|error| Failure::from(error).about(&spec.table))?;
        failpoint!("mysql.apply.altered");
        found = describe::existing(conn, &spec.table).await?;
    }
    Layout::new(spec, &found)
}

async fn write(
    writer: &mut Writer<'_>,
    changes: &[TableChange],
    layouts: &[Layout],
    record: &dyn Record,
) -> Result<(LedgerUpdate, Vec<Counts>)> {
    let mut counts = Vec::with_capacity(changes.len());
    let mut losses = Vec::with_capacity(changes.len());
    for (TableChange { spec, change }, layout) in changes.iter().zip(layouts) {
        let (done, loss) = match change {
            Change::Merge { deletes, upserts, kept_counted_times } => {
                writer.merge(layout, deletes, upserts, *kept_counted_times).await?
            }
            Change::Append { rows } => {
                let upserted = writer.append(layout, rows).await?;
                (
                    Counts { upserted, ..Counts::default() },
                    Loss { written: upserted, ..Loss::default() },
                )
            }
            Change::Replace { rows } => {
                layout.check_emptiable()?;
                let delete = statement::delete_all(&layout.table);
                let before = writer.execute(layout, &delete).await?;
                let upserted = writer.append(layout, rows).await?;
                (Counts::of_whole(before, upserted), Loss::of_whole(before, upserted))
            }
        };
        losses.push(loss);
        failpoint!("mysql.apply.table_written");
        tracing::debug!(table = %spec.table, upserted = done.upserted, deleted = done.deleted, "wrote changes");
        counts.push(done);
    }
    record.allow(&losses)?;
    let update = record.update().await?;
    // Before the ledger's rows are locked, as in a full load: two runs that took them in different order would wait for each other.
    fence::hold(writer.conn, writer.connector, &update.job).await?;
    failpoint!("mysql.apply.before_ledger");
    ledger::write(writer.conn, &update).await?;
    failpoint!("mysql.apply.ledger_written");
    marker::check_none(writer.conn, &update.job).await?;
    Ok((update, counts))
}

/// Writes within an open transaction.
struct Writer<'a> {
    conn: &'a mut Conn,
    connector: &'a Connector,
}

impl Writer<'_> {
    async fn merge(
        &mut self,
        layout: &Layout,
        deletes: &Rows,
        upserts: &Rows,
        kept_counted_times: u64,
    ) -> Result<(Counts, Loss)> {
        if layout.key.is_empty() {
            return Err(
                Error::failed(format!("table `{}` has no key to merge by", layout.table)).into()
            );
        }
        let deleted = match peek(deletes).await? {
            Peeked::All(batches) => {
                let indices: Vec<_> = (0..layout.key.len()).collect();
                insert::delete_keys(self.conn, self.connector.server(), layout, &indices, &batches)
                    .await?
            }
            Peeked::Begin(rows) => self.delete_many(layout, rows).await?,
        };
        let before = deleted + self.kept(layout, deleted, kept_counted_times).await?;
        let upserted = match peek(upserts).await? {
            Peeked::All(batches) => self.upsert_few(layout, &batches).await?,
            Peeked::Begin(rows) => self.upsert_many(layout, rows).await?,
        };
        let loss = Loss { before, gone: deleted, written: upserted };
        Ok((Counts { upserted, deleted, replaced: None }, loss))
    }

    /// Rows that are left after deletes, as far as they matter.
    async fn kept(&mut self, layout: &Layout, deleted: u64, counted_times: u64) -> Result<u64> {
        if deleted == 0 {
            return Ok(0);
        }
        let most = deleted.saturating_mul(counted_times);
        let rows = format!("SELECT 1 FROM {} LIMIT {most}", quote::table(&layout.table));
        let sql = format!("SELECT COUNT(*) FROM ({rows}) AS kept");
        let counted = decode::rows(self.conn, &sql, Vec::new()).await?;
        Ok(decode::first_unsigned(&counted).unwrap_or_default())
    }

    async fn upsert_few(&mut self, layout: &Layout, batches: &[RecordBatch]) -> Result<u64> {
        let server = self.connector.server();
        if layout.updates_by_key {
            return insert::batches(self.conn, server, layout.upsert(), batches).await;
        }
        layout.check_replaceable()?;
        insert::delete_keys(self.conn, server, layout, &layout.key_indices, batches)
            .await
            .map_err(Layout::replacing)?;
        insert::batches(self.conn, server, layout.insert(), batches).await
    }

    async fn delete_many(
        &mut self,
        layout: &Layout,
        mut rows: SendableRecordBatchStream,
    ) -> Result<u64> {
        if statement::listed_key(&layout.key).is_some() && layout.indexed {
            // The server looks each key up once, and needs no table for them.
            let (mut deleted, indices) = (0, [0]);
            while let Some(batch) = rows.try_next().await? {
                let server = self.connector.server();
                deleted +=
                    insert::delete_keys(self.conn, server, layout, &indices, &[batch]).await?;
            }
            return Ok(deleted);
        }
        let keys: Vec<_> = layout.key_indices.iter().map(|&index| &layout.defs[index]).collect();
        self.load_delta(&keys, layout.key_columns(), rows)
            .await
            .map_err(|failure| failure.instead_about(&layout.table))?;
        let deleted = self.execute(layout, &self.delete_join(layout)?).await?;
        self.drop_delta().await?;
        Ok(deleted)
    }

    async fn upsert_many(
        &mut self,
        layout: &Layout,
        rows: SendableRecordBatchStream,
    ) -> Result<u64> {
        if layout.replaces_by_key && self.connector.takes_local_infile() {
            // The rows go their way once, instead of into a temporary table and from there.
            let to = destination(layout, true);
            return Ok(load::load(self.conn, self.connector, &to, rows, usize::MAX).await?.0);
        }
        let defs: Vec<_> = layout.defs.iter().collect();
        let upserted = self
            .load_delta(&defs, Arc::clone(&layout.columns), rows)
            .await
            .map_err(|failure| failure.instead_about(&layout.table))?;
        let into = if layout.updates_by_key {
            layout.upsert()
        } else {
            layout.check_replaceable()?;
            let delete = self.delete_join(layout)?;
            self.execute(layout, &delete).await.map_err(Layout::replacing)?;
            layout.insert()
        };
        self.execute(layout, &statement::insert_select(&into, &delta()?)).await?;
        self.drop_delta().await?;
        Ok(upserted)
    }

    async fn append(&mut self, layout: &Layout, rows: &Rows) -> Result<u64> {
        match peek(rows).await? {
            Peeked::All(batches) => {
                insert::batches(self.conn, self.connector.server(), layout.insert(), &batches).await
            }
            Peeked::Begin(rows) => {
                let to = destination(layout, false);
                Ok(load::load(self.conn, self.connector, &to, rows, usize::MAX).await?.0)
            }
        }
    }

    /// Creating and dropping a temporary table does not commit.
    async fn load_delta(
        &mut self,
        defs: &[&ColumnDef],
        columns: Arc<[Column]>,
        rows: SendableRecordBatchStream,
    ) -> Result<u64> {
        let to = Destination { table: delta()?, columns, replaces: false };
        failpoint!("mysql.delta.before_create");
        self.conn.query_drop(statement::create_temporary(&to.table, defs)).await?;
        failpoint!("mysql.delta.created");
        Ok(load::load(self.conn, self.connector, &to, rows, usize::MAX).await?.0)
    }

    async fn drop_delta(&mut self) -> Result<()> {
        failpoint!("mysql.delta.joined");
        Ok(self.conn.query_drop(statement::drop_temporary(&delta()?)).await?)
    }

    fn delete_join(&self, layout: &Layout) -> Result<String> {
        Ok(statement::delete_join(&layout.table, &layout.key, &delta()?, layout.indexed))
    }

    async fn execute(&mut self, layout: &Layout, sql: &str) -> Result<u64> {
        connect::change(self.conn, sql, Vec::new())
            .await
            .map_err(|failure: Failure| failure.about(&layout.table))
    }
}

fn destination(layout: &Layout, replaces: bool) -> Destination {
    let (table, columns) = (layout.table.clone(), Arc::clone(&layout.columns));
    Destination { table, columns, replaces }
}

/// See [`DELTA`].
pub(super) fn delta() -> Result<TableName> {
    marker::table(DELTA)
}

/// The rows of a plan, as far as they had to be read to see how many there are.
enum Peeked {
    /// All of them, at most [`DIRECT_ROWS_MAX`] and the rest of a batch.
    All(Vec<RecordBatch>),
    /// More.
    Begin(SendableRecordBatchStream),
}

async fn peek(rows: &Rows) -> Result<Peeked> {
    let mut rest = rows.stream()?;
    let (mut begin, mut count) = (Vec::new(), 0);
    while let Some(batch) = rest.try_next().await? {
        count += batch.num_rows();
        begin.push(batch);
        if count > DIRECT_ROWS_MAX {
            let schema = rest.schema();
            let all = stream::iter(begin.into_iter().map(Ok)).chain(rest);
            return Ok(Peeked::Begin(Box::pin(RecordBatchStreamAdapter::new(schema, all))));
        }
    }
    Ok(Peeked::All(begin))
}
