//! Whether a job that was written runs: the objects that it was made from are read as it declares them.

use datafusion::execution::SessionState;
use futures::TryStreamExt;
use transforms::dms::csv::BadRows;
use transforms::scan::{Frozen, FrozenTable, Loads};

use super::draft::Draft;
use super::staged::ROWS_MAX;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::raw_rows::raw_rows;
use crate::store::{Location, Places};
use crate::survey::survey_declared;

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
        let read = rows(&survey.whole, object, engine).await;
        read.map_err(|error| told(error.about("what was inferred does not fit: "), draft))?;
    }
    Ok(())
}

/// Rows that do not fit to each other may be those of several tables.
fn told(error: Error, draft: &Draft) -> Error {
    let folders = draft.folders_of_loads();
    match folders.len() {
        0 | 1 => error,
        _ => {
            let named = folders.into_iter().collect::<Vec<_>>().join(", ");
            error.hint(format!("nothing was written; if {named} are the folders of tables, name each of them with a --from of its own"))
        }
    }
}

async fn rows(table: &FrozenTable, object: &Frozen, engine: &SessionState) -> Result<()> {
    let table = FrozenTable {
        bad_rows: BadRows::Refuse,
        loads: Loads::Any,
        ..table.with_objects(vec![object.clone()])
    };
    let mut batches = raw_rows(table, Some(ROWS_MAX), engine).await?;
    while batches.try_next().await?.is_some() {}
    Ok(())
}
