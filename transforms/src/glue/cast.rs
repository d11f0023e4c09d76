//! The one cast of the transforms.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, try_cast};

/// The expression as another type; a value that cannot be is NULL, as in Glue.
pub(super) fn cast_expr(expr: Expr, from: &DataType, to: &DataType) -> Expr {
    if from == to { expr } else { try_cast(expr, to.clone()) }
}
