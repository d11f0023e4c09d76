//! Functions of our own. This is the one place where they are registered.

mod json_text;
mod over_threshold;
mod row_order;
mod row_value;
mod same_json;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

pub use json_text::{json_lines, json_text};
pub use over_threshold::over_threshold;
pub use row_order::row_order;
pub use row_value::row_value;
pub use same_json::same_json;

/// All functions, for the session.
#[must_use]
pub fn all() -> Vec<Arc<ScalarUDF>> {
    vec![json_text(), over_threshold(), row_order(), row_value(), same_json()]
}
