//! The server's values as arrow arrays of the wanted types, and as plain Rust values.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array,
    Float32Array, Float64Array, PrimitiveArray, StringArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::kernels::cast_utils::parse_decimal;
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Decimal256Type, DecimalType, Field, Int8Type,
    Int16Type, Int32Type, Int64Type, TimeUnit, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use transforms::functions::sql_type;

use crate::error::Error;
use crate::target::mysql::error::Result;

const MICROS_OF_SECOND: i64 = 1_000_000;

/// Runs a query as a prepared statement and collects its rows: for small answers, such as those of the catalogue.
pub(super) async fn rows(
    conn: &mut Conn,
    sql: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Vec<Value>>> {
    let parameters = if parameters.is_empty() {
        mysql_async::Params::Empty
    } else {
        mysql_async::Params::Positional(parameters)
    };
    let rows: Vec<Row> = conn.exec(sql, parameters).await?;
    Ok(rows.into_iter().map(cells).collect())
}

/// Runs a text of queries, which is one way to the server and back, and collects the rows of each. Values come as text.
pub(super) async fn answers(conn: &mut Conn, queries: &str) -> Result<Vec<Vec<Vec<Value>>>> {
    let mut result = conn.query_iter(queries).await?;
    let mut answers = Vec::new();
    while !result.is_empty() {
        let rows: Vec<Row> = result.collect().await?;
        answers.push(rows.into_iter().map(cells).collect());
    }
    Ok(answers)
}

/// The rows of one such query.
pub(super) async fn only_answer(conn: &mut Conn, query: &str) -> Result<Vec<Vec<Value>>> {
    Ok(answers(conn, query).await?.into_iter().next().unwrap_or_default())
}

/// The number in the first row's first column.
pub(super) fn first_unsigned(rows: &[Vec<Value>]) -> Option<u64> {
    rows.first().and_then(|row| row.first()).and_then(unsigned)
}

/// A row's values; a value that was taken out before is NULL.
pub(super) fn cells(row: Row) -> Vec<Value> {
    row.unwrap_raw().into_iter().map(|value| value.unwrap_or(Value::NULL)).collect()
}

/// About the memory of a value.
pub(super) fn bytes_of(value: &Value) -> usize {
    let outside = if let Value::Bytes(bytes) = value { bytes.len() } else { 0 };
    size_of::<Value>() + outside
}

/// Text, if the value is that.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
        _ => None,
    }
}

/// A number from 0, also if it is written as text.
pub(super) fn unsigned(value: &Value) -> Option<u64> {
    integer(value).and_then(|number| u64::try_from(number).ok())
}

/// A moment in UTC.
pub(super) fn moment(value: &Value) -> Option<DateTime<Utc>> {
    date_time(value).map(|moment| moment.and_utc())
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        Value::NULL | Value::Float(_) | Value::Double(_) | Value::Date(..) | Value::Time(..) => {
            None
        }
    }
}

/// BIT columns come as big-endian bytes.
fn bits(value: &Value) -> Option<u64> {
    match value {
        Value::Bytes(bytes) if bytes.len() <= 8 => {
            Some(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
        }
        other => unsigned(other),
    }
}

fn date_time(value: &Value) -> Option<NaiveDateTime> {
    let &Value::Date(year, month, day, hour, minute, second, micros) = value else { return None };
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?.and_hms_micro_opt(
        u32::from(hour),
        u32::from(minute),
        u32::from(second),
        micros,
    )
}

fn time_micros(value: &Value) -> Option<i64> {
    let &Value::Time(false, 0, hour, minute, second, micros) = value else { return None };
    let time = NaiveTime::from_hms_opt(u32::from(hour), u32::from(minute), u32::from(second))?;
    let seconds = time.signed_duration_since(NaiveTime::MIN).num_seconds();
    Some(seconds * MICROS_OF_SECOND + i64::from(micros))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a FLOAT that was written as DOUBLE comes back exactly"
)]
fn float32(value: &Value) -> Option<f32> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Double(number) => Some(*number as f32),
        _ => None,
    }
}

fn float64(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(f64::from(*number)),
        Value::Double(number) => Some(*number),
        _ => None,
    }
}

/// One column of rows as an array of the field's type.
///
/// # Errors
/// Kind `Refused`, naming the column, for a value that the type has no place for, such as the date 0000-00-00.
pub(super) fn array(rows: &[Vec<Value>], index: usize, field: &Field) -> Result<ArrayRef> {
    let column = Column { rows, index, field };
    Ok(match field.data_type() {
        DataType::Boolean => Arc::new(
            column
                .read(|value| bits(value).or_else(|| unsigned(value)).map(|n| n != 0))?
                .collect::<BooleanArray>(),
        ),
        DataType::Int8 => column.integers::<Int8Type>()?,
        DataType::Int16 => column.integers::<Int16Type>()?,
        DataType::Int32 => column.integers::<Int32Type>()?,
        DataType::Int64 => column.integers::<Int64Type>()?,
        DataType::UInt8 => column.integers::<UInt8Type>()?,
        DataType::UInt16 => column.integers::<UInt16Type>()?,
        DataType::UInt32 => column.integers::<UInt32Type>()?,
        DataType::UInt64 => column.integers::<UInt64Type>()?,
        DataType::Float32 => Arc::new(column.read(float32)?.collect::<Float32Array>()),
        DataType::Float64 => Arc::new(column.read(float64)?.collect::<Float64Array>()),
        DataType::Decimal128(precision, scale) => {
            let numbers =
                column.read(|value| decimal::<Decimal128Type>(value, *precision, *scale))?;
            Arc::new(
                numbers
                    .collect::<Decimal128Array>()
                    .with_precision_and_scale(*precision, *scale)
                    .map_err(arrow)?,
            )
        }
        DataType::Decimal256(precision, scale) => {
            let numbers =
                column.read(|value| decimal::<Decimal256Type>(value, *precision, *scale))?;
            Arc::new(
                numbers
                    .collect::<Decimal256Array>()
                    .with_precision_and_scale(*precision, *scale)
                    .map_err(arrow)?,
            )
        }
        DataType::Utf8 => Arc::new(column.read(as_str)?.collect::<StringArray>()),
        DataType::Binary => Arc::new(column.read(as_bytes)?.collect::<BinaryArray>()),
        DataType::Date32 => Arc::new(column.read(days)?.collect::<Date32Array>()),
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let micros =
                column.read(|value| date_time(value).map(|at| at.and_utc().timestamp_micros()))?;
            Arc::new(micros.collect::<TimestampMicrosecondArray>())
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            Arc::new(column.read(time_micros)?.collect::<Time64MicrosecondArray>())
        }
        other => {
            let message = format!("column `{}` cannot be read as {other}", field.name());
            return Err(Error::failed(message).into());
        }
    })
}

fn arrow(error: datafusion::arrow::error::ArrowError) -> Error {
    Error::failed("a decimal type is out of bounds").source(error)
}

fn as_str(value: &Value) -> Option<&str> {
    as_bytes(value).and_then(|bytes| std::str::from_utf8(bytes).ok())
}

fn as_bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

fn days(value: &Value) -> Option<i32> {
    let date = date_time(value)?;
    let midnight = date.time() == NaiveTime::MIN;
    let days = date.date().signed_duration_since(NaiveDate::default()).num_days();
    if midnight { i32::try_from(days).ok() } else { None }
}

fn decimal<T: DecimalType>(value: &Value, precision: u8, scale: i8) -> Option<T::Native> {
    let text = match value {
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        other => as_str(other)?.to_owned(),
    };
    // The parser cuts digits beyond the scale; they must not be there.
    let digits = text.split_once('.').map_or("", |(_, digits)| digits.trim_end_matches('0'));
    if i64::try_from(digits.len()).ok()? > i64::from(scale.max(0)) {
        return None;
    }
    parse_decimal::<T>(&text, precision, scale).ok()
}

/// A column of some rows.
struct Column<'a> {
    rows: &'a [Vec<Value>],
    index: usize,
    field: &'a Field,
}

impl<'a> Column<'a> {
    fn read<T>(
        &self,
        parse: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<std::vec::IntoIter<Option<T>>> {
        let cell = |row: &'a Vec<Value>| match row.get(self.index) {
            None | Some(Value::NULL) => Some(None),
            Some(value) => parse(value).map(Some),
        };
        let cells: Option<Vec<Option<T>>> = self.rows.iter().map(cell).collect();
        Ok(cells.ok_or_else(|| self.misfit())?.into_iter())
    }

    fn integers<T: ArrowPrimitiveType>(&self) -> Result<ArrayRef>
    where
        T::Native: TryFrom<i128>,
    {
        let numbers = self.read(|value| {
            let number = integer(value).or_else(|| bits(value).map(i128::from))?;
            T::Native::try_from(number).ok()
        })?;
        Ok(Arc::new(numbers.collect::<PrimitiveArray<T>>()))
    }

    fn misfit(&self) -> Error {
        let (name, data_type) = (self.field.name(), sql_type(self.field.data_type()));
        Error::refused(format!("column `{name}` holds a value that {data_type} has no place for"))
            .hint("dates such as 0000-00-00 and times beyond a day cannot be read")
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::{Int64Type as I64, UInt64Type as U64};

    use super::*;

    fn read(value: Value, data_type: DataType) -> std::result::Result<ArrayRef, String> {
        let field = Field::new("c", data_type, true);
        array(&[vec![value], vec![Value::NULL]], 0, &field)
            .map_err(|failure| Error::from(failure).to_string())
    }

    #[test]
    fn numbers_keep_their_whole_range() {
        let array = read(Value::UInt(u64::MAX), DataType::UInt64).unwrap();
        assert_eq!(array.as_primitive::<U64>().value(0), u64::MAX);
        assert!(array.is_null(1));
        let array = read(Value::Int(i64::MIN), DataType::Int64).unwrap();
        assert_eq!(array.as_primitive::<I64>().value(0), i64::MIN);
        assert!(read(Value::Int(300), DataType::Int8).is_err());
    }

    #[test]
    fn bits_and_small_integers_are_booleans() {
        for (value, truth) in
            [(Value::Bytes(vec![1]), true), (Value::Bytes(vec![0]), false), (Value::Int(1), true)]
        {
            assert_eq!(read(value, DataType::Boolean).unwrap().as_boolean().value(0), truth);
        }
    }

    #[test]
    fn decimals_are_read_from_text_without_rounding() {
        let array = read(Value::Bytes(b"-12.340".to_vec()), DataType::Decimal128(9, 2)).unwrap();
        assert_eq!(array.as_primitive::<Decimal128Type>().value(0), -1234);
        assert!(read(Value::Bytes(b"12.345".to_vec()), DataType::Decimal128(9, 2)).is_err());
    }

    #[test]
    fn zero_dates_and_long_times_are_refused_without_quoting_them() {
        let error = read(Value::Date(0, 0, 0, 0, 0, 0, 0), DataType::Date32).unwrap_err();
        assert!(error.contains("`c`"), "{error}");
        assert!(
            read(Value::Time(false, 5, 0, 0, 0, 0), DataType::Time64(TimeUnit::Microsecond))
                .is_err()
        );
    }

    #[test]
    fn moments_have_microseconds() {
        let at = read(
            Value::Date(1969, 12, 31, 23, 59, 59, 999_999),
            DataType::Timestamp(TimeUnit::Microsecond, None),
        );
        assert_eq!(
            at.unwrap()
                .as_primitive::<datafusion::arrow::datatypes::TimestampMicrosecondType>()
                .value(0),
            -1
        );
    }
}
