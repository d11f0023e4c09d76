//! `from_json` (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#from_json>).
//!
//! What is not of the schema is NULL: a field alone, an array or a map with all of its items.

use std::sync::Arc;

use base64::Engine;
use datafusion::arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float32Array, Float64Array, Int64Array, ListArray,
    MapArray, StringArray, StructArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::extract::wrong_row;
use super::schema;
use super::value::{Json, Reads, parse};
use crate::functions::scalar::{Arguments, Scalar};

/// The function of this file: `unglue_from_json(text, schema, mode)`.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Scalar::of("unglue_from_json", 3..=3, gives, from_json)]
}

fn gives(_: &[DataType], literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    match literals.get(1) {
        Some(Some(ScalarValue::Utf8(Some(text)))) => schema::parse(text),
        _ => plan_err!("from_json: the schema must be a literal"),
    }
}

fn from_json(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let must = arguments.texts(2)?.get(0) == Some("FAILFAST");
    let top = arguments.gives();
    let mut values = Vec::with_capacity(arguments.rows());
    // Text that is no JSON gives a struct without values, and no array or map.
    let mut known = Vec::with_capacity(arguments.rows());
    for row in 0..arguments.rows() {
        let text = texts.get(row).filter(|text| !text.trim().is_empty());
        let json = text.and_then(|text| parse(text, Reads::Specials));
        known.push(text.is_some());
        if must && text.is_some() && json.is_none() {
            return wrong_row("from_json");
        }
        values.push(match (json, top) {
            (Some(json @ Json::Object(_)), DataType::List(item))
                if matches!(item.data_type(), DataType::Struct(_)) =>
            {
                Some(Json::Array(vec![json]))
            }
            (json, _) => json,
        });
    }
    let values: Vec<Option<&Json>> = values.iter().map(Option::as_ref).collect();
    let mut read = read(&values, top)?;
    if must && read.wrong.contains(&true) {
        return wrong_row("from_json");
    }
    if let DataType::Struct(fields) = top {
        let columns = columns_of(&read.array)?;
        let known = NullBuffer::from(known);
        read.array = Arc::new(StructArray::try_new_with_length(
            fields.clone(),
            columns,
            Some(known),
            values.len(),
        )?);
    }
    Ok(read.array)
}

fn columns_of(array: &ArrayRef) -> Result<Vec<ArrayRef>> {
    match datafusion::arrow::array::AsArray::as_struct_opt(array.as_ref()) {
        Some(array) => Ok(array.columns().to_vec()),
        None => exec_err!("from_json: no struct"),
    }
}

/// Values of a type, and where they were not of it, in whole or in part.
struct Read {
    array: ArrayRef,
    /// The value as a whole is not of the type.
    bad: Vec<bool>,
    /// It or any part is not.
    wrong: Vec<bool>,
}

impl Read {
    /// Values that have no parts.
    fn leaf(values: &[Option<&Json>], array: ArrayRef) -> Self {
        let bad: Vec<bool> = values
            .iter()
            .enumerate()
            .map(|(row, value)| {
                value.is_some_and(|value| *value != Json::Null) && array.is_null(row)
            })
            .collect();
        Self { array, wrong: bad.clone(), bad }
    }
}

fn read(values: &[Option<&Json>], to: &DataType) -> Result<Read> {
    let each = values.iter().copied();
    let array: ArrayRef = match to {
        DataType::Struct(fields) => return read_structs(values, fields),
        DataType::List(item) => return read_lists(values, item),
        DataType::Map(entries, _) => return read_maps(values, entries),
        DataType::Boolean => Arc::new(
            each.map(|value| match value {
                Some(Json::Bool(value)) => Some(*value),
                _ => None,
            })
            .collect::<BooleanArray>(),
        ),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            let whole = each.map(|value| match value {
                Some(Json::Whole(number)) => number.parse().ok(),
                _ => None,
            });
            safe_cast(Arc::new(whole.collect::<Int64Array>()), to)?
        }
        DataType::Float64 => Arc::new(each.map(double).collect::<Float64Array>()),
        DataType::Float32 => Arc::new(
            each.map(|value| match value? {
                // Not through a DOUBLE, which would be rounded twice.
                Json::Whole(text) | Json::Fraction(_, text) => {
                    text.parse().ok().or_else(|| double(value).map(narrowed))
                }
                _ => double(value).map(narrowed),
            })
            .collect::<Float32Array>(),
        ),
        DataType::Utf8 => Arc::new(
            each.map(|value| {
                let value = value.filter(|value| **value != Json::Null)?;
                let mut text = String::new();
                value.write_plain(&mut text);
                Some(text)
            })
            .collect::<StringArray>(),
        ),
        DataType::Binary => Arc::new(
            each.map(|value| match value {
                Some(Json::Text(text)) => {
                    base64::engine::general_purpose::STANDARD.decode(text).ok()
                }
                _ => None,
            })
            .collect::<BinaryArray>(),
        ),
        DataType::Decimal128(..) => {
            let texts = each.map(|value| match value {
                Some(Json::Whole(text) | Json::Fraction(_, text)) => Some(text.clone()),
                Some(Json::Text(text)) => Some(text.replace(',', "")),
                _ => None,
            });
            safe_cast(Arc::new(texts.collect::<StringArray>()), to)?
        }
        DataType::Timestamp(..) | DataType::Date32 => {
            let texts = each.clone().map(|value| match value {
                Some(Json::Text(text)) => Some(text.clone()),
                Some(Json::Whole(seconds)) if *to != DataType::Date32 => epoch(seconds),
                _ => None,
            });
            safe_cast(Arc::new(texts.collect::<StringArray>()), to)?
        }
        other => return exec_err!("from_json: JSON is not read to {other}"),
    };
    Ok(Read::leaf(values, array))
}

fn double(value: Option<&Json>) -> Option<f64> {
    match value? {
        Json::Whole(number) => number.parse().ok(),
        Json::Fraction(number, _) => Some(*number),
        Json::Text(word) => match word.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" | "+Infinity" | "INF" | "+INF" => Some(f64::INFINITY),
            "-Infinity" | "-INF" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only special values come here")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

/// A whole number is the seconds since 1970.
fn epoch(seconds: &str) -> Option<String> {
    let time = chrono::DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
    Some(time.format("%Y-%m-%dT%H:%M:%S").to_string())
}

fn safe_cast(array: ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: true, ..CastOptions::default() };
    Ok(cast_with_options(&array, to, &options)?)
}

fn read_structs(values: &[Option<&Json>], fields: &Fields) -> Result<Read> {
    let bad: Vec<bool> = values
        .iter()
        .map(|value| !matches!(value, None | Some(Json::Null | Json::Object(_))))
        .collect();
    let mut wrong = bad.clone();
    let mut columns = Vec::new();
    for field in fields {
        let members: Vec<Option<&Json>> =
            values.iter().map(|value| value.and_then(|value| value.member(field.name()))).collect();
        let column = read(&members, field.data_type())?;
        wrong.iter_mut().zip(&column.wrong).for_each(|(wrong, of_field)| *wrong |= of_field);
        columns.push(column.array);
    }
    let valid = values.iter().map(|value| matches!(value, Some(Json::Object(_)))).collect();
    let nulls = Some(NullBuffer::new(valid));
    let array = StructArray::try_new_with_length(fields.clone(), columns, nulls, values.len())?;
    Ok(Read { array: Arc::new(array), bad, wrong })
}

/// The items of all rows in one, and how they are spread over the rows.
struct Items<'a> {
    items: Vec<Option<&'a Json>>,
    lengths: Vec<usize>,
}

impl Items<'_> {
    /// Which rows have an item that is marked.
    fn any(&self, marks: &[bool]) -> Vec<bool> {
        let mut rest = marks.iter();
        self.lengths
            .iter()
            .map(|length| rest.by_ref().take(*length).fold(false, |any, mark| any | mark))
            .collect()
    }
}

/// Rows that are valid: those of the right kind without a bad item.
fn judged(values: &[Option<&Json>], right: &[bool], bad_items: &[bool]) -> (Vec<bool>, NullBuffer) {
    let valid = right.iter().zip(bad_items).map(|(right, bad)| *right && !bad);
    let valid: Vec<bool> = valid.collect();
    let bad = values
        .iter()
        .zip(&valid)
        .map(|(value, valid)| value.is_some_and(|value| *value != Json::Null) && !valid)
        .collect();
    (bad, NullBuffer::from(valid))
}

fn read_lists(values: &[Option<&Json>], item: &Arc<Field>) -> Result<Read> {
    let mut all = Items { items: Vec::new(), lengths: Vec::new() };
    let mut right = Vec::new();
    for value in values {
        let items = match value {
            Some(Json::Array(items)) => Some(items.as_slice()),
            _ => None,
        };
        right.push(items.is_some());
        let items = items.unwrap_or_default();
        all.lengths.push(items.len());
        all.items.extend(items.iter().map(Some));
    }
    let read = read(&all.items, item.data_type())?;
    let (bad, nulls) = judged(values, &right, &all.any(&read.bad));
    let wrong = all.any(&read.wrong).iter().zip(&bad).map(|(wrong, bad)| *wrong | *bad).collect();
    let offsets = OffsetBuffer::from_lengths(all.lengths);
    let array = ListArray::try_new(Arc::clone(item), offsets, read.array, Some(nulls))?;
    Ok(Read { array: Arc::new(array), bad, wrong })
}

fn read_maps(values: &[Option<&Json>], entries: &Arc<Field>) -> Result<Read> {
    let DataType::Struct(fields) = entries.data_type() else {
        return exec_err!("from_json: a map without entries");
    };
    let Some(of_values) = fields.get(1) else {
        return exec_err!("from_json: a map without values");
    };
    let mut all = Items { items: Vec::new(), lengths: Vec::new() };
    let (mut right, mut keys) = (Vec::new(), Vec::new());
    for value in values {
        let members = match value {
            Some(Json::Object(members)) => Some(members.as_slice()),
            _ => None,
        };
        right.push(members.is_some());
        let members = members.unwrap_or_default();
        all.lengths.push(members.len());
        keys.extend(members.iter().map(|(name, _)| Some(name.as_str())));
        all.items.extend(members.iter().map(|(_, value)| Some(value)));
    }
    let read = read(&all.items, of_values.data_type())?;
    let (bad, nulls) = judged(values, &right, &all.any(&read.bad));
    let wrong = all.any(&read.wrong).iter().zip(&bad).map(|(wrong, bad)| *wrong | *bad).collect();
    let offsets = OffsetBuffer::from_lengths(all.lengths);
    let keys: ArrayRef = Arc::new(StringArray::from(keys));
    let items = StructArray::try_new(fields.clone(), vec![keys, read.array], None)?;
    let array = MapArray::try_new(Arc::clone(entries), offsets, items, Some(nulls), false)?;
    Ok(Read { array: Arc::new(array), bad, wrong })
}
