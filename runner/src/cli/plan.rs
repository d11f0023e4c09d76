//! `runner plan`, and what `run --dry-run` shows.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;

use super::app::App;
use super::glue_args::GlueArg;
use super::job_args::{JobArgs, Opened};
use super::loudness::can_colour;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::wish_args::WishArgs;
use super::{fail, write};
use crate::error::{Kind, Result};
use crate::plan::{Paint, PlanFile, PlanReport, Planned, Subject, plan};
use crate::progress::Phase;
use crate::recent::Outset;
use crate::wishes::Wishes;

/// The option that makes the exit status tell more, as it is typed.
pub(super) const DETAILED: &str = "--detailed-exitcode";
/// With it, the exit status where a run would write something.
const CHANGES: u8 = 2;
/// With it, the exit status of wrong usage, which is 2 without.
pub(super) const USAGE: u8 = 1;

/// Show what a run would do, row by row.
///
/// The pending objects, the way of each model and why it is this one, how many rows it would insert, update and delete, the first
/// few of these, and the statements. Writes nothing to the target. Takes the arguments of an AWS Glue job as `run` does.
///
/// With --out the plan is kept in a file, and `runner apply FILE` does exactly that, or refuses because something moved.
///
/// Where a guard or a rule would refuse the run, the exit status is 4, as that of the run, and no plan is kept.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB", alias = "JOB_NAME")]
    job: String,
    #[command(flatten)]
    common: JobArgs,
    #[command(flatten)]
    wishes: WishArgs,
    /// Also write the plan to a file, for `runner apply FILE`. It holds no row and no secret
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 0 if there is nothing to do, 2 if there is, and 1 instead of 2 for wrong usage. With --full-refresh: with 0 if every
    /// table is what its SQL gives, 2 if one is not
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command; answers the exit status.
pub(super) async fn exec(args: PlanArgs, glue: &[GlueArg], app: &App) -> Result<u8> {
    let is_detailed = args.detailed_exitcode;
    match planned(args, glue, app).await {
        Ok(changes) if is_detailed && changes => Ok(CHANGES),
        Ok(_) => Ok(0),
        Err(error) if is_detailed && error.kind() == Kind::Usage => {
            let _usual = fail::print(&error);
            Ok(USAGE)
        }
        Err(error) => Err(error),
    }
}

/// Plans and prints; answers whether there is something to do.
async fn planned(args: PlanArgs, glue: &[GlueArg], app: &App) -> Result<bool> {
    app.begin_progress(Phase::Opening);
    let opened = args.common.open_with(&args.job, app, glue, "plan").await?;
    opened.tell_notes();
    let wishes = args.wishes.wishes();
    let Planned { report, pins } = make(&opened, app, &wishes, &[]).await?;
    if let Some(path) = args.out.as_deref().filter(|_| !report.refused) {
        PlanFile::new(pins.with_values(&opened.job), &wishes, app.now).write(path)?;
    }
    print(&report, args.output.format(), app)?;
    match (report.refusal(), &args.out) {
        // A full refresh writes all tables, so the question is whether that makes them other ones.
        (None, _) if wishes.full_refresh => Ok(report.alters_tables()),
        (None, _) => Ok(report.changes),
        (Some(error), None) => Err(error),
        (Some(error), Some(path)) => {
            Err(error.about(&format!("the plan is not kept in {}: ", path.display())))
        }
    }
}

/// Plans and prints.
pub(super) async fn show(
    opened: &Opened,
    app: &App,
    wishes: &Wishes,
    told: &[String],
    format: OutputFormat,
) -> Result<()> {
    let report = make(opened, app, wishes, told).await?.report;
    print(&report, format, app)?;
    report.refusal().map_or(Ok(()), Err)
}

async fn make(opened: &Opened, app: &App, wishes: &Wishes, told: &[String]) -> Result<Planned> {
    let target = opened.target().await?;
    let Opened { job, folder, engine, .. } = opened;
    let outset = Outset { wishes, told, now: app.now };
    Box::pin(plan(Subject { job, folder, engine, target: &target }, outset)).await
}

fn print(report: &PlanReport, format: OutputFormat, app: &App) -> Result<()> {
    let has_colours = std::io::stdout().is_terminal() && can_colour(app);
    write::stdout(&match format {
        OutputFormat::Text => report.to_text(Paint(has_colours)),
        OutputFormat::Json => to_json(report)?,
    })
}
