//! Tables that statements declare.

use std::sync::Arc;

use datafusion::execution::context::SessionContext;
use datafusion::sql::parser::CreateExternalTable;
use transforms::scan::SourceTable;
use transforms::source::parse_source;

use crate::error::Result;
use crate::store::Places;
use crate::survey::{SourceSurvey, survey_declared};

/// `CREATE EXTERNAL TABLE … STORED AS DMS`: a source that no job declares, as it stands after all that is staged.
pub(super) async fn staged(
    context: &SessionContext,
    name: &str,
    ddl: CreateExternalTable,
) -> Result<SourceSurvey> {
    let state = context.state();
    let source = Arc::new(parse_source(&state, name, ddl, &file_here).await?);
    let places = Places::of(&source, None)?;
    let survey = survey_declared(&source, places, &state).await?;
    let table = Arc::new(SourceTable::new(Arc::clone(&survey.whole)));
    let _previous = context.register_table(source.name.as_str(), table)?;
    Ok(survey)
}

/// A file that OPTIONS name: there is no job's folder, so it is relative to the current one.
fn file_here(name: &str) -> Option<String> {
    std::fs::read_to_string(name).ok()
}
