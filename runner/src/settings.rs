//! `unglue.toml`: what a person or a project wants by default, where neither an option nor a variable says it.
//!
//! Each key stands for a variable of the environment, and is asked for wherever the variable is: so there is one precedence.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use transforms::sql::nearest;

use crate::environment::{Default, Environment};
use crate::error::{Error, Result};
use crate::job::vars::is_name;
use crate::toml_message::without_values;

/// The file's name in the current folder.
const FILE: &str = "unglue.toml";

/// Keys of which a file that comes with a folder says nothing: one would run a program, the other write a file, and who changes
/// into somebody else's folder has asked for neither.
const OWN: [&str; 2] = ["pager", "history"];

/// The file as it is written. It may be read by others and kept in a repository: no passwords.
#[derive(Debug, std::default::Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "unglue.toml")]
struct Spec {
    /// The folder that holds the jobs' folders, relative to this file; may be s3://bucket/prefix
    jobs: Option<String>,
    /// The target of jobs whose `job.toml` asks for `${TARGET}` or names none
    target: Option<String>,
    /// How `runner sql` writes rows: table, csv, tsv, json, ndjson, markdown
    format: Option<String>,
    /// The most rows of a table on a terminal: a number, or "all"
    max_rows: Option<MaxRows>,
    /// The program that shows long results of the shell; "" for none. Only in the user's own file
    pager: Option<String>,
    /// The file of the shell's history, relative to this file; "" for none. Only in the user's own file
    history: Option<String>,
    /// How progress is shown
    progress: Option<String>,
    /// What is logged, as UNGLUE_LOG
    log: Option<String>,
    /// What stderr is written in: auto, text, json
    log_format: Option<String>,
    /// Metrics of runs, as UNGLUE_METRICS
    metrics: Option<String>,
    /// Values for `${NAME}` in the files of jobs
    #[serde(default)]
    vars: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum MaxRows {
    Rows(u64),
    Word(String),
}

impl fmt::Display for MaxRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => rows.fmt(f),
            Self::Word(word) => word.fmt(f),
        }
    }
}

/// A key, the variable that it stands for, and its value.
type Entry = (&'static str, &'static str, Option<String>);

impl Spec {
    /// All keys but `vars`; paths are relative to the file's folder.
    fn entries(self, folder: &Path) -> [Entry; 10] {
        let path = |text: Option<String>| text.map(|text| below(folder, &text));
        [
            ("jobs", "UNGLUE_JOBS", path(self.jobs)),
            ("target", "TARGET", self.target),
            ("format", "UNGLUE_FORMAT", self.format),
            ("max_rows", "UNGLUE_MAX_ROWS", self.max_rows.map(|rows| rows.to_string())),
            ("pager", "UNGLUE_PAGER", self.pager),
            ("history", "UNGLUE_HISTORY", path(self.history)),
            ("progress", "UNGLUE_PROGRESS", self.progress),
            ("log", "UNGLUE_LOG", self.log),
            ("log_format", "UNGLUE_LOG_FORMAT", self.log_format),
            ("metrics", "UNGLUE_METRICS", self.metrics),
        ]
    }
}

/// All keys.
fn keys() -> impl Iterator<Item = &'static str> {
    let entries = Spec::default().entries(Path::new(""));
    entries.into_iter().map(|(key, ..)| key).chain(["vars"])
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The user's own, or named by the user.
    Users,
    /// Whoever wrote the folder.
    Folders,
}

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Variables of the environment that have these values where they are not set.
    pub(crate) variables: BTreeMap<String, Default>,
    /// Values for `${NAME}` in the files of jobs.
    pub(crate) vars: BTreeMap<String, String>,
    /// What a person should know that it says for nothing.
    pub(crate) ignored: Vec<String>,
}

/// The schema of the file.
pub(crate) fn schema(generator: SchemaGenerator) -> Schema {
    generator.into_root_schema_for::<Spec>()
}

/// Reads the file that the environment names in `UNGLUE_CONFIG`, else `unglue.toml` in the current folder, else the user's
/// `unglue/config.toml`; without one there are no settings.
///
/// # Errors
/// Kind `Usage` for a named file that is not there, and for what is wrong in it.
pub(crate) fn read(environment: &Environment) -> Result<Settings> {
    let named = environment.variable("UNGLUE_CONFIG");
    let files = match named {
        // Nothing in it: no file, whatever there is.
        Some("") => return Ok(Settings::default()),
        Some(named) => vec![(PathBuf::from(named), Whose::Users)],
        None => usual(environment),
    };
    for (file, whose) in files {
        match std::fs::read_to_string(&file) {
            Ok(text) => return parse(&file, whose, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {}
            Err(error) => {
                let message = format!("{} cannot be read", file.display());
                return Err(Error::usage(message)
                    .hint("UNGLUE_CONFIG names the file of defaults; set it to nothing for none")
                    .source(error));
            }
        }
    }
    Ok(Settings::default())
}

fn usual(environment: &Environment) -> Vec<(PathBuf, Whose)> {
    let own = environment.first_of(&["XDG_CONFIG_HOME"]).map(PathBuf::from);
    let own = own.filter(|folder| folder.is_absolute());
    let home = || Some(Path::new(environment.first_of(&["HOME"])?).join(".config"));
    let own = own.or_else(home).map(|folder| folder.join("unglue/config.toml"));
    let own = own.map(|own| (own, Whose::Users));
    std::iter::once((PathBuf::from(FILE), Whose::Folders)).chain(own).collect()
}

fn parse(file: &Path, whose: Whose, text: &str) -> Result<Settings> {
    let bad = |error: &toml::de::Error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| {
            // The parser's own text shows the line, which may hold a password.
            format!(":{}", before.matches('\n').count() + 1)
        });
        let message = without_values(error.message());
        let place = format!("{}{}", file.display(), line.unwrap_or_default());
        Error::usage(format!("{place}: {message}")).hint(hint(error.message()))
    };
    let mut spec: Spec = toml::from_str(text).map_err(|error| bad(&error))?;
    if let Some(name) = spec.vars.keys().find(|name| !is_name(name)) {
        return Err(Error::usage(format!("{}: vars: `{name}` is no name", file.display()))
            .hint("a name is made of letters, digits and `_`"));
    }
    let mut settings = Settings { vars: std::mem::take(&mut spec.vars), ..Settings::default() };
    for (key, variable, value) in spec.entries(file.parent().unwrap_or(Path::new(""))) {
        let Some(value) = value else { continue };
        let named = format!("`{key}` in {}", file.display());
        if whose == Whose::Folders && OWN.contains(&key) {
            settings.ignored.push(format!(
                "{named} is ignored: only your own unglue/config.toml and the file that UNGLUE_CONFIG names may say it"
            ));
            continue;
        }
        let _new = settings.variables.insert(variable.to_owned(), Default { value, named });
    }
    Ok(settings)
}

fn below(folder: &Path, text: &str) -> String {
    match text.is_empty() || text.contains("://") {
        true => text.to_owned(),
        false => folder.join(text).to_string_lossy().into_owned(),
    }
}

/// What may help: the key that was meant.
fn hint(message: &str) -> String {
    let wrong = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    match wrong.and_then(|wrong| nearest(wrong, keys())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "docs/operations.md says what the file of defaults may hold".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(settings: &Settings, name: &str) -> Option<String> {
        settings.variables.get(name).map(|default| default.value.clone())
    }

    #[test]
    fn keys_stand_for_variables_and_paths_are_beside_the_file() {
        let text =
            "jobs = 'jobs'\nmax_rows = 100\npager = ''\nhistory = ''\n[vars]\nSTAGING = 's3://b'";
        let settings = parse(Path::new("/etc/u/unglue.toml"), Whose::Users, text).unwrap();
        assert_eq!(value(&settings, "UNGLUE_JOBS").as_deref(), Some("/etc/u/jobs"));
        assert_eq!(value(&settings, "UNGLUE_MAX_ROWS").as_deref(), Some("100"));
        assert_eq!(value(&settings, "UNGLUE_PAGER").as_deref(), Some(""));
        assert_eq!(value(&settings, "UNGLUE_HISTORY").as_deref(), Some(""));
        assert_eq!(value(&settings, "TARGET"), None);
        assert_eq!(settings.vars["STAGING"], "s3://b");
        let bucket =
            parse(Path::new("unglue.toml"), Whose::Folders, "jobs = 's3://b/jobs'").unwrap();
        assert_eq!(value(&bucket, "UNGLUE_JOBS").as_deref(), Some("s3://b/jobs"));
    }

    #[test]
    fn a_folders_file_names_no_program_and_no_file_to_write() {
        let text = "pager = 'rm -r x'\nhistory = 'x'\nmax_rows = 'all'";
        let settings = parse(Path::new("unglue.toml"), Whose::Folders, text).unwrap();
        assert_eq!(settings.variables.len(), 1);
        assert_eq!(value(&settings, "UNGLUE_MAX_ROWS").as_deref(), Some("all"));
        let [pager, history] = &settings.ignored[..] else { panic!("{settings:?}") };
        assert!(pager.starts_with("`pager` in unglue.toml is ignored"), "{pager}");
        assert!(history.starts_with("`history` in unglue.toml is ignored"), "{history}");
        let own = parse(Path::new("/h/config.toml"), Whose::Users, text).unwrap();
        assert_eq!((own.variables.len(), own.ignored.len()), (3, 0));
        let files = usual(&[("HOME".to_owned(), "/h".to_owned())].into_iter().collect());
        let whose: Vec<Whose> = files.into_iter().map(|(_, whose)| whose).collect();
        assert_eq!(whose, [Whose::Folders, Whose::Users]);
    }

    #[test]
    fn each_key_of_the_file_is_read() {
        let schema = schema(schemars::generate::SchemaSettings::draft2020_12().into_generator());
        let mut keys: Vec<&str> = schema
            .get("properties")
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut read: Vec<&str> = super::keys().collect();
        keys.sort_unstable();
        read.sort_unstable();
        assert_eq!(keys, read);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
        for (text, said, next) in [
            ("\nfromat = 'csv'", "u.toml:2: unknown field `fromat`", "did you mean `format`?"),
            ("target = mysql://u:secret@h", "u.toml:1: ", "docs/operations.md"),
            ("vars = { 'a-b' = '' }", "u.toml: vars: `a-b`", "letters"),
            ("jobs = 1", "u.toml:1: invalid type", "docs/operations.md"),
        ] {
            let error = parse(Path::new("u.toml"), Whose::Users, text).unwrap_err();
            assert!(error.to_string().starts_with(said), "{error}");
            assert!(error.next_step().unwrap().contains(next), "{error:?}");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }

    #[test]
    fn the_users_file_is_where_the_desktop_has_it() {
        let environment = |pairs: &[(&str, &str)]| -> Environment {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let own = |pairs| usual(&environment(pairs)).get(1).cloned().map(|(own, _)| own);
        assert_eq!(own(&[]), None);
        assert_eq!(own(&[("HOME", "/h")]), Some("/h/.config/unglue/config.toml".into()));
        let both = [("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")];
        assert_eq!(own(&both), Some("/x/unglue/config.toml".into()));
        let none = environment(&[("UNGLUE_CONFIG", "")]);
        assert_eq!(read(&none).unwrap(), Settings::default());
        let missing = environment(&[("UNGLUE_CONFIG", "/nowhere/u.toml")]);
        assert!(read(&missing).is_err());
    }
}
