//! Where a row came from that a target refused: the staged object and its line, or how to find it.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::execution::SessionState;
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use transforms::model::way::Way;
use transforms::scan::{ChangesTable, FrozenTable};

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::history::find::{column, rows_of};
use crate::job::{Job, Output};
use crate::survey::SourceSurvey;
use crate::target::culprit::{Culprit, Fault};
use crate::target::rows::Rows;
use crate::work::paired_keys;

/// Objects may be large, and the run has failed anyway.
const SEARCH_TIME_MAX: Duration = Duration::from_secs(60);

/// Completes a target's error that is because of a row. For a model that makes each row of one staged row that is the
/// object and its line; for another one a query with which the row is found.
pub(crate) async fn explain(
    error: Error,
    job: &Job,
    decisions: &[Decision],
    surveys: &[SourceSurvey],
    engine: &SessionState,
) -> Error {
    let Some(culprit) = error.culprit() else { return error };
    let mut all = job.outputs.iter().zip(decisions);
    let Some((output, decision)) = all.find(|(output, _)| output.table == culprit.table) else {
        return error;
    };
    let found = Search { output, decision, surveys, engine };
    let lines = tokio::time::timeout(SEARCH_TIME_MAX, Box::pin(found.lines(culprit))).await;
    let (line, rival) = match lines {
        Ok(Ok(lines)) => lines,
        Ok(Err(reason)) => {
            tracing::warn!(error = %reason, "the refused row's origin cannot be read");
            (None, None)
        }
        Err(_) => {
            let seconds = SEARCH_TIME_MAX.as_secs();
            tracing::warn!(seconds, "the refused row's origin was not found in time");
            (None, None)
        }
    };
    let Some(line) = line else {
        let hint = match query(culprit, output, job) {
            None => error.next_step().map(str::to_owned),
            Some(query) => {
                let before = error.next_step().map(|hint| format!("{hint}; "));
                Some(format!("{}to find such rows: {query}", before.unwrap_or_default()))
            }
        };
        let error = error.about(&format!("model `{}`: ", output.model));
        return match hint {
            Some(hint) => error.hint(hint),
            None => error,
        };
    };
    let rival = rival.map(|rival| format!("; the other row is {rival}")).unwrap_or_default();
    error.about(&format!("{line}: ")).and(&rival)
}

struct Search<'a> {
    output: &'a Output,
    decision: &'a Decision,
    surveys: &'a [SourceSurvey],
    engine: &'a SessionState,
}

impl Search<'_> {
    /// The lines of the refused row and of its rival.
    async fn lines(&self, culprit: &Culprit) -> Result<(Option<String>, Option<String>)> {
        let Way::RowWise { driver, .. } = &self.output.analysis.way else {
            return Ok((None, None));
        };
        let Some(survey) = self.surveys.iter().find(|survey| survey.source.name == *driver) else {
            return Ok((None, None));
        };
        let is_change = matches!(self.decision.step, Step::RowWise { .. });
        let objects = if is_change { &survey.tail } else { &survey.whole };
        let line = self.line(survey, objects, &culprit.row).await?;
        // The other row may have been there before.
        let rival = match &culprit.rival {
            Some(key) if line.is_some() => self.line(survey, &survey.whole, key).await?,
            _ => None,
        };
        Ok((line, rival))
    }

    /// The newest staged row of a key, as `OBJECT:LINE`.
    async fn line(
        &self,
        survey: &SourceSurvey,
        objects: &Arc<FrozenTable>,
        row: &RecordBatch,
    ) -> Result<Option<String>> {
        let (names, from) = paired_keys(self.output, survey)?;
        let mut key = Vec::with_capacity(names.len());
        for (name, from) in names.iter().zip(from) {
            let Some(values) = row.column_by_name(name) else { return Ok(None) };
            key.push((from, ScalarValue::try_from_array(values, 0)?));
        }
        let changes = ChangesTable::try_new(objects, survey.state.generation, &|_| None)?;
        let [position, object, line] = changes.place_names().map(str::to_owned);
        let plan = rows_of(Arc::new(changes), &key)?
            .sort([column(&position).sort(false, false)])?
            .limit(0, Some(1))?
            .project([column(&object), column(&line)])?
            .build()?;
        let physical = self.engine.create_physical_plan(&plan).await?;
        let rows: Vec<RecordBatch> =
            Rows::new(physical, self.engine.task_ctx()).stream()?.try_collect().await?;
        let Some(row) = rows.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
        let object = row.column(0).as_string_opt::<i32>().map(|keys| keys.value(0));
        let line = row.column(1).as_primitive_opt::<Int64Type>().map(|lines| lines.value(0));
        let found = objects.objects.iter().find(|known| Some(known.key.as_str()) == object);
        Ok(found.zip(line).map(|(object, line)| format!("{}:{line}", object.label)))
    }
}

/// The command that lists rows like the refused one: of names alone, since nobody is to read values in an error.
fn query(culprit: &Culprit, output: &Output, job: &Job) -> Option<String> {
    let list = |names: &[String]| {
        let quoted: Option<Vec<String>> = names.iter().map(|name| quoted(name)).collect();
        Some(quoted?.join(", "))
    };
    let model = quoted(&output.model)?;
    let key = list(&output.key_names())?;
    let before = if key.is_empty() { String::new() } else { format!("{key}, ") };
    let wrong = culprit.column.as_deref().map(|wrong| {
        let fields = output.schema.fields();
        let field = fields.iter().find(|field| field.name().eq_ignore_ascii_case(wrong));
        quoted(field.map_or(wrong, |field| field.name()))
    });
    let sql = match (&culprit.fault, wrong.flatten()) {
        (Fault::Duplicate(columns), _) if !columns.is_empty() => {
            let columns = list(columns)?;
            format!(
                "SELECT {columns}, count(*) FROM {model} GROUP BY {columns} HAVING count(*) > 1"
            )
        }
        (Fault::TooLong, Some(wrong)) => {
            format!(
                "SELECT {before}length({wrong}) FROM {model} ORDER BY length({wrong}) DESC LIMIT 10"
            )
        }
        (Fault::OutOfRange, Some(wrong)) => {
            format!("SELECT {before}{wrong} FROM {model} ORDER BY abs({wrong}) DESC LIMIT 10")
        }
        (Fault::Null, Some(wrong)) => {
            format!("SELECT * FROM {model} WHERE {wrong} IS NULL LIMIT 10")
        }
        (_, Some(wrong)) => format!("SELECT {before}{wrong} FROM {model}"),
        (_, None) => format!("SELECT * FROM {model}"),
    };
    Some(format!("runner sql --job {} -c '{sql}'", job.name))
}

/// A name as it stands in SQL within the shell's quotes; `None` if it cannot.
fn quoted(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if begins && name.chars().all(is_plain) {
        return Some(name.to_owned());
    }
    let is_strange = |c: char| c == '`' || c == '\'' || c.is_control();
    (!name.contains(is_strange)).then(|| format!("`{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_for_sql_and_for_the_shell() {
        assert_eq!(quoted("title_2").as_deref(), Some("title_2"));
        assert_eq!(quoted("na me").as_deref(), Some("`na me`"));
        assert_eq!(quoted("2nd").as_deref(), Some("`2nd`"));
        for name in ["it's", "a`b", "a\nb"] {
            assert_eq!(quoted(name), None, "{name:?}");
        }
    }
}
