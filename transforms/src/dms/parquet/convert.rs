//! A column as it was written to a column as it is declared.
//!
//! DMS's types in Parquet are those of the user guide ("Parquet storage format"), but for booleans of PostgreSQL, which are texts
//! there as well. Whatever can be read only by way of its text is read as the same text of a CSV object would be.

use std::fmt::Write;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::{CastOptions, cast, cast_with_options, max, min};
use datafusion::arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::dms::csv::split::Field;
use crate::dms::csv::value::ColumnReader;
use crate::dms::csv::{ColumnSpec, Fault, time};
use crate::functions::sql_type;

/// How a column is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// Every value is one of the declared type (a whole number may be rounded to a floating-point one, as in CSV).
    Exact,
    /// A value that does not fit becomes a fault.
    Checked,
    /// Each value is written as text and read as in CSV.
    Text,
}

/// A converted column.
pub(super) struct Converted {
    /// Of the declared type; NULL in place of values that cannot be taken.
    pub(super) values: ArrayRef,
    /// Those: row and reason, in the order of the rows.
    pub(super) faults: Vec<(usize, Fault)>,
}

impl Conversion {
    /// None if values of the one type are not those of the other: a declaration that is wrong.
    pub(super) fn of(from: &DataType, spec: &ColumnSpec) -> Option<Self> {
        use DataType as T;
        let to = &spec.data_type;
        let whole = |data_type: &T| data_type.is_integer();
        let text = |data_type: &T| matches!(data_type, T::Utf8 | T::LargeUtf8 | T::Utf8View);
        let bytes = |data_type: &T| {
            matches!(data_type, T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_))
        };
        Some(match (from, to) {
            (T::Dictionary(_, values), _) => return Self::of(values, spec),
            // No value at all.
            (T::Null, _) => Self::Exact,
            (from, to) if text(from) && text(to) && !spec.trim_blanks => Self::Exact,
            (from, _) if text(from) => Self::Text,
            (from, to) if bytes(from) && *to == T::Binary => Self::Exact,
            // Written by others than DMS, without the mark that it is text.
            (T::FixedSizeBinary(_), to) if text(to) => Self::Text,
            (from, to) if bytes(from) && text(to) => match spec.trim_blanks {
                true => Self::Text,
                false => Self::Checked,
            },
            // In their years; others are told.
            (T::Date32, T::Date32) => Self::Checked,
            (T::Boolean, T::Boolean) | (T::Float32, T::Float64) => Self::Exact,
            // MySQL's TINYINT(1).
            (from, T::Boolean) if whole(from) => Self::Text,
            (T::Float32, T::Float32) | (T::Float64, T::Float64) => Self::Exact,
            (T::Float64, T::Float32) => Self::Text,
            (from, to) if whole(from) && whole(to) => {
                if from == to {
                    Self::Exact
                } else {
                    Self::Checked
                }
            }
            (from, to) if whole(from) && to.is_floating() => Self::Exact,
            (from, to) if whole(from) && to.is_decimal() => Self::Checked,
            (from, to) if from.is_decimal() && to.is_decimal() => {
                match (digits(from), digits(to)) {
                    (Some((p, s)), Some((to_p, to_s))) if to_s == s && to_p >= p => Self::Exact,
                    (Some((_, s)), Some((_, to_s))) if to_s >= s => Self::Checked,
                    // Digits that are not zeros must not be cut off.
                    _ => Self::Text,
                }
            }
            (from, to) if from.is_decimal() && (whole(to) || to.is_floating()) => Self::Text,
            (T::Timestamp(unit, _), T::Timestamp(TimeUnit::Microsecond, None)) => match unit {
                TimeUnit::Microsecond if spec.fraction_digits >= 6 => Self::Checked,
                TimeUnit::Second => Self::Checked,
                TimeUnit::Millisecond if spec.fraction_digits >= 3 => Self::Checked,
                _ => Self::Text,
            },
            (T::Date32, T::Timestamp(TimeUnit::Microsecond, None)) => Self::Checked,
            // Oracle's DATE has a time of day.
            (T::Timestamp(..), T::Date32) => Self::Text,
            (T::Time32(_) | T::Time64(_), T::Time64(TimeUnit::Microsecond)) => Self::Text,
            (from, to) if text(to) && (whole(from) || from.is_decimal()) => Self::Text,
            // As CSV has them: what is added at the source is a text here.
            (T::Boolean | T::Date32 | T::Timestamp(..) | T::Time32(_) | T::Time64(_), to)
                if text(to) =>
            {
                Self::Text
            }
            (T::Float32 | T::Float64, to) if text(to) => Self::Text,
            _ => return None,
        })
    }

    /// Converts a column.
    ///
    /// # Errors
    /// Only what the engine could not do at all.
    pub(super) fn convert(
        self,
        array: &ArrayRef,
        spec: &ColumnSpec,
    ) -> Result<Converted, ArrowError> {
        let array = plain(array)?;
        if self == Self::Text {
            return by_text(&array, spec);
        }
        let options = CastOptions { safe: true, ..CastOptions::default() };
        let values = cast_with_options(&array, &spec.data_type, &options)?;
        // What does not fit has become NULL.
        if values.null_count() != array.logical_null_count() || !is_in_years(&values) {
            return by_text(&array, spec);
        }
        Ok(Converted { values, faults: Vec::new() })
    }
}

/// Whether all days and moments are in the years that CSV's are read in, 1 to 9999.
fn is_in_years(values: &ArrayRef) -> bool {
    match values.data_type() {
        DataType::Date32 => {
            let days = values.as_primitive::<Date32Type>();
            min(days).is_none_or(|day| day >= time::FIRST_DAY)
                && max(days).is_none_or(|day| day < time::END_DAY)
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let moments = values.as_primitive::<TimestampMicrosecondType>();
            min(moments).is_none_or(|moment| moment >= time::FIRST_MICROS)
                && max(moments).is_none_or(|moment| moment < time::END_MICROS)
        }
        _ => true,
    }
}

/// Digits in all and behind the point.
fn digits(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

/// The same values without a dictionary, and moments without the zone that they are shown in: they are UTC.
fn plain(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Dictionary(_, values) => plain(&cast(array, values)?),
        DataType::Timestamp(unit, Some(_)) => cast(array, &DataType::Timestamp(*unit, None)),
        _ => Ok(std::sync::Arc::clone(array)),
    }
}

fn by_text(array: &ArrayRef, spec: &ColumnSpec) -> Result<Converted, ArrowError> {
    let rows = array.len();
    let Some(mut reader) = ColumnReader::new(spec, true, true, rows) else {
        return Err(ArrowError::NotYetImplemented(format!(
            "a column of type {}",
            sql_type(&spec.data_type)
        )));
    };
    let bytes = matches!(
        array.data_type(),
        DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_)
    );
    let raw = if bytes { Some(cast(array, &DataType::Binary)?) } else { None };
    let printer = ArrayFormatter::try_new(array.as_ref(), &PRINTED)?;
    let (mut faults, mut text) = (Vec::new(), String::new());
    for row in 0..rows {
        if array.is_null(row) {
            reader.append_null();
            continue;
        }
        text.clear();
        let read = match &raw {
            Some(raw) => reader.read(quoted(raw.as_binary::<i32>().value(row)), None),
            // The formatter's error would tell the value.
            None => match write!(text, "{}", printer.value(row)) {
                Ok(()) => reader.read(quoted(text.as_bytes()), None),
                Err(_) => Err(Fault::OutOfRange("its type")),
            },
        };
        if let Err(fault) = read {
            reader.append_null();
            faults.push((row, fault));
        }
    }
    Ok(Converted { values: reader.finish(), faults })
}

/// As if it were quoted: what is NULL has been told.
fn quoted(text: &[u8]) -> Field<'_> {
    Field { text, quoted: true }
}

/// Values as DMS writes them in CSV.
const PRINTED: FormatOptions<'static> = FormatOptions::new()
    .with_display_error(false)
    .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.6f"))
    .with_time_format(Some("%H:%M:%S%.6f"));

/// A row of some columns as CSV; `?` for a value that cannot be printed.
pub(super) fn printed(columns: &[ArrayRef], row: usize) -> Vec<u8> {
    let fields = columns.iter().map(|column| {
        let mut text = String::new();
        let printed = ArrayFormatter::try_new(column.as_ref(), &PRINTED)
            .map(|printer| write!(text, "{}", printer.value(row)));
        if !matches!(printed, Ok(Ok(()))) {
            return "?".to_owned();
        }
        let is_text =
            matches!(column.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        // Texts are told from NULL, which is empty.
        if is_text
            && !column.is_null(row)
            && (text.is_empty() || text.contains([',', '"', '\r', '\n']))
        {
            return format!("\"{}\"", text.replace('"', "\"\""));
        }
        text
    });
    fields.collect::<Vec<_>>().join(",").into_bytes()
}

#[cfg(test)]
pub(super) mod tests;
