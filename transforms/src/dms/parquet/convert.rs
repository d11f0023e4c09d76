//! A column as it was written to a column as it is declared.
//!
//! DMS's types in Parquet are those of the user guide ("Parquet storage format"), but for booleans of PostgreSQL, which are texts
//! there as well. Whatever can be read only by way of its text is read as the same text of a CSV object would be.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::{CastOptions, can_cast_types, cast, cast_with_options};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::arrow::error::ArrowError;

use crate::dms::csv::split::Field;
use crate::dms::csv::value::ColumnReader;
use crate::dms::csv::{ColumnSpec, Fault};

/// How a column is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// No value is lost, whichever it is.
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
            (from, to) if text(from) && text(to) && !spec.trim_blanks => Self::Exact,
            (from, _) if text(from) => Self::Text,
            (from, to) if bytes(from) && *to == T::Binary => Self::Exact,
            // Written by others than DMS, without the mark that it is text.
            (from, to) if bytes(from) && text(to) && !spec.trim_blanks => Self::Checked,
            (T::Boolean, T::Boolean) | (T::Date32, T::Date32) | (T::Float32, T::Float64) => {
                Self::Exact
            }
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
                TimeUnit::Microsecond if spec.fraction_digits >= 6 => Self::Exact,
                TimeUnit::Second => Self::Checked,
                TimeUnit::Millisecond if spec.fraction_digits >= 3 => Self::Checked,
                _ => Self::Text,
            },
            (T::Date32, T::Timestamp(TimeUnit::Microsecond, None)) => Self::Checked,
            (T::Time32(_) | T::Time64(_), T::Time64(TimeUnit::Microsecond)) => Self::Text,
            (from, to) if text(to) && (whole(from) || from.is_decimal()) => Self::Text,
            (T::Boolean | T::Date32, to) if text(to) => Self::Text,
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
        if values.null_count() != array.null_count() {
            return by_text(&array, spec);
        }
        Ok(Converted { values, faults: Vec::new() })
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
        return Err(ArrowError::NotYetImplemented(format!("a column of type {}", spec.data_type)));
    };
    let bytes = matches!(
        array.data_type(),
        DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_)
    );
    let texts = cast(array, if bytes { &DataType::Binary } else { &DataType::Utf8 })?;
    let mut faults = Vec::new();
    for row in 0..rows {
        if texts.is_null(row) {
            reader.append_null();
            continue;
        }
        let text = match bytes {
            true => texts.as_binary::<i32>().value(row),
            false => texts.as_string::<i32>().value(row).as_bytes(),
        };
        // As if it were quoted: what is NULL has been told.
        if let Err(fault) = reader.read(Field { text, quoted: true }, None) {
            reader.append_null();
            faults.push((row, fault));
        }
    }
    Ok(Converted { values: reader.finish(), faults })
}

/// Whether the engine can print values of a type, so that rows which are set aside can be shown.
pub(super) fn is_printable(data_type: &DataType) -> bool {
    can_cast_types(data_type, &DataType::Utf8)
}
