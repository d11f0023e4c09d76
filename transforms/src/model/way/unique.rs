//! Which columns of a plan are unique, as far as the plan proves it.

use datafusion::common::JoinType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan};

use super::joins::{Meets, meets_once};
use super::{key_of, plain_column, scanned};

/// Output columns that no two rows share, proven by the plan.
pub(super) fn unique_key(plan: &LogicalPlan) -> Result<Option<Vec<usize>>> {
    Ok(match plan {
        LogicalPlan::TableScan(scan) => {
            let key = key_of(scan);
            let lineage = scanned(scan).lineage;
            let place = |column: &usize| lineage.iter().position(|origin| *origin == Some(*column));
            if key.is_empty() { None } else { key.iter().map(place).collect() }
        }
        LogicalPlan::SubqueryAlias(alias) => unique_key(&alias.input)?,
        LogicalPlan::Filter(filter) => unique_key(&filter.input)?,
        LogicalPlan::Sort(sort) => unique_key(&sort.input)?,
        LogicalPlan::Limit(limit) => unique_key(&limit.input)?,
        LogicalPlan::Distinct(Distinct::All(input)) => unique_key(input)?,
        // A window adds columns behind those of its input.
        LogicalPlan::Window(window) => unique_key(&window.input)?,
        LogicalPlan::Aggregate(aggregate) => unique_key_of_groups(aggregate)?,
        LogicalPlan::Projection(projection) => {
            let Some(key) = unique_key(&projection.input)? else { return Ok(None) };
            let outputs: Vec<Option<usize>> = projection
                .expr
                .iter()
                .map(|expr| projection.input.schema().maybe_index_of_column(plain_column(expr)?))
                .collect();
            key.iter()
                .map(|column| outputs.iter().position(|output| *output == Some(*column)))
                .collect()
        }
        LogicalPlan::Join(join) => unique_key_of_join(join)?,
        _ => None,
    })
}

fn unique_key_of_join(join: &Join) -> Result<Option<Vec<usize>>> {
    let is_once =
        |of_left: bool| Ok::<bool, DataFusionError>(meets_once(join, of_left)? == Meets::Once);
    Ok(match join.join_type {
        JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => unique_key(&join.left)?,
        JoinType::RightSemi | JoinType::RightAnti => unique_key(&join.right)?,
        JoinType::Inner | JoinType::Left if is_once(false)? => unique_key(&join.left)?,
        JoinType::Inner | JoinType::Right if is_once(true)? => {
            let width = join.left.schema().fields().len();
            unique_key(&join.right)?
                .map(|key| key.into_iter().map(|column| column + width).collect())
        }
        _ => None,
    })
}

/// The columns that tell groups apart. Those that a key among them determines add nothing and are left out: of
/// `GROUP BY d.id, d.name` the first is enough.
fn unique_key_of_groups(aggregate: &Aggregate) -> Result<Option<Vec<usize>>> {
    let groups = &aggregate.group_expr;
    if groups.is_empty() || groups.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
        return Ok(None);
    }
    let schema = aggregate.input.schema();
    let columns: Vec<Option<usize>> =
        groups.iter().map(|expr| schema.maybe_index_of_column(plain_column(expr)?)).collect();
    let place = |column: &usize| columns.iter().position(|group| *group == Some(*column));
    if let Some(key) = unique_key(&aggregate.input)?
        && let Some(places) = key.iter().map(place).collect()
    {
        return Ok(Some(places));
    }
    let mut keys = Vec::new();
    let origins = origins(&aggregate.input, &mut keys);
    let origins: Vec<Option<Origin>> =
        columns.iter().map(|column| origins.get((*column)?).copied().flatten()).collect();
    let is_determined = |origin: &Origin| {
        keys.get(origin.scan).is_some_and(|key: &Vec<usize>| {
            let has =
                |column: &usize| origins.contains(&Some(Origin { column: *column, ..*origin }));
            !key.is_empty() && !key.contains(&origin.column) && key.iter().all(has)
        })
    };
    let is_needed = |place: &usize| {
        !origins.get(*place).is_some_and(|origin| origin.as_ref().is_some_and(is_determined))
    };
    Ok(Some((0..groups.len()).filter(is_needed).collect()))
}

/// The column of a scan that a column is, unchanged. Those of one scan come from one row, or are all NULL.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Origin {
    scan: usize,
    column: usize,
}

/// Where a plan's columns come from; adds the key of each scan.
fn origins(plan: &LogicalPlan, keys: &mut Vec<Vec<usize>>) -> Vec<Option<Origin>> {
    match plan {
        LogicalPlan::TableScan(table) => {
            let scan = keys.len();
            keys.push(key_of(table));
            let lineage = scanned(table).lineage.into_iter();
            lineage.map(|column| column.map(|column| Origin { scan, column })).collect()
        }
        LogicalPlan::SubqueryAlias(alias) => origins(&alias.input, keys),
        LogicalPlan::Filter(filter) => origins(&filter.input, keys),
        LogicalPlan::Sort(sort) => origins(&sort.input, keys),
        LogicalPlan::Projection(projection) => {
            let below = origins(&projection.input, keys);
            let schema = projection.input.schema();
            let index = |expr: &Expr| schema.maybe_index_of_column(plain_column(expr)?);
            projection.expr.iter().map(|expr| *below.get(index(expr)?)?).collect()
        }
        LogicalPlan::Join(join)
            if matches!(
                join.join_type,
                JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full
            ) =>
        {
            [origins(&join.left, keys), origins(&join.right, keys)].concat()
        }
        other => vec![None; other.schema().fields().len()],
    }
}
