//! What a run tells on stdout when it has come to its end, or has not.

use schemars::JsonSchema;
use serde::Serialize;

use super::fail::Told;
use super::output::{OutputFormat, to_json};
use super::under_way::UnderWay;
use super::write;
use crate::error::Result;
use crate::quality::RuleReport;
use crate::report::{Report, SCHEMA_VERSION};

/// What a run tells that did not come to its end, with the fields of [`Report`] that it knows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FailedReport<'a> {
    schema_version: u32,
    /// Left out if what was asked for is no name of a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<&'a str>,
    run_id: &'a str,
    /// The kind of the error.
    outcome: &'static str,
    error: Told,
    #[serde(skip_serializing_if = "<[RuleReport]>::is_empty")]
    quality: &'a [RuleReport],
}

/// Prints a run's report; an error is printed too where programs read, and given back.
pub(super) fn tell(
    applied: Result<Report>,
    under_way: &UnderWay,
    format: OutputFormat,
) -> Result<()> {
    match (applied, format) {
        (Ok(report), OutputFormat::Text) => write::stdout(&report.to_text()),
        (Ok(report), OutputFormat::Json) => write::stdout(&to_json(&report)?),
        (Err(error), OutputFormat::Text) => Err(error),
        (Err(error), OutputFormat::Json) => {
            let report = FailedReport {
                schema_version: SCHEMA_VERSION,
                job: under_way.job(),
                run_id: under_way.run_id(),
                outcome: error.kind().as_str(),
                error: Told::of(&error),
                quality: error.quality(),
            };
            write::stdout(&to_json(&report)?)?;
            Err(error)
        }
    }
}
