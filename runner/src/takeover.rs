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

/// For each model why its table's rows may not be replaced by this run without a word, if they may not: what is wrong, as a
/// fragment without the table's name.
///
/// # Errors
/// Those of reading the tables.
pub(crate) async fn taken_over(
    job: &Job,
    decisions: &[Decision],
    ledger: &Ledger,
    target: &Arc<dyn Target>,
    wishes: &Wishes,
) -> Result<Vec<Option<&'static str>>> {
    let mut taken = Vec::with_capacity(job.outputs.len());
    for (output, decision) in job.outputs.iter().zip(decisions) {
        let is_known = is_known(output, ledger);
        let is_allowed = wishes.take_over || output.guard.take_over;
        let is_asked = !is_known && !is_allowed && decision.step != Step::Untouched;
        let is_taken = is_asked && has_rows(output, target).await?;
        taken.push(is_taken.then(|| objection(output, ledger)));
    }
    Ok(taken)
}

/// Whether the table's rows are those of the job's runs. Of a table that the job has left, nobody knows.
pub(crate) fn is_known(output: &Output, ledger: &Ledger) -> bool {
    ledger.models.get(&table_key(&output.table)).is_some_and(|owner| owner != GONE)
}

/// What is wrong with a table that is not known.
fn objection(output: &Output, ledger: &Ledger) -> &'static str {
    match ledger.models.contains_key(&table_key(&output.table)) {
        true => "has rows that somebody may have written since this job left the table",
        false => "has rows that no run of this job wrote",
    }
}

/// Refuses a run that would replace such rows.
///
/// # Errors
/// Kind `Refused`, naming the table.
pub(crate) fn check(job: &Job, taken: &[Option<&'static str>]) -> Result<()> {
    let mut taken =
        job.outputs.iter().zip(taken).filter_map(|(output, taken)| Some((output, (*taken)?)));
    match taken.next() {
        None => Ok(()),
        Some((output, objection)) => {
            Err(Error::refused(format!("table `{}` {objection}", output.table)).hint(HINT))
        }
    }
}

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
