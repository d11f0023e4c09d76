//! Operators between values of different types, as Spark casts them (ANSI off):
//! <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#type-conversion>.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Column, DFSchema, ScalarValue, TableReference, plan_err};
use datafusion::error::Result;
use datafusion::functions::core::get_field;
use datafusion::logical_expr::planner::{
    ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr,
};
use datafusion::logical_expr::{Expr, ExprSchemable, GetFieldAccess, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::{Operation, arithmetic, cast_expr, check_comparable, subscript};

#[derive(Debug)]
pub(super) struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema))
        else {
            return Ok(PlannerResult::Original(expr));
        };
        let expr = match expr.op {
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
            | BinaryOperator::Spaceship => {
                let is_equality = matches!(
                    expr.op,
                    BinaryOperator::Eq | BinaryOperator::NotEq | BinaryOperator::Spaceship
                );
                check_comparable(&left, &right, is_equality)?;
                compared(expr, &left, &right)
            }
            BinaryOperator::StringConcat if !left.is_nested() && !right.is_nested() => {
                cast_both(expr, Some("STRING"), Some("STRING"))
            }
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
            | BinaryOperator::MyIntegerDivide => return computed(expr, &left, &right, schema),
            _ => expr,
        };
        Ok(PlannerResult::Original(expr))
    }

    /// `column.field`: fields are found in any case, as columns are.
    fn plan_compound_identifier(
        &self,
        field: &Field,
        qualifier: Option<&TableReference>,
        names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        let mut value = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        let mut of = field.data_type().clone();
        for name in names {
            (value, of) = match &of {
                DataType::Struct(fields) => {
                    let alike = |inner: &&FieldRef| inner.name().eq_ignore_ascii_case(name);
                    let exact = fields.iter().find(|inner| inner.name() == name);
                    let Some(found) = exact.or_else(|| fields.iter().find(alike)) else {
                        let names: Vec<&str> =
                            fields.iter().map(|inner| inner.name().as_str()).collect();
                        return plan_err!(
                            "there is no field `{name}`; there are {}",
                            names.join(", ")
                        );
                    };
                    (
                        get_field().call(vec![value, lit(found.name().as_str())]),
                        found.data_type().clone(),
                    )
                }
                DataType::Map(entries, _) => match entries.data_type() {
                    DataType::Struct(fields) if fields.len() == 2 => (
                        subscript(value, lit(name.as_str())),
                        fields.last().map_or(DataType::Null, |field| field.data_type().clone()),
                    ),
                    _ => return plan_err!("`{name}` is looked for in what is no map"),
                },
                other => {
                    return plan_err!(
                        "`{name}` is looked for in a column of type {other}, which has no fields; of an array of structs take transform(array, x -> x.{name})"
                    );
                }
            };
        }
        Ok(PlannerResult::Planned(value))
    }

    /// `array[0]` and `map['key']`.
    fn plan_field_access(
        &self,
        expr: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        let RawFieldAccessExpr { expr: collection, field_access } = expr;
        let of = collection.get_type(schema)?;
        let key = match &field_access {
            GetFieldAccess::ListIndex { key } => Some(key.as_ref().clone()),
            GetFieldAccess::NamedStructField { name } if matches!(of, DataType::Map(..)) => {
                Some(Expr::Literal(name.clone(), None))
            }
            _ => None,
        };
        Ok(match key {
            Some(key) if matches!(of, DataType::Map(..) | DataType::List(_)) => {
                PlannerResult::Planned(subscript(collection, key))
            }
            _ => PlannerResult::Original(RawFieldAccessExpr { expr: collection, field_access }),
        })
    }
}

fn cast_both(expr: RawBinaryExpr, left: Option<&str>, right: Option<&str>) -> RawBinaryExpr {
    let RawBinaryExpr { op, left: from_left, right: from_right } = expr;
    let cast = |value: Expr, to: Option<&str>| match to {
        Some(sql_type) => cast_expr(value, sql_type),
        None => value,
    };
    RawBinaryExpr { op, left: cast(from_left, left), right: cast(from_right, right) }
}

/// A text is compared as what it is compared with.
fn compared(expr: RawBinaryExpr, left: &DataType, right: &DataType) -> RawBinaryExpr {
    match (left.is_string(), right.is_string()) {
        (true, false) => {
            let to = compared_with(&expr.right, right);
            let other = to.filter(|_| right.is_decimal());
            cast_both(expr, to, other)
        }
        (false, true) => {
            let to = compared_with(&expr.left, left);
            let other = to.filter(|_| left.is_decimal());
            cast_both(expr, other, to)
        }
        // There is no decimal that would hold all floats.
        (false, false) if *left == DataType::Float32 && right.is_decimal() => {
            cast_both(expr, Some("DOUBLE"), Some("DOUBLE"))
        }
        (false, false) if left.is_decimal() && *right == DataType::Float32 => {
            cast_both(expr, Some("DOUBLE"), Some("DOUBLE"))
        }
        // TRUE is 1.
        (false, false) if *left == DataType::Boolean && right.is_numeric() => {
            cast_both(expr, Some("INT"), None)
        }
        (false, false) if left.is_numeric() && *right == DataType::Boolean => {
            cast_both(expr, None, Some("INT"))
        }
        _ => expr,
    }
}

/// What a text becomes beside a value; a literal is still the widest integer here.
fn compared_with(value: &Expr, data_type: &DataType) -> Option<&'static str> {
    match value {
        Expr::Literal(ScalarValue::Int64(Some(number)), _) if i32::try_from(*number).is_ok() => {
            Some("INT")
        }
        _ => compared_as(data_type),
    }
}

/// What a text becomes beside a value of another type; there is no decimal that would hold all texts.
fn compared_as(other: &DataType) -> Option<&'static str> {
    Some(match other {
        DataType::Boolean => "BOOLEAN",
        DataType::Int8 => "TINYINT",
        DataType::Int16 | DataType::UInt8 => "SMALLINT",
        DataType::Int32 | DataType::UInt16 => "INT",
        DataType::Int64 | DataType::UInt32 => "BIGINT",
        DataType::UInt64 => "DECIMAL(20,0)",
        DataType::Float32 => "FLOAT",
        DataType::Float64 | DataType::Decimal128(..) | DataType::Decimal256(..) => "DOUBLE",
        DataType::Date32 => "DATE",
        DataType::Timestamp(..) => "TIMESTAMP",
        DataType::Binary => "BINARY",
        _ => return None,
    })
}

/// A text in a computation is a DOUBLE, beside an interval a TIMESTAMP. Divisions and what decimals do is computed by functions.
fn computed(
    expr: RawBinaryExpr,
    left: &DataType,
    right: &DataType,
    schema: &DFSchema,
) -> Result<PlannerResult<RawBinaryExpr>> {
    let to = |data_type: &DataType, other: &DataType| {
        if !data_type.is_string() {
            return None;
        }
        Some(match other {
            DataType::Interval(_) | DataType::Duration(_) => "TIMESTAMP",
            DataType::Date32 => "INT",
            _ => "DOUBLE",
        })
    };
    // A date with hours added is a timestamp.
    let with_hours = |date: &DataType, other: &Expr| {
        (*date == DataType::Date32 && has_hours(other)).then_some("TIMESTAMP")
    };
    let casts = (
        to(left, right).or_else(|| with_hours(left, &expr.right)),
        to(right, left).or_else(|| with_hours(right, &expr.left)),
    );
    let expr = cast_both(expr, casts.0, casts.1);
    let are_numbers = [left, right]
        .iter()
        .all(|data_type| data_type.is_numeric() || data_type.is_null() || data_type.is_string());
    let operation = match expr.op {
        BinaryOperator::Divide => Operation::Divide,
        BinaryOperator::Modulo => Operation::Remainder,
        BinaryOperator::MyIntegerDivide => Operation::IntegerDivide,
        BinaryOperator::Plus if left.is_decimal() || right.is_decimal() => Operation::Add,
        BinaryOperator::Minus if left.is_decimal() || right.is_decimal() => Operation::Subtract,
        BinaryOperator::Multiply if left.is_decimal() || right.is_decimal() => Operation::Multiply,
        _ => return Ok(PlannerResult::Original(expr)),
    };
    if !are_numbers {
        return Ok(PlannerResult::Original(expr));
    }
    Ok(PlannerResult::Planned(arithmetic(operation, expr.left, expr.right, schema)?))
}

/// Whether an interval that is written out is not of whole days.
fn has_hours(interval: &Expr) -> bool {
    match interval {
        Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(interval)), _) => {
            interval.nanoseconds != 0
        }
        Expr::Negative(inner) => has_hours(inner),
        _ => false,
    }
}
