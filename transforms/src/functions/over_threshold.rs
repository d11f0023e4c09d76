//! A bound on errors, checked where they are counted.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

/// `unglue_over_threshold(errors, parameter, errors_max)`: false if the errors are no more than the most that the parameter of
/// that name allows, else it fails.
#[must_use]
pub fn over_threshold() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        Arc::new(create_udf(
            "unglue_over_threshold",
            vec![DataType::Int64, DataType::Utf8, DataType::Int64],
            DataType::Boolean,
            // Not folded nor left out: that it is executed is what it is for.
            Volatility::Volatile,
            Arc::new(invoke),
        ))
    });
    Arc::clone(&FUNCTION)
}

fn invoke(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [errors, parameter, errors_max] = arrays.as_slice() else {
        return datafusion::common::internal_err!("unglue_over_threshold takes three values");
    };
    let (errors, errors_max) =
        (errors.as_primitive::<Int64Type>(), errors_max.as_primitive::<Int64Type>());
    for ((errors, parameter), errors_max) in
        errors.iter().zip(parameter.as_string::<i32>()).zip(errors_max)
    {
        if let (Some(errors), Some(errors_max)) = (errors, errors_max)
            && errors > errors_max
        {
            let parameter = parameter.unwrap_or_default();
            return datafusion::common::exec_err!(
                "{errors} error records, but {parameter} allows {errors_max}"
            );
        }
    }
    Ok(ColumnarValue::Scalar(false.into()))
}
