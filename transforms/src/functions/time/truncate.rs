//! `trunc` for dates (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#trunc>) and `date_trunc` for timestamps
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#date_trunc>). A unit that the function does not have gives NULL.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::calendar::{
    Civil, DAY_MICROS, HOUR_MICROS, MINUTE_MICROS, SECOND_MICROS, iso_weekday, joined,
};
use super::function::{Columns, DATE, TEXT, TIMESTAMP, at, column, function, text_at};

pub(super) const CALLS: &[Call] = &[
    Call::new("trunc", &[Kind::Date, Kind::Text]),
    Call::new("date_trunc", &[Kind::Text, Kind::Timestamp]),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        function("trunc", &[&[DATE, TEXT]], DATE, trunc),
        function("date_trunc", &[&[TEXT, TIMESTAMP]], TIMESTAMP, date_trunc),
    ]
}

/// What is cut off: all below a part of the date, or below so many microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Micros(i64),
}

impl Unit {
    fn named(name: &str) -> Option<Self> {
        let units: [(&[&str], Self); 10] = [
            (&["year", "yyyy", "yy"], Self::Year),
            (&["quarter"], Self::Quarter),
            (&["month", "mm", "mon"], Self::Month),
            (&["week"], Self::Week),
            (&["day", "dd"], Self::Micros(DAY_MICROS)),
            (&["hour"], Self::Micros(HOUR_MICROS)),
            (&["minute"], Self::Micros(MINUTE_MICROS)),
            (&["second"], Self::Micros(SECOND_MICROS)),
            (&["millisecond"], Self::Micros(1_000)),
            (&["microsecond"], Self::Micros(1)),
        ];
        let found =
            units.iter().find(|(names, _)| names.iter().any(|n| n.eq_ignore_ascii_case(name)));
        found.map(|(_, unit)| *unit)
    }

    /// The first day of the unit that a day is in; `None` for units below a day.
    fn first_day(self, days: i64) -> Option<i64> {
        let day = Civil::of(days);
        Some(match self {
            Self::Year => Civil { month: 1, day: 1, ..day }.days(),
            Self::Quarter => Civil { month: day.quarter() * 3 - 2, day: 1, ..day }.days(),
            Self::Month => Civil { day: 1, ..day }.days(),
            Self::Week => days - iso_weekday(days) + 1,
            Self::Micros(_) => return None,
        })
    }

    fn start(self, micros: i64) -> Option<i64> {
        match self {
            Self::Micros(unit) => micros.checked_sub(micros.rem_euclid(unit)),
            other => joined(other.first_day(micros.div_euclid(DAY_MICROS))?, 0),
        }
    }
}

fn trunc(columns: &Columns) -> Result<ArrayRef> {
    let (dates, names) = (columns.dates(0)?, columns.texts(1)?);
    Ok(column::<Date32Type>(columns.rows(), |row| {
        let unit = Unit::named(text_at(names, row)?)?;
        i32::try_from(unit.first_day(i64::from(at(dates, row)?))?).ok()
    }))
}

fn date_trunc(columns: &Columns) -> Result<ArrayRef> {
    let (names, timestamps) = (columns.texts(0)?, columns.timestamps(1)?);
    Ok(column::<TimestampMicrosecondType>(columns.rows(), |row| {
        Unit::named(text_at(names, row)?)?.start(at(timestamps, row)?)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_the_names_that_spark_takes() {
        for (name, unit) in [
            ("YEAR", Unit::Year),
            ("yy", Unit::Year),
            ("Mon", Unit::Month),
            ("dd", Unit::Micros(DAY_MICROS)),
        ] {
            assert_eq!(Unit::named(name), Some(unit), "{name}");
        }
        for name in ["q", "hours", "century", "decade", ""] {
            assert_eq!(Unit::named(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_before_1970_is_cut_off_towards_the_past() {
        assert_eq!(Unit::Micros(HOUR_MICROS).start(-1), Some(-HOUR_MICROS));
        assert_eq!(Unit::Week.start(-1), Some(-3 * DAY_MICROS));
        assert_eq!(Unit::Year.start(-1), Some(-365 * DAY_MICROS));
        assert_eq!(Unit::Quarter.first_day(-1), Some(-92));
    }
}
