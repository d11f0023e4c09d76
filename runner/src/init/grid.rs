//! What was read of objects, whatever their format: names, types and values by position. Pure.

use std::fmt;

use transforms::dms::{ObjectKind, Op};

/// A value's bytes; none for NULL.
pub(super) type Cell = Option<Vec<u8>>;

/// The first rows of an object.
#[derive(Clone)]
pub(super) struct Grid {
    /// Below the folder.
    pub(super) key: String,
    pub(super) kind: ObjectKind,
    /// The header, or Parquet's names.
    pub(super) names: Option<Vec<String>>,
    /// SQL types of the fields, where the format has types.
    pub(super) types: Option<Vec<String>>,
    pub(super) records: Vec<Vec<Cell>>,
}

/// A row of a table.
pub(super) struct Row {
    pub(super) kind: ObjectKind,
    pub(super) op: Op,
    /// By column.
    pub(super) values: Vec<Cell>,
}

impl Grid {
    /// The number of fields: of the names, else that of most rows; 0 if there is nothing.
    pub(super) fn width(&self) -> usize {
        self.names.as_ref().map_or_else(|| usual_width(self.records.iter().map(Vec::len)), Vec::len)
    }

    /// Texts of one field.
    pub(super) fn field(&self, index: usize) -> impl Iterator<Item = Option<&[u8]>> + Clone {
        self.records.iter().map(move |record| record.get(index).and_then(|cell| cell.as_deref()))
    }
}

/// The most frequent one; of several the widest.
pub(super) fn usual_width(widths: impl Iterator<Item = usize>) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for width in widths {
        *counts.entry(width).or_insert(0_usize) += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |(width, _)| width)
}

// Written by hand, since what is derived would print the values of rows.

impl fmt::Debug for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grid").field("key", &self.key).finish_non_exhaustive()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("op", &self.op).finish_non_exhaustive()
    }
}
