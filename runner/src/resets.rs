//! Columns that a table has and its model lacks: where the table is filled anew, they get their default in all rows.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Serialize;

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::owner::written_columns;
use crate::takeover;
use crate::target::ledger::Ledger;
use crate::target::{ColumnDef, Condition, ReadRequest, TableDef, Target};
use crate::units::counted;
use crate::wishes::Wishes;

/// What to do about values that would be lost.
pub(crate) const HINT: &str = "nothing was written; keep those values in a table of their own, or make the columns the model's; if they may be lost, run once with --reset-columns, or set reset_columns = true in job.toml";

/// A column that is set to its default in all rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ColumnReset {
    /// Its name.
    pub column: String,
    /// In how many rows it has another value, which is lost; none where the database makes the value up, so that it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Whether runs of the job have written it: the model has lost it, and its values were the job's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub written_by_job: bool,
}

impl std::fmt::Display for ColumnReset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { column, rows, written_by_job } = self;
        match rows {
            Some(rows) if *written_by_job => {
                write!(f, "{column} in {}, which the model gave before", counted(*rows, "row"))
            }
            None => write!(f, "{column} (the database fills it)"),
            Some(rows) => write!(f, "{column} in {}", counted(*rows, "row")),
        }
    }
}

/// The columns of a table that an INSERT of the model's rows leaves out, but for those that nobody can write.
pub(crate) fn left_out<'a>(
    output: &'a Output,
    def: &'a TableDef,
) -> impl Iterator<Item = &'a ColumnDef> {
    let fields = output.schema.fields();
    let is_models =
        |column: &ColumnDef| fields.iter().any(|f| f.name().eq_ignore_ascii_case(&column.name));
    def.columns.iter().filter(move |column| !column.generated && !is_models(column))
}

/// For each model the columns that are set to their default and may lose a value.
///
/// # Errors
/// Those of reading the tables.
pub(crate) async fn resets(
    job: &Job,
    decisions: &[Decision],
    ledger: &Ledger,
    target: &Arc<dyn Target>,
) -> Result<Vec<Vec<ColumnReset>>> {
    let mut resets = Vec::with_capacity(job.outputs.len());
    for (output, decision) in job.outputs.iter().zip(decisions) {
        let mut found = Vec::new();
        let def = match decision.step {
            Step::Rebuild | Step::Replace => target.describe(&output.table).await?,
            Step::Untouched | Step::RowWise { .. } | Step::Append { .. } | Step::Replay => None,
        };
        let written = written_columns(&output.table, ledger);
        for column in def.iter().flat_map(|def| left_out(output, def)) {
            let rows = rows_set(output, column, target).await?;
            if rows != Some(0) {
                let written_by_job = written.contains(&column.name.to_lowercase());
                found.push(ColumnReset { column: column.name.clone(), rows, written_by_job });
            }
        }
        resets.push(found);
    }
    Ok(resets)
}

/// Why a table may not lose what those columns hold, as a fragment without the table's name.
pub(crate) fn objection(
    output: &Output,
    resets: &[ColumnReset],
    ledger: &Ledger,
    wishes: &Wishes,
) -> Option<String> {
    // Of a table that is taken over, all that is in it goes.
    let is_allowed = wishes.reset_columns || output.guard.reset_columns;
    if is_allowed || !takeover::is_known(output, ledger) {
        return None;
    }
    let lost = resets.iter().filter(|reset| reset.rows.is_some() && !reset.written_by_job);
    let lost: Vec<String> = lost.map(ToString::to_string).collect();
    let lost = (!lost.is_empty()).then(|| lost.join(", "))?;
    Some(format!("would lose values of columns that the model does not have: {lost}"))
}

/// The same for a run, which is refused if it would lose values that it may not.
///
/// # Errors
/// Kind `Refused`, naming each table, its columns and the numbers of rows; those of reading the tables.
pub(crate) async fn allowed(
    job: &Job,
    decisions: &[Decision],
    ledger: &Ledger,
    target: &Arc<dyn Target>,
    wishes: &Wishes,
) -> Result<Vec<Vec<ColumnReset>>> {
    let resets = resets(job, decisions, ledger, target).await?;
    let objections = job.outputs.iter().zip(&resets).filter_map(|(output, resets)| {
        let objection = objection(output, resets, ledger, wishes)?;
        Some(format!("table `{}` {objection}", output.table))
    });
    let objections: Vec<String> = objections.collect();
    if objections.is_empty() {
        return Ok(resets);
    }
    Err(Error::refused(objections.join("\n")).hint(HINT))
}

/// In how many rows a column has another value than its default; `None` if that cannot be told.
async fn rows_set(
    output: &Output,
    column: &ColumnDef,
    target: &Arc<dyn Target>,
) -> Result<Option<u64>> {
    let Some(condition) = &column.is_set else { return Ok(None) };
    let request = ReadRequest {
        table: output.table.clone(),
        schema: Arc::new(Schema::empty()),
        filters: vec![Condition::Holds(condition.clone())],
        limit: None,
    };
    let mut batches = target.read(request).await?;
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await? {
        rows += batch.num_rows() as u64;
    }
    Ok(Some(rows))
}
