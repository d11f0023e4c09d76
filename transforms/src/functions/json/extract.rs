//! Parts of JSON text: `get_json_object`, `json_tuple`, `json_array_length`, `json_object_keys`
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#get_json_object>).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, ListBuilder, StringBuilder, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::path::Path;
use super::value::{Json, Reads, parse};
use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::text("get_json_object", 2..=2, get_json_object),
        Scalar::of(
            "json_tuple",
            2..=usize::MAX,
            |types, _| Ok(DataType::Struct(tuple_fields(types.len() - 1))),
            json_tuple,
        ),
        Scalar::int("json_array_length", 1..=1, json_array_length),
        Scalar::of("json_object_keys", 1..=1, |_, _| Ok(texts()), json_object_keys),
    ]
}

fn texts() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

/// `get_json_object(json, path)`: text without quotes, everything else as JSON.
fn get_json_object(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, paths) = (arguments.texts(0)?, arguments.texts(1)?);
    let mut last: Option<(&str, Option<Path>)> = None;
    Ok(arguments.write(|row, out| {
        let (text, path) = (texts.get(row)?, paths.get(row)?);
        if last.as_ref().is_none_or(|(known, _)| *known != path) {
            last = Some((path, Path::parse(path)));
        }
        let path = last.as_ref().and_then(|(_, path)| path.as_ref())?;
        path.find(&parse(text, Reads::Controls)?, out).then_some(())
    }))
}

fn tuple_fields(count: usize) -> Fields {
    (0..count).map(|index| Field::new(format!("c{index}"), DataType::Utf8, true)).collect()
}

/// `json_tuple(json, name, …)`: the members as fields `c0`, `c1`, … of a struct, which the clause around the call makes columns of.
fn json_tuple(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let names =
        (1..arguments.len()).map(|index| arguments.texts(index)).collect::<Result<Vec<_>>>()?;
    let mut columns: Vec<StringBuilder> = names.iter().map(|_| StringBuilder::new()).collect();
    let mut buffer = String::new();
    for row in 0..arguments.rows() {
        let json = texts.get(row).and_then(|text| parse(text, Reads::Controls));
        for (names, column) in names.iter().zip(&mut columns) {
            let member =
                json.as_ref().zip(names.get(row)).and_then(|(json, name)| json.member(name));
            match member {
                None | Some(Json::Null) => column.append_null(),
                Some(member) => {
                    buffer.clear();
                    member.write_plain(&mut buffer);
                    column.append_value(&buffer);
                }
            }
        }
    }
    let columns = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    Ok(Arc::new(StructArray::try_new(tuple_fields(names.len()), columns, None)?))
}

/// `json_array_length(json)`: NULL where the text is no array.
fn json_array_length(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    Ok(arguments.each_int(|row| match parse(texts.get(row)?, Reads::Controls)? {
        Json::Array(items) => i32::try_from(items.len()).ok(),
        _ => None,
    }))
}

/// `json_object_keys(json)`: NULL where the text is no object.
fn json_object_keys(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..arguments.rows() {
        match texts.get(row).and_then(|text| parse(text, Reads::Controls)) {
            Some(Json::Object(members)) => {
                for (name, _) in members {
                    lists.values().append_value(name);
                }
                lists.append(true);
            }
            _ => lists.append_null(),
        }
    }
    Ok(Arc::new(lists.finish()))
}

/// Kept apart from what is given: a row's text never stands in an error.
pub(super) fn wrong_row<T>(function: &str) -> Result<T> {
    exec_err!("{function}: a text is not of the schema, and the mode is FAILFAST")
}
