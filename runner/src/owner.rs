//! Which job writes which table: two jobs that wrote one table would undo each other, and both would call it up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::decide::Step;
use crate::digest;
use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::target::Target;
use crate::target::ledger::{GONE, Ledger, TABLE_KEY, WRITTEN_KEY};
use crate::target::name::TableName;

/// Names in `unglue_meta` are bounded; a longer table name stands for itself by its hash.
const NAME_LENGTH_MAX: usize = 100;

/// The name under which a job's ownership of a table is kept; case does not tell tables apart everywhere.
pub(crate) fn table_key(table: &TableName) -> String {
    key_of(TABLE_KEY, table)
}

/// The name under which the columns are kept that the job's runs have ever written to a table.
pub(crate) fn written_key(table: &TableName) -> String {
    key_of(WRITTEN_KEY, table)
}

fn key_of(begin: &str, table: &TableName) -> String {
    let name = table.to_string().to_lowercase();
    if name.len() <= NAME_LENGTH_MAX {
        return format!("{begin}{name}");
    }
    format!("{begin}{}", digest::hex(name.as_bytes(), 16))
}

/// The columns that runs of the job have written to a table since it was filled anew, in lower case: what stands in them is the
/// job's, also after its model has lost them. None where no run has kept them.
pub(crate) fn written_columns(table: &TableName, ledger: &Ledger) -> BTreeSet<String> {
    let kept = ledger.models.get(&written_key(table));
    kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The same after a run that writes the table. One that fills it anew leaves the default in all other columns.
pub(crate) fn with_written(output: &Output, step: &Step, ledger: &Ledger) -> BTreeSet<String> {
    let mut columns = match step {
        Step::Rebuild | Step::Replace => BTreeSet::new(),
        Step::Untouched | Step::Append { .. } | Step::RowWise { .. } | Step::Replay => {
            written_columns(&output.table, ledger)
        }
    };
    columns.extend(output.schema.fields().iter().map(|field| field.name().to_lowercase()));
    columns
}

/// A table that runs of the job wrote, and that none of its models writes any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftTable {
    /// Its name; of one in another schema in lower case.
    pub table: String,
    /// The model that wrote it; none after a run without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl fmt::Display for LeftTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, model } = self;
        let by = model.as_ref().map(|model| format!(", by model {model}")).unwrap_or_default();
        write!(f, "table {table}: this job wrote it before{by}; now nothing writes it or drops it")
    }
}

/// The tables that the job wrote and writes no more, as far as they are there.
pub(crate) async fn left_tables(
    job: &Job,
    ledger: &Ledger,
    target: &Arc<dyn Target>,
) -> Vec<LeftTable> {
    let left = left_by(job, ledger);
    if left.is_empty() {
        return Vec::new();
    }
    // What cannot be listed or described is none that a run made.
    let names = target.tables().await.unwrap_or_default();
    let names: BTreeMap<String, TableName> =
        names.into_iter().map(|name| (table_key(&name), name)).collect();
    let mut found = Vec::new();
    for (key, model) in left {
        let table = match (names.get(key), in_schema(key)) {
            (Some(name), _) => name.to_string(),
            (None, Some(name)) if target.describe(&name).await.is_ok_and(|def| def.is_some()) => {
                name.to_string()
            }
            (None, _) => continue,
        };
        found.push(LeftTable { table, model });
    }
    found
}

/// The name of a table that is kept with its schema, and may so be in another database than the target's own.
fn in_schema(key: &str) -> Option<TableName> {
    let name: TableName = key.strip_prefix(TABLE_KEY)?.parse().ok()?;
    name.schema().is_some().then_some(name)
}

/// The names under which tables are kept that the job writes no more, and the models that wrote them.
fn left_by<'a>(job: &Job, ledger: &'a Ledger) -> Vec<(&'a str, Option<String>)> {
    let written: BTreeSet<String> =
        job.outputs.iter().map(|output| table_key(&output.table)).collect();
    let is_left = |key: &str| {
        key.starts_with(TABLE_KEY) && !written.contains(key) && !ledger.taken.contains_key(key)
    };
    let left = ledger.models.iter().filter(|(key, _)| is_left(key));
    left.map(|(key, model)| (key.as_str(), (model != GONE).then(|| model.clone()))).collect()
}

/// Checks that no other job writes a table of this one. Two first runs at the same time may both pass, so every run asks.
///
/// # Errors
/// Kind `Refused`, naming the other job.
pub(crate) fn check(job: &Job, ledger: &Ledger) -> Result<()> {
    for output in &job.outputs {
        let key = table_key(&output.table);
        if let Some(owner) = ledger.taken.get(&key) {
            let table = &output.table;
            return Err(Error::refused(format!("table `{table}` is written by job `{owner}`"))
                .hint(format!("give the model another table, or, if that job is no more, delete its row `model/{owner}/{key}` of unglue_meta; then run once with --full-refresh")));
        }
    }
    Ok(())
}
