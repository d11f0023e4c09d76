//! Casts to decimals: rounded half up, and NULL where the precision is too small.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, new_null_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    ArrowNativeType, ArrowNativeTypeOp, DataType, Decimal128Type, Decimal256Type, DecimalType,
    Float32Type, Float64Type, TimestampMicrosecondType, i256,
};
use datafusion::error::Result;

use super::number::seconds_of;
use super::{is_date, none};
use crate::functions::conversion::print;
use crate::functions::conversion::read::decimal::decimal as read;

/// Casts to a decimal of at most 38 digits.
pub(super) fn decimal128(array: &ArrayRef, precision: u8, scale: i8) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Decimal128(_, from) => {
            let values = array.as_primitive::<Decimal128Type>();
            finish(rescaled(values, *from, precision, scale), precision, scale)
        }
        DataType::Decimal256(_, from) => {
            let values = array.as_primitive::<Decimal256Type>();
            let values: PrimitiveArray<Decimal256Type> = rescaled(values, *from, precision, scale);
            finish(values.unary_opt::<_, Decimal128Type>(i256::to_i128), precision, scale)
        }
        _ => of_others::<Decimal128Type>(array, precision, scale),
    }
}

/// Casts to a decimal of more digits, which Spark does not have; the rules are the same.
pub(super) fn decimal256(array: &ArrayRef, precision: u8, scale: i8) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Decimal128(_, from) => {
            let values = array.as_primitive::<Decimal128Type>();
            let values = values.unary::<_, Decimal256Type>(i256::from_i128);
            finish(rescaled(&values, *from, precision, scale), precision, scale)
        }
        DataType::Decimal256(_, from) => {
            let values = array.as_primitive::<Decimal256Type>();
            finish(rescaled(values, *from, precision, scale), precision, scale)
        }
        _ => of_others::<Decimal256Type>(array, precision, scale),
    }
}

fn finish<T: DecimalType + ArrowPrimitiveType>(
    values: PrimitiveArray<T>,
    precision: u8,
    scale: i8,
) -> Result<ArrayRef> {
    Ok(Arc::new(values.with_precision_and_scale(precision, scale)?))
}

fn of_others<T: DecimalType + ArrowPrimitiveType>(
    array: &ArrayRef,
    precision: u8,
    scale: i8,
) -> Result<ArrayRef> {
    let values: PrimitiveArray<T> = match array.data_type() {
        DataType::Utf8 => array
            .as_string::<i32>()
            .iter()
            .map(|text| read::<T>(text?.as_bytes(), precision, scale))
            .collect(),
        DataType::Float32 => {
            // Spark makes a DOUBLE of a FLOAT first, which has more digits.
            let mut reader = ShownReader::<T>::new(precision, scale);
            let values = array.as_primitive::<Float32Type>().iter();
            values.map(|value| reader.read(f64::from(value?))).collect()
        }
        DataType::Float64 => {
            let mut reader = ShownReader::<T>::new(precision, scale);
            let values = array.as_primitive::<Float64Type>().iter();
            values.map(|value| reader.read(value?)).collect()
        }
        DataType::Timestamp(..) => {
            let mut reader = ShownReader::<T>::new(precision, scale);
            let values = array.as_primitive::<TimestampMicrosecondType>().iter();
            values.map(|micros| reader.read(seconds_of(micros?))).collect()
        }
        from if from.is_integer() || from == &DataType::Boolean => {
            let integers = match from {
                DataType::Boolean => cast(array, &DataType::Int8)?,
                _ => Arc::clone(array),
            };
            let digits = cast(&integers, &DataType::Decimal128(20, 0))?;
            return match T::MAX_PRECISION {
                Decimal128Type::MAX_PRECISION => decimal128(&digits, precision, scale),
                _ => decimal256(&digits, precision, scale),
            };
        }
        _ if is_date(array) => {
            return Ok(new_null_array(&(T::TYPE_CONSTRUCTOR)(precision, scale), array.len()));
        }
        from => return none(from, &(T::TYPE_CONSTRUCTOR)(precision, scale)),
    };
    finish(values, precision, scale)
}

/// A double is taken for the digits that are printed of it.
struct ShownReader<T> {
    shown: String,
    precision: u8,
    scale: i8,
    decimal: std::marker::PhantomData<T>,
}

impl<T: DecimalType> ShownReader<T> {
    fn new(precision: u8, scale: i8) -> Self {
        Self { shown: String::new(), precision, scale, decimal: std::marker::PhantomData }
    }

    fn read(&mut self, value: f64) -> Option<T::Native> {
        self.shown.clear();
        print::float::float(value, &mut self.shown);
        read::<T>(self.shown.as_bytes(), self.precision, self.scale)
    }
}

/// The values of a scale at another one.
fn rescaled<T: DecimalType + ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    from: i8,
    precision: u8,
    to: i8,
) -> PrimitiveArray<T>
where
    T::Native: ArrowNativeTypeOp,
{
    let fits = |value: &T::Native| T::is_valid_decimal_precision(*value, precision);
    let power = T::Native::usize_as(10).pow_checked(from.abs_diff(to).into());
    match power {
        Ok(power) if to >= from => {
            values.unary_opt(|value| value.mul_checked(power).ok().filter(fits))
        }
        Ok(power) => values.unary_opt(|value| Some(divided::<T>(value, power)).filter(fits)),
        // So many digits are cut that nothing is left, or appended that only zero has room.
        Err(_) => values
            .unary_opt(|value| (value == T::Native::ZERO || to < from).then_some(T::Native::ZERO)),
    }
}

/// The quotient of a positive power of ten, rounded half up.
fn divided<T: DecimalType>(value: T::Native, power: T::Native) -> T::Native {
    let half = power.div_wrapping(T::Native::usize_as(2));
    let quotient = value.div_wrapping(power);
    let rest = value.mod_wrapping(power);
    if power == T::Native::ONE {
        value
    } else if rest >= half {
        quotient.add_wrapping(T::Native::ONE)
    } else if rest <= half.neg_wrapping() {
        quotient.sub_wrapping(T::Native::ONE)
    } else {
        quotient
    }
}
