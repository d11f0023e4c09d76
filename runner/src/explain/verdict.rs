//! How the row in the table differs from the row that the model gives, and why.

use std::collections::BTreeSet;

use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlanBuilder;
use schemars::JsonSchema;
use serde::Serialize;
use transforms::delta::{self, Keys};

use super::Inquiry;
use super::rows::{Kept, kept};
use crate::error::Result;
use crate::survey::SourceSurvey;
use crate::units::counted_are;
use crate::work::json_columns;

/// What is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Same,
    Differs,
    OnlyInModel,
    OnlyInTable,
    Nowhere,
    TableNotRead,
}

impl State {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Same => "the table has what the model gives",
            Self::Differs => "the table has something else than the model gives now",
            Self::OnlyInModel => "the model gives such a row now, and the table has none",
            Self::OnlyInTable => "the table has such a row, and the model gives none now",
            Self::Nowhere => {
                "there is no such row, neither in the table nor in what the model gives now"
            }
            Self::TableNotRead => "what the table has is not known",
        }
    }
}

/// What is there, and why it is not the same.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) state: State,
    pub(super) because: Option<String>,
}

impl Verdict {
    /// Of rows of the model, and of the table if there is one.
    pub(super) async fn of(
        of: &Inquiry<'_>,
        engine: &SessionState,
        model: &Kept,
        table: Option<&Kept>,
    ) -> Result<Self> {
        let in_table = table.map_or(0, |table| table.count);
        let state = match (model.count, in_table) {
            (0, 0) => State::Nowhere,
            (0, _) => State::OnlyInTable,
            (_, 0) => State::OnlyInModel,
            _ => match table {
                Some(table) if is_same(of, engine, model, table).await? => State::Same,
                _ => State::Differs,
            },
        };
        let is_equal = matches!(state, State::Same | State::Nowhere);
        let because = (!is_equal).then(|| because(of, table.is_none()));
        Ok(Self { state, because })
    }
}

fn because(of: &Inquiry<'_>, is_missing: bool) -> String {
    let pending = pending(of).count();
    let written = of.ledger.models.get(&of.output.model);
    if is_missing {
        return "the table is not there yet: the next run makes it".to_owned();
    }
    if !of.knows_pending() {
        return "a run would be refused now, so the model is shown over all that is staged"
            .to_owned();
    }
    if pending > 0 {
        let are = counted_are(pending as u64, "object");
        return format!("{are} pending: the next run applies what is in there");
    }
    match written {
        None => "the model has never been written: the next run fills the table".to_owned(),
        Some(written) if *written != of.output.fingerprint => {
            "the job's definition has changed since the table was written: the next run builds it anew".to_owned()
        }
        Some(_) => "nothing is pending, so something else than a run has changed the table; `runner run --full-refresh` builds it anew".to_owned(),
    }
}

/// The pending objects of the sources that the model reads.
pub(super) fn pending<'a>(of: &'a Inquiry<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_read = |survey: &&SourceSurvey| of.output.analysis.sources.contains(&survey.source.name);
    let knows = of.knows_pending();
    let surveys = of.surveys.iter().filter(is_read).filter(move |_| knows);
    surveys.flat_map(|survey| {
        let objects = survey.state.pending_objects();
        objects.map(|object| (survey.source.name.as_str(), object.listed.key.as_str()))
    })
}

/// Whether a run would leave the rows as they are.
async fn is_same(
    of: &Inquiry<'_>,
    engine: &SessionState,
    model: &Kept,
    table: &Kept,
) -> Result<bool> {
    if model.count != table.count {
        return Ok(false);
    }
    let key = of.output.key_names();
    if key.is_empty() {
        let (mut of_model, mut of_table) = (texts(model)?, texts(table)?);
        of_model.sort_unstable();
        of_table.sort_unstable();
        return Ok(of_model == of_table);
    }
    let json = match &of.target {
        Ok(target) => {
            let def = target.describe(&of.output.table).await?;
            json_columns(of.output, def.as_ref())
        }
        Err(_) => BTreeSet::new(),
    };
    let rows = LogicalPlanBuilder::scan("model", provider_as_source(model.table()?), None)?;
    let delta = delta::compare(&rows.build()?, &key, table.table()?, &json, Keys::Repeated)?;
    for plan in [&delta.deletes, &delta.upserts] {
        if kept(engine, plan, &of.output.file, 0).await?.count > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn texts(rows: &Kept) -> Result<Vec<String>> {
    Ok(rows.shown()?.into_iter().map(|row| format!("{row:?}")).collect())
}
