//! `runner run`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tracing::Instrument;
use tracing::{debug, info_span};

use super::app::App;
use super::job_args::{JobArgs, Opened};
use super::wish_args::WishArgs;
use super::{event, fail, plan, write};
use crate::error::{Error, Result};
use crate::run::{RunOptions, run};
use crate::store::Places;

/// Apply what is pending: read the staged objects that the ledger does not know, and bring every table of the job to the
/// result of its SQL, in one transaction.
///
/// Running again is always safe. Exit status: 0 done or nothing to do, 1 failed, 2 wrong usage or job definition,
/// 3 temporary (lock, network): run again, 4 refused (bad rows, unfitting table): nothing was written, 130/143 interrupted.
#[derive(Debug, Args)]
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
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    lock_wait: u64,
    /// How the report is printed on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    output: OutputFormat,
    #[command(flatten)]
    glue: GlueArgs,
}

/// How reports are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// AWS Glue's arguments, so that a job's caller need not change.
#[derive(Debug, Args)]
#[command(next_help_heading = "Arguments of AWS Glue")]
struct GlueArgs {
    /// The same as --job
    #[arg(long = "JOB_NAME", value_name = "JOB", id = "glue_job")]
    glue_job: Option<String>,
    /// The bucket of an object that an event told of
    #[arg(long = "s3_target_path_bucket", value_name = "BUCKET", requires = "s3_target_path_key")]
    s3_target_path_bucket: Option<String>,
    /// Its key
    #[arg(long = "s3_target_path_key", value_name = "KEY", requires = "s3_target_path_bucket")]
    s3_target_path_key: Option<String>,
    /// Means nothing here; taken so that Glue's callers work
    #[arg(long = "TempDir", value_name = "URL", hide = true)]
    temp_dir: Option<String>,
    #[arg(long = "JOB_ID", hide = true)]
    job_id: Option<String>,
    #[arg(long = "JOB_RUN_ID", hide = true)]
    job_run_id: Option<String>,
    #[arg(long = "job-bookmark-option", hide = true)]
    job_bookmark_option: Option<String>,
    #[arg(long = "job-language", hide = true)]
    job_language: Option<String>,
    #[arg(long = "enable-metrics", hide = true, num_args = 0..=1)]
    enable_metrics: Option<Option<String>>,
    #[arg(long = "enable-continuous-cloudwatch-log", hide = true, num_args = 0..=1)]
    enable_continuous_cloudwatch_log: Option<Option<String>>,
    #[arg(long = "enable-glue-datacatalog", hide = true, num_args = 0..=1)]
    enable_glue_datacatalog: Option<Option<String>>,
}

impl GlueArgs {
    fn hint(&self) -> Option<String> {
        let bucket = self.s3_target_path_bucket.as_ref()?;
        let key = self.s3_target_path_key.as_ref()?;
        Some(format!("s3://{bucket}/{key}"))
    }

    fn ignored(&self) -> Vec<&'static str> {
        let given = [
            ("--TempDir", self.temp_dir.is_some()),
            ("--JOB_ID", self.job_id.is_some()),
            ("--JOB_RUN_ID", self.job_run_id.is_some()),
            ("--job-bookmark-option", self.job_bookmark_option.is_some()),
            ("--job-language", self.job_language.is_some()),
            ("--enable-metrics", self.enable_metrics.is_some()),
            ("--enable-continuous-cloudwatch-log", self.enable_continuous_cloudwatch_log.is_some()),
            ("--enable-glue-datacatalog", self.enable_glue_datacatalog.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

/// Runs the command.
pub(super) async fn exec(args: RunArgs, app: &App) -> Result<()> {
    let name = args
        .job
        .as_deref()
        .or(args.glue.glue_job.as_deref())
        .ok_or_else(|| Error::usage("--job is missing"))?;
    let ignored = args.glue.ignored();
    if !ignored.is_empty() {
        fail::note(&format!("{} mean nothing here and are ignored", ignored.join(", ")));
    }
    let told = match &args.event {
        Some(file) => event::told(file).await?,
        None => Vec::new(),
    };
    let opened = args.common.open(name, app).await?;
    opened.tell_notes();
    let hints = args.objects.iter().cloned().chain(args.glue.hint()).chain(told);
    let hints: Vec<String> = hints.collect();
    check_hints(&opened, &hints)?;
    if args.dry_run {
        return plan::show(&opened, app, &args.wishes.wishes(), &hints, args.output).await;
    }
    let target = opened.target().await?;
    let options = RunOptions {
        wishes: args.wishes.wishes(),
        lock_wait: Duration::from_secs(args.lock_wait),
        told: hints,
        run_id: uuid::Uuid::now_v7().to_string(),
        now: app.now,
    };
    let span = info_span!("run", job = name, run_id = options.run_id);
    let report = run(&opened.job, &opened.folder, &opened.engine, &target, &options)
        .instrument(span)
        .await?;
    write::stdout(&match args.output {
        OutputFormat::Text => report.to_text(),
        OutputFormat::Json => to_json(&report)?,
    })
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

/// One JSON object and a line end.
pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::failed("cannot write JSON").source(error))?;
    text.push('\n');
    Ok(text)
}
