//! The staged rows of a key.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast, lit};
use datafusion::scalar::ScalarValue;

use crate::error::Result;

/// The rows of a table whose columns have values, each in a type that may be another one than the column's: a model gives a
/// source's column in a type that targets have.
///
/// # Errors
/// Those of planning.
pub(crate) fn rows_of(
    table: Arc<dyn TableProvider>,
    key: &[(String, ScalarValue)],
) -> Result<LogicalPlanBuilder> {
    let rows = LogicalPlanBuilder::scan("staged", provider_as_source(table), None)?;
    match condition(key) {
        Some(condition) => Ok(rows.filter(condition)?),
        None => Ok(rows),
    }
}

/// That columns have these values; none of none.
pub(super) fn condition(key: &[(String, ScalarValue)]) -> Option<Expr> {
    key.iter().map(|(name, value)| equals(name, value)).reduce(Expr::and)
}

fn equals(name: &str, value: &ScalarValue) -> Expr {
    if value.is_null() {
        return column(name).is_null();
    }
    cast(column(name), value.data_type()).eq(lit(value.clone()))
}

/// A column by its exact name: names may hold dots and capitals, which `col` would take apart.
pub(crate) fn column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}
