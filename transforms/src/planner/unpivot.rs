//! `UNPIVOT (value FOR name IN (a, b))`: a row for each of the named columns
//! (<https://spark.apache.org/docs/3.5.6/sql-ref-syntax-qry-select-unpivot.html>).

use datafusion::common::{Column, plan_err};
use datafusion::common::{NullHandling, UnnestOptions};
use datafusion::error::Result;
use datafusion::functions_nested::make_array::make_array;
use datafusion::logical_expr::planner::RelationPlannerContext;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{Expr as SqlExpr, ExprWithAlias, Ident, NullInclusion};

/// What is named in UNPIVOT.
pub(super) struct Wanted {
    pub(super) value: SqlExpr,
    pub(super) name: Ident,
    pub(super) columns: Vec<ExprWithAlias>,
    pub(super) null_inclusion: Option<NullInclusion>,
}

/// Makes the rows.
///
/// # Errors
/// Columns that are not there, and not as many of them as values.
pub(super) fn plan(
    input: LogicalPlan,
    wanted: Wanted,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let name = context.normalize_ident(wanted.name);
    let made: Vec<String> = parts(wanted.value)
        .into_iter()
        .map(|value| match value {
            SqlExpr::Identifier(value) => Ok(context.normalize_ident(value)),
            other => plan_err!("UNPIVOT names its values by names, not by {other}"),
        })
        .collect::<Result<_>>()?;
    let mut values: Vec<Vec<Expr>> = vec![Vec::new(); made.len()];
    let (mut names, mut used) = (Vec::new(), Vec::new());
    for ExprWithAlias { expr, alias } in wanted.columns {
        let columns = parts(expr);
        if columns.len() != made.len() {
            return plan_err!("UNPIVOT has {} values, but {} columns", made.len(), columns.len());
        }
        let mut labels = Vec::with_capacity(columns.len());
        for (column, values) in columns.into_iter().zip(&mut values) {
            let Expr::Column(column) = context.sql_to_expr(column.clone(), input.schema())? else {
                return plan_err!("UNPIVOT takes columns, not {column}");
            };
            labels.push(column.name.clone());
            used.push(column.clone());
            values.push(Expr::Column(column));
        }
        let label = alias.map(|alias| context.normalize_ident(alias));
        names.push(lit(label.unwrap_or_else(|| labels.join("_"))));
    }
    let kept: Vec<Expr> = input
        .schema()
        .columns()
        .into_iter()
        .filter(|column| !used.contains(column))
        .map(Expr::Column)
        .collect();
    let lists = values.into_iter().zip(&made).map(|(values, name)| make_array(values).alias(name));
    let lists = std::iter::once(make_array(names).alias(&name)).chain(lists);
    let columns = std::iter::once(&name).chain(&made).map(Column::from_name).collect();
    let options = UnnestOptions::new().with_null_handling(NullHandling::Drop);
    let rows = LogicalPlanBuilder::from(input)
        .project(kept.into_iter().chain(lists))?
        .unnest_columns_with_options(columns, options)?;
    let is_there = made.iter().map(|name| Expr::Column(Column::from_name(name)).is_not_null());
    match (wanted.null_inclusion, is_there.reduce(Expr::or)) {
        (None | Some(NullInclusion::ExcludeNulls), Some(is_there)) => {
            rows.filter(is_there)?.build()
        }
        _ => rows.build(),
    }
}

/// `a`, or the parts of `(a, b)`.
fn parts(expr: SqlExpr) -> Vec<SqlExpr> {
    match expr {
        SqlExpr::Tuple(parts) => parts,
        SqlExpr::Nested(inner) => vec![*inner],
        other => vec![other],
    }
}
