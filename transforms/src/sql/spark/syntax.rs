//! Syntax that stands for something else.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, ArrayElemTypeDef, BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType,
    DateTimeField, ExactNumberInfo, Expr, Interval, LambdaFunction, Select, TrimWhereField,
    UnaryOperator, Value, ValueWithSpan, visit_expressions, visit_expressions_mut,
};

use super::like;
use crate::functions::conversion::{ARGUMENT, CAST, TRY_CAST};
use crate::functions::{CASE, structure};
use crate::sql::build::{binary, call, nested, not, text};

/// `DISTRIBUTE BY`, `SORT BY` and `CLUSTER BY` only say how rows are spread over a cluster.
pub(super) fn ignore_distribution(select: &mut Select) {
    select.cluster_by.clear();
    select.distribute_by.clear();
    select.sort_by.clear();
}

/// Expressions with a syntax of their own become calls of the functions that they stand for.
pub(super) fn as_calls(expr: &mut Expr) {
    let taken = std::mem::replace(expr, Expr::value(Value::Null));
    *expr = match taken {
        Expr::Cast { kind, expr, data_type, array: false, format: None } => match kind {
            CastKind::Cast | CastKind::DoubleColon => cast(*expr, &data_type),
            CastKind::TryCast | CastKind::SafeCast => {
                call(TRY_CAST, [*expr, text(data_type.to_string())])
            }
        },
        Expr::TypedString(literal) => match literal.value.value {
            Value::SingleQuotedString(value) => typed(text(value), &literal.data_type),
            value => typed(Expr::value(value), &literal.data_type),
        },
        Expr::RLike { negated, expr, pattern, .. } => {
            negated_if(negated, call("rlike", [*expr, *pattern]))
        }
        Expr::Like { negated, any, expr, pattern, escape_char } => {
            like::like(negated, any, *expr, *pattern, escape_char)
        }
        Expr::ILike { negated, any, expr, pattern, escape_char } => {
            like::ilike(negated, any, *expr, *pattern, escape_char)
        }
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            let arguments = [Some(expr), substring_from, substring_for];
            call("substring", arguments.into_iter().flatten().map(|argument| *argument))
        }
        Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
            trim(*expr, trim_where, trim_what.map(|what| *what), trim_characters)
        }
        Expr::Position { expr, r#in } => call("position", [*expr, *r#in]),
        Expr::Extract { field, expr, .. } => call("date_part", [text(field.to_string()), *expr]),
        Expr::Ceil { expr, field } => rounded("ceil", *expr, field),
        Expr::Floor { expr, field } => rounded("floor", *expr, field),
        Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
            let arguments = [Some(expr), Some(overlay_what), Some(overlay_from), overlay_for];
            call("overlay", arguments.into_iter().flatten().map(|argument| *argument))
        }
        // The parts are compared as the operators compare them, whatever their types.
        Expr::Between { expr, negated, low, high } if is_short(&expr) => {
            let low = binary(expr.as_ref().clone(), BinaryOperator::GtEq, *low);
            let high = binary(*expr, BinaryOperator::LtEq, *high);
            negated_if(negated, nested(binary(low, BinaryOperator::And, high)))
        }
        Expr::Lambda(mut lambda) => {
            fields_of_parameters(&mut lambda);
            Expr::Lambda(lambda)
        }
        Expr::Struct { values, fields } if fields.is_empty() => structure(values),
        Expr::Case { operand, conditions, else_result, .. }
            if operand.as_ref().is_none_or(|operand| is_short(operand)) =>
        {
            case(operand.map(|operand| *operand), conditions, else_result.map(|value| *value))
        }
        // `INTERVAL 1 DAY` is `INTERVAL '1' DAY`.
        Expr::Interval(interval) => Expr::Interval(of_text(interval)),
        Expr::Value(value) => number(value),
        Expr::UnaryOp { op: UnaryOperator::BangNot, expr } => not(*expr),
        Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr } => call("bitwise_not", [*expr]),
        Expr::CompoundFieldAccess { root, access_chain } => accessed(*root, access_chain),
        other => other,
    };
}

/// A number with an exponent is a DOUBLE, one with a point a DECIMAL.
/// Whether an expression may be written twice: what is in it twice is not in that twice again.
pub(super) fn is_short(expr: &Expr) -> bool {
    const PARTS_MAX: usize = 64;
    let mut parts = 0;
    visit_expressions(expr, |part| {
        parts += 1;
        match part {
            Expr::Case { .. }
            | Expr::Between { .. }
            | Expr::Like { any: true, .. }
            | Expr::ILike { any: true, .. }
            | Expr::Subquery(_) => ControlFlow::Break(()),
            _ if parts > PARTS_MAX => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    })
    .is_continue()
}

/// The function finds the type that is common to the values, as Spark does; plans hold a CASE again.
fn case(operand: Option<Expr>, conditions: Vec<CaseWhen>, otherwise: Option<Expr>) -> Expr {
    let pairs = conditions.into_iter().flat_map(|when| {
        let condition = match &operand {
            Some(operand) => nested(binary(operand.clone(), BinaryOperator::Eq, when.condition)),
            None => when.condition,
        };
        [condition, when.result]
    });
    call(CASE, pairs.chain(otherwise))
}

fn of_text(mut interval: Interval) -> Interval {
    if let Expr::Value(value) = interval.value.as_mut()
        && let Value::Number(number, _) = &value.value
    {
        value.value = Value::SingleQuotedString(number.clone());
    }
    interval
}

/// `items[0].sku`: a field of what a call or a subscript gives. Names before the first subscript are those of a column.
fn accessed(root: Expr, chain: Vec<AccessExpr>) -> Expr {
    let mut chain = chain.into_iter().peekable();
    let mut value = match root {
        Expr::Identifier(first) => {
            let mut parts = vec![first];
            while let Some(AccessExpr::Dot(Expr::Identifier(_))) = chain.peek() {
                if let Some(AccessExpr::Dot(Expr::Identifier(part))) = chain.next() {
                    parts.push(part);
                }
            }
            match parts.as_slice() {
                [only] => Expr::Identifier(only.clone()),
                _ => Expr::CompoundIdentifier(parts),
            }
        }
        other => other,
    };
    for access in chain {
        value = match access {
            AccessExpr::Dot(Expr::Identifier(field)) => {
                let name = match field.quote_style {
                    Some(_) => field.value,
                    None => field.value.to_lowercase(),
                };
                call("get_field", [value, text(name)])
            }
            other => Expr::CompoundFieldAccess { root: Box::new(value), access_chain: vec![other] },
        };
    }
    value
}

fn number(value: ValueWithSpan) -> Expr {
    match &value.value {
        Value::Number(number, true) => typed(text(number.clone()), &DataType::BigInt(None)),
        Value::Number(number, _) if number.contains(['e', 'E']) => {
            typed(text(number.clone()), &DataType::Double(ExactNumberInfo::None))
        }
        _ => Expr::Value(value),
    }
}

/// In a lambda, `x.a` is a field of the parameter `x`, and `(x, y)` a struct with the names of the parameters.
fn fields_of_parameters(lambda: &mut LambdaFunction) {
    let names: Vec<String> =
        lambda.params.iter().map(|param| param.name.value.to_lowercase()).collect();
    let _continues = visit_expressions_mut(&mut lambda.body, |expr| {
        let parts = match expr {
            Expr::CompoundIdentifier(parts) => std::mem::take(parts),
            Expr::Tuple(values) => {
                *expr = structure(std::mem::take(values));
                return ControlFlow::<()>::Continue(());
            }
            _ => return ControlFlow::Continue(()),
        };
        *expr = match parts.split_first() {
            Some((first, fields)) if names.contains(&first.value.to_lowercase()) => {
                fields.iter().fold(Expr::Identifier(first.clone()), |value, field| {
                    let name = match field.quote_style {
                        Some(_) => field.value.clone(),
                        None => field.value.to_lowercase(),
                    };
                    call("get_field", [value, text(name)])
                })
            }
            _ => Expr::CompoundIdentifier(parts),
        };
        ControlFlow::Continue(())
    });
}

/// `TRIM(LEADING characters FROM text)`.
fn trim(
    expr: Expr,
    trim_where: Option<TrimWhereField>,
    what: Option<Expr>,
    characters: Option<Vec<Expr>>,
) -> Expr {
    let name = match trim_where {
        Some(TrimWhereField::Leading) => "ltrim",
        Some(TrimWhereField::Trailing) => "rtrim",
        Some(TrimWhereField::Both) => "btrim",
        None if what.is_some() => "btrim",
        None => "trim",
    };
    let mut arguments = vec![expr];
    arguments.extend(what);
    arguments.extend(characters.into_iter().flatten());
    // What is trimmed comes first in these two.
    if matches!(name, "ltrim" | "rtrim") {
        arguments.reverse();
    }
    call(name, arguments)
}

pub(super) fn negated_if(negated: bool, expr: Expr) -> Expr {
    if negated { not(expr) } else { expr }
}

fn rounded(name: &str, expr: Expr, kind: CeilFloorKind) -> Expr {
    match kind {
        CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => call(name, [expr]),
        CeilFloorKind::DateTimeField(field) => call(name, [expr, text(field.to_string())]),
        CeilFloorKind::Scale(scale) => call(name, [expr, Expr::Value(scale)]),
    }
}

/// A literal of a type, which is not the declared type of a column as that of a CAST is.
fn typed(literal: Expr, to: &DataType) -> Expr {
    // Spark has no times of day.
    if matches!(to, DataType::Time(..)) {
        return cast(literal, to);
    }
    call(ARGUMENT, [literal, text(written(to))])
}

/// The cast of Spark: a value that cannot be cast is NULL.
pub(super) fn cast(expr: Expr, to: &DataType) -> Expr {
    cast_to(expr, written(to))
}

/// The same, to a type by its name.
pub(super) fn cast_to(expr: Expr, to: impl Into<String>) -> Expr {
    call(CAST, [expr, text(to)])
}

/// A type as it is written, whatever dialect's form the parser prints.
fn written(sql_type: &DataType) -> String {
    match sql_type {
        DataType::Array(
            ArrayElemTypeDef::AngleBracket(item)
            | ArrayElemTypeDef::SquareBracket(item, _)
            | ArrayElemTypeDef::Parenthesis(item),
        ) => format!("ARRAY<{}>", written(item)),
        DataType::Map(key, value) => format!("MAP<{}, {}>", written(key), written(value)),
        DataType::Struct(fields, _) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| match &field.field_name {
                    Some(name) => format!("{name} {}", written(&field.field_type)),
                    None => written(&field.field_type),
                })
                .collect();
            format!("STRUCT<{}>", fields.join(", "))
        }
        other => other.to_string(),
    }
}
