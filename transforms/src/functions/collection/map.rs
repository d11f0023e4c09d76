//! Maps.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::common_type::{common_type, comparable_type};
use super::super::function::{Computes, Function};
use super::super::type_name::type_name;
use super::list::{Items, Picks, at, item_type, list_type, rows};

/// [map](https://spark.apache.org/docs/3.5.6/api/sql/index.html#map), map_keys, map_values, map_entries,
/// [map_concat](https://spark.apache.org/docs/3.5.6/api/sql/index.html#map_concat), map_from_arrays, map_from_entries and map_contains_key.
///
/// A key that is NULL or there twice is an error, as in Spark (`spark.sql.mapKeyDedupPolicy` EXCEPTION).
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let parts = |name, gives, computes: Computes| {
        Function::new(name, gives, computes).taking(takes_map).udf()
    };
    vec![
        Function::new("unglue_map", |types, _| made_type(types), |args, _| make(args))
            .taking(takes_pairs)
            .udf(),
        parts(
            "map_keys",
            |types, _| Ok(list_type(entries(at(types, 0)?)?.0)),
            |args, _| side(at(args, 0)?, true),
        ),
        parts(
            "map_values",
            |types, _| Ok(list_type(entries(at(types, 0)?)?.1)),
            |args, _| side(at(args, 0)?, false),
        ),
        parts(
            "map_entries",
            |types, _| Ok(entries_type(at(types, 0)?)),
            |args, gives| as_entries(at(args, 0)?, gives),
        ),
        Function::new("map_concat", |types, _| concat_type(types), |args, _| concat(args))
            .taking(takes_maps)
            .udf(),
        Function::new(
            "map_from_arrays",
            |types, _| Ok(map_type(item_type(at(types, 0)?)?, item_type(at(types, 1)?)?)),
            |args, _| from_arrays(args),
        )
        .taking(|types| types.iter().map(|list| Ok(list_type(item_type(list)?))).collect())
        .udf(),
        Function::new(
            "map_from_entries",
            |types, _| from_entries_type(types),
            |args, _| from_entries(at(args, 0)?),
        )
        .udf(),
        Function::new("map_contains_key", |_, _| Ok(DataType::Boolean), |args, _| contains(args))
            .taking(|types| match types {
                [map, key] => {
                    let (own, value) = entries(map)?;
                    let key = comparable_type(&[own, key.clone()])?;
                    Ok(vec![map_type(key.clone(), value), key])
                }
                _ => plan_err!("a map and a key are needed"),
            })
            .udf(),
    ]
}

/// The type of a map of such keys and values.
pub(super) fn map_type(key: DataType, value: DataType) -> DataType {
    let fields: Fields =
        vec![Field::new("key", key, false), Field::new("value", value, true)].into();
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(fields), false)), false)
}

/// The types of a map's keys and values.
pub(super) fn entry_types(data_type: &DataType) -> Option<(DataType, DataType)> {
    let DataType::Map(entries, _) = data_type else { return None };
    let DataType::Struct(fields) = entries.data_type() else { return None };
    match fields.as_ref() {
        [key, value] => Some((key.data_type().clone(), value.data_type().clone())),
        _ => None,
    }
}

/// The same for an argument.
///
/// # Errors
/// It is no map.
pub(super) fn entries(data_type: &DataType) -> Result<(DataType, DataType)> {
    match (data_type, entry_types(data_type)) {
        (DataType::Null, _) => Ok((DataType::Null, DataType::Null)),
        (_, Some(types)) => Ok(types),
        (other, None) => plan_err!("a map is needed, not {}", type_name(other)),
    }
}

fn takes_map(types: &[DataType]) -> Result<Vec<DataType>> {
    let [map] = types else { return plan_err!("one map is needed") };
    let (key, value) = entries(map)?;
    Ok(vec![map_type(key, value)])
}

fn pair_types(types: &[DataType]) -> Result<(DataType, DataType)> {
    if !types.len().is_multiple_of(2) {
        return plan_err!("a map is made of keys and values, one after the other");
    }
    let every_other = |skipped: usize| -> Vec<DataType> {
        types.iter().skip(skipped).step_by(2).cloned().collect()
    };
    Ok((common_type(&every_other(0))?, common_type(&every_other(1))?))
}

fn takes_pairs(types: &[DataType]) -> Result<Vec<DataType>> {
    let (key, value) = pair_types(types)?;
    Ok(types.chunks(2).flat_map(|_| [key.clone(), value.clone()]).collect())
}

fn made_type(types: &[DataType]) -> Result<DataType> {
    let (key, value) = pair_types(types)?;
    Ok(map_type(key, value))
}

/// A map of the picked keys and values of each row.
///
/// # Errors
/// A key that is NULL, or that is there twice.
pub(super) fn build(keys: Picks, values: Picks) -> Result<ArrayRef> {
    let (keys, offsets, nulls) = keys.parts()?;
    let (values, _, _) = values.parts()?;
    assemble(keys, values, offsets, nulls)
}

/// The same of keys and values that are together already.
///
/// # Errors
/// See [`build`].
pub(super) fn assemble(
    keys: ArrayRef,
    values: ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: NullBuffer,
) -> Result<ArrayRef> {
    if keys.null_count() > 0 || (*keys.data_type() == DataType::Null && !keys.is_empty()) {
        return exec_err!("a key of a map is NULL");
    }
    let bytes = rows(&[&keys], SortOptions::default())?;
    let bytes = at(&bytes, 0)?;
    for ends in offsets.windows(2) {
        let [start, end] = ends else { continue };
        let range = usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
        let count = range.len();
        // Two keys or three are compared faster than hashed.
        let different = if count <= 3 {
            let equal =
                |one: usize| (one + 1..range.end).any(|other| bytes.row(one) == bytes.row(other));
            !range.clone().any(equal)
        } else {
            range.map(|index| bytes.row(index)).collect::<HashSet<_>>().len() == count
        };
        if !different {
            return exec_err!("a key is in a map twice; take each once, for instance by max()");
        }
    }
    let DataType::Map(entries, sorted) =
        map_type(keys.data_type().clone(), values.data_type().clone())
    else {
        return plan_err!("a map is needed");
    };
    let DataType::Struct(fields) = entries.data_type() else { return plan_err!("no entries") };
    let pairs = StructArray::try_new_with_length(fields.clone(), vec![keys, values], None, {
        usize::try_from(offsets.last().copied().unwrap_or(0)).unwrap_or(0)
    })?;
    Ok(Arc::new(MapArray::try_new(entries, offsets, pairs, Some(nulls), sorted)?))
}

fn make(args: &[ArrayRef]) -> Result<ArrayRef> {
    let sides =
        |skipped: usize| -> Vec<&ArrayRef> { args.iter().skip(skipped).step_by(2).collect() };
    let (keys, values) = (sides(0), sides(1));
    let of = |sources: &[&ArrayRef]| {
        let item = sources.first().map_or(DataType::Null, |array| array.data_type().clone());
        Picks::of(&item, sources)
    };
    let (mut key_picks, mut value_picks) = (of(&keys), of(&values));
    // Without arguments there is one row: the value is a constant.
    for row in 0..args.first().map_or(1, Array::len) {
        for source in 0..keys.len() {
            key_picks.push(source, row);
            value_picks.push(source, row);
        }
        key_picks.end();
        value_picks.end();
    }
    build(key_picks, value_picks)
}

/// The offsets of a map's entries and its NULLs, with the entries that these are of.
fn sliced(map: &MapArray) -> (OffsetBuffer<i32>, ArrayRef, ArrayRef) {
    (map.offsets().clone(), Arc::clone(map.keys()), Arc::clone(map.values()))
}

fn side(map: &ArrayRef, keys: bool) -> Result<ArrayRef> {
    let map = map.as_map();
    let (offsets, own_keys, values) = sliced(map);
    let items = if keys { own_keys } else { values };
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    Ok(Arc::new(ListArray::try_new(field, offsets, items, map.nulls().cloned())?))
}

fn entries_type(map: &DataType) -> DataType {
    let (key, value) = entry_types(map).unwrap_or((DataType::Null, DataType::Null));
    let fields: Fields =
        vec![Field::new("key", key, false), Field::new("value", value, true)].into();
    list_type(DataType::Struct(fields))
}

fn as_entries(map: &ArrayRef, gives: &DataType) -> Result<ArrayRef> {
    let map = map.as_map();
    let DataType::List(item) = gives else { return plan_err!("entries are an array") };
    let DataType::Struct(fields) = item.data_type() else { return plan_err!("no entries") };
    let (offsets, keys, values) = sliced(map);
    let count = keys.len();
    let pairs = StructArray::try_new_with_length(fields.clone(), vec![keys, values], None, count)?;
    let list =
        ListArray::try_new(Arc::clone(item), offsets, Arc::new(pairs), map.nulls().cloned())?;
    Ok(Arc::new(list))
}

fn takes_maps(types: &[DataType]) -> Result<Vec<DataType>> {
    Ok(vec![concat_type(types)?; types.len()])
}

fn concat_type(types: &[DataType]) -> Result<DataType> {
    if types.is_empty() {
        return Ok(map_type(DataType::Utf8, DataType::Utf8));
    }
    let sides: Vec<(DataType, DataType)> = types.iter().map(entries).collect::<Result<_>>()?;
    let (keys, values): (Vec<_>, Vec<_>) = sides.into_iter().unzip();
    Ok(map_type(comparable_type(&keys)?, comparable_type(&values)?))
}

/// A row's entries in a map.
pub(super) fn entries_of(map: &MapArray, row: usize) -> Option<std::ops::Range<usize>> {
    if map.is_null(row) {
        return None;
    }
    let offsets = map.value_offsets();
    let place = |at: usize| offsets.get(at).and_then(|offset| usize::try_from(*offset).ok());
    Some(place(row)?..place(row + 1)?)
}

fn concat(args: &[ArrayRef]) -> Result<ArrayRef> {
    let maps: Vec<&MapArray> = args.iter().map(AsArray::as_map).collect();
    let keys: Vec<&ArrayRef> = maps.iter().map(|map| map.keys()).collect();
    let values: Vec<&ArrayRef> = maps.iter().map(|map| map.values()).collect();
    let of = |sources: &[&ArrayRef]| {
        let item = sources.first().map_or(DataType::Utf8, |array| array.data_type().clone());
        Picks::of(&item, sources)
    };
    let (mut key_picks, mut value_picks) = (of(&keys), of(&values));
    for row in 0..args.first().map_or(1, Array::len) {
        let ranges = maps.iter().map(|map| entries_of(map, row)).collect::<Option<Vec<_>>>();
        let Some(ranges) = ranges else {
            key_picks.end_null();
            value_picks.end_null();
            continue;
        };
        for (source, range) in ranges.into_iter().enumerate() {
            key_picks.extend(source, range.clone());
            value_picks.extend(source, range);
        }
        key_picks.end();
        value_picks.end();
    }
    build(key_picks, value_picks)
}

fn from_arrays(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [keys, values] = args else { return plan_err!("two arrays are needed") };
    let (keys, values) = (Items::of(keys)?, Items::of(values)?);
    let mut key_picks = Picks::of(keys.values().data_type(), &[keys.values()]);
    let mut value_picks = Picks::of(values.values().data_type(), &[values.values()]);
    for row in 0..keys.len() {
        let (Some(own), Some(others)) = (keys.row(row), values.row(row)) else {
            key_picks.end_null();
            value_picks.end_null();
            continue;
        };
        if own.len() != others.len() {
            return exec_err!("a map has as many keys as values");
        }
        key_picks.extend(0, own);
        value_picks.extend(0, others);
        key_picks.end();
        value_picks.end();
    }
    build(key_picks, value_picks)
}

fn from_entries_type(types: &[DataType]) -> Result<DataType> {
    match item_type(at(types, 0)?)? {
        DataType::Struct(fields) => match fields.as_ref() {
            [key, value] => Ok(map_type(key.data_type().clone(), value.data_type().clone())),
            _ => plan_err!("an entry is a struct of two values"),
        },
        _ => plan_err!("an array of structs of two values is needed"),
    }
}

fn from_entries(list: &ArrayRef) -> Result<ArrayRef> {
    let items = Items::of(list)?;
    let pairs = items.values().as_struct();
    let [keys, values] = pairs.columns() else { return plan_err!("an entry has two values") };
    let mut key_picks = Picks::of(keys.data_type(), &[keys]);
    let mut value_picks = Picks::of(values.data_type(), &[values]);
    for row in 0..items.len() {
        match items.row(row).filter(|range| range.clone().all(|index| pairs.is_valid(index))) {
            Some(range) => {
                key_picks.extend(0, range.clone());
                value_picks.extend(0, range);
                key_picks.end();
                value_picks.end();
            }
            None => {
                key_picks.end_null();
                value_picks.end_null();
            }
        }
    }
    build(key_picks, value_picks)
}

fn contains(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [map, key] = args else { return plan_err!("a map and a key are needed") };
    let map = map.as_map();
    let bytes = rows(&[map.keys(), key], SortOptions::default())?;
    let (own, wanted) = (at(&bytes, 0)?, at(&bytes, 1)?);
    let contains: datafusion::arrow::array::BooleanArray = (0..map.len())
        .map(|row| {
            let mut range = entries_of(map, row).filter(|_| key.is_valid(row))?;
            Some(range.any(|index| own.row(index) == wanted.row(row)))
        })
        .collect();
    Ok(Arc::new(contains))
}
