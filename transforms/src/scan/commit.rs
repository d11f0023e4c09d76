//! When a change was committed at the source, as far as its row tells.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray, new_null_array};
use datafusion::arrow::compute::{CastOptions, can_cast_types, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::arrow::error::ArrowError;

use crate::dms::csv::same_name;
use crate::source::Source;

/// Names that columns of rules are often given which hold `$AR_H_COMMIT_TIMESTAMP` or `$AR_H_TIMESTAMP` (DMS guide, "Using
/// transformation rule expressions").
const HEADERS: [&str; 2] = ["ar_h_commit_timestamp", "ar_h_timestamp"];

/// The column that tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Commits {
    /// Of the source; behind [`Self::at`] a place among the decoded columns.
    pub(super) place: usize,
    /// It is a change sequence, which begins with the time.
    is_sequence: bool,
}

impl Commits {
    pub(super) const TYPE: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

    /// The column of a source: `TimestampColumnName`, else one that is named as DMS's own, else the change sequence.
    pub(super) fn of(source: &Source) -> Option<Self> {
        let named = |name: &str| {
            let is_it = |field: &Arc<Field>| same_name(field.name().trim_start_matches('$'), name);
            source.schema.fields().iter().position(is_it)
        };
        let times = source.commit_column().or_else(|| HEADERS.iter().find_map(|name| named(name)));
        let times = times.map(|place| Self { place, is_sequence: false });
        times.or_else(|| source.change_sequence.map(|place| Self { place, is_sequence: true }))
    }

    /// The same among other columns.
    pub(super) fn at(self, place: impl FnOnce(usize) -> usize) -> Self {
        Self { place: place(self.place), ..self }
    }

    /// The times of decoded rows; NULL where there is none that can be read.
    pub(super) fn times(&self, columns: &[ArrayRef]) -> Result<ArrayRef, ArrowError> {
        let missing = || ArrowError::ComputeError("a column was not decoded".to_owned());
        let column = columns.get(self.place).ok_or_else(missing)?;
        match column.as_string_opt::<i32>().filter(|_| self.is_sequence) {
            // A column of such a name may be declared as anything, such as a TIME.
            None if !can_cast_types(column.data_type(), &Self::TYPE) => {
                Ok(new_null_array(&Self::TYPE, column.len()))
            }
            None => cast_with_options(
                column,
                &Self::TYPE,
                &CastOptions { safe: true, ..CastOptions::default() },
            ),
            Some(texts) => {
                let times = texts.iter().map(|text| text.and_then(time_of_sequence));
                Ok(Arc::new(times.collect::<TimestampMicrosecondArray>()))
            }
        }
    }
}

/// The time in a change sequence, in microseconds since 1970: its first 16 digits are `YYYYMMDDHHmmSShh`, in UTC.
fn time_of_sequence(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let day =
        NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(4, 6)?, number(6, 8)?)?;
    let milliseconds = number(14, 16)? * 10;
    let time =
        day.and_hms_milli_opt(number(8, 10)?, number(10, 12)?, number(12, 14)?, milliseconds)?;
    Some(time.and_utc().timestamp_micros())
}

/// The source with its `TimestampColumnName`, if that is not declared, as one more column, of text: what stands there is no reason
/// to refuse a row.
pub(super) fn with_commit_column(source: &Arc<Source>) -> Arc<Source> {
    let Some(name) = &source.settings.timestamp_column_name else { return Arc::clone(source) };
    if source.commit_column().is_some() {
        return Arc::clone(source);
    }
    let stamp = Arc::new(Field::new(name, DataType::Utf8, true));
    let fields = source.schema.fields().iter().cloned().chain([stamp]);
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    Arc::new(Source { schema, ..Source::clone(source) })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        Array, BinaryArray, BooleanArray, Date32Array, StringArray, Time64MicrosecondArray,
    };

    use super::*;

    #[test]
    fn a_column_that_can_hold_no_time_tells_none() {
        let commits = Commits { place: 0, is_sequence: false };
        let columns: [(ArrayRef, bool); 5] = [
            (Arc::new(Time64MicrosecondArray::from(vec![1, 2])), false),
            (Arc::new(BinaryArray::from_vec(vec![b"2026-01-02", b"x"])), false),
            (Arc::new(BooleanArray::from(vec![true, false])), false),
            (Arc::new(StringArray::from(vec!["2026-01-02 03:04:05", "x"])), true),
            (Arc::new(Date32Array::from(vec![Some(1), None])), true),
        ];
        for (column, is_told) in columns {
            let of = column.data_type().clone();
            let times = commits.times(&[column]).unwrap();
            assert_eq!((times.data_type(), times.len()), (&Commits::TYPE, 2), "{of}");
            assert_eq!([times.is_valid(0), times.is_valid(1)], [is_told, false], "{of}");
        }
    }

    #[test]
    fn a_change_sequence_begins_with_its_time() {
        let behind = "0000000000000000001";
        for (digits, micros) in [
            ("1970010100000001", Some(10_000)),
            ("2026010203040506", Some(1_767_323_045_060_000)),
            ("2026130203040506", None),
            ("0000000000000000", None),
        ] {
            assert_eq!(time_of_sequence(&format!("{digits}{behind}")), micros, "{digits}");
        }
    }
}
