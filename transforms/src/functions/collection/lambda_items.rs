//! Lambdas over the items of lists and maps: all items of a batch at once.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, ListArray, UInt64Array, new_null_array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{SortOptions, take, take_arrays};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::LambdaArgument;

use super::super::type_name::type_name;
use super::lambda::What;
use super::list::{Items, Picks, at, rows};
use super::map::{build, entries_of};

/// The result of a lambda over items, of which `row_of` tells whose rows they are: captured columns are spread over them.
pub(super) fn evaluate(
    lambda: &LambdaArgument,
    params: &[ArrayRef],
    row_of: &[u64],
) -> Result<ArrayRef> {
    let closures: Vec<_> = params.iter().map(|param| move || Ok(Arc::clone(param))).collect();
    let closures: Vec<&dyn Fn() -> Result<ArrayRef>> =
        closures.iter().map(|closure| closure as &dyn Fn() -> Result<ArrayRef>).collect();
    let spread =
        |columns: &[ArrayRef]| Ok(take_arrays(columns, &UInt64Array::from(row_of.to_vec()), None)?);
    lambda.evaluate(&closures, spread)?.into_array(row_of.len())
}

/// The items of rows, flat: where they are, whose they are, and how many each row has.
#[derive(Debug, Default)]
struct Flat {
    places: Vec<u64>,
    row_of: Vec<u64>,
    ranges: Vec<Option<Range<usize>>>,
}

impl Flat {
    fn of(rows: impl Iterator<Item = Option<Range<usize>>>) -> Self {
        let mut flat = Self::default();
        for (row, range) in rows.enumerate() {
            let start = flat.places.len();
            flat.ranges.push(range.map(|range| {
                flat.row_of.extend(range.clone().map(|_| row as u64));
                flat.places.extend(range.map(|place| place as u64));
                start..flat.places.len()
            }));
        }
        flat
    }

    fn taken(&self, values: &ArrayRef) -> Result<ArrayRef> {
        taken(values, &UInt64Array::from(self.places.clone()))
    }

    /// The place of each item in its row, from 0.
    fn indices(&self) -> ArrayRef {
        let ranges = self.ranges.iter().flatten();
        let indices = ranges.flat_map(|range| 0..i32::try_from(range.len()).unwrap_or(i32::MAX));
        Arc::new(Int32Array::from_iter_values(indices))
    }
}

/// Values of type NULL cannot be taken.
pub(super) fn taken(values: &ArrayRef, places: &UInt64Array) -> Result<ArrayRef> {
    if *values.data_type() == DataType::Null {
        return Ok(new_null_array(&DataType::Null, places.len()));
    }
    Ok(take(values, places, None)?)
}

fn flat(items: &Items<'_>) -> Flat {
    Flat::of((0..items.len()).map(|row| items.row(row)))
}

/// The values of a lambda as lists like those that they are of.
fn lists(flat: &Flat, values: &ArrayRef) -> Result<ArrayRef> {
    let mut picks = Picks::of(values.data_type(), &[values]);
    for range in &flat.ranges {
        match range {
            Some(range) => {
                picks.extend(0, range.clone());
                picks.end();
            }
            None => picks.end_null(),
        }
    }
    picks.finish()
}

/// Each item becomes what the function gives.
pub(super) fn transform(list: &ArrayRef, lambda: &LambdaArgument) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let flat = flat(&items);
    let params = [flat.taken(items.values())?, flat.indices()];
    lists(&flat, &evaluate(lambda, &params, &flat.row_of)?)
}

/// The values of a condition; one that is always NULL has no type of its own.
fn booleans(values: &ArrayRef) -> Result<BooleanArray> {
    match (values.as_boolean_opt(), values.data_type()) {
        (Some(values), _) => Ok(values.clone()),
        (None, DataType::Null) => Ok(BooleanArray::new_null(values.len())),
        (None, other) => exec_err!("the function gives no condition, but {}", type_name(other)),
    }
}

pub(super) fn filter(list: &ArrayRef, lambda: &LambdaArgument) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let flat = flat(&items);
    let values = flat.taken(items.values())?;
    let kept = evaluate(lambda, &[Arc::clone(&values), flat.indices()], &flat.row_of)?;
    let kept = booleans(&kept)?;
    let mut picks = Picks::of(values.data_type(), &[&values]);
    for range in &flat.ranges {
        match range {
            Some(range) => {
                let holds = |index: &usize| kept.is_valid(*index) && kept.value(*index);
                picks.extend(0, range.clone().filter(holds));
                picks.end();
            }
            None => picks.end_null(),
        }
    }
    picks.finish()
}

/// Whether the condition is `sought` for one item; NULL if it is for none, but NULL for one.
pub(super) fn any(list: &ArrayRef, lambda: &LambdaArgument, sought: bool) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let flat = flat(&items);
    let holds = evaluate(lambda, &[flat.taken(items.values())?], &flat.row_of)?;
    let holds = booleans(&holds)?;
    let found: BooleanArray = flat
        .ranges
        .iter()
        .map(|range| {
            let range = range.clone()?;
            let is = |index: usize| holds.is_valid(index) && holds.value(index) == sought;
            if range.clone().any(is) {
                return Some(sought);
            }
            let unknown = range.into_iter().any(|index| holds.is_null(index));
            (!unknown).then_some(!sought)
        })
        .collect();
    Ok(Arc::new(found))
}

pub(super) fn zip_with(
    one: &ArrayRef,
    other: &ArrayRef,
    lambda: &LambdaArgument,
    gives: &DataType,
) -> Result<ArrayRef> {
    let (one, other) = (Items::of(one)?, Items::of(other)?);
    let (mut ones, mut others, mut row_of) = (vec![], vec![], vec![]);
    let mut lengths = Vec::with_capacity(one.len());
    let mut valid = Vec::with_capacity(one.len());
    for row in 0..one.len() {
        let (Some(range), Some(other_range)) = (one.row(row), other.row(row)) else {
            lengths.push(0);
            valid.push(false);
            continue;
        };
        let most = range.len().max(other_range.len());
        let padded = |range: Range<usize>| {
            let filled = most - range.len();
            range.map(|place| Some(place as u64)).chain(std::iter::repeat_n(None, filled))
        };
        ones.extend(padded(range));
        others.extend(padded(other_range));
        row_of.extend(std::iter::repeat_n(row as u64, most));
        lengths.push(most);
        valid.push(true);
    }
    let params = [
        taken(one.values(), &UInt64Array::from(ones))?,
        taken(other.values(), &UInt64Array::from(others))?,
    ];
    let values = evaluate(lambda, &params, &row_of)?;
    let DataType::List(item) = gives else { return plan_err!("an array is given") };
    let offsets = OffsetBuffer::from_lengths(lengths);
    let nulls = NullBuffer::from(valid);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, Some(nulls))?))
}

pub(super) fn of_map(map: &ArrayRef, lambda: &LambdaArgument, what: What) -> Result<ArrayRef> {
    let map = map.as_map();
    let flat = Flat::of((0..map.len()).map(|row| entries_of(map, row)));
    let (keys, values) = (flat.taken(map.keys())?, flat.taken(map.values())?);
    let result = evaluate(lambda, &[Arc::clone(&keys), Arc::clone(&values)], &flat.row_of)?;
    let kept = if what == What::MapFilter { Some(booleans(&result)?) } else { None };
    let keys = if what == What::TransformKeys { &result } else { &keys };
    let values = if what == What::TransformValues { &result } else { &values };
    let mut key_picks = Picks::of(keys.data_type(), &[keys]);
    let mut value_picks = Picks::of(values.data_type(), &[values]);
    for range in &flat.ranges {
        let Some(range) = range else {
            key_picks.end_null();
            value_picks.end_null();
            continue;
        };
        let holds = |index: &usize| {
            kept.as_ref().is_none_or(|kept| kept.is_valid(*index) && kept.value(*index))
        };
        key_picks.extend(0, range.clone().filter(holds));
        value_picks.extend(0, range.clone().filter(holds));
        key_picks.end();
        value_picks.end();
    }
    build(key_picks, value_picks)
}

/// The keys of both maps, those of the first one first; a value that is not there is NULL.
pub(super) fn map_zip_with(
    one: &ArrayRef,
    other: &ArrayRef,
    lambda: &LambdaArgument,
) -> Result<ArrayRef> {
    let (one, other) = (one.as_map(), other.as_map());
    let bytes = rows(&[one.keys(), other.keys()], SortOptions::default())?;
    let (own_bytes, other_bytes) = (at(&bytes, 0)?, at(&bytes, 1)?);
    let mut keys = Picks::of(one.keys().data_type(), &[one.keys(), other.keys()]);
    let (mut ones, mut others, mut row_of) = (vec![], vec![], vec![]);
    for row in 0..one.len() {
        let (Some(range), Some(other_range)) = (entries_of(one, row), entries_of(other, row))
        else {
            keys.end_null();
            continue;
        };
        for place in range.clone() {
            let mut same = other_range.clone();
            let found = same.find(|at| other_bytes.row(*at) == own_bytes.row(place));
            keys.push(0, place);
            ones.push(Some(place as u64));
            others.push(found.map(|found| found as u64));
        }
        let mut only = other_range.clone();
        only.by_ref()
            .filter(|place| !range.clone().any(|at| own_bytes.row(at) == other_bytes.row(*place)))
            .for_each(|place| {
                keys.push(1, place);
                ones.push(None);
                others.push(Some(place as u64));
            });
        row_of.extend(std::iter::repeat_n(row as u64, keys.in_row()));
        keys.end();
    }
    let (keys, offsets, nulls) = keys.parts()?;
    let params = [
        Arc::clone(&keys),
        taken(one.values(), &UInt64Array::from(ones))?,
        taken(other.values(), &UInt64Array::from(others))?,
    ];
    let values = evaluate(lambda, &params, &row_of)?;
    super::map::assemble(keys, values, offsets, nulls)
}
