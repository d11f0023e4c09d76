//! What must hold of a model's rows: rules are evaluated over the new state of its table, before anything is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Serialize;
use tracing::{info, warn};
use transforms::model::Planned;
use transforms::model::output::canonical;
use transforms::quality::syntax::Ruleset;
use transforms::quality::{Checked, Measured, Outcome, RuleResult, Subject, check, row};

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::job::vars::named;
use crate::job::{Job, Output};
use crate::lines::push_line;
use crate::spool::Spool;
use crate::survey::SourceSurvey;
use crate::target::rows::Rows;
use crate::work::{Work, tables};

/// What becomes of a run whose rules fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Nothing is written.
    #[default]
    Refuse,
    /// It is told, and the run goes on.
    Report,
}

/// The rules of a model.
#[derive(Debug)]
pub struct Rules {
    /// The file that they are in.
    pub file: String,
    /// The rules.
    pub ruleset: Arc<Ruleset>,
    /// The variables in the file and their values, which results are told without.
    pub variables: Variables,
    /// What becomes of a run in which one fails.
    pub on_failure: OnFailure,
}

/// Names and values. Values may be secrets.
#[derive(Clone, Default)]
pub struct Variables(pub Vec<(String, String)>);

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What came of a model's rules.
#[derive(Debug, Clone)]
pub(crate) struct Evaluated {
    pub(crate) model: String,
    pub(crate) on_failure: OnFailure,
    pub(crate) rules: Vec<RuleReport>,
}

/// What came of a rule, under the names of the columns of Glue's results.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RuleReport {
    /// The model.
    pub model: String,
    /// The rule as it is written.
    pub rule: String,
    /// `Passed` or `Failed`.
    pub outcome: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// The numbers that it was judged by.
    pub evaluated_metrics: BTreeMap<String, f64>,
    /// The rule with its variables and arithmetic worked out.
    pub evaluated_rule: String,
    /// Its labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Where it stands.
    #[serde(skip)]
    pub place: String,
}

impl RuleReport {
    fn new(model: &str, rules: &Rules, result: RuleResult) -> Self {
        let shown = |text: &str| named(text, &rules.variables.0);
        let place = format!("{}:{}:{}", rules.file, result.at.line, result.at.column);
        let labels = result.labels.iter().map(|(key, value)| (shown(key), shown(value)));
        let metrics = result.evaluated_metrics.iter().map(|(name, value)| (shown(name), *value));
        Self {
            model: model.to_owned(),
            rule: shown(&result.rule),
            outcome: result.outcome.as_str(),
            failure_reason: result.failure_reason.as_deref().map(shown),
            evaluated_metrics: metrics.collect(),
            evaluated_rule: shown(&result.evaluated_rule),
            labels: labels.collect(),
            place,
        }
    }

    /// Whether it holds.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed.as_str()
    }

    /// The rule, where it stands and why it failed, in one line.
    #[must_use]
    pub fn failure(&self) -> String {
        let reason = self.failure_reason.as_deref().unwrap_or_default();
        format!("{}: {}: {reason}", self.place, self.rule).replace(char::is_control, " ")
    }
}

impl Evaluated {
    fn failures(&self) -> impl Iterator<Item = &RuleReport> {
        self.rules.iter().filter(|rule| !rule.passed())
    }

    /// Why a run is refused, if it is.
    pub(crate) fn objection(&self) -> Option<String> {
        let failed: Vec<String> = self.failures().map(RuleReport::failure).collect();
        if failed.is_empty() || self.on_failure == OnFailure::Report {
            return None;
        }
        let (failed_count, count) = (failed.len(), self.rules.len());
        let failed = failed.join("\n  ");
        Some(format!("model `{}`: {failed_count} of {count} rules failed\n  {failed}", self.model))
    }
}

/// Of all rules, the share that holds; none without rules.
#[must_use]
pub fn score(rules: &[RuleReport]) -> Option<f64> {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let passed = rules.iter().filter(|rule| rule.passed()).count();
    (!rules.is_empty()).then(|| count(passed) / count(rules.len()))
}

/// What to do about a rule that fails.
pub(crate) const HINT: &str = "nothing was written; correct the data or the rules and run again; with on_failure = \"report\" under [quality] in job.toml rules are only told of";

/// The report for people: how many rules of each model hold, and which do not.
pub(crate) fn push_lines(out: &mut String, title: &str, rules: &[RuleReport]) {
    for of_model in rules.chunk_by(|one, next| one.model == next.model) {
        let Some(first) = of_model.first() else { continue };
        let passed = of_model.iter().filter(|rule| rule.passed()).count();
        let (model, count) = (&first.model, of_model.len());
        push_line(out, format_args!("{title}{model}: {passed} of {count} passed"));
        for rule in of_model.iter().filter(|rule| !rule.passed()) {
            push_line(out, format_args!("         failed {}", rule.failure()));
        }
    }
}

/// Refuses a run for rules that fail, unless they are only to be told of.
///
/// # Errors
/// Kind `Refused`, which names the rules of all models.
pub(crate) fn allow(evaluated: &[Evaluated]) -> Result<()> {
    for of_model in evaluated {
        let Evaluated { model, on_failure, rules } = of_model;
        info!(model, rules = rules.len(), "evaluated rules");
        // The error tells of the others.
        for rule in of_model.failures().filter(|_| *on_failure == OnFailure::Report) {
            warn!(model, place = rule.place, rule = rule.rule, "a rule failed");
        }
    }
    let objections: Vec<String> = evaluated.iter().filter_map(Evaluated::objection).collect();
    if objections.is_empty() {
        return Ok(());
    }
    let rules = evaluated.iter().flat_map(|of_model| &of_model.rules).cloned().collect();
    Err(Error::refused(objections.join("\n")).judged_by(rules).hint(HINT))
}

/// Whether a run has rules to evaluate: of models whose tables change.
pub(crate) fn is_due(job: &Job, decisions: &[Decision]) -> bool {
    due(job, decisions).next().is_some()
}

fn due<'a>(
    job: &'a Job,
    decisions: &'a [Decision],
) -> impl Iterator<Item = (&'a Output, &'a Rules)> {
    let changing = job.outputs.iter().zip(decisions).filter(|(_, d)| d.step != Step::Untouched);
    changing.filter_map(|(output, _)| Some((output, output.rules.as_deref()?)))
}

/// Evaluates the rules of all models whose tables change, over the models' results for the sources as they stand now.
///
/// # Errors
/// Those of reading the sources and of running the models' and the rules' SQL.
pub(crate) async fn evaluate(
    job: &Job,
    decisions: &[Decision],
    surveys: &[SourceSurvey],
    work: &Work,
    engine: &SessionState,
    now: DateTime<Utc>,
) -> Result<Vec<Evaluated>> {
    let mut evaluated = Vec::new();
    if !is_due(job, decisions) {
        return Ok(evaluated);
    }
    let planned = job.models.plan(engine, tables(surveys, None)).await?;
    for (output, rules) in due(job, decisions) {
        let state = State { output, rules, planned: &planned, engine, now };
        let results = Box::pin(state.results(work)).await?;
        let report = |result| RuleReport::new(&output.model, rules, result);
        evaluated.push(Evaluated {
            model: output.model.clone(),
            on_failure: rules.on_failure,
            rules: results.into_iter().map(report).collect(),
        });
    }
    Ok(evaluated)
}

/// A model's rows after the run, and what is asked of them.
struct State<'a> {
    output: &'a Output,
    rules: &'a Rules,
    planned: &'a Planned,
    engine: &'a SessionState,
    now: DateTime<Utc>,
}

impl State<'_> {
    async fn results(&self, work: &Work) -> Result<Vec<RuleResult>> {
        if let Some(rows) = work.result(&self.output.model) {
            return self.measure(&self.check(rows.clone()).await?).await;
        }
        let raw = self.planned.plans.get(&self.output.model).ok_or_else(|| {
            Error::failed(format!("model `{}` was not planned", self.output.model))
        })?;
        let rows = canonical(&self.output.file, raw.clone())?;
        let checked = self.check(rows.clone()).await?;
        if checked.plans().iter().flatten().count() < 2 {
            return self.measure(&checked).await;
        }
        // Several plans read the rows: computed once, kept until all have.
        let spool = Spool::fill(&self.rows(&rows, &self.output.file).await?, Vec::new()).await?;
        self.measure(&self.check(spool.plan()?).await?).await
    }

    async fn check(&self, rows: LogicalPlan) -> Result<Checked> {
        let subject = Subject {
            file: &self.rules.file,
            model: &self.output.model,
            rows,
            context: &self.planned.context,
            now: self.now,
        };
        Ok(check(&self.rules.ruleset, subject).await?)
    }

    async fn measure(&self, checked: &Checked) -> Result<Vec<RuleResult>> {
        let mut measured: Measured = Vec::with_capacity(checked.plans().len());
        for plan in checked.plans() {
            measured.push(match plan {
                None => None,
                Some(plan) => self.row(plan).await?,
            });
        }
        Ok(checked.judge(&measured))
    }

    /// The one row of a plan; none if there are none or more.
    async fn row(&self, plan: &LogicalPlan) -> Result<Option<Vec<Option<f64>>>> {
        let stream = self.rows(plan, &self.rules.file).await?.stream()?;
        let batches: Vec<RecordBatch> = stream.try_collect().await?;
        Ok(row(&batches)?)
    }

    async fn rows(&self, plan: &LogicalPlan, file: &str) -> Result<Rows> {
        let physical = self.engine.create_physical_plan(plan).await?;
        Ok(Rows::new(physical, self.engine.task_ctx()).of_file(file))
    }
}
