//! Plans that can be ended at any time.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;

/// The plan of a statement's rows.
///
/// A task ends where it waits. The engine lets scans wait now and then, but a join makes any number of rows of one batch of a scan:
/// with two long tables it would compute for hours after it was told to end.
pub(super) async fn plan(frame: DataFrame) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = frame.create_physical_plan().await?;
    let waiting = plan.transform_up(|node| {
        Ok(match node.children().len() {
            0 | 1 => Transformed::no(node),
            _ => {
                let waiting: Arc<dyn ExecutionPlan> = Arc::new(CooperativeExec::new(node));
                Transformed::yes(waiting)
            }
        })
    })?;
    Ok(waiting.data)
}
