//! Arrays as sets, and searching in them. The order of items stays.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::function::{Computes, Function};
use super::list::{Items, Picks, at, rows, takes_list, takes_list_and_item, takes_lists};

/// [array_distinct](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_distinct), array_union, array_intersect, array_except,
/// array_compact, array_remove (all equal ones), [array_contains](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_contains),
/// array_position and [arrays_overlap](https://spark.apache.org/docs/3.5.6/api/sql/index.html#arrays_overlap), which are NULL where only an item
/// that is NULL could be the one.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let sets =
        |name, computes: Computes| Function::new(name, first, computes).taking(takes_lists).udf();
    vec![
        sets("array_distinct", |args, _| combine(args, &[], Keep::All)),
        sets("array_union", |args, _| combine(args, &[1], Keep::All)),
        sets("array_intersect", |args, _| combine(args, &[], Keep::Common)),
        sets("array_except", |args, _| combine(args, &[], Keep::Others)),
        Function::new("array_compact", first, |args, _| compact(args)).taking(takes_list).udf(),
        Function::new("array_remove", first, |args, _| remove(args))
            .taking(takes_list_and_item)
            .udf(),
        Function::new("array_contains", |_, _| Ok(DataType::Boolean), |args, _| contains(args))
            .taking(takes_list_and_item)
            .udf(),
        Function::new("array_position", |_, _| Ok(DataType::Int64), |args, _| position(args))
            .taking(takes_list_and_item)
            .udf(),
        Function::new("arrays_overlap", |_, _| Ok(DataType::Boolean), |args, _| overlap(args))
            .taking(takes_lists)
            .udf(),
    ]
}

fn first(types: &[DataType], _literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    Ok(at(types, 0)?.clone())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Each item once.
    All,
    /// Each item that the second array has.
    Common,
    /// Each item that the second array has not.
    Others,
}

/// The different items of the first array and of those that are added; NULL if one of the arrays is.
fn combine(args: &[ArrayRef], added: &[usize], keep: Keep) -> Result<ArrayRef> {
    let lists: Vec<Items<'_>> = args.iter().map(Items::of).collect::<Result<_>>()?;
    let values: Vec<&ArrayRef> = lists.iter().map(Items::values).collect();
    let bytes = rows(&values, SortOptions::default())?;
    let mut picks = Picks::of(at(&values, 0)?.data_type(), &values);
    for row in 0..at(&lists, 0)?.len() {
        let Some(ranges) = lists.iter().map(|list| list.row(row)).collect::<Option<Vec<_>>>()
        else {
            picks.end_null();
            continue;
        };
        let mut seen = HashSet::new();
        let others: HashSet<_> = match (keep, ranges.get(1), bytes.get(1)) {
            (Keep::All, ..) | (_, None, _) | (_, _, None) => HashSet::new(),
            (_, Some(range), Some(bytes)) => range.clone().map(|index| bytes.row(index)).collect(),
        };
        for source in std::iter::once(&0).chain(added) {
            for index in at(&ranges, *source)?.clone() {
                let item = at(&bytes, *source)?.row(index);
                let kept = match keep {
                    Keep::All => true,
                    Keep::Common => others.contains(&item),
                    Keep::Others => !others.contains(&item),
                };
                if kept && seen.insert(item) {
                    picks.push(*source, index);
                }
            }
        }
        picks.end();
    }
    picks.finish()
}

fn compact(args: &[ArrayRef]) -> Result<ArrayRef> {
    let items = Items::of(at(args, 0)?)?;
    let values = items.values();
    let mut picks = Picks::of(values.data_type(), &[values]);
    for row in 0..items.len() {
        match items.row(row) {
            Some(range) => {
                picks.extend(0, range.filter(|index| !is_null(values, *index)));
                picks.end();
            }
            None => picks.end_null(),
        }
    }
    picks.finish()
}

/// Items of type NULL have no bits that say so.
fn is_null(values: &ArrayRef, index: usize) -> bool {
    *values.data_type() == DataType::Null || values.is_null(index)
}

fn remove(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [list, value] = args else { return plan_err!("an array and a value are needed") };
    let items = Items::of(list)?;
    let bytes = rows(&[items.values(), value], SortOptions::default())?;
    let (own, other) = (at(&bytes, 0)?, at(&bytes, 1)?);
    let mut picks = Picks::of(value.data_type(), &[items.values()]);
    for row in 0..items.len() {
        match items.row(row).filter(|_| !is_null(value, row)) {
            Some(range) => {
                picks.extend(0, range.filter(|index| own.row(*index) != other.row(row)));
                picks.end();
            }
            None => picks.end_null(),
        }
    }
    picks.finish()
}

/// The place of a value in each array, counted from one; 0 if it is not there.
fn places(list: &ArrayRef, value: &ArrayRef) -> Result<Vec<Option<i64>>> {
    let items = Items::of(list)?;
    let bytes = rows(&[items.values(), value], SortOptions::default())?;
    let (own, other) = (at(&bytes, 0)?, at(&bytes, 1)?);
    let place = |row: usize| {
        let mut range = items.row(row).filter(|_| !is_null(value, row))?;
        let found = range.position(|index| own.row(index) == other.row(row));
        Some(found.map_or(0, |found| i64::try_from(found + 1).unwrap_or(i64::MAX)))
    };
    Ok((0..items.len()).map(place).collect())
}

fn position(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [list, value] = args else { return plan_err!("an array and a value are needed") };
    Ok(Arc::new(Int64Array::from(places(list, value)?)))
}

fn contains(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [list, value] = args else { return plan_err!("an array and a value are needed") };
    let items = Items::of(list)?;
    let has_null = |row: usize| {
        items.row(row).is_some_and(|mut range| range.any(|index| is_null(items.values(), index)))
    };
    let contains: BooleanArray = places(list, value)?
        .into_iter()
        .enumerate()
        .map(|(row, place)| match place? {
            0 if has_null(row) => None,
            place => Some(place > 0),
        })
        .collect();
    Ok(Arc::new(contains))
}

fn overlap(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [one, other] = args else { return plan_err!("two arrays are needed") };
    let (one, other) = (Items::of(one)?, Items::of(other)?);
    let bytes = rows(&[one.values(), other.values()], SortOptions::default())?;
    let (ones, others) = (at(&bytes, 0)?, at(&bytes, 1)?);
    let overlap: BooleanArray = (0..one.len())
        .map(|row| {
            let (one_range, other_range) = (one.row(row)?, other.row(row)?);
            let known = |values: &ArrayRef, index: &usize| !is_null(values, *index);
            let seen: HashSet<_> = one_range
                .clone()
                .filter(|index| known(one.values(), index))
                .map(|index| ones.row(index))
                .collect();
            let mut known_others = other_range.clone().filter(|index| known(other.values(), index));
            if known_others.any(|index| seen.contains(&others.row(index))) {
                return Some(true);
            }
            let unknown = one_range.clone().any(|index| is_null(one.values(), index))
                || other_range.clone().any(|index| is_null(other.values(), index));
            let both = !one_range.is_empty() && !other_range.is_empty();
            (!(unknown && both)).then_some(false)
        })
        .collect();
    Ok(Arc::new(overlap))
}
