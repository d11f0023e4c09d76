//! Arrays out of values.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::common_type::common_type;
use super::super::function::Function;
use super::list::{Items, Picks, at, item_type, list_type, takes_list, takes_list_and_item};

/// The most items that array_repeat and sequence give.
pub(super) const MOST: i64 = 10_000_000;

/// [array](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array),
/// [array_repeat](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_repeat), array_append, array_prepend,
/// [array_insert](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_insert) (as in Spark 3.5, -1 is behind the last item),
/// [flatten](https://spark.apache.org/docs/3.5.6/api/sql/index.html#flatten) and
/// [slice](https://spark.apache.org/docs/3.5.6/api/sql/index.html#slice).
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let first = |types: &[DataType], _: &[Option<&datafusion::common::ScalarValue>]| {
        Ok(at(types, 0)?.clone())
    };
    vec![
        Function::new("array", |types, _| Ok(list_type(common_type(types)?)), array)
            .taking(|types| Ok(vec![common_type(types)?; types.len()]))
            .udf(),
        Function::new("array_repeat", |types, _| Ok(list_type(at(types, 0)?.clone())), repeat)
            .udf(),
        Function::new("array_append", first, |args, _| add(args, false))
            .taking(takes_list_and_item)
            .udf(),
        Function::new("array_prepend", first, |args, _| add(args, true))
            .taking(takes_list_and_item)
            .udf(),
        Function::new("array_insert", first, |args, _| insert(args)).taking(takes_insert).udf(),
        Function::new("flatten", |types, _| item_type(at(types, 0)?), |args, _| flatten(args))
            .taking(takes_nested)
            .udf(),
        Function::new("slice", first, |args, _| slice(args)).taking(takes_list).udf(),
    ]
}

fn array(args: &[ArrayRef], gives: &DataType) -> Result<ArrayRef> {
    let sources: Vec<&ArrayRef> = args.iter().collect();
    let mut picks = Picks::of(&item_type(gives)?, &sources);
    // Without arguments there is one row: the value is a constant.
    for row in 0..args.first().map_or(1, Array::len) {
        (0..args.len()).for_each(|source| picks.push(source, row));
        picks.end();
    }
    picks.finish()
}

fn repeat(args: &[ArrayRef], _gives: &DataType) -> Result<ArrayRef> {
    let [value, count] = args else { return plan_err!("a value and a number are needed") };
    let mut picks = Picks::of(value.data_type(), &[value]);
    for (row, count) in count.as_primitive::<Int32Type>().iter().enumerate() {
        match count {
            Some(count) if i64::from(count) > MOST => {
                return exec_err!("array_repeat gives more than {MOST} items");
            }
            Some(count) => {
                picks.extend(0, (0..count).map(|_| row));
                picks.end();
            }
            None => picks.end_null(),
        }
    }
    picks.finish()
}

fn add(args: &[ArrayRef], before: bool) -> Result<ArrayRef> {
    let [list, value] = args else { return plan_err!("an array and a value are needed") };
    let items = Items::of(list)?;
    let mut picks = Picks::of(value.data_type(), &[items.values(), value]);
    for row in 0..items.len() {
        let Some(range) = items.row(row) else {
            picks.end_null();
            continue;
        };
        if before {
            picks.push(1, row);
        }
        picks.extend(0, range);
        if !before {
            picks.push(1, row);
        }
        picks.end();
    }
    picks.finish()
}

fn takes_insert(types: &[DataType]) -> Result<Vec<DataType>> {
    let [list, place, value] = types else {
        return plan_err!("an array, a place and a value are needed");
    };
    match takes_list_and_item(&[list.clone(), value.clone()])?.as_slice() {
        [list, value] => Ok(vec![list.clone(), place.clone(), value.clone()]),
        _ => plan_err!("an array, a place and a value are needed"),
    }
}

fn insert(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [list, places, value] = args else { return plan_err!("three values are needed") };
    let (items, places) = (Items::of(list)?, places.as_primitive::<Int32Type>());
    let mut picks = Picks::of(value.data_type(), &[items.values(), value]);
    for (row, place) in places.iter().enumerate() {
        let (Some(range), Some(place)) = (items.row(row), place) else {
            picks.end_null();
            continue;
        };
        if place == 0 {
            return exec_err!("array_insert counts from 1, or from -1 at the end; 0 is no place");
        }
        if i64::from(place).abs() > MOST {
            return exec_err!("array_insert gives more than {MOST} items");
        }
        let distance = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
        let (start, count) = (range.start, range.len());
        if place > 0 {
            let before = (distance - 1).min(count);
            picks.extend(0, start..start + before);
            (before..distance - 1).for_each(|_| picks.push_null());
            picks.push(1, row);
            picks.extend(0, start + before..range.end);
        } else {
            // -1 is behind the last item; what is further from the end than all items is filled up behind the value.
            let after = (distance - 1).min(count);
            if distance - 1 > count {
                picks.push(1, row);
                (count..distance - 1).for_each(|_| picks.push_null());
                picks.extend(0, range);
            } else {
                picks.extend(0, start..range.end - after);
                picks.push(1, row);
                picks.extend(0, range.end - after..range.end);
            }
        }
        picks.end();
    }
    picks.finish()
}

fn takes_nested(types: &[DataType]) -> Result<Vec<DataType>> {
    let [list] = types else { return plan_err!("an array of arrays is needed") };
    Ok(vec![list_type(list_type(item_type(&item_type(list)?)?))])
}

fn flatten(args: &[ArrayRef]) -> Result<ArrayRef> {
    let outer = Items::of(at(args, 0)?)?;
    let inner = Items::of(outer.values())?;
    let mut picks = Picks::of(inner.values().data_type(), &[inner.values()]);
    for row in 0..outer.len() {
        let lists = outer
            .row(row)
            .and_then(|range| range.map(|list| inner.row(list)).collect::<Option<Vec<_>>>());
        match lists {
            Some(lists) => {
                lists.into_iter().for_each(|range| picks.extend(0, range));
                picks.end();
            }
            None => picks.end_null(),
        }
    }
    picks.finish()
}

fn slice(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [list, starts, lengths] = args else { return plan_err!("three values are needed") };
    let items = Items::of(list)?;
    let (starts, lengths) =
        (starts.as_primitive::<Int32Type>(), lengths.as_primitive::<Int32Type>());
    let mut picks = Picks::of(items.values().data_type(), &[items.values()]);
    for (row, (start, length)) in starts.iter().zip(lengths.iter()).enumerate() {
        let (Some(range), Some(start), Some(length)) = (items.row(row), start, length) else {
            picks.end_null();
            continue;
        };
        if start == 0 {
            return exec_err!("slice counts from 1, or from -1 at the end; 0 is no place");
        }
        let Ok(length) = usize::try_from(length) else {
            return exec_err!("the length of a slice is negative");
        };
        let distance = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
        let skipped =
            if start > 0 { Some(distance - 1) } else { range.len().checked_sub(distance) };
        if let Some(skipped) = skipped {
            picks.extend(0, range.skip(skipped).take(length));
        }
        picks.end();
    }
    picks.finish()
}
