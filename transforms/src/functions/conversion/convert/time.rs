//! Casts to dates, timestamps and times of day.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use datafusion::arrow::compute::{CastOptions, cast, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, i256,
};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

use super::{How, TIMESTAMP, none};
use crate::functions::conversion::read::date_time::{Moment, date};

type Timestamps = PrimitiveArray<TimestampMicrosecondType>;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Casts to a date.
pub(super) fn dates(array: &ArrayRef) -> Result<ArrayRef> {
    let dates: PrimitiveArray<Date32Type> = match array.data_type() {
        DataType::Utf8 => {
            array.as_string::<i32>().iter().map(|text| date(text?.as_bytes())).collect()
        }
        DataType::Timestamp(..) => array
            .as_primitive::<TimestampMicrosecondType>()
            .unary_opt(|micros| i32::try_from(micros.div_euclid(DAY)).ok()),
        from => return none(from, &DataType::Date32),
    };
    Ok(Arc::new(dates))
}

/// Casts to a timestamp; numbers are seconds.
pub(super) fn timestamps(array: &ArrayRef, how: How) -> Result<ArrayRef> {
    let timestamps: Timestamps = match array.data_type() {
        DataType::Utf8 => of_texts(array, how)?,
        DataType::Date32 => {
            array.as_primitive::<Date32Type>().unary_opt(|days| i64::from(days).checked_mul(DAY))
        }
        // Spark takes TRUE for a microsecond.
        DataType::Boolean => {
            let flags = array.as_boolean().iter();
            flags.map(|flag| flag.map(i64::from)).collect()
        }
        DataType::Decimal128(_, scale) => {
            let power = i256::from_i128(10).checked_pow(positive(*scale)).unwrap_or(i256::ONE);
            array
                .as_primitive::<Decimal128Type>()
                .unary(|value| of_decimal(i256::from_i128(value), power))
        }
        DataType::Decimal256(_, scale) => {
            let power = i256::from_i128(10).checked_pow(positive(*scale)).unwrap_or(i256::ONE);
            array.as_primitive::<Decimal256Type>().unary(|value| of_decimal(value, power))
        }
        DataType::Float32 | DataType::Float64 => {
            let doubles = cast(array, &DataType::Float64)?;
            doubles.as_primitive::<Float64Type>().unary_opt(of_double)
        }
        from if from.is_integer() => {
            let longs = super::number::integers(array, &DataType::Int64, how.strictness)?;
            longs.as_primitive::<Int64Type>().unary(|seconds| seconds.saturating_mul(SECOND))
        }
        from => return none(from, &TIMESTAMP),
    };
    Ok(Arc::new(timestamps))
}

fn of_texts(array: &ArrayRef, how: How) -> Result<Timestamps> {
    let texts = array.as_string::<i32>();
    let mut builder = Timestamps::builder(texts.len());
    for text in texts {
        let moment = text.and_then(|text| Moment::read(text.as_bytes()));
        builder.append_option(match moment {
            Some(Moment::At(local, Some(zone))) if !how.wall_clock => zone.to_utc(local),
            Some(Moment::At(local, _)) => Some(local),
            Some(Moment::TimeOnly) if !how.wall_clock => {
                return Err(exec_datafusion_err!(
                    "a text that is a time without a date is cast to a TIMESTAMP, where Spark puts the current date before it; write the date before it with concat"
                ));
            }
            Some(Moment::TimeOnly) | None => None,
        });
    }
    Ok(builder.finish())
}

fn positive(scale: i8) -> u32 {
    u32::try_from(scale).unwrap_or_default()
}

/// The low bits of the microseconds, as Spark has them.
#[expect(clippy::cast_possible_truncation, reason = "Spark's cast keeps the low bits")]
fn of_decimal(value: i256, power: i256) -> i64 {
    let micros = value.wrapping_mul(i256::from_i128(SECOND.into())).wrapping_div(power);
    micros.as_i128() as i64
}

#[expect(clippy::cast_possible_truncation, reason = "Spark's cast saturates")]
fn of_double(seconds: f64) -> Option<i64> {
    seconds.is_finite().then_some((seconds * 1e6) as i64)
}

/// Casts to a time of day, which Spark does not have.
pub(super) fn times(array: &ArrayRef) -> Result<ArrayRef> {
    let to = DataType::Time64(TimeUnit::Microsecond);
    match array.data_type() {
        DataType::Utf8 => {
            let options = CastOptions { safe: true, ..CastOptions::default() };
            Ok(cast_with_options(array, &to, &options)?)
        }
        from => none(from, &to),
    }
}
