//! Aggregates and windows: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#aggregate-functions>.

use std::sync::Arc;

use datafusion::logical_expr::AggregateUDF;

use super::call::Call;

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[];

/// The aggregates that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    vec![]
}
