//! Joins: which side drives, and whether each of its rows meets at most one row of the other.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::utils::{find_valid_equijoin_key_pair, split_conjunction};
use datafusion::logical_expr::{
    BinaryExpr, Distinct, Expr, ExprSchemable, Join, LogicalPlan, Operator,
};

use super::unique::unique_key;
use super::{Driven, drive, has_subquery, plain_column, sources};
use crate::functions::conversion::{ARGUMENT, CAST};

/// Follows a side of a join, or says why neither can be followed.
pub(super) fn drive_join(join: &Join) -> Result<std::result::Result<Driven, String>> {
    if join.filter.as_ref().is_some_and(has_subquery) {
        return Ok(Err("a join condition holds a subquery".to_owned()));
    }
    match join.join_type {
        JoinType::Left => drive_side(join, true),
        JoinType::Right => drive_side(join, false),
        JoinType::Inner => Ok(match drive_side(join, true)? {
            Err(reason) => drive_side(join, false)?.map_err(|_| reason),
            driven => driven,
        }),
        _ => Ok(Err("it joins in a way that is not row by row".to_owned())),
    }
}

/// Follows one side of a join, if each of its rows meets at most one row of the other.
fn drive_side(join: &Join, of_left: bool) -> Result<std::result::Result<Driven, String>> {
    let (driving, other) =
        if of_left { (&join.left, &join.right) } else { (&join.right, &join.left) };
    let mut driven = match drive(driving)? {
        Ok(driven) => driven,
        Err(reason) => return Ok(Err(reason)),
    };
    let beside = sources(other)?;
    let names = match beside.is_empty() {
        true => "rows that it makes".to_owned(),
        false => beside.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    };
    match meets_once(join, !of_left)? {
        Meets::Once => {}
        Meets::OnceByType => {
            return Ok(Err(format!("it joins {names} by a key that is compared as another type")));
        }
        Meets::Often => {
            return Ok(Err(format!("it joins {names} by columns that are not its key")));
        }
    }
    if beside.contains(&driven.driver) {
        return Ok(Err(format!("it joins `{}` to itself", driven.driver)));
    }
    if depends_on_order(other)? {
        return Ok(Err(format!(
            "it joins {names} by LIMIT or windows, which may differ in another run"
        )));
    }
    let unknown = vec![None; other.schema().fields().len()];
    driven.lineage = match of_left {
        true => [driven.lineage, unknown].concat(),
        false => [unknown, driven.lineage].concat(),
    };
    driven.references.extend(beside);
    Ok(Ok(driven))
}

/// Whether a plan may give other rows over the same data, as ties are broken in another way.
fn depends_on_order(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        found |= match node {
            LogicalPlan::Limit(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Distinct(Distinct::On(_)) => true,
            LogicalPlan::Sort(sort) => sort.fetch.is_some(),
            LogicalPlan::Aggregate(aggregate) => aggregate.aggr_expr.iter().any(takes_any_order),
            _ => false,
        };
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// Whether an aggregate takes what comes first, so that it may be another in another run.
fn takes_any_order(expr: &Expr) -> bool {
    const OF_ORDER: [&str; 10] = [
        "first_value",
        "last_value",
        "first",
        "last",
        "any_value",
        "array_agg",
        "collect_list",
        "max_by",
        "min_by",
        "string_agg",
    ];
    expr.exists(|inner| {
        Ok(matches!(inner, Expr::AggregateFunction(call) if OF_ORDER
            .contains(&call.func.name().trim_start_matches("unglue_"))))
    })
    .unwrap_or(true)
}

/// How many rows of one side of a join a row of the other side meets.
#[derive(PartialEq, Eq)]
pub(super) enum Meets {
    /// At most one.
    Once,
    /// It would be at most one if the key were compared as what it is: '1' and '01' are one number.
    OnceByType,
    Often,
}

/// How many rows of one side a row of the other meets.
pub(super) fn meets_once(join: &Join, of_left: bool) -> Result<Meets> {
    let side = if of_left { &join.left } else { &join.right };
    let Some(key) = unique_key(side)? else { return Ok(Meets::Often) };
    let equated = equated_columns(join, of_left)?;
    let is_equated = |exactly: bool| {
        key.iter().all(|column| {
            equated.iter().any(|(equated, exact)| equated == column && (*exact || !exactly))
        })
    };
    Ok(match (is_equated(true), is_equated(false)) {
        (true, _) => Meets::Once,
        (false, true) => Meets::OnceByType,
        (false, false) => Meets::Often,
    })
}

/// The columns of one side that an equality of the join compares with the other side, and whether the comparison tells
/// all their values apart.
fn equated_columns(join: &Join, of_left: bool) -> Result<Vec<(usize, bool)>> {
    let side = if of_left { &join.left } else { &join.right };
    let mut pairs = join.on.clone();
    // In a raw plan an ON condition stands in the filter; only USING fills `on`.
    for conjunct in join.filter.iter().flat_map(split_conjunction) {
        if let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = conjunct
            && let Some(pair) =
                find_valid_equijoin_key_pair(left, right, join.left.schema(), join.right.schema())?
        {
            pairs.push(pair);
        }
    }
    let mut columns = Vec::with_capacity(pairs.len());
    for (left, right) in &pairs {
        let (value, is_cast) = uncast(if of_left { left } else { right });
        let Some(column) = plain_column(value) else { continue };
        let Some(index) = side.schema().maybe_index_of_column(column) else { continue };
        let types = (left.get_type(join.left.schema())?, right.get_type(join.right.schema())?);
        let (as_left, as_right) =
            BinaryTypeCoercer::new(&types.0, &Operator::Eq, &types.1).get_input_types()?;
        let exact = !is_cast
            && match of_left {
                true => keeps_apart(&types.0, &as_left),
                false => keeps_apart(&types.1, &as_right),
            };
        columns.push((index, exact));
    }
    Ok(columns)
}

/// Whether a cast gives different values for different values (or fails).
fn keeps_apart(from: &DataType, to: &DataType) -> bool {
    let scale = |sql_type: &DataType| match sql_type {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => Some(*scale),
        _ => None,
    };
    match (from, to) {
        (from, to) if from == to => true,
        (from, to)
            if from.is_integer() && (to.is_integer() || scale(to).is_some() || to.is_string()) =>
        {
            true
        }
        (DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16, to) => {
            to.is_floating()
        }
        (DataType::Int32 | DataType::UInt32 | DataType::Float32, DataType::Float64) => true,
        (from, to) if from.is_string() && to.is_string() => true,
        (DataType::Date32, DataType::Timestamp(..)) => true,
        (from, to) => match (scale(from), scale(to)) {
            (Some(from), Some(to)) => from <= to,
            _ => false,
        },
    }
}

/// Without the cast to what it is compared with.
fn uncast(expr: &Expr) -> (&Expr, bool) {
    match expr {
        Expr::ScalarFunction(call) if [ARGUMENT, CAST].contains(&call.func.name()) => {
            match call.args.first() {
                Some(value) => (value, true),
                None => (expr, false),
            }
        }
        _ => (expr, false),
    }
}
