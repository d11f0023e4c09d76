//! Types in a plan as Spark has them, where the planner has others: integer literals are INT, and what stands beside a text is a text.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DFSchema, ExprSchema, ScalarValue, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::{Exists, InList, InSubquery};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Subquery, Union, Values,
    WindowFrameBound, WindowFrameUnits,
};

use super::checks;
use super::words::NOTHING_IN_COMMON;
use crate::functions::{cast_expr, cast_to, check_comparable, common_type, type_name};

/// Gives a plan Spark's types; names of columns stay.
///
/// # Errors
/// Those of building plans.
pub(super) fn apply(plan: LogicalPlan) -> Result<LogicalPlan> {
    // The table that a recursive query reads while it makes it has the types that it was planned with; Spark 3.5 has none.
    let is_recursive = |node: &LogicalPlan| Ok(matches!(node, LogicalPlan::RecursiveQuery(_)));
    if plan.exists(is_recursive)? {
        return Ok(plan);
    }
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
            Union::try_new_with_loose_types(alike(union.inputs)?)?,
        ))),
        node => {
            let names = NamePreserver::new(&node);
            let schema = input_schema(&node)?;
            if let LogicalPlan::Join(join) = &node {
                for (left, right) in &join.on {
                    let (left, right) = (left.get_type(&schema)?, right.get_type(&schema)?);
                    check_comparable(&left, &right, true)?;
                }
            }
            let node = node.map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = narrowed(expr)?
                    .transform_data(|expr| expr.resolve_lambda_variables(&schema))?;
                checks::check(&expr.data, &schema)?;
                let expr = expr
                    .transform_data(|expr| as_compared(expr, &schema))?
                    .transform_data(|expr| outer_types(expr, &schema))?;
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

/// The inputs of a union, whose columns have the type that is common to them.
fn alike(inputs: Vec<Arc<LogicalPlan>>) -> Result<Vec<Arc<LogicalPlan>>> {
    let width = inputs.first().map_or(0, |input| input.schema().fields().len());
    let types_of = |index: usize| -> Vec<DataType> {
        let of = |input: &Arc<LogicalPlan>| {
            Some(input.schema().fields().get(index)?.data_type().clone())
        };
        inputs.iter().filter_map(of).collect()
    };
    for index in 0..width {
        let types = types_of(index);
        for (at, one) in types.iter().enumerate() {
            let other =
                types.iter().skip(at).find(|other| check_comparable(one, other, false).is_err());
            if let Some(other) = other {
                let name = inputs.first().map_or("", |input| input.schema().field(index).name());
                return plan_err!(
                    "column `{name}` of UNION is {} and {}, {NOTHING_IN_COMMON}",
                    type_name(one).to_uppercase(),
                    type_name(other).to_uppercase()
                );
            }
        }
    }
    // Other types that have nothing in common are told when the union is analysed.
    let common: Vec<Option<DataType>> =
        (0..width).map(|index| common_type(&types_of(index)).ok()).collect();
    let cast = |input: Arc<LogicalPlan>| {
        let is_common = |(field, common): (&Arc<Field>, &Option<DataType>)| {
            common.as_ref().is_none_or(|common| field.data_type() == common)
        };
        if input.schema().fields().iter().zip(&common).all(is_common) {
            return Ok(input);
        }
        let columns = input.schema().columns().into_iter().zip(&common);
        let columns = columns.map(|(column, common)| {
            let from = input.schema().field_from_column(&column)?.data_type().clone();
            Ok(match common {
                Some(common) if from != *common => {
                    let (relation, name) = (column.relation.clone(), column.name.clone());
                    cast_to(Expr::Column(column), common).alias_qualified(relation, name)
                }
                _ => Expr::Column(column),
            })
        });
        let columns: Vec<Expr> = columns.collect::<Result<_>>()?;
        let input = LogicalPlanBuilder::from(Arc::unwrap_or_clone(input));
        Ok(Arc::new(input.project(columns)?.build()?))
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
        Expr::Literal(ScalarValue::UInt64(Some(value)), metadata) => {
            let digits = u8::try_from(value.checked_ilog10().unwrap_or(0) + 1).unwrap_or(u8::MAX);
            let value = ScalarValue::Decimal128(Some(i128::from(value)), digits, 0);
            Ok(Transformed::yes(Expr::Literal(value, metadata)))
        }
        other => Ok(Transformed::no(other)),
    })
}

/// In subqueries, columns of the tables around them with the types that these have now.
fn outer_types(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let corrected = |subquery: Subquery| {
        let Subquery { subquery, outer_ref_columns, spans } = subquery;
        let within = |expr: Expr| expr.transform_up(|expr| Ok(outer_type(expr, schema)));
        let plan = Arc::unwrap_or_clone(subquery)
            .transform_up_with_subqueries(|node| {
                let node = node.map_expressions(within)?;
                Ok(Transformed::yes(node.data.recompute_schema()?))
            })
            .data()?;
        let outer_ref_columns =
            outer_ref_columns.into_iter().map(|expr| within(expr).data()).collect::<Result<_>>()?;
        Ok::<_, DataFusionError>(Subquery { subquery: Arc::new(plan), outer_ref_columns, spans })
    };
    expr.transform_up(|expr| {
        Ok(match expr {
            Expr::ScalarSubquery(subquery) => {
                Transformed::yes(Expr::ScalarSubquery(corrected(subquery)?))
            }
            Expr::Exists(Exists { subquery, negated }) => {
                Transformed::yes(Expr::Exists(Exists { subquery: corrected(subquery)?, negated }))
            }
            Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
                let subquery = corrected(subquery)?;
                Transformed::yes(Expr::InSubquery(InSubquery { expr, subquery, negated }))
            }
            other => Transformed::no(other),
        })
    })
}

fn outer_type(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::OuterReferenceColumn(field, column) => match schema.field_from_column(&column) {
            Ok(known) if known.data_type() != field.data_type() => {
                Transformed::yes(Expr::OuterReferenceColumn(Arc::clone(known), column))
            }
            _ => Transformed::no(Expr::OuterReferenceColumn(field, column)),
        },
        other => Transformed::no(other),
    }
}

/// Values of a list among which one is a text are all texts, and a frame of dates counts days.
fn as_compared(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| match expr {
        Expr::InList(InList { expr, list, negated }) => {
            let values = std::iter::once(expr.as_ref()).chain(&list);
            let types: Vec<DataType> =
                values.map_while(|expr| expr.get_type(schema).ok()).collect();
            if !is_mixed(&types) || types.len() != list.len() + 1 {
                return Ok(Transformed::no(Expr::InList(InList { expr, list, negated })));
            }
            let mut types = types.into_iter();
            let expr = Box::new(as_text(*expr, types.next()));
            let list = list.into_iter().map(|value| as_text(value, types.next())).collect();
            Ok(Transformed::yes(Expr::InList(InList { expr, list, negated })))
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            let found = subquery.subquery.schema().fields().first();
            let types = [
                expr.get_type(schema)?,
                found.map_or(DataType::Null, |field| field.data_type().clone()),
            ];
            if !is_mixed(&types) {
                return Ok(Transformed::no(Expr::InSubquery(InSubquery {
                    expr,
                    subquery,
                    negated,
                })));
            }
            let [of_value, of_rows] = types;
            let expr = Box::new(as_text(*expr, Some(of_value)));
            let Subquery { subquery: rows, outer_ref_columns, spans } = subquery;
            let column = rows.schema().columns().into_iter().map(Expr::Column);
            let column: Vec<Expr> = column
                .map(|column| as_text(column, Some(of_rows.clone())).alias("value"))
                .collect();
            let rows =
                LogicalPlanBuilder::from(Arc::unwrap_or_clone(rows)).project(column)?.build()?;
            let subquery = Subquery { subquery: Arc::new(rows), outer_ref_columns, spans };
            Ok(Transformed::yes(Expr::InSubquery(InSubquery { expr, subquery, negated })))
        }
        Expr::WindowFunction(mut window) => {
            let ordered = window.params.order_by.first().map(|sort| sort.expr.get_type(schema));
            let is_date = matches!(ordered, Some(Ok(DataType::Date32)));
            let frame = &mut window.params.window_frame;
            if !is_date || frame.units != WindowFrameUnits::Range {
                return Ok(Transformed::no(Expr::WindowFunction(window)));
            }
            for bound in [&mut frame.start_bound, &mut frame.end_bound] {
                if let WindowFrameBound::Preceding(value) | WindowFrameBound::Following(value) =
                    bound
                {
                    *value = days(value);
                }
            }
            Ok(Transformed::yes(Expr::WindowFunction(window)))
        }
        other => Ok(Transformed::no(other)),
    })
}

/// A whole number as so many days.
fn days(value: &ScalarValue) -> ScalarValue {
    let number = match value {
        ScalarValue::Utf8(Some(text)) => text.parse().ok(),
        ScalarValue::Int64(Some(number)) => i32::try_from(*number).ok(),
        ScalarValue::Int32(Some(number)) => Some(*number),
        ScalarValue::UInt64(Some(number)) => i32::try_from(*number).ok(),
        _ => None,
    };
    match number {
        Some(days) => ScalarValue::new_interval_mdn(0, days, 0),
        None => value.clone(),
    }
}

fn is_mixed(types: &[DataType]) -> bool {
    types.iter().any(DataType::is_string)
        && types.iter().any(|data_type| !data_type.is_string() && !data_type.is_null())
        && !types.iter().any(DataType::is_nested)
}

fn as_text(expr: Expr, data_type: Option<DataType>) -> Expr {
    match data_type {
        Some(data_type) if !data_type.is_string() && !data_type.is_null() => {
            cast_expr(expr, "STRING")
        }
        _ => expr,
    }
}
