//! The answers of a real Spark to the cases in transforms/spark, and ours to the same statements.
//!
//! `transforms/spark/differences.sql` lists the statements whose answer is another, with the reason; a listed statement that is answered as
//! Spark does is an error, so that the list tells the truth. docs/spark.md is made from both.

mod docs;
mod known;
mod recorded;
mod value;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::datasource::MemTable;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::collect;
use serde_json::Value;

use crate::session::{self, session_state};
use crate::sql::{self, Dialect};
use known::Known;
use recorded::{Answer, Case, Column};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spark")
}

#[expect(clippy::disallowed_methods, reason = "a test reads the repository")]
fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Spark's tables, in our engine.
async fn context() -> SessionContext {
    let mut state = session_state(Dialect::Spark, 1, Arc::new(RuntimeEnv::default()));
    state.config_mut().options_mut().optimizer.max_passes = 1;
    let context = session::context(&state, []).unwrap();
    for (name, select) in recorded::fixtures(&text_of(&folder().join("fixtures.sql"))) {
        match answer(&context, &select).await {
            Ok((schema, batches)) => {
                let table = MemTable::try_new(schema, vec![batches]).unwrap();
                let _none = context.register_table(name.as_str(), Arc::new(table)).unwrap();
            }
            // The cases that read it fail.
            Err(error) => eprintln!("table {name}: {error}"),
        }
    }
    context
}

async fn answer(
    context: &SessionContext,
    statement: &str,
) -> Result<(SchemaRef, Vec<RecordBatch>), String> {
    let state = context.state();
    let parsed = sql::parse_select(Dialect::Spark, "case.sql", statement);
    let plan = match parsed {
        Ok(parsed) => sql::plan(&state, "case.sql", parsed).await,
        Err(error) => Err(error),
    };
    let plan = plan.map_err(|error| crate::testing::told(&error))?;
    let schema = Arc::new(plan.schema().as_arrow().clone());
    let physical =
        state.create_physical_plan(&plan).await.map_err(|error| error.strip_backtrace())?;
    let batches =
        collect(physical, state.task_ctx()).await.map_err(|error| error.strip_backtrace())?;
    Ok((schema, batches))
}

/// What our answer is beside Spark's.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The same columns and rows.
    Same,
    /// Spark fails, and so does it here.
    Refused,
    /// Spark fails, and here are rows. A job that fails in Spark has no table that ours could differ from.
    More,
    /// Another answer: what is wrong with it.
    Differs(String),
}

impl Verdict {
    fn fault(&self) -> Option<&str> {
        match self {
            Self::Differs(fault) => Some(fault),
            _ => None,
        }
    }
}

async fn verdict(context: &SessionContext, case: &Case) -> Verdict {
    let found = answer(context, &case.sql).await;
    match (&case.answer, found) {
        (Answer::Error, Err(_)) => Verdict::Refused,
        (Answer::Error, Ok(_)) => Verdict::More,
        (Answer::Rows { .. }, Err(error)) => Verdict::Differs(error),
        (Answer::Rows { columns, rows }, Ok((schema, batches))) => {
            let types: Vec<Column> = schema
                .fields()
                .iter()
                .map(|field| Column {
                    name: field.name().clone(),
                    sql_type: value::type_name(field.data_type()),
                })
                .collect();
            if let Some(told) = differing_columns(columns, &types, case.topic == "column names") {
                return Verdict::Differs(told);
            }
            let (mut expected, mut found) = (rows.clone(), value::rows(&batches, columns));
            if !case.is_ordered() {
                expected.sort_by_key(Value::to_string);
                found.sort_by_key(Value::to_string);
            }
            let is_same = expected.len() == found.len()
                && expected
                    .iter()
                    .zip(&found)
                    .all(|(expected, found)| value::is_same(expected, found));
            match is_same {
                true => Verdict::Same,
                false => {
                    Verdict::Differs(format!("Spark {}, here {}", shown(&expected), shown(&found)))
                }
            }
        }
    }
}

/// Types are compared always, names where they are what a case is about: those of long expressions are not the same.
fn differing_columns(expected: &[Column], found: &[Column], with_names: bool) -> Option<String> {
    let text = |columns: &[Column]| {
        let columns: Vec<String> = columns
            .iter()
            .map(|Column { name, sql_type }| match with_names {
                true => format!("{} {sql_type}", name.to_lowercase()),
                false => sql_type.clone(),
            })
            .collect();
        columns.join(", ")
    };
    let (expected, found) = (text(expected), text(found));
    (expected != found).then(|| format!("Spark has the columns {expected}, here are {found}"))
}

fn shown(rows: &[Value]) -> String {
    let text = rows.iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
    text.chars().take(400).collect()
}

/// All cases with what our answers are.
async fn judged() -> Vec<(Case, Verdict)> {
    let context = context().await;
    let mut judged = Vec::new();
    for case in recorded::all(&folder().join("recorded")) {
        let verdict = verdict(&context, &case).await;
        judged.push((case, verdict));
    }
    judged
}

/// `SPARK_CASES=topic` shows only the cases of one topic, or of a file.
#[test]
fn every_answer_is_that_of_spark_or_a_known_difference() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let judged = runtime.block_on(judged());
    let known = Known::read(&text_of(&folder().join("differences.sql")));
    let only = std::env::var_os("SPARK_CASES").and_then(|only| only.into_string().ok());
    let is_wanted =
        |case: &Case| only.as_ref().is_none_or(|only| *only == case.topic || *only == case.file);
    let (mut told, mut same) = (String::new(), 0);
    for (case, verdict) in judged.iter().filter(|(case, _)| is_wanted(case)) {
        match (verdict.fault(), known.reason(&case.sql)) {
            (None, None) => same += 1,
            (Some(_), Some(_)) => {}
            (Some(fault), None) => {
                writeln!(told, "{} [{}]\n  {}\n  {fault}", case.file, case.topic, case.sql)
                    .unwrap();
            }
            (None, Some(_)) => {
                writeln!(
                    told,
                    "{}: listed in differences.sql, but answered as Spark does: {}",
                    case.file, case.sql
                )
                .unwrap();
            }
        }
    }
    let unused = known.statements().filter(|sql| !judged.iter().any(|(case, _)| case.sql == **sql));
    for sql in unused {
        writeln!(told, "differences.sql: no case is `{sql}`").unwrap();
    }
    let wrong = told.lines().filter(|line| !line.starts_with(' ')).count();
    println!(
        "{} cases: {same} answered as Spark does, {} known differences",
        judged.len(),
        known.len()
    );
    assert!(told.is_empty(), "{told}\n{wrong} cases of {} differ", judged.len());
    assert!(judged.len() >= 600, "there are only {} cases", judged.len());
    docs::check(&judged, &known);
}
