//! Tables that statements declare.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{DdlStatement, LogicalPlan};
use datafusion::sql::parser::{CreateExternalTable, Statement};
use transforms::scan::SourceTable;
use transforms::source::{FILE_TYPE, parse_source};
use transforms::sql::{self, nearest};
use transforms::types::with_nearest_type;

use super::files::{Files, Format, Options, WORDS};
use super::made::reference;
use crate::error::{Error, Result};
use crate::store::Places;
use crate::survey::{SourceSurvey, survey_declared};

/// `CREATE EXTERNAL TABLE`, of what DMS stages or of other files.
pub(super) async fn external(
    context: &SessionContext,
    files: &Files,
    name: &str,
    ddl: CreateExternalTable,
) -> Result<Option<SourceSurvey>> {
    let is_known = context.table_exist(reference(&ddl.name))?;
    if is_known && ddl.if_not_exists {
        return Ok(None);
    }
    let is_bare = ddl.columns.is_empty() && ddl.options.is_empty();
    if ddl.file_type.eq_ignore_ascii_case(FILE_TYPE) && !is_bare {
        return staged(context, name, ddl).await.map(Some);
    }
    let format = Format::of_word(&ddl.file_type).ok_or_else(|| {
        let word = ddl.file_type.escape_debug();
        let error = Error::usage(format!("{name}: STORED AS {word} is not read here"));
        let words = || WORDS.iter().map(|(word, _)| *word);
        match nearest(&ddl.file_type, words()) {
            Some(near) => error.hint(format!("did you mean {}?", near.to_uppercase())),
            None => error.hint("there are DMS, CSV, PARQUET and JSON"),
        }
    })?;
    if !ddl.table_partition_cols.is_empty() {
        return Err(Error::usage(format!("{name}: PARTITIONED BY has no meaning here"))
            .hint("leave it out: folders that are named column=value are found, and are columns"));
    }
    // The engine has rules of its own for the formats that it knows.
    let ddl = CreateExternalTable { file_type: FILE_TYPE.to_owned(), ..ddl };
    let state = context.state();
    let plan = sql::plan(&state, name, Statement::CreateExternalTable(ddl)).await;
    let plan = plan.map_err(with_nearest_type)?;
    let LogicalPlan::Ddl(DdlStatement::CreateExternalTable(planned)) = plan else {
        return Err(Error::failed(format!("{name}: not a CREATE EXTERNAL TABLE")));
    };
    let [location] = planned.locations.as_slice() else {
        return Err(Error::usage(format!("{name}: there is more than one LOCATION"))
            .hint("write a pattern: 'folder/{one,other}/*.csv'"));
    };
    let about = |error: Error| error.about(&format!("{name}: "));
    let options = Options::parse(format, &planned.options).map_err(about)?;
    let columns =
        (!planned.schema.fields().is_empty()).then(|| nullable(planned.schema.as_arrow()));
    let opened = files.declared(location, format, options, columns).await.map_err(about)?;
    if is_known {
        let _before = context.deregister_table(planned.name.clone())?;
    }
    let _previous = context.register_table(planned.name.clone(), opened)?;
    Ok(None)
}

/// Nothing makes files keep NOT NULL.
fn nullable(schema: &Schema) -> Schema {
    let field = |field: &Arc<Field>| field.as_ref().clone().with_nullable(true);
    Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>())
}

/// `CREATE EXTERNAL TABLE … STORED AS DMS`: a source that no job declares, as it stands after all that is staged.
async fn staged(
    context: &SessionContext,
    name: &str,
    ddl: CreateExternalTable,
) -> Result<SourceSurvey> {
    let state = context.state();
    let source = Arc::new(parse_source(&state, name, ddl, &file_here).await?);
    let places = Places::of(&source, None)?;
    let survey = survey_declared(&source, places, &state).await?;
    let table = Arc::new(SourceTable::new(Arc::clone(&survey.whole)));
    if context.table_exist(source.name.as_str())? {
        let _before = context.deregister_table(source.name.as_str())?;
    }
    let _previous = context.register_table(source.name.as_str(), table)?;
    Ok(survey)
}

/// A file that OPTIONS name: there is no job's folder, so it is relative to the current one.
fn file_here(name: &str) -> Option<String> {
    std::fs::read_to_string(name).ok()
}
