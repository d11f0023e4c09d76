//! `job.toml`: the target, and what a model's defaults do not fit.

mod spec;

use std::collections::BTreeMap;

use schemars::{Schema, SchemaGenerator};
use staged::LATE_MINUTES;
use transforms::dms::DriftPolicy;
use transforms::place::DefinitionError;
use transforms::sql::{Dialect, nearest};
use transforms::staging::Vanished;

use crate::guard::Guard;
use crate::job::vars;
use crate::quality::OnFailure;
use crate::rejects::REJECTED_ROWS_MAX;
use crate::toml_message::without_values;
use spec::JobSpec;

/// The file's name.
pub const FILE: &str = "job.toml";

/// What `job.toml` says.
#[derive(Debug, Clone, PartialEq)]
pub struct JobConfig {
    /// The target's URL, its variables not yet replaced.
    pub target: Option<String>,
    /// The language of its models.
    pub dialect: Dialect,
    /// How many bad rows may be set aside.
    pub rejected_rows: u64,
    /// Where they are kept; there if some may be.
    pub rejects: Option<String>,
    /// What to do about applied objects that are gone.
    pub vanished: Vanished,
    /// How much older than the newest applied change an object may be that comes late and is still found at once.
    pub late_window_minutes: u32,
    /// What one run may take away from the tables of models that say nothing else.
    pub guard: Guard,
    /// What becomes of a run whose rules fail, of models that say nothing else.
    pub quality: OnFailure,
    /// What is done with objects that are wider or narrower than declared.
    pub drift: DriftPolicy,
    /// Options of models by the model's name.
    pub models: BTreeMap<String, ModelConfig>,
}

/// Options of a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelConfig {
    /// The table to write; the model's name if it is not given.
    pub table: Option<String>,
    /// The key's columns; the key that the SQL carries over if it is not given.
    pub key: Option<Vec<String>>,
    /// What one run may take away from its table, if it is not what the job says.
    pub guard: Option<Guard>,
    /// What becomes of a run whose rules fail, if it is not what the job says.
    pub quality: Option<OnFailure>,
}

/// As an empty file says it.
impl Default for JobConfig {
    fn default() -> Self {
        Self::from(JobSpec::default())
    }
}

impl JobConfig {
    /// All that the file says but for the target, as one text, its variables not yet replaced.
    #[must_use]
    pub fn text_without_target(&self) -> String {
        format!("{:?}", Self { target: None, ..self.clone() })
    }

    /// Replaces the variables in all options but the target.
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
        self.rejects = self.rejects.map(|rejects| value(&rejects, lookup)).transpose()?;
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

/// The schema of the file.
pub(crate) fn schema(generator: SchemaGenerator) -> Schema {
    generator.into_root_schema_for::<JobSpec>()
}

/// Reads the text of `job.toml`.
///
/// # Errors
/// TOML syntax, unknown options, wrong types: with line and column.
pub fn parse(text: &str) -> Result<JobConfig, DefinitionError> {
    let spec: JobSpec = toml::from_str(text).map_err(|error| explain(text, &error))?;
    if spec.rejected_rows > REJECTED_ROWS_MAX {
        let message = format!("rejected_rows is {}", spec.rejected_rows);
        return Err(DefinitionError::in_file(FILE, message)
            .help(format!("at most {REJECTED_ROWS_MAX} rows can be set aside")));
    }
    if spec.rejected_rows > 0 && spec.rejects.is_none() {
        return Err(DefinitionError::in_file(FILE, "rejected_rows without rejects")
            .help("say where the rows are kept: rejects = \"s3://bucket/prefix/\" or a folder"));
    }
    if let Some(minutes) = spec.late_window_minutes
        && (1..=LATE_MINUTES).contains(&i64::from(minutes))
    {
        let message = format!("late_window_minutes is {minutes}");
        return Err(DefinitionError::in_file(FILE, message).help(format!(
            "write at least {}, since clocks differ; or 0, with which each run looks at everything",
            LATE_MINUTES + 1
        )));
    }
    Ok(spec.into())
}

/// The key or the word that is like the unknown one of a message, which names those that are known.
fn meant(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("unknown ")?;
    let mut names = rest.split('`').skip(1).step_by(2);
    let wrong = names.next()?;
    nearest(wrong, names)
}

/// What to write for names of columns that are no list. Any other value may be a secret.
fn as_list(text: &str, error: &toml::de::Error) -> Option<String> {
    if !error.message().ends_with("expected a sequence") {
        return None;
    }
    let span = error.span()?;
    let option = text.get(..span.start)?.trim_end().strip_suffix('=')?.trim_end();
    if !option.ends_with("key") {
        return None;
    }
    let value = text.get(span)?.trim_matches(['"', '\'']);
    let names = value.split(',').map(str::trim);
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let quoted: Option<Vec<String>> =
        names.map(|name| is_name(name).then(|| format!("\"{name}\""))).collect();
    Some(format!("key = [{}]", quoted?.join(", ")))
}

/// The parser's own `Display` prints the line it is about, which may hold a password.
fn explain(text: &str, error: &toml::de::Error) -> DefinitionError {
    let message = without_values(error.message());
    let help = match (meant(error.message()), as_list(text, error)) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(list)) => format!("write a list: {list}"),
        (None, None) => "see docs/jobs.md for what job.toml may hold".to_owned(),
    };
    let explained = DefinitionError::in_file(FILE, message).help(help);
    let Some(span) = error.span() else { return explained };
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    explained.at(u64::try_from(line).unwrap_or(u64::MAX), u64::try_from(column).unwrap_or(u64::MAX))
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
    fn a_key_that_is_no_list_is_written_as_one() {
        for (text, help) in [
            ("[model.a]\nkey=\"id\"", "write a list: key = [\"id\"]"),
            ("model.a.key = 'day, id'", "write a list: key = [\"day\", \"id\"]"),
            ("model.a.key = 'a;b'", "see docs/jobs.md for what job.toml may hold"),
            ("model.a.key = 5", "write a list: key = [\"5\"]"),
        ] {
            assert_eq!(parse(text).unwrap_err().help.unwrap(), help, "{text}");
        }
    }

    #[test]
    fn rows_that_are_set_aside_need_a_place_and_are_bounded() {
        for (text, said) in [
            ("rejected_rows = 1", "job.toml: rejected_rows without rejects"),
            ("rejected_rows = 10001\nrejects = 'x'", "job.toml: rejected_rows is 10001"),
            ("rejected_rows = -1\nrejects = 'x'", "job.toml:1:17"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text}: {error}");
        }
        let config = parse("rejected_rows = 10000\nrejects = '${B}/x'").unwrap();
        let config = config.with_variables(&|_| Some("s3://b".to_owned())).unwrap();
        assert_eq!((config.rejected_rows, config.rejects.as_deref()), (10_000, Some("s3://b/x")));
    }

    #[test]
    fn a_models_guard_is_the_jobs_where_it_says_nothing_else() {
        let config = parse(
            "[guard]\nmax_delete_share = 0.2\nallow_empty = true\n[model.a.guard]\nmax_delete_share = 1\ntake_over = true\nreset_columns = true\n[model.b]",
        )
        .unwrap();
        let job = Guard { max_delete_share: Some(0.2), allow_empty: true, ..Guard::default() };
        assert_eq!(config.guard, job);
        assert_eq!(config.models["b"].guard, Some(job));
        let own =
            Guard { max_delete_share: Some(1.0), take_over: true, reset_columns: true, ..job };
        assert_eq!(config.models["a"].guard, Some(own));
        assert_eq!(parse("").unwrap().guard, Guard::default());
    }

    #[test]
    fn a_model_says_for_itself_what_becomes_of_a_run_whose_rules_fail() {
        let config = parse(
            "[quality]\non_failure = 'report'\n[model.a.quality]\non_failure = 'refuse'\n[model.b]",
        )
        .unwrap();
        assert_eq!(config.quality, OnFailure::Report);
        assert_eq!(config.models["a"].quality, Some(OnFailure::Refuse));
        assert_eq!(config.models["b"].quality, Some(OnFailure::Report));
        assert_eq!(parse("").unwrap().quality, OnFailure::Refuse);
        let error = parse("[quality]\non_failure = 'ignore'").unwrap_err().to_string();
        assert!(error.starts_with("job.toml:2:14: ") && error.contains("`report`"), "{error}");
    }

    #[test]
    fn a_share_that_cannot_be_watched_is_refused_with_its_place() {
        for share in ["0", "0.09", "1.1", "-1", "50", "nan", "'x'"] {
            let error = parse(&format!("[guard]\nmax_delete_share = {share}")).unwrap_err();
            assert!(error.to_string().starts_with("job.toml:2:20: "), "{share}: {error}");
        }
    }

    #[test]
    fn only_what_may_be_a_rule_is_taken_for_vanished_objects() {
        assert_eq!(parse("").unwrap().vanished, Vanished::Refuse);
        assert_eq!(parse("vanished = 'ignore'").unwrap().vanished, Vanished::Ignore);
        let error = parse("vanished = 'accept'").unwrap_err();
        assert!(error.to_string().contains("`refuse` or `ignore`"), "{error}");
    }

    #[test]
    fn late_objects_are_looked_for_an_hour_back_unless_the_job_says_how_far() {
        let minutes = |text: &str| parse(text).unwrap().late_window_minutes;
        assert_eq!((minutes(""), minutes("late_window_minutes = 0")), (60, 0));
        // Nor if there is no file.
        assert_eq!(parse("").unwrap(), JobConfig::default());
        assert!(parse("late_window_minutes = -1").is_err());
        // What the function that starts tasks does not name may be so late.
        for minutes in [1, 5] {
            let error = parse(&format!("late_window_minutes = {minutes}")).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with(&format!("job.toml: late_window_minutes is {minutes}")));
        }
        assert_eq!(minutes("late_window_minutes = 6"), 6);
    }

    #[test]
    fn drift_is_refused_unless_it_is_to_widen() {
        assert_eq!(parse("").unwrap().drift, DriftPolicy::Refuse);
        assert_eq!(parse("drift = 'widen'").unwrap().drift, DriftPolicy::Widen);
        let error = parse("drift = 'ignore'").unwrap_err().to_string();
        assert!(error.starts_with("job.toml:1:9: unknown variant, expected"), "{error}");
        assert!(error.contains("`refuse`") && error.contains("`widen`"), "{error}");
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
