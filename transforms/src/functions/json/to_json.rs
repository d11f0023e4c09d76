//! `to_json` (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#to_json>): fields that are NULL are left out.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine;
use chrono::DateTime;
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::value::{put_number, put_text};
use crate::functions::conversion::to_text;
use crate::functions::java_number::put_float;
use crate::functions::scalar::{Arguments, Scalar};

/// The function of this file: `unglue_to_json(value, 'true' | 'false')`; the second tells whether fields that are NULL are left out.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Scalar::of("unglue_to_json", 2..=2, gives, to_json)]
}

fn gives(types: &[DataType], _: &[Option<&ScalarValue>]) -> Result<DataType> {
    match types.first() {
        Some(DataType::Struct(_) | DataType::List(_) | DataType::Map(..) | DataType::Null) => {
            Ok(DataType::Utf8)
        }
        Some(other) => plan_err!("to_json: takes a struct, an array or a map, and not {other}"),
        None => plan_err!("to_json: takes a value"),
    }
}

fn to_json(arguments: &Arguments) -> Result<ArrayRef> {
    let column = arguments.column(0)?;
    let ignore = arguments.texts(1)?.get(0) != Some("false");
    let writer = Writer { ignore };
    arguments.try_write(|row, out| {
        let row = column.at(row);
        if column.array().is_null(row) || *column.array().data_type() == DataType::Null {
            return Ok(None);
        }
        writer.put(column.array(), row, out)?;
        Ok(Some(()))
    })
}

#[derive(Debug, Clone, Copy)]
struct Writer {
    ignore: bool,
}

impl Writer {
    fn put(self, array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
        if array.is_null(row) || *array.data_type() == DataType::Null {
            out.push_str("null");
            return Ok(());
        }
        match array.data_type() {
            DataType::Struct(fields) => {
                out.push('{');
                let mut first = true;
                for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                    if self.ignore && (column.is_null(row) || *column.data_type() == DataType::Null)
                    {
                        continue;
                    }
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    put_text(field.name(), out);
                    out.push(':');
                    self.put(column, row, out)?;
                }
                out.push('}');
            }
            DataType::List(_) => {
                let items = array.as_list::<i32>().value(row);
                out.push('[');
                for item in 0..items.len() {
                    if item > 0 {
                        out.push(',');
                    }
                    self.put(&items, item, out)?;
                }
                out.push(']');
            }
            DataType::Map(..) => self.put_map(array, row, out)?,
            _ => put_scalar(array, row, out)?,
        }
        Ok(())
    }

    /// Values that are NULL stay in a map.
    fn put_map(self, array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
        let entries = array.as_map().value(row);
        let (keys, values) = (entries.column(0), entries.column(1));
        let names = match keys.data_type() {
            // Spark writes days and microseconds here.
            DataType::Date32 => {
                to_text(&datafusion::arrow::compute::cast(keys, &DataType::Int32)?)?
            }
            DataType::Timestamp(..) => {
                to_text(&datafusion::arrow::compute::cast(keys, &DataType::Int64)?)?
            }
            DataType::Utf8 => keys.as_string::<i32>().clone(),
            other if other.is_nested() => {
                return plan_err!("to_json: keys of a map that are {other} are not supported");
            }
            _ => to_text(keys)?,
        };
        out.push('{');
        for entry in 0..entries.len() {
            if entry > 0 {
                out.push(',');
            }
            put_text(names.value(entry), out);
            out.push(':');
            self.put(values, entry, out)?;
        }
        out.push('}');
        Ok(())
    }
}

/// A value that has no parts.
fn put_scalar(array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
    match array.data_type() {
        DataType::Utf8 => put_text(array.as_string::<i32>().value(row), out),
        DataType::Float64 => {
            put_number(array.as_primitive::<Float64Type>().value(row), out);
        }
        DataType::Float32 => {
            let number = array.as_primitive::<Float32Type>().value(row);
            if number.is_finite() {
                put_float(number, out);
            } else {
                put_number(f64::from(number), out);
            }
        }
        DataType::Binary => {
            let bytes = array.as_binary::<i32>().value(row);
            out.push('"');
            base64::engine::general_purpose::STANDARD.encode_string(bytes, out);
            out.push('"');
        }
        DataType::Date32 => {
            out.push('"');
            out.push_str(to_text(&array.slice(row, 1))?.value(0));
            out.push('"');
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let Some(time) = DateTime::from_timestamp_micros(micros) else {
                return plan_err!("to_json: a timestamp beyond what can be written");
            };
            let _written = write!(out, "\"{}Z\"", time.format("%Y-%m-%dT%H:%M:%S%.3f"));
        }
        DataType::Decimal128(_, scale) => {
            put_decimal(array.as_primitive::<Decimal128Type>().value(row), *scale, out);
        }
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => out.push_str(to_text(&array.slice(row, 1))?.value(0)),
        other => return plan_err!("to_json: a value of type {other} is not written"),
    }
    Ok(())
}

/// A decimal as Java's `BigDecimal.toString` writes it: with an exponent where it has more than six zeros behind the point.
fn put_decimal(value: i128, scale: i8, out: &mut String) {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "-" } else { "" };
    let scale = usize::try_from(scale).unwrap_or(0);
    let zeros = (scale + 1).saturating_sub(digits.len());
    if zeros > 6 && digits.len() <= scale {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent = scale + 1 - digits.len();
        let _written = write!(out, "{sign}{first}{point}{rest}E-{exponent}");
        return;
    }
    let padded = format!("{}{digits}", "0".repeat(zeros));
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let point = if fraction.is_empty() { "" } else { "." };
    let _written = write!(out, "{sign}{whole}{point}{fraction}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_as_java_writes_them() {
        for (value, scale, expected) in [
            (150, 2, "1.50"),
            (-5, 2, "-0.05"),
            (1000, 0, "1000"),
            (1, 7, "1E-7"),
            (12, 8, "1.2E-7"),
            (0, 2, "0.00"),
            (1, 6, "0.000001"),
        ] {
            let mut out = String::new();
            put_decimal(value, scale, &mut out);
            assert_eq!(out, expected);
        }
    }
}
