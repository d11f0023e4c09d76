//! What decoding gives.

use std::fmt;

use datafusion::arrow::array::{ArrayRef, BinaryArray};

use crate::dms::op::Op;

/// Consecutive rows of an object.
pub struct Decoded {
    /// The projected columns, with the types of their specs.
    ///
    /// Of a row that deletes only the key is read; its other columns are NULL, even where the spec
    /// says NOT NULL.
    pub columns: Vec<ArrayRef>,
    pub ops: Vec<Op>,
    /// Whether the object has operations; else an update looks like an insert.
    pub has_op: bool,
    /// The columns that rows leave out, whose values stay as they were: for each row the bits of their indexes, from the lowest
    /// of the first byte on; NULL for a row that has all. None if all rows have all.
    pub absent: Option<BinaryArray>,
    /// Where each row begins, if that is asked for: its line, of Parquet its row, from 1.
    pub lines: Option<Vec<u64>>,
    /// The number of the first row in its object, from 0; a header does not count.
    pub first_row: u64,
    pub len: usize,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the values of rows.
        f.debug_struct("Decoded")
            .field("first_row", &self.first_row)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
