//! Rulesets in a job's folder: which model each is of, and whether it fits.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use transforms::model::{Models, Planned, output};
use transforms::place::DefinitionError;
use transforms::quality::syntax::Ruleset;
use transforms::quality::{EXTENSION, Subject, check as check_rules, parse};
use transforms::sql::nearest;

use super::{Output, vars};
use crate::error::{Error, Result};
use crate::quality::{OnFailure, Rules, Variables};

/// The name of a file for the job's only model.
const ONLY: &str = "quality";

/// A file with rules.
#[derive(Debug, Clone)]
pub(super) struct RulesFile {
    /// Its name.
    pub(super) file: String,
    /// Its text with the values of its variables.
    pub(super) text: String,
    /// These variables.
    pub(super) variables: Variables,
}

impl RulesFile {
    /// Whether a file has rules, by its name.
    pub(super) fn is_one(file: &str) -> bool {
        file.rsplit_once('.').is_some_and(|(_, extension)| extension == EXTENSION)
    }

    /// Replaces the variables of a file.
    ///
    /// # Errors
    /// See [`vars::substitute`].
    pub(super) fn read(
        file: String,
        text: &str,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let used = vars::names(text).into_keys();
        let variables = used.filter_map(|name| lookup(&name).map(|value| (name, value)));
        let variables = Variables(variables.collect());
        Ok(Self { text: vars::substitute(&file, text, lookup)?, file, variables })
    }
}

/// The rulesets of a job by model.
#[derive(Debug, Clone, Default)]
pub(super) struct Rulesets(BTreeMap<String, (RulesFile, Arc<Ruleset>)>);

impl Rulesets {
    /// Reads the files of a job. `MODEL.dqdl` is of the model with that name; any other file says which one it is of by
    /// `Primary` of its `DataSources`, and `quality.dqdl` need not where the job has only one.
    ///
    /// What is wrong is added to what is known to be: what is no DQDL; a file of no model or of another than its name says, unless
    /// models were left out; two files of one model.
    pub(super) fn of_files(
        files: Vec<RulesFile>,
        models: &Models,
        errors: &mut Vec<Error>,
    ) -> Self {
        let are_all_there = errors.is_empty();
        let written = models.iter().filter(|model| !model.is_helper());
        let written: Vec<&str> = written.map(|model| model.name.as_str()).collect();
        let mut all: BTreeMap<String, (RulesFile, Arc<Ruleset>)> = BTreeMap::new();
        for read in files {
            let file = read.file.clone();
            let ruleset = match parse(&file, &read.text) {
                Ok(ruleset) => ruleset,
                Err(error) => {
                    errors.push(error.into());
                    continue;
                }
            };
            let model = match model_of(&file, &ruleset, &written) {
                Ok(model) => model,
                Err(error) => {
                    errors.extend(are_all_there.then(|| error.into()));
                    continue;
                }
            };
            if let Some((other, _)) = all.insert(model.clone(), (read, Arc::new(ruleset))) {
                let message = format!("the rules of model `{model}` are also in {}", other.file);
                let error = DefinitionError::in_file(&file, message);
                errors.push(error.help("write all rules of a model into one file").into());
            }
        }
        Self(all)
    }

    /// The rules of a model.
    pub(super) fn of(&self, model: &str, on_failure: OnFailure) -> Option<Arc<Rules>> {
        let (RulesFile { file, variables, .. }, ruleset) = self.0.get(model)?;
        let (file, variables) = (file.clone(), variables.clone());
        Some(Arc::new(Rules { file, ruleset: Arc::clone(ruleset), variables, on_failure }))
    }
}

fn model_of(
    file: &str,
    ruleset: &Ruleset,
    written: &[&str],
) -> std::result::Result<String, DefinitionError> {
    let stem = file.strip_suffix(EXTENSION).and_then(|stem| stem.strip_suffix('.'));
    let stem = stem.unwrap_or(file).to_lowercase();
    let of_name = written.iter().find(|model| **model == stem);
    let no_model = |error: DefinitionError, name: &str| match nearest(name, written.iter().copied())
    {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("there are {}", written.join(", "))),
    };
    if let Some((name, at)) = &ruleset.primary {
        let error =
            |message: String| DefinitionError::in_file(file, message).at(at.line, at.column);
        let Some(primary) = written.iter().find(|model| model.eq_ignore_ascii_case(name)) else {
            return Err(no_model(error(format!("there is no model `{name}`")), name));
        };
        return match of_name {
            Some(model) if model != primary => {
                let error =
                    error(format!("`Primary` is `{primary}` in the file of model `{model}`"));
                Err(error.help("name the file after the model that its rules are of"))
            }
            _ => Ok((*primary).to_owned()),
        };
    }
    match (of_name, written) {
        (Some(model), _) => Ok((*model).to_owned()),
        (None, [only]) if stem == ONLY => Ok((*only).to_owned()),
        (None, _) if stem == ONLY => {
            let error = DefinitionError::in_file(file, "the job has several models");
            Err(error
                .help("name the file MODEL.dqdl, or write DataSources = {\"Primary\": \"MODEL\"}"))
        }
        (None, _) => {
            let error = DefinitionError::in_file(file, format!("there is no model `{stem}`"));
            Err(no_model(error, &stem))
        }
    }
}

/// The rules that do not fit their models, of which only the columns are known.
pub(super) async fn check(outputs: &[Output], planned: &Planned) -> Vec<Error> {
    let mut errors = Vec::new();
    for output in outputs {
        errors.extend(check_of(output, planned).await.err());
    }
    errors
}

async fn check_of(output: &Output, planned: &Planned) -> Result<()> {
    let (Some(rules), Some(raw)) = (&output.rules, planned.plans.get(&output.model)) else {
        return Ok(());
    };
    let subject = Subject {
        file: &rules.file,
        model: &output.model,
        rows: output::canonical(&output.file, raw.clone())?,
        context: &planned.context,
        now: DateTime::UNIX_EPOCH,
    };
    let _fits = check_rules(&rules.ruleset, subject).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(file: &str, text: &str, written: &[&str]) -> String {
        let ruleset = parse(file, &format!("{text} Rules = [ RowCount > 0 ]")).unwrap();
        match model_of(file, &ruleset, written) {
            Ok(model) => model,
            Err(error) => format!("{error} [{}]", error.help.clone().unwrap_or_default()),
        }
    }

    #[test]
    fn a_file_is_of_the_model_that_it_is_named_after_or_that_it_names() {
        let primary = "DataSources = { \"Primary\": \"Sales\" }";
        for (file, text, written, expected) in [
            ("sales.dqdl", "", vec!["sales", "songs"], "sales"),
            ("Sales.dqdl", primary, vec!["sales", "songs"], "sales"),
            ("quality.dqdl", "", vec!["sales"], "sales"),
            ("quality.dqdl", "", vec!["quality", "sales"], "quality"),
            ("rules.dqdl", primary, vec!["sales", "songs"], "sales"),
            (
                "quality.dqdl",
                "",
                vec!["sales", "songs"],
                "quality.dqdl: the job has several models [name the file MODEL.dqdl, or write DataSources = {\"Primary\": \"MODEL\"}]",
            ),
            (
                "song.dqdl",
                "",
                vec!["sales", "songs"],
                "song.dqdl: there is no model `song` [did you mean `songs`?]",
            ),
            (
                "quality.dqdl",
                primary,
                vec!["artists"],
                "quality.dqdl:1:28: there is no model `Sales` [there are artists]",
            ),
            (
                "songs.dqdl",
                primary,
                vec!["sales", "songs"],
                "songs.dqdl:1:28: `Primary` is `sales` in the file of model `songs` [name the file after the model that its rules are of]",
            ),
        ] {
            assert_eq!(model(file, text, &written), expected, "{file} {text}");
        }
    }
}
