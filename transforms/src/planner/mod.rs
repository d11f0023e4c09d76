//! What of Spark SQL is decided when types and columns are known: operators, and tables that are made of tables.

mod generated;
mod operators;
mod pivot;
mod tables;
mod unpivot;

use std::sync::Arc;

use datafusion::logical_expr::planner::{ExprPlanner, RelationPlanner};

/// The planners of expressions, to be asked before all others.
pub(crate) fn expressions() -> Vec<Arc<dyn ExprPlanner>> {
    vec![Arc::new(operators::Operators)]
}

/// The planners of tables.
pub(crate) fn relations() -> Vec<Arc<dyn RelationPlanner>> {
    vec![Arc::new(tables::Tables)]
}
