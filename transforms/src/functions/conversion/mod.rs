//! Casts: <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#cast>, with ANSI off.

mod cast;
mod target;

pub(crate) use target::{NUMBER, TEMPORAL, TEXT_OR_BINARY, TEXT_OR_NESTED};

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, StringArray};
use datafusion::arrow::compute::cast as cast_array;
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

/// The name of the function that CAST becomes: `unglue_cast(value, 'TYPE')`.
pub(crate) const CAST: &str = "unglue_cast";
/// The name of the function that casts an argument to what a parameter takes: `unglue_argument(value, 'TYPE')`.
pub(crate) const ARGUMENT: &str = "unglue_argument";

/// The texts that Spark prints for an array's values.
///
/// # Errors
/// Types that have no text.
pub(crate) fn to_text(array: &ArrayRef) -> Result<StringArray> {
    Ok(cast_array(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// The casts.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Arc::new(ScalarUDF::from(cast::Cast::explicit())),
        Arc::new(ScalarUDF::from(cast::Cast::of_argument())),
    ]
}
