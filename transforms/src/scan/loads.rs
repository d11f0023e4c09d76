//! The rows of full-load objects that no change names.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{JoinType, NullEquality};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::exec::StagedExec;
use super::object::FrozenTable;
use super::once::OnceExec;
use super::raw::{DELETED, RawTable};

/// Full-load objects whose keys are there once, without the keys that changes name; their columns are those of a [`RawTable`].
/// Nothing is sorted: the changes' keys are in a hash table, and the rows stream past it.
#[derive(Debug)]
pub(super) struct LoadTable {
    raw: RawTable,
    /// Only the full-load objects.
    loads: Arc<FrozenTable>,
    /// The columns of the key, each key that a change names at least once; none where there are no changes.
    changed: Option<LogicalPlan>,
}

impl LoadTable {
    pub(super) fn new(loads: Arc<FrozenTable>, changed: Option<LogicalPlan>) -> Self {
        Self { raw: RawTable::new(Arc::clone(&loads)), loads, changed }
    }
}

#[async_trait]
impl TableProvider for LoadTable {
    fn schema(&self) -> SchemaRef {
        self.raw.schema()
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
        let source = &self.loads.source;
        let raw = self.schema();
        let wanted = projection.cloned().unwrap_or_else(|| (0..raw.fields().len()).collect());
        let is_deleted = raw.index_of(DELETED)?;
        // What is wanted comes first, then what is only looked at: the key, and whether the row deletes.
        let mut columns = wanted.clone();
        let looked_at = source.key.iter().chain([&is_deleted]);
        columns.extend(looked_at.filter(|column| !wanted.contains(column)));
        let place = |column: &usize| columns.iter().position(|other| other == column);
        let key: Vec<usize> = source.key.iter().filter_map(place).collect();
        let deleted = place(&is_deleted).unwrap_or_default();
        let partitions = state.config().target_partitions();
        let staged = StagedExec::try_new(&self.raw, columns.clone(), partitions)?;
        let mut rows: Arc<dyn ExecutionPlan> =
            Arc::new(OnceExec::new(Arc::new(staged), key.clone(), deleted, source.name.clone()));
        if let Some(changed) = &self.changed {
            let changed = state.create_physical_plan(changed).await?;
            rows = without(changed, rows, &key)?;
        }
        let schema = rows.schema();
        let wanted = (0..wanted.len()).map(|index| {
            let name = schema.field(index).name();
            ProjectionExpr::new(Arc::new(Column::new(name, index)), name.clone())
        });
        Ok(Arc::new(ProjectionExec::try_new(wanted.collect::<Vec<_>>(), rows)?))
    }
}

/// The rows whose key, in the columns `key`, is not among those of `keys`. No column of a key is NULL.
fn without(
    keys: Arc<dyn ExecutionPlan>,
    rows: Arc<dyn ExecutionPlan>,
    key: &[usize],
) -> Result<Arc<dyn ExecutionPlan>> {
    let column = |plan: &Arc<dyn ExecutionPlan>, index: usize| -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(plan.schema().field(index).name(), index))
    };
    let on = key.iter().enumerate().map(|(place, at)| (column(&keys, place), column(&rows, *at)));
    let on = on.collect();
    Ok(Arc::new(HashJoinExec::try_new(
        keys,
        rows,
        on,
        None,
        &JoinType::RightAnti,
        None,
        PartitionMode::CollectLeft,
        NullEquality::NullEqualsNothing,
        false,
    )?))
}
