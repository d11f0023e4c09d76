//! What a history is asked of: a key of a source, or a row of a table that is made of one.

use datafusion::scalar::ScalarValue;
use transforms::model::way::Way;
use transforms::sql::nearest;

use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::key_text::{Key, KeyColumn, names_but};
use crate::survey::SourceSurvey;
use crate::work::paired_keys;

/// A key of a source.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    /// The source.
    pub(super) survey: &'a SourceSurvey,
    /// The columns of the source's key that are asked for, with their values.
    pub(super) key: Vec<(String, ScalarValue)>,
    /// The model whose row it was asked by.
    pub(super) model: Option<&'a Output>,
}

/// Finds what is meant.
///
/// # Errors
/// Kind `Usage`: no such table; one whose rows are not made of one row of a source each; a key that is none of its own.
pub(super) fn find<'a>(
    job: &'a Job,
    surveys: &'a [SourceSurvey],
    table: &str,
    given: &[String],
) -> Result<Subject<'a>> {
    if let Some(survey) = surveys.iter().find(|survey| survey.source.name == table) {
        return of_source(survey, given);
    }
    let is_it = |output: &&Output| {
        let whole = output.table.to_string();
        let names = [output.model.as_str(), whole.as_str(), output.table.name()];
        names.iter().any(|name| name.eq_ignore_ascii_case(table))
    };
    let folded = surveys.iter().find(|survey| survey.source.name.eq_ignore_ascii_case(table));
    match (job.outputs.iter().find(is_it), folded) {
        (Some(output), _) => of_model(job, surveys, output, given),
        (None, Some(survey)) => of_source(survey, given),
        (None, None) => Err(unknown(job, table)),
    }
}

fn of_source<'a>(survey: &'a SourceSurvey, given: &[String]) -> Result<Subject<'a>> {
    let source = &survey.source;
    let of = format!("source `{}`", source.name);
    if source.key.is_empty() {
        return Err(Error::usage(format!("{of} has no key")).hint(format!(
            "look at its rows: SELECT * FROM `{}$changes` in `runner sql`",
            source.name
        )));
    }
    let mut specs: Vec<_> = source.columns().into_iter().map(Some).collect();
    let columns = source.key.iter().map(|at| {
        KeyColumn::of(source.schema.field(*at), specs.get_mut(*at).and_then(Option::take))
    });
    let columns = columns.collect();
    let others = names_but(&source.schema, &source.key);
    let key = Key { of, columns, others };
    let values = key.read(given)?;
    let key = source.key_names().map(str::to_owned).zip(values).collect();
    Ok(Subject { survey, key, model: None })
}

/// The key of a model's row comes from that of a row of its driver.
fn of_model<'a>(
    job: &Job,
    surveys: &'a [SourceSurvey],
    output: &'a Output,
    given: &[String],
) -> Result<Subject<'a>> {
    let driver = match &output.analysis.way {
        Way::RowWise { driver, .. } => driver,
        Way::Append { .. } | Way::Replay => return Err(not_of_one_row(job, output)),
    };
    let survey = surveys.iter().find(|survey| survey.source.name == *driver);
    let Some(survey) = survey else { return Err(not_of_one_row(job, output)) };
    let (_, from) = paired_keys(output, survey)?;
    let columns = output.key.iter().map(|at| KeyColumn::of(output.schema.field(*at), None));
    let key = Key {
        of: format!("model `{}`", output.model),
        columns: columns.collect(),
        others: names_but(&output.schema, &output.key),
    };
    let values = key.read(given)?;
    Ok(Subject { survey, key: from.into_iter().zip(values).collect(), model: Some(output) })
}

fn not_of_one_row(job: &Job, output: &Output) -> Error {
    let sources: Vec<&str> = output.analysis.sources.iter().map(String::as_str).collect();
    let model = &output.model;
    Error::usage(format!(
        "model `{model}`: no row of it is made of one key of a source alone ({}); it reads {}",
        output.analysis.way,
        sources.join(", ")
    ))
    .hint(format!(
        "ask for the history of a key of one of these; `runner explain-row --job {} --table {model} --key …` tells which rows make one of its rows",
        job.name
    ))
}

fn unknown(job: &Job, table: &str) -> Error {
    let sources = job.sources.iter().map(|source| source.name.as_str());
    let names: Vec<&str> = sources.chain(job.outputs.iter().map(|o| o.model.as_str())).collect();
    let error = Error::usage(format!("--table: there is no source or model `{table}`"));
    match nearest(table, names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("there are {}", names.join(", "))),
    }
}
