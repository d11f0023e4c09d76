//! What a job's folder says, read and not yet planned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::execution::SessionState;
use transforms::model::{ModelFile, Models};
use transforms::source::{Source, parse_sources};
use transforms::sql::{self, Dialect};

use super::config::{self, JobConfig};
use super::rules::{RulesFile, Rulesets};
use super::vars::{self, Values};
use super::{Job, JobFolder, outputs};
use crate::digest;
use crate::error::{Error, Result};
use crate::rejects::Policy;
use crate::store::Location;

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
        let (mut files, mut rules) = (BTreeMap::new(), Vec::new());
        let (mut digests, mut values) = (BTreeMap::new(), Values::default());
        let (mut config, mut beside) = (JobConfig::default(), BTreeMap::new());
        for (file, text) in read {
            let mut note = |text: &str| {
                digests.insert(file.clone(), digest::hex(text.as_bytes(), DIGEST_BYTES))
            };
            if file == config::FILE {
                let parsed = config::parse(&text)?;
                note(&parsed.text_without_target());
                values.note(&parsed.text_without_target(), lookup);
                config = parsed.with_variables(lookup)?;
            } else if file.ends_with(".json") {
                note(&text);
                let _previous = beside.insert(file, text);
            } else if RulesFile::is_one(&file) {
                note(&text);
                values.note(&text, lookup);
                rules.push(RulesFile::read(file.clone(), &text, lookup)?);
            } else {
                note(&text);
                values.note(&text, lookup);
                let text = vars::substitute(&file, &text, lookup)?;
                let _previous = files.insert(file, text);
            }
        }
        let Some(sources) = files.remove(SOURCES) else {
            return Err(Error::usage(format!("job `{}` has no {SOURCES}", folder.name()))
                .hint("declare its sources there: CREATE EXTERNAL TABLE … STORED AS DMS …"));
        };
        let models = files.into_iter().map(|(file, text)| ModelFile { file, text }).collect();
        Ok(Self { folder, config, sources, models, rules, beside, digests, values })
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
        let Self { folder, config, sources, models, rules, beside, digests, values } = self;
        let beside = |file: &str| beside.get(file).cloned();
        let sources = parse_sources(state, SOURCES, &sources, &beside).await?.into_iter();
        let sources: Vec<Arc<Source>> =
            sources.map(|source| Arc::new(source.with_drift(config.drift))).collect();
        if let Some(source) = sources.iter().find(|source| source.may_be_shifted()) {
            return Err(transforms::place::DefinitionError::in_file(
                SOURCES,
                format!(
                    "source `{}`: drift = \"widen\" does not go together with before-images and change sequences, unless columns have names",
                    source.name
                ),
            )
            .help("a new column of the table comes before those that rules add, and would be taken for one of them: write drift = \"refuse\", or set AddColumnName at the endpoint and here, or declare 'DataFormat' 'parquet' if the objects are Parquet")
            .into());
        }
        let names: BTreeSet<String> = sources.iter().map(|source| source.name.clone()).collect();
        let models = Models::parse(state, models, &names)?;
        let rulesets = Rulesets::of_files(rules, &models)?;
        let outputs = outputs(state, &sources, &models, (&config, &rulesets)).await?;
        let location = |text: &str| rejects_location(text, folder);
        let location = config.rejects.as_deref().map(location).transpose()?;
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

/// What is wrong with each file by itself: variables without a value, syntax.
#[must_use]
pub fn problems(
    files: &[(String, String)],
    lookup: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Vec<Error> {
    let config = files.iter().find(|(file, _)| file == config::FILE);
    // Where the language of the models is not known, their syntax cannot be judged.
    let dialect = match config.map(|(_, text)| config::parse(text)) {
        Some(config) => config.ok().map(|config| config.dialect),
        None => Some(JobConfig::default().dialect),
    };
    let problem = |(file, text): &(String, String)| -> Option<Error> {
        if file == config::FILE {
            return config::parse(text)
                .and_then(|config| config.with_variables(lookup))
                .err()
                .map(Error::from);
        }
        if file.ends_with(".json") {
            return None;
        }
        if RulesFile::is_one(file) {
            return RulesFile::read(file.clone(), text, lookup).err();
        }
        let text = match vars::substitute(file, text, lookup) {
            Ok(text) => text,
            Err(error) => return Some(error.into()),
        };
        sql::parse(dialect?, file, &text).err().map(Error::from)
    };
    files.iter().filter_map(problem).collect()
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
