//! A target's table as a table of DataFusion, for comparison, reference tables and exploration.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
    ReplaceChildrenOptions,
};
use futures::TryStreamExt;

use crate::target::condition::conditions;
use crate::target::name::TableName;
use crate::target::{Asked, Filter, ReadRequest, TableDef, Target};

/// A table of a target. Columns, simple comparisons and the limit are left to the database.
#[derive(Debug)]
pub struct TargetTable {
    target: Arc<dyn Target>,
    schema: SchemaRef,
    table: TableName,
}

impl TargetTable {
    /// A table whose columns are read in the types of `schema`.
    #[must_use]
    pub fn new(target: Arc<dyn Target>, schema: SchemaRef, table: TableName) -> Self {
        Self { target, schema, table }
    }

    /// A table as it is defined.
    #[must_use]
    pub fn of(target: Arc<dyn Target>, def: &TableDef) -> Self {
        Self::new(target, schema_of(def), def.table.clone())
    }
}

/// The columns of a table that can be read, in the types that their definition asks for. Names are in lower case, as SQL
/// folds them; databases find them in any case.
#[must_use]
pub fn schema_of(def: &TableDef) -> SchemaRef {
    let field = |column: &crate::target::ColumnDef| {
        let data_type = column.data_type.clone()?;
        Some(Field::new(column.name.to_ascii_lowercase(), data_type, column.nullable))
    };
    Arc::new(Schema::new(def.columns.iter().filter_map(field).collect::<Vec<_>>()))
}

#[async_trait]
impl TableProvider for TargetTable {
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
        let support = |filter: &&Expr| match conditions(filter, &self.schema) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => Arc::clone(&self.schema),
        };
        let request = ReadRequest {
            table: self.table.clone(),
            schema,
            filters: filters
                .iter()
                .filter_map(|filter| conditions(filter, &self.schema))
                .flatten()
                .collect(),
            // A row that the database gives in spite of a filter must not use up the limit.
            limit: limit.filter(|_| filters.is_empty()),
        };
        Ok(Arc::new(TargetScan::new(Arc::clone(&self.target), request)))
    }
}

/// Reads a target's table; each execution reads it anew.
#[derive(Debug)]
struct TargetScan {
    target: Arc<dyn Target>,
    request: ReadRequest,
    properties: Arc<PlanProperties>,
}

impl TargetScan {
    fn new(target: Arc<dyn Target>, request: ReadRequest) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&request.schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { target, request, properties: Arc::new(properties) }
    }
}

impl DisplayAs for TargetScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = &self.request;
        let columns: Vec<_> = request.schema.fields().iter().map(|field| field.name()).collect();
        write!(f, "TargetScan: table={}, columns={columns:?}", request.table)?;
        for filter in &request.filters {
            // No value of a row stands in a plan.
            let compares = |Filter { column, comparison, .. }: &Filter| {
                let sql = format!("{column} {} ?", comparison.operator());
                Ok::<_, fmt::Error>(Some(Asked::<()> { sql, values: Vec::new() }))
            };
            if let Some(Asked { sql, .. }) = filter.asked(&str::to_owned, &compares)? {
                write!(f, ", {sql}")?;
            }
        }
        match request.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for TargetScan {
    fn name(&self) -> &'static str {
        "TargetScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (target, request) = (Arc::clone(&self.target), self.request.clone());
        let stream = async move {
            target.read(request).await.map_err(|error| DataFusionError::External(Box::new(error)))
        };
        let stream = futures::stream::once(stream).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.request.schema), stream)))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{AsArray, RecordBatch};
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::arrow::util::pretty::pretty_format_batches;
    use datafusion::physical_plan::{collect, displayable};
    use datafusion::prelude::SessionContext;

    use crate::target::sqlite::SqliteTarget;

    use super::*;

    async fn context(folder: &tempfile::TempDir) -> SessionContext {
        let path = folder.path().join("sales.db");
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(
                "CREATE TABLE Sales (Id INTEGER PRIMARY KEY, title TEXT, price DECIMAL(10, 2), day DATE);
                 INSERT INTO sales VALUES (1, 'one', 1.5, '2026-01-01'), (2, 'two', 2, '2026-01-02'),
                     (3, NULL, NULL, NULL);",
            )
            .unwrap();
        let target: Arc<dyn Target> = Arc::new(SqliteTarget::open(&path).unwrap());
        let def = target.describe(&"sales".parse().unwrap()).await.unwrap().unwrap();
        let context = SessionContext::new();
        context.register_table("sales", Arc::new(TargetTable::of(target, &def))).unwrap();
        context
    }

    async fn query(context: &SessionContext, sql: &str) -> String {
        let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
        pretty_format_batches(&batches).unwrap().to_string()
    }

    /// The scan at the bottom of a query's plan.
    async fn scan(context: &SessionContext, sql: &str) -> String {
        let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
        let plan = displayable(plan.as_ref()).indent(false).to_string();
        plan.lines().last().unwrap().trim().to_owned()
    }

    #[tokio::test]
    async fn columns_are_read_in_the_types_of_the_definition() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(&folder).await;
        insta::assert_snapshot!(query(&context, "SELECT * FROM sales ORDER BY id").await, @"
        +----+-------+-------+------------+
        | id | title | price | day        |
        +----+-------+-------+------------+
        | 1  | one   | 1.50  | 2026-01-01 |
        | 2  | two   | 2.00  | 2026-01-02 |
        | 3  |       |       |            |
        +----+-------+-------+------------+
        ");
    }

    #[tokio::test]
    async fn counting_reads_no_column() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(&folder).await;
        let sql = "SELECT count(*) FROM sales";
        assert_eq!(scan(&context, sql).await, "TargetScan: table=sales, columns=[]");
        insta::assert_snapshot!(query(&context, sql).await, @"
        +----------+
        | count(*) |
        +----------+
        | 3        |
        +----------+
        ");
    }

    #[tokio::test]
    async fn simple_comparisons_reach_the_database_and_are_checked_again() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(&folder).await;
        let sql = "SELECT title FROM sales WHERE id BETWEEN 2 AND 9 AND DATE '2026-01-02' <= day AND lower(title) <> 'x'";
        assert_eq!(
            scan(&context, sql).await,
            r#"TargetScan: table=sales, columns=["id", "title", "day"], day >= ?, id >= ?, id <= ?"#
        );
        insta::assert_snapshot!(query(&context, sql).await, @"
        +-------+
        | title |
        +-------+
        | two   |
        +-------+
        ");
    }

    #[tokio::test]
    async fn lists_nulls_and_alternatives_reach_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(&folder).await;
        for (condition, asked, ids) in [
            ("id IN (1, 3)", "(id = ? OR id = ?)", vec![1, 3]),
            (
                "id IN (1, 3, 5, 7, 9)",
                "(id = ? OR id = ? OR id = ? OR id = ? OR id = ?)",
                vec![1, 3],
            ),
            ("id NOT IN (1, 2, 4, 5)", "id <> ?, id <> ?, id <> ?, id <> ?", vec![3]),
            ("title IS NULL", "title IS NULL", vec![3]),
            ("title IS NOT NULL AND id <> 2", "title IS NOT NULL, id <> ?", vec![1]),
            ("day > DATE '2026-01-01' OR title IS NULL", "(day > ? OR title IS NULL)", vec![2, 3]),
            ("(id > 1 AND upper(title) = 'TWO') OR id = 1", "(id > ? OR id = ?)", vec![1, 2]),
        ] {
            let sql = format!("SELECT id FROM sales WHERE {condition}");
            let plan = scan(&context, &sql).await;
            assert!(plan.ends_with(&format!("], {asked}")), "{plan}");
            let batches = context.sql(&sql).await.unwrap().collect().await.unwrap();
            let mut found: Vec<i64> = batches
                .iter()
                .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec())
                .collect();
            found.sort_unstable();
            assert_eq!(found, ids, "{condition}");
        }
        let sql = "SELECT id FROM sales WHERE upper(title) = 'ONE' OR id = 3";
        assert!(scan(&context, sql).await.ends_with("\"title\"]"), "one side cannot be asked for");
    }

    #[tokio::test]
    async fn a_limit_reaches_the_database_only_without_a_filter() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(&folder).await;
        assert_eq!(
            scan(&context, "SELECT id FROM sales LIMIT 2").await,
            r#"TargetScan: table=sales, columns=["id"], limit=2"#
        );
        assert_eq!(
            scan(&context, "SELECT id FROM sales WHERE id > 1 LIMIT 2").await,
            r#"TargetScan: table=sales, columns=["id"], id > ?"#
        );
    }

    #[tokio::test]
    async fn a_scan_can_be_run_again() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(&folder).await;
        let plan = context.sql("SELECT id FROM sales").await.unwrap();
        let plan = plan.create_physical_plan().await.unwrap();
        for _ in 0..2 {
            let batches = collect(Arc::clone(&plan), context.task_ctx()).await.unwrap();
            assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
        }
    }

    #[tokio::test]
    async fn an_error_of_the_target_keeps_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let target: Arc<dyn Target> =
            Arc::new(SqliteTarget::open(&folder.path().join("missing.db")).unwrap());
        let schema = Arc::new(Schema::empty());
        let table = TargetTable::new(target, schema, "sales".parse().unwrap());
        let context = SessionContext::new();
        context.register_table("sales", Arc::new(table)).unwrap();
        let plan = context.sql("SELECT 1 FROM sales").await.unwrap();
        let error = crate::error::Error::from(plan.collect().await.unwrap_err());
        assert_eq!(error.to_string(), "table `sales` does not exist");
    }
}
