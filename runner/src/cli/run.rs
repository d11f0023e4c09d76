//! `runner run`.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tracing::Instrument;
use tracing::{debug, info, info_span};

use super::app::App;
use super::glue_args::{self, Bookmark, GlueArg};
use super::job_args::{JobArgs, Opened};
use super::numbers;
use super::output::OutputArgs;
use super::under_way::{MetricsFormat, UnderWay};
use super::wish_args::WishArgs;
use super::{applied, event, plan};
use crate::error::{Error, Result};
use crate::progress::Phase;
use crate::report::Report;
use crate::run::{RunOptions, run};
use crate::store::Places;

/// Apply what is pending, in one transaction.
///
/// Reads the staged objects that the ledger does not know, and brings every table of the job to the result of its SQL. Running
/// again is always safe.
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong usage or job definition,
/// 3 temporary (lock, network): run again, 4 refused (bad rows, unfitting table): nothing was written, 130/143 interrupted.
///
/// Arguments of an AWS Glue job are taken too: --NAME VALUE is the variable ${NAME} of the job's files, a dash in it an
/// underscore. Glue's own (--TempDir, --job-language, …) are ignored with a note. Any other argument is refused.
#[derive(Debug, Args)]
#[command(override_usage = "runner run [OPTIONS] --job <JOB>")]
pub(super) struct RunArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB", required_unless_present = "glue_job")]
    job: Option<String>,
    #[command(flatten)]
    common: JobArgs,
    /// An object that an event told of, its key not encoded; only a hint to look: what is pending is found by listing
    #[arg(long = "object", value_name = "URL")]
    objects: Vec<String>,
    /// A file, or - for stdin, with the event itself: JSON of S3, directly or through SQS, SNS or EventBridge, at most
    /// 6 MiB and 10,000 records; its objects are hints as with --object
    #[arg(long, value_name = "FILE")]
    event: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    wishes: WishArgs,
    /// How long to wait for another run of the same job, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = numbers::within::<u64>("seconds", 0..=3_600))]
    lock_wait: u64,
    #[command(flatten)]
    output: OutputArgs,
    /// Metrics of the run, also of one that fails or is interrupted. Default: the variable UNGLUE_METRICS, else none
    #[arg(long, value_enum, value_name = "FORMAT")]
    metrics: Option<MetricsFormat>,
    #[command(flatten)]
    glue: GlueArgs,
}

/// AWS Glue's arguments, so that a job's caller need not change. All others that it may have are in [`glue_args`].
#[derive(Debug, Args)]
#[command(next_help_heading = "Arguments of AWS Glue")]
struct GlueArgs {
    /// The same as --job
    #[arg(long = "JOB_NAME", value_name = "JOB", id = "glue_job")]
    glue_job: Option<String>,
    /// The bucket of an object that an event told of, as in --object
    #[arg(long = "s3_target_path_bucket", value_name = "BUCKET", requires = "s3_target_path_key")]
    s3_target_path_bucket: Option<String>,
    /// The key of this object
    #[arg(long = "s3_target_path_key", value_name = "KEY", requires = "s3_target_path_bucket")]
    s3_target_path_key: Option<String>,
}

impl GlueArgs {
    fn hint(&self) -> Option<String> {
        let bucket = self.s3_target_path_bucket.as_ref()?;
        let key = self.s3_target_path_key.as_ref()?;
        Some(format!("s3://{bucket}/{key}"))
    }
}

impl RunArgs {
    fn name(&self) -> Result<&str> {
        match (self.job.as_deref(), self.glue.glue_job.as_deref()) {
            (Some(job), Some(of_glue)) if job != of_glue => {
                Err(Error::usage("--job and --JOB_NAME name two jobs").hint("give one of them"))
            }
            (Some(name), _) | (None, Some(name)) => Ok(name),
            (None, None) => Err(Error::usage("--job is missing")),
        }
    }
}

/// Runs the command.
pub(super) async fn exec(args: RunArgs, glue: &[GlueArg], app: &App) -> Result<()> {
    let (name, bookmark) = (args.name(), glue_args::bookmark(glue));
    if args.dry_run || matches!(bookmark, Ok(Bookmark::Pause)) {
        app.begin_progress(Phase::Opening);
        let (opened, hints) = open(&args, name?, glue, app).await?;
        let format = args.output.format();
        return plan::show(&opened, app, &args.wishes.wishes(), &hints, format).await;
    }
    let under_way = UnderWay::begin(app, name.as_ref().unwrap_or(&""), args.metrics)?;
    let applied = async {
        let _advance = bookmark?;
        apply(&args, name?, glue, app, under_way).await
    };
    applied::tell(applied.await, under_way, args.output.format())
}

/// The job, and the objects that events told of.
async fn open(
    args: &RunArgs,
    name: &str,
    glue: &[GlueArg],
    app: &App,
) -> Result<(Opened, Vec<String>)> {
    let told = match &args.event {
        Some(file) => event::told(file).await?,
        None => Vec::new(),
    };
    let opened = args.common.open_with(name, app, glue, "run").await?;
    opened.tell_notes();
    let hints: Vec<String> =
        args.objects.iter().cloned().chain(args.glue.hint()).chain(told).collect();
    check_hints(&opened, &hints)?;
    Ok((opened, hints))
}

async fn apply(
    args: &RunArgs,
    name: &str,
    glue: &[GlueArg],
    app: &App,
    under_way: &UnderWay,
) -> Result<Report> {
    let span = info_span!("run", job = name, run_id = under_way.run_id());
    let all = async {
        under_way.tell_begin(app);
        app.begin_progress(Phase::Opening);
        let (opened, hints) = open(args, name, glue, app).await?;
        info!(hints = hints.len(), sources = opened.job.sources.len(), "opened the job");
        let target = opened.target().await?;
        let options = RunOptions {
            wishes: args.wishes.wishes(),
            lock_wait: Duration::from_secs(args.lock_wait),
            told: hints,
            run_id: under_way.run_id().to_owned(),
            now: app.now,
            clock: app.now,
            waiting: Arc::clone(&under_way.waiting),
            pinned: None,
        };
        let report = run(&opened.job, &opened.folder, &opened.engine, &target, &options).await?;
        under_way.done(&report);
        Ok(report)
    };
    Box::pin(all.instrument(span)).await
}

/// Events are hints, so one for another table is harmless; a log line tells of it.
fn check_hints(opened: &Opened, hints: &[String]) -> Result<()> {
    let folders: Result<Vec<Places>> = opened
        .job
        .sources
        .iter()
        .map(|source| Places::of(source, Some(opened.folder.location())))
        .collect();
    let folders = folders?;
    for hint in hints {
        let object = hint.as_str();
        if folders.iter().any(|folder| folder.relative_key(hint).is_some()) {
            debug!(object, "an event told of this object");
        } else {
            debug!(object, "an event told of this object, which is of no source of this job");
        }
    }
    Ok(())
}
