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
/// Several values in a row, and columns that are not there.
pub(super) fn plan(
    input: LogicalPlan,
    wanted: Wanted,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let SqlExpr::Identifier(value) = wanted.value else {
        return plan_err!("UNPIVOT with several values in a row is not supported");
    };
    let (value, name) = (context.normalize_ident(value), context.normalize_ident(wanted.name));
    let (mut values, mut names) = (Vec::new(), Vec::new());
    for ExprWithAlias { expr, alias } in wanted.columns {
        let Expr::Column(column) = context.sql_to_expr(expr.clone(), input.schema())? else {
            return plan_err!("UNPIVOT takes columns, not {expr}");
        };
        let label = match alias {
            Some(alias) => context.normalize_ident(alias),
            None => column.name.clone(),
        };
        names.push(lit(label));
        values.push(column);
    }
    let kept: Vec<Expr> = input
        .schema()
        .columns()
        .into_iter()
        .filter(|column| !values.contains(column))
        .map(Expr::Column)
        .collect();
    let lists = [
        make_array(names).alias(&name),
        make_array(values.into_iter().map(Expr::Column).collect()).alias(&value),
    ];
    let made = [Column::from_name(&name), Column::from_name(&value)];
    let options = UnnestOptions::new().with_null_handling(NullHandling::Drop);
    let rows = LogicalPlanBuilder::from(input)
        .project(kept.into_iter().chain(lists))?
        .unnest_columns_with_options(made.to_vec(), options)?;
    match wanted.null_inclusion {
        Some(NullInclusion::IncludeNulls) => rows.build(),
        _ => rows.filter(Expr::Column(Column::from_name(&value)).is_not_null())?.build(),
    }
}
