//! `runner plan`, and what `run --dry-run` shows.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use clap::Args;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::util::pretty::pretty_format_batches;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Serialize;
use transforms::scan::{ReadCounts, ScanLog};

use super::app::App;
use super::delta_counts::{CountedDelta, deltas};
use super::glue_args::GlueArg;
use super::job_args::{JobArgs, Opened};
use super::output::{OutputArgs, OutputFormat, to_json};
use super::wish_args::WishArgs;
use super::write;
use crate::decide::{Decision, Step};
use crate::drift::Reach;
use crate::engine;
use crate::error::{Error, Result};
use crate::guard;
use crate::job::{Job, Output};
use crate::lag::Waiting;
use crate::lines::push_line;
use crate::look::{self, Look};
use crate::quality::{self, RuleReport};
use crate::recent::{self, Outset};
use crate::rejects::{Tallied, Tally, tally};
use crate::run::{Known, is_idle};
use crate::survey::late_objects;
use crate::tables::columns_added;
use crate::takeover::{self, taken_over};
use crate::target::ledger::{Ledger, Notes, Wanted, everything};
use crate::target::{Loss, ReadRequest, Target};
use crate::wishes::Wishes;
use crate::work::{plan_work, spec};

/// Show what a run would do, and write nothing: the pending objects, the way of each model and why it is this one, and
/// how many rows would be written and deleted, with the first few. Takes the arguments of an AWS Glue job as `run` does.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB", alias = "JOB_NAME")]
    job: String,
    #[command(flatten)]
    common: JobArgs,
    #[command(flatten)]
    wishes: WishArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) async fn exec(args: PlanArgs, glue: &[GlueArg], app: &App) -> Result<()> {
    let opened = args.common.open_with(&args.job, app, glue, "plan").await?;
    opened.tell_notes();
    show(&opened, app, &args.wishes.wishes(), &[], args.output.format()).await
}

/// What a run would do.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlanReport {
    schema_version: u32,
    job: String,
    target: String,
    pending: Vec<PendingObject>,
    /// Rows that would be set aside in all that the tables are made of.
    rejected_rows: u64,
    /// Columns that sources would get beyond their declaration.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    columns_added: BTreeMap<String, Vec<String>>,
    models: Vec<ModelPlan>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PendingObject {
    source: String,
    key: String,
    kind: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    late: bool,
    bytes: u64,
    /// Rows of it that would be set aside.
    rejected: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ModelPlan {
    model: String,
    table: String,
    /// How changes of this model are applied in general.
    way: String,
    way_reason: String,
    /// What this run does.
    step: &'static str,
    reason: String,
    key: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create: Option<String>,
    /// Columns that the table would get.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns_added: Vec<String>,
    upserts: u64,
    deletes: u64,
    /// What would come of its rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quality: Vec<RuleReport>,
    /// Why a run would be refused, if it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    #[serde(skip)]
    samples: Vec<(&'static str, Vec<RecordBatch>)>,
}

/// Plans and prints.
pub(super) async fn show(
    opened: &Opened,
    app: &App,
    wishes: &Wishes,
    told: &[String],
    format: OutputFormat,
) -> Result<()> {
    let target = opened.target().await?;
    let outset = Outset { wishes, told, now: app.now };
    let recent = |notes: &Notes| recent::parts(&opened.job, &opened.folder, notes, outset);
    let mut wanted: &Wanted<'_> = &recent;
    let report = loop {
        let ledger = target.ledger(opened.job.name.as_str(), wanted).await?;
        if let Some(report) = plan_with(opened, &ledger, &target, outset).await? {
            break report;
        }
        wanted = &everything;
    };
    write::stdout(&match format {
        OutputFormat::Text => text(&report)?,
        OutputFormat::Json => to_json(&report)?,
    })
}

/// Plans after the ledger; `None` if what was read of it does not suffice.
async fn plan_with(
    opened: &Opened,
    ledger: &Ledger,
    target: &Arc<dyn Target>,
    outset: Outset<'_>,
) -> Result<Option<PlanReport>> {
    let mut reach = Reach::known(&opened.job, ledger, outset.wishes.full_refresh);
    loop {
        let drift = Arc::new(ScanLog::default());
        let job = reach.job(&opened.job, &opened.engine).await?;
        let known = Known { ledger, reach: &reach, drift: &drift };
        match plan(&job, opened, known, target, outset).await {
            Err(error) if !reach.learn(&drift) => return Err(error),
            Err(_) => {}
            Ok(report) => {
                let columns_added = reach.news(&job);
                return Ok(report.map(|report| PlanReport { columns_added, ..report }));
            }
        }
    }
}

/// Plans over sources that are as wide as is known; `None` as [`plan_with`].
async fn plan(
    job: &Job,
    opened: &Opened,
    known: Known<'_>,
    target: &Arc<dyn Target>,
    outset: Outset<'_>,
) -> Result<Option<PlanReport>> {
    let (ledger, wishes) = (known.ledger, outset.wishes);
    let counts = Arc::new(ReadCounts::default());
    let engine = &engine::of_run(&opened.engine, Arc::clone(&counts), Arc::clone(known.drift));
    let waiting = &Waiting::default();
    let look = Look { job, folder: &opened.folder, known, engine, target, wishes, waiting };
    let Some((surveys, decisions)) = look::look(look).await? else { return Ok(None) };
    let work = plan_work(job, &decisions, &surveys, engine, target).await?;
    let evaluated = quality::evaluate(job, &decisions, &surveys, &work, engine, outset.now);
    let evaluated = Box::pin(evaluated).await?;
    let mut deltas = deltas(&work).await?.into_iter();
    let taken = taken_over(job, &decisions, ledger, target, wishes).await?;
    let mut models = Vec::with_capacity(job.outputs.len());
    for ((output, decision), taken) in job.outputs.iter().zip(&decisions).zip(taken) {
        let delta = if decision.step == Step::Untouched { None } else { deltas.next() };
        let delta = delta.unwrap_or_default();
        let objection = match taken {
            true => Some(takeover::OBJECTION.to_owned()),
            false if wishes.allow_deletes => None,
            false => {
                let guard = guard::of_run(output, wishes, &surveys);
                guard.objection(&loss(output, &decision.step, &delta, target).await?)
            }
        };
        let mut plan = model_plan(output, decision, delta, objection, target).await?;
        if let Some(evaluated) = evaluated.iter().find(|of| of.model == output.model) {
            plan.refused = plan.refused.or_else(|| evaluated.objection());
            plan.quality.clone_from(&evaluated.rules);
        }
        models.push(plan);
    }
    let tally = tally(&surveys, ledger, &counts, engine).await?;
    if !is_idle(&decisions, &surveys) {
        tally.check(job.rejects.most)?;
    }
    Ok(Some(PlanReport {
        schema_version: crate::report::SCHEMA_VERSION,
        job: job.name.to_string(),
        target: target.display_name(),
        pending: pending(&tally, &late_objects(&surveys)),
        rejected_rows: tally.rejected(),
        columns_added: BTreeMap::new(),
        models,
    }))
}

fn pending(tally: &Tally<'_>, late: &HashSet<(&str, &str)>) -> Vec<PendingObject> {
    let pending = |object: &Tallied<'_>| {
        let (source, key) = (&object.survey.source.name, &object.staged.listed.key);
        PendingObject {
            source: source.clone(),
            key: key.clone(),
            kind: object.staged.name.kind.to_string(),
            late: late.contains(&(source.as_str(), key.as_str())),
            bytes: object.staged.listed.size,
            rejected: object.rejected(),
        }
    };
    tally.objects.iter().filter(|object| object.is_pending).map(pending).collect()
}

async fn model_plan(
    output: &Output,
    decision: &Decision,
    delta: CountedDelta,
    objection: Option<String>,
    target: &Arc<dyn Target>,
) -> Result<ModelPlan> {
    let exists = target.describe(&output.table).await?.is_some();
    Ok(ModelPlan {
        model: output.model.clone(),
        table: output.table.to_string(),
        way: output.analysis.way.to_string(),
        way_reason: output.analysis.reason.clone(),
        step: decision.step.as_str(),
        reason: decision.reason.clone(),
        key: output.key_names(),
        create: if exists { None } else { Some(target.create_statement(&spec(output))?) },
        columns_added: columns_added(output, decision),
        upserts: delta.upserts.rows,
        deletes: delta.deletes.rows,
        quality: Vec::new(),
        refused: objection.map(|objection| format!("table `{}` {objection}", output.table)),
        samples: vec![("upsert", delta.upserts.sample), ("delete", delta.deletes.sample)],
    })
}

/// What the table would lose. A key that a row-wise model deletes counts whether or not its row is there.
async fn loss(
    output: &Output,
    step: &Step,
    delta: &CountedDelta,
    target: &Arc<dyn Target>,
) -> Result<Loss> {
    let (written, deletes) = (delta.upserts.rows, delta.deletes.rows);
    let most = match step {
        Step::Untouched | Step::Append { .. } => return Ok(Loss::default()),
        Step::RowWise { .. } | Step::Replay if deletes == 0 => return Ok(Loss::default()),
        Step::RowWise { .. } | Step::Replay => {
            Some(deletes.saturating_mul(1 + output.guard.kept_counted_times()))
        }
        Step::Replace | Step::Rebuild => None,
    };
    if target.describe(&output.table).await?.is_none() {
        return Ok(Loss::default());
    }
    let request = ReadRequest {
        table: output.table.clone(),
        schema: Arc::new(Schema::empty()),
        filters: Vec::new(),
        limit: most.and_then(|most| usize::try_from(most).ok()),
    };
    let mut rows = target.read(request).await?;
    let mut before = 0;
    while let Some(batch) = rows.try_next().await? {
        before += batch.num_rows() as u64;
    }
    Ok(match most {
        Some(_) => Loss { before, gone: deletes.min(before), written },
        None => Loss::of_whole(before, written),
    })
}

fn text(report: &PlanReport) -> Result<String> {
    let mut out = format!("{} -> {}\n", report.job, report.target);
    if report.pending.is_empty() {
        out.push_str("nothing is pending\n");
    }
    for object in &report.pending {
        let PendingObject { source, key, kind, late, bytes, rejected } = object;
        let late = if *late { ", late" } else { "" };
        push_line(&mut out, format_args!("pending  {source}/{key} ({kind}{late}, {bytes} bytes)"));
        if *rejected > 0 {
            push_line(&mut out, format_args!("         {rejected} rows of it would be set aside"));
        }
    }
    if report.rejected_rows > 0 {
        push_line(
            &mut out,
            format_args!("{} rows would be set aside in all", report.rejected_rows),
        );
    }
    for (source, columns) in &report.columns_added {
        push_line(&mut out, format_args!("added    to source {source}: {}", columns.join(", ")));
    }
    for model in &report.models {
        let ModelPlan { table, way, way_reason, step, reason, .. } = model;
        push_line(&mut out, format_args!("\nmodel {} -> table {table}", model.model));
        push_line(&mut out, format_args!("  way    {way}: {way_reason}"));
        push_line(&mut out, format_args!("  now    {step}: {reason}"));
        let key = if model.key.is_empty() { "none".to_owned() } else { model.key.join(", ") };
        push_line(&mut out, format_args!("  key    {key}"));
        if let Some(create) = &model.create {
            push_line(&mut out, format_args!("  create {}", create.replace('\n', "\n         ")));
        }
        if !model.columns_added.is_empty() {
            push_line(&mut out, format_args!("  added  {}", model.columns_added.join(", ")));
        }
        if *step != Step::Untouched.as_str() {
            push_line(
                &mut out,
                format_args!("  delta  {} upserts, {} deletes", model.upserts, model.deletes),
            );
        }
        quality::push_lines(&mut out, "  rules  ", &model.quality);
        if let Some(refused) = &model.refused {
            let refused = refused.lines().next().unwrap_or_default();
            push_line(&mut out, format_args!("  stop   a run is refused: {refused}"));
        }
        for (name, sample) in model.samples.iter().filter(|(_, sample)| !sample.is_empty()) {
            let table = pretty_format_batches(sample)
                .map_err(|error| Error::failed("cannot print rows").source(error))?;
            push_line(&mut out, format_args!("  first rows to {name}:\n{table}"));
        }
    }
    Ok(out)
}
