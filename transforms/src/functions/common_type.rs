//! The type that values of several types are brought to where they may stand for each other: in COALESCE, IF, CASE, arrays and maps.
//!
//! Rules: <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#type-promotion-and-precedence>, with ANSI off, where text wins over
//! numbers, dates and timestamps.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::plan_err;
use datafusion::error::Result;

use super::type_name::type_name;

/// The largest precision of a DECIMAL.
const MAX: u8 = 38;

/// The type that values of all these types are brought to.
///
/// # Errors
/// Types that have none.
pub(crate) fn common_type(types: &[DataType]) -> Result<DataType> {
    let mut common = DataType::Null;
    for data_type in types {
        common = match wider(&common, data_type, true) {
            Some(wider) => wider,
            None => {
                return plan_err!(
                    "values of the types {} and {} cannot stand for each other",
                    type_name(&common),
                    type_name(data_type)
                );
            }
        };
    }
    Ok(common)
}

/// The same where text does not win: in GREATEST and in the functions that compare items of arrays.
///
/// # Errors
/// Types that have none.
pub(crate) fn comparable_type(types: &[DataType]) -> Result<DataType> {
    let mut common = DataType::Null;
    for data_type in types {
        common = match wider(&common, data_type, false) {
            Some(wider) => wider,
            None => {
                return plan_err!(
                    "values of the types {} and {} cannot be compared here",
                    type_name(&common),
                    type_name(data_type)
                );
            }
        };
    }
    Ok(common)
}

/// Refuses to compare what the engine would and Spark does not: days and moments with numbers, and a BOOLEAN with a number unless
/// by `=`, where TRUE is 1.
///
/// # Errors
/// The two types.
pub(crate) fn check_comparable(one: &DataType, other: &DataType, is_equality: bool) -> Result<()> {
    use DataType::{Boolean, Date32, Timestamp};
    let refused = |one: &DataType, other: &DataType| match one {
        Date32 | Timestamp(..) => other.is_numeric() || *other == Boolean,
        Boolean => !is_equality && other.is_numeric(),
        _ => false,
    };
    if refused(one, other) || refused(other, one) {
        return plan_err!(
            "{} cannot be compared with {}",
            type_name(one).to_uppercase(),
            type_name(other).to_uppercase()
        );
    }
    Ok(())
}

fn wider(one: &DataType, other: &DataType, text_wins: bool) -> Option<DataType> {
    use DataType::{Binary, Boolean, Date32, List, Map, Null, Struct, Timestamp, Utf8};
    if one == other {
        return Some(one.clone());
    }
    match (one, other) {
        (Null, known) | (known, Null) => Some(known.clone()),
        (text, value) | (value, text) if text.is_string() && value.is_string() => Some(Utf8),
        (text, value) | (value, text) if text.is_string() => {
            let atom = !value.is_nested() && *value != Binary && *value != Boolean;
            (text_wins && atom).then_some(Utf8)
        }
        (Date32, Timestamp(..)) | (Timestamp(..), Date32) => {
            Some(Timestamp(TimeUnit::Microsecond, None))
        }
        (List(one), List(other)) => {
            let item = wider(one.data_type(), other.data_type(), text_wins)?;
            Some(List(Arc::new(Field::new(one.name(), item, true))))
        }
        (Map(one, sorted), Map(other, _)) => {
            let entries = wider(one.data_type(), other.data_type(), text_wins)?;
            let Struct(fields) = &entries else { return None };
            // A map's key is never NULL.
            let fields = fields
                .iter()
                .enumerate()
                .map(|(at, field)| Field::clone(field).with_nullable(at > 0));
            let entries = Struct(fields.collect());
            Some(Map(Arc::new(Field::clone(one).with_data_type(entries)), *sorted))
        }
        (Struct(one), Struct(other)) if one.len() == other.len() => {
            let fields = one.iter().zip(other.iter()).map(|(one, other)| {
                let data_type = wider(one.data_type(), other.data_type(), text_wins)?;
                Some(Arc::new(Field::new(one.name(), data_type, true)))
            });
            Some(Struct(fields.collect::<Option<Vec<FieldRef>>>()?.into()))
        }
        _ => wider_number(one, other),
    }
}

fn wider_number(one: &DataType, other: &DataType) -> Option<DataType> {
    use DataType::{Decimal128, Decimal256, Float32, Float64};
    if !one.is_numeric() || !other.is_numeric() {
        return None;
    }
    let decimal = |data_type: &DataType| matches!(data_type, Decimal128(..) | Decimal256(..));
    let floating = |data_type: &DataType| matches!(data_type, Float32 | Float64);
    match (one, other) {
        (Float64, _) | (_, Float64) => Some(Float64),
        (float, number) | (number, float) if floating(float) => {
            Some(if decimal(number) { Float64 } else { Float32 })
        }
        _ if decimal(one) || decimal(other) => {
            let ((p1, s1), (p2, s2)) = (digits(one)?, digits(other)?);
            let scale = s1.max(s2);
            let whole = (i16::from(p1) - i16::from(s1)).max(i16::from(p2) - i16::from(s2));
            let precision = (whole + i16::from(scale)).clamp(1, i16::from(MAX));
            Some(Decimal128(u8::try_from(precision).ok()?, scale))
        }
        _ => {
            let rank = |data_type: &DataType| digits(data_type).map(|(precision, _)| precision);
            Some(if rank(one)? >= rank(other)? { one.clone() } else { other.clone() })
        }
    }
}

/// The precision and scale of the DECIMAL that holds a number of this type.
pub(crate) fn digits(data_type: &DataType) -> Option<(u8, i8)> {
    Some(match data_type {
        DataType::Int8 | DataType::UInt8 => (3, 0),
        DataType::Int16 | DataType::UInt16 => (5, 0),
        DataType::Int32 | DataType::UInt32 => (10, 0),
        DataType::Int64 | DataType::UInt64 => (20, 0),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => (*precision, *scale),
        _ => return None,
    })
}
