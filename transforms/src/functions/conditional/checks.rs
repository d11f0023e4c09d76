//! What tells of types, and what stops a run.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, NullArray, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::logical_expr::lit;

use super::super::function::Function;
use super::super::type_name::type_name;

/// [typeof](https://spark.apache.org/docs/3.5.6/api/sql/index.html#typeof),
/// [assert_true](https://spark.apache.org/docs/3.5.6/api/sql/index.html#assert_true) and
/// [raise_error](https://spark.apache.org/docs/3.5.6/api/sql/index.html#raise_error), whose errors do not tell the given message, as it may
/// hold values of rows.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Function::new("typeof", |_, _| Ok(DataType::Utf8), |args, _| name_of(args))
            .standing_for(|_, types| Ok(types.first().map(|first| lit(type_name(first)))))
            .udf(),
        Function::new("assert_true", |_, _| Ok(DataType::Null), |args, _| assert_true(args)).udf(),
        Function::new(
            "raise_error",
            |_, _| Ok(DataType::Null),
            |args, _| {
                if args.first().is_some_and(Array::is_empty) {
                    return Ok(Arc::new(NullArray::new(0)));
                }
                exec_err!("raise_error was called")
            },
        )
        .udf(),
    ]
}

fn name_of(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [value] = args else { return plan_err!("typeof takes one value") };
    let name = type_name(value.data_type());
    Ok(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(name, value.len()))))
}

fn assert_true(args: &[ArrayRef]) -> Result<ArrayRef> {
    let Some(condition) = args.first() else { return plan_err!("assert_true takes a condition") };
    if condition.as_boolean().iter().any(|holds| holds != Some(true)) {
        return exec_err!("the condition of assert_true does not hold");
    }
    Ok(Arc::new(NullArray::new(condition.len())))
}
