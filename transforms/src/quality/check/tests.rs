//! What rules mean, on few rows. The cases are those of deequ's specs of its DQDL rules, on data of our own.

use std::fmt::Write as _;

use datafusion::arrow::datatypes::Schema;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::collect;

use super::super::{parse, row};
use super::*;
use crate::session::{context, session_state};
use crate::testing::{assert_all, told};

mod compared;
mod counted;
mod numbers;
mod refused;
mod values;

const FILE: &str = "songs.dqdl";

/// The rows of a SELECT as a table. What the engine takes a list of values for differs between its plans and their results.
async fn table(context: &SessionContext, sql: &str) -> Arc<dyn TableProvider> {
    let statement = sql::parse_select(crate::sql::Dialect::Spark, "m.sql", sql).unwrap();
    let plan = match sql::plan(&context.state(), "m.sql", statement).await {
        Ok(plan) => plan,
        Err(error) => panic!("{sql}: {}", told(&error)),
    };
    let physical = context.state().create_physical_plan(&plan).await.unwrap();
    let fields = plan.schema().fields().iter();
    let fields = fields.map(|field| field.as_ref().clone().with_nullable(true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let batches = collect(physical, context.task_ctx()).await.unwrap().into_iter();
    let batches = batches.map(|b| b.with_schema(Arc::clone(&schema)).unwrap()).collect();
    Arc::new(MemTable::try_new(schema, vec![batches]).unwrap())
}

/// Tables by name and SELECT; the first is the model's.
async fn checked(tables: &[(&str, &str)], rules: &str) -> (SessionContext, Result<Checked>) {
    let state = session_state(crate::sql::Dialect::Spark, 2, Arc::new(RuntimeEnv::default()));
    let context = context(&state, []).unwrap();
    for (name, sql) in tables {
        let table = table(&context, sql).await;
        let _none = context.register_table(*name, table).unwrap();
    }
    let rows = context.table(tables[0].0).await.unwrap().into_unoptimized_plan();
    let now = DateTime::from_timestamp(1_767_312_000, 0).unwrap();
    let text =
        if rules.contains("Rules") { rules.to_owned() } else { format!("Rules = [ {rules} ]") };
    let ruleset = parse(FILE, &text).unwrap_or_else(|error| panic!("{text}: {}", told(&error)));
    let subject = Subject { file: FILE, model: "songs", rows, context: &context, now };
    let checked = check(&ruleset, subject).await;
    (context, checked)
}

async fn run(
    context: &SessionContext,
    plan: &LogicalPlan,
) -> std::result::Result<Option<Vec<Option<f64>>>, DataFusionError> {
    let physical = context.state().create_physical_plan(plan).await?;
    row(&collect(physical, context.task_ctx()).await?)
}

async fn results(tables: &[(&str, &str)], rules: &str) -> Vec<RuleResult> {
    let (context, checked) = checked(tables, rules).await;
    let checked = checked.unwrap_or_else(|error| panic!("{rules}: {}", told(&error)));
    let mut measured = Vec::new();
    for plan in checked.plans() {
        measured.push(match plan {
            None => None,
            Some(plan) => match run(&context, plan).await {
                Ok(row) => row,
                Err(error) => panic!("{rules}: {error}"),
            },
        });
    }
    checked.judge(&measured)
}

/// `Outcome metric=value …: reason`, entities of metrics left out where they are the columns'.
async fn outcome(tables: &[(&str, &str)], rule: &str) -> String {
    let results = results(tables, rule).await;
    let [result] = results.as_slice() else { panic!("{rule}: {results:?}") };
    let mut said = result.outcome.as_str().to_owned();
    for (name, value) in &result.evaluated_metrics {
        write!(said, " {name}={}", (value * 1e6).round() / 1e6).unwrap();
    }
    if let Some(reason) = &result.failure_reason {
        write!(said, ": {}", reason.replace('\n', " / ")).unwrap();
    }
    said
}

/// Checks `rule => outcome`, each on its own.
async fn assert_outcomes(tables: &[(&str, &str)], cases: &[(&str, &str)]) {
    let mut found = Vec::new();
    for (rule, expected) in cases {
        found.push(((*rule).to_owned(), outcome(tables, rule).await, (*expected).to_owned()));
    }
    assert_all(found);
}

/// Why a value is not as asked.
fn not(value: &str) -> String {
    format!("Value: {value} does not meet the constraint requirement!")
}

/// A rule that failed by a value.
fn failed(metrics: &str, value: &str) -> String {
    format!("Failed {metrics}: {}", not(value))
}
