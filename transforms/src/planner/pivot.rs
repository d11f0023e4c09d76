//! `PIVOT (sum(amount) FOR month IN ('jan', 'feb'))`: groups by all columns that are not named in it, and a column for each value and
//! aggregate (<https://spark.apache.org/docs/3.5.6/sql-ref-syntax-qry-select-pivot.html>).

use std::collections::BTreeSet;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, plan_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::count::count;
use datafusion::logical_expr::planner::RelationPlannerContext;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, lit, when};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr as SqlExpr, ExprWithAlias, PivotValueSource, Value,
};

/// What is named in PIVOT.
pub(super) struct Wanted {
    pub(super) aggregates: Vec<ExprWithAlias>,
    pub(super) columns: Vec<SqlExpr>,
    pub(super) values: PivotValueSource,
}

/// Makes the groups.
///
/// # Errors
/// Values that are no list, or not as many as columns; what is no aggregate.
pub(super) fn plan(
    input: LogicalPlan,
    wanted: Wanted,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let PivotValueSource::List(values) = wanted.values else {
        return plan_err!("PIVOT takes a list of values");
    };
    let mut used = BTreeSet::new();
    for column in &wanted.columns {
        add_columns(&context.sql_to_expr(column.clone(), input.schema())?, &mut used)?;
    }
    let mut aggregates = Vec::with_capacity(wanted.aggregates.len());
    for aggregate in &wanted.aggregates {
        // `count(*)` comes with a name.
        let expr = context.sql_to_expr(aggregate.expr.clone(), input.schema())?.unalias();
        let Expr::AggregateFunction(_) = &expr else {
            return plan_err!("PIVOT takes aggregates such as sum(x), not {}", aggregate.expr);
        };
        add_columns(&expr, &mut used)?;
        let name = match &aggregate.alias {
            Some(alias) => context.normalize_ident(alias.clone()),
            None => crate::sql::column_name(&aggregate.expr),
        };
        aggregates.push((expr, name));
    }
    let groups: Vec<Expr> = input
        .schema()
        .columns()
        .into_iter()
        .filter(|column| !used.contains(column))
        .map(Expr::Column)
        .collect();
    let mut computed = Vec::new();
    let mut shown: Vec<Expr> = groups.clone();
    for value in values {
        let label = match &value.alias {
            Some(alias) => context.normalize_ident(alias.clone()),
            None => label(&value.expr),
        };
        let is_it = context.sql_to_expr(equals(&wanted.columns, value.expr)?, input.schema())?;
        let found = format!("__found{}", computed.len());
        computed.push(count(lit(1)).filter(is_it.clone()).build()?.alias(&found));
        for (aggregate, name) in &aggregates {
            let place = format!("__value{}", computed.len());
            computed.push(filtered(aggregate.clone(), &is_it).alias(&place));
            let name = match aggregates.len() {
                1 => label.clone(),
                _ => format!("{label}_{name}"),
            };
            // A group without the value has NULL there, also of a count.
            let column = |name: &str| Expr::Column(Column::from_name(name));
            shown.push(when(column(&found).gt(lit(0_i64)), column(&place)).end()?.alias(name));
        }
    }
    LogicalPlanBuilder::from(input).aggregate(groups, computed)?.project(shown)?.build()
}

fn add_columns(expr: &Expr, columns: &mut BTreeSet<Column>) -> Result<()> {
    let _visited = expr.apply(|expr| {
        if let Expr::Column(column) = expr {
            columns.insert(column.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

fn filtered(aggregate: Expr, condition: &Expr) -> Expr {
    let Expr::AggregateFunction(mut function) = aggregate else { return aggregate };
    let both = match function.params.filter.take() {
        Some(filter) => filter.and(condition.clone()),
        None => condition.clone(),
    };
    function.params.filter = Some(Box::new(both));
    Expr::AggregateFunction(function)
}

/// `a <=> 1`, or `a <=> 1 AND b <=> 2` for `(a, b)` and `(1, 2)`.
fn equals(columns: &[SqlExpr], value: SqlExpr) -> Result<SqlExpr> {
    let values = match value {
        SqlExpr::Tuple(values) if columns.len() > 1 => values,
        value => vec![value],
    };
    if values.len() != columns.len() {
        return plan_err!("PIVOT has {} columns, but {} values", columns.len(), values.len());
    }
    let pair = |(column, value): (&SqlExpr, SqlExpr)| SqlExpr::BinaryOp {
        left: Box::new(column.clone()),
        op: BinaryOperator::Spaceship,
        right: Box::new(value),
    };
    let both = |left, right| SqlExpr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    };
    match columns.iter().zip(values).map(pair).reduce(both) {
        Some(all) => Ok(all),
        None => plan_err!("PIVOT has no column"),
    }
}

/// The name that a value gives its column.
fn label(value: &SqlExpr) -> String {
    match value {
        SqlExpr::Tuple(values) => values.iter().map(label).collect::<Vec<_>>().join("_"),
        SqlExpr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => text.clone(),
            Value::Null => "null".to_owned(),
            other => other.to_string(),
        },
        other => crate::sql::column_name(other),
    }
}
