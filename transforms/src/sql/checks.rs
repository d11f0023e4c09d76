//! What Spark refuses in expressions and the engine would compute.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{InList, InSubquery};
use datafusion::logical_expr::{Expr, ExprSchemable};

use crate::functions::{check_comparable, check_literals, type_name};

/// Functions whose lambda is a condition.
const OF_CONDITIONS: [&str; 4] = ["filter", "unglue_exists", "forall", "map_filter"];

/// Checks an expression of a plan, and all in it but subqueries.
///
/// # Errors
/// A literal that is no pattern, values that are compared and have no order in common, a FILTER or a lambda that is no condition.
pub(super) fn check(expr: &Expr, schema: &DFSchema) -> Result<()> {
    expr.apply(|expr| {
        match expr {
            Expr::ScalarFunction(call) => check_literals(call, schema)?,
            Expr::InList(InList { expr, list, .. }) => {
                // What has no type here is told elsewhere.
                if let Ok(of) = expr.get_type(schema) {
                    for value in list.iter().filter_map(|value| value.get_type(schema).ok()) {
                        check_comparable(&of, &value, false)?;
                    }
                }
            }
            Expr::InSubquery(InSubquery { expr, subquery, .. }) => {
                if let Some(field) = subquery.subquery.schema().fields().first() {
                    check_comparable(&expr.get_type(schema)?, field.data_type(), false)?;
                }
            }
            Expr::AggregateFunction(call) => {
                if let Some(condition) = &call.params.filter {
                    check_condition(condition, schema)?;
                }
            }
            Expr::HigherOrderFunction(call) if OF_CONDITIONS.contains(&call.func.name()) => {
                for argument in &call.args {
                    if let Expr::Lambda(lambda) = argument {
                        check_condition(&lambda.body, schema)?;
                    }
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

fn check_condition(condition: &Expr, schema: &DFSchema) -> Result<()> {
    match condition.get_type(schema) {
        Err(_) | Ok(DataType::Boolean | DataType::Null) => Ok(()),
        Ok(of) => {
            let of = type_name(&of).to_uppercase();
            plan_err!("a condition is BOOLEAN, and this one is {of}")
        }
    }
}
