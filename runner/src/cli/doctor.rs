//! `runner doctor`.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::app::App;
use super::job_args::JobArgs;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::write;
use crate::doctor::examine;
use crate::doctor::finding::{Finding, Severity};
use crate::error::{Error, Result};
use crate::lines::push_line;
use crate::progress::Phase;
use crate::units::counted;

/// Look for what would make a run fail, or go wrong unseen.
///
/// Declarations against staged objects, rights and settings of the target, tables that do not fit. Writes nothing. The exit status is
/// 4 if a run would fail.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: String,
    #[command(flatten)]
    common: JobArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What is found in a job, in what is staged for it, and in its target.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Examination {
    schema_version: u32,
    job: String,
    /// The worst first.
    findings: Vec<Finding>,
}

/// Runs the command.
pub(super) async fn exec(args: DoctorArgs, app: &App) -> Result<()> {
    app.begin_progress(Phase::Examining);
    let opened = args.common.open(&args.job, app).await?;
    let target = opened.target().await;
    let findings = Box::pin(examine(&opened.job, &opened.folder, &opened.engine, target)).await;
    let errors = findings.iter().filter(|found| found.severity == Severity::Error).count();
    let examination = Examination {
        schema_version: crate::report::SCHEMA_VERSION,
        job: opened.job.name.to_string(),
        findings,
    };
    write::stdout(&match args.output.format() {
        OutputFormat::Text => text(&examination),
        OutputFormat::Json => to_json(&examination)?,
    })?;
    match errors {
        0 => Ok(()),
        1 => Err(found("1 thing that")),
        _ => Err(found(&format!("{errors} things that"))),
    }
}

fn found(what: &str) -> Error {
    Error::refused(format!("the doctor found {what} would make a run fail"))
        .hint("do what stands behind `next` above")
}

fn text(examination: &Examination) -> String {
    let mut out = String::new();
    let mut counts = [0_usize; 3];
    for finding in &examination.findings {
        let Finding { severity, check, place, message, next } = finding;
        let (index, word) = match severity {
            Severity::Error => (0, "error"),
            Severity::Warning => (1, "warning"),
            Severity::Note => (2, "note"),
        };
        counts[index] += 1;
        // An error of an object names its line too.
        match message.strip_prefix(place.as_str()).filter(|_| !place.is_empty()) {
            Some(rest) => push_line(&mut out, format_args!("{word:<8} {check}: {place}{rest}")),
            None => push_line(&mut out, format_args!("{word:<8} {check}: {place}: {message}")),
        }
        if let Some(next) = next {
            push_line(&mut out, format_args!("         next: {next}"));
        }
    }
    let [errors, warnings, notes] = counts;
    let told = [(errors, "error"), (warnings, "warning"), (notes, "note")]
        .map(|(count, one)| counted(count as u64, one));
    push_line(&mut out, format_args!("{}", told.join(", ")));
    out
}
