//! Which job writes which table: two jobs that wrote one table would undo each other, and both would call it up to date.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use futures::TryStreamExt;

use crate::digest;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::target::ledger::{GONE, Ledger};
use crate::target::name::TableName;
use crate::target::{ReadRequest, Target};

/// What the names of tables begin with among those of models.
pub(crate) const TABLE_KEY: &str = "table:";
const META: &str = "unglue_meta";
/// Names in `unglue_meta` are bounded; a longer table name stands for itself by its hash.
const NAME_LENGTH_MAX: usize = 100;

/// The name under which a job's ownership of a table is kept; case does not tell tables apart everywhere.
pub(crate) fn table_key(table: &TableName) -> String {
    let name = table.to_string().to_lowercase();
    if name.len() <= NAME_LENGTH_MAX {
        return format!("{TABLE_KEY}{name}");
    }
    format!("{TABLE_KEY}{}", digest::hex(name.as_bytes(), 16))
}

/// Checks that no other job writes a table of this one.
///
/// # Errors
/// Kind `Refused`, naming the other job.
pub(crate) async fn check(job: &Job, ledger: &Ledger, target: &Arc<dyn Target>) -> Result<()> {
    let is_ours = |key: &String| ledger.models.get(key).is_some_and(|value| value != GONE);
    let wanted: Vec<(String, &TableName)> = job
        .outputs
        .iter()
        .map(|output| (table_key(&output.table), &output.table))
        .filter(|(key, _)| !is_ours(key))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    for (name, value) in meta(target).await? {
        if value == GONE {
            continue;
        }
        let taken = wanted.iter().find(|(key, _)| name.ends_with(&format!("/{key}")));
        if let Some((_, table)) = taken {
            let owner = name.split('/').nth(1).unwrap_or_default();
            return Err(Error::refused(format!("table `{table}` is written by job `{owner}`"))
                .hint(format!("give the model another table, or, if that job is no more, delete the row `{name}` of {META}")));
        }
    }
    Ok(())
}

async fn meta(target: &Arc<dyn Target>) -> Result<Vec<(String, String)>> {
    let table: TableName =
        META.parse().map_err(|error| Error::failed("the ledger's name").source(error))?;
    if target.describe(&table).await?.is_none() {
        return Ok(Vec::new());
    }
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let schema = Arc::new(Schema::new(vec![text("name"), text("value")]));
    let request = ReadRequest { table, schema, filters: Vec::new(), limit: None };
    let mut rows = target.read(request).await?;
    let mut found = Vec::new();
    while let Some(batch) = rows.try_next().await? {
        let [names, values] = [0, 1].map(|column| batch.column(column).as_string::<i32>());
        let pairs = names.iter().zip(values).filter_map(|(name, value)| Some((name?, value?)));
        found.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    Ok(found)
}
