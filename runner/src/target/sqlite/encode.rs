//! Arrow columns as SQLite stores them.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Float64Array, Int64Array, StringArray, StringBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Field, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType, UInt64Type,
};
use datafusion::arrow::error::ArrowError;
use rusqlite::Statement;

use transforms::functions::sql_type;

use crate::error::{Error, Result};

/// Days from the first of January of year 1 to the epoch.
const EPOCH_DAY: i32 = 719_163;

/// A column in one of SQLite's storage classes.
#[derive(Debug)]
pub(super) enum Stored {
    /// INTEGER
    Integer(Int64Array),
    /// REAL
    Real(Float64Array),
    /// TEXT
    Text(StringArray),
    /// BLOB
    Blob(BinaryArray),
}

impl Stored {
    /// Converts a column exactly, or refuses it.
    pub(super) fn encode(array: &ArrayRef, field: &Field) -> Result<Self> {
        let refuse = |what: String| {
            Error::refused(format!(
                "column `{}` has {what}, which SQLite cannot hold",
                field.name()
            ))
            .hint("cast the column in the model, or leave such rows out")
        };
        match array.data_type() {
            DataType::UInt64 => {
                let wide = array.as_primitive::<UInt64Type>();
                if wide.iter().flatten().any(|value| i64::try_from(value).is_err()) {
                    return Err(refuse("a number above 9223372036854775807".into()));
                }
                convert(array, &DataType::Int64)
                    .map(|array| Self::Integer(array.as_primitive().clone()))
            }
            DataType::Float32 | DataType::Float64 => {
                let array = convert(array, &DataType::Float64)?;
                let real: &Float64Array = array.as_primitive();
                if real.iter().flatten().any(f64::is_nan) {
                    return Err(refuse("the value NaN".into()));
                }
                Ok(Self::Real(real.clone()))
            }
            DataType::Decimal128(..) => {
                let decimals = array.as_primitive::<Decimal128Type>();
                text(decimals, |row, out| out.push_str(&decimals.value_as_string(row)))
            }
            DataType::Decimal256(..) => {
                let decimals = array.as_primitive::<Decimal256Type>();
                text(decimals, |row, out| out.push_str(&decimals.value_as_string(row)))
            }
            DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_) => {
                encode_time(array).map_err(refuse)
            }
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
                convert(array, &DataType::Utf8).map(|array| Self::Text(array.as_string().clone()))
            }
            DataType::Binary | DataType::BinaryView | DataType::LargeBinary => {
                convert(array, &DataType::Binary).map(|array| Self::Blob(array.as_binary().clone()))
            }
            data_type if data_type.is_integer() || *data_type == DataType::Boolean => {
                convert(array, &DataType::Int64)
                    .map(|array| Self::Integer(array.as_primitive().clone()))
            }
            data_type => Err(refuse(format!("type {}", sql_type(data_type)))),
        }
    }

    /// Whether a row is NULL somewhere.
    pub(super) fn has_null(&self) -> bool {
        match self {
            Self::Integer(array) => array.null_count() > 0,
            Self::Real(array) => array.null_count() > 0,
            Self::Text(array) => array.null_count() > 0,
            Self::Blob(array) => array.null_count() > 0,
        }
    }

    /// Binds one row's value to a parameter, counted from 1.
    pub(super) fn bind(
        &self,
        statement: &mut Statement<'_>,
        parameter: usize,
        row: usize,
    ) -> rusqlite::Result<()> {
        match self {
            Self::Integer(array) => statement
                .raw_bind_parameter(parameter, array.is_valid(row).then(|| array.value(row))),
            Self::Real(array) => statement
                .raw_bind_parameter(parameter, array.is_valid(row).then(|| array.value(row))),
            Self::Text(array) => statement
                .raw_bind_parameter(parameter, array.is_valid(row).then(|| array.value(row))),
            Self::Blob(array) => statement
                .raw_bind_parameter(parameter, array.is_valid(row).then(|| array.value(row))),
        }
    }
}

/// Casts that cannot fail, as the caller has looked at type and values.
fn convert(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    // The message of a cast may hold a value, so it is not passed on.
    cast(array, to)
        .map_err(|_: ArrowError| Error::failed(format!("a column could not be cast to {to}")))
}

fn text(array: &dyn Array, mut render: impl FnMut(usize, &mut String)) -> Result<Stored> {
    render_rows(array, |row, out| {
        render(row, out);
        Some(())
    })
    .ok_or_else(|| Error::failed("a value could not be rendered"))
}

/// One text for each row that is not NULL; `None` as soon as one has none.
fn render_rows(
    array: &dyn Array,
    mut render: impl FnMut(usize, &mut String) -> Option<()>,
) -> Option<Stored> {
    let mut builder = StringBuilder::with_capacity(array.len(), array.len() * 16);
    let mut buffer = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        buffer.clear();
        render(row, &mut buffer)?;
        builder.append_value(&buffer);
    }
    Some(Stored::Text(builder.finish()))
}

/// Dates and times as SQLite's own functions write them; such texts sort as the times do.
fn encode_time(array: &ArrayRef) -> std::result::Result<Stored, String> {
    let out_of_range = || "a time outside the years 0 to 9999".to_owned();
    match array.data_type() {
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            render_rows(days, |row, out| date(days.value(row), out)).ok_or_else(out_of_range)
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            render_rows(micros, |row, out| timestamp(micros.value(row), out))
                .ok_or_else(out_of_range)
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            let micros = array.as_primitive::<Time64MicrosecondType>();
            render_rows(micros, |row, out| time_of_day(micros.value(row), out))
                .ok_or_else(|| "a time of day outside 24 hours".to_owned())
        }
        data_type => Err(format!("type {}", sql_type(data_type))),
    }
}

fn date(days: i32, out: &mut String) -> Option<()> {
    let date = NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH_DAY)?)?;
    write_date(date, out)
}

fn timestamp(micros: i64, out: &mut String) -> Option<()> {
    let at: NaiveDateTime = DateTime::from_timestamp_micros(micros)?.naive_utc();
    write_date(at.date(), out)?;
    out.push(' ');
    write_time(at.time(), out)
}

fn time_of_day(micros: i64, out: &mut String) -> Option<()> {
    let seconds = u32::try_from(micros.div_euclid(1_000_000)).ok()?;
    let nanos = u32::try_from(micros.rem_euclid(1_000_000) * 1000).ok()?;
    write_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?, out)
}

fn write_date(date: NaiveDate, out: &mut String) -> Option<()> {
    // Outside these years the text has a sign and no longer sorts.
    let year = chrono::Datelike::year(&date);
    (0..=9999).contains(&year).then_some(())?;
    write!(out, "{date}").ok()
}

fn write_time(time: NaiveTime, out: &mut String) -> Option<()> {
    write!(out, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()).ok()?;
    match time.nanosecond() / 1000 {
        0 => Some(()),
        micros => write!(out, ".{micros:06}").ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        Date32Array, Decimal128Array, Time64MicrosecondArray, TimestampMicrosecondArray,
        UInt64Array,
    };

    use super::*;

    fn texts(array: impl Array + 'static) -> Vec<Option<String>> {
        let array: ArrayRef = Arc::new(array);
        let field = Field::new("c", array.data_type().clone(), true);
        match Stored::encode(&array, &field).unwrap() {
            Stored::Text(texts) => texts.iter().map(|text| text.map(str::to_owned)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn refusal(array: impl Array + 'static) -> String {
        let array: ArrayRef = Arc::new(array);
        let field = Field::new("c", array.data_type().clone(), true);
        Stored::encode(&array, &field).unwrap_err().to_string()
    }

    #[test]
    fn times_are_written_as_sqlite_writes_them() {
        let dates = Date32Array::from(vec![Some(0), Some(-719_528), Some(2_932_896), None]);
        assert_eq!(
            texts(dates),
            [Some("1970-01-01"), Some("0000-01-01"), Some("9999-12-31"), None]
                .map(|text| text.map(str::to_owned))
        );
        let timestamps = TimestampMicrosecondArray::from(vec![0, 1, -1]);
        assert_eq!(
            texts(timestamps).into_iter().flatten().collect::<Vec<_>>(),
            ["1970-01-01 00:00:00", "1970-01-01 00:00:00.000001", "1969-12-31 23:59:59.999999"]
        );
        let times = Time64MicrosecondArray::from(vec![0, 86_399_999_999]);
        assert_eq!(
            texts(times).into_iter().flatten().collect::<Vec<_>>(),
            ["00:00:00", "23:59:59.999999"]
        );
    }

    #[test]
    fn a_decimal_keeps_its_scale() {
        let decimals =
            Decimal128Array::from(vec![150, -5, 0]).with_precision_and_scale(5, 2).unwrap();
        assert_eq!(
            texts(decimals).into_iter().flatten().collect::<Vec<_>>(),
            ["1.50", "-0.05", "0.00"]
        );
    }

    #[test]
    fn what_sqlite_cannot_hold_is_refused_by_column_without_the_value() {
        for message in [
            refusal(UInt64Array::from(vec![u64::MAX])),
            refusal(Float64Array::from(vec![f64::NAN])),
            refusal(Date32Array::from(vec![2_932_897])),
            refusal(TimestampMicrosecondArray::from(vec![i64::MAX])),
            refusal(Time64MicrosecondArray::from(vec![86_400_000_000])),
            refusal(Time64MicrosecondArray::from(vec![-1])),
        ] {
            assert!(message.starts_with("column `c` has "), "{message}");
        }
    }
}
