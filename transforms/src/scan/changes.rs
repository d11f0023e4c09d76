//! All rows of a source's objects as DMS wrote them, for people: what each does, where it stands, when it was committed, and what the
//! ledger knows of its object.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt32Array,
};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::DFSchema;
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;

use super::commit::with_commit_column;
use super::exec::StagedExec;
use super::object::FrozenTable;
use super::raw::{Added, RawTable};
use staged::ObjectKind;

/// What is known of an object.
const FACTS: [&str; 5] = ["_object", "_generation", "_applied", "_run_id", "_applied_at"];

/// When an object was applied, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The run.
    pub run_id: String,
    /// When that run began.
    pub applied_at: DateTime<Utc>,
}

/// All rows: `_op`, `_position` and `_commit_time`, the source's own columns, then `_object`, `_line`, `_generation`, `_applied`,
/// `_run_id` and `_applied_at`. A column of the source that has such a name takes it, and ours has one more `_` before it.
///
/// `_op` is L for rows of the full load, I, U and D for changes. A row that moves its key away (before-image columns tell it) is
/// there twice: as M, with the key that it had and nothing else, and as the U that it is. Of a row that deletes only the key is read.
#[derive(Debug)]
pub struct ChangesTable {
    raw: RawTable,
    schema: SchemaRef,
    /// For each column its place among those of `raw`.
    columns: Vec<usize>,
}

impl ChangesTable {
    /// The rows of all objects of `table`, which is of a generation. `application` tells of an object, by its key, when it was
    /// applied; none for pending ones.
    ///
    /// # Errors
    /// None that a frozen table can lead to.
    pub fn try_new(
        table: &FrozenTable,
        generation: u32,
        application: &dyn Fn(&str) -> Option<Application>,
    ) -> Result<Self> {
        let declared = Arc::clone(&table.source);
        let raw = raw(table, generation, application)?;
        let front = raw.places(|added| matches!(added, Added::Op | Added::Place | Added::Commit));
        let line = raw.places(|added| added == Added::Line);
        let facts = raw.places(|added| matches!(added, Added::Fact(_)));
        let own = 0..declared.schema.fields().len();
        let columns: Vec<usize> = front
            .into_iter()
            .chain(own)
            .chain(facts.first().copied())
            .chain(line)
            .chain(facts.iter().skip(1).copied())
            .collect();
        let schema = Arc::new(raw.schema().project(&columns)?);
        Ok(Self { raw, schema, columns })
    }

    /// The names of the columns that tell where a row is: `_position`, `_object` and `_line`, if no column of the source has them.
    #[must_use]
    pub fn place_names(&self) -> [&str; 3] {
        let own = self.columns.len() - FACTS.len() - 4;
        [1, 3 + own, 4 + own].map(|at| self.schema.field(at).name().as_str())
    }
}

#[async_trait]
impl TableProvider for ChangesTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let of_objects = ObjectColumns::of(&self.raw);
        let support = |filter: &&Expr| match of_objects.decide(filter) {
            // Some of their rows may still be others.
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns: Vec<usize> = match projection {
            Some(columns) => {
                columns.iter().filter_map(|at| self.columns.get(*at).copied()).collect()
            }
            None => self.columns.clone(),
        };
        let of_objects = ObjectColumns::of(&self.raw);
        let filters = filters.iter().filter(|filter| of_objects.decide(filter)).cloned();
        let raw = match conjunction(filters) {
            Some(filter) => self.raw.only(&of_objects.may_hold(state, &self.raw, filter)?)?,
            None => self.raw.clone(),
        };
        let partitions = state.config().target_partitions();
        Ok(Arc::new(StagedExec::try_new(&raw, columns, partitions)?))
    }
}

/// The columns whose values are known of an object before it is read: its facts, and of operations some.
struct ObjectColumns {
    /// Of facts, then of the operation.
    names: Vec<String>,
}

impl ObjectColumns {
    fn of(raw: &RawTable) -> Self {
        let schema = raw.schema();
        let places = raw.places(|added| matches!(added, Added::Fact(_)));
        let op = raw.places(|added| added == Added::Op);
        let names = places.into_iter().chain(op).map(|place| schema.field(place).name().clone());
        Self { names: names.collect() }
    }

    /// Whether they are all that a filter looks at.
    fn decide(&self, filter: &Expr) -> bool {
        !filter.is_volatile()
            && filter.column_refs().iter().all(|column| self.names.contains(&column.name))
    }

    /// For each object whether a filter may hold of one of its rows.
    fn may_hold(&self, state: &dyn Session, raw: &RawTable, filter: Expr) -> Result<BooleanArray> {
        let objects = &raw.table.objects;
        let cases = objects.iter().enumerate().flat_map(|(index, object)| {
            let first = if object.kind == ObjectKind::FullLoad { "L" } else { "I" };
            [first, "U", "D", "M"].map(|op| (index, op))
        });
        let cases: Vec<(usize, &str)> = cases.collect();
        let indices = cases.iter().map(|(index, _)| u32::try_from(*index).unwrap_or(u32::MAX));
        let facts = take_record_batch(&raw.facts, &UInt32Array::from_iter_values(indices))?;
        let ops: ArrayRef = Arc::new(StringArray::from_iter_values(cases.iter().map(|(_, op)| op)));
        let fields = facts.schema();
        let fields = fields.fields().iter().map(|field| field.as_ref().clone());
        let fields = fields.chain([Field::new("", DataType::Utf8, false)]);
        let fields = fields.zip(&self.names).map(|(field, name)| field.with_name(name));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let columns = facts.columns().iter().cloned().chain([ops]).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(schema)?)?;
        let holds = filter.evaluate(&batch)?.into_array(batch.num_rows())?;
        let holds = holds.as_boolean();
        let mut may_hold = vec![false; objects.len()];
        for ((index, _), holds) in cases.iter().zip(holds) {
            if let Some(may_hold) = may_hold.get_mut(*index) {
                *may_hold |= holds == Some(true);
            }
        }
        Ok(may_hold.into())
    }
}

/// The rows of a table with all that is known of them, [`Added::of`] first.
pub(super) fn raw(
    table: &FrozenTable,
    generation: u32,
    application: &dyn Fn(&str) -> Option<Application>,
) -> Result<RawTable> {
    let facts = facts(table, generation, application)?;
    let source = with_commit_column(&table.source);
    let more = [Added::Op, Added::Place, Added::Commit, Added::Line];
    let of_facts = (0..facts.num_columns()).map(Added::Fact);
    let added = Added::of(&source).chain(more).chain(of_facts).collect();
    let table = Arc::new(FrozenTable { source, ..table.clone() });
    Ok(RawTable::with(table, added, facts))
}

/// What is known of objects, a row for each: [`FACTS`].
fn facts(
    table: &FrozenTable,
    generation: u32,
    application: &dyn Fn(&str) -> Option<Application>,
) -> Result<RecordBatch> {
    let keys = || table.objects.iter().map(|object| object.key.as_str());
    let applied: Vec<Option<Application>> = keys().map(application).collect();
    let applied = || applied.iter().map(Option::as_ref);
    let at = applied().map(|applied| applied.map(|applied| applied.applied_at.timestamp_micros()));
    let columns: [ArrayRef; FACTS.len()] = [
        Arc::new(StringArray::from_iter_values(keys())),
        Arc::new(Int32Array::from(vec![i32::try_from(generation).ok(); table.objects.len()])),
        Arc::new(applied().map(|applied| Some(applied.is_some())).collect::<BooleanArray>()),
        Arc::new(
            applied().map(|applied| applied.map(|a| a.run_id.as_str())).collect::<StringArray>(),
        ),
        Arc::new(at.collect::<TimestampMicrosecondArray>()),
    ];
    let fields = FACTS.iter().zip(&columns).enumerate().map(|(place, (name, column))| {
        let may_lack = place >= 3;
        Field::new(*name, column.data_type().clone(), may_lack)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    Ok(RecordBatch::try_new(schema, columns.into())?)
}
