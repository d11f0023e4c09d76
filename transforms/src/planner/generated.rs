//! A table with the rows that a generator makes of each of its rows: `LATERAL VIEW explode(tags) v AS tag`.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, TableReference, plan_err};
use datafusion::common::{NullHandling, UnnestOptions};
use datafusion::error::Result;
use datafusion::functions::core::get_field;
use datafusion::logical_expr::planner::RelationPlannerContext;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, FunctionArg, FunctionArgExpr, FunctionArguments, TableAlias,
};

use crate::functions::generator::generator;
use crate::sql::ONE_ROW;

/// The column that holds the list of rows, and then a row.
const ROWS: &str = "__rows";

/// The view of a generator.
pub(super) struct View {
    /// The one call.
    pub(super) calls: Vec<SqlExpr>,
    /// Its name and those of its columns.
    pub(super) alias: TableAlias,
    /// Whether a row without values stays, with NULLs.
    pub(super) is_outer: bool,
}

/// Makes the rows.
///
/// # Errors
/// A call that is no generator, and names that are not as many as its columns.
pub(super) fn plan(
    input: LogicalPlan,
    view: View,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let [SqlExpr::Function(function)] = view.calls.as_slice() else {
        return plan_err!("LATERAL VIEW takes a call such as explode(column)");
    };
    let name = function.name.to_string();
    let Some(known) = generator(&name) else {
        return plan_err!("{name} makes no rows, so it cannot stand in LATERAL VIEW");
    };
    let FunctionArguments::List(list) = &function.args else {
        return plan_err!("{name} takes values");
    };
    let mut arguments = Vec::with_capacity(list.args.len());
    for argument in &list.args {
        let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument else {
            return plan_err!("{name} takes values");
        };
        arguments.push(context.sql_to_expr(expr.clone(), input.schema())?);
    }
    let Some(rows) = context.context_provider().get_function_meta(known.rows) else {
        return plan_err!("{name} is not there");
    };
    let rows = rows.call(arguments);
    let (rows_type, table) =
        (rows.get_type(input.schema())?, context.normalize_ident(view.alias.name));
    let is_someones = |column: &Column| {
        column.relation.as_ref().is_none_or(|relation| relation.table() != ONE_ROW)
    };
    let columns: Vec<Column> = input.schema().columns().into_iter().filter(is_someones).collect();
    let all = columns.iter().map(|column| Expr::Column(column.clone()));
    let plan = LogicalPlanBuilder::from(input).project(all.chain([rows.alias(ROWS)]))?;
    let (plan, row_type) = match rows_type {
        DataType::List(item) => {
            let null_handling = match view.is_outer || known.is_outer {
                true => NullHandling::PreserveAndExpandEmpty,
                false => NullHandling::Drop,
            };
            let options = UnnestOptions::new().with_null_handling(null_handling);
            let plan = plan.unnest_columns_with_options(vec![Column::from_name(ROWS)], options)?;
            (plan, item.data_type().clone())
        }
        one_row => (plan, one_row),
    };
    let DataType::Struct(fields) = row_type else { return plan_err!("{name} makes no rows") };
    let names: Vec<String> =
        view.alias.columns.into_iter().map(|column| context.normalize_ident(column.name)).collect();
    if !names.is_empty() && names.len() != fields.len() {
        return plan_err!("{name} gives {} columns, but {} are named", fields.len(), names.len());
    }
    let relation = TableReference::bare(table);
    let made = fields.iter().enumerate().map(|(index, field)| {
        let name = names.get(index).unwrap_or(field.name());
        get_field()
            .call(vec![Expr::Column(Column::from_name(ROWS)), lit(field.name().as_str())])
            .alias_qualified(Some(relation.clone()), name)
    });
    plan.project(columns.iter().map(|column| Expr::Column(column.clone())).chain(made))?.build()
}
