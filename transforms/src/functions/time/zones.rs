//! Timestamps of other time zones: `from_utc_timestamp`, `to_utc_timestamp`, `convert_timezone`
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#from_utc_timestamp>). The session's time zone is UTC.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::TimestampMicrosecondType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::super::told::Told;
use super::cache::Cache;
use super::function::{Columns, TEXT, TIMESTAMP, at, function, text_at, try_column};
use super::zone::Zone;

const TIMESTAMP_AND_ZONE: &[Kind] = &[Kind::Timestamp, Kind::Text];

pub(super) const CALLS: &[Call] = &[
    Call::new("from_utc_timestamp", TIMESTAMP_AND_ZONE),
    Call::new("to_utc_timestamp", TIMESTAMP_AND_ZONE),
    Call::new("convert_timezone", &[Kind::Text, Kind::Text, Kind::Timestamp]),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        function("from_utc_timestamp", &[&[TIMESTAMP, TEXT]], TIMESTAMP, |columns| {
            moved(columns, Zone::to_local)
        }),
        function("to_utc_timestamp", &[&[TIMESTAMP, TEXT]], TIMESTAMP, |columns| {
            moved(columns, Zone::to_utc)
        }),
        function("convert_timezone", &[&[TEXT, TEXT, TIMESTAMP]], TIMESTAMP, convert),
    ]
}

/// Zones by name.
///
/// # Errors
/// A name that is none. It is not told, since it may be a value of the data.
pub(super) fn zones() -> Cache<Zone, DataFusionError> {
    Cache::new(|name| {
        Zone::named(name).ok_or_else(|| {
            Told::error("there is no such time zone; write it as `Europe/Berlin` or `+02:00`")
        })
    })
}

fn moved(columns: &Columns, to: fn(Zone, i64) -> Option<i64>) -> Result<ArrayRef> {
    let (timestamps, names, mut zones) = (columns.timestamps(0)?, columns.texts(1)?, zones());
    try_column::<TimestampMicrosecondType>(columns.rows(), |row| {
        let Some((micros, name)) = at(timestamps, row).zip(text_at(names, row)) else {
            return Ok(None);
        };
        Ok(to(*zones.get(name)?, micros))
    })
}

fn convert(columns: &Columns) -> Result<ArrayRef> {
    let (from, to, timestamps) = (columns.texts(0)?, columns.texts(1)?, columns.timestamps(2)?);
    let (mut from_zones, mut to_zones) = (zones(), zones());
    try_column::<TimestampMicrosecondType>(columns.rows(), |row| {
        let names = text_at(from, row).zip(text_at(to, row));
        let Some((micros, (from, to))) = at(timestamps, row).zip(names) else { return Ok(None) };
        let (from, to) = (*from_zones.get(from)?, *to_zones.get(to)?);
        Ok(from.to_utc(micros).and_then(|utc| to.to_local(utc)))
    })
}
