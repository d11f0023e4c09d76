//! A target's table as a table of the engine, to compare with and to explore.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::TryFutureExt;

use super::name::TableName;
use super::{Comparison, Filter, ReadRequest, TableDef, Target};

/// A table of a target. Columns, comparisons with constants and limits are left to the database.
#[derive(Debug)]
pub struct TargetTable {
    target: Arc<dyn Target>,
    table: TableName,
    schema: SchemaRef,
}

impl TargetTable {
    /// A table that is read in the types of `schema`.
    #[must_use]
    pub fn new(target: Arc<dyn Target>, schema: SchemaRef, table: TableName) -> Self {
        Self { target, table, schema }
    }
}

/// The columns of an existing table that can be read, all NULL-able.
#[must_use]
pub fn schema_of(def: &TableDef) -> SchemaRef {
    let fields = def.columns.iter().filter_map(|column| {
        Some(Field::new(column.name.to_lowercase(), column.data_type.clone()?, true))
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[async_trait]
impl TableProvider for TargetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let request = ReadRequest {
            table: self.table.clone(),
            schema: Arc::clone(&schema),
            filters: filters.iter().filter_map(comparison).collect(),
            limit,
        };
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Ok(Arc::new(TargetExec { target: Arc::clone(&self.target), request, properties }))
    }

    /// Inexact: the database compares text by its own collation, so what it leaves in is compared again.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match comparison(filter) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }
}

/// `column op constant`, either way round.
fn comparison(filter: &Expr) -> Option<Filter> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return None };
    let (column, op, value) = match (left.as_ref(), right.as_ref()) {
        (Expr::Column(column), Expr::Literal(value, _)) => (column, *op, value),
        (Expr::Literal(value, _), Expr::Column(column)) => (column, op.swap()?, value),
        _ => return None,
    };
    let comparison = match op {
        Operator::Eq => Comparison::Equal,
        Operator::Lt => Comparison::Less,
        Operator::LtEq => Comparison::LessOrEqual,
        Operator::Gt => Comparison::Greater,
        Operator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    };
    let known = !value.is_null();
    known.then(|| Filter { column: column.name.clone(), comparison, value: value.clone() })
}

/// Reads the table; each execution asks the database anew.
#[derive(Debug)]
struct TargetExec {
    target: Arc<dyn Target>,
    request: ReadRequest,
    properties: Arc<PlanProperties>,
}

impl DisplayAs for TargetExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> =
            self.request.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let filtered: Vec<&str> =
            self.request.filters.iter().map(|filter| filter.column.as_str()).collect();
        write!(
            f,
            "TargetExec: table={}, columns=[{}], filtered by=[{}], limit={:?}",
            self.request.table,
            columns.join(", "),
            filtered.join(", "),
            self.request.limit
        )
    }
}

impl ExecutionPlan for TargetExec {
    fn name(&self) -> &'static str {
        "TargetExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("TargetExec has no children") }
    }

    fn execute(
        &self,
        _partition: usize,
        _context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let (target, request) = (Arc::clone(&self.target), self.request.clone());
        let rows = async move { target.read(request).await }
            .map_err(|error| DataFusionError::External(Box::new(error)))
            .try_flatten_stream();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
