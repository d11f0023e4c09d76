//! Rows sorted by key and in the order of application, as versions: what each leaves out filled in, and what comes next told.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch, UInt32Array,
};
use datafusion::arrow::compute::kernels::cmp::not_distinct;
use datafusion::arrow::compute::{SortOptions, and, and_not, concat_batches, not, nullif, take};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexRequirement, OrderingRequirements, PhysicalExpr,
    PhysicalSortRequirement,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties,
};
use futures::stream::{self, StreamExt};

use super::fill::{Gaps, leaves_out, own};

/// The columns by which versions are told, of some rows.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) key: Vec<usize>,
    /// What rows of a key are ordered by.
    pub(super) order: Vec<usize>,
    pub(super) deleted: usize,
    pub(super) commit: usize,
    pub(super) place: usize,
    pub(super) gaps: Option<Gaps>,
}

impl Told {
    /// The rows' columns, then those that are told of each: the commit and the place of the next version of its key, and whether it
    /// is the current one.
    pub(super) fn schema(&self, rows: &Schema) -> SchemaRef {
        let nullable = |column: usize, name: &str| {
            Field::new(name, rows.field(column).data_type().clone(), true)
        };
        let told = [
            nullable(self.commit, "__unglue_valid_to"),
            nullable(self.place, "__unglue_next_place"),
            Field::new("__unglue_is_current", DataType::Boolean, false),
        ];
        let rows = rows.fields().iter().map(|field| field.as_ref().clone());
        Arc::new(Schema::new(rows.chain(told).collect::<Vec<_>>()))
    }
}

/// All rows of `input`, with more columns ([`Told::schema`]).
#[derive(Debug, Clone)]
pub(super) struct VersionsExec {
    input: Arc<dyn ExecutionPlan>,
    told: Told,
    properties: Arc<PlanProperties>,
}

impl VersionsExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, told: Told) -> Self {
        let of_input = input.properties();
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(told.schema(&input.schema())),
            datafusion::physical_plan::Partitioning::UnknownPartitioning(
                input.output_partitioning().partition_count(),
            ),
            of_input.emission_type,
            of_input.boundedness,
        ));
        Self { input, told, properties }
    }

    fn column(&self, index: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(self.input.schema().field(index).name(), index))
    }
}

impl DisplayAs for VersionsExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.input.schema();
        let names = self.told.key.iter().map(|index| schema.field(*index).name().as_str());
        write!(f, "VersionsExec: key=[{}]", names.collect::<Vec<_>>().join(", "))
    }
}

impl ExecutionPlan for VersionsExec {
    fn name(&self) -> &'static str {
        "VersionsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let key = self.told.key.iter().map(|index| self.column(*index)).collect();
        InputDistributionRequirements::new(vec![Distribution::KeyPartitioned(key)])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        // Full loads have no sequence, and come before all changes.
        let options = SortOptions { descending: false, nulls_first: true };
        let columns = self.told.key.iter().chain(&self.told.order);
        let by = columns.map(|at| PhysicalSortRequirement::new(self.column(*at), Some(options)));
        vec![LexRequirement::new(by).map(OrderingRequirements::new)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        // It does, but its properties say no order, so a sort above it must stay there.
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (Some(input), true) = (children.pop(), children.is_empty()) else {
            return internal_err!("VersionsExec has one child");
        };
        Ok(Arc::new(Self::new(input, self.told.clone())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        let (told, schema) = (self.told.clone(), self.schema());
        let mut versions = Versions { told, rows: rows.schema(), schema, open: None };
        let ended = rows.map(|batch| batch.map(Some)).chain(stream::iter([Ok(None)]));
        let told = ended.map(move |batch| match batch? {
            Some(batch) => Ok(versions.take(&batch)?),
            None => Ok(versions.end()?),
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), told)))
    }
}

struct Versions {
    told: Told,
    rows: SchemaRef,
    schema: SchemaRef,
    /// The last row so far, filled: the next one may be of its key.
    open: Option<RecordBatch>,
}

impl Versions {
    /// The versions of the open row and of those of a batch, but for the last, which is open then.
    fn take(&mut self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        if batch.num_rows() == 0 {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let open = self.open.take();
        let filled = usize::from(open.is_some());
        let rows = concat_batches(&self.rows, open.iter().chain([batch]))?;
        let last = rows.num_rows() - 1;
        let (these, next) = (rows.slice(0, last), rows.slice(1, last));
        let is_same = self.is_same_key(&these, &next)?;
        let rows = match &self.told.gaps {
            Some(gaps) => self.filled(&rows, gaps, &is_same, filled)?,
            None => rows,
        };
        self.open = Some(own(&rows, last)?);
        self.tell(&rows.slice(0, last), &rows.slice(1, last), &is_same)
    }

    fn end(&mut self) -> Result<RecordBatch, ArrowError> {
        match self.open.take() {
            None => Ok(RecordBatch::new_empty(Arc::clone(&self.schema))),
            Some(row) => self.tell(&row, &row, &BooleanArray::from(vec![false])),
        }
    }

    fn is_same_key(&self, a: &RecordBatch, b: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let mut is_same = BooleanArray::from(vec![true; a.num_rows()]);
        for column in &self.told.key {
            is_same = and(&is_same, &not_distinct(a.column(*column), b.column(*column))?)?;
        }
        Ok(is_same)
    }

    /// The rows with what they leave out, but for the first `filled`, which have it. A row behind one that deletes, or behind none of
    /// its key, has nothing to take it from.
    fn filled(
        &self,
        rows: &RecordBatch,
        gaps: &Gaps,
        is_same: &BooleanArray,
        filled: usize,
    ) -> Result<RecordBatch, ArrowError> {
        let absent = rows.column(gaps.absent).as_binary_opt::<i32>();
        let Some(absent) = absent.filter(|absent| absent.null_count() < absent.len()) else {
            return Ok(rows.clone());
        };
        let deleted = rows.column(self.told.deleted).as_boolean();
        let columns =
            rows.columns().iter().zip(&gaps.numbers).map(|(column, number)| match number {
                None => Ok(Arc::clone(column)),
                Some(number) => {
                    let from = sources(absent, *number, (is_same, deleted), filled);
                    take(column, &from, None)
                }
            });
        let columns = columns.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
        RecordBatch::try_new(rows.schema(), columns)
    }

    /// Rows with what is told of them; `next` are those behind them, of the same key or not.
    fn tell(
        &self,
        these: &RecordBatch,
        next: &RecordBatch,
        is_same: &BooleanArray,
    ) -> Result<RecordBatch, ArrowError> {
        let is_last = not(is_same)?;
        let of_next = |column: usize| nullif(next.column(column), &is_last);
        let deleted = these.column(self.told.deleted).as_boolean();
        let is_current: ArrayRef = Arc::new(and_not(&is_last, deleted)?);
        let mut columns = these.columns().to_vec();
        columns.extend([of_next(self.told.commit)?, of_next(self.told.place)?, is_current]);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// For each row the one that has its value of a column, if any.
fn sources(
    absent: &BinaryArray,
    number: usize,
    (is_same, deleted): (&BooleanArray, &BooleanArray),
    filled: usize,
) -> UInt32Array {
    let mut before: Option<u32> = None;
    let sources = (0..absent.len()).map(|row| {
        let takes = row >= filled && leaves_out(absent, row, number);
        let goes_on = row
            .checked_sub(1)
            .is_some_and(|before| is_same.value(before) && !deleted.value(before));
        before = match (takes, goes_on) {
            (false, _) => u32::try_from(row).ok(),
            (true, true) => before,
            (true, false) => None,
        };
        before
    });
    sources.collect()
}
