//! A value in the terms that MySQL knows, between arrow's and the two ways that values take.

use chrono::{Datelike, NaiveDate};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, DecimalType, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use mysql_async::Value;

use super::text::{
    MICROS_OF_DAY, NULL, clock, date, fraction, write_date, write_escaped, write_moment,
    write_time, write_whole,
};

/// A value in the terms that MySQL knows.
#[derive(Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Decimal(String),
    Text(&'a str),
    Bytes(&'a [u8]),
    Date(NaiveDate),
    Moment { date: NaiveDate, micros: i64 },
    Time(i64),
}

impl<'a> Cell<'a> {
    pub(super) fn of(array: &'a dyn Array, row: usize) -> std::result::Result<Self, &'static str> {
        if array.is_null(row) {
            return Ok(Self::Null);
        }
        Ok(match array.data_type() {
            DataType::Boolean => Self::Signed(i64::from(array.as_boolean().value(row))),
            DataType::Int8 => Self::Signed(i64::from(array.as_primitive::<Int8Type>().value(row))),
            DataType::Int16 => {
                Self::Signed(i64::from(array.as_primitive::<Int16Type>().value(row)))
            }
            DataType::Int32 => {
                Self::Signed(i64::from(array.as_primitive::<Int32Type>().value(row)))
            }
            DataType::Int64 => Self::Signed(array.as_primitive::<Int64Type>().value(row)),
            DataType::UInt8 => {
                Self::Unsigned(u64::from(array.as_primitive::<UInt8Type>().value(row)))
            }
            DataType::UInt16 => {
                Self::Unsigned(u64::from(array.as_primitive::<UInt16Type>().value(row)))
            }
            DataType::UInt32 => {
                Self::Unsigned(u64::from(array.as_primitive::<UInt32Type>().value(row)))
            }
            DataType::UInt64 => Self::Unsigned(array.as_primitive::<UInt64Type>().value(row)),
            // Widened, not printed: the shortest text of the largest FLOAT is out of FLOAT's range.
            DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row)))?,
            DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row))?,
            DataType::Decimal128(precision, scale) => {
                let number = array.as_primitive::<Decimal128Type>().value(row);
                Self::Decimal(Decimal128Type::format_decimal(number, *precision, *scale))
            }
            DataType::Decimal256(precision, scale) => {
                let number = array.as_primitive::<Decimal256Type>().value(row);
                Self::Decimal(Decimal256Type::format_decimal(number, *precision, *scale))
            }
            DataType::Utf8 => Self::Text(array.as_string::<i32>().value(row)),
            DataType::Binary => Self::Bytes(array.as_binary::<i32>().value(row)),
            DataType::Date32 => {
                Self::Date(date(i64::from(array.as_primitive::<Date32Type>().value(row)))?)
            }
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                Self::Moment {
                    date: date(micros.div_euclid(MICROS_OF_DAY))?,
                    micros: micros.rem_euclid(MICROS_OF_DAY),
                }
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                let micros = array.as_primitive::<Time64MicrosecondType>().value(row);
                if !(0..MICROS_OF_DAY).contains(&micros) {
                    return Err("holds a time outside of the day");
                }
                Self::Time(micros)
            }
            _ => return Err("has a type that cannot be written"),
        })
    }

    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::NULL,
            Self::Signed(number) => Value::Int(number),
            Self::Unsigned(number) => Value::UInt(number),
            Self::Float(number) => Value::Double(number),
            Self::Decimal(text) => Value::Bytes(text.into_bytes()),
            Self::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
            Self::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Self::Date(date) => date_value(date, 0),
            Self::Moment { date, micros } => date_value(date, micros),
            Self::Time(micros) => {
                let [hour, minute, second] = clock(micros);
                Value::Time(false, 0, hour, minute, second, fraction(micros))
            }
        }
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(NULL),
            Self::Signed(number) => write_whole(number, out),
            Self::Unsigned(number) => write_whole(number, out),
            // The shortest digits that give the same number back, with an exponent instead of 300 zeros.
            Self::Float(number) => out.extend_from_slice(format!("{number:e}").as_bytes()),
            Self::Decimal(text) => out.extend_from_slice(text.as_bytes()),
            Self::Text(text) => write_escaped(text.as_bytes(), out),
            Self::Bytes(bytes) => write_escaped(bytes, out),
            Self::Date(date) => write_date(date, out),
            Self::Moment { date, micros } => write_moment(date, micros, out),
            Self::Time(micros) => write_time(micros, out),
        }
    }
}

fn float(number: f64) -> std::result::Result<Cell<'static>, &'static str> {
    if number.is_finite() {
        Ok(Cell::Float(number))
    } else {
        Err("holds NaN or infinity, which MySQL does not have")
    }
}

fn date_value(date: NaiveDate, micros: i64) -> Value {
    let [hour, minute, second] = clock(micros);
    let part = |number: u32| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(date.year()).unwrap_or(0);
    Value::Date(year, part(date.month()), part(date.day()), hour, minute, second, fraction(micros))
}
