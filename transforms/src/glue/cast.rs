//! The casts of the transforms.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::DFSchema;
use datafusion::logical_expr::{Expr, ExprSchemable, lit, try_cast};
use datafusion::scalar::ScalarValue;

use super::nested::Part;
use crate::functions;

/// The expression as another type, as Spark's CAST; a value that cannot be is NULL, as in Glue.
pub(super) fn cast_expr(expr: Expr, from: &DataType, to: &DataType) -> Expr {
    match sql_type(to) {
        _ if from == to => expr,
        Some(name) => functions::cast_expr(expr, &name),
        None => try_cast(expr, to.clone()),
    }
}

/// Whether there is such a cast.
pub(super) fn is_castable(from: &DataType, to: &DataType) -> bool {
    ScalarValue::try_from(from)
        .is_ok_and(|null| cast_expr(lit(null), from, to).get_type(&DFSchema::empty()).is_ok())
}

/// What a text says, read as another type: NULL if it is not wholly of that type. A CAST takes `7.5` as the integer 7.
pub(super) fn read_expr(expr: Expr, from: &DataType, to: &DataType) -> Expr {
    if from == to { expr } else { try_cast(expr, to.clone()) }
}

/// Two values that are to be compared: of a text and another type the text is cast, as in Spark. The engine would do so too, and fail for
/// a text that cannot be.
pub(super) fn comparable(one: Part, other: Part) -> (Expr, Expr) {
    match (one.data_type.is_string(), other.data_type.is_string()) {
        (true, false) => (cast_expr(one.expr, &one.data_type, &other.data_type), other.expr),
        (false, true) => (one.expr, cast_expr(other.expr, &other.data_type, &one.data_type)),
        _ => (one.expr, other.expr),
    }
}

/// The name of a type in Spark's SQL, if it has one that is read back as the same type.
fn sql_type(data_type: &DataType) -> Option<String> {
    Some(match data_type {
        DataType::Boolean => "BOOLEAN".to_owned(),
        DataType::Int8 => "TINYINT".to_owned(),
        DataType::Int16 => "SMALLINT".to_owned(),
        DataType::Int32 => "INT".to_owned(),
        DataType::Int64 => "BIGINT".to_owned(),
        DataType::Float32 => "FLOAT".to_owned(),
        DataType::Float64 => "DOUBLE".to_owned(),
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision},{scale})"),
        DataType::Utf8 => "STRING".to_owned(),
        DataType::Binary => "BINARY".to_owned(),
        DataType::Date32 => "DATE".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, None) => "TIMESTAMP".to_owned(),
        DataType::List(element) => format!("ARRAY<{}>", sql_type(element.data_type())?),
        DataType::Struct(fields) => {
            let fields: Option<Vec<String>> = fields
                .iter()
                .map(|field| {
                    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    let name = Some(field.name()).filter(|name| name.chars().all(is_plain))?;
                    Some(format!("{name}: {}", sql_type(field.data_type())?))
                })
                .collect();
            format!("STRUCT<{}>", fields?.join(", "))
        }
        _ => return None,
    })
}
