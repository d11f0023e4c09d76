//! Functions of DOUBLEs whose values DataFusion's of the same name give differently.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ScalarUDF, lit};

use super::super::function::{Computes, Function};

/// Logarithms, which are NULL where Java's are not numbers
/// ([ln](https://spark.apache.org/docs/3.5.6/api/sql/index.html#ln), [log](https://spark.apache.org/docs/3.5.6/api/sql/index.html#log) with the
/// base first), roots, which are NaN of negative numbers, `e()` and `sign(x)`.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let function = |name, computes: Computes| Function::new(name, gives, computes).udf();
    vec![
        function("unglue_ln", |args, _| unary(args, |x| (x > 0.0 || x.is_nan()).then(|| x.ln()))),
        function("unglue_log2", |args, _| {
            unary(args, |x| (x > 0.0 || x.is_nan()).then(|| x.log2()))
        }),
        function("unglue_log10", |args, _| {
            unary(args, |x| (x > 0.0 || x.is_nan()).then(|| x.log10()))
        }),
        function("unglue_sqrt", |args, _| unary(args, |x| Some(x.sqrt()))),
        function("log1p", |args, _| unary(args, |x| (x > -1.0 || x.is_nan()).then(|| x.ln_1p()))),
        function("unglue_log", |args, _| match args {
            [base, value] => {
                let pairs = base.as_primitive::<Float64Type>().iter().zip(numbers(value));
                Ok(Arc::new(
                    pairs.map(|(base, value)| log(base?, value?)).collect::<Float64Array>(),
                ))
            }
            _ => unary(args, |x| (x > 0.0 || x.is_nan()).then(|| x.ln())),
        }),
        function("unglue_sign", |args, _| {
            unary(args, |x| Some(if x == 0.0 || x.is_nan() { x } else { x.signum() }))
        }),
        Function::new("e", |_, _| Ok(DataType::Float64), |_, _| plan_err!("e() is a number"))
            .standing_for(|_, _| Ok(Some(lit(std::f64::consts::E))))
            .udf(),
    ]
}

fn gives(types: &[DataType], _literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    if types.is_empty() {
        return plan_err!("a number is needed");
    }
    Ok(DataType::Float64)
}

fn numbers(array: &ArrayRef) -> impl Iterator<Item = Option<f64>> + '_ {
    array.as_primitive::<Float64Type>().iter()
}

fn unary(args: &[ArrayRef], f: impl Fn(f64) -> Option<f64>) -> Result<ArrayRef> {
    let [value] = args else { return plan_err!("one number is needed") };
    Ok(Arc::new(numbers(value).map(|value| value.and_then(&f)).collect::<Float64Array>()))
}

/// The quotient of two natural logarithms, as Spark computes it; NULL where one of them is not there.
fn log(base: f64, value: f64) -> Option<f64> {
    if base <= 0.0 || value <= 0.0 {
        return None;
    }
    Some(value.ln() / base.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_what_is_not_positive_are_null() {
        assert_eq!(log(0.0, 10.0), None);
        assert_eq!(log(10.0, 0.0), None);
        assert_eq!(log(-2.0, 4.0), None);
        assert_eq!(log(1.0, 10.0), Some(f64::INFINITY));
        assert_eq!(log(2.0, 8.0), Some(3.0));
    }
}
