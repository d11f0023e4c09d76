//! Parts of dates and timestamps: `year`, `hour` and the like, and what `extract` and `date_part` take
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#extract>).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Decimal128Array};
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::calendar::{
    Civil, HOUR_MICROS, MINUTE_MICROS, SECOND_MICROS, iso_week, iso_weekday, split,
};
use super::function::{Columns, DATE, INT, TIMESTAMP, function};

const DATES: &[Kind] = &[Kind::Date];
const TIMESTAMPS: &[Kind] = &[Kind::Timestamp];

pub(super) const CALLS: &[Call] = &[
    Call::new("year", DATES),
    Call::new("quarter", DATES),
    Call::new("month", DATES),
    Call::new("day", DATES),
    Call::to("dayofmonth", "day", DATES),
    Call::new("dayofweek", DATES),
    Call::new("dayofyear", DATES),
    Call::new("weekofyear", DATES),
    Call::new("weekday", DATES),
    Call::new("hour", TIMESTAMPS),
    Call::new("minute", TIMESTAMPS),
    Call::new("second", TIMESTAMPS),
    Call::new("unglue_week_year", DATES),
    Call::new("unglue_iso_weekday", DATES),
    Call::new("unglue_seconds", TIMESTAMPS),
];

/// The function that gives a field of `extract` and `date_part`, by any of the names that Spark has for it.
pub(crate) fn of_field(field: &str) -> Option<&'static str> {
    Some(match field.to_lowercase().as_str() {
        "year" | "y" | "years" | "yr" | "yrs" => "year",
        "yearofweek" => "unglue_week_year",
        "quarter" | "qtr" => "quarter",
        "month" | "mon" | "mons" | "months" => "month",
        "week" | "w" | "weeks" => "weekofyear",
        "day" | "d" | "days" => "day",
        "dayofweek" | "dow" => "dayofweek",
        "dayofweek_iso" | "dow_iso" => "unglue_iso_weekday",
        "doy" => "dayofyear",
        "hour" | "h" | "hours" | "hr" | "hrs" => "hour",
        "minute" | "m" | "min" | "mins" | "minutes" => "minute",
        "second" | "s" | "sec" | "seconds" | "secs" => "unglue_seconds",
        _ => return None,
    })
}

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        of_date("year", |columns| days(columns, |days| Civil::of(days).year)),
        of_date("quarter", |columns| days(columns, |days| Civil::of(days).quarter())),
        of_date("month", |columns| days(columns, |days| Civil::of(days).month)),
        of_date("day", |columns| days(columns, |days| Civil::of(days).day)),
        of_date("dayofyear", |columns| days(columns, |days| Civil::of(days).day_of_year())),
        // Sunday is 1.
        of_date("dayofweek", |columns| days(columns, |days| iso_weekday(days) % 7 + 1)),
        // Monday is 0.
        of_date("weekday", |columns| days(columns, |days| iso_weekday(days) - 1)),
        of_date("unglue_iso_weekday", |columns| days(columns, iso_weekday)),
        of_date("weekofyear", |columns| days(columns, |days| iso_week(days).1)),
        of_date("unglue_week_year", |columns| days(columns, |days| iso_week(days).0)),
        of_timestamp("hour", |columns| time(columns, |micros| micros / HOUR_MICROS)),
        of_timestamp("minute", |columns| {
            time(columns, |micros| micros % HOUR_MICROS / MINUTE_MICROS)
        }),
        of_timestamp("second", |columns| {
            time(columns, |micros| micros % MINUTE_MICROS / SECOND_MICROS)
        }),
        function("unglue_seconds", &[&[TIMESTAMP]], DataType::Decimal128(8, 6), seconds),
    ]
}

fn of_date(name: &str, run: fn(&Columns) -> Result<ArrayRef>) -> Arc<ScalarUDF> {
    function(name, &[&[DATE]], INT, run)
}

fn of_timestamp(name: &str, run: fn(&Columns) -> Result<ArrayRef>) -> Arc<ScalarUDF> {
    function(name, &[&[TIMESTAMP]], INT, run)
}

fn days(columns: &Columns, part: impl Fn(i64) -> i64) -> Result<ArrayRef> {
    let dates = columns.dates(0)?;
    Ok(Arc::new(dates.unary_opt::<_, Int32Type>(|days| i32::try_from(part(i64::from(days))).ok())))
}

fn time(columns: &Columns, part: impl Fn(i64) -> i64) -> Result<ArrayRef> {
    let timestamps = columns.timestamps(0)?;
    Ok(Arc::new(
        timestamps.unary_opt::<_, Int32Type>(|micros| i32::try_from(part(split(micros).1)).ok()),
    ))
}

/// Seconds with their fraction, as `extract(SECOND FROM …)` gives them; `second()` gives them without.
fn seconds(columns: &Columns) -> Result<ArrayRef> {
    let timestamps = columns.timestamps(0)?;
    let micros = timestamps
        .iter()
        .map(|micros| micros.map(|micros| i128::from(split(micros).1 % MINUTE_MICROS)));
    Ok(Arc::new(micros.collect::<Decimal128Array>().with_precision_and_scale(8, 6)?))
}
