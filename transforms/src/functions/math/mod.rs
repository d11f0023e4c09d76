//! Numbers and bits: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#mathematical-functions>.

mod arithmetic;
mod decimal;

pub use arithmetic::arithmetic;
pub use decimal::Operation;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

use super::call::Call;

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    arithmetic::all()
}
