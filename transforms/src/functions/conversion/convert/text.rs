//! Casts to text.

use std::fmt::{Display, Write};

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, StringArray, StringBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::plain;
use crate::functions::conversion::print;

/// What prints a row that is not NULL.
type Printer<'a> = Box<dyn Fn(usize, &mut String) + 'a>;

/// The texts of an array's values.
pub(super) fn texts(array: &ArrayRef) -> Result<StringArray> {
    if array.data_type().is_integer()
        || array.data_type().is_null()
        || matches!(array.data_type(), DataType::Boolean | DataType::Utf8)
    {
        return Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone());
    }
    let print = printer(array)?;
    let mut builder = StringBuilder::with_capacity(array.len(), array.len() * 16);
    let mut shown = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
        } else {
            shown.clear();
            print(row, &mut shown);
            builder.append_value(&shown);
        }
    }
    Ok(builder.finish())
}

fn printer(array: &ArrayRef) -> Result<Printer<'_>> {
    Ok(match array.data_type() {
        // A NULL without a type is not counted as one by the array.
        DataType::Null => Box::new(|_, out| out.push_str("null")),
        DataType::Boolean => {
            let flags = array.as_boolean();
            Box::new(|row, out| out.push_str(if flags.value(row) { "true" } else { "false" }))
        }
        DataType::Int8 => shown::<Int8Type>(array),
        DataType::Int16 => shown::<Int16Type>(array),
        DataType::Int32 => shown::<Int32Type>(array),
        DataType::Int64 => shown::<Int64Type>(array),
        DataType::UInt8 => shown::<UInt8Type>(array),
        DataType::UInt16 => shown::<UInt16Type>(array),
        DataType::UInt32 => shown::<UInt32Type>(array),
        DataType::UInt64 => shown::<UInt64Type>(array),
        DataType::Float32 => primitive::<Float32Type>(array, print::float::float),
        DataType::Float64 => primitive::<Float64Type>(array, print::float::float),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            primitive::<Decimal128Type>(array, move |value, out| {
                print::decimal::decimal(value, scale, out);
            })
        }
        DataType::Decimal256(_, scale) => {
            let scale = *scale;
            primitive::<Decimal256Type>(array, move |value, out| {
                print::decimal::decimal(value, scale, out);
            })
        }
        DataType::Date32 => primitive::<Date32Type>(array, print::time::date),
        DataType::Timestamp(..) => {
            primitive::<TimestampMicrosecondType>(array, print::time::timestamp)
        }
        DataType::Time64(_) => primitive::<Time64MicrosecondType>(array, print::time::time),
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            Box::new(|row, out| out.push_str(texts.value(row)))
        }
        DataType::Binary => {
            // Spark keeps bytes that are no text; a writer of text then puts the same sign for them.
            let values = array.as_binary::<i32>();
            Box::new(|row, out| out.push_str(&String::from_utf8_lossy(values.value(row))))
        }
        from if from.is_nested() => nested(array)?,
        from => return exec_err!("there is no cast from {from} to STRING"),
    })
}

fn primitive<'a, T: ArrowPrimitiveType>(
    array: &'a ArrayRef,
    print: impl Fn(T::Native, &mut String) + 'a,
) -> Printer<'a> {
    let values = array.as_primitive::<T>();
    Box::new(move |row, out| print(values.value(row), out))
}

fn shown<T: ArrowPrimitiveType>(array: &ArrayRef) -> Printer<'_>
where
    T::Native: Display,
{
    // Writing to a String does not fail.
    primitive::<T>(array, |value, out| {
        let _ = write!(out, "{value}");
    })
}

/// Prints `[1, null]`, `{a -> 1}` and `{1, a}`.
fn nested(array: &ArrayRef) -> Result<Printer<'_>> {
    Ok(match array.data_type() {
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let element = element(lists.values())?;
            Box::new(move |row, out| {
                let range = range(lists.value_offsets(), row);
                listed(out, ['[', ']'], range, |index, out| element(index, out));
            })
        }
        DataType::Map(..) => {
            let maps = array.as_map();
            let (key, value) = (element(maps.keys())?, element(maps.values())?);
            Box::new(move |row, out| {
                listed(out, ['{', '}'], range(maps.value_offsets(), row), |index, out| {
                    key(index, out);
                    out.push_str(" -> ");
                    value(index, out);
                });
            })
        }
        DataType::Struct(_) => {
            let members = array.as_struct().columns().iter().map(element);
            let members = members.collect::<Result<Vec<_>>>()?;
            Box::new(move |row, out| {
                listed(out, ['{', '}'], 0..members.len(), |index, out| {
                    if let Some(member) = members.get(index) {
                        member(row, out);
                    }
                });
            })
        }
        from => return exec_err!("there is no cast from {from} to STRING"),
    })
}

/// Prints a value or `null`.
fn element(array: &ArrayRef) -> Result<Printer<'_>> {
    if *plain(array)?.data_type() != *array.data_type() {
        // Rarely: a type that the engine makes and Spark does not have.
        let texts = texts(&plain(array)?)?;
        return Ok(Box::new(move |row, out| {
            out.push_str(if texts.is_null(row) { "null" } else { texts.value(row) });
        }));
    }
    let print = printer(array)?;
    Ok(Box::new(
        move |row, out| {
            if array.is_null(row) { out.push_str("null") } else { print(row, out) }
        },
    ))
}

fn range(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let at = |index: usize| {
        offsets.get(index).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or_default()
    };
    at(row)..at(row + 1)
}

fn listed(
    out: &mut String,
    [open, close]: [char; 2],
    indexes: std::ops::Range<usize>,
    print: impl Fn(usize, &mut String),
) {
    out.push(open);
    let first = indexes.start;
    for index in indexes {
        if index > first {
            out.push_str(", ");
        }
        print(index, out);
    }
    out.push(close);
}
