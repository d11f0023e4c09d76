//! Arithmetic with days and months: `date_add`, `add_months`, `months_between`, `last_day` and the like
//! (<https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#date-and-timestamp-functions>).
//!
//! datafusion-spark's are not taken: they go through timestamps of nanoseconds, which end in 2262, or fail where Spark gives NULL.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::super::told::Told;
use super::calendar::{Civil, DAY_MICROS, SECOND_MICROS, iso_weekday, month_length, split};
use super::function::{
    Columns, DATE, INT, TEXT, TIMESTAMP, at, column, function, text_at, try_column,
};

const DATE_AND_INT: &[Kind] = &[Kind::Date, Kind::Int];
const DATES: &[Kind] = &[Kind::Date];

pub(super) const CALLS: &[Call] = &[
    Call::new("date_add", DATE_AND_INT),
    Call::to("dateadd", "date_add", DATE_AND_INT),
    Call::new("date_sub", DATE_AND_INT),
    Call::to("datediff", "date_diff", DATES),
    Call::new("date_diff", DATES),
    Call::new("add_months", DATE_AND_INT),
    Call::new("months_between", &[Kind::Timestamp, Kind::Timestamp, Kind::Bool]),
    Call::new("last_day", DATES),
    Call::new("next_day", &[Kind::Date, Kind::Text]),
    Call::new("unix_date", DATES),
    Call::new("date_from_unix_date", &[Kind::Int]),
    Call::new("make_date", &[Kind::Int]),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        function("date_add", &[&[DATE, INT]], DATE, |columns| {
            ints(columns, |days, more| Ok(days.wrapping_add(more)))
        }),
        function("date_sub", &[&[DATE, INT]], DATE, |columns| {
            ints(columns, |days, less| Ok(days.wrapping_sub(less)))
        }),
        function("add_months", &[&[DATE, INT]], DATE, |columns| ints(columns, add_months)),
        function("date_diff", &[&[DATE, DATE]], INT, date_diff),
        function(
            "months_between",
            &[&[TIMESTAMP, TIMESTAMP], &[TIMESTAMP, TIMESTAMP, DataType::Boolean]],
            DataType::Float64,
            months_between,
        ),
        function("last_day", &[&[DATE]], DATE, last_day),
        function("next_day", &[&[DATE, TEXT]], DATE, next_day),
        function("unix_date", &[&[DATE]], INT, |columns| {
            Ok(Arc::new(columns.dates(0)?.unary::<_, Int32Type>(|days| days)))
        }),
        function("date_from_unix_date", &[&[INT]], DATE, |columns| {
            Ok(Arc::new(columns.ints(0)?.unary::<_, Date32Type>(|days| days)))
        }),
        function("make_date", &[&[INT, INT, INT]], DATE, make_date),
    ]
}

/// A date and an INT to a date.
fn ints(columns: &Columns, count: impl Fn(i32, i32) -> Result<i32>) -> Result<ArrayRef> {
    let (dates, numbers) = (columns.dates(0)?, columns.ints(1)?);
    try_column::<Date32Type>(columns.rows(), |row| {
        at(dates, row).zip(at(numbers, row)).map(|(days, number)| count(days, number)).transpose()
    })
}

/// `add_months`: the last day of a shorter month, but no more than that: a last day does not stay one.
fn add_months(days: i32, months: i32) -> Result<i32> {
    let moved = Civil::of(i64::from(days)).plus_months(i64::from(months)).days();
    i32::try_from(moved).map_err(|_| Told::error("add_months leaves the range of dates"))
}

fn date_diff(columns: &Columns) -> Result<ArrayRef> {
    let (ends, starts) = (columns.dates(0)?, columns.dates(1)?);
    Ok(column::<Int32Type>(columns.rows(), |row| {
        Some(at(ends, row)?.wrapping_sub(at(starts, row)?))
    }))
}

fn months_between(columns: &Columns) -> Result<ArrayRef> {
    let (ends, starts) = (columns.timestamps(0)?, columns.timestamps(1)?);
    let rounds = if columns.count() > 2 { Some(columns.array(2)?.as_boolean()) } else { None };
    Ok(column::<Float64Type>(columns.rows(), |row| {
        let round =
            rounds.map_or(Some(true), |rounds| rounds.is_valid(row).then(|| rounds.value(row)))?;
        Some(months(at(ends, row)?, at(starts, row)?, round))
    }))
}

/// Whole months where both are the same day of their month or the last of it, else a month has 31 days; rounded to 8 digits.
fn months(end: i64, start: i64, round: bool) -> f64 {
    let ((end_days, end_micros), (start_days, start_micros)) = (split(end), split(start));
    let (end, start) = (Civil::of(end_days), Civil::of(start_days));
    let whole = (end.year - start.year) * 12 + end.month - start.month;
    let is_last = |day: Civil| day.day == month_length(day.year, day.month);
    if end.day == start.day || is_last(end) && is_last(start) {
        return as_double(whole);
    }
    let seconds = (end.day - start.day) * DAY_MICROS / SECOND_MICROS + end_micros / SECOND_MICROS
        - start_micros / SECOND_MICROS;
    let months = as_double(whole) + as_double(seconds) / as_double(31 * DAY_MICROS / SECOND_MICROS);
    if round { (months * 1e8).round() / 1e8 } else { months }
}

/// Months and seconds of a month are far below what a DOUBLE holds exactly.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn as_double(number: i64) -> f64 {
    number as f64
}

fn last_day(columns: &Columns) -> Result<ArrayRef> {
    Ok(Arc::new(columns.dates(0)?.unary_opt::<_, Date32Type>(|days| {
        let day = Civil::of(i64::from(days));
        let last = Civil { day: month_length(day.year, day.month), ..day };
        i32::try_from(last.days()).ok()
    })))
}

/// The next such day of the week after a date; NULL where the text names none.
fn next_day(columns: &Columns) -> Result<ArrayRef> {
    let (dates, names) = (columns.dates(0)?, columns.texts(1)?);
    Ok(column::<Date32Type>(columns.rows(), |row| {
        let (days, wanted) = (i64::from(at(dates, row)?), weekday(text_at(names, row)?)?);
        i32::try_from(days + 1 + (wanted - iso_weekday(days + 1)).rem_euclid(7)).ok()
    }))
}

/// 1 for Monday to 7, by the first two or three letters or the whole name.
fn weekday(name: &str) -> Option<i64> {
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let is = |day: &str| {
        let part = |length| day.get(..length).is_some_and(|part| part.eq_ignore_ascii_case(name));
        part(2) || part(3) || part(day.len())
    };
    NAMES.iter().zip(1..).find(|(day, _)| is(day)).map(|(_, number)| number)
}

/// NULL where there is no such day.
fn make_date(columns: &Columns) -> Result<ArrayRef> {
    let (years, months, days) = (columns.ints(0)?, columns.ints(1)?, columns.ints(2)?);
    Ok(column::<Date32Type>(columns.rows(), |row| {
        let part = |array| at(array, row).map(i64::from);
        let day = Civil::checked(part(years)?, part(months)?, part(days)?)?;
        i32::try_from(day.days()).ok()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600 * SECOND_MICROS;

    fn moment(year: i64, month: i64, day: i64, hour: i64) -> i64 {
        Civil { year, month, day }.days() * DAY_MICROS + hour * HOUR
    }

    fn same(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-15, "{found} is not {expected}");
    }

    #[test]
    fn months_between_days_of_different_months() {
        let feb_28 = moment(1997, 2, 28, 10) + HOUR / 2;
        same(months(feb_28, moment(1996, 10, 30, 0), true), 3.949_596_77);
        same(months(feb_28, moment(1996, 10, 30, 0), false), 3.949_596_774_193_548_5);
        same(months(moment(2024, 2, 29, 10), moment(2024, 1, 31, 23), true), 1.0);
        same(months(moment(2024, 2, 15, 10), moment(2024, 1, 15, 23), true), 1.0);
        same(months(moment(2024, 2, 15, 10), moment(2024, 3, 17, 23), true), -1.081_989_25);
    }

    #[test]
    fn months_are_added_to_the_last_day_of_a_shorter_month() {
        let day = |year, month, day| i32::try_from(Civil { year, month, day }.days()).unwrap();
        assert_eq!(add_months(day(2024, 1, 31), 1).unwrap(), day(2024, 2, 29));
        assert_eq!(add_months(day(2024, 2, 29), 1).unwrap(), day(2024, 3, 29));
        assert_eq!(add_months(day(2024, 2, 29), 12).unwrap(), day(2025, 2, 28));
        assert_eq!(add_months(day(2024, 2, 29), -1).unwrap(), day(2024, 1, 29));
        assert!(add_months(day(2024, 2, 29), i32::MAX).is_err());
    }

    #[test]
    fn days_of_the_week_have_short_names() {
        for (name, day) in [("mon", 1), ("MO", 1), ("Monday", 1), ("Sa", 6), ("su", 7)] {
            assert_eq!(weekday(name), Some(day), "{name}");
        }
        for name in ["m", "tues", " TU", ""] {
            assert_eq!(weekday(name), None, "{name}");
        }
    }
}
