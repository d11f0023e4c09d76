//! Whether a job that was written is one: it is loaded as any job.

use std::collections::BTreeMap;

use datafusion::execution::SessionState;

use super::folder::Files;
use crate::error::Result;
use crate::job::{Job, JobName, JobText, JobsLocation, vars};

/// Stands for the value of a variable that is not set yet.
pub(crate) const UNSET: &str = "unset";

/// The value of a variable for planning alone: its own, none if it has a default, else one that stands in for it.
pub(crate) fn value(
    variable: &dyn Fn(&str) -> Option<String>,
    used: &BTreeMap<String, bool>,
    name: &str,
) -> Option<String> {
    let has_default = used.get(name).copied().unwrap_or(false);
    variable(name).or_else(|| (!has_default).then(|| UNSET.to_owned()))
}

/// Loads the job with the project's own loader. `files` are those that were written.
///
/// # Errors
/// What is wrong with it.
pub(crate) async fn load(
    jobs: &JobsLocation,
    name: &JobName,
    engine: &SessionState,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
    files: &Files,
) -> Result<Job> {
    let folder = jobs.open(name)?;
    let mut used = BTreeMap::new();
    for (name, has_default) in files.iter().flat_map(|(_, text)| vars::names(text)) {
        *used.entry(name).or_insert(true) &= has_default;
    }
    let lookup = |name: &str| value(variable, &used, name);
    JobText::read(&folder, &lookup).await?.check(engine).await
}
