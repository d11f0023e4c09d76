//! Which row was it? Only ever asked after a transaction has failed because of a row that nobody could name.
//!
//! The same rows are written again, piece by piece, and a piece that is refused is halved until one row is left. Each row
//! meets what it met before: the rows in front of it, the table's other rows, its indexes, foreign keys and triggers. In the
//! end everything is rolled back, whatever was found.

use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use futures::TryStreamExt;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::error::Error;
use crate::target::mysql::connect::{self, Connector, Server};
use crate::target::mysql::error::{Failure, Result};
use crate::target::mysql::layout::Layout;
use crate::target::mysql::statement::{Insertion, KeyColumn};
use crate::target::mysql::{decode, describe, insert, quote};
use crate::target::name::TableName;
use crate::target::rows::Rows;
use crate::target::{Change, TableChange, TableRebuild};

/// It keeps locks in the tables meanwhile, and the run has failed anyway.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Names the row because of which changes were refused, if that is why they failed and it can be found.
pub(super) async fn in_changes(
    connector: &Connector,
    changes: &[TableChange],
    failure: Failure,
) -> Failure {
    if !is_asked(&failure) {
        return failure;
    }
    let search = async {
        let mut conn = connector.open().await?;
        let mut layouts = Vec::with_capacity(changes.len());
        for TableChange { spec, .. } in changes {
            layouts.push(Layout::new(spec, &describe::existing(&mut conn, &spec.table).await?)?);
        }
        connect::begin(&mut conn).await?;
        let mut search = Search { conn: &mut conn, server: connector.server() };
        let mut found = Ok(());
        for (TableChange { change, .. }, layout) in changes.iter().zip(&layouts) {
            found = search.change(layout, change).await;
            if found.is_err() {
                break;
            }
        }
        conn.query_drop("ROLLBACK").await?;
        found
    };
    bounded(failure, Box::pin(search)).await
}

/// Names the row because of which a shadow table could not be filled, if that is why and it can be found. Other loads of the
/// table have ended; what they wrote is gone afterwards.
pub(super) async fn in_rebuild(
    connector: &Connector,
    rebuild: &TableRebuild,
    shadow: &TableName,
    failure: Failure,
) -> Failure {
    if !is_asked(&failure) {
        return failure;
    }
    let search = async {
        let mut conn = connector.open().await?;
        let layout = Layout::new(&rebuild.spec, &describe::existing(&mut conn, shadow).await?)?;
        conn.query_drop(format!("TRUNCATE TABLE {}", quote::table(shadow))).await?;
        connect::begin(&mut conn).await?;
        let mut search = Search { conn: &mut conn, server: connector.server() };
        let into = Insertion { table: shadow, ..layout.insert() };
        let found = search.write(&layout, Write::Insert(into), &rebuild.rows).await;
        conn.query_drop("ROLLBACK").await?;
        found
    };
    bounded(failure, Box::pin(search)).await
}

fn is_asked(failure: &Failure) -> bool {
    failure.is_about_a_row() && !failure.names_a_row()
}

async fn bounded(failure: Failure, search: impl Future<Output = Result<()>> + Send) -> Failure {
    match tokio::time::timeout(TIME_MAX, search).await {
        Ok(Err(found)) if found.names_a_row() => found,
        Ok(Err(other)) => {
            let error = Error::from(other);
            tracing::debug!(error = %error, "the search for the refused row failed");
            failure
        }
        Ok(Ok(())) => {
            tracing::debug!("written once more, no row was refused");
            failure
        }
        Err(_) => {
            let seconds = TIME_MAX.as_secs();
            tracing::warn!(seconds, "the refused row was not found in time");
            failure
        }
    }
}

/// Writes within an open transaction that is going to be rolled back.
struct Search<'a> {
    conn: &'a mut Conn,
    server: Server,
}

/// What is done with each piece of rows.
#[derive(Clone, Copy)]
enum Write<'a> {
    /// Deletes by keys, which are the columns of these indices.
    Delete(&'a [usize]),
    Insert(Insertion<'a>),
}

impl Search<'_> {
    /// The same as [`super::apply`], but with its last step for large changes too taken from our rows.
    async fn change(&mut self, layout: &Layout, change: &Change) -> Result<()> {
        match change {
            Change::Merge { deletes, upserts, .. } => {
                let indices: Vec<_> = (0..layout.key.len()).collect();
                self.write(layout, Write::Delete(&indices), deletes).await?;
                if layout.updates_by_key {
                    return self.write(layout, Write::Insert(layout.upsert()), upserts).await;
                }
                self.write(layout, Write::Delete(&layout.key_indices), upserts)
                    .await
                    .map_err(Layout::replacing)?;
                self.write(layout, Write::Insert(layout.insert()), upserts).await
            }
            Change::Append { rows } => {
                self.write(layout, Write::Insert(layout.insert()), rows).await
            }
            Change::Replace { rows } => {
                let delete = format!("DELETE FROM {}", quote::table(&layout.table));
                connect::change(self.conn, &delete, Vec::new()).await?;
                self.write(layout, Write::Insert(layout.insert()), rows).await
            }
        }
    }

    /// Writes all rows; fails with the first one that is refused.
    async fn write(&mut self, layout: &Layout, write: Write<'_>, rows: &Rows) -> Result<()> {
        let mut batches = rows.stream()?;
        while let Some(batch) = batches.try_next().await? {
            let mut pieces = vec![batch];
            while let Some(piece) = pieces.pop() {
                let Err(failure) = self.piece(layout, write, &piece).await else { continue };
                let (rows, half) = (piece.num_rows(), piece.num_rows() / 2);
                if !failure.is_about_a_row() || failure.names_a_row() {
                    return Err(failure);
                }
                if rows <= 1 {
                    return Err(self.found(layout, write, piece, failure).await);
                }
                pieces.push(piece.slice(half, rows - half));
                pieces.push(piece.slice(0, half));
            }
        }
        Ok(())
    }

    /// Writes all rows of a piece or none.
    async fn piece(
        &mut self,
        layout: &Layout,
        write: Write<'_>,
        piece: &RecordBatch,
    ) -> Result<()> {
        self.conn.query_drop("SAVEPOINT unglue_search").await?;
        let piece = std::slice::from_ref(piece);
        let written = match write {
            Write::Delete(key) => {
                insert::delete_keys(self.conn, self.server, layout, key, piece).await
            }
            Write::Insert(into) => insert::batches(self.conn, self.server, into, piece).await,
        };
        match written {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_about_a_row() => {
                self.conn.query_drop("ROLLBACK TO SAVEPOINT unglue_search").await?;
                Err(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The failure with its row, and with what a duplicate collides with.
    async fn found(
        &mut self,
        layout: &Layout,
        write: Write<'_>,
        row: RecordBatch,
        failure: Failure,
    ) -> Failure {
        let failure = failure.instead_about(&layout.table);
        let failure = failure.blaming(&layout.table, row.clone());
        let (Write::Insert(into), Some(index)) = (write, failure.index()) else { return failure };
        let columns = describe::unique_index(self.conn, into.table, index).await;
        let Ok(Some(columns)) = columns else { return failure };
        let rival = self.rival(layout, into.table, &columns, &row).await.unwrap_or_default();
        let failure = failure.colliding(columns.clone(), rival);
        if layout.is_inexact_key(&columns) {
            return failure.advise(
                "the key's collation takes texts for equal that differ in case, accents or trailing blanks: give the \
                 column the collation utf8mb4_0900_bin (MariaDB: utf8mb4_nopad_bin)",
            );
        }
        failure
    }

    /// The key of the row that is there with the same values in a unique index.
    async fn rival(
        &mut self,
        layout: &Layout,
        table: &TableName,
        index: &[String],
        row: &RecordBatch,
    ) -> Result<Option<RecordBatch>> {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        for name in index {
            let Some(place) = layout.place_of(name) else { return Ok(None) };
            let compared = KeyColumn::new(&layout.defs[place]);
            conditions.push(format!("{} = {}", quote::column(name), compared.placeholder));
            values.push(layout.columns[place].parameter(row, place, 0)?);
        }
        if layout.key.is_empty() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT {} FROM {} WHERE {} LIMIT 1",
            quote::columns(layout.key.iter().map(|column| column.name.as_str())),
            quote::table(table),
            conditions.join(" AND ")
        );
        let rows = decode::rows(self.conn, &sql, values).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let schema = row.schema();
        let fields: Vec<_> =
            layout.key_indices.iter().map(|&place| schema.field(place).clone()).collect();
        let mut arrays = Vec::with_capacity(fields.len());
        for (place, field) in fields.iter().enumerate() {
            arrays.push(decode::array(&rows, place, field)?);
        }
        let key = RecordBatch::try_new(std::sync::Arc::new(Schema::new(fields)), arrays);
        Ok(key.ok())
    }
}
