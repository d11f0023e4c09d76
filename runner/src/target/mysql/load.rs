//! `LOAD DATA LOCAL INFILE`: rows are encoded on their own task and streamed to the server.
//!
//! LOCAL means IGNORE: the server skips duplicates and bends values, also in strict mode, and says so in numbers only. Those
//! are compared with what was sent, and the caller rolls back.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::execution::SendableRecordBatchStream;
use futures::{StreamExt, TryStreamExt};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;

use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::mysql::connect::{self, Connector};
use crate::target::mysql::encode::{Column, Fields};
use crate::target::mysql::error::Result;
use crate::target::mysql::insert;
use crate::target::mysql::statement::{self, Insertion, OnDuplicate};
use crate::target::name::TableName;

/// One packet, if the server takes it; larger ones are not faster.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that wait for the network.
const CHUNKS_MAX: usize = 16;

/// Where rows are loaded.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    pub(super) table: TableName,
    /// The table's columns in the order of the rows' columns.
    pub(super) columns: Arc<[Column]>,
    /// Whether rows take the place of those with the same key. Only for [`Connector::takes_local_infile`].
    pub(super) replaces: bool,
}

/// Writes rows, and answers how many and what is left: after `bytes_max` bytes the rest of the rows is given back.
///
/// It neither begins nor ends a transaction. After an error the rows of this call may be there in part.
pub(super) async fn load(
    conn: &mut Conn,
    connector: &Connector,
    to: &Destination,
    rows: SendableRecordBatchStream,
    bytes_max: usize,
) -> Result<(u64, Option<SendableRecordBatchStream>)> {
    if connector.takes_local_infile() {
        let chunk_bytes = CHUNK_BYTES.min(connector.server().packet_bytes_max / 2).max(1);
        return load_data(conn, to, rows, bytes_max, chunk_bytes)
            .await
            .map_err(|failure| failure.about(&to.table));
    }
    let into = Insertion {
        table: &to.table,
        columns: &to.columns,
        key: &[],
        on_duplicate: OnDuplicate::Fail,
    };
    Ok((insert::stream(conn, connector.server(), into, rows).await?, None))
}

async fn load_data(
    conn: &mut Conn,
    to: &Destination,
    rows: SendableRecordBatchStream,
    bytes_max: usize,
    chunk_bytes: usize,
) -> Result<(u64, Option<SendableRecordBatchStream>)> {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(CHUNKS_MAX);
    // The set ends the task when this future is dropped.
    let mut producer = JoinSet::new();
    producer.spawn(produce(rows, to.clone(), sender, bytes_max, chunk_bytes));
    conn.set_infile_handler(async move { Ok(ReceiverStream::new(receiver).boxed()) });
    failpoint!("mysql.load.before");
    let sql = statement::load_data(&to.table, &to.columns, to.replaces);
    let loaded = conn.query_drop(sql).await;
    failpoint!("mysql.load.after");
    if let Err(error) = loaded {
        // An error of the rows is the reason, if there is one; a producer that still waits is not asked.
        return match producer.try_join_next() {
            Some(Ok(Err(reason))) => Err(reason.into()),
            _ => Err(error.into()),
        };
    }
    // The producer does not send errors, since the driver would close the connection. It ends early, the server takes what it
    // got, and the caller rolls back.
    let ended = producer.join_next().await.transpose();
    let ended =
        ended.map_err(|error| Error::failed("the encoder of rows broke down").source(error))?;
    let Produced { rows, rest } =
        ended.unwrap_or_else(|| Err(Error::failed("the encoder of rows is gone")))?;
    if !Outcome::parse(&conn.info()).is_some_and(|outcome| outcome.is_exact(rows, to.replaces)) {
        return Err(connect::warned(conn).await);
    }
    tracing::debug!(rows, table = %to.table, "loaded");
    Ok((rows, rest))
}

/// What a producer has done.
struct Produced {
    rows: u64,
    rest: Option<SendableRecordBatchStream>,
}

/// Encodes batches and sends them until they end or `bytes_max` bytes are sent.
async fn produce(
    mut batches: SendableRecordBatchStream,
    to: Destination,
    sender: mpsc::Sender<io::Result<Bytes>>,
    bytes_max: usize,
    chunk_bytes: usize,
) -> std::result::Result<Produced, Error> {
    let (mut rows, mut bytes) = (0_u64, 0_usize);
    let mut buffer = Vec::with_capacity(chunk_bytes * 2);
    while let Some(batch) = batches.try_next().await? {
        let fields: Vec<Fields<'_>> =
            to.columns.iter().zip(batch.columns()).map(|(c, array)| c.fields(array)).collect();
        for row in 0..batch.num_rows() {
            write_line(&fields, row, &mut buffer).map_err(|(column, error)| {
                to.columns[column].blame(error, &to.table, &batch, row)
            })?;
            rows += 1;
            if buffer.len() >= chunk_bytes {
                bytes += buffer.len();
                if !send(&sender, &mut buffer, chunk_bytes).await {
                    return Ok(Produced { rows, rest: None });
                }
            }
        }
        if bytes >= bytes_max {
            send(&sender, &mut buffer, chunk_bytes).await;
            return Ok(Produced { rows, rest: Some(batches) });
        }
    }
    send(&sender, &mut buffer, chunk_bytes).await;
    Ok(Produced { rows, rest: None })
}

/// Sends what is in the buffer; false if nobody listens any more, for which the server's answer has the reason.
async fn send(
    sender: &mpsc::Sender<io::Result<Bytes>>,
    buffer: &mut Vec<u8>,
    chunk_bytes: usize,
) -> bool {
    let mut rest = Bytes::from(std::mem::replace(buffer, Vec::with_capacity(chunk_bytes * 2)));
    while !rest.is_empty() {
        failpoint!("mysql.load.chunk");
        let chunk = rest.split_to(rest.len().min(chunk_bytes));
        if sender.send(Ok(chunk)).await.is_err() {
            return false;
        }
    }
    true
}

/// Appends a row; an error comes with its column's index.
fn write_line(
    fields: &[Fields<'_>],
    row: usize,
    out: &mut Vec<u8>,
) -> std::result::Result<(), (usize, Error)> {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        field.write(row, out).map_err(|error| (index, error))?;
    }
    out.push(b'\n');
    Ok(())
}

/// The server's account: `Records: 4  Deleted: 0  Skipped: 1  Warnings: 8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outcome {
    records: u64,
    deleted: u64,
    skipped: u64,
    warnings: u64,
}

impl Outcome {
    /// Whether all rows are there as they were sent; deleted are those that were replaced.
    fn is_exact(&self, rows: u64, replaces: bool) -> bool {
        let Self { records, deleted, skipped, warnings } = *self;
        (records, skipped, warnings) == (rows, 0, 0) && (replaces || deleted == 0)
    }

    fn parse(info: &str) -> Option<Self> {
        let number = |name: &str| {
            let (_, rest) = info.split_once(name)?;
            rest.split_whitespace().next()?.parse().ok()
        };
        Some(Self {
            records: number("Records:")?,
            deleted: number("Deleted:")?,
            skipped: number("Skipped:")?,
            warnings: number("Warnings:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exact_account_is_success() {
        for (info, replaces, exact) in [
            ("Records: 4  Deleted: 0  Skipped: 0  Warnings: 0", false, true),
            ("Records: 4  Deleted: 0  Skipped: 1  Warnings: 1", false, false),
            ("Records: 4  Deleted: 0  Skipped: 0  Warnings: 8", false, false),
            ("Records: 5  Deleted: 0  Skipped: 0  Warnings: 0", false, false),
            ("Records: 4  Deleted: 2  Skipped: 0  Warnings: 0", false, false),
            ("Records: 4  Deleted: 2  Skipped: 0  Warnings: 0", true, true),
            ("Records: 4  Deleted: 2  Skipped: 0  Warnings: 1", true, false),
        ] {
            assert_eq!(Outcome::parse(info).unwrap().is_exact(4, replaces), exact, "{info}");
        }
        assert_eq!(Outcome::parse(""), None);
    }
}
