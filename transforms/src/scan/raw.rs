//! All rows of a source's objects, with their position.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use super::exec::StagedExec;
use super::object::FrozenTable;
use crate::source::Source;

/// The column that says whether a row deletes its key.
pub const DELETED: &str = "__unglue_deleted";
/// The column that holds a row's position within the generation: the object's ordinal, then the row in the object.
pub const POSITION: &str = "__unglue_position";

/// The column that orders the rows of a key before [`POSITION`] does, of a source with `ChangeSequenceColumn`: NULL in rows of a
/// full load, which come before all changes.
pub(super) const SEQUENCE: &str = "__unglue_sequence";
/// The column that says which columns a row leaves out, of a source with `UseCsvNoSupValue`, as
/// [`crate::dms::csv::Decoded::absent`].
pub(super) const ABSENT: &str = "__unglue_absent";

/// A column that scans add to those of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Deleted,
    Position,
    Sequence,
    Absent,
}

impl Added {
    /// Those of a source, in the order in which they stand behind its own columns.
    pub(super) fn of(source: &Source) -> impl Iterator<Item = Self> + use<> {
        let sequence = source.change_sequence.map(|_| Self::Sequence);
        let absent = source.settings.csv.no_sup_value.as_ref().map(|_| Self::Absent);
        [Self::Deleted, Self::Position].into_iter().chain(sequence).chain(absent)
    }

    fn field(self) -> Field {
        match self {
            Self::Deleted => Field::new(DELETED, DataType::Boolean, false),
            Self::Position => Field::new(POSITION, DataType::UInt64, false),
            Self::Sequence => Field::new(SEQUENCE, DataType::Utf8, true),
            Self::Absent => Field::new(ABSENT, DataType::Binary, true),
        }
    }
}

/// Every row of the objects: the source's columns, and what `Added` says.
///
/// A row that moves to another key is two: one that deletes what it was, and the row itself.
#[derive(Debug)]
pub struct RawTable {
    table: Arc<FrozenTable>,
    schema: SchemaRef,
}

impl RawTable {
    /// The rows of all objects of `table`.
    #[must_use]
    pub fn new(table: Arc<FrozenTable>) -> Self {
        let mut fields: Vec<Arc<Field>> = table.source.schema.fields().iter().cloned().collect();
        fields.extend(Added::of(&table.source).map(|added| Arc::new(added.field())));
        Self { table, schema: Arc::new(Schema::new(fields)) }
    }

    /// The columns by which the rows of a key are ordered; [`POSITION`] is the last of them.
    #[must_use]
    pub fn order(&self) -> Vec<&'static str> {
        let sequence = self.table.source.change_sequence.map(|_| SEQUENCE);
        sequence.into_iter().chain([POSITION]).collect()
    }
}

#[async_trait]
impl TableProvider for RawTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.schema.fields().len()).collect(),
        };
        let partitions = state.config().target_partitions();
        let exec = StagedExec::try_new(Arc::clone(&self.table), &self.schema, columns, partitions)?;
        Ok(Arc::new(exec))
    }
}
