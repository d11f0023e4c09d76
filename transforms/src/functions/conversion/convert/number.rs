//! Casts to truth values, integers and floating point numbers.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Int64Array, PrimitiveArray,
    new_null_array,
};
use datafusion::arrow::compute::{CastOptions, cast, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, UInt64Type, i256,
};
use datafusion::error::Result;

use super::{is_date, none, seconds};
use crate::functions::conversion::read::number::{Float, Fraction, boolean, float, integer};
use crate::functions::conversion::rules::Strictness;

const SECOND: f64 = 1e6;

/// Numbers and timestamps are true if they are not zero.
pub(super) fn booleans(array: &ArrayRef) -> Result<ArrayRef> {
    fn not_zero<T: ArrowPrimitiveType>(array: &ArrayRef) -> ArrayRef {
        let zero = T::default_value();
        Arc::new(BooleanArray::from_unary(array.as_primitive::<T>(), |value| value != zero))
    }
    Ok(match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>().iter();
            Arc::new(
                texts
                    .map(|text| text.and_then(|text| boolean(text.as_bytes())))
                    .collect::<BooleanArray>(),
            )
        }
        DataType::Float32 => not_zero::<Float32Type>(array),
        DataType::Float64 => not_zero::<Float64Type>(array),
        DataType::Decimal128(..) => not_zero::<Decimal128Type>(array),
        DataType::Decimal256(..) => not_zero::<Decimal256Type>(array),
        DataType::Timestamp(..) => not_zero::<TimestampMicrosecondType>(array),
        from if from.is_integer() => cast(array, &DataType::Boolean)?,
        _ if is_date(array) => new_null_array(&DataType::Boolean, array.len()),
        from => return none(from, &DataType::Boolean),
    })
}

/// Casts to a signed integer.
pub(super) fn integers(
    array: &ArrayRef,
    to: &DataType,
    strictness: Strictness,
) -> Result<ArrayRef> {
    if matches!(array.data_type(), DataType::Utf8) {
        return safe(&(Arc::new(of_texts(array, strictness)) as ArrayRef), to);
    }
    if is_date(array) {
        return Ok(new_null_array(to, array.len()));
    }
    match strictness {
        Strictness::TryCast => safe(&in_range(array, to)?, to),
        Strictness::Cast => wrapped(&wide(array, to)?, to),
    }
}

/// Casts to an unsigned integer, which Spark does not have: what is out of range is NULL.
pub(super) fn unsigned(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if is_date(array) {
        return Ok(new_null_array(to, array.len()));
    }
    let large = to == &DataType::UInt64;
    if array.data_type() == &DataType::Utf8 && large {
        // The numbers beyond a BIGINT are read as decimals.
        return safe(&super::decimal::decimal128(array, 20, 0)?, to);
    }
    if array.data_type() == &DataType::Utf8 {
        return safe(&(Arc::new(of_texts(array, Strictness::Cast)) as ArrayRef), to);
    }
    safe(&in_range(array, to)?, to)
}

/// The engine's cast: what does not fit is NULL.
fn safe(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(cast_with_options(array, to, &CastOptions { safe: true, ..CastOptions::default() })?)
}

fn of_texts(array: &ArrayRef, strictness: Strictness) -> Int64Array {
    let fraction = match strictness {
        Strictness::Cast => Fraction::Ignored,
        Strictness::TryCast => Fraction::Refused,
    };
    let texts = array.as_string::<i32>().iter();
    texts.map(|text| integer(text?.as_bytes(), fraction)).collect()
}

/// Values of which the engine's cast makes integers, or NULL if they do not fit.
fn in_range(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Timestamp(..) => Arc::new(seconds(array)),
        from if from.is_integer() || from.is_floating() || from == &DataType::Boolean => {
            Arc::clone(array)
        }
        DataType::Decimal128(..) | DataType::Decimal256(..) => whole_decimals(array)?,
        from => return none(from, to),
    })
}

/// Decimals without their fractions.
fn whole_decimals(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Decimal128(_, scale) => {
            let power = power(*scale);
            let whole: PrimitiveArray<Decimal128Type> =
                array.as_primitive::<Decimal128Type>().unary(|value| value / power);
            Arc::new(whole.with_precision_and_scale(38, 0)?)
        }
        DataType::Decimal256(_, scale) => {
            let power = power256(*scale);
            let whole: PrimitiveArray<Decimal256Type> =
                array.as_primitive::<Decimal256Type>().unary(|value| value.wrapping_div(power));
            Arc::new(whole.with_precision_and_scale(76, 0)?)
        }
        from => return none(from, &DataType::Int64),
    })
}

/// 10 to the power of a scale, which is at most 38.
fn power(scale: i8) -> i128 {
    u32::try_from(scale).ok().and_then(|scale| 10_i128.checked_pow(scale)).unwrap_or(1)
}

fn power256(scale: i8) -> i256 {
    let scale = u32::try_from(scale).unwrap_or_default();
    i256::from_i128(10).checked_pow(scale).unwrap_or(i256::ONE)
}

/// Values as BIGINT: decimals wrap and floats saturate, to the limits of INT if the target is no larger.
#[expect(clippy::cast_possible_truncation, reason = "Spark's cast keeps the low bits")]
fn wide(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let saturated = |value: f64| {
        if to == &DataType::Int64 { value as i64 } else { i64::from(value as i32) }
    };
    let wide: Int64Array = match array.data_type() {
        DataType::Int64 => return Ok(Arc::clone(array)),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().unary(u64::cast_signed),
        from if from.is_integer() || from == &DataType::Boolean => {
            return Ok(cast(array, &DataType::Int64)?);
        }
        DataType::Float32 => {
            array.as_primitive::<Float32Type>().unary(|value| saturated(f64::from(value)))
        }
        DataType::Float64 => array.as_primitive::<Float64Type>().unary(saturated),
        DataType::Decimal128(_, scale) => {
            let power = power(*scale);
            array.as_primitive::<Decimal128Type>().unary(|value| (value / power) as i64)
        }
        DataType::Decimal256(_, scale) => {
            let power = power256(*scale);
            array
                .as_primitive::<Decimal256Type>()
                .unary(|value| value.wrapping_div(power).as_i128() as i64)
        }
        DataType::Timestamp(..) => seconds(array),
        from => return none(from, to),
    };
    Ok(Arc::new(wide))
}

/// The low bits of BIGINTs.
#[expect(clippy::cast_possible_truncation, reason = "Spark's cast keeps the low bits")]
fn wrapped(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let values = array.as_primitive::<Int64Type>();
    Ok(match to {
        DataType::Int8 => Arc::new(values.unary::<_, Int8Type>(|value| value as i8)),
        DataType::Int16 => Arc::new(values.unary::<_, Int16Type>(|value| value as i16)),
        DataType::Int32 => Arc::new(values.unary::<_, Int32Type>(|value| value as i32)),
        DataType::Int64 => Arc::clone(array),
        to => return none(array.data_type(), to),
    })
}

/// Casts to a floating point number.
pub(super) fn floats(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    fn of_texts<T>(array: &ArrayRef) -> ArrayRef
    where
        T: ArrowPrimitiveType,
        T::Native: Float,
    {
        let texts = array.as_string::<i32>().iter();
        let read: PrimitiveArray<T> = texts.map(|text| text.and_then(float::<T::Native>)).collect();
        Arc::new(read)
    }
    let single = to == &DataType::Float32;
    Ok(match array.data_type() {
        DataType::Utf8 if single => of_texts::<Float32Type>(array),
        DataType::Utf8 => of_texts::<Float64Type>(array),
        DataType::Float64 => {
            #[expect(clippy::cast_possible_truncation, reason = "the nearest number")]
            let single: PrimitiveArray<Float32Type> =
                array.as_primitive::<Float64Type>().unary(|value| value as f32);
            Arc::new(single)
        }
        DataType::Decimal128(_, scale) if single => {
            let values = array.as_primitive::<Decimal128Type>();
            Arc::new(values.unary::<_, Float32Type>(|value| nearest(value, *scale)))
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            Arc::new(values.unary::<_, Float64Type>(|value| double(value, *scale)))
        }
        DataType::Decimal256(_, scale) if single => {
            let values = array.as_primitive::<Decimal256Type>();
            Arc::new(values.unary::<_, Float32Type>(|value| nearest(value, *scale)))
        }
        DataType::Decimal256(_, scale) => {
            let values = array.as_primitive::<Decimal256Type>();
            Arc::new(values.unary::<_, Float64Type>(|value| nearest(value, *scale)))
        }
        DataType::Timestamp(..) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            let doubles: ArrayRef = Arc::new(micros.unary::<_, Float64Type>(seconds_of));
            if single { floats(&doubles, to)? } else { doubles }
        }
        from if from.is_numeric() || from == &DataType::Boolean => cast(array, to)?,
        _ if is_date(array) => new_null_array(to, array.len()),
        from => return none(from, to),
    })
}

/// Microseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "a DOUBLE has no more digits")]
pub(super) fn seconds_of(micros: i64) -> f64 {
    micros as f64 / SECOND
}

/// A decimal's nearest double.
pub(super) fn double(value: i128, scale: i8) -> f64 {
    /// Numbers below and powers of ten up to these are exact doubles, so that their quotient is rounded once.
    const EXACT: u128 = 1 << 53;
    const POWER_MAX: i8 = 22;
    if value.unsigned_abs() <= EXACT && (0..=POWER_MAX).contains(&scale) {
        #[expect(clippy::cast_precision_loss, reason = "it is exact")]
        return value as f64 / 10_f64.powi(scale.into());
    }
    nearest(value, scale)
}

/// A decimal's nearest floating point number, by way of its text.
fn nearest<T: Float + Copy>(value: impl std::fmt::Display, scale: i8) -> T {
    format!("{value}e-{scale}").parse().unwrap_or(T::NAN)
}
