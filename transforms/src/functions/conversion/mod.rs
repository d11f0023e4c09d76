//! Casts: <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#cast>, with ANSI off.
//!
//! `cast` is the function, `target` the types that it names, `rules` which types are cast to which; `convert` casts arrays, `read`
//! and `print` single values.

mod cast;
mod convert;
mod print;
mod read;
mod rules;
mod target;

pub use convert::{cast_value, to_text};
pub(crate) use target::{NUMBER, TEMPORAL, TEXT_OR_BINARY, TEXT_OR_NESTED};

use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{Expr, ScalarUDF, lit};

/// The name of the function that CAST becomes: `unglue_cast(value, 'TYPE')`.
pub(crate) const CAST: &str = "unglue_cast";
/// The name of the function that TRY_CAST becomes: `unglue_try_cast(value, 'TYPE')`.
pub(crate) const TRY_CAST: &str = "unglue_try_cast";
/// The name of the function that casts an argument to what a parameter takes: `unglue_argument(value, 'TYPE')`.
pub(crate) const ARGUMENT: &str = "unglue_argument";

/// The casts.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let kinds = [cast::Kind::TryCast, cast::Kind::Argument];
    let others = kinds.map(|kind| Arc::new(ScalarUDF::from(cast::Cast::new(kind))));
    [vec![explicit()], others.to_vec()].concat()
}

/// `CAST(expr AS sql_type)` as Spark casts. Operators cast by it too, as they cast what parameters refuse: a text is compared with a
/// BOOLEAN as one. A type that is none is an error once the expression's type is asked for.
#[must_use]
pub fn cast_expr(expr: Expr, sql_type: &str) -> Expr {
    explicit().call(vec![expr, lit(sql_type)])
}

fn explicit() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::from(cast::Cast::new(cast::Kind::Cast))));
    Arc::clone(&FUNCTION)
}

#[cfg(test)]
mod tests;
