//! Whether a job that was written runs: it is loaded as any job, and the objects that it was made from are read as it declares them.

use std::sync::Arc;

use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlanBuilder;
use futures::TryStreamExt;
use transforms::dms::csv::BadRows;
use transforms::scan::{Frozen, FrozenTable, Loads, RawTable};
use transforms::source::Source;

use super::draft::Draft;
use super::staged::ROWS_MAX;
use crate::error::{Error, Result};
use crate::job::{Job, JobName, JobText, JobsLocation};
use crate::store::{Location, Places};
use crate::survey::survey_declared;
use crate::target::rows::Rows;

/// Stands for the value of a variable that is not set yet.
const UNSET: &str = "unset";

/// Loads the job with the project's own loader.
///
/// # Errors
/// What is wrong with it.
pub(super) async fn load(
    jobs: &JobsLocation,
    name: &JobName,
    engine: &SessionState,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Job> {
    let folder = jobs.open(name)?;
    let lookup = |name: &str| Some(variable(name).unwrap_or_else(|| UNSET.to_owned()));
    JobText::read(&folder, &lookup).await?.check(engine).await
}

/// Reads the first rows of the objects that a draft was made from.
///
/// # Errors
/// An object that cannot be read as it is declared: kind `Refused`.
pub(super) async fn read(
    job: &Job,
    draft: &Draft,
    location: &Location,
    engine: &SessionState,
) -> Result<()> {
    let Some(source) = job.sources.iter().find(|source| source.name == draft.source) else {
        return Err(Error::failed(format!("source `{}` is not declared", draft.source)));
    };
    let places = Places::of_table(location.clone());
    let survey = survey_declared(source, places, engine).await?;
    for object in survey.whole.objects.iter().filter(|object| draft.objects.contains(&object.key)) {
        rows(source, &survey.whole, object, engine)
            .await
            .map_err(|error| error.about("what was inferred does not fit: "))?;
    }
    Ok(())
}

async fn rows(
    source: &Arc<Source>,
    table: &FrozenTable,
    object: &Frozen,
    engine: &SessionState,
) -> Result<()> {
    let table = FrozenTable {
        bad_rows: BadRows::Refuse,
        loads: Loads::Any,
        ..table.with_objects(vec![object.clone()])
    };
    let raw = provider_as_source(Arc::new(RawTable::new(Arc::new(table))));
    let plan =
        LogicalPlanBuilder::scan(source.name.as_str(), raw, None)?.limit(0, Some(ROWS_MAX))?;
    let physical = engine.create_physical_plan(&plan.build()?).await?;
    let mut batches = Rows::new(physical, engine.task_ctx()).stream()?;
    while batches.try_next().await?.is_some() {}
    Ok(())
}
