//! The positions that the rows of a traced plan hold.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::UInt64Type;
use roaring::RoaringTreemap;

use super::Lineage;

/// Of the rows of [`Lineage::rows`], those that the fewest conditions leave out: for each way of that, the positions.
#[derive(Debug, Clone)]
pub struct Found {
    scans: usize,
    /// By the conditions that are not met.
    by_failed: BTreeMap<Vec<usize>, FoundRows>,
}

/// Source rows, by scan.
#[derive(Debug, Clone, Default)]
pub struct FoundRows {
    positions: Vec<RoaringTreemap>,
}

impl FoundRows {
    /// How many rows of a scan there are.
    #[must_use]
    pub fn count(&self, scan: usize) -> u64 {
        self.positions.get(scan).map_or(0, RoaringTreemap::len)
    }

    /// The positions of a scan's rows, in order.
    pub fn positions(&self, scan: usize) -> impl Iterator<Item = u64> {
        self.positions.get(scan).into_iter().flatten()
    }
}

impl Found {
    /// Nothing so far.
    #[must_use]
    pub fn new(lineage: &Lineage) -> Self {
        Self { scans: lineage.scans.len(), by_failed: BTreeMap::new() }
    }

    /// Takes a batch of [`Lineage::rows`].
    pub fn add(&mut self, batch: &RecordBatch) {
        let (positions, flags) = batch.columns().split_at(self.scans.min(batch.num_columns()));
        for row in 0..batch.num_rows() {
            // A condition of a table that is not there in this row is NULL: it leaves nothing out.
            let fails = |flag: &dyn Array| {
                let flag = flag.as_boolean();
                flag.is_valid(row) && !flag.value(row)
            };
            let failed = flags.iter().enumerate().filter(|(_, flag)| fails(flag.as_ref()));
            let failed: Vec<usize> = failed.map(|(index, _)| index).collect();
            let fewest = self.by_failed.keys().next().map(Vec::len);
            match fewest {
                Some(fewest) if failed.len() > fewest => continue,
                Some(fewest) if failed.len() < fewest => self.by_failed.clear(),
                _ => {}
            }
            let rows = self.by_failed.entry(failed).or_default();
            rows.positions.resize_with(self.scans, RoaringTreemap::new);
            for (of_scan, column) in rows.positions.iter_mut().zip(positions) {
                let column = column.as_primitive::<UInt64Type>();
                if column.is_valid(row) {
                    let _is_new = of_scan.insert(column.value(row));
                }
            }
        }
    }

    /// The indices of the conditions that are not met, and the rows; of rows that are there it is one pair, without conditions.
    pub fn ways(&self) -> impl Iterator<Item = (&[usize], &FoundRows)> {
        self.by_failed.iter().map(|(failed, rows)| (failed.as_slice(), rows))
    }
}
