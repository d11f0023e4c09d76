//! All rows of a source's objects, with their position.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use super::exec::StagedExec;
use super::object::FrozenTable;
use super::place::digits;
use crate::dms::csv::same_name;
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
    /// What the row does, as a letter ([`super::changes`]).
    Op,
    /// [`Self::Sequence`] and [`Self::Position`] for people: as a text that sorts as they do.
    Place,
    /// When it was committed; NULL in rows of a full load.
    Commit,
    /// Where it begins in its object: the line, of Parquet the row.
    Line,
    /// What is known of its object: a column of [`RawTable::facts`].
    Fact(usize),
}

impl Added {
    /// Those of a source, in the order in which they stand behind its own columns.
    pub(super) fn of(source: &Source) -> impl Iterator<Item = Self> + use<> {
        let sequence = source.change_sequence.map(|_| Self::Sequence);
        let absent = source.settings.csv.no_sup_value.as_ref().map(|_| Self::Absent);
        [Self::Deleted, Self::Position].into_iter().chain(sequence).chain(absent)
    }

    /// Its field, under a name that no column of the source has.
    fn named(self, facts: &Schema, source: &Schema) -> Field {
        let field = self.field(facts);
        let name = free_name(field.name(), source);
        field.with_name(name)
    }

    fn field(self, facts: &Schema) -> Field {
        match self {
            Self::Deleted => Field::new(DELETED, DataType::Boolean, false),
            Self::Position => Field::new(POSITION, DataType::UInt64, false),
            Self::Sequence => Field::new(SEQUENCE, DataType::Utf8, true),
            Self::Absent => Field::new(ABSENT, DataType::Binary, true),
            Self::Op => Field::new("_op", DataType::Utf8, false),
            Self::Place => Field::new("_position", DataType::Utf8, false),
            Self::Commit => {
                Field::new("_commit_time", DataType::Timestamp(TimeUnit::Microsecond, None), true)
            }
            Self::Line => Field::new("_line", DataType::Int64, false),
            Self::Fact(index) => facts.field(index).clone(),
        }
    }
}

/// Every row of the objects: the source's columns, and what `Added` says.
///
/// A row that moves to another key is two: one that deletes what it was, and the row itself.
#[derive(Debug, Clone)]
pub struct RawTable {
    pub(super) table: Arc<FrozenTable>,
    /// The columns behind the source's own.
    pub(super) added: Vec<Added>,
    /// A row for each object, in their order.
    pub(super) facts: RecordBatch,
    /// The number of digits that count all objects.
    pub(super) digits: usize,
    schema: SchemaRef,
}

/// A name with as many `_` before it as it takes to be none of the source's.
pub(super) fn free_name(name: &str, source: &Schema) -> String {
    let mut name = name.to_owned();
    while source.fields().iter().any(|own| same_name(own.name(), &name)) {
        name.insert(0, '_');
    }
    name
}

impl RawTable {
    /// The rows of all objects of `table`.
    #[must_use]
    pub fn new(table: Arc<FrozenTable>) -> Self {
        let added = Added::of(&table.source).collect();
        Self::with(table, added, RecordBatch::new_empty(Arc::new(Schema::empty())))
    }

    /// The same with, behind the source's columns: [`DELETED`], [`POSITION`], the letter of what the row does, and the line on which
    /// it begins (of Parquet the number of its row), from 1.
    #[must_use]
    pub fn told(table: Arc<FrozenTable>) -> Self {
        let added = vec![Added::Deleted, Added::Position, Added::Op, Added::Line];
        Self::with(table, added, RecordBatch::new_empty(Arc::new(Schema::empty())))
    }

    /// The same with other columns behind the source's own.
    pub(super) fn with(table: Arc<FrozenTable>, added: Vec<Added>, facts: RecordBatch) -> Self {
        let mut fields: Vec<Arc<Field>> = table.source.schema.fields().iter().cloned().collect();
        let of_facts = facts.schema();
        let of_source = Arc::clone(&table.source.schema);
        let fields_of = added.iter().map(|added| added.named(&of_facts, &of_source));
        fields.extend(fields_of.map(Arc::new));
        let digits = digits(&table.objects);
        Self { table, added, facts, digits, schema: Arc::new(Schema::new(fields)) }
    }

    /// The places of columns that are added, in their order.
    pub(super) fn places(&self, wanted: impl Fn(Added) -> bool) -> Vec<usize> {
        let width = self.table.source.schema.fields().len();
        let added = self.added.iter().enumerate().filter(|(_, added)| wanted(**added));
        added.map(|(place, _)| width + place).collect()
    }

    /// The rows of only some objects.
    pub(super) fn only(&self, is_wanted: &BooleanArray) -> Result<Self> {
        let wanted = self.table.objects.iter().zip(is_wanted.iter());
        let objects = wanted.filter(|(_, is_wanted)| *is_wanted == Some(true));
        let objects = objects.map(|(object, _)| object.clone()).collect();
        let facts = filter_record_batch(&self.facts, is_wanted)?;
        Ok(Self { table: Arc::new(self.table.with_objects(objects)), facts, ..self.clone() })
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
        Ok(Arc::new(StagedExec::try_new(self, columns, partitions)?))
    }
}
