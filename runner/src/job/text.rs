//! What a job's folder says, read and not yet planned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::execution::SessionState;
use transforms::model::{ModelFile, Models, model_name};
use transforms::place::Place;
use transforms::source::{Source, parse_each_source};
use transforms::sql::{self, Dialect};

use super::config::{self, JobConfig};
use super::rules::{RulesFile, Rulesets};
use super::vars::{self, Values};
use super::{Job, JobFolder, outputs_each};
use crate::digest;
use crate::error::{Error, Result};
use crate::rejects::Policy;
use crate::store::{Location, Places};

/// The declaration of sources.
pub(super) const SOURCES: &str = "sources.sql";

/// Bytes of a file's digest: all of SHA-256.
const DIGEST_BYTES: usize = 32;

/// The files of a job, with the values of their variables.
#[derive(Debug)]
pub struct JobText<'a> {
    folder: &'a JobFolder,
    config: JobConfig,
    sources: String,
    models: Vec<ModelFile>,
    rules: Vec<RulesFile>,
    /// JSON that OPTIONS name.
    beside: BTreeMap<String, String>,
    /// See [`Job::files`].
    digests: BTreeMap<String, String>,
    /// See [`Job::values`].
    values: Values,
    /// What is wrong already: of models and rules, which are not among these then.
    wrong: Vec<Error>,
    /// The names of these models.
    wrong_models: BTreeSet<String>,
}

impl<'a> JobText<'a> {
    /// Reads a job. Nothing is read but its own folder.
    ///
    /// # Errors
    /// Kind `Usage`, with file, line and column: a folder without a job, variables without a value, a `job.toml` that says
    /// something unknown.
    pub async fn read(
        folder: &'a JobFolder,
        lookup: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Self> {
        Self::of(folder, folder.files().await?, lookup)
    }

    /// The same of files that have been read: names and texts.
    ///
    /// # Errors
    /// See [`Self::read`].
    pub fn of(
        folder: &'a JobFolder,
        read: Vec<(String, String)>,
        lookup: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Self> {
        let mut text = Self::of_each(folder, read, lookup).map_err(first)?;
        match text.wrong.is_empty() {
            true => Ok(text),
            false => Err(text.wrong.swap_remove(0)),
        }
    }

    /// The same, where a model or rules that are wrong keep nobody from looking at the others.
    ///
    /// # Errors
    /// Those of [`Self::read`], one of each file, where job.toml or sources.sql is among these.
    pub fn of_each(
        folder: &'a JobFolder,
        read: Vec<(String, String)>,
        lookup: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> std::result::Result<Self, Vec<Error>> {
        let (mut files, mut rules) = (BTreeMap::new(), Vec::new());
        let (mut digests, mut values) = (BTreeMap::new(), Values::default());
        let (mut config, mut beside) = (JobConfig::default(), BTreeMap::new());
        let (mut wrong, mut wrong_models) = (Vec::new(), BTreeSet::new());
        let mut is_readable = true;
        for (file, text) in read {
            let mut note = |text: &str| {
                digests.insert(file.clone(), digest::hex(text.as_bytes(), DIGEST_BYTES))
            };
            if file == config::FILE {
                let read = config::parse(&text).and_then(|parsed| {
                    note(&parsed.text_without_target());
                    values.note(&parsed.text_without_target(), lookup);
                    parsed.with_variables(lookup)
                });
                match read {
                    Ok(read) => config = read,
                    Err(error) => {
                        wrong.push(error.into());
                        is_readable = false;
                    }
                }
            } else if file.ends_with(".json") {
                note(&text);
                let _previous = beside.insert(file, text);
            } else if RulesFile::is_one(&file) {
                note(&text);
                values.note(&text, lookup);
                match RulesFile::read(file.clone(), &text, lookup) {
                    Ok(read) => rules.push(read),
                    Err(error) => wrong.push(error),
                }
            } else {
                note(&text);
                values.note(&text, lookup);
                match vars::substitute(&file, &text, lookup) {
                    Ok(text) => {
                        let _previous = files.insert(file, text);
                    }
                    Err(error) => {
                        wrong.push(error.into());
                        is_readable &= file != SOURCES;
                        let _is_news = wrong_models.insert(model_name(&file));
                    }
                }
            }
        }
        let sources = files.remove(SOURCES);
        if sources.is_none() && !wrong_models.contains(&model_name(SOURCES)) {
            let error = Error::usage(format!("job `{}` has no {SOURCES}", folder.name()));
            wrong.push(
                error.hint("declare its sources there: CREATE EXTERNAL TABLE … STORED AS DMS …"),
            );
        }
        let models = files.into_iter().map(|(file, text)| ModelFile { file, text }).collect();
        match sources {
            Some(sources) if is_readable => Ok(Self {
                folder,
                config,
                sources,
                models,
                rules,
                beside,
                digests,
                values,
                wrong,
                wrong_models,
            }),
            _ => Err(wrong),
        }
    }

    /// The language of the job's models.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.config.dialect
    }

    /// The target's URL, if the job names one. Its variables are asked for here, since a target that is given otherwise
    /// does not need them.
    ///
    /// # Errors
    /// A variable without a value.
    pub fn target(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>> {
        let value = |text: &String| config::value(text, lookup);
        Ok(self.config.target.as_ref().map(value).transpose()?)
    }

    /// Plans the job.
    ///
    /// # Errors
    /// Kind `Usage`, with file, line and column, for everything that can be wrong in it.
    pub async fn check(self, state: &SessionState) -> Result<Job> {
        self.check_each(state).await.map_err(first)
    }

    /// The same with all that is wrong: the first of each declaration and of each model. Where a declaration is wrong, of models only
    /// the syntax is judged.
    ///
    /// # Errors
    /// At least one of those of [`Self::check`].
    pub async fn check_each(self, state: &SessionState) -> std::result::Result<Job, Vec<Error>> {
        let Self { folder, config, models, rules, beside, digests, values, .. } = self;
        let declared = self.sources;
        let (mut errors, wrong) = (self.wrong, self.wrong_models);
        let beside = |file: &str| beside.get(file).cloned();
        let sources = match parse_each_source(state, SOURCES, &declared, &beside).await {
            Ok(sources) => sources,
            Err(of_sources) => {
                errors.extend(of_sources.into_iter().map(Error::from));
                errors.extend(models.iter().filter_map(|ModelFile { file, text }| {
                    sql::parse_select(config.dialect, file, text).err().map(Error::from)
                }));
                return Err(errors);
            }
        };
        let drift = config.drift;
        let sources: Vec<Arc<Source>> =
            sources.into_iter().map(|source| Arc::new(source.with_drift(drift))).collect();
        errors.extend(sources.iter().find(|source| source.may_be_shifted()).map(shifted));
        let names: BTreeSet<String> = sources.iter().map(|source| source.name.clone()).collect();
        let (models, of_models) = Models::parse_each(state, models, &names, wrong);
        errors.extend(of_models.into_iter().map(Error::from));
        let rulesets = Rulesets::of_files(rules, &models, &mut errors);
        let outputs = outputs_each(state, &sources, &models, (&config, &rulesets), &mut errors);
        let outputs = outputs.await.map_err(|error| vec![error])?;
        let wrong = sources.iter().zip(places(&declared, sources.len()));
        let wrong = wrong.filter_map(|(source, at)| wrong_places(source, at, folder));
        errors.extend(wrong);
        let location = |text: &str| rejects_location(text, folder);
        let location = config.rejects.as_deref().map(location).transpose();
        let location = location.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Job {
            name: folder.name().clone(),
            sources,
            models,
            outputs,
            rejects: Policy { most: config.rejected_rows, location },
            vanished: config.vanished,
            late_window_minutes: config.late_window_minutes,
            files: digests,
            values,
            config,
            rulesets,
        })
    }
}

/// The first of what is wrong.
fn first(errors: Vec<Error>) -> Error {
    errors.into_iter().next().unwrap_or_else(|| Error::failed("the job is wrong"))
}

/// The places of the sources' LOCATIONs in the text of the declarations.
fn places(declared: &str, sources: usize) -> Vec<Option<(u64, u64)>> {
    let found = sql::locations(declared);
    match found.len() == sources {
        true => found.into_iter().map(Some).collect(),
        false => vec![None; sources],
    }
}

/// What is wrong with where a source's objects are, at its LOCATION.
fn wrong_places(source: &Source, at: Option<(u64, u64)>, folder: &JobFolder) -> Option<Error> {
    let error = Places::of(source, Some(folder.location())).err()?;
    let place = Place { file: SOURCES.to_owned(), at };
    Some(error.about(&format!("{place}: ")).at(place))
}

/// That new columns of a source would be taken for others.
fn shifted(source: &Arc<Source>) -> Error {
    let message = format!(
        "source `{}`: drift = \"widen\" does not go together with before-images and change sequences, unless columns have names",
        source.name
    );
    let error = transforms::place::DefinitionError::in_file(SOURCES, message);
    error.help("a new column of the table comes before those that rules add, and would be taken for one of them: write drift = \"refuse\", or set AddColumnName at the endpoint and here, or declare 'DataFormat' 'parquet' if the objects are Parquet").into()
}

/// The names of the variables in a job's files.
#[must_use]
pub fn variables(files: &[(String, String)]) -> BTreeSet<String> {
    let replaced = files.iter().filter(|(file, _)| !file.ends_with(".json"));
    replaced.flat_map(|(_, text)| vars::names(text).into_keys()).collect()
}

/// Relative to the job's folder, as all locations are.
fn rejects_location(text: &str, folder: &JobFolder) -> Result<Location> {
    Location::parse(text, Some(folder.location()))
        .map_err(|error| error.about(&format!("{}: rejects: ", config::FILE)))
}
