//! Lambdas that go from item to item of a row: over all rows at once where they can.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt64Array};
use datafusion::arrow::compute::{cast, interleave};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::LambdaArgument;

use super::lambda_items::{evaluate, taken};
use super::list::{Items, Picks};

/// The most items of an array that is sorted by a function, which compares each with each.
const MOST_SORTED: usize = 5000;

/// [aggregate](https://spark.apache.org/docs/3.5.6/api/sql/index.html#aggregate): the n-th items of all rows are merged in the n-th step.
pub(super) fn fold(
    list: &ArrayRef,
    start: &ArrayRef,
    merge: &LambdaArgument,
    finish: Option<&LambdaArgument>,
) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let mut so_far = Arc::clone(start);
    for step in 0.. {
        // Of the rows that still have an item: which they are and where it is.
        let (active, places): (Vec<u64>, Vec<u64>) = (0..items.len())
            .filter_map(|row| {
                let place = items.row(row)?.nth(step)?;
                Some((row as u64, place as u64))
            })
            .unzip();
        if active.is_empty() {
            break;
        }
        let own = taken(&so_far, &UInt64Array::from(active.clone()))?;
        let item = taken(items.values(), &UInt64Array::from(places))?;
        let merged = evaluate(merge, &[own, item], &active)?;
        let merged = cast(&merged, start.data_type())?;
        let mut next = active.iter().copied().enumerate().peekable();
        let choice: Vec<(usize, usize)> = (0..items.len())
            .map(|row| match next.next_if(|(_, active)| *active == row as u64) {
                Some((at, _)) => (1, at),
                None => (0, row),
            })
            .collect();
        so_far = interleave(&[so_far.as_ref(), merged.as_ref()], &choice)?;
    }
    if let Some(finish) = finish {
        let rows: Vec<u64> = (0..items.len()).map(|row| row as u64).collect();
        so_far = evaluate(finish, &[so_far], &rows)?;
    }
    // The fold of an array that is NULL is NULL.
    let places: UInt64Array =
        (0..items.len()).map(|row| items.row(row).map(|_| row as u64)).collect();
    taken(&so_far, &places)
}

/// [array_sort](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_sort) by a function, whose result is negative if its first argument
/// comes first.
pub(super) fn sort(list: &ArrayRef, compare: &LambdaArgument) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let mut picks = Picks::of(items.values().data_type(), &[items.values()]);
    for row in 0..items.len() {
        let Some(range) = items.row(row) else {
            picks.end_null();
            continue;
        };
        let count = range.len();
        if count > MOST_SORTED {
            return exec_err!("array_sort by a function takes arrays of up to {MOST_SORTED} items");
        }
        let start = range.start;
        let places = |of: fn(usize, usize) -> usize| -> UInt64Array {
            (0..count * count).map(|pair| Some((start + of(pair, count)) as u64)).collect()
        };
        let params = [
            taken(items.values(), &places(|pair, count| pair / count))?,
            taken(items.values(), &places(|pair, count| pair % count))?,
        ];
        let results = evaluate(compare, &params, &vec![row as u64; count * count])?;
        let results = cast(&results, &DataType::Int64)?;
        let results = results.as_primitive::<Int64Type>();
        if results.null_count() > 0 {
            return exec_err!("the function of array_sort gives NULL");
        }
        let order = sorted(count, |one, other| results.value(one * count + other).cmp(&0));
        picks.extend(0, order.into_iter().map(|place| start + place));
        picks.end();
    }
    picks.finish()
}

/// By insertion, which ends for functions too that contradict themselves.
fn sorted(count: usize, compare: impl Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(count);
    for item in 0..count {
        let place = order
            .iter()
            .rposition(|other| compare(*other, item) != Ordering::Greater)
            .map_or(0, |last| last + 1);
        order.insert(place, item);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_sorted_by_what_a_function_says_and_equal_ones_keep_their_order() {
        let values = [5, 1, 5, 3];
        let order =
            sorted(4, |one, other| values.get(one).unwrap().cmp(values.get(other).unwrap()));
        assert_eq!(order, [1, 3, 0, 2]);
        assert_eq!(sorted(0, |_, _| Ordering::Equal), Vec::<usize>::new());
        assert_eq!(sorted(3, |_, _| Ordering::Greater), [2, 1, 0]);
    }
}
