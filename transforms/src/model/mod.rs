//! Models: one SELECT in one file each, in the order in which they read each other.

pub mod early;
pub mod output;
pub mod uses;
pub mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::datasource::ViewTable;
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement;

use crate::place::DefinitionError;
use crate::{session, sql};

/// A file with a model, as read.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The file's name, for messages.
    pub file: String,
    /// Its text with variables replaced.
    pub text: String,
}

/// A parsed model.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its name: the file's name without `.sql`, in lower case.
    pub name: String,
    /// The file that it is in.
    pub file: String,
    /// The SELECT.
    pub statement: Statement,
    /// The sources and models that it reads directly.
    pub reads: BTreeSet<String>,
    /// What in it means nothing here.
    pub notes: Vec<String>,
}

impl Model {
    /// Whether it only serves other models and is not written.
    #[must_use]
    pub fn is_helper(&self) -> bool {
        self.name.starts_with('_')
    }
}

/// A job's models, each after those that it reads.
#[derive(Debug, Clone)]
pub struct Models {
    ordered: Vec<Model>,
}

/// Planned models and the context that they were planned in.
#[expect(missing_debug_implementations, reason = "a session has none")]
pub struct Planned {
    /// Where sources and models are tables.
    pub context: SessionContext,
    /// The raw plan of each model by name, down to its sources.
    pub plans: BTreeMap<String, LogicalPlan>,
}

impl Planned {
    /// Nothing but sources.
    ///
    /// # Errors
    /// Two tables of one name.
    pub fn over(
        base: &SessionState,
        sources: Vec<(String, Arc<dyn TableProvider>)>,
    ) -> Result<Self, DefinitionError> {
        let context = session::context(base, sources).map_err(|error| internal(&error))?;
        Ok(Self { context, plans: BTreeMap::new() })
    }

    /// Plans a model over what has been planned; it is a table for those that come behind it.
    ///
    /// # Errors
    /// Unknown columns and functions, wrong types: with their place. Nothing is added then.
    pub async fn add(&mut self, model: &Model) -> Result<(), DefinitionError> {
        let plan = sql::plan(&self.context.state(), &model.file, model.statement.clone()).await?;
        output::check_names(&model.file, &plan)
            .map_err(|error| sql::at_second(error, &model.statement))?;
        let view = ViewTable::new(plan.clone(), Some(model.statement.to_string()));
        let registered = self.context.register_table(model.name.as_str(), Arc::new(view));
        let _previous = registered.map_err(|error| internal(&error))?;
        self.plans.insert(model.name.clone(), plan);
        Ok(())
    }
}

fn internal(error: &datafusion::error::DataFusionError) -> DefinitionError {
    sql::explain("sources.sql", error)
}

impl Models {
    /// Parses all files and orders them.
    ///
    /// # Errors
    /// Syntax errors, anything but one SELECT in a file, names that are taken, tables that do not exist, cycles.
    pub fn parse(
        state: &SessionState,
        files: Vec<ModelFile>,
        sources: &BTreeSet<String>,
    ) -> Result<Self, DefinitionError> {
        let (models, errors) = Self::parse_each(state, files, sources, BTreeSet::new());
        errors.into_iter().next().map_or(Ok(models), Err)
    }

    /// The same with all that is wrong, the first of each model: the models that are right and read no other, and the errors. `wrong`
    /// are names of models that are known to be wrong already; what reads them is left out, and is no error.
    #[must_use]
    pub fn parse_each(
        state: &SessionState,
        files: Vec<ModelFile>,
        sources: &BTreeSet<String>,
        mut wrong: BTreeSet<String>,
    ) -> (Self, Vec<DefinitionError>) {
        let (mut models, mut errors) = (BTreeMap::new(), Vec::new());
        for ModelFile { file, text } in files {
            let name = model_name(&file);
            match parse_model(state, &file, &text, sources) {
                Ok(model) => {
                    if let Some(twin) = models.insert(name, model) {
                        let message = format!("model `{}` is also in {}", twin.name, twin.file);
                        errors.push(DefinitionError::in_file(&file, message));
                    }
                }
                Err(error) => {
                    errors.push(error);
                    if !sources.contains(&name) {
                        let _is_news = wrong.insert(name);
                    }
                }
            }
        }
        let unknown: Vec<_> = models
            .values()
            .filter_map(|model| {
                let error = check_references(model, &models, sources, &wrong).err()?;
                Some((model.name.clone(), error))
            })
            .collect();
        for (name, error) in unknown {
            errors.push(error);
            let _is_news = wrong.insert(name);
        }
        leave_out(&mut models, wrong);
        let (ordered, cycle) = order(models);
        errors.extend(cycle);
        (Self { ordered }, errors)
    }

    /// The models, each after those that it reads.
    pub fn iter(&self) -> impl Iterator<Item = &Model> {
        self.ordered.iter()
    }

    /// A model by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Model> {
        self.ordered.iter().find(|model| model.name == name)
    }

    /// Plans all models over the given sources; models that are read by others are planned into them.
    ///
    /// # Errors
    /// Unknown columns and functions, wrong types: with their place.
    pub async fn plan(
        &self,
        base: &SessionState,
        sources: Vec<(String, Arc<dyn TableProvider>)>,
    ) -> Result<Planned, DefinitionError> {
        Self::plan_in_order(base, sources, self.ordered.iter()).await
    }

    /// The same with all that is wrong, the first of each model: a model that reads one that is wrong is not planned.
    ///
    /// # Errors
    /// Two sources of one name.
    pub async fn plan_each(
        &self,
        base: &SessionState,
        sources: Vec<(String, Arc<dyn TableProvider>)>,
    ) -> Result<(Planned, Vec<DefinitionError>), DefinitionError> {
        let mut planned = Planned::over(base, sources)?;
        let (mut wrong, mut errors) = (BTreeSet::new(), Vec::new());
        for model in &self.ordered {
            let is_of_wrong = model.reads.iter().any(|name| wrong.contains(name));
            let added = if is_of_wrong { Ok(()) } else { planned.add(model).await };
            if is_of_wrong || added.is_err() {
                let _is_news = wrong.insert(model.name.clone());
            }
            errors.extend(added.err());
        }
        Ok((planned, errors))
    }

    /// Plans one model, and those that it reads.
    ///
    /// # Errors
    /// See [`Self::plan`].
    pub async fn plan_one(
        &self,
        base: &SessionState,
        sources: Vec<(String, Arc<dyn TableProvider>)>,
        name: &str,
    ) -> Result<Planned, DefinitionError> {
        self.plan_those(base, sources, &self.with_those_that_it_reads(name)).await
    }

    /// Plans the models of these names, among which are all models that they read.
    ///
    /// # Errors
    /// See [`Self::plan`].
    pub async fn plan_those(
        &self,
        base: &SessionState,
        sources: Vec<(String, Arc<dyn TableProvider>)>,
        names: &BTreeSet<String>,
    ) -> Result<Planned, DefinitionError> {
        let wanted = self.ordered.iter().filter(|model| names.contains(&model.name));
        Self::plan_in_order(base, sources, wanted).await
    }

    async fn plan_in_order(
        base: &SessionState,
        sources: Vec<(String, Arc<dyn TableProvider>)>,
        models: impl Iterator<Item = &Model>,
    ) -> Result<Planned, DefinitionError> {
        let mut planned = Planned::over(base, sources)?;
        for model in models {
            planned.add(model).await?;
        }
        Ok(planned)
    }

    /// The text that stands for a model's meaning: its SELECT and those of all models that it reads, comments and layout
    /// left out.
    #[must_use]
    pub fn meaning(&self, name: &str) -> String {
        let wanted = self.with_those_that_it_reads(name);
        let mut text = String::new();
        for model in self.ordered.iter().rev().filter(|model| wanted.contains(&model.name)) {
            text.push_str(&model.name);
            text.push_str(": ");
            text.push_str(&model.statement.to_string());
            text.push_str(";\n");
        }
        text
    }

    /// The name, and those of all models and sources that the model reads, directly or not.
    #[must_use]
    pub fn with_those_that_it_reads(&self, name: &str) -> BTreeSet<String> {
        let mut wanted = BTreeSet::from([name.to_owned()]);
        for model in self.ordered.iter().rev() {
            if wanted.contains(&model.name) {
                wanted.extend(model.reads.iter().cloned());
            }
        }
        wanted
    }
}

/// The name of the model in a file.
#[must_use]
pub fn model_name(file: &str) -> String {
    file.strip_suffix(".sql").unwrap_or(file).to_lowercase()
}

fn parse_model(
    state: &SessionState,
    file: &str,
    text: &str,
    sources: &BTreeSet<String>,
) -> Result<Model, DefinitionError> {
    let name = model_name(file);
    if sources.contains(&name) {
        let message = format!("a model and a source are both named `{name}`");
        return Err(DefinitionError::in_file(file, message)
            .help("rename one of them; a model reads its source under the source's name"));
    }
    let dialect = sql::Dialect::of(state);
    let statement = sql::parse_select(dialect, file, text)?;
    let notes = sql::notes(dialect, text, &statement);
    let reads = sql::tables_of(state, file, &statement)?.into_iter().collect();
    Ok(Model { name, file: file.to_owned(), statement, reads, notes })
}

/// Leaves out models that are wrong, and those that read them.
fn leave_out(models: &mut BTreeMap<String, Model>, mut wrong: BTreeSet<String>) {
    loop {
        let is_out = |model: &Model| {
            wrong.contains(&model.name) || model.reads.iter().any(|name| wrong.contains(name))
        };
        let out: Vec<String> =
            models.values().filter(|model| is_out(model)).map(|model| model.name.clone()).collect();
        if out.is_empty() {
            return;
        }
        models.retain(|name, _| !out.contains(name));
        wrong.extend(out);
    }
}

fn check_references(
    model: &Model,
    models: &BTreeMap<String, Model>,
    sources: &BTreeSet<String>,
    wrong: &BTreeSet<String>,
) -> Result<(), DefinitionError> {
    let known =
        |name: &String| models.contains_key(name) || sources.contains(name) || wrong.contains(name);
    let Some(unknown) = model.reads.iter().find(|name| !known(name)) else { return Ok(()) };
    let error =
        DefinitionError::in_file(&model.file, format!("there is no source or model `{unknown}`"));
    let error = at_relation(error, model, unknown);
    let told = unknown.rsplit_once('$').filter(|(_, told)| matches!(*told, "changes" | "history"));
    if let Some((source, _)) = told.filter(|(source, _)| sources.contains(*source)) {
        return Err(error.help(format!(
            "a model sees `{source}` as it stands; its changes and its history are there for `runner sql`"
        )));
    }
    let names = models.keys().chain(sources).filter(|name| **name != model.name);
    Err(match sql::nearest(unknown, names.clone().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = names.map(String::as_str).collect();
            error.help(format!("there are {}; declare sources in sources.sql", names.join(", ")))
        }
    })
}

/// Takes models whose inputs have all been taken, until none is left or only cycles are, of which one is told.
fn order(mut models: BTreeMap<String, Model>) -> (Vec<Model>, Option<DefinitionError>) {
    let mut ordered: Vec<Model> = Vec::with_capacity(models.len());
    while !models.is_empty() {
        let ready = models
            .values()
            .find(|model| !model.reads.iter().any(|name| models.contains_key(name)))
            .map(|model| model.name.clone());
        match ready.and_then(|name| models.remove(&name)) {
            Some(model) => ordered.push(model),
            None => return (ordered, Some(cycle(&models))),
        }
    }
    (ordered, None)
}

fn cycle(models: &BTreeMap<String, Model>) -> DefinitionError {
    let mut path: Vec<&str> = Vec::new();
    let mut next = models.keys().next().map(String::as_str);
    while let Some(name) = next {
        if let Some(start) = path.iter().position(|seen| *seen == name) {
            path.drain(..start);
            break;
        }
        path.push(name);
        next = models.get(name).and_then(|model| {
            model.reads.iter().find(|read| models.contains_key(*read)).map(String::as_str)
        });
    }
    let first = path.first().copied().unwrap_or_default();
    let read = path.get(1).copied().unwrap_or(first);
    let circle = path.iter().chain(path.first()).copied().collect::<Vec<_>>().join(" -> ");
    let file = models.get(first).map_or("", |model| model.file.as_str());
    let error =
        DefinitionError::in_file(file, format!("models read each other in a circle: {circle}"))
            .help("move what they share into a model of its own");
    match models.get(first) {
        Some(model) => at_relation(error, model, read),
        None => error,
    }
}

fn at_relation(error: DefinitionError, model: &Model, name: &str) -> DefinitionError {
    match sql::relation_at(&model.statement, name) {
        Some((line, column)) => error.at(line, column),
        None => error,
    }
}

#[cfg(test)]
mod tests;
