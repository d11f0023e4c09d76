//! What tells of types, and what stops a run.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, NullArray, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ScalarUDF;
use datafusion::logical_expr::lit;

use super::super::function::Function;
use super::super::told::Told;
use super::super::type_name::type_name;

/// [typeof](https://spark.apache.org/docs/3.5.6/api/sql/index.html#typeof),
/// [assert_true](https://spark.apache.org/docs/3.5.6/api/sql/index.html#assert_true) and
/// [raise_error](https://spark.apache.org/docs/3.5.6/api/sql/index.html#raise_error). A message that is computed is not told, as it may
/// hold values of rows; one that is written out is.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Function::new("typeof", |_, _| Ok(DataType::Utf8), |args, _| name_of(args))
            .standing_for(|_, types| Ok(types.first().map(|first| lit(type_name(first)))))
            .udf(),
        Function::new(ASSERT_TRUE, |_, _| Ok(DataType::Null), |args, _| assert_true(args)).udf(),
        Function::new(RAISE_ERROR, |_, _| Ok(DataType::Null), |args, _| raise_error(args)).udf(),
    ]
}

const ASSERT_TRUE: &str = "assert_true";
const RAISE_ERROR: &str = "raise_error";

/// Before their arguments these two take so many texts of the SQL, which their errors may tell: where the call stands, and its message if
/// that is written out.
const OF_THE_SQL: usize = 2;

/// Whether a function takes these texts.
pub(crate) fn tells_its_place(function: &str) -> bool {
    [ASSERT_TRUE, RAISE_ERROR].contains(&function)
}

fn name_of(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [value] = args else { return plan_err!("typeof takes one value") };
    let name = type_name(value.data_type());
    Ok(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(name, value.len()))))
}

fn assert_true(args: &[ArrayRef]) -> Result<ArrayRef> {
    let Some(condition) = args.get(OF_THE_SQL) else {
        return plan_err!("assert_true takes a condition");
    };
    if condition.as_boolean().iter().any(|holds| holds != Some(true)) {
        return Err(told(args, "the condition of `assert_true` does not hold"));
    }
    Ok(Arc::new(NullArray::new(condition.len())))
}

fn raise_error(args: &[ArrayRef]) -> Result<ArrayRef> {
    if args.get(OF_THE_SQL).is_some_and(Array::is_empty) {
        return Ok(Arc::new(NullArray::new(0)));
    }
    Err(told(args, "`raise_error` was called"))
}

fn told(args: &[ArrayRef], said: &str) -> DataFusionError {
    let text = |at: usize| {
        let texts = args.get(at)?.as_string_opt::<i32>()?;
        (!texts.is_empty() && texts.is_valid(0)).then(|| texts.value(0))
    };
    let message = text(1).filter(|message| !message.is_empty());
    let said = message.map_or_else(|| said.to_owned(), |message| format!("{said}: {message}"));
    Told::error_at(text(0).unwrap_or_default(), said)
}
