//! `runner apply`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tracing::{Instrument, info, info_span};

use super::app::App;
use super::applied;
use super::job_args::JobArgs;
use super::numbers;
use super::output::OutputArgs;
use super::under_way::{MetricsFormat, UnderWay};
use crate::error::Result;
use crate::plan::PlanFile;
use crate::progress::Phase;
use crate::report::Report;
use crate::run::{RunOptions, run};

/// Do exactly what a plan of `runner plan --out FILE` says, or refuse.
///
/// It is refused (status 4) with what moved since: an object, a file of the job or a variable in it, a table, the ledger, the program.
///
/// Objects that came later and sort behind those of the plan are left to the next run. What the plan was asked or allowed
/// (--full-refresh, --allow-deletes, …) holds here too. Prints the report of `run`, and ends with its exit statuses.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The file that `runner plan --out` wrote
    #[arg(value_name = "FILE")]
    plan: PathBuf,
    #[command(flatten)]
    common: JobArgs,
    /// How long to wait for another run of the same job, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = numbers::within::<u64>("seconds", 0..=3_600))]
    lock_wait: u64,
    #[command(flatten)]
    output: OutputArgs,
    /// Metrics of the run, also of one that fails or is interrupted. Default: the variable UNGLUE_METRICS, else none
    #[arg(long, value_enum, value_name = "FORMAT")]
    metrics: Option<MetricsFormat>,
}

/// Runs the command.
pub(super) async fn exec(args: ApplyArgs, app: &App) -> Result<()> {
    let plan = PlanFile::read(&args.plan);
    let name = plan.as_ref().map_or("", PlanFile::job);
    let under_way = UnderWay::begin(app, name, args.metrics)?;
    let applied = async { apply(&args, &plan?, app, under_way).await }.await;
    applied::tell(applied, under_way, args.output.format())
}

async fn apply(
    args: &ApplyArgs,
    plan: &PlanFile,
    app: &App,
    under_way: &UnderWay,
) -> Result<Report> {
    let span = info_span!("run", job = plan.job(), run_id = under_way.run_id());
    let all = async {
        under_way.tell_begin(app);
        app.begin_progress(Phase::Opening);
        let opened = args.common.open(plan.job(), app).await?;
        opened.tell_notes();
        info!(sources = opened.job.sources.len(), "opened the job of a plan");
        let target = opened.target().await?;
        let options = RunOptions {
            wishes: plan.wishes(),
            lock_wait: Duration::from_secs(args.lock_wait),
            told: Vec::new(),
            run_id: under_way.run_id().to_owned(),
            now: app.now,
            clock: plan.clock(),
            waiting: Arc::clone(&under_way.waiting),
            pinned: Some(Arc::new(plan.pins().clone())),
        };
        let report = run(&opened.job, &opened.folder, &opened.engine, &target, &options).await?;
        under_way.done(&report);
        Ok(report)
    };
    Box::pin(all.instrument(span)).await
}
