//! `runner status`.

use chrono::{DateTime, Utc};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use transforms::scan::Loads;
use transforms::source::Source;
use transforms::staging::Vanished;

use super::app::App;
use super::job_args::JobArgs;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::write;
use crate::error::Result;
use crate::lag;
use crate::lines::push_line;
use crate::survey::{SourceSurvey, survey};
use crate::target::ledger::{AppliedObject, EntryKind, Ledger, everything};
use crate::wishes::Wishes;

/// Show what has been applied and what is pending: for each source its generation, applied and pending objects, rejected
/// rows, the newest position, and how far the target is behind what is staged. Writes nothing.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: String,
    #[command(flatten)]
    common: JobArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What was applied and what is pending.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Status {
    schema_version: u32,
    job: String,
    target: String,
    last_run: Option<LastRun>,
    sources: Vec<SourceStatus>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LastRun {
    run_id: String,
    #[schemars(with = "String")]
    applied_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SourceStatus {
    source: String,
    location: String,
    generation: u32,
    applied_objects: usize,
    applied_rows: u64,
    /// Applied objects that are not staged any more.
    gone_objects: usize,
    pending_objects: usize,
    pending_bytes: u64,
    rejected_rows: u64,
    left_alone: usize,
    /// The newest applied object.
    newest_applied: Option<String>,
    /// Seconds from the newest applied object to the newest staged one; 0 when nothing is pending, `None` before the first run.
    lag_seconds: Option<i64>,
}

/// Runs the command.
pub(super) async fn exec(args: StatusArgs, app: &App) -> Result<()> {
    let opened = args.common.open(&args.job, app).await?;
    let target = opened.target().await?;
    let ledger = target.ledger(opened.job.name.as_str(), &everything).await?;
    let look = async |wishes: &Wishes| {
        survey(&opened.job, &opened.folder, &ledger, &opened.engine, wishes, &|_| Loads::Any).await
    };
    // What is applied is told even where a run would be refused: that is when it is asked for most.
    let (surveys, trouble) = match look(&Wishes::default()).await {
        Ok(surveys) => (surveys, None),
        Err(error) => {
            let ignoring = Wishes { vanished: Some(Vanished::Ignore), ..Wishes::default() };
            (look(&ignoring).await.unwrap_or_default(), Some(error))
        }
    };
    let newest = ledger.applied.iter().max_by_key(|applied| applied.applied_at);
    let status = Status {
        schema_version: crate::report::SCHEMA_VERSION,
        job: opened.job.name.to_string(),
        target: target.display_name(),
        last_run: newest.map(|applied| LastRun {
            run_id: applied.run_id.clone(),
            applied_at: applied.applied_at,
        }),
        sources: opened
            .job
            .sources
            .iter()
            .map(|source| {
                let survey = surveys.iter().find(|survey| survey.source.name == source.name);
                source_status(source, survey, &ledger)
            })
            .collect(),
    };
    write::stdout(&match args.output.format() {
        OutputFormat::Text => text(&status),
        OutputFormat::Json => to_json(&status)?,
    })?;
    trouble.map_or(Ok(()), Err)
}

fn source_status(source: &Source, survey: Option<&SourceSurvey>, ledger: &Ledger) -> SourceStatus {
    let of_source: Vec<&AppliedObject> =
        ledger.applied.iter().filter(|applied| applied.entry.source == source.name).collect();
    let generation = of_source.iter().map(|applied| applied.entry.generation).max().unwrap_or(0);
    let current: Vec<&&AppliedObject> = of_source
        .iter()
        .filter(|applied| {
            let kind = applied.entry.kind;
            let is_part = matches!(kind, EntryKind::Load | EntryKind::Change | EntryKind::Gone);
            is_part && applied.entry.generation == generation
        })
        .collect();
    let newest = current.iter().max_by(|a, b| a.entry.position.cmp(&b.entry.position));
    let pending = || survey.into_iter().flat_map(|survey| survey.state.pending_objects());
    let staged = pending().map(|object| time_of(&object.position(), object.listed.modified)).max();
    let applied = newest.map(|applied| time_of(&applied.entry.position, applied.entry.modified));
    let lag_seconds = match (staged, applied) {
        (Some(staged), Some(applied)) => Some((staged - applied).num_seconds().max(0)),
        (Some(_), None) => None,
        (None, _) => Some(0),
    };
    SourceStatus {
        source: source.name.clone(),
        location: survey
            .map_or_else(|| source.location.clone(), |survey| survey.places.to_string()),
        generation,
        applied_objects: current.len(),
        applied_rows: current.iter().map(|applied| applied.entry.rows).sum(),
        gone_objects: survey.map_or(0, |survey| survey.state.gone.len()),
        pending_objects: pending().count(),
        pending_bytes: pending().map(|object| object.listed.size).sum(),
        rejected_rows: current.iter().map(|applied| applied.entry.rejected).sum(),
        left_alone: survey.map_or(0, |survey| survey.foreign.len()),
        newest_applied: newest.map(|applied| applied.entry.object.clone()),
        lag_seconds,
    }
}

/// The time in a change object's name, else when the object was written.
fn time_of(position: &str, modified: DateTime<Utc>) -> DateTime<Utc> {
    lag::time_of(position).unwrap_or(modified)
}

fn text(status: &Status) -> String {
    let mut out = format!("{} -> {}\n", status.job, status.target);
    match &status.last_run {
        None => out.push_str("nothing is applied yet\n"),
        Some(run) => push_line(
            &mut out,
            format_args!(
                "last applied {} by run {}",
                run.applied_at.format("%F %T UTC"),
                run.run_id
            ),
        ),
    }
    for source in &status.sources {
        push_line(&mut out, format_args!("\nsource {} in {}", source.source, source.location));
        push_line(
            &mut out,
            format_args!(
                "  applied  {} objects, {} rows, generation {}, newest {}",
                source.applied_objects,
                source.applied_rows,
                source.generation,
                source.newest_applied.as_deref().unwrap_or("none")
            ),
        );
        if source.gone_objects > 0 {
            let gone = source.gone_objects;
            push_line(
                &mut out,
                format_args!("  gone     {gone} of the applied objects are not staged any more"),
            );
        }
        push_line(
            &mut out,
            format_args!(
                "  pending  {} objects, {} bytes, {}",
                source.pending_objects,
                source.pending_bytes,
                source
                    .lag_seconds
                    .map_or_else(|| "never run".to_owned(), |lag| format!("{lag} s behind"))
            ),
        );
        push_line(
            &mut out,
            format_args!(
                "  rejected {} rows; {} other objects left alone",
                source.rejected_rows, source.left_alone
            ),
        );
    }
    out
}
