//! Rows to be written, as a plan that can be run more than once.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, execute_stream, execute_stream_partitioned};
use futures::TryStreamExt;

use crate::failpoint::watched;
use crate::failure::InFile;
use crate::progress::Counters;

/// The rows of a physical plan. A transaction that is repeated runs the plan again.
#[derive(Debug, Clone)]
pub struct Rows {
    plan: Arc<dyn ExecutionPlan>,
    context: Arc<TaskContext>,
    /// The SQL file that errors of running it name.
    file: Option<Arc<str>>,
}

impl Rows {
    /// The rows that `plan` gives when run in `context`.
    #[must_use]
    pub fn new(plan: Arc<dyn ExecutionPlan>, context: Arc<TaskContext>) -> Self {
        if let Some(counters) = context.session_config().get_extension::<Counters>() {
            counters.plan(&plan);
        }
        Self { plan, context, file: None }
    }

    /// The same rows, whose errors name the SQL file that they come from.
    #[must_use]
    pub fn of_file(self, file: &str) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// The columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.plan.schema()
    }

    /// All rows as one stream.
    ///
    /// # Errors
    /// Those of starting the plan; those of running it come in the stream.
    pub fn stream(&self) -> Result<SendableRecordBatchStream, DataFusionError> {
        Ok(self.named(execute_stream(self.fresh()?, Arc::clone(&self.context))?))
    }

    /// The plan's partitions as streams that can be read side by side. Together they are all rows.
    ///
    /// # Errors
    /// Those of starting the plan; those of running it come in the streams.
    pub fn partitions(&self) -> Result<Vec<SendableRecordBatchStream>, DataFusionError> {
        let parts = execute_stream_partitioned(self.fresh()?, Arc::clone(&self.context))?;
        Ok(parts.into_iter().map(|part| self.named(part)).collect())
    }

    fn named(&self, rows: SendableRecordBatchStream) -> SendableRecordBatchStream {
        let rows = watched(rows);
        let schema = rows.schema();
        let counters = self.context.session_config().get_extension::<Counters>();
        let counted = rows.inspect_ok(move |batch| {
            if let Some(counters) = &counters {
                counters.take(batch.num_rows());
            }
        });
        let file = self.file.clone();
        let named = counted.map_err(move |error| match &file {
            Some(file) => InFile::name(file, error),
            None => error,
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, named))
    }

    /// Some nodes (repartitioning, joins) can be run only once; this gives the plan in its first state.
    fn fresh(&self) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        reset_plan_states(Arc::clone(&self.plan))
    }
}
