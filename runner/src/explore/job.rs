//! The tables of a job: its sources, models and target tables.

use std::sync::Arc;

use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use transforms::scan::{FrozenTable, Loads, SourceTable};
use transforms::session;

use crate::drift::Reach;
use crate::error::{Kind, Result};
use crate::job::{Job, JobFolder};
use crate::survey::{SourceSurvey, survey};
use crate::target::Target;
use crate::target::ledger::{Ledger, everything};
use crate::target::table::TargetTable;
use crate::wishes::Wishes;

/// The schema that holds the job's target tables.
const TARGET_SCHEMA: &str = "target";

/// A job to look at.
pub(crate) struct OfJob<'a> {
    /// The job, as it is declared.
    pub(crate) job: &'a Job,
    /// Its folder.
    pub(crate) folder: &'a JobFolder,
    /// The session that it was checked in.
    pub(crate) engine: &'a SessionState,
    /// Its target, or why it cannot be read: then there is all but its tables.
    pub(crate) target: Result<Arc<dyn Target>>,
}

/// Sources, models and target tables of a job.
pub(super) async fn context(
    of: &OfJob<'_>,
    engine: &SessionState,
    notes: &mut Vec<String>,
) -> Result<SessionContext> {
    let ledger = match &of.target {
        Ok(target) => target.ledger(of.job.name.as_str(), &everything).await?,
        Err(_) => Ledger::default(),
    };
    let job = Reach::known(of.job, &ledger, false).job(of.job, engine).await?;
    let surveys = staged(&job, of.folder, engine, &ledger, notes).await?;
    let sources = surveys
        .iter()
        .map(|SourceSurvey { source, whole, .. }| (source.name.clone(), current(whole)));
    let context = job.models.plan(engine, sources.collect()).await?.context;
    let tables = MemorySchemaProvider::new();
    match &of.target {
        Ok(target) => {
            for output in &job.outputs {
                // A table that is not there yet is no reason to refuse all others.
                let Some(def) = target.describe(&output.table).await? else { continue };
                let table = TargetTable::of(Arc::clone(target), &def);
                let _previous = tables.register_table(output.model.clone(), Arc::new(table))?;
            }
        }
        Err(error) => notes.push(format!("the target's tables are not there: {error}")),
    }
    if let Some(catalog) = context.catalog(session::CATALOG) {
        let _previous = catalog.register_schema(TARGET_SCHEMA, Arc::new(tables))?;
    }
    Ok(context)
}

/// The staged objects of the current generation, which only the ledger knows; without it, all that are staged.
async fn staged(
    job: &Job,
    folder: &JobFolder,
    engine: &SessionState,
    ledger: &Ledger,
    notes: &mut Vec<String>,
) -> Result<Vec<SourceSurvey>> {
    let once = |_: &str| Loads::Once;
    match survey(job, folder, ledger, engine, &Wishes::default(), &once).await {
        Err(error) if error.kind() == Kind::Refused => {
            notes.push(format!("{error}; shown is what is staged"));
            survey(job, folder, &Ledger::default(), engine, &Wishes::default(), &once).await
        }
        surveyed => surveyed.inspect(|surveys| note_gone(surveys, notes)),
    }
}

/// What is shown of these sources is less than what was applied.
fn note_gone(surveys: &[SourceSurvey], notes: &mut Vec<String>) {
    for survey in surveys.iter().filter(|survey| !survey.state.gone.is_empty()) {
        let (source, gone) = (&survey.source.name, survey.state.gone.len());
        notes.push(format!(
            "{gone} applied objects of source `{source}` are gone; shown is what is staged"
        ));
    }
}

fn current(table: &Arc<FrozenTable>) -> Arc<dyn TableProvider> {
    Arc::new(SourceTable::new(Arc::clone(table)))
}
