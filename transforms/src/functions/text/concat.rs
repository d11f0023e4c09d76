//! `concat`, `concat_ws` and `reverse`, of texts, binaries and arrays
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#concat>).

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, ListArray, MutableArrayData, StringArray, make_array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use crate::functions::common_type::common_type;
use crate::functions::conversion::to_text;
use crate::functions::scalar::{Argument, Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::of("unglue_concat", 0..=usize::MAX, concat_gives, concat),
        Scalar::text("unglue_concat_ws", 1..=usize::MAX, concat_ws),
        Scalar::of("unglue_reverse", 1..=1, reverse_gives, reverse),
    ]
}

fn list_item(data_type: &DataType) -> Option<&FieldRef> {
    match data_type {
        DataType::List(item) => Some(item),
        _ => None,
    }
}

fn concat_gives(types: &[DataType], _: &[Option<&ScalarValue>]) -> Result<DataType> {
    if types.iter().any(|data_type| list_item(data_type).is_some()) {
        let items = types
            .iter()
            .map(|data_type| match list_item(data_type) {
                Some(item) => Ok(item.data_type().clone()),
                None => plan_err!("concat: arrays can only be joined with arrays"),
            })
            .collect::<Result<Vec<_>>>()?;
        let item = common_type(&items)?;
        return Ok(DataType::List(Arc::new(Field::new_list_field(item, true))));
    }
    if let Some(other) = types.iter().find(|data_type| data_type.is_nested()) {
        return plan_err!("concat: a value of type {other} is not taken here");
    }
    if !types.is_empty() && types.iter().all(|data_type| *data_type == DataType::Binary) {
        return Ok(DataType::Binary);
    }
    Ok(DataType::Utf8)
}

/// `concat(…)`: NULL where a part is NULL.
fn concat(arguments: &Arguments) -> Result<ArrayRef> {
    match arguments.gives() {
        DataType::List(item) => concat_lists(arguments, item),
        DataType::Binary => {
            let parts = (0..arguments.len())
                .map(|index| arguments.binaries(index))
                .collect::<Result<Vec<_>>>()?;
            let row = |row| {
                let parts: Option<Vec<&[u8]>> = parts.iter().map(|part| part.get(row)).collect();
                parts.map(|parts| parts.concat())
            };
            Ok(Arc::new((0..arguments.rows()).map(row).collect::<BinaryArray>()))
        }
        _ => {
            let parts = arguments.columns().iter().map(texts).collect::<Result<Vec<_>>>()?;
            Ok(arguments.write(|row, out| {
                for (part, column) in parts.iter().zip(arguments.columns()) {
                    let row = column.at(row);
                    if part.is_null(row) {
                        return None;
                    }
                    out.push_str(part.value(row));
                }
                Some(())
            }))
        }
    }
}

/// The texts of an argument that is text or BINARY.
fn texts(column: &Argument) -> Result<StringArray> {
    match column.array().as_string_opt::<i32>() {
        Some(texts) => Ok(texts.clone()),
        None => to_text(column.array()),
    }
}

fn concat_lists(arguments: &Arguments, item: &FieldRef) -> Result<ArrayRef> {
    let mut lists = Vec::new();
    for column in arguments.columns() {
        let cast_to = DataType::List(Arc::clone(item));
        let list = if list_item(column.array().data_type())
            .is_some_and(|found| found.data_type() == item.data_type())
        {
            Arc::clone(column.array())
        } else if item.data_type() == &DataType::Utf8 {
            text_items(column.array().as_list())?
        } else {
            cast(column.array(), &cast_to)?
        };
        lists.push(list.as_list::<i32>().clone());
    }
    let values: Vec<_> = lists.iter().map(|list| list.values().to_data()).collect();
    let mut items = MutableArrayData::new(values.iter().collect(), true, 0);
    let (mut lengths, mut valid) = (Vec::new(), Vec::new());
    for row in 0..arguments.rows() {
        let at: Vec<usize> = arguments.columns().iter().map(|column| column.at(row)).collect();
        let known = lists.iter().zip(&at).all(|(list, at)| list.is_valid(*at));
        let mut length = 0;
        if known {
            for (index, (list, at)) in lists.iter().zip(&at).enumerate() {
                let (from, to) = bounds(list, *at)?;
                items.try_extend(index, from, to)?;
                length += to - from;
            }
        }
        lengths.push(length);
        valid.push(known);
    }
    let offsets = OffsetBuffer::from_lengths(lengths);
    let items = make_array(items.freeze());
    let nulls = Some(NullBuffer::from(valid));
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, nulls)?))
}

fn bounds(list: &ListArray, row: usize) -> Result<(usize, usize)> {
    let offset = |index: usize| {
        list.value_offsets().get(index).and_then(|offset| usize::try_from(*offset).ok())
    };
    match (offset(row), offset(row + 1)) {
        (Some(from), Some(to)) => Ok((from, to)),
        _ => exec_err!("an array without an end"),
    }
}

/// The same lists with their items as texts.
fn text_items(list: &ListArray) -> Result<ArrayRef> {
    let items: ArrayRef = Arc::new(to_text(list.values())?);
    let field = Arc::new(Field::new_list_field(DataType::Utf8, true));
    let nulls = list.nulls().cloned();
    Ok(Arc::new(ListArray::try_new(field, list.offsets().clone(), items, nulls)?))
}

/// `concat_ws(separator, …)`: parts that are NULL are left out, the items of arrays are parts.
fn concat_ws(arguments: &Arguments) -> Result<ArrayRef> {
    let separators = arguments.texts(0)?;
    let columns = arguments.columns().get(1..).unwrap_or_default();
    let mut parts = Vec::new();
    for column in columns {
        let array = column.array();
        parts.push(match list_item(array.data_type()) {
            Some(item) if item.data_type().is_nested() => {
                return plan_err!("concat_ws: only arrays of text are taken");
            }
            Some(_) => text_items(array.as_list())?,
            None if array.data_type().is_nested() => {
                return plan_err!("concat_ws: a value of type {} is not taken", array.data_type());
            }
            None => Arc::new(texts(column)?),
        });
    }
    Ok(arguments.write(|row, out| {
        let separator = separators.get(row)?;
        let mut first = true;
        let mut put = |part: &str| {
            if !std::mem::take(&mut first) {
                out.push_str(separator);
            }
            out.push_str(part);
        };
        for (part, column) in parts.iter().zip(columns) {
            let row = column.at(row);
            if part.is_null(row) {
                continue;
            }
            match part.as_list_opt::<i32>() {
                Some(list) => {
                    list.value(row).as_string::<i32>().iter().flatten().for_each(&mut put);
                }
                None => put(part.as_string::<i32>().value(row)),
            }
        }
        Some(())
    }))
}

fn reverse_gives(types: &[DataType], _: &[Option<&ScalarValue>]) -> Result<DataType> {
    match types {
        [list @ DataType::List(_)] => Ok(list.clone()),
        [other] if other.is_nested() => plan_err!("reverse: {other} has no order"),
        _ => Ok(DataType::Utf8),
    }
}

/// `reverse(text)` and `reverse(array)`.
fn reverse(arguments: &Arguments) -> Result<ArrayRef> {
    let column = arguments.column(0)?;
    let Some(list) = column.array().as_list_opt::<i32>() else {
        let texts = texts(column)?;
        return Ok(arguments.write(|row, out| {
            let row = column.at(row);
            texts.is_valid(row).then(|| out.extend(texts.value(row).chars().rev()))
        }));
    };
    let values = list.values().to_data();
    let mut items = MutableArrayData::new(vec![&values], true, values.len());
    let mut lengths = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        let (from, to) = bounds(list, row)?;
        for item in (from..to).rev() {
            items.try_extend(0, item, item + 1)?;
        }
        lengths.push(to - from);
    }
    let DataType::List(item) = list.data_type() else { return exec_err!("no array") };
    let offsets = OffsetBuffer::from_lengths(lengths);
    let items = make_array(items.freeze());
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, list.nulls().cloned())?))
}
