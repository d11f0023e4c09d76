//! `make_timestamp` (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#make_timestamp>): parts that are no timestamp give NULL.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Decimal128Type, TimestampMicrosecondType};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::calendar::{Civil, HOUR_MICROS, MINUTE_MICROS, joined};
use super::function::{Columns, TIMESTAMP, at, function_of_any, text_at, try_column};
use super::zone::Zone;
use super::zones::zones;

const PARTS: &[Kind] =
    &[Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Number, Kind::Text];

pub(super) const CALLS: &[Call] = &[
    Call::new("make_timestamp", PARTS),
    Call::to("make_timestamp_ltz", "make_timestamp", PARTS),
    Call::to("make_timestamp_ntz", "make_timestamp", PARTS),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![function_of_any("make_timestamp", &[6, 7], TIMESTAMP, make_timestamp)]
}

fn make_timestamp(columns: &Columns) -> Result<ArrayRef> {
    let mut parts = Vec::with_capacity(5);
    for index in 0..5 {
        parts.push(columns.ints(index)?);
    }
    // As Spark takes them: DECIMAL(16,6), rounded.
    let seconds = cast(columns.array(5)?, &DataType::Decimal128(16, 6))?;
    let seconds = seconds.as_primitive::<Decimal128Type>();
    let names = if columns.count() > 6 { Some(columns.texts(6)?) } else { None };
    let mut zones = zones();
    try_column::<TimestampMicrosecondType>(columns.rows(), |row| {
        let zone = match names.map(|names| text_at(names, row)) {
            Some(None) => return Ok(None),
            Some(Some(name)) => Some(name),
            None => None,
        };
        let numbers: Option<Vec<i64>> =
            parts.iter().map(|part| at(part, row).map(i64::from)).collect();
        let Some((numbers, seconds)) = numbers.zip(at(seconds, row)) else { return Ok(None) };
        let zone = zone.map_or(Ok(Zone::UTC), |name| zones.get(name).copied())?;
        let local = i64::try_from(seconds).ok().and_then(|micros| local(&numbers, micros));
        Ok(local.and_then(|local| zone.to_utc(local)))
    })
}

/// The local time of year, month, day, hour, minute, and microseconds within the minute: 60 whole seconds are the next minute.
fn local(parts: &[i64], micros: i64) -> Option<i64> {
    let [year, month, day, hour, minute] = parts else { return None };
    let in_range = (0..24).contains(hour) && (0..60).contains(minute);
    let there = in_range && (0..=MINUTE_MICROS).contains(&micros);
    let day = Civil::checked(*year, *month, *day).filter(|_| there)?;
    joined(day.days(), hour * HOUR_MICROS + minute * MINUTE_MICROS + micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_are_no_time_give_nothing() {
        assert_eq!(local(&[1970, 1, 1, 0, 1], 45_887_000), Some(105_887_000));
        assert_eq!(local(&[1970, 1, 1, 23, 59], MINUTE_MICROS), Some(24 * HOUR_MICROS));
        for (parts, micros) in [
            ([1970, 1, 1, 0, 0], MINUTE_MICROS + 1),
            ([1970, 1, 1, 0, 0], -1),
            ([1970, 1, 1, 24, 0], 0),
            ([1970, 1, 1, 0, 60], 0),
            ([1970, 2, 30, 0, 0], 0),
        ] {
            assert_eq!(local(&parts, micros), None, "{parts:?} {micros}");
        }
    }
}
