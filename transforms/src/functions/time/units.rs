//! `timestampadd` and `timestampdiff` (<https://spark.apache.org/docs/3.5.6/api/sql/index.html>), whose first argument is a word: `HOUR`.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::super::told::Told;
use super::calendar::{
    Civil, DAY_MICROS, HOUR_MICROS, MINUTE_MICROS, SECOND_MICROS, joined, split,
};
use super::function::{Columns, INT, LONG, TEXT, TIMESTAMP, at, function, text_at, try_column};

/// The functions that calls with a unit become: `(unit, number, timestamp)` and `(unit, start, end)`.
pub(crate) const ADD: &str = "unglue_timestampadd";
/// See [`ADD`].
pub(crate) const DIFF: &str = "unglue_timestampdiff";

pub(super) const CALLS: &[Call] = &[
    Call::new(ADD, &[Kind::Text, Kind::Int, Kind::Timestamp]),
    Call::new(DIFF, &[Kind::Text, Kind::Timestamp]),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        function(ADD, &[&[TEXT, INT, TIMESTAMP]], TIMESTAMP, add),
        function(DIFF, &[&[TEXT, TIMESTAMP, TIMESTAMP]], LONG, diff),
    ]
}

/// Whether a word is one of the units.
pub(crate) fn is_unit(word: &str) -> bool {
    Unit::named(word).is_some()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Months(i64),
    Micros(i64),
}

impl Unit {
    fn named(word: &str) -> Option<Self> {
        Some(match word.to_uppercase().as_str() {
            "YEAR" => Self::Months(12),
            "QUARTER" => Self::Months(3),
            "MONTH" => Self::Months(1),
            "WEEK" => Self::Micros(7 * DAY_MICROS),
            "DAY" | "DAYOFYEAR" => Self::Micros(DAY_MICROS),
            "HOUR" => Self::Micros(HOUR_MICROS),
            "MINUTE" => Self::Micros(MINUTE_MICROS),
            "SECOND" => Self::Micros(SECOND_MICROS),
            "MILLISECOND" => Self::Micros(1_000),
            "MICROSECOND" => Self::Micros(1),
            _ => return None,
        })
    }

    /// `None` beyond the range of timestamps.
    fn add(self, number: i32, micros: i64) -> Option<i64> {
        let number = i64::from(number);
        match self {
            Self::Months(months) => {
                let (days, of_day) = split(micros);
                joined(Civil::of(days).plus_months(number * months).days(), of_day)
            }
            Self::Micros(unit) => number.checked_mul(unit)?.checked_add(micros),
        }
    }

    /// Whole units, rounded towards 0.
    fn between(self, start: i64, end: i64) -> Option<i64> {
        match self {
            Self::Months(months) => Some(whole_months(start, end) / months),
            Self::Micros(unit) => {
                let micros = i128::from(end) - i128::from(start);
                i64::try_from(micros / i128::from(unit)).ok()
            }
        }
    }
}

/// A month is whole when the same day and time is reached; a last day of a month is not more than its number.
fn whole_months(start: i64, end: i64) -> i64 {
    let place = |micros| {
        let (days, of_day) = split(micros);
        let day = Civil::of(days);
        (day.year * 12 + day.month, (day.day, of_day))
    };
    let ((start_month, start_day), (end_month, end_day)) = (place(start), place(end));
    let months = end_month - start_month;
    match months {
        1.. if end_day < start_day => months - 1,
        ..=-1 if end_day > start_day => months + 1,
        _ => months,
    }
}

/// The unit is a literal, so the same in all rows.
fn unit(columns: &Columns) -> Result<Option<Unit>> {
    let words = columns.texts(0)?;
    if columns.rows() == 0 {
        return Ok(None);
    }
    let unit = text_at(words, 0).and_then(Unit::named);
    unit.map(Some).ok_or_else(|| exec_datafusion_err!("there is no such unit of time"))
}

fn too_far() -> DataFusionError {
    Told::error("timestampadd leaves the range of timestamps")
}

fn add(columns: &Columns) -> Result<ArrayRef> {
    let (unit, numbers, timestamps) = (unit(columns)?, columns.ints(1)?, columns.timestamps(2)?);
    try_column::<TimestampMicrosecondType>(columns.rows(), |row| {
        let Some((number, micros)) = at(numbers, row).zip(at(timestamps, row)) else {
            return Ok(None);
        };
        unit.and_then(|unit| unit.add(number, micros)).map(Some).ok_or_else(too_far)
    })
}

fn diff(columns: &Columns) -> Result<ArrayRef> {
    let (unit, starts, ends) = (unit(columns)?, columns.timestamps(1)?, columns.timestamps(2)?);
    try_column::<Int64Type>(columns.rows(), |row| {
        let Some((start, end)) = at(starts, row).zip(at(ends, row)) else { return Ok(None) };
        unit.and_then(|unit| unit.between(start, end)).map(Some).ok_or_else(too_far)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(year: i64, month: i64, day: i64, hour: i64) -> i64 {
        Civil { year, month, day }.days() * DAY_MICROS + hour * HOUR_MICROS
    }

    #[test]
    fn a_month_is_whole_when_its_day_and_time_are_reached() {
        let month = Unit::Months(1);
        for (start, end, months) in [
            (moment(2024, 1, 31, 10), moment(2024, 2, 29, 10), 0),
            (moment(2024, 2, 29, 10), moment(2024, 3, 29, 10), 1),
            (moment(2024, 2, 29, 10), moment(2024, 3, 29, 10) - 1, 0),
            (moment(2024, 2, 29, 10), moment(2024, 1, 31, 10), 0),
            (moment(2024, 3, 31, 10), moment(2024, 2, 29, 11), -1),
        ] {
            assert_eq!(month.between(start, end), Some(months), "{start} {end}");
        }
        let (start, end) = (moment(2024, 1, 31, 0), moment(2025, 1, 30, 0));
        assert_eq!(Unit::Months(3).between(start, end), Some(3));
        assert_eq!(
            Unit::Months(12).between(moment(2024, 2, 29, 0), moment(2025, 2, 28, 0)),
            Some(0)
        );
    }

    #[test]
    fn units_are_added() {
        let start = moment(2026, 1, 31, 10);
        assert_eq!(Unit::Months(1).add(1, start), Some(moment(2026, 2, 28, 10)));
        assert_eq!(Unit::Micros(HOUR_MICROS).add(-11, start), Some(moment(2026, 1, 30, 23)));
        assert_eq!(Unit::Months(12).add(i32::MAX, start), None);
        assert_eq!(Unit::named("nanosecond"), None);
    }
}
