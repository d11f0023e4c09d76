//! Timestamps and numbers counted since 1970: `unix_seconds`, `timestamp_seconds` and the like
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#timestamp_seconds>).

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::super::told::Told;
use super::calendar::SECOND_MICROS;
use super::function::{Columns, LONG, TIMESTAMP, at, function, function_of_any, try_column};

const TIMESTAMPS: &[Kind] = &[Kind::Timestamp];

pub(super) const CALLS: &[Call] = &[
    Call::new("unix_seconds", TIMESTAMPS),
    Call::new("unix_millis", TIMESTAMPS),
    Call::new("unix_micros", TIMESTAMPS),
    Call::new("timestamp_seconds", &[Kind::Number]),
    Call::new("timestamp_millis", &[Kind::Long]),
    Call::new("timestamp_micros", &[Kind::Long]),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        function("unix_seconds", &[&[TIMESTAMP]], LONG, |columns| counted(columns, SECOND_MICROS)),
        function("unix_millis", &[&[TIMESTAMP]], LONG, |columns| counted(columns, 1_000)),
        function("unix_micros", &[&[TIMESTAMP]], LONG, |columns| counted(columns, 1)),
        function_of_any("timestamp_seconds", &[1], TIMESTAMP, of_seconds),
        function("timestamp_millis", &[&[LONG]], TIMESTAMP, |columns| {
            of_whole(columns.longs(0)?, 1_000)
        }),
        function("timestamp_micros", &[&[LONG]], TIMESTAMP, |columns| {
            of_whole(columns.longs(0)?, 1)
        }),
    ]
}

/// Whole units since 1970, rounded towards the past.
fn counted(columns: &Columns, unit: i64) -> Result<ArrayRef> {
    let micros = columns.timestamps(0)?;
    Ok(Arc::new(micros.unary::<_, Int64Type>(|micros| micros.div_euclid(unit))))
}

fn of_whole(numbers: &Int64Array, unit: i64) -> Result<ArrayRef> {
    try_column::<TimestampMicrosecondType>(numbers.len(), |row| {
        let micros = at(numbers, row).map(|number| number.checked_mul(unit).ok_or_else(too_far));
        micros.transpose()
    })
}

fn too_far() -> datafusion::error::DataFusionError {
    Told::error("a number is beyond the range of timestamps")
}

/// Whole numbers, decimals of at most six digits after the point, and doubles, of which what is below a microsecond is cut off.
fn of_seconds(columns: &Columns) -> Result<ArrayRef> {
    let numbers = columns.array(0)?;
    match numbers.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let numbers = cast(numbers, &DataType::Float64)?;
            let micros = numbers
                .as_primitive::<Float64Type>()
                .unary_opt::<_, TimestampMicrosecondType>(of_double);
            Ok(Arc::new(micros))
        }
        DataType::Decimal128(_, scale) => of_decimals(numbers, *scale),
        kind if kind.is_integer() || kind.is_null() => {
            let numbers = cast(numbers, &DataType::Int64)?;
            of_whole(numbers.as_primitive(), SECOND_MICROS)
        }
        other => exec_err!("timestamp_seconds does not take {other}"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a DOUBLE beyond BIGINT becomes its end, as in Java"
)]
fn of_double(seconds: f64) -> Option<i64> {
    seconds.is_finite().then_some((seconds * 1e6) as i64)
}

fn of_decimals(numbers: &ArrayRef, scale: i8) -> Result<ArrayRef> {
    let numbers = numbers.as_primitive::<Decimal128Type>();
    let power = |digits: i8| 10_i128.checked_pow(u32::from(digits.unsigned_abs()));
    let (factor, divisor) = (power((6 - scale).max(0)), power((scale - 6).max(0)));
    try_column::<TimestampMicrosecondType>(numbers.len(), |row| {
        let Some(unscaled) = at(numbers, row) else { return Ok(None) };
        let micros = factor.and_then(|factor| unscaled.checked_mul(factor)).zip(divisor);
        let (micros, divisor) = micros.ok_or_else(too_far)?;
        if micros % divisor != 0 {
            return Err(Told::error("timestamp_seconds takes at most six digits after the point"));
        }
        i64::try_from(micros / divisor).map(Some).map_err(|_| too_far())
    })
}
