//! Types in a plan as Spark has them, where the planner has others: integer literals are INT, and what stands beside a text is a text.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DFSchema, ExprSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Case, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Union, Values,
};

use crate::functions::conversion::argument;

/// Gives a plan Spark's types; names of columns stay.
///
/// # Errors
/// Those of building plans.
pub(super) fn apply(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| match node {
        // Their numbers are counts of rows.
        LogicalPlan::Limit(_) => Ok(Transformed::yes(node.recompute_schema()?)),
        LogicalPlan::Values(Values { values, .. }) => {
            let values = values
                .into_iter()
                .map(|row| row.into_iter().map(|value| narrowed(written(value)).data()).collect())
                .collect::<Result<_>>()?;
            Ok(Transformed::yes(LogicalPlanBuilder::values(values)?.build()?))
        }
        LogicalPlan::Union(union) => Ok(Transformed::yes(LogicalPlan::Union(
            Union::try_new_with_loose_types(of_texts(union.inputs)?)?,
        ))),
        node => {
            let names = NamePreserver::new(&node);
            let schema = input_schema(&node)?;
            let node = node.map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = narrowed(expr)?.transform_data(|expr| beside_texts(expr, &schema))?;
                Ok(expr.update_data(|expr| name.restore(expr)))
            })?;
            Ok(Transformed::yes(node.data.recompute_schema()?))
        }
    })
    .data()
}

/// A value as it was written: the planner casts those of a column to what the first of them is.
fn written(value: Expr) -> Expr {
    match value {
        Expr::Cast(cast) => written(*cast.expr),
        Expr::Literal(value, _) if value.is_null() => Expr::Literal(ScalarValue::Null, None),
        other => other,
    }
}

/// The inputs of a union, whose columns are texts where one of them is.
fn of_texts(inputs: Vec<Arc<LogicalPlan>>) -> Result<Vec<Arc<LogicalPlan>>> {
    let width = inputs.first().map_or(0, |input| input.schema().fields().len());
    let types = |index: usize| -> Vec<DataType> {
        inputs
            .iter()
            .filter_map(|input| Some(input.schema().fields().get(index)?.data_type().clone()))
            .collect()
    };
    let mixed: Vec<bool> = (0..width).map(|index| is_mixed(&types(index))).collect();
    if !mixed.contains(&true) {
        return Ok(inputs);
    }
    let cast = |input: Arc<LogicalPlan>| {
        let columns = input.schema().columns().into_iter().zip(&mixed).map(|(column, is_mixed)| {
            let name = column.name.clone();
            let data_type = input
                .schema()
                .field_from_column(&column)
                .ok()
                .map(|field| field.data_type().clone());
            match is_mixed {
                true => as_text(Expr::Column(column), data_type).alias(name),
                false => Expr::Column(column),
            }
        });
        let columns: Vec<Expr> = columns.collect();
        Ok(Arc::new(
            LogicalPlanBuilder::from(Arc::unwrap_or_clone(input)).project(columns)?.build()?,
        ))
    };
    inputs.into_iter().map(cast).collect()
}

fn input_schema(node: &LogicalPlan) -> Result<DFSchema> {
    let mut schema = DFSchema::empty();
    for input in node.inputs() {
        schema.merge(input.schema());
    }
    Ok(schema)
}

/// `1` is an INT and 3000000000 a BIGINT (<https://spark.apache.org/docs/3.5.6/sql-ref-literals.html#integral-literal-syntax>).
fn narrowed(expr: Expr) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| match expr {
        Expr::Literal(ScalarValue::Int64(Some(value)), metadata) => {
            Ok(match i32::try_from(value) {
                Ok(value) => {
                    Transformed::yes(Expr::Literal(ScalarValue::Int32(Some(value)), metadata))
                }
                Err(_) => Transformed::no(Expr::Literal(ScalarValue::Int64(Some(value)), metadata)),
            })
        }
        other => Ok(Transformed::no(other)),
    })
}

/// Values among which one is a text are all texts.
fn beside_texts(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| match expr {
        Expr::InList(InList { expr, list, negated }) => {
            let types: Vec<DataType> = std::iter::once(expr.as_ref())
                .chain(&list)
                .map_while(|expr| expr.get_type(schema).ok())
                .collect();
            if !is_mixed(&types) || types.len() != list.len() + 1 {
                return Ok(Transformed::no(Expr::InList(InList { expr, list, negated })));
            }
            let mut types = types.into_iter();
            let expr = Box::new(as_text(*expr, types.next()));
            let list = list.into_iter().map(|value| as_text(value, types.next())).collect();
            Ok(Transformed::yes(Expr::InList(InList { expr, list, negated })))
        }
        Expr::Case(Case { expr: None, when_then_expr, else_expr }) => {
            let results: Vec<&Expr> = when_then_expr
                .iter()
                .map(|(_, then)| then.as_ref())
                .chain(else_expr.as_deref())
                .collect();
            let types: Vec<DataType> =
                results.iter().map_while(|expr| expr.get_type(schema).ok()).collect();
            if !is_mixed(&types) || types.len() != results.len() {
                return Ok(Transformed::no(Expr::Case(Case {
                    expr: None,
                    when_then_expr,
                    else_expr,
                })));
            }
            let mut types = types.into_iter();
            let when_then_expr = when_then_expr
                .into_iter()
                .map(|(when, then)| (when, Box::new(as_text(*then, types.next()))))
                .collect();
            let else_expr = else_expr.map(|expr| Box::new(as_text(*expr, types.next())));
            Ok(Transformed::yes(Expr::Case(Case { expr: None, when_then_expr, else_expr })))
        }
        other => Ok(Transformed::no(other)),
    })
}

fn is_mixed(types: &[DataType]) -> bool {
    types.iter().any(is_text)
        && types.iter().any(|data_type| !is_text(data_type) && !data_type.is_null())
        && !types.iter().any(DataType::is_nested)
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn as_text(expr: Expr, data_type: Option<DataType>) -> Expr {
    match data_type {
        Some(data_type) if !is_text(&data_type) && !data_type.is_null() => argument(expr, "STRING"),
        _ => expr,
    }
}
