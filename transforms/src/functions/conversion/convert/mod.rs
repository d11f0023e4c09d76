//! Arrays cast as Spark casts.

mod decimal;
mod nested;
mod number;
mod text;
mod time;

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Int64Array, StringArray, new_null_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;

use super::rules::{Class, Strictness, class};

/// How a cast is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct How {
    pub(super) strictness: Strictness,
    /// Whether a text's zone is left out of its timestamp.
    pub(super) wall_clock: bool,
}

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// Casts an array; what cannot be cast is NULL.
///
/// # Errors
/// Types that are not cast to each other, and a text that is a time without a date as a timestamp, which Spark takes for one of the current day.
pub(super) fn convert(array: &ArrayRef, to: &DataType, how: How) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    if array.data_type().is_null() {
        return Ok(new_null_array(to, array.len()));
    }
    let array = &plain(array)?;
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    match to {
        DataType::Boolean => number::booleans(array),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            number::integers(array, to, how.strictness)
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            number::unsigned(array, to)
        }
        DataType::Float32 | DataType::Float64 => number::floats(array, to),
        DataType::Decimal128(precision, scale) => decimal::decimal128(array, *precision, *scale),
        DataType::Decimal256(precision, scale) => decimal::decimal256(array, *precision, *scale),
        DataType::Utf8 => Ok(Arc::new(to_text(array)?)),
        DataType::Binary => binaries(array),
        DataType::Date32 => time::dates(array),
        DataType::Timestamp(TimeUnit::Microsecond, None) => time::timestamps(array, how),
        DataType::Time64(TimeUnit::Microsecond) => time::times(array),
        to if to.is_nested() => nested::nested(array, to, how),
        to => none(array.data_type(), to),
    }
}

/// The texts that Spark prints for an array's values: `1.0E10`, `2026-01-31 00:00:00.5`, `[1, null]`.
///
/// # Errors
/// Types that have no text, which are intervals.
pub fn to_text(array: &ArrayRef) -> Result<StringArray> {
    text::texts(&plain(array)?)
}

/// A value of a function's argument cast to an arrow type as CAST does.
///
/// # Errors
/// Types that are not cast to each other.
pub fn cast_value(value: &ColumnarValue, to: &DataType) -> Result<ColumnarValue> {
    let how = How { strictness: Strictness::Cast, wall_clock: false };
    match value {
        ColumnarValue::Array(array) => convert(array, to, how).map(ColumnarValue::Array),
        ColumnarValue::Scalar(value) => {
            let array = convert(&value.to_array()?, to, how)?;
            ScalarValue::try_from_array(&array, 0).map(ColumnarValue::Scalar)
        }
    }
}

/// The word, in lower case, that stands for a time where a literal is cast to a date or timestamp.
pub(super) fn special_word(value: &ScalarValue, to: &DataType) -> Option<&'static str> {
    const WORDS: &[&str] = &["epoch", "now", "today", "tomorrow", "yesterday"];
    let ScalarValue::Utf8(Some(text)) = value else { return None };
    let word = WORDS.iter().find(|word| text.trim().eq_ignore_ascii_case(word));
    matches!(class(to), Class::Date | Class::Timestamp).then_some(word.copied()).flatten()
}

/// The same values in the types that the casts take, one for each kind of values.
fn plain(array: &ArrayRef) -> Result<ArrayRef> {
    let to = match array.data_type() {
        DataType::Dictionary(_, values) => {
            let values = cast(array, values)?;
            return plain(&values);
        }
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Date64 | DataType::Timestamp(..) => TIMESTAMP,
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => DataType::List(Arc::clone(element)),
        _ => return Ok(Arc::clone(array)),
    };
    Ok(if *array.data_type() == to { Arc::clone(array) } else { cast(array, &to)? })
}

/// The bytes of texts, and of integers with the highest first.
fn binaries(array: &ArrayRef) -> Result<ArrayRef> {
    fn bytes<const N: usize>(values: impl Iterator<Item = Option<[u8; N]>>) -> ArrayRef {
        Arc::new(values.collect::<BinaryArray>())
    }
    Ok(match array.data_type() {
        DataType::Utf8 => cast(array, &DataType::Binary)?,
        DataType::Int8 => {
            let values = array.as_primitive::<Int8Type>().iter();
            bytes(values.map(|value| value.map(i8::to_be_bytes)))
        }
        DataType::Int16 => {
            let values = array.as_primitive::<Int16Type>().iter();
            bytes(values.map(|value| value.map(i16::to_be_bytes)))
        }
        DataType::Int32 => {
            let values = array.as_primitive::<Int32Type>().iter();
            bytes(values.map(|value| value.map(i32::to_be_bytes)))
        }
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().iter();
            bytes(values.map(|value| value.map(i64::to_be_bytes)))
        }
        from => return none(from, &DataType::Binary),
    })
}

/// Microseconds since 1970 as whole seconds, towards the past.
fn seconds(timestamps: &ArrayRef) -> Int64Array {
    let timestamps =
        timestamps.as_primitive::<datafusion::arrow::datatypes::TimestampMicrosecondType>();
    timestamps.unary(|micros| micros.div_euclid(1_000_000))
}

fn is_date(array: &ArrayRef) -> bool {
    array.as_primitive_opt::<Date32Type>().is_some()
}

fn none<T>(from: &DataType, to: &DataType) -> Result<T> {
    exec_err!("there is no cast from {from} to {to}")
}
