//! Syntax that stands for something else.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DataType, DateTimeField, Expr, Select, TrimWhereField,
    Value,
};

use super::like;
use crate::functions::CASE;
use crate::functions::conversion::CAST;
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
        Expr::Cast {
            kind: CastKind::Cast | CastKind::DoubleColon | CastKind::TryCast,
            expr,
            data_type,
            array: false,
            format: None,
        } => cast(*expr, &data_type),
        Expr::TypedString(literal) => match literal.value.value {
            Value::SingleQuotedString(value) => cast(text(value), &literal.data_type),
            value => cast(Expr::value(value), &literal.data_type),
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
        Expr::Between { expr, negated, low, high } => {
            let low = binary(expr.as_ref().clone(), BinaryOperator::GtEq, *low);
            let high = binary(*expr, BinaryOperator::LtEq, *high);
            negated_if(negated, nested(binary(low, BinaryOperator::And, high)))
        }
        // The function finds the type that is common to the values, as Spark does; plans hold a CASE again.
        Expr::Case { operand, conditions, else_result, .. } => {
            let pairs = conditions.into_iter().flat_map(|when| {
                let condition = match &operand {
                    Some(operand) => {
                        nested(binary(operand.as_ref().clone(), BinaryOperator::Eq, when.condition))
                    }
                    None => when.condition,
                };
                [condition, when.result]
            });
            call(CASE, pairs.chain(else_result.map(|otherwise| *otherwise)))
        }
        // A number with an exponent is a DOUBLE, one with a point a DECIMAL.
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) if number.contains(['e', 'E']) => cast(
                text(number.clone()),
                &DataType::Double(datafusion::sql::sqlparser::ast::ExactNumberInfo::None),
            ),
            _ => Expr::Value(value),
        },
        other => other,
    };
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

/// The cast of Spark: a value that cannot be cast is NULL.
pub(super) fn cast(expr: Expr, to: &DataType) -> Expr {
    call(CAST, [expr, text(to.to_string())])
}
