//! What is told of a source besides what it is now: all its changes, and the versions of each key.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use transforms::scan::{Application, ChangesTable, HistoryTable};

use super::job::SourceTables;
use super::listed::TableKind;
use crate::error::Result;
use crate::survey::SourceSurvey;
use crate::target::ledger::{AppliedObject, Ledger};

const CHANGES: &str = "$changes";
const HISTORY: &str = "$history";

/// The source that a table of such a name would be of.
pub(super) fn source_of(table: &str) -> Option<&str> {
    [CHANGES, HISTORY].iter().find_map(|ending| table.strip_suffix(ending))
}

/// `NAME$changes`, and of a source with a key `NAME$history`.
///
/// # Errors
/// Those of the engine.
pub(super) fn tables(survey: &SourceSurvey, ledger: &Ledger) -> Result<SourceTables> {
    let name = &survey.source.name;
    let changes = Arc::new(changes(survey, ledger)?);
    let mut tables: SourceTables = vec![(format!("{name}{CHANGES}"), TableKind::Changes, changes)];
    if let Some(history) = history(survey, ledger)? {
        tables.push((format!("{name}{HISTORY}"), TableKind::History, Arc::new(history)));
    }
    Ok(tables)
}

/// All changes of a source that are staged.
///
/// # Errors
/// Those of the engine.
pub(crate) fn changes(survey: &SourceSurvey, ledger: &Ledger) -> Result<ChangesTable> {
    let application = applications(survey, ledger);
    Ok(ChangesTable::try_new(&survey.whole, survey.state.generation, &application)?)
}

/// The versions of each key of a source; none if it has no key.
///
/// # Errors
/// Those of the engine.
pub(crate) fn history(survey: &SourceSurvey, ledger: &Ledger) -> Result<Option<HistoryTable>> {
    let application = applications(survey, ledger);
    Ok(HistoryTable::try_new(&survey.whole, survey.state.generation, &application)?)
}

/// When each object was applied, by its key. A pending one may be known from before: it was written again since.
fn applications(
    survey: &SourceSurvey,
    ledger: &Ledger,
) -> impl Fn(&str) -> Option<Application> + use<> {
    let pending: HashSet<&str> =
        survey.state.pending_objects().map(|object| object.listed.key.as_str()).collect();
    let is_here = |applied: &&AppliedObject| {
        let entry = &applied.entry;
        entry.source == survey.source.name
            && entry.generation == survey.state.generation
            && !pending.contains(entry.object.as_str())
    };
    let known = ledger.applied.iter().filter(is_here).map(|applied| {
        let application =
            Application { run_id: applied.run_id.clone(), applied_at: applied.applied_at };
        (applied.entry.object.clone(), application)
    });
    let known: HashMap<String, Application> = known.collect();
    move |key| known.get(key).cloned()
}
