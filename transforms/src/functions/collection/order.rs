//! Arrays in order, and their greatest and least items.

use std::sync::Arc;

use datafusion::arrow::array::UInt64Array;
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::{SortOptions, take};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::function::Function;
use super::list::{Items, Picks, at, item_type, rows, takes_list};

/// [sort_array](https://spark.apache.org/docs/3.5.6/api/sql/index.html#sort_array) (NULL first, or last in descending order),
/// `unglue_array_sort` ([array_sort](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_sort) without a function: NULL last),
/// array_max and array_min (NULL is left out; NaN is the greatest).
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let item = |types: &[DataType], _: &[Option<&ScalarValue>]| item_type(at(types, 0)?);
    let list = |types: &[DataType], _: &[Option<&ScalarValue>]| Ok(at(types, 0)?.clone());
    vec![
        Function::new("sort_array", list, |args, _| match args {
            [list] => sort(list, None, true),
            [list, ascending] => sort(list, Some(ascending), true),
            _ => plan_err!("an array is needed, and perhaps whether it is ascending"),
        })
        .taking(takes_list)
        .udf(),
        Function::new("unglue_array_sort", list, |args, _| sort(at(args, 0)?, None, false))
            .taking(takes_list)
            .udf(),
        Function::new("array_max", item, |args, _| extreme(args, true)).taking(takes_list).udf(),
        Function::new("array_min", item, |args, _| extreme(args, false)).taking(takes_list).udf(),
    ]
}

fn sort(list: &ArrayRef, ascending: Option<&ArrayRef>, nulls_first: bool) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let values = items.values();
    let options = SortOptions { descending: false, nulls_first };
    let bytes = rows(&[values], options)?;
    let bytes = at(&bytes, 0)?;
    let mut picks = Picks::of(values.data_type(), &[values]);
    for row in 0..items.len() {
        let ascends = ascending.map(AsArray::as_boolean);
        let unknown = ascends.is_some_and(|ascends| ascends.is_null(row));
        let Some(range) = items.row(row).filter(|_| !unknown) else {
            picks.end_null();
            continue;
        };
        let mut order: Vec<usize> = range.collect();
        if ascends.is_none_or(|ascends| ascends.value(row)) {
            order.sort_by(|one, other| bytes.row(*one).cmp(&bytes.row(*other)));
        } else {
            order.sort_by(|one, other| bytes.row(*other).cmp(&bytes.row(*one)));
        }
        picks.extend(0, order);
        picks.end();
    }
    picks.finish()
}

fn extreme(args: &[ArrayRef], greatest: bool) -> Result<ArrayRef> {
    let items = Items::of(at(args, 0)?)?;
    let values = items.values();
    let bytes = rows(&[values], SortOptions::default())?;
    let bytes = at(&bytes, 0)?;
    let found: UInt64Array = (0..items.len())
        .map(|row| {
            let known = items.row(row)?.filter(|index| values.is_valid(*index));
            let compare = |one: &usize, other: &usize| bytes.row(*one).cmp(&bytes.row(*other));
            let found = if greatest { known.max_by(compare) } else { known.min_by(compare) };
            found.and_then(|found| u64::try_from(found).ok())
        })
        .collect();
    Ok(take(values, &found, None)?)
}
