//! What the SQL of a node gives: it is planned with the project's own engine, over sources without rows.
//!
//! So columns need not be guessed, and a node whose SQL is not read here is known before anyone runs the job.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::execution::SessionState;
use transforms::model::{ModelFile, Models, Planned, output};
use transforms::place::DefinitionError;
use transforms::quality::{self, Subject};
use transforms::source::{Source, no_files, parse_sources};
use transforms::types::declared_type;

use super::frame::Column;
use crate::job::{empty_tables, vars};
use crate::scaffold::load;

/// The most columns of a table in MySQL.
const COLUMNS_MAX: usize = 4096;

/// Sources and models that have been planned.
pub(super) struct Planner<'a> {
    state: &'a SessionState,
    variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
    sources: Vec<Arc<Source>>,
    /// The models, once there is one: sources come before them.
    planned: Option<Planned>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        state: &'a SessionState,
        variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
    ) -> Self {
        Self { state, variable, sources: Vec::new(), planned: None }
    }

    /// Declares sources, and answers the columns of the first.
    pub(super) async fn declare(&mut self, text: &str) -> Result<Vec<Column>, DefinitionError> {
        let file = "sources.sql";
        let text = self.substituted(file, text)?;
        let sources = parse_sources(self.state, file, &text, &no_files).await?;
        let columns = sources.first().map(|source| columns(&source.schema)).unwrap_or_default();
        check_width(file, columns.len())?;
        self.sources.extend(sources.into_iter().map(Arc::new));
        Ok(columns)
    }

    /// Plans a model behind those that it reads, and answers its columns.
    pub(super) async fn plan(
        &mut self,
        file: &str,
        text: &str,
    ) -> Result<Vec<Column>, DefinitionError> {
        let text = self.substituted(file, text)?;
        let mut planned = match self.planned.take() {
            Some(planned) => planned,
            None => Planned::over(self.state, empty_tables(&self.sources))?,
        };
        let known = self.sources.iter().map(|source| source.name.clone());
        let known: BTreeSet<String> = known.chain(planned.plans.keys().cloned()).collect();
        let parsed =
            Models::parse(self.state, vec![ModelFile { file: file.to_owned(), text }], &known);
        let added = match parsed.as_ref().map(|models| models.iter().next()) {
            Ok(Some(model)) => planned.add(model).await.map(|()| model.name.clone()),
            Ok(None) => Ok(String::new()),
            Err(error) => Err(error.clone()),
        };
        let found = added
            .map(|name| planned.plans.get(&name).map(|plan| columns(plan.schema().as_arrow())));
        self.planned = Some(planned);
        let found = found.map(Option::unwrap_or_default)?;
        check_width(file, found.len())?;
        Ok(found)
    }

    /// Checks rules of data quality against the model that they are of, if it is planned.
    pub(super) async fn check_rules(
        &self,
        file: &str,
        text: &str,
        model: &str,
    ) -> Result<(), DefinitionError> {
        let Some(planned) = &self.planned else { return Ok(()) };
        let Some(plan) = planned.plans.get(model) else { return Ok(()) };
        let ruleset = quality::parse(file, &self.substituted(file, text)?)?;
        let subject = Subject {
            file,
            model,
            rows: output::canonical(file, plan.clone())?,
            context: &planned.context,
            now: DateTime::UNIX_EPOCH,
        };
        quality::check(&ruleset, subject).await.map(drop)
    }

    /// The variables of a text that have no value, so that what it says is not known yet.
    pub(super) fn unset(&self, text: &str) -> Vec<String> {
        let used = vars::names(text).into_iter();
        let open = used.filter(|(name, default)| !default && (self.variable)(name).is_none());
        open.map(|(name, _)| name).collect()
    }

    fn substituted(&self, file: &str, text: &str) -> Result<String, DefinitionError> {
        let used = vars::names(text);
        let lookup = |name: &str| load::value(&|name| (self.variable)(name), &used, name);
        vars::substitute(file, text, &lookup)
    }
}

/// Nodes that join a node with itself double its columns each time.
fn check_width(file: &str, columns: usize) -> Result<(), DefinitionError> {
    if columns <= COLUMNS_MAX {
        return Ok(());
    }
    let message = format!("it has {columns} columns, and no table has more than {COLUMNS_MAX}");
    Err(DefinitionError::in_file(file, message).help("leave columns out before"))
}

fn columns(schema: &Schema) -> Vec<Column> {
    let column = |field: &Arc<Field>| Column {
        name: field.name().clone(),
        data_type: Some(field.data_type().clone()),
        declared: declared_type(field).map(str::to_owned),
    };
    schema.fields().iter().map(column).collect()
}
