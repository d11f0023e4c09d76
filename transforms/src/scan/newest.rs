//! The newest row of each key: the plan node that chooses it, and the table around it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBufferBuilder, RecordBatch, UInt64Array,
};
use datafusion::arrow::compute::kernels::cmp::not_distinct;
use datafusion::arrow::compute::{SortOptions, filter_record_batch, partition, take};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, TableProviderFilterPushDown, not};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    Distribution, LexRequirement, OrderingRequirements, PhysicalExpr, PhysicalSortRequirement,
};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
};
use futures::StreamExt;

use super::fill::{Gaps, fill};
use super::object::FrozenTable;
use super::raw::{ABSENT, DELETED, RawTable};
use super::source_table::column;

/// Of the rows of a [`RawTable`] with a key, the newest of each key, deletes among them.
#[derive(Debug)]
pub(super) struct NewestTable {
    raw: Arc<RawTable>,
    table: Arc<FrozenTable>,
    /// Whether deletes are as if they were not there.
    skips_deletes: bool,
}

impl NewestTable {
    pub(super) fn new(table: Arc<FrozenTable>) -> Self {
        let raw = Arc::new(RawTable::new(Arc::clone(&table)));
        Self { raw, table, skips_deletes: false }
    }

    /// Of each key the newest row that does not delete it: of one that is deleted, what it was before.
    pub(super) fn before_deletes(table: Arc<FrozenTable>) -> Self {
        Self { skips_deletes: true, ..Self::new(table) }
    }
}

#[async_trait]
impl TableProvider for NewestTable {
    fn schema(&self) -> SchemaRef {
        self.raw.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(self.table.key_filters(filters))
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.schema();
        let key = &self.table.source.key;
        let wanted: Vec<usize> = match projection {
            Some(columns) => columns.clone(),
            None => (0..schema.fields().len()).collect(),
        };
        // What is wanted comes first, then what is only looked at.
        let mut columns = wanted.clone();
        let order = self.raw.order().into_iter().map(|name| schema.index_of(name));
        let order: Vec<usize> = order.collect::<Result<_, _>>()?;
        let absent = schema.index_of(ABSENT).ok();
        let looked_at = key.iter().chain(&order).chain(&absent);
        columns.extend(looked_at.filter(|column| !wanted.contains(column)));
        let place = |column: &usize| columns.iter().position(|other| other == column);
        let key: Vec<usize> = key.iter().filter_map(place).collect();
        let order: Vec<usize> = order.iter().filter_map(place).collect();
        let gaps = absent.as_ref().and_then(place).map(|absent| {
            let width = self.table.source.schema.fields().len();
            let number = |column: &usize| Some(*column).filter(|column| *column < width);
            Gaps { absent, numbers: columns.iter().map(number).collect() }
        });

        let source = provider_as_source(Arc::clone(&self.raw) as Arc<dyn TableProvider>);
        let mut rows = LogicalPlanBuilder::scan("staged", source, None)?;
        if let Some(filter) = conjunction(filters.iter().cloned()) {
            rows = rows.filter(filter)?;
        }
        if self.skips_deletes {
            rows = rows.filter(not(column(DELETED)))?;
        }
        let rows = rows.project(columns.iter().map(|at| column(schema.field(*at).name())))?;
        let rows = state.create_physical_plan(&rows.build()?).await?;
        let newest = Arc::new(NewestExec { input: rows, key, order, gaps });
        let wanted = (0..wanted.len()).map(|index| {
            let name = newest.schema().field(index).name().clone();
            ProjectionExpr::new(Arc::new(Column::new(&name, index)), name)
        });
        Ok(Arc::new(ProjectionExec::try_new(wanted.collect::<Vec<_>>(), newest)?))
    }
}

/// Of rows sorted by key, newest first, the first of each key; where that leaves columns out, with their values of the newest
/// row that has them.
///
/// DataFusion's window functions would do the same, but end a batch at each key.
#[derive(Debug, Clone)]
struct NewestExec {
    input: Arc<dyn ExecutionPlan>,
    /// Of the input's columns.
    key: Vec<usize>,
    /// What rows of a key are ordered by.
    order: Vec<usize>,
    gaps: Option<Gaps>,
}

impl NewestExec {
    fn column(&self, index: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(self.input.schema().field(index).name(), index))
    }
}

impl DisplayAs for NewestExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.input.schema();
        let names = self.key.iter().map(|index| schema.field(*index).name().as_str());
        write!(f, "NewestExec: key=[{}]", names.collect::<Vec<_>>().join(", "))
    }
}

impl ExecutionPlan for NewestExec {
    fn name(&self) -> &'static str {
        "NewestExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let key = self.key.iter().map(|index| self.column(*index)).collect();
        InputDistributionRequirements::new(vec![Distribution::KeyPartitioned(key)])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        // Full loads have no sequence, and come before all changes.
        let by = |index: usize, descending: bool| {
            let nulls_first = !descending;
            let options = SortOptions { descending, nulls_first };
            PhysicalSortRequirement::new(self.column(index), Some(options))
        };
        // The key's order is that of `SourceTable::key_order`, so that nothing is sorted again.
        let key = self.key.iter().map(|index| by(*index, false));
        let order = self.order.iter().map(|index| by(*index, true));
        let order = LexRequirement::new(key.chain(order));
        vec![order.map(OrderingRequirements::new)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
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
            return internal_err!("NewestExec has one child");
        };
        Ok(Arc::new(Self { input, ..Self::clone(&self) }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        if let Some(gaps) = &self.gaps {
            let filled = fill(rows, self.key.clone(), gaps.clone());
            return Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), filled)));
        }
        let mut newest = Newest { key: self.key.clone(), last: Vec::new() };
        let rows = rows.map(move |batch| Ok(newest.of(&batch?)?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}

/// The rows of a stream whose key was not that of the row before.
struct Newest {
    key: Vec<usize>,
    /// The key of the last row so far, each column of one row; empty before the first.
    last: Vec<ArrayRef>,
}

impl Newest {
    fn of(&mut self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(batch.clone());
        }
        let key: Vec<ArrayRef> =
            self.key.iter().map(|column| Arc::clone(batch.column(*column))).collect();
        let mut is_first = BooleanBufferBuilder::new(rows);
        is_first.append_n(rows, false);
        for run in partition(&key)?.ranges() {
            is_first.set_bit(run.start, true);
        }
        if self.is_last(&key)? {
            is_first.set_bit(0, false);
        }
        // A copy: a slice would keep its batch.
        self.last = key.iter().map(|column| own(column, rows - 1)).collect::<Result<_, _>>()?;
        filter_record_batch(batch, &BooleanArray::new(is_first.finish(), None))
    }

    /// Whether the first key of a batch is the last one of the batch before.
    fn is_last(&self, key: &[ArrayRef]) -> Result<bool, ArrowError> {
        for (last, column) in self.last.iter().zip(key) {
            if !not_distinct(last, &column.slice(0, 1))?.value(0) {
                return Ok(false);
            }
        }
        Ok(!self.last.is_empty())
    }
}

/// One row of a column, copied.
fn own(column: &ArrayRef, row: usize) -> Result<ArrayRef, ArrowError> {
    let row = u64::try_from(row).map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
    take(column, &UInt64Array::from(vec![row]), None)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{AsArray, Int32Array, StringArray};
    use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema};

    use super::*;

    /// The rows that are kept of batches of a number and a text, both the key, and a number.
    fn kept(batches: &[&[(i32, &str, i32)]]) -> Vec<Vec<i32>> {
        let fields = [("a", DataType::Int32), ("b", DataType::Utf8), ("n", DataType::Int32)];
        let fields: Vec<_> =
            fields.map(|(name, data_type)| Field::new(name, data_type, false)).into();
        let schema = Arc::new(Schema::new(fields));
        let mut newest = Newest { key: vec![0, 1], last: Vec::new() };
        let of = |rows: &&[(i32, &str, i32)]| {
            let columns: Vec<ArrayRef> = vec![
                Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()),
                Arc::new(rows.iter().map(|row| Some(row.1)).collect::<StringArray>()),
                Arc::new(rows.iter().map(|row| row.2).collect::<Int32Array>()),
            ];
            let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
            newest.of(&batch).unwrap().column(2).as_primitive::<Int32Type>().values().to_vec()
        };
        batches.iter().map(of).collect()
    }

    #[test]
    fn the_first_row_of_each_key_is_kept_across_batches() {
        let batches: [&[_]; 5] = [
            &[(1, "a", 9), (1, "a", 8), (1, "b", 7)],
            &[],
            &[(1, "b", 6), (1, "b", 5)],
            &[(1, "b", 4), (2, "b", 3)],
            &[(3, "b", 2)],
        ];
        assert_eq!(kept(&batches), [vec![9, 7], vec![], vec![], vec![3], vec![2]]);
    }
}
