//! The row that a target refused.

use std::fmt;

use datafusion::arrow::array::RecordBatch;

use crate::target::name::TableName;

/// A row that a target refused. The target knows its values and nothing of objects; the orchestrator finds with them where
/// the row came from. They are never shown.
#[derive(Clone)]
pub struct Culprit {
    /// The table that was to take it.
    pub table: TableName,
    /// The one row: the key's columns at least, named as the model's.
    pub row: RecordBatch,
    /// For a duplicate the key of the row that was there before, where it was found.
    pub rival: Option<RecordBatch>,
    /// The column that is wrong, if it is one.
    pub column: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a refused row, as far as it decides how its like is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A text or binary is longer than its column.
    TooLong,
    /// A number is out of its column's range.
    OutOfRange,
    /// There is no value for a column that wants one.
    Null,
    /// Another row has the same values in a unique index, whose columns these are if they are known.
    Duplicate(Vec<String>),
    /// Anything else.
    Other,
}

impl Culprit {
    /// A row of a table with something wrong that has no name of its own.
    #[must_use]
    pub fn new(table: &TableName, row: RecordBatch) -> Self {
        Self { table: table.clone(), row, rival: None, column: None, fault: Fault::Other }
    }
}

impl fmt::Debug for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the values of rows.
        f.debug_struct("Culprit")
            .field("table", &self.table)
            .field("column", &self.column)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}
