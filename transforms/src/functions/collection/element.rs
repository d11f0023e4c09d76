//! One item of an array or a map, their sizes, and arrays as text.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, NullArray, StringArray, UInt64Array,
};
use datafusion::arrow::compute::{SortOptions, take};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ScalarUDF};

use super::super::common_type::comparable_type;
use super::super::function::{Computes, Function};
use super::list::{Items, at, item_type, list_type, rows};
use super::map::{entry_types, map_type};

/// [element_at](https://spark.apache.org/docs/3.5.6/api/sql/index.html#element_at) (from 1, or from -1 at the end),
/// [get](https://spark.apache.org/docs/3.5.6/api/sql/index.html#get) and `unglue_element(collection, index)`, the subscript `a[0]`, both from 0;
/// a key of a map; NULL where there is nothing. `size` is -1 for NULL.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let by_key =
        |name, computes: Computes| Function::new(name, gives, computes).taking(takes).udf();
    let count = |name, computes: Computes| Function::new(name, counted, computes).udf();
    vec![
        by_key("unglue_element_at", |args, _| element(args, from_one)),
        by_key("get", |args, _| element(args, from_zero)),
        subscripts(),
        count("size", |args, _| size(at(args, 0)?, Some(-1))),
        count("array_size", |args, _| size(at(args, 0)?, None)),
        Function::new("array_join", |_, _| Ok(DataType::Utf8), |args, _| join(args))
            .taking(|types| {
                let [list, others @ ..] = types else { return plan_err!("an array is needed") };
                item_type(list)?;
                let texts = others.iter().map(|_| DataType::Utf8);
                Ok(std::iter::once(list_type(DataType::Utf8)).chain(texts).collect())
            })
            .udf(),
    ]
}

/// `unglue_element`.
fn subscripts() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        Function::new("unglue_element", gives, |args, _| element(args, from_zero))
            .taking(takes)
            .udf()
    });
    Arc::clone(&FUNCTION)
}

/// `collection[key]`.
pub(crate) fn subscript(collection: Expr, key: Expr) -> Expr {
    subscripts().call(vec![collection, key])
}

/// An INT, of an array or a map.
fn counted(types: &[DataType], _literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    let collection = at(types, 0)?;
    if !collection.is_null() && entry_types(collection).is_none() {
        let _item = item_type(collection)?;
    }
    Ok(DataType::Int32)
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let [collection, key] = types else { return plan_err!("a collection and a key are needed") };
    if let Some((own, value)) = entry_types(collection) {
        let key = comparable_type(&[own, key.clone()])?;
        return Ok(vec![map_type(key.clone(), value), key]);
    }
    if !key.is_integer() && !key.is_null() {
        return plan_err!("the place in an array is a whole number");
    }
    Ok(vec![list_type(item_type(collection)?), DataType::Int64])
}

fn gives(types: &[DataType], _literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    let collection = at(types, 0)?;
    match entry_types(collection) {
        Some((_, value)) => Ok(value),
        None => item_type(collection),
    }
}

/// The place of an item among so many, if it is there.
type Place = fn(i64, usize) -> Result<Option<usize>>;

fn from_zero(index: i64, count: usize) -> Result<Option<usize>> {
    Ok(usize::try_from(index).ok().filter(|index| *index < count))
}

fn from_one(index: i64, count: usize) -> Result<Option<usize>> {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    match index {
        0 => exec_err!("element_at counts from 1, or from -1 at the end; 0 is no place"),
        1.. => Ok(Some(distance - 1).filter(|index| *index < count)),
        _ => Ok(count.checked_sub(distance)),
    }
}

fn element(args: &[ArrayRef], place: Place) -> Result<ArrayRef> {
    let [collection, key] = args else { return plan_err!("a collection and a key are needed") };
    if let DataType::Map(..) = collection.data_type() {
        return of_key(collection, key);
    }
    let items = Items::of(collection)?;
    let found: UInt64Array = key
        .as_primitive::<Int64Type>()
        .iter()
        .enumerate()
        .map(|(row, index)| {
            let (Some(range), Some(index)) = (items.row(row), index) else { return Ok(None) };
            let found = place(index, range.len())?.map(|found| range.start + found);
            Ok(found.and_then(|found| u64::try_from(found).ok()))
        })
        .collect::<Result<_>>()?;
    taken(items.values(), &found)
}

/// Values of type NULL cannot be taken.
fn taken(values: &ArrayRef, places: &UInt64Array) -> Result<ArrayRef> {
    if *values.data_type() == DataType::Null {
        return Ok(Arc::new(NullArray::new(places.len())));
    }
    Ok(take(values, places, None)?)
}

fn of_key(collection: &ArrayRef, key: &ArrayRef) -> Result<ArrayRef> {
    let map = collection.as_map();
    let bytes = rows(&[map.keys(), key], SortOptions::default())?;
    let (own, wanted) = (at(&bytes, 0)?, at(&bytes, 1)?);
    let offsets = map.value_offsets();
    let found: UInt64Array = (0..map.len())
        .map(|row| {
            let start = usize::try_from(*offsets.get(row)?).ok()?;
            let end = usize::try_from(*offsets.get(row + 1)?).ok()?;
            let mut range = (start..end).filter(|_| map.is_valid(row));
            let found = range.find(|index| own.row(*index) == wanted.row(row))?;
            u64::try_from(found).ok()
        })
        .collect();
    taken(map.values(), &found)
}

fn size(collection: &ArrayRef, of_null: Option<i32>) -> Result<ArrayRef> {
    let offsets: &[i32] = match collection.data_type() {
        DataType::List(_) => collection.as_list::<i32>().value_offsets(),
        DataType::Map(..) => collection.as_map().value_offsets(),
        DataType::Null => return Ok(Arc::new(Int32Array::from(vec![of_null; collection.len()]))),
        other => return plan_err!("the size is that of an array or a map, not of {other}"),
    };
    let sizes: Int32Array = offsets
        .windows(2)
        .enumerate()
        .map(|(row, ends)| match ends {
            [start, end] if collection.is_valid(row) => Some(end - start),
            _ => of_null,
        })
        .collect();
    Ok(Arc::new(sizes))
}

/// [array_join](https://spark.apache.org/docs/3.5.6/api/sql/index.html#array_join): NULL is left out, or replaced by the third argument.
fn join(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (list, between) = (at(args, 0)?, at(args, 1)?.as_string::<i32>());
    let replacement = args.get(2).map(AsArray::as_string::<i32>);
    let items = Items::of(list)?;
    let texts = items.values().as_string::<i32>();
    let joined: StringArray = (0..items.len())
        .map(|row| {
            let range = items.row(row).filter(|_| between.is_valid(row))?;
            if replacement.is_some_and(|replacement| replacement.is_null(row)) {
                return None;
            }
            let parts: Vec<&str> = range
                .filter_map(|index| match replacement {
                    _ if texts.is_valid(index) => Some(texts.value(index)),
                    Some(replacement) => Some(replacement.value(row)),
                    None => None,
                })
                .collect();
            Some(parts.join(between.value(row)))
        })
        .collect();
    Ok(Arc::new(joined))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_or_from_the_end() {
        assert_eq!(from_one(1, 3).unwrap(), Some(0));
        assert_eq!(from_one(-1, 3).unwrap(), Some(2));
        assert_eq!(from_one(4, 3).unwrap(), None);
        assert_eq!(from_one(-4, 3).unwrap(), None);
        assert!(from_one(0, 3).is_err());
        assert_eq!(from_zero(0, 3).unwrap(), Some(0));
        assert_eq!(from_zero(3, 3).unwrap(), None);
        assert_eq!(from_zero(-1, 3).unwrap(), None);
    }
}
