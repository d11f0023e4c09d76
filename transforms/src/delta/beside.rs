//! Rows beside those that a target has now: what a plan shows of a delta.

use std::collections::BTreeSet;

use datafusion::common::JoinType;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::{Side, THERE, column, differs, same_json, there_are};

/// Which rows stand beside those of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Some: of the target's rows only those with their keys count.
    Some,
    /// All that there will be: the target's other rows count too.
    All,
}

/// Rows of a model, each beside the target's row of the same key.
///
/// The columns, by their place, with n the number of the model's columns: n of the new row, n of the old row, n that say
/// whether the two differ there, whether there is a new row, whether there is an old one. Rows are compared as
/// [`compare`](super::compare) compares them, keys too.
///
/// # Errors
/// Those of building plans.
pub fn beside(
    rows: &LogicalPlan,
    key: &[String],
    target: LogicalPlanBuilder,
    json: &BTreeSet<String>,
    which: Beside,
) -> Result<LogicalPlan> {
    let schema = rows.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut new: Vec<Expr> = names.iter().map(|name| column(None, name).alias(*name)).collect();
    new.push(lit(true).alias(THERE));
    let new = LogicalPlanBuilder::from(rows.clone()).project(new)?;
    let new = Side::new(new, "new", key)?;
    let old = Side::new(there_are(schema, target)?, "old", key)?;
    let join = match which {
        Beside::Some => JoinType::Left,
        Beside::All => JoinType::Full,
    };
    let mut columns = Vec::new();
    for side in ["new", "old"] {
        columns.extend(names.iter().enumerate().map(|(index, name)| {
            column(Some(side), name).alias(format!("__unglue_{side}_{index}"))
        }));
    }
    columns.extend(
        names
            .iter()
            .enumerate()
            .map(|(index, name)| differs(name, json).alias(format!("__unglue_differs_{index}"))),
    );
    for side in ["new", "old"] {
        let is_there = column(Some(side), THERE).is_not_null();
        columns.push(is_there.alias(format!("__unglue_is_{side}")));
    }
    new.join(old, join)?.project(columns)?.build()
}

/// Keys, each with the target's row that has it: the columns of `model`, and whether there is such a row.
///
/// # Errors
/// Those of building plans.
pub fn doomed(
    keys: &LogicalPlan,
    key: &[String],
    target: LogicalPlanBuilder,
    model: &LogicalPlan,
) -> Result<LogicalPlan> {
    let new = Side::new(LogicalPlanBuilder::from(keys.clone()), "new", key)?;
    let old = Side::new(there_are(model.schema(), target)?, "old", key)?;
    let names = model.schema().fields().iter().map(|field| field.name().as_str());
    let mut columns: Vec<Expr> = names.map(|name| column(Some("old"), name).alias(name)).collect();
    columns.push(column(Some("old"), THERE).is_not_null().alias(THERE));
    new.join(old, JoinType::Left)?.project(columns)?.build()
}

/// Rows of a model without a key and those of its target, each once: the model's columns, how often it will be there, and how
/// often it is.
///
/// # Errors
/// Those of building plans.
pub fn as_bags(
    rows: &LogicalPlan,
    target: LogicalPlanBuilder,
    json: &BTreeSet<String>,
) -> Result<LogicalPlan> {
    const NEW: &str = "__unglue_new";
    const OLD: &str = "__unglue_old";
    let schema = rows.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let counted = |side: LogicalPlanBuilder, new: i64, old: i64| {
        let value = |name: &&str| match json.contains(*name) {
            true => same_json().call(vec![column(None, name)]).alias(*name),
            false => column(None, name).alias(*name),
        };
        let mut columns: Vec<Expr> = names.iter().map(value).collect();
        columns.extend([lit(new).alias(NEW), lit(old).alias(OLD)]);
        side.project(columns)
    };
    let old = counted(there_are(schema, target)?, 0, 1)?.build()?;
    let keys: Vec<Expr> = names.iter().map(|name| column(None, name)).collect();
    let counts = [NEW, OLD].map(|name| sum(column(None, name)).alias(name));
    counted(LogicalPlanBuilder::from(rows.clone()), 1, 0)?
        .union(old)?
        .aggregate(keys, counts)?
        .build()
}
