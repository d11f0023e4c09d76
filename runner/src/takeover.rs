//! Tables with rows that were there before the job: a first load would replace them.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use futures::TryStreamExt;

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::owner::table_key;
use crate::target::ledger::{GONE, Ledger};
use crate::target::{ReadRequest, Target};
use crate::wishes::Wishes;

/// For each model whether its table has rows that no run of the job wrote and that this one would replace.
///
/// # Errors
/// Those of reading the tables.
pub(crate) async fn taken_over(
    job: &Job,
    decisions: &[Decision],
    ledger: &Ledger,
    target: &Arc<dyn Target>,
    wishes: &Wishes,
) -> Result<Vec<bool>> {
    let mut taken = Vec::with_capacity(job.outputs.len());
    for (output, decision) in job.outputs.iter().zip(decisions) {
        let is_known = is_known(output, ledger);
        let is_allowed = wishes.take_over || output.guard.take_over;
        let is_asked = !is_known && !is_allowed && decision.step != Step::Untouched;
        taken.push(is_asked && has_rows(output, target).await?);
    }
    Ok(taken)
}

/// Whether a run of the job wrote the table before.
pub(crate) fn is_known(output: &Output, ledger: &Ledger) -> bool {
    let owner = ledger.models.get(&table_key(&output.table));
    owner.is_some_and(|owner| owner != GONE)
}

/// Refuses a run that would replace such rows.
///
/// # Errors
/// Kind `Refused`, naming the table.
pub(crate) fn check(job: &Job, taken: &[bool]) -> Result<()> {
    match job.outputs.iter().zip(taken).find(|(_, taken)| **taken) {
        None => Ok(()),
        Some((output, _)) => {
            Err(Error::refused(format!("table `{}` {OBJECTION}", output.table)).hint(HINT))
        }
    }
}

/// What is wrong, as a fragment without the table's name.
pub(crate) const OBJECTION: &str = "has rows that no run of this job wrote";

/// What to do about it.
pub(crate) const HINT: &str = "give the model another table; or, if those rows may be replaced by its result, run once with --take-over, or set take_over = true in job.toml";

async fn has_rows(output: &Output, target: &Arc<dyn Target>) -> Result<bool> {
    if target.describe(&output.table).await?.is_none() {
        return Ok(false);
    }
    let request = ReadRequest {
        table: output.table.clone(),
        schema: Arc::new(Schema::empty()),
        filters: Vec::new(),
        limit: Some(1),
    };
    let mut rows = target.read(request).await?;
    while let Some(batch) = rows.try_next().await? {
        if batch.num_rows() > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
