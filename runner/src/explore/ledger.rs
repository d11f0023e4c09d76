//! What the target's ledger knows of a job, as a table.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::{MemTable, TableType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use crate::target::Target;
use crate::target::ledger::{AppliedObject, everything};

/// One row for each applied object of a job, read anew by each statement.
#[derive(Debug)]
pub(super) struct LedgerTable {
    target: Arc<dyn Target>,
    job: String,
    schema: SchemaRef,
}

impl LedgerTable {
    /// The ledger of a job.
    pub(super) fn new(target: Arc<dyn Target>, job: String) -> Self {
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        let field = |name: &str, data_type: &DataType| Field::new(name, data_type.clone(), false);
        let schema = Schema::new(vec![
            field("object", &DataType::Utf8),
            field("source", &DataType::Utf8),
            field("kind", &DataType::Utf8),
            field("generation", &DataType::Int64),
            field("position", &DataType::Utf8),
            field("size", &DataType::Int64),
            field("modified", &time),
            field("rows", &DataType::Int64),
            field("rejected", &DataType::Int64),
            field("run_id", &DataType::Utf8),
            field("applied_at", &time),
        ]);
        Self { target, job, schema: Arc::new(schema) }
    }

    fn batch(&self, applied: &[AppliedObject]) -> Result<RecordBatch> {
        let texts = |of: fn(&AppliedObject) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(applied.iter().map(of)))
        };
        let counts = |of: fn(&AppliedObject) -> u64| -> ArrayRef {
            let count = |object| i64::try_from(of(object)).unwrap_or(i64::MAX);
            Arc::new(Int64Array::from_iter_values(applied.iter().map(count)))
        };
        let times = |of: fn(&AppliedObject) -> i64| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::from_iter_values(applied.iter().map(of)))
        };
        let columns = vec![
            texts(|object| &object.entry.object),
            texts(|object| &object.entry.source),
            texts(|object| object.entry.kind.as_str()),
            counts(|object| object.entry.generation.into()),
            texts(|object| &object.entry.position),
            counts(|object| object.entry.size),
            times(|object| object.entry.modified.timestamp_micros()),
            counts(|object| object.entry.rows),
            counts(|object| object.entry.rejected),
            texts(|object| &object.run_id),
            times(|object| object.applied_at.timestamp_micros()),
        ];
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

#[async_trait]
impl TableProvider for LedgerTable {
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
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let read = self.target.ledger(&self.job, &everything).await;
        let ledger = read.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let batch = self.batch(&ledger.applied)?;
        let table = MemTable::try_new(self.schema(), vec![vec![batch]])?;
        table.scan(state, projection, filters, limit).await
    }
}
