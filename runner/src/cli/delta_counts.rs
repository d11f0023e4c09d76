//! How many rows a run would write and delete, with the first few.

use datafusion::arrow::array::RecordBatch;
use futures::TryStreamExt;

use crate::error::Result;
use crate::target::Change;
use crate::target::rows::Rows;
use crate::work::{Tables, Work};

/// Rows of a delta that are shown.
const SAMPLE_ROWS: usize = 5;

#[derive(Debug, Default)]
pub(super) struct CountedDelta {
    pub(super) upserts: Counted,
    pub(super) deletes: Counted,
}

#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) rows: u64,
    pub(super) sample: Vec<RecordBatch>,
}

/// Computes what a run would write, and keeps how many rows that are.
pub(super) async fn deltas(work: &Work) -> Result<Vec<CountedDelta>> {
    let mut counted = Vec::new();
    match &work.tables {
        Tables::Rebuilds(tables) => {
            for table in tables {
                let upserts = count(&table.rows).await?;
                counted.push(CountedDelta { upserts, deletes: Counted::default() });
            }
        }
        Tables::Changes(changes) => {
            for change in changes {
                counted.push(match &change.change {
                    Change::Merge { deletes, upserts, .. } => CountedDelta {
                        upserts: count(upserts).await?,
                        deletes: count(deletes).await?,
                    },
                    Change::Append { rows } | Change::Replace { rows } => {
                        CountedDelta { upserts: count(rows).await?, deletes: Counted::default() }
                    }
                });
            }
        }
    }
    Ok(counted)
}

async fn count(rows: &Rows) -> Result<Counted> {
    let mut counted = Counted::default();
    let mut stream = rows.stream()?;
    let mut wanted = SAMPLE_ROWS;
    while let Some(batch) = stream.try_next().await? {
        counted.rows += batch.num_rows() as u64;
        let taken = wanted.min(batch.num_rows());
        if taken > 0 {
            counted.sample.push(batch.slice(0, taken));
            wanted -= taken;
        }
    }
    Ok(counted)
}
