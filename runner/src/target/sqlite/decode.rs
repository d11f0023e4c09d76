//! SQLite values as arrow columns.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use datafusion::arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Decimal256Builder,
    Float64Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, i256};
use rusqlite::types::ValueRef;

/// Days from the first of January of year 1 to the epoch.
const EPOCH_DAY: i32 = 719_163;

/// The largest integer up to which a REAL names each.
const REAL_INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

/// A column that is being read.
#[derive(Debug)]
pub(super) enum Column {
    Boolean(BooleanBuilder),
    /// Of any width; made narrow at the end.
    Integer(Int64Builder),
    Real(Float64Builder),
    Decimal128(Decimal128Builder, usize),
    Decimal256(Decimal256Builder, usize),
    Text(StringBuilder),
    Blob(BinaryBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Time(Time64MicrosecondBuilder),
}

impl Column {
    /// An empty column of a type; `None` if no SQLite value is read as it.
    pub(super) fn new(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            integer if integer.is_integer() => Self::Integer(Int64Builder::new()),
            DataType::Float32 | DataType::Float64 => Self::Real(Float64Builder::new()),
            DataType::Decimal128(_, scale) => Self::Decimal128(
                Decimal128Builder::new().with_data_type(data_type.clone()),
                usize::try_from(*scale).ok()?,
            ),
            DataType::Decimal256(_, scale) => Self::Decimal256(
                Decimal256Builder::new().with_data_type(data_type.clone()),
                usize::try_from(*scale).ok()?,
            ),
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
                Self::Text(StringBuilder::new())
            }
            DataType::Binary | DataType::BinaryView | DataType::LargeBinary => {
                Self::Blob(BinaryBuilder::new())
            }
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Timestamp(_, None) => Self::Timestamp(TimestampMicrosecondBuilder::new()),
            DataType::Time64(_) => Self::Time(Time64MicrosecondBuilder::new()),
            _ => return None,
        })
    }

    /// Adds a value; `None` if it cannot be read as the column's type.
    pub(super) fn push(&mut self, value: ValueRef<'_>) -> Option<()> {
        let is_null = matches!(value, ValueRef::Null);
        macro_rules! append {
            ($builder:expr, $read:expr) => {
                $builder.append_option(if is_null { None } else { Some($read?) })
            };
        }
        match self {
            Self::Boolean(builder) => append!(builder, boolean(value)),
            Self::Integer(builder) => append!(builder, integer(value)),
            Self::Real(builder) => append!(builder, real(value)),
            Self::Decimal128(builder, scale) => {
                append!(builder, decimal(value, *scale).and_then(|digits| digits.parse().ok()));
            }
            Self::Decimal256(builder, scale) => {
                append!(
                    builder,
                    decimal(value, *scale).and_then(|digits| i256::from_string(&digits))
                );
            }
            Self::Text(builder) => match value {
                ValueRef::Text(bytes) => builder.append_value(std::str::from_utf8(bytes).ok()?),
                ValueRef::Integer(number) => builder.append_value(number.to_string()),
                ValueRef::Real(number) => builder.append_value(number.to_string()),
                ValueRef::Null => builder.append_null(),
                ValueRef::Blob(_) => return None,
            },
            Self::Blob(builder) => match value {
                ValueRef::Blob(bytes) => builder.append_value(bytes),
                ValueRef::Null => builder.append_null(),
                _ => return None,
            },
            Self::Date(builder) => append!(builder, date(value)),
            Self::Timestamp(builder) => append!(builder, timestamp(value)),
            Self::Time(builder) => append!(builder, time_of_day(value)),
        }
        Some(())
    }

    /// The column so far, in the type it is wanted in; `None` if a value does not fit that.
    pub(super) fn finish(&mut self, data_type: &DataType) -> Option<ArrayRef> {
        let array: ArrayRef = match self {
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Real(builder) => Arc::new(builder.finish()),
            Self::Decimal128(builder, _) => {
                let array = builder.finish();
                let DataType::Decimal128(precision, _) = data_type else { return None };
                array.validate_decimal_precision(*precision).ok()?;
                Arc::new(array)
            }
            Self::Decimal256(builder, _) => {
                let array = builder.finish();
                let DataType::Decimal256(precision, _) = data_type else { return None };
                array.validate_decimal_precision(*precision).ok()?;
                Arc::new(array)
            }
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Blob(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
        };
        let options = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(&array, data_type, &options).ok()
    }
}

fn text<'a>(value: ValueRef<'a>) -> Option<&'a str> {
    match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn boolean(value: ValueRef<'_>) -> Option<bool> {
    match integer(value)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) if number.fract() == 0.0 && number.abs() <= REAL_INTEGER_MAX => {
            format!("{number:.0}").parse().ok()
        }
        ValueRef::Text(_) => text(value)?.parse().ok(),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "SQLite stores integral REAL values as INTEGER")]
fn real(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Real(number) => Some(number),
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Text(_) => text(value)?.parse().ok(),
        _ => None,
    }
}

/// The digits of a decimal as an integer: `1.5` with scale 2 is `150`.
fn decimal(value: ValueRef<'_>, scale: usize) -> Option<String> {
    match value {
        ValueRef::Text(_) => unscaled(text(value)?, scale),
        ValueRef::Integer(number) => unscaled(&number.to_string(), scale),
        // A REAL keeps 15 digits of what was written; more are an artefact.
        ValueRef::Real(number) => {
            let fifteen: f64 = format!("{number:.14e}").parse().ok()?;
            unscaled(&fifteen.to_string(), scale)
        }
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

fn unscaled(text: &str, scale: usize) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_number =
        !whole.is_empty() && (whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit());
    (is_number && fraction.len() <= scale).then(|| format!("{sign}{whole}{fraction:0<scale$}"))
}

fn date(value: ValueRef<'_>) -> Option<i32> {
    let text = text(value)?;
    // Filters compare the texts, so there must be one for each date.
    if text.len() != "2026-01-01".len() {
        return None;
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(chrono::Datelike::num_days_from_ce(&date) - EPOCH_DAY)
}

fn timestamp(value: ValueRef<'_>) -> Option<i64> {
    let text = text(value)?;
    let parse = |format| NaiveDateTime::parse_from_str(text, format);
    let at = parse("%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_| parse("%Y-%m-%dT%H:%M:%S%.f"))
        .or_else(|_| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|date| date.and_time(NaiveTime::MIN))
        })
        .ok()?;
    at.nanosecond().is_multiple_of(1000).then(|| at.and_utc().timestamp_micros())
}

fn time_of_day(value: ValueRef<'_>) -> Option<i64> {
    let time = NaiveTime::parse_from_str(text(value)?, "%H:%M:%S%.f").ok()?;
    let micros = time.nanosecond().is_multiple_of(1000).then_some(time.nanosecond() / 1000)?;
    Some(i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(micros))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::TimeUnit;

    use super::*;

    fn read(value: ValueRef<'_>, data_type: &DataType) -> Option<String> {
        let mut column = Column::new(data_type).unwrap();
        column.push(value)?;
        let array = column.finish(data_type)?;
        assert_eq!(array.data_type(), data_type);
        datafusion::arrow::util::display::array_value_to_string(&array, 0).ok()
    }

    #[test]
    fn a_decimal_is_read_from_text_and_numbers_exactly() {
        let wanted = DataType::Decimal128(15, 2);
        for (value, expected) in [
            (ValueRef::Text(b"1.50"), Some("1.50")),
            (ValueRef::Text(b"-0.05"), Some("-0.05")),
            (ValueRef::Integer(7), Some("7.00")),
            (ValueRef::Real(0.1), Some("0.10")),
            (ValueRef::Real(1_234_567_890_123.45), Some("1234567890123.45")),
            (ValueRef::Text(b"1.239"), None),
            (ValueRef::Text(b"1e2"), None),
            (ValueRef::Text(b""), None),
            (ValueRef::Text(b"12345678901234567.00"), None),
            (ValueRef::Blob(b"1"), None),
        ] {
            assert_eq!(read(value, &wanted).as_deref(), expected, "{value:?}");
        }
    }

    #[test]
    fn an_integer_outside_the_wanted_width_cannot_be_read() {
        assert_eq!(read(ValueRef::Integer(127), &DataType::Int8).as_deref(), Some("127"));
        assert_eq!(read(ValueRef::Integer(128), &DataType::Int8), None);
        assert_eq!(read(ValueRef::Integer(-1), &DataType::UInt64), None);
        assert_eq!(read(ValueRef::Real(1.5), &DataType::Int64), None);
        assert_eq!(read(ValueRef::Integer(2), &DataType::Boolean), None);
    }

    #[test]
    fn times_are_read_in_the_forms_of_sqlite_and_iso() {
        let wanted = DataType::Timestamp(TimeUnit::Microsecond, None);
        for text in ["2026-01-02 03:04:05.5", "2026-01-02T03:04:05.500000"] {
            assert_eq!(
                read(ValueRef::Text(text.as_bytes()), &wanted).as_deref(),
                Some("2026-01-02T03:04:05.500")
            );
        }
        assert_eq!(
            read(ValueRef::Text(b"2026-01-02"), &wanted).as_deref(),
            Some("2026-01-02T00:00:00")
        );
        assert_eq!(read(ValueRef::Text(b"2026-01-02 03:04:05.0000001"), &wanted), None);
        assert_eq!(read(ValueRef::Text(b"2026-1-2"), &DataType::Date32), None);
    }
}
