//! Deltas: the plans that say which rows of a target to write and which to delete.
//!
//! Built from a model's canonical plan ([`crate::model::output::canonical`]) by relational algebra alone, so that they run
//! wherever the engine runs, and spill where memory ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};

use crate::functions::same_json;

/// What brings a target to its new state. Both are sorted by key.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The key columns of rows to delete, in key order.
    pub deletes: LogicalPlan,
    /// Rows to insert or to update, with all columns.
    pub upserts: LogicalPlan,
}

/// The delta of a row-wise model.
///
/// `model` reads the driver's net changes: its newest row images. `changed` are all rows of the pending objects of the
/// driver, `driver_key` its key columns in the order of `key`, the model's key columns. Keys that changed and
/// that the model does not return are deleted: they were deleted, or a filter leaves them out now.
///
/// # Errors
/// Those of building plans.
pub fn row_wise(
    model: &LogicalPlan,
    key: &[String],
    changed: Arc<dyn TableProvider>,
    driver_key: &[String],
) -> Result<Delta> {
    let keys = driver_key.iter().zip(key).map(|(from, to)| column(None, from).alias(to.as_str()));
    let changed = LogicalPlanBuilder::scan("changed", provider_as_source(changed), None)?
        .project(keys)?
        .distinct()?
        .alias("changed")?;
    let returned = keys_of(model.clone(), key)?.alias("returned")?.build()?;
    let deletes = changed.join_detailed(
        returned,
        JoinType::LeftAnti,
        (qualified("changed", key), qualified("returned", key)),
        None,
        NullEquality::NullEqualsNull,
    )?;
    Ok(Delta {
        deletes: sorted(keys_of_side(deletes, "changed", key)?, key)?,
        upserts: sorted(LogicalPlanBuilder::from(model.clone()), key)?,
    })
}

/// The difference between a model's new result and its target, by key.
///
/// `json` names the columns that the target stores as JSON in a form of its own: they are compared as documents.
///
/// # Errors
/// Those of building plans.
pub fn compare(
    model: &LogicalPlan,
    key: &[String],
    target: Arc<dyn TableProvider>,
    json: &BTreeSet<String>,
) -> Result<Delta> {
    let columns: Vec<String> =
        model.schema().fields().iter().map(|field| field.name().clone()).collect();
    let there = "__unglue_there";
    let old = || -> Result<LogicalPlanBuilder> {
        LogicalPlanBuilder::scan("target", provider_as_source(Arc::clone(&target)), None)
    };
    let mut old_columns: Vec<Expr> =
        columns.iter().map(|name| column(Some("target"), name)).collect();
    old_columns.push(lit(true).alias(there));
    let old_rows = old()?.project(old_columns)?.alias("old")?.build()?;
    let differs = columns
        .iter()
        .map(|name| {
            let [new, old] = ["new", "old"].map(|side| match json.contains(name) {
                true => same_json().call(vec![column(Some(side), name)]),
                false => column(Some(side), name),
            });
            distinct_from(new, old)
        })
        .fold(column(Some("old"), there).is_null(), Expr::or);
    let upserts = LogicalPlanBuilder::from(model.clone())
        .alias("new")?
        .join_detailed(
            old_rows,
            JoinType::Left,
            (qualified("new", key), qualified("old", key)),
            None,
            NullEquality::NullEqualsNull,
        )?
        .filter(differs)?
        .project(columns.iter().map(|name| column(Some("new"), name).alias(name.as_str())))?;
    let deletes = keys_of(old()?.build()?, key)?.alias("old")?.join_detailed(
        keys_of(model.clone(), key)?.alias("new")?.build()?,
        JoinType::LeftAnti,
        (qualified("old", key), qualified("new", key)),
        None,
        NullEquality::NullEqualsNull,
    )?;
    Ok(Delta {
        deletes: sorted(keys_of_side(deletes, "old", key)?, key)?,
        upserts: sorted(upserts, key)?,
    })
}

/// One row for each key that more than one row of the model has, at most one in all: for a key that no one has proven.
///
/// # Errors
/// Those of building plans.
pub fn duplicates(model: &LogicalPlan, key: &[String]) -> Result<LogicalPlan> {
    let keys: Vec<Expr> = key.iter().map(|name| column(None, name)).collect();
    LogicalPlanBuilder::from(model.clone())
        .aggregate(keys, [count(lit(1_i64)).alias("__unglue_rows")])?
        .filter(column(None, "__unglue_rows").gt(lit(1_i64)))?
        .limit(0, Some(1))?
        .build()
}

fn distinct_from(left: Expr, right: Expr) -> Expr {
    datafusion::logical_expr::binary_expr(
        left,
        datafusion::logical_expr::Operator::IsDistinctFrom,
        right,
    )
}

fn keys_of(plan: LogicalPlan, key: &[String]) -> Result<LogicalPlanBuilder> {
    LogicalPlanBuilder::from(plan)
        .project(key.iter().map(|name| column(None, name).alias(name.as_str())))
}

fn keys_of_side(
    plan: LogicalPlanBuilder,
    side: &str,
    key: &[String],
) -> Result<LogicalPlanBuilder> {
    plan.project(key.iter().map(|name| column(Some(side), name).alias(name.as_str())))
}

fn sorted(plan: LogicalPlanBuilder, key: &[String]) -> Result<LogicalPlan> {
    if key.is_empty() {
        return plan.build();
    }
    plan.sort(key.iter().map(|name| column(None, name).sort(true, true)))?.build()
}

fn qualified(side: &str, key: &[String]) -> Vec<Column> {
    key.iter().map(|name| Column::new(Some(side), name)).collect()
}

fn column(side: Option<&str>, name: &str) -> Expr {
    Expr::Column(match side {
        Some(side) => Column::new(Some(side), name),
        None => Column::from_name(name),
    })
}

#[cfg(test)]
mod tests;
