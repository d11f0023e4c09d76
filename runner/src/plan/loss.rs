//! What a table would lose, for its guard.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use futures::TryStreamExt;

use super::effect::Effect;
use crate::decide::Step;
use crate::error::Result;
use crate::job::Output;
use crate::target::{Loss, ReadRequest, Target};

/// What the table would lose, counted as a run does.
///
/// # Errors
/// Those of reading the table.
pub(super) async fn loss(
    output: &Output,
    step: &Step,
    effect: &Effect,
    target: &Arc<dyn Target>,
) -> Result<Loss> {
    // Rows that go because their key is written are replaced, also where there are several of them.
    let deletes = effect.changes.delete.saturating_sub(effect.changes.repeated);
    let written = effect.upserts;
    let most = match step {
        Step::Untouched | Step::Append { .. } => return Ok(Loss::default()),
        Step::RowWise { .. } | Step::Replay if deletes == 0 => return Ok(Loss::default()),
        Step::RowWise { .. } | Step::Replay => {
            Some(deletes.saturating_mul(1 + output.guard.kept_counted_times()))
        }
        Step::Replace | Step::Rebuild => None,
    };
    if target.describe(&output.table).await?.is_none() {
        return Ok(Loss::default());
    }
    let request = ReadRequest {
        table: output.table.clone(),
        schema: Arc::new(Schema::empty()),
        filters: Vec::new(),
        limit: most.and_then(|most| usize::try_from(most).ok()),
    };
    let mut rows = target.read(request).await?;
    let mut before = 0;
    while let Some(batch) = rows.try_next().await? {
        before += batch.num_rows() as u64;
    }
    Ok(match most {
        Some(_) => Loss { before, gone: deletes.min(before), written },
        None => Loss::of_whole(before, written),
    })
}
