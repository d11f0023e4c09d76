//! Rows beside those that a target has now: what a plan shows of a delta.

use std::collections::BTreeSet;

use datafusion::common::JoinType;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, lit};

use super::{Side, THERE, column, differs, same_json, there_are};

/// Which rows stand beside those of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Some: of the target's rows only those with their keys count.
    Some,
    /// All that there will be: the target's other rows count too.
    All,
}

/// How often a target may have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Once: a unique index sees to it.
    Unique,
    /// As often as somebody likes.
    Repeated,
}

/// Rows of a model, each beside the target's row of the same key. Of several such rows it stands beside one, which is an equal
/// one if there is one; the others stand alone.
///
/// The columns, by their place, with n the number of the model's columns: n of the new row, n of the old row, n that say
/// whether the two differ there, whether there is a new row, whether there is an old one, whether the old one stands alone
/// since its key is another one's too. Rows are compared as [`compare`](super::compare) compares them, keys too.
///
/// # Errors
/// Those of building plans.
pub fn beside(
    rows: &LogicalPlan,
    key: &[String],
    target: LogicalPlanBuilder,
    json: &BTreeSet<String>,
    which: Beside,
    keys: Keys,
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
    let pairs = new.join(old, join)?.project(columns)?;
    match keys {
        Keys::Unique => {
            let columns = pairs.schema().columns().into_iter().map(Expr::Column);
            let columns: Vec<Expr> = columns.chain([lit(false).alias(REPEATED)]).collect();
            pairs.project(columns)?.build()
        }
        Keys::Repeated => one_of_each(pairs, &names, key),
    }
}

const REPEATED: &str = "__unglue_repeated";

/// Of the pairs with the same new row the best one; in the others the old row stands alone.
fn one_of_each(pairs: LogicalPlanBuilder, names: &[&str], key: &[String]) -> Result<LogicalPlan> {
    const RANK: &str = "__unglue_rank";
    const DIFFERS: &str = "__unglue_differs";
    let plain = |name: &str| column(None, name);
    let (is_new, is_old) = (plain("__unglue_is_new"), plain("__unglue_is_old"));
    let differs = (0..names.len())
        .map(|index| column(None, &format!("__unglue_differs_{index}")))
        .fold(lit(false), Expr::or);
    let all = pairs.schema().columns();
    let with_differs = all.iter().cloned().map(Expr::Column).chain([differs.alias(DIFFERS)]);
    let pairs = pairs.project(with_differs.collect::<Vec<_>>())?;
    let is_key = |name: &str| key.iter().any(|part| part == name);
    let places = names.iter().enumerate().filter(|(_, name)| is_key(name));
    let of_key = places.map(|(index, _)| column(None, &format!("__unglue_new_{index}")));
    // Which of several other ones is taken is the same each time.
    let old = (0..names.len()).map(|index| column(None, &format!("__unglue_old_{index}")));
    let order = [plain(DIFFERS)].into_iter().chain(old).map(|by| by.sort(true, true));
    let rank = row_number()
        .partition_by([is_new.clone()].into_iter().chain(of_key).collect())
        .order_by(order.collect())
        .build()?
        .alias(RANK);
    let is_first = plain(RANK).eq(lit(1_u64));
    let last = all.len().saturating_sub(2);
    let columns = all.into_iter().take(last).map(Expr::Column).chain([
        is_new.clone().and(is_first.clone()).alias("__unglue_is_new"),
        is_old.clone(),
        is_new.and(is_old).and(!is_first).alias(REPEATED),
    ]);
    pairs.window([rank])?.project(columns.collect::<Vec<_>>())?.build()
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
