//! A job: a folder with `sources.sql`, models and `job.toml`, checked before anything is read or written.

pub mod config;
mod folder;
mod rules;
mod text;
pub mod vars;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::execution::SessionState;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::LogicalPlan;
use sha2::{Digest, Sha256};
use transforms::dms::csv::BadRows;
use transforms::dms::{DriftPolicy, Extent};
use transforms::model::uses::uses_column;
use transforms::model::way::{self, Analysis};
use transforms::model::{Model, Models, output};
use transforms::place::DefinitionError;
use transforms::scan::{FrozenTable, Loads, SourceTable};
use transforms::source::Source;
use transforms::sql::{Dialect, call_at, nearest};
use transforms::staging::Vanished;

use crate::error::{Error, Kind, Result};
use crate::guard::Guard;
use crate::quality::Rules;
use crate::rejects::Policy;
use crate::target::name::TableName;
use config::{JobConfig, ModelConfig};

pub use folder::{JobFolder, JobsLocation};
use rules::Rulesets;
pub use staged::job::JobName;
pub use text::{JobText, variables};
use vars::Values;

/// Part of each model's fingerprint: to be changed when the same SQL comes to mean something else, so that tables are
/// built anew instead of being half old and half new.
pub(crate) const MEANING_VERSION: &str = "3";

/// A checked job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name.
    pub name: JobName,
    /// Its sources as declared.
    pub sources: Vec<Arc<Source>>,
    /// Its models, parsed and in order.
    pub models: Models,
    /// The models that are written, in that order.
    pub outputs: Vec<Output>,
    /// What becomes of bad rows.
    pub rejects: Policy,
    /// What to do about applied objects that are gone, unless a run is told otherwise.
    pub vanished: Vanished,
    /// How much older than the newest applied change an object may be that comes late and is still found at once; 0 to look at
    /// everything in each run.
    pub late_window_minutes: u32,
    /// Its files, with the digests of their texts before variables are replaced; of `job.toml` without the target, which may hold a
    /// secret.
    pub files: BTreeMap<String, String>,
    /// The variables in them, but for those of the target.
    pub values: Values,
    config: JobConfig,
    rulesets: Rulesets,
}

/// A model that is written to a table.
#[derive(Debug, Clone)]
pub struct Output {
    /// The model's name.
    pub model: String,
    /// The file that it is in.
    pub file: String,
    /// Where it is written.
    pub table: TableName,
    /// Its columns in the types that targets take.
    pub schema: SchemaRef,
    /// Indices of its key's columns; empty without one.
    pub key: Vec<usize>,
    /// Whether the key is unique by construction.
    pub key_is_proven: bool,
    /// How its delta is found.
    pub analysis: Analysis,
    /// What one run may take away from its table.
    pub guard: Guard,
    /// What must hold of its rows. No part of its fingerprint: they do not determine the rows.
    pub rules: Option<Arc<Rules>>,
    /// Stands for all that determines its result; another one means that the table must be built anew.
    pub fingerprint: String,
}

impl Output {
    /// The names of the key's columns.
    #[must_use]
    pub fn key_names(&self) -> Vec<String> {
        self.key.iter().map(|index| self.schema.field(*index).name().clone()).collect()
    }
}

impl From<DefinitionError> for Error {
    fn from(error: DefinitionError) -> Self {
        let converted = Self::new(Kind::Usage, error.to_string()).at(error.place);
        match error.help {
            Some(help) => converted.hint(help),
            None => converted,
        }
    }
}

impl Job {
    /// The job over sources that have more columns than declared: extents by source.
    ///
    /// # Errors
    /// Kind `Refused` for columns that cannot be added, and for models that cannot be planned with them.
    pub async fn widened(
        &self,
        extents: &BTreeMap<String, Extent>,
        state: &SessionState,
    ) -> Result<Self> {
        let widen = |source: &Arc<Source>| match extents.get(&source.name) {
            None => Ok(Arc::clone(source)),
            Some(extent) => source.widened(extent).map(Arc::new).map_err(|error| {
                let message =
                    format!("the objects of source `{}` do not fit: {error}", source.name);
                Error::refused(message).hint("declare the columns of its objects in sources.sql")
            }),
        };
        let sources: Vec<Arc<Source>> = self.sources.iter().map(widen).collect::<Result<_>>()?;
        let added: Vec<&str> = sources.iter().flat_map(|source| source.added()).collect();
        let outputs = outputs(state, &sources, &self.models, (&self.config, &self.rulesets)).await.map_err(|error| {
            let message = format!(
                "the models cannot take the columns that sources have more than declared ({}): {error}",
                added.join(", ")
            );
            Error::refused(message).hint("name the columns in the SELECT instead of *, or declare them in sources.sql")
        })?;
        Ok(Self { sources, outputs, ..self.clone() })
    }
}

impl Job {
    /// What is done with objects that are wider or narrower than declared.
    #[must_use]
    pub fn drift(&self) -> DriftPolicy {
        self.config.drift
    }
}

/// Sources without rows: enough to plan over.
pub(crate) fn empty_tables(sources: &[Arc<Source>]) -> Vec<(String, Arc<dyn TableProvider>)> {
    let empty = |source: &Arc<Source>| {
        let table = FrozenTable {
            source: Arc::clone(source),
            store: ObjectStoreUrl::local_filesystem(),
            name: None,
            objects: Vec::new(),
            bad_rows: BadRows::Refuse,
            loads: Loads::Any,
            before: None,
        };
        let table: Arc<dyn TableProvider> = Arc::new(SourceTable::new(Arc::new(table)));
        (source.name.clone(), table)
    };
    sources.iter().map(empty).collect()
}

/// Plans all models over empty sources, which tells everything about them but their rows.
async fn outputs(
    state: &SessionState,
    sources: &[Arc<Source>],
    models: &Models,
    definition: (&JobConfig, &Rulesets),
) -> Result<Vec<Output>> {
    let mut errors = Vec::new();
    let outputs = outputs_each(state, sources, models, definition, &mut errors).await?;
    errors.into_iter().next().map_or(Ok(outputs), Err)
}

/// The same; all that is wrong is added to what is known to be. Where models are left out for that, what is known of all models
/// together is not judged.
///
/// # Errors
/// What leaves no model to look at.
async fn outputs_each(
    state: &SessionState,
    sources: &[Arc<Source>],
    models: &Models,
    (config, rulesets): (&JobConfig, &Rulesets),
    errors: &mut Vec<Error>,
) -> Result<Vec<Output>> {
    let are_all_there = errors.is_empty();
    let (planned, wrong) = models.plan_each(state, empty_tables(sources)).await?;
    errors.extend(wrong.into_iter().map(Error::from));
    let written: Vec<_> = models.iter().filter(|model| !model.is_helper()).collect();
    if are_all_there {
        errors.extend(unfitting(config, &written));
    }
    let mut outputs = Vec::new();
    for model in written {
        let Some(raw) = planned.plans.get(&model.name) else { continue };
        let own = config.models.get(&model.name).cloned().unwrap_or_default();
        let own = ModelConfig {
            guard: own.guard.or(Some(config.guard)),
            quality: own.quality.or(Some(config.quality)),
            ..own
        };
        // The same text is another SELECT in another language.
        let language = match Dialect::of(state) {
            Dialect::Spark => "",
            Dialect::DataFusion => "datafusion: ",
        };
        let meaning = format!("{language}{}", models.meaning(&model.name));
        match output_of(&model.name, &model.file, raw, &own, &meaning, sources) {
            Ok(Output { analysis: Analysis { volatile: Some(function), .. }, .. }) => {
                errors.push(of_volatile(models, model, &function).into());
            }
            Ok(mut output) => {
                output.rules = rulesets.of(&model.name, own.quality.unwrap_or_default());
                outputs.push(output);
            }
            Err(error) => errors.push(error),
        }
    }
    errors.extend(check_tables(&outputs).err());
    errors.extend(rules::check(&outputs, &planned).await);
    Ok(outputs)
}

/// What job.toml says of models that are not there; that there are none.
fn unfitting(config: &JobConfig, written: &[&Model]) -> Vec<Error> {
    if written.is_empty() {
        return vec![
            Error::usage("the job has no model")
                .hint("put one SELECT in a file of its own; the file's name is the table's name"),
        ];
    }
    let names = || written.iter().map(|model| model.name.as_str());
    let unknown = config.models.keys().filter(|name| !names().any(|known| known == *name));
    let told = unknown.map(|name| {
        let error = DefinitionError::in_file(config::FILE, format!("there is no model `{name}`"));
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the name of a model is that of its file without .sql".to_owned(),
        };
        Error::from(error.help(help))
    });
    told.collect()
}

/// A model calls a function that gives another value each time, itself or in a model that it reads.
fn of_volatile(models: &Models, model: &Model, function: &str) -> DefinitionError {
    let own = std::iter::once(model);
    let found = own.chain(models.iter()).find_map(|model| {
        let (written, at) = call_at(&model.statement, function)?;
        Some((written, &model.file, at))
    });
    let told = |function: &str| format!("`{function}` gives another value at each call");
    let error = match found {
        Some((written, file, (line, column))) => {
            DefinitionError::in_file(file, told(&written)).at(line, column)
        }
        None => DefinitionError::in_file(&model.file, told(function)),
    };
    error.help("a table cannot be kept equal to such a SELECT; derive the value from the row")
}

fn output_of(
    model: &str,
    file: &str,
    raw: &LogicalPlan,
    config: &ModelConfig,
    meaning: &str,
    sources: &[Arc<Source>],
) -> Result<Output> {
    let canonical = output::canonical(file, raw.clone())?;
    let schema = output::schema(raw, &canonical);
    let named = config.key.as_ref().map(|key| named_key(model, key, &schema)).transpose()?;
    let engine = |error: datafusion::error::DataFusionError| {
        Error::failed(format!("{file}: the plan cannot be analysed")).source(error)
    };
    let analysis = way::analyze(raw, named.as_deref()).map_err(engine)?;
    let key = analysis.key.clone().unwrap_or_default();
    let key_is_proven = way::is_proven(raw, &key).map_err(engine)?;
    let table: TableName = config.table.as_deref().unwrap_or(model).parse().map_err(|error| {
        DefinitionError::in_file(config::FILE, format!("model `{model}`: {error}"))
    })?;
    let declared: Vec<&str> = sources
        .iter()
        .filter(|source| analysis.sources.contains(&source.name))
        .map(|source| source.definition.as_str())
        .collect();
    let added = added_columns(raw, sources, &analysis).map_err(engine)?;
    let (declared, name, key_text) = (declared.join("\n"), table.to_string(), format!("{key:?}"));
    let mut parts = vec![MEANING_VERSION, meaning, &declared, &name, &key_text];
    parts.extend(added.iter().map(String::as_str));
    let fingerprint = fingerprint(&parts);
    let (model, file) = (model.to_owned(), file.to_owned());
    let guard = config.guard.unwrap_or_default();
    let rules = None;
    Ok(Output {
        model,
        file,
        table,
        schema,
        key,
        key_is_proven,
        analysis,
        guard,
        rules,
        fingerprint,
    })
}

/// Columns beyond the declaration that a model's result depends on. One that is not used is no reason to build its table anew.
fn added_columns(
    raw: &LogicalPlan,
    sources: &[Arc<Source>],
    analysis: &Analysis,
) -> datafusion::error::Result<Vec<String>> {
    let mut used = Vec::new();
    for source in sources.iter().filter(|source| analysis.sources.contains(&source.name)) {
        for column in source.added() {
            if uses_column(raw, column)? {
                used.push(format!("{}.{column}", source.name));
            }
        }
    }
    Ok(used)
}

fn named_key(model: &str, key: &[String], schema: &Schema) -> Result<Vec<usize>> {
    if key.is_empty() {
        return Ok(Vec::new());
    }
    key.iter()
        .map(|name| {
            schema
                .fields()
                .iter()
                .position(|field| field.name().eq_ignore_ascii_case(name))
                .ok_or_else(|| {
                    let names: Vec<&str> =
                        schema.fields().iter().map(|field| field.name().as_str()).collect();
                    let message = format!("model `{model}` has no column `{name}` for its key");
                    DefinitionError::in_file(config::FILE, message)
                        .help(format!("its columns are {}", names.join(", ")))
                        .into()
                })
        })
        .collect()
}

/// Two models must not write the same table.
fn check_tables(outputs: &[Output]) -> Result<()> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for output in outputs {
        let table = output.table.to_string().to_lowercase();
        if output.table.name().to_lowercase().starts_with("unglue_") {
            let message = format!("model `{}` writes a table `{table}`", output.model);
            return Err(DefinitionError::in_file(config::FILE, message)
                .help("names that begin with unglue_ are the ledger's; choose another")
                .into());
        }
        if let Some(other) = seen.insert(table, &output.model) {
            return Err(DefinitionError::in_file(
                config::FILE,
                format!("models `{other}` and `{}` write the same table", output.model),
            )
            .help("give one of them another table: [model.NAME] table = \"…\"")
            .into());
        }
    }
    Ok(())
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
