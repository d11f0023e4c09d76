//! `job.toml`: the target, and what a model's defaults do not fit.

use std::collections::BTreeMap;

use serde::Deserialize;
use transforms::place::DefinitionError;

use crate::job::vars;

/// The file's name.
pub const FILE: &str = "job.toml";

/// `job.toml` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobSpec {
    target: Option<String>,
    #[serde(default)]
    model: BTreeMap<String, ModelSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelSpec {
    table: Option<String>,
    key: Option<Vec<String>>,
}

/// What `job.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobConfig {
    /// The target's URL, its variables not yet replaced.
    pub target: Option<String>,
    /// Options of models by the model's name.
    pub models: BTreeMap<String, ModelConfig>,
}

/// Options of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelConfig {
    /// The table to write; the model's name if it is not given.
    pub table: Option<String>,
    /// The key's columns; the key that the SQL carries over if it is not given.
    pub key: Option<Vec<String>>,
}

impl JobConfig {
    /// Replaces the variables in all options of models.
    ///
    /// # Errors
    /// A variable without a value.
    pub fn with_variables(
        mut self,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, DefinitionError> {
        for model in self.models.values_mut() {
            let table = model.table.take();
            model.table = table.map(|table| value(&table, lookup)).transpose()?;
        }
        Ok(self)
    }
}

/// A value with its variables replaced. This happens after the parsing, so that no value can change what the file says.
///
/// # Errors
/// A variable without a value.
pub fn value(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, DefinitionError> {
    vars::substitute(FILE, text, lookup).map_err(|mut error| {
        // Its place is one in the value, not in the file.
        error.place.at = None;
        error
    })
}

/// Reads the text of `job.toml`.
///
/// # Errors
/// TOML syntax, unknown options, wrong types: with line and column.
pub fn parse(text: &str) -> Result<JobConfig, DefinitionError> {
    let spec: JobSpec = toml::from_str(text).map_err(|error| explain(text, &error))?;
    let models = spec.model.into_iter().map(|(name, model)| {
        let key = model.key.map(|key| key.iter().map(|name| name.to_lowercase()).collect());
        (name.to_lowercase(), ModelConfig { table: model.table, key })
    });
    Ok(JobConfig { target: spec.target, models: models.collect() })
}

/// The parser's own `Display` prints the line it is about, which may hold a password.
fn explain(text: &str, error: &toml::de::Error) -> DefinitionError {
    let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
    let explained = DefinitionError::in_file(FILE, message);
    let Some(span) = error.span() else { return explained };
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    explained
        .at(u64::try_from(line).unwrap_or(u64::MAX), u64::try_from(column).unwrap_or(u64::MAX))
        .help("see docs/jobs.md for what job.toml may hold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_keys_are_folded_to_lower_case() {
        let config =
            parse("target = 'sqlite:x'\n[model.Sales]\nkey = ['ID']\ntable = 'T'").unwrap();
        let model = &config.models["sales"];
        assert_eq!(model.key.as_deref(), Some(["id".to_owned()].as_slice()));
        assert_eq!(model.table.as_deref(), Some("T"));
    }

    #[test]
    fn an_unknown_option_is_refused_with_its_place() {
        let error = parse("target = 'x'\ntagret = 'y'").unwrap_err();
        assert!(error.to_string().starts_with("job.toml:2:1: unknown field `tagret`"), "{error}");
    }

    #[test]
    fn an_error_does_not_show_the_line_that_it_is_about() {
        let error = parse("target = mysql://u:secret@h/db").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
