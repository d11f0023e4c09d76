//! `runner schema`: JSON schemas, derived from the types that are read and written, so that they are what the program does.

use clap::{Args, ValueEnum};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::applied::FailedReport;
use super::check::CheckReport;
use super::doctor::Examination;
use super::status::Entry;
use super::write;
use crate::error::{Error, Result};
use crate::explain::Explanation;
use crate::history::History;
use crate::job::config;
use crate::plan::PlanReport;
use crate::report::Report;
use crate::settings;

/// Print the JSON schema of a file that is read, or of a report that --output json writes.
///
/// Editors check job.toml with it: runner schema job > job.schema.json, and #:schema ./job.schema.json in the first line of job.toml.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What the schema is of
    #[arg(value_enum)]
    of: SchemaOf,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SchemaOf {
    /// job.toml of a job
    Job,
    /// unglue.toml, the file of defaults
    Config,
    /// What `run` and `apply` report, also of a run that failed
    Report,
    /// What `plan` and `run --dry-run` report
    Plan,
    /// What `status` reports
    Status,
    /// What `check` reports
    Check,
    /// What `history` reports
    History,
    /// What `explain-row` reports
    ExplainRow,
    /// What `doctor` reports
    Doctor,
}

/// What a run reports: what it did, or why it failed.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum RunReport {
    Done(Report),
    Failed(FailedReport<'static>),
}

/// What status reports: of one job, or of all.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum StatusReport {
    Job(Box<Entry>),
    Jobs(Vec<Entry>),
}

/// Runs the command.
pub(super) fn exec(args: &SchemaArgs) -> Result<()> {
    write::stdout(&text(args.of)?)
}

fn text(of: SchemaOf) -> Result<String> {
    let read = || SchemaSettings::draft2020_12().for_deserialize();
    let written = || SchemaSettings::draft2020_12().for_serialize();
    let schema: Schema = match of {
        SchemaOf::Job => config::schema(read().into_generator()),
        SchemaOf::Config => settings::schema(read().into_generator()),
        SchemaOf::Report => written().into_generator().into_root_schema_for::<RunReport>(),
        SchemaOf::Plan => written().into_generator().into_root_schema_for::<PlanReport>(),
        SchemaOf::Status => written().into_generator().into_root_schema_for::<StatusReport>(),
        SchemaOf::Check => written().into_generator().into_root_schema_for::<CheckReport>(),
        SchemaOf::History => written().into_generator().into_root_schema_for::<History>(),
        SchemaOf::ExplainRow => written().into_generator().into_root_schema_for::<Explanation>(),
        SchemaOf::Doctor => written().into_generator().into_root_schema_for::<Examination>(),
    };
    let text = serde_json::to_string_pretty(&schema);
    Ok(text.map_err(|error| Error::failed("the schema cannot be written").source(error))? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_in_the_documentation_are_those_of_the_program() {
        for of in SchemaOf::value_variants() {
            let name = of.to_possible_value().unwrap().get_name().to_owned();
            let file = format!("{}/../docs/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let text = text(*of).unwrap();
            if std::env::var_os("UNGLUE_WRITE_SCHEMAS").is_some() {
                std::fs::write(&file, &text).unwrap();
            }
            let documented = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                documented == text,
                "{file} is another: set UNGLUE_WRITE_SCHEMAS=1 in this test"
            );
        }
    }
}
