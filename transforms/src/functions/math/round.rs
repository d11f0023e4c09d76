//! Rounding: [round](https://spark.apache.org/docs/3.5.6/api/sql/index.html#round) (halves go away from zero),
//! [bround](https://spark.apache.org/docs/3.5.6/api/sql/index.html#bround) (halves go to the even neighbour),
//! [ceil](https://spark.apache.org/docs/3.5.6/api/sql/index.html#ceil) and
//! [floor](https://spark.apache.org/docs/3.5.6/api/sql/index.html#floor), all with a scale too.
//!
//! A DOUBLE is rounded by its shortest decimal text, so round(1.005, 2) is 1.01. Whole numbers keep their type and wrap around.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float32Array, Float64Array, Int64Array, PrimitiveArray,
    new_null_array,
};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type,
};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::common_type::digits;
use super::super::function::Function;
use super::rounding::{Mode, drop_digits, of_double, power_of_ten};

/// The largest precision of a DECIMAL.
const MAX: i32 = 38;

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let rounds = |name, computes| Function::new(name, rounded_type, computes).taking(takes).udf();
    vec![
        rounds("unglue_round", |args, gives| rounded(args, gives, Mode::HalfUp)),
        rounds("bround", |args, gives| rounded(args, gives, Mode::HalfEven)),
        Function::new("unglue_ceil", bound_type, |args, gives| bound(args, gives, Mode::Up))
            .taking(bound_takes)
            .udf(),
        Function::new("unglue_floor", bound_type, |args, gives| bound(args, gives, Mode::Down))
            .taking(bound_takes)
            .udf(),
    ]
}

/// The scale is a literal, as types depend on it.
fn scale(types: &[DataType], literals: &[Option<&ScalarValue>]) -> Result<i32> {
    if types.len() < 2 {
        return Ok(0);
    }
    match literals.get(1).copied().flatten() {
        Some(ScalarValue::Int64(Some(scale))) => {
            Ok(i32::try_from(*scale).unwrap_or(if *scale > 0 { i32::MAX } else { i32::MIN }))
        }
        Some(ScalarValue::Int32(Some(scale))) => Ok(*scale),
        Some(null) if null.is_null() => Ok(0),
        _ => plan_err!("the number of digits to round to must be a literal"),
    }
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let [value, others @ ..] = types else { return plan_err!("a number is needed") };
    let value = match value {
        DataType::Null => DataType::Float64,
        unsigned if unsigned.is_unsigned_integer() => DataType::Int64,
        number => number.clone(),
    };
    Ok([&[value], others].concat())
}

fn rounded_type(types: &[DataType], literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    let scale = scale(types, literals)?;
    match types {
        [DataType::Decimal128(precision, own), ..] => decimal(*precision, *own, scale),
        [number, ..] if number.is_numeric() => Ok(number.clone()),
        _ => plan_err!("a number is needed"),
    }
}

/// One digit more before the point, as 9.9 becomes 10.
fn decimal(precision: u8, own: i8, scale: i32) -> Result<DataType> {
    let whole = i32::from(precision) - i32::from(own) + 1;
    let (precision, scale) = if scale < 0 {
        (whole.max(scale.saturating_neg().saturating_add(1)), 0)
    } else {
        let scale = scale.min(i32::from(own));
        (whole + scale, scale)
    };
    match (u8::try_from(precision.clamp(1, MAX)), i8::try_from(scale)) {
        (Ok(precision), Ok(scale)) => Ok(DataType::Decimal128(precision, scale)),
        _ => plan_err!("the number of digits to round to is out of range"),
    }
}

/// With a scale the number is a DECIMAL, so that the result may be one.
fn bound_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let mut takes = takes(types)?;
    if takes.len() > 1
        && let Some(value) = takes.first_mut()
    {
        *value = match &*value {
            DataType::Float32 => DataType::Decimal128(14, 7),
            DataType::Float64 => DataType::Decimal128(30, 15),
            number => match digits(number) {
                Some((precision, scale)) => DataType::Decimal128(precision, scale),
                None => return plan_err!("a number is needed"),
            },
        };
    }
    Ok(takes)
}

fn bound_type(types: &[DataType], literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    match types {
        [DataType::Decimal128(precision, 0)] => Ok(DataType::Decimal128(*precision, 0)),
        [DataType::Decimal128(precision, own), ..] => {
            decimal(*precision, *own, scale(types, literals)?)
        }
        [number] if number.is_numeric() => Ok(DataType::Int64),
        _ => plan_err!("a number is needed"),
    }
}

/// The scale, equal in all rows; none where it is NULL.
fn given_scale(args: &[ArrayRef]) -> Option<i32> {
    let Some(scale) = args.get(1) else { return Some(0) };
    if scale.is_empty() || scale.is_null(0) {
        return None;
    }
    match scale.data_type() {
        DataType::Int32 => Some(scale.as_primitive::<Int32Type>().value(0)),
        DataType::Int64 => {
            let scale = scale.as_primitive::<Int64Type>().value(0);
            Some(i32::try_from(scale).unwrap_or(if scale > 0 { i32::MAX } else { i32::MIN }))
        }
        _ => None,
    }
}

fn rounded(args: &[ArrayRef], gives: &DataType, mode: Mode) -> Result<ArrayRef> {
    let Some(value) = args.first() else { return plan_err!("a number is needed") };
    let Some(scale) = given_scale(args) else { return Ok(new_null_array(gives, value.len())) };
    Ok(match value.data_type() {
        DataType::Float64 => {
            let round = |value| of_double(value, scale, mode);
            let rounded: Float64Array = value.as_primitive::<Float64Type>().unary(round);
            Arc::new(rounded)
        }
        DataType::Float32 => {
            #[expect(clippy::cast_possible_truncation, reason = "FLOAT has fewer digits")]
            let round = |value: f32| of_double(f64::from(value), scale, mode) as f32;
            let rounded: Float32Array = value.as_primitive::<Float32Type>().unary(round);
            Arc::new(rounded)
        }
        DataType::Int8 => whole::<Int8Type>(value, scale, mode),
        DataType::Int16 => whole::<Int16Type>(value, scale, mode),
        DataType::Int32 => whole::<Int32Type>(value, scale, mode),
        DataType::Int64 => whole::<Int64Type>(value, scale, mode),
        DataType::Decimal128(_, own) => of_decimals(value, *own, scale, gives, mode)?,
        other => return plan_err!("a value of type {other} cannot be rounded"),
    })
}

fn whole<T: ArrowPrimitiveType>(value: &ArrayRef, scale: i32, mode: Mode) -> ArrayRef
where
    T::Native: Into<i128> + Wrapping,
{
    if scale >= 0 {
        return Arc::clone(value);
    }
    let dropped = scale.unsigned_abs();
    let round = |value: T::Native| {
        let rounded = drop_digits(value.into(), dropped, mode);
        T::Native::wrapped(rounded.wrapping_mul(power_of_ten(dropped).unwrap_or(0)))
    };
    let rounded: PrimitiveArray<T> = value.as_primitive::<T>().unary(round);
    Arc::new(rounded)
}

/// What fits of a number.
trait Wrapping {
    fn wrapped(value: i128) -> Self;
}

macro_rules! wrapping {
    ($($native:ty),*) => {
        $(impl Wrapping for $native {
            #[expect(clippy::cast_possible_truncation, reason = "numbers wrap around, as in Spark")]
            fn wrapped(value: i128) -> Self {
                value as Self
            }
        })*
    };
}
wrapping!(i8, i16, i32, i64);

fn of_decimals(
    value: &ArrayRef,
    own: i8,
    scale: i32,
    gives: &DataType,
    mode: Mode,
) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, given) = *gives else {
        return plan_err!("a DECIMAL is rounded to a DECIMAL");
    };
    let Some(bound) = power_of_ten(u32::from(precision)) else {
        return plan_err!("a DECIMAL has 38 digits at most");
    };
    let dropped = u32::try_from(i32::from(own).saturating_sub(scale)).unwrap_or(0);
    // A negative scale leaves zeros before the point.
    let zeros = u32::try_from(i32::from(given).saturating_sub(scale)).unwrap_or(0);
    let zeros = if scale < 0 { zeros } else { 0 };
    let round = |value: i128| {
        let unit = power_of_ten(zeros).unwrap_or(0);
        let rounded = drop_digits(value, dropped, mode).checked_mul(unit)?;
        (rounded.abs() < bound).then_some(rounded)
    };
    let rounded: PrimitiveArray<Decimal128Type> =
        value.as_primitive::<Decimal128Type>().unary_opt(round);
    Ok(Arc::new(rounded.with_precision_and_scale(precision, given)?))
}

fn bound(args: &[ArrayRef], gives: &DataType, mode: Mode) -> Result<ArrayRef> {
    let Some(value) = args.first() else { return plan_err!("a number is needed") };
    if *gives != DataType::Int64 {
        return rounded(args, gives, mode);
    }
    let bound = |value: f64| if mode == Mode::Up { value.ceil() } else { value.floor() };
    #[expect(clippy::cast_possible_truncation, reason = "what does not fit is the nearest BIGINT")]
    Ok(match value.data_type() {
        DataType::Float64 => {
            let bounds: Int64Array =
                value.as_primitive::<Float64Type>().unary(|value| bound(value) as i64);
            Arc::new(bounds)
        }
        DataType::Float32 => {
            let bounds: Int64Array =
                value.as_primitive::<Float32Type>().unary(|value| bound(f64::from(value)) as i64);
            Arc::new(bounds)
        }
        _ => datafusion::arrow::compute::cast(value, gives)?,
    })
}
