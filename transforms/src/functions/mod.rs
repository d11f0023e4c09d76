//! Functions of our own. This is the one place where they are registered.

mod row_value;
mod same_json;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

pub use row_value::row_value;
pub use same_json::same_json;

/// All functions, for the session.
#[must_use]
pub fn all() -> Vec<Arc<ScalarUDF>> {
    vec![row_value(), same_json()]
}
