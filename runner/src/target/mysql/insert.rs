//! Rows and keys as parameters of multi-row statements: for small changes, and where `LOAD DATA` is forbidden.

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;
use mysql_async::{Conn, Value};

use crate::target::mysql::connect::{self, Server};
use crate::target::mysql::encode::Column;
use crate::target::mysql::error::Result;
use crate::target::mysql::layout::Layout;
use crate::target::mysql::statement::{self, Insertion};
use crate::target::name::TableName;

/// The protocol counts placeholders in 16 bits.
const PLACEHOLDERS_MAX: usize = 65_535;
/// Above it a statement gets no faster, and the server's memory for its ranges (`range_optimizer_max_mem_size`) is not
/// enough to find keys by the index; MariaDB makes a table of a longer list (`in_predicate_conversion_threshold`).
const ROWS_MAX: usize = 999;

/// Inserts all rows of a stream; answers their number.
pub(super) async fn stream(
    conn: &mut Conn,
    server: Server,
    into: Insertion<'_>,
    mut rows: SendableRecordBatchStream,
) -> Result<u64> {
    let mut inserted = 0;
    while let Some(batch) = rows.try_next().await? {
        inserted += batches(conn, server, into, &[batch]).await?;
    }
    Ok(inserted)
}

/// Inserts all rows of some batches; answers their number.
pub(super) async fn batches(
    conn: &mut Conn,
    server: Server,
    into: Insertion<'_>,
    batches: &[RecordBatch],
) -> Result<u64> {
    let mut chunk = Chunk::new(into.columns.len(), server);
    let mut inserted = 0;
    for (batch, row) in all_rows(batches) {
        let values = parameters(into.table, batch, row, into.columns.iter().enumerate(), |_| 1)?;
        if let Some((full, rows)) = chunk.push(values) {
            connect::change(conn, &statement::insert_values(&into, server, rows), full)
                .await
                .map_err(|e| e.about(into.table))?;
        }
        inserted += 1;
    }
    if let Some((rest, rows)) = chunk.take() {
        connect::change(conn, &statement::insert_values(&into, server, rows), rest)
            .await
            .map_err(|e| e.about(into.table))?;
    }
    Ok(inserted)
}

/// Deletes rows by keys, whose values are the batches' columns of the given indices; answers how many were there.
pub(super) async fn delete_keys(
    conn: &mut Conn,
    server: Server,
    layout: &Layout,
    indices: &[usize],
    batches: &[RecordBatch],
) -> Result<u64> {
    let columns = layout.key_columns();
    let placeholders: Vec<_> = layout.key.iter().map(statement::KeyColumn::placeholders).collect();
    let mut chunk = Chunk::new(placeholders.iter().sum(), server);
    let mut deleted = 0;
    for (batch, row) in all_rows(batches) {
        let cells = indices.iter().copied().zip(columns.iter());
        let values = parameters(&layout.table, batch, row, cells, |place| placeholders[place])?;
        if let Some((full, rows)) = chunk.push(values) {
            deleted += delete(conn, layout, full, rows).await?;
        }
    }
    if let Some((rest, rows)) = chunk.take() {
        deleted += delete(conn, layout, rest, rows).await?;
    }
    Ok(deleted)
}

async fn delete(conn: &mut Conn, layout: &Layout, values: Vec<Value>, rows: usize) -> Result<u64> {
    let sql = statement::delete_keys(&layout.table, &layout.key, rows);
    connect::change(conn, &sql, values).await.map_err(|failure| failure.about(&layout.table))
}

fn all_rows(batches: &[RecordBatch]) -> impl Iterator<Item = (&RecordBatch, usize)> {
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)))
}

fn parameters<'a>(
    table: &TableName,
    batch: &RecordBatch,
    row: usize,
    cells: impl Iterator<Item = (usize, &'a Column)>,
    times: impl Fn(usize) -> usize,
) -> Result<Vec<Value>> {
    let mut values = Vec::new();
    for (place, (index, column)) in cells.enumerate() {
        let value = column
            .parameter(batch, index, row)
            .map_err(|error| column.blame(error, table, batch, row))?;
        values.extend(std::iter::repeat_n(value, times(place)));
    }
    Ok(values)
}

/// Parameters of the rows of one statement.
#[derive(Debug)]
struct Chunk {
    values: Vec<Value>,
    rows: usize,
    bytes: usize,
    rows_max: usize,
    bytes_max: usize,
}

impl Chunk {
    fn new(placeholders: usize, server: Server) -> Self {
        let rows_max = (PLACEHOLDERS_MAX / placeholders.max(1)).clamp(1, ROWS_MAX);
        // Half of the packet is left for the statement's frame and our estimate's error.
        Self {
            values: Vec::new(),
            rows: 0,
            bytes: 0,
            rows_max,
            bytes_max: server.packet_bytes_max / 2,
        }
    }

    /// Adds a row. If it does not fit any more, answers the rows before it.
    fn push(&mut self, row: Vec<Value>) -> Option<(Vec<Value>, usize)> {
        let bytes = row.iter().map(bytes_of).sum::<usize>();
        let full = self.rows == self.rows_max || self.bytes + bytes > self.bytes_max;
        let before = if full { self.take() } else { None };
        self.values.extend(row);
        self.rows += 1;
        self.bytes += bytes;
        before
    }

    fn take(&mut self) -> Option<(Vec<Value>, usize)> {
        if self.rows == 0 {
            return None;
        }
        self.bytes = 0;
        Some((std::mem::take(&mut self.values), std::mem::take(&mut self.rows)))
    }
}

fn bytes_of(value: &Value) -> usize {
    /// The longest value of fixed length, a DATETIME, with the length of its own.
    const FIXED: usize = 12;
    match value {
        Value::Bytes(bytes) => bytes.len() + FIXED,
        _ => FIXED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::mysql::connect::Flavour;

    fn chunks(
        placeholders: usize,
        packet_bytes_max: usize,
        rows: usize,
        value: &Value,
    ) -> Vec<usize> {
        let server = Server { flavour: Flavour::MySql, version: (9, 7, 0), packet_bytes_max };
        let mut chunk = Chunk::new(placeholders, server);
        let mut sizes: Vec<_> = (0..rows)
            .filter_map(|_| chunk.push(vec![value.clone(); placeholders]))
            .map(|(_, rows)| rows)
            .collect();
        sizes.extend(chunk.take().map(|(_, rows)| rows));
        sizes
    }

    #[test]
    fn statements_stay_below_the_number_of_placeholders_and_rows() {
        assert_eq!(chunks(1, 1 << 20, 2_500, &Value::Int(1)), [999, 999, 502]);
        assert_eq!(chunks(100, 1 << 24, 1_000, &Value::Int(1)), [655, 345]);
        assert_eq!(chunks(1, 1 << 20, 0, &Value::Int(1)), [0_usize; 0]);
    }

    #[test]
    fn statements_stay_below_the_packets_size_but_hold_a_row() {
        assert_eq!(chunks(1, 2_048, 3, &Value::Bytes(vec![0; 400])), [2, 1]);
        assert_eq!(chunks(1, 2_048, 2, &Value::Bytes(vec![0; 9_000])), [1, 1]);
    }
}
