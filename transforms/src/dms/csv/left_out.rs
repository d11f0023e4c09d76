//! The columns that rows leave out, whose values stay as they were.

use datafusion::arrow::array::{BinaryArray, BinaryBuilder};

use crate::dms::op::Op;

/// The columns that rows leave out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Those of the row that is read.
    row: Vec<u8>,
    /// Those of the rows so far; none as long as all have all.
    rows: Option<BinaryBuilder>,
    len: usize,
}

impl LeftOut {
    pub(super) fn begin_row(&mut self) {
        self.row.clear();
    }

    pub(super) fn note(&mut self, column: usize) {
        let byte = column / 8;
        if self.row.len() <= byte {
            self.row.resize(byte + 1, 0);
        }
        if let Some(bits) = self.row.get_mut(byte) {
            *bits |= 1 << (column % 8);
        }
    }

    /// Of an insert nothing was there before, and of a delete nothing is after it. `op` is none where operations are not written.
    pub(super) fn end_row(&mut self, op: Option<Op>) {
        let is_whole = self.row.is_empty() || op.is_some_and(|op| op != Op::Update);
        if self.rows.is_none() && !is_whole {
            let mut rows = BinaryBuilder::new();
            rows.append_nulls(self.len);
            self.rows = Some(rows);
        }
        match &mut self.rows {
            Some(rows) if is_whole => rows.append_null(),
            Some(rows) => rows.append_value(&self.row),
            None => {}
        }
        self.len += 1;
    }

    /// Those of the rows so far, `len` of them.
    pub(super) fn take(&mut self, len: usize) -> Option<BinaryArray> {
        self.len = 0;
        let rows = self.rows.take()?.finish();
        Some(rows.slice(0, len))
    }
}
