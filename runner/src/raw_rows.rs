//! The rows of staged objects as they are, before the newest of each key is chosen: to look at them, and to count them.

use std::sync::Arc;

use datafusion::datasource::provider_as_source;
use datafusion::execution::{SendableRecordBatchStream, SessionState};
use datafusion::logical_expr::LogicalPlanBuilder;
use transforms::scan::{FrozenTable, RawTable};

use crate::error::Result;
use crate::target::rows::Rows;

/// Reads the objects of a table, at most `most` rows of them.
///
/// # Errors
/// Those of planning; those of reading come with the rows.
pub(crate) async fn raw_rows(
    table: FrozenTable,
    most: Option<usize>,
    engine: &SessionState,
) -> Result<SendableRecordBatchStream> {
    let name = table.source.name.clone();
    let raw = provider_as_source(Arc::new(RawTable::new(Arc::new(table))));
    let mut plan = LogicalPlanBuilder::scan(name.as_str(), raw, None)?;
    if most.is_some() {
        plan = plan.limit(0, most)?;
    }
    let physical = engine.create_physical_plan(&plan.build()?).await?;
    Ok(Rows::new(physical, engine.task_ctx()).stream()?)
}
