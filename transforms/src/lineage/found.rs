//! The positions that the rows of a traced plan hold.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::UInt64Type;
use roaring::RoaringTreemap;

use super::Lineage;
use super::condition::Demand;

/// Of the rows of [`Lineage::rows`], those that the fewest conditions leave out: for each way of that, the positions.
#[derive(Debug, Clone)]
pub struct Found {
    scans: usize,
    /// The scans of which a condition says that their rows are not deleted, by condition.
    deletes: Vec<Option<usize>>,
    /// By the conditions that are not met.
    by_failed: BTreeMap<Vec<usize>, FoundRows>,
}

/// Source rows, by scan.
#[derive(Debug, Clone, Default)]
pub struct FoundRows {
    positions: Vec<RoaringTreemap>,
    /// Those that delete.
    deletes: Vec<RoaringTreemap>,
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

    /// The positions of the rows that delete what a scan would read, in order. They are among [`Self::positions`], as is what was
    /// deleted.
    pub fn deletes(&self, scan: usize) -> impl Iterator<Item = u64> {
        self.deletes.get(scan).into_iter().flatten()
    }
}

impl Found {
    /// Nothing so far.
    #[must_use]
    pub fn new(lineage: &Lineage) -> Self {
        let deletes = lineage.conditions.iter().map(|condition| match condition.demand {
            Demand::NotDeleted(scan) => Some(scan),
            _ => None,
        });
        let (scans, deletes) = (lineage.scans.len(), deletes.collect());
        Self { scans, deletes, by_failed: BTreeMap::new() }
    }

    /// Takes a batch of [`Lineage::rows`].
    pub fn add(&mut self, batch: &RecordBatch) {
        // Positions, those of what deleted rows were before where any are there, then conditions.
        let flags = batch.num_columns().saturating_sub(self.deletes.len());
        let (places, flags) = batch.columns().split_at(flags);
        let (positions, formers) = places.split_at(self.scans.min(places.len()));
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
            let deletes = failed.iter().filter_map(|index| self.deletes.get(*index).copied()?);
            let deletes: Vec<usize> = deletes.collect();
            let rows = self.by_failed.entry(failed).or_default();
            for of in [&mut rows.positions, &mut rows.deletes] {
                of.resize_with(self.scans, RoaringTreemap::new);
            }
            add(&mut rows.positions, positions, row);
            add(&mut rows.positions, formers, row);
            for scan in deletes {
                if let (Some(of_scan), Some(column)) =
                    (rows.deletes.get_mut(scan), positions.get(scan))
                {
                    add(std::slice::from_mut(of_scan), std::slice::from_ref(column), row);
                }
            }
        }
    }

    /// The indices of the conditions that are not met, and the rows; of rows that are there it is one pair, without conditions.
    pub fn ways(&self) -> impl Iterator<Item = (&[usize], &FoundRows)> {
        self.by_failed.iter().map(|(failed, rows)| (failed.as_slice(), rows))
    }
}

/// Adds what a row has in some columns of positions.
fn add(to: &mut [RoaringTreemap], columns: &[ArrayRef], row: usize) {
    for (to, column) in to.iter_mut().zip(columns) {
        let column = column.as_primitive::<UInt64Type>();
        if column.is_valid(row) {
            let _is_new = to.insert(column.value(row));
        }
    }
}
