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

/// The column that says whether a row deletes its key.
pub const DELETED: &str = "__unglue_deleted";
/// The column that holds a row's position within the generation: the object's ordinal, then the row in the object.
pub const POSITION: &str = "__unglue_position";

/// Every row of the objects: the source's columns, [`DELETED`] and [`POSITION`].
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
        fields.push(Arc::new(Field::new(DELETED, DataType::Boolean, false)));
        fields.push(Arc::new(Field::new(POSITION, DataType::UInt64, false)));
        Self { table, schema: Arc::new(Schema::new(fields)) }
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
