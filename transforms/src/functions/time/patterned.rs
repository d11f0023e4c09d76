//! Texts by patterns: `date_format`, `to_date`, `to_timestamp`, `unix_timestamp`, `from_unixtime`
//! (<https://spark.apache.org/docs/3.5.6/sql-ref-datetime-pattern.html>).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ScalarUDF;

use super::super::call::{Call, Kind};
use super::super::told::Told;
use super::cache::Cache;
use super::calendar::{DAY_MICROS, SECOND_MICROS};
use super::function::{
    Columns, DATE, LONG, TEXT, TIMESTAMP, at, function, function_of_any, text_at, try_column,
    try_texts,
};
use super::pattern::{Pattern, PatternError};

/// The pattern of `unix_timestamp` and `from_unixtime` where none is given.
pub(crate) const DEFAULT: &str = "yyyy-MM-dd HH:mm:ss";

const TEMPORAL_AND_TEXT: &[Kind] = &[Kind::Temporal, Kind::Text];

pub(super) const CALLS: &[Call] = &[
    // DataFusion has `date_format` as another name of its `to_char`.
    Call::to("date_format", "unglue_date_format", &[Kind::Timestamp, Kind::Text]),
    Call::new("from_unixtime", &[Kind::Long, Kind::Text]),
    Call::new("to_timestamp", TEMPORAL_AND_TEXT),
    Call::to("to_timestamp_ltz", "to_timestamp", TEMPORAL_AND_TEXT),
    Call::to("to_timestamp_ntz", "to_timestamp", TEMPORAL_AND_TEXT),
    Call::to("try_to_timestamp", "to_timestamp", TEMPORAL_AND_TEXT),
    Call::new("to_date", TEMPORAL_AND_TEXT),
    Call::new("unix_timestamp", TEMPORAL_AND_TEXT),
    Call::to("to_unix_timestamp", "unix_timestamp", TEMPORAL_AND_TEXT),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        function("unglue_date_format", &[&[TIMESTAMP, TEXT]], TEXT, |columns| {
            formatted(columns, |columns, row| Ok(at(columns.timestamps(0)?, row)))
        }),
        function("from_unixtime", &[&[LONG, TEXT]], TEXT, |columns| {
            formatted(columns, |columns, row| {
                Ok(at(columns.longs(0)?, row).map(|seconds| seconds.wrapping_mul(SECOND_MICROS)))
            })
        }),
        function_of_any("to_timestamp", &[2], TIMESTAMP, |columns| {
            let parsed = Parsed::of(columns)?;
            try_column::<TimestampMicrosecondType>(columns.rows(), parsed.rows())
        }),
        function_of_any("to_date", &[2], DATE, |columns| {
            let mut micros = Parsed::of(columns)?.rows();
            try_column::<Date32Type>(columns.rows(), |row| {
                let days = micros(row)?.map(|micros| micros.div_euclid(DAY_MICROS));
                days.map(|days| i32::try_from(days).map_err(|_| too_far())).transpose()
            })
        }),
        function_of_any("unix_timestamp", &[2], LONG, |columns| {
            let mut micros = Parsed::of(columns)?.rows();
            // A fraction is cut off, before 1970 as well, unlike by `unix_seconds`.
            try_column::<Int64Type>(columns.rows(), |row| {
                Ok(micros(row)?.map(|micros| micros / SECOND_MICROS))
            })
        }),
    ]
}

fn too_far() -> DataFusionError {
    Told::error("a timestamp is beyond the range of dates")
}

/// The error of a pattern: that one is told where it is written in the SQL, the text is not.
fn told(columns: &Columns, pattern: &str, error: &PatternError) -> DataFusionError {
    Told::error(said(columns.is_literal(1).then_some(pattern), error))
}

fn said(pattern: Option<&str>, error: &PatternError) -> String {
    let named = pattern.map(|pattern| format!(" `{pattern}`")).unwrap_or_default();
    format!("the pattern{named} of dates and times: {error}")
}

/// Why a pattern is refused, whatever it is to write or read.
pub(in crate::functions) fn fault_of_pattern(pattern: &str, reads: bool) -> Option<String> {
    let read = if reads { Pattern::to_parse(pattern) } else { Pattern::to_format(pattern) };
    read.err().map(|error| said(Some(pattern), &error))
}

fn formatted(
    columns: &Columns,
    micros: fn(&Columns, usize) -> Result<Option<i64>>,
) -> Result<ArrayRef> {
    let patterns = columns.texts(1)?;
    let mut known = Cache::new(Pattern::to_format);
    try_texts(columns.rows(), |row, out| {
        let Some((micros, pattern)) = micros(columns, row)?.zip(text_at(patterns, row)) else {
            return Ok(None);
        };
        known.get(pattern).map_err(|error| told(columns, pattern, &error))?.format(micros, out);
        Ok(Some(()))
    })
}

/// What is read with a pattern: text. Dates and timestamps are what they are, and the pattern is not looked at.
enum Parsed<'a> {
    Texts(&'a Columns),
    Timestamps(ArrayRef),
}

impl<'a> Parsed<'a> {
    fn of(columns: &'a Columns) -> Result<Self> {
        let values = columns.array(0)?;
        Ok(match values.data_type() {
            DataType::Utf8 => Self::Texts(columns),
            _ => Self::Timestamps(cast(values, &TIMESTAMP)?),
        })
    }

    /// The timestamp of each row.
    fn rows(self) -> impl FnMut(usize) -> Result<Option<i64>> + 'a {
        let mut known = Cache::new(Pattern::to_parse);
        move |row| match &self {
            Self::Timestamps(values) => {
                Ok(at(values.as_primitive::<TimestampMicrosecondType>(), row))
            }
            Self::Texts(columns) => {
                let (texts, patterns) = (columns.texts(0)?, columns.texts(1)?);
                let Some((text, pattern)) = text_at(texts, row).zip(text_at(patterns, row)) else {
                    return Ok(None);
                };
                let micros = known.get(pattern).and_then(|known| known.parse(text));
                micros.map_err(|error| told(columns, pattern, &error))
            }
        }
    }
}
