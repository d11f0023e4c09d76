//! Casts: <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#cast>, with ANSI off.

mod cast;
mod target;

pub(crate) use target::{NUMBER, TEMPORAL};

use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{Expr, ScalarUDF, lit};

/// The name of the function that CAST becomes: `unglue_cast(value, 'TYPE')`.
pub(crate) const CAST: &str = "unglue_cast";
/// The name of the function that casts an argument to what a parameter takes: `unglue_argument(value, 'TYPE')`.
pub(crate) const ARGUMENT: &str = "unglue_argument";

/// The value as what a parameter or an operator takes, by the SQL name of its type.
pub(crate) fn argument(value: Expr, sql_type: &str) -> Expr {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::from(cast::Cast::of_argument())));
    FUNCTION.call(vec![value, lit(sql_type)])
}

/// The casts.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Arc::new(ScalarUDF::from(cast::Cast::explicit())),
        Arc::new(ScalarUDF::from(cast::Cast::of_argument())),
    ]
}
