//! Patterns that are written out in a statement are read when it is planned: what is wrong in them needs no rows to be seen.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ExprSchemable};

use super::{text, time};

/// Reads the patterns of a call that are literals.
///
/// # Errors
/// A pattern that would be refused for any row.
pub(crate) fn check(call: &ScalarFunction, schema: &DFSchema) -> Result<()> {
    let [value, Expr::Literal(ScalarValue::Utf8(Some(pattern)), _), ..] = call.args.as_slice()
    else {
        return Ok(());
    };
    // With a date or a timestamp the pattern of what reads texts is not looked at.
    let is_read = || value.get_type(schema).is_ok_and(|of| of == DataType::Utf8);
    let fault = match call.func.name() {
        "unglue_date_format" | "from_unixtime" => time::fault_of_pattern(pattern, false),
        "to_timestamp" | "to_date" | "unix_timestamp" if is_read() => {
            time::fault_of_pattern(pattern, true)
        }
        name => text::fault_of_pattern(name, pattern),
    };
    match fault {
        Some(fault) => plan_err!("{fault}"),
        None => Ok(()),
    }
}
