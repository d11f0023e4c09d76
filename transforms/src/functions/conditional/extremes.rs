//! The greatest and the least of several values.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, make_comparator};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::compute::kernels::zip::zip;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::common_type::comparable_type;
use super::super::function::Function;

/// [greatest](https://spark.apache.org/docs/3.5.6/api/sql/index.html#greatest) and
/// [least](https://spark.apache.org/docs/3.5.6/api/sql/index.html#least): NULL only if all values are NULL; NaN is greater than any number.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let takes = |types: &[DataType]| Ok(vec![comparable_type(types)?; types.len()]);
    vec![
        Function::new("unglue_greatest", gives, |args, _| extreme(args, Ordering::Greater))
            .taking(takes)
            .udf(),
        Function::new("unglue_least", gives, |args, _| extreme(args, Ordering::Less))
            .taking(takes)
            .udf(),
    ]
}

fn gives(
    types: &[DataType],
    _literals: &[Option<&datafusion::common::ScalarValue>],
) -> Result<DataType> {
    if types.len() < 2 {
        return plan_err!("two values at least are needed");
    }
    comparable_type(types)
}

fn extreme(args: &[ArrayRef], wanted: Ordering) -> Result<ArrayRef> {
    let Some((first, others)) = args.split_first() else { return plan_err!("no value") };
    let mut best = Arc::clone(first);
    for other in others {
        let compare = make_comparator(other.as_ref(), best.as_ref(), SortOptions::default())?;
        let better: BooleanArray = (0..best.len())
            .map(|row| other.is_valid(row) && (best.is_null(row) || compare(row, row) == wanted))
            .map(Some)
            .collect();
        best = zip(&better, other, &best)?;
    }
    Ok(best)
}
