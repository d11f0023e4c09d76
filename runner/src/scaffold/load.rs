//! Whether a job that was written is one: it is loaded as any job.

use datafusion::execution::SessionState;

use crate::error::Result;
use crate::job::{Job, JobName, JobText, JobsLocation};

/// Stands for the value of a variable that is not set yet.
pub(crate) const UNSET: &str = "unset";

/// Loads the job with the project's own loader.
///
/// # Errors
/// What is wrong with it.
pub(crate) async fn load(
    jobs: &JobsLocation,
    name: &JobName,
    engine: &SessionState,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Job> {
    let folder = jobs.open(name)?;
    let lookup = |name: &str| Some(variable(name).unwrap_or_else(|| UNSET.to_owned()));
    JobText::read(&folder, &lookup).await?.check(engine).await
}
