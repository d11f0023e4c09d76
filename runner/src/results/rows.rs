//! Rows up to a limit.

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;

use super::style::RowLimit;
use crate::error::Result;

/// Rows of a stream, and whether the limit left some out.
pub(super) struct Rows {
    stream: SendableRecordBatchStream,
    limit: RowLimit,
    /// How many there were.
    pub(super) count: usize,
    /// Whether there are more than the limit allows; known at the end.
    pub(super) is_cut: bool,
}

impl Rows {
    pub(super) fn new(stream: SendableRecordBatchStream, limit: RowLimit) -> Self {
        Self { stream, limit, count: 0, is_cut: false }
    }

    /// The next rows, at least one. Behind the limit nothing is read but what tells whether there is more.
    ///
    /// # Errors
    /// Those of reading.
    pub(super) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        if self.is_cut {
            return Ok(None);
        }
        while let Some(batch) = self.stream.try_next().await? {
            let left = match self.limit {
                RowLimit::All => batch.num_rows(),
                RowLimit::Rows(limit) => limit - self.count,
            };
            let rows = batch.num_rows().min(left);
            self.is_cut = rows < batch.num_rows();
            if rows > 0 {
                self.count += rows;
                return Ok(Some(batch.slice(0, rows)));
            }
            if self.is_cut {
                break;
            }
        }
        Ok(None)
    }
}
