//! The one cast of the transforms.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, try_cast};

use super::nested::Part;
use super::types::is_text;

/// The expression as another type; a value that cannot be is NULL, as in Glue.
pub(super) fn cast_expr(expr: Expr, from: &DataType, to: &DataType) -> Expr {
    if from == to { expr } else { try_cast(expr, to.clone()) }
}

/// Two values that are to be compared: of a text and another type the text is cast, as in Spark. The engine would do so too, and fail for
/// a text that cannot be.
pub(super) fn comparable(one: Part, other: Part) -> (Expr, Expr) {
    match (is_text(&one.data_type), is_text(&other.data_type)) {
        (true, false) => (cast_expr(one.expr, &one.data_type, &other.data_type), other.expr),
        (false, true) => (one.expr, cast_expr(other.expr, &other.data_type, &one.data_type)),
        _ => (one.expr, other.expr),
    }
}
