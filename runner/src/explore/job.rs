//! The tables of a job: its sources, models and target tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use transforms::scan::{Loads, ScanLog, SourceTable};
use transforms::session;

use super::changes;
use super::ledger::LedgerTable;
use super::listed::{TableInfo, TableKind};
use super::target::{TARGET_SCHEMA, TargetSchema};
use crate::drift::Reach;
use crate::error::{Kind, Result};
use crate::job::{Job, JobFolder};
use crate::survey::{SourceSurvey, survey};
use crate::target::Target;
use crate::target::ledger::{Ledger, everything};
use crate::units::counted_are;
use crate::wishes::Wishes;

/// What the ledger's table is called, unless a source or a model is.
const LEDGER_TABLE: &str = "ledger";

/// A job to look at.
pub(crate) struct OfJob {
    /// The job, as it is declared.
    pub(crate) job: Job,
    /// Its folder.
    pub(crate) folder: JobFolder,
    /// The session that it was checked in.
    pub(crate) engine: SessionState,
    /// Its target, or why it cannot be read: then there is all but its tables.
    pub(crate) target: Result<Arc<dyn Target>>,
}

/// A table of a source.
pub(super) type SourceTables = Vec<(String, TableKind, Arc<dyn TableProvider>)>;

/// A job as it was found.
pub(super) struct Found {
    /// Where all its tables are.
    pub(super) context: SessionContext,
    /// The job, its sources as wide as they are known to be.
    pub(super) job: Job,
    /// How wide they are known to be.
    pub(super) reach: Reach,
    /// Where the objects of each source are.
    pub(super) places: BTreeMap<String, String>,
    /// What is staged for each source.
    pub(super) surveys: Vec<SourceSurvey>,
    /// What was applied; empty if the target cannot be asked.
    pub(super) ledger: Ledger,
    /// The tables of the target.
    pub(super) target: Arc<TargetSchema>,
    /// All tables but the target's.
    pub(super) tables: Vec<TableInfo>,
}

/// The tables of a source, as they stand after all that is staged. Whatever else is told of a source is one more of them.
fn tables_of(survey: &SourceSurvey, ledger: &Ledger) -> Result<SourceTables> {
    let current = Arc::new(SourceTable::new(Arc::clone(&survey.whole)));
    let mut tables: SourceTables = vec![(survey.source.name.clone(), TableKind::Source, current)];
    tables.extend(changes::tables(survey, ledger)?);
    Ok(tables)
}

/// Looks at a job. No table of its target is asked for. `log` tells how far objects reach that were read before.
///
/// # Errors
/// A ledger that cannot be read; staged folders that are missing, empty or cannot be read.
pub(super) async fn find(
    of: &OfJob,
    engine: &SessionState,
    log: &ScanLog,
    notes: &mut Vec<String>,
) -> Result<Found> {
    let ledger = match &of.target {
        Ok(target) => target.ledger(of.job.name.as_str(), &everything).await?,
        Err(_) => Ledger::default(),
    };
    let mut reach = Reach::known(&of.job, &ledger, false);
    let _is_news = reach.look(log);
    let job = reach.job(&of.job, engine).await?.into_owned();
    notes.extend(reach.notes(&job));
    let surveys = staged(&job, &of.folder, engine, &ledger, notes).await?;
    let mut of_sources = SourceTables::new();
    for survey in &surveys {
        of_sources.extend(tables_of(survey, &ledger)?);
    }
    // A source or a model of such a name keeps it.
    of_sources.retain(|(name, kind, _)| *kind == TableKind::Source || !is_taken(&job, name));
    let info = |name: &str, kind| TableInfo {
        schema: session::SCHEMA.to_owned(),
        name: name.to_owned(),
        kind,
    };
    let mut tables: Vec<TableInfo> =
        of_sources.iter().map(|(name, kind, _)| info(name, *kind)).collect();
    let sources = of_sources.into_iter().map(|(name, _, table)| (name, table));
    let context = job.models.plan(engine, sources.collect()).await?.context;
    tables.extend(job.models.iter().map(|model| {
        let kind = if model.is_helper() { TableKind::Helper } else { TableKind::Model };
        info(&model.name, kind)
    }));
    if let Err(error) = &of.target {
        notes.push(format!("the target's tables are not there: {error}"));
    }
    let target = Arc::new(TargetSchema::find(&of.target, &job.outputs).await);
    if let Ok(found) = &of.target
        && !tables.iter().any(|table| table.name == LEDGER_TABLE)
    {
        let table = LedgerTable::new(Arc::clone(found), job.name.to_string());
        let _previous = context.register_table(LEDGER_TABLE, Arc::new(table))?;
        tables.push(info(LEDGER_TABLE, TableKind::Ledger));
    }
    if let Some(catalog) = context.catalog(session::CATALOG) {
        let schema = Arc::clone(&target);
        let _previous = catalog.register_schema(TARGET_SCHEMA, schema)?;
    }
    let place = |survey: &SourceSurvey| (survey.source.name.clone(), survey.places.to_string());
    let places = surveys.iter().map(place).collect();
    Ok(Found { context, job, reach, places, surveys, ledger, target, tables })
}

fn is_taken(job: &Job, name: &str) -> bool {
    job.sources.iter().any(|source| source.name == name) || job.models.get(name).is_some()
}

/// The staged objects of the current generation, which only the ledger knows; without it, all that are staged.
pub(crate) async fn staged(
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
        let are = counted_are(gone as u64, "applied object");
        notes.push(format!("{are} gone from source `{source}`; shown is what is staged"));
    }
}
