//! What a run would do: its decisions, what they change row by row, and what that depends on. Writes nothing.
//!
//! `effect` compares what would be written with what is there (`reach` keeps that to a part of the table, `changes` counts, `first`
//! and `sample` keep the rows that are shown), `loss` is for guards, `report` and `text` tell of it. `pins` is what a plan depends
//! on (`planned` what is to come of it, `values` those of variables), `file` the file that holds it, from which [`crate::run`] does exactly that or refuses.

mod changes;
mod effect;
mod file;
mod first;
mod loss;
mod pins;
mod planned;
mod reach;
mod report;
mod sample;
mod text;
mod values;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::execution::SessionState;
use transforms::scan::{ReadCounts, ScanLog};

use crate::decide::{Decision, Step};
use crate::drift::Reach;
use crate::engine;
use crate::error::Result;
use crate::guard;
use crate::job::{Job, JobFolder, Output};
use crate::lag::Waiting;
use crate::look::{self, Look};
use crate::owner;
use crate::quality;
use crate::recent::{self, Outset};
use crate::rejects::{Tallied, Tally, tally};
use crate::resets;
use crate::run::{Known, is_idle};
use crate::survey::late_objects;
use crate::tables::columns_added;
use crate::takeover::{self, taken_over};
use crate::target::ledger::{Ledger, Notes, Wanted, everything};
use crate::target::{PlannedChange, Target};
use crate::work::{Work, plan_work, spec};
use effect::Effect;

pub use file::PlanFile;
pub(crate) use pins::Inputs;
pub use pins::Pins;
pub(crate) use planned::PlannedModel;
pub(crate) use report::{ModelPlan, PendingObject, PlanReport};
pub(crate) use text::Paint;

/// What is planned for.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) job: &'a Job,
    pub(crate) folder: &'a JobFolder,
    pub(crate) engine: &'a SessionState,
    pub(crate) target: &'a Arc<dyn Target>,
}

/// What a run would do, and what that depends on.
pub(crate) struct Planned {
    pub(crate) report: PlanReport,
    pub(crate) pins: Pins,
}

/// Plans.
///
/// # Errors
/// Those of a run up to its first statement that writes, but for guards and rules, of which the report tells.
pub(crate) async fn plan(subject: Subject<'_>, outset: Outset<'_>) -> Result<Planned> {
    let Subject { job, folder, target, .. } = subject;
    let recent = |notes: &Notes| recent::parts(job, folder, notes, outset);
    let mut wanted: &Wanted<'_> = &recent;
    loop {
        let ledger = target.ledger(job.name.as_str(), wanted).await?;
        if let Some(planned) = plan_after(subject, &ledger, outset).await? {
            return Ok(planned);
        }
        wanted = &everything;
    }
}

/// Refuses work that does otherwise to the tables than a plan says, if there is one. Computes what is to be written once more.
///
/// # Errors
/// Kind `Refused`, naming each table; those of comparing with the tables.
pub(crate) async fn check_effects(
    pins: Option<&Pins>,
    job: &Job,
    decisions: &[Decision],
    work: &Work,
    engine: &SessionState,
    target: &Arc<dyn Target>,
) -> Result<()> {
    let Some(pins) = pins else { return Ok(()) };
    let effects = effect::effects(job, decisions, work, engine, target).await?;
    pins.check_effects(&job.outputs, &effects)
}

/// Plans after the ledger; `None` if what was read of it does not suffice.
async fn plan_after(
    subject: Subject<'_>,
    ledger: &Ledger,
    outset: Outset<'_>,
) -> Result<Option<Planned>> {
    let mut reach = Reach::known(subject.job, ledger, outset.wishes.full_refresh);
    loop {
        let drift = Arc::new(ScanLog::default());
        let job = reach.job(subject.job, subject.engine).await?;
        let known = Known { ledger, reach: &reach, drift: &drift };
        match plan_with(Subject { job: &job, ..subject }, known, outset).await {
            Err(error) if !reach.learn(&drift) => return Err(error),
            Err(_) => {}
            Ok(planned) => {
                let columns_added = reach.news(&job);
                return Ok(planned.map(|Planned { report, pins }| Planned {
                    report: PlanReport { columns_added, ..report },
                    pins,
                }));
            }
        }
    }
}

/// Plans over sources that are as wide as is known; `None` as [`plan_after`].
async fn plan_with(
    subject: Subject<'_>,
    known: Known<'_>,
    outset: Outset<'_>,
) -> Result<Option<Planned>> {
    let Subject { job, folder, target, .. } = subject;
    let (ledger, wishes) = (known.ledger, outset.wishes);
    let counts = Arc::new(ReadCounts::default());
    let engine = engine::of_run(subject.engine, Arc::clone(&counts), Arc::clone(known.drift));
    let engine = &engine::at(engine, outset.now);
    let waiting = &Waiting::default();
    let look = Look { job, folder, known, engine, target, wishes, waiting, pinned: None };
    let Some((surveys, decisions)) = look::look(look).await? else { return Ok(None) };
    // Before the tables are read, so that one that is altered meanwhile is found to be another one later.
    let inputs = Inputs::of(job, target, ledger).await?.with_sources(&surveys);
    let work = plan_work(job, &decisions, &surveys, engine, target).await?;
    let evaluated = quality::evaluate(job, &decisions, &surveys, &work, engine, outset.now);
    let evaluated = Box::pin(evaluated).await?;
    let effects = Box::pin(effect::effects(job, &decisions, &work, engine, target)).await?;
    let taken = taken_over(job, &decisions, ledger, target, wishes).await?;
    let resets = resets::resets(job, &decisions, ledger, target).await?;
    let mut models = Vec::with_capacity(job.outputs.len());
    for ((((output, decision), taken), effect), resets) in
        job.outputs.iter().zip(&decisions).zip(taken).zip(effects).zip(resets)
    {
        let effect = effect.unwrap_or_default();
        let objection = match taken {
            Some(objection) => Some((objection.to_owned(), takeover::HINT)),
            None if wishes.allow_deletes => None,
            None => {
                let guard = guard::of_run(output, wishes, &surveys);
                let loss = loss::loss(output, &decision.step, &effect, target).await?;
                guard.objection(&loss).map(|objection| (objection.to_string(), objection.hint()))
            }
        };
        let of_resets = || resets::objection(output, &resets, ledger, wishes);
        let objection = objection.or_else(|| Some((of_resets()?, resets::HINT)));
        let mut refusal =
            objection.map(|(text, hint)| (format!("table `{}` {text}", output.table), hint));
        let mut plan = model_plan(output, decision, effect, target).await?;
        plan.columns_reset = resets;
        if let Some(evaluated) = evaluated.iter().find(|of| of.model == output.model) {
            refusal = refusal.or_else(|| Some((evaluated.objection()?, quality::HINT)));
            plan.quality.clone_from(&evaluated.rules);
        }
        (plan.refused, plan.hint) = refusal.unzip();
        models.push(plan);
    }
    let tally = tally(&surveys, ledger, &counts, engine).await?;
    let is_idle = is_idle(&decisions, &surveys);
    if !is_idle {
        tally.check(job.rejects.most)?;
    }
    let pins = Pins { inputs, models: models.iter().map(PlannedModel::of).collect(), values: None };
    let report = PlanReport {
        schema_version: crate::report::SCHEMA_VERSION,
        job: job.name.to_string(),
        target: target.display_name(),
        changes: !is_idle,
        refused: models.iter().any(|model| model.refused.is_some()),
        pending: pending(&tally, &late_objects(&surveys)),
        rejected_rows: tally.rejected(),
        set_aside_rows: tally.set_aside(),
        columns_added: std::collections::BTreeMap::new(),
        models,
        left_tables: owner::left_tables(job, ledger, target).await,
    };
    Ok(Some(Planned { report, pins }))
}

fn pending(tally: &Tally<'_>, late: &HashSet<(&str, &str)>) -> Vec<PendingObject> {
    let pending = |object: &Tallied<'_>| {
        let (source, listed) = (&object.survey.source.name, &object.staged.listed);
        PendingObject {
            source: source.clone(),
            key: listed.key.clone(),
            kind: object.staged.name.kind.to_string(),
            late: late.contains(&(source.as_str(), listed.key.as_str())),
            bytes: listed.size,
            modified: moment(listed.modified),
            e_tag: listed.e_tag.clone(),
            rejected: object.rejected(),
        }
    };
    tally.objects.iter().filter(|object| object.is_pending).map(pending).collect()
}

/// A time as reports and plans write it.
fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn model_plan(
    output: &Output,
    decision: &Decision,
    effect: Effect,
    target: &Arc<dyn Target>,
) -> Result<ModelPlan> {
    let exists = target.describe(&output.table).await?.is_some();
    let Effect { upserts, deletes, changes } = effect;
    let planned = match &decision.step {
        Step::Untouched => None,
        Step::RowWise { .. } | Step::Replay => Some(PlannedChange::Merge { deletes, upserts }),
        Step::Append { .. } => Some(PlannedChange::Append { rows: upserts }),
        Step::Replace => Some(PlannedChange::Replace { rows: upserts }),
        Step::Rebuild => Some(PlannedChange::Rebuild),
    };
    let statements = match planned {
        None => Vec::new(),
        Some(planned) => {
            let spec = crate::work::widening(output, decision);
            target.statements(&spec, planned).await?
        }
    };
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
        columns_reset: Vec::new(),
        upserts,
        deletes,
        changes,
        statements,
        quality: Vec::new(),
        refused: None,
        hint: None,
    })
}
