//! `runner check`.

use std::collections::BTreeSet;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::app::App;
use super::fail::Told;
use super::job_args::JobsArgs;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::{routes, write};
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::lines::push_line;
use crate::units::counted;

/// Check jobs without looking at data or connecting to a target.
///
/// job.toml, sources.sql, every model and rule: what is wrong with each is told, with file, line and column. Writes nothing. A variable
/// of the target may lack a value, and a note says so. The exit status is 2 if anything is wrong.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The job: the name of its folder; may be repeated. Default: every folder that has a sources.sql
    #[arg(long = "job", value_name = "JOB")]
    names: Vec<String>,
    #[command(flatten)]
    jobs: JobsArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What is right and wrong with jobs.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CheckReport {
    schema_version: u32,
    jobs: Vec<CheckedJob>,
}

/// A job that was checked.
#[derive(Debug, Serialize, JsonSchema)]
struct CheckedJob {
    job: String,
    /// Its sources, if nothing is wrong.
    sources: Vec<String>,
    /// Its models that are written, if nothing is wrong.
    models: Vec<CheckedModel>,
    /// What is wrong.
    problems: Vec<Told>,
    /// What in it means nothing here, and what is missing for a run.
    notes: Vec<String>,
}

/// A model that is written.
#[derive(Debug, Serialize, JsonSchema)]
struct CheckedModel {
    model: String,
    table: String,
    /// The columns of its key; none if it has no key.
    key: Vec<String>,
}

/// Runs the command.
pub(super) async fn exec(args: CheckArgs, app: &App) -> Result<()> {
    let location = args.jobs.location(app)?;
    let folders = routes::wanted(&location, &args.names).await?;
    let (mut jobs, mut kinds) = (Vec::with_capacity(folders.len()), Vec::new());
    let mut asked_for = BTreeSet::new();
    for folder in &folders {
        let checked = Box::pin(args.jobs.examine(folder, app, &mut asked_for)).await;
        jobs.push(match checked {
            Ok((job, note)) => right(&job, note),
            Err(errors) => {
                kinds.extend(errors.iter().map(Error::kind));
                wrong(folder.name().to_string(), &errors)
            }
        });
    }
    args.jobs.note_unused(&asked_for);
    let report = CheckReport { schema_version: crate::report::SCHEMA_VERSION, jobs };
    write::stdout(&match args.output.format() {
        OutputFormat::Text => text(&report),
        OutputFormat::Json => to_json(&report)?,
    })?;
    let Some(first) = kinds.first() else { return Ok(()) };
    // Wrong is more than not to be looked at for now.
    let kind = if kinds.contains(&Kind::Usage) { Kind::Usage } else { *first };
    let (bad, all) =
        (report.jobs.iter().filter(|job| !job.problems.is_empty()).count(), report.jobs.len());
    let what = match (bad, all) {
        (1, 1) => "the job is wrong".to_owned(),
        (1, _) => format!("1 of {all} jobs is wrong"),
        _ => format!("{bad} of {all} jobs are wrong"),
    };
    Err(Error::new(kind, what)
        .hint("do what stands behind `next` of each problem, and check again"))
}

fn right(job: &Job, note: Option<String>) -> CheckedJob {
    let models = job.outputs.iter().map(|output| CheckedModel {
        model: output.model.clone(),
        table: output.table.to_string(),
        key: output.key_names(),
    });
    let notes = job.models.iter().flat_map(|model| {
        model.notes.iter().map(|note| format!("{}: {note}", model.file)).collect::<Vec<_>>()
    });
    CheckedJob {
        job: job.name.to_string(),
        sources: job.sources.iter().map(|source| source.name.clone()).collect(),
        models: models.collect(),
        problems: Vec::new(),
        notes: note.into_iter().chain(notes).collect(),
    }
}

fn wrong(job: String, errors: &[Error]) -> CheckedJob {
    let problems = errors.iter().map(Told::of).collect();
    CheckedJob { job, sources: Vec::new(), models: Vec::new(), problems, notes: Vec::new() }
}

fn text(report: &CheckReport) -> String {
    let mut out = String::new();
    for CheckedJob { job, sources, models, problems, notes } in &report.jobs {
        match problems.as_slice() {
            [] => push_line(
                &mut out,
                format_args!(
                    "{job}: good: {}, {}",
                    counted(sources.len() as u64, "source"),
                    counted(models.len() as u64, "table")
                ),
            ),
            problems => {
                let count = counted(problems.len() as u64, "problem");
                push_line(&mut out, format_args!("{job}: {count}"));
                for line in problems.iter().map(Told::to_text).collect::<String>().lines() {
                    push_line(&mut out, format_args!("  {line}"));
                }
            }
        }
        for note in notes {
            push_line(&mut out, format_args!("  note: {note}"));
        }
    }
    out
}
