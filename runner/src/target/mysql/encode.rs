//! The one encoder of values: arrow cells as parameters of prepared statements and as fields of `LOAD DATA`.
//!
//! Both go through [`Cell`], so a value is the same whichever way it takes. What the server would change without a word (a
//! padded BINARY, a rounded second, an ENUM matched without regard to case) is refused here.

use chrono::{Datelike, NaiveDate};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Decimal256Type, DecimalType,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use mysql_async::Value;

use crate::error::{Error, Result};
use crate::target::ColumnDef;
use crate::target::culprit::Culprit;
use crate::target::mysql::document;
use crate::target::mysql::types::{FRACTION_MAX, SqlType};
use crate::target::name::TableName;

const MICROS_OF_SECOND: i64 = 1_000_000;
const MICROS_OF_DAY: i64 = 24 * 60 * 60 * MICROS_OF_SECOND;
const HEX: &[u8; 16] = b"0123456789abcdef";
/// NULL as a field of `LOAD DATA`.
const NULL: &[u8] = b"\\N";

/// A column of a table that is written to.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    form: Form,
}

/// What the column's type does to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Takes the value as it is.
    Plain,
    /// Takes bytes, which go through `LOAD DATA` in hexadecimal, up to the given number or exactly that.
    Bytes { exactly: Option<usize> },
    /// Takes a number that `LOAD DATA` would read as characters.
    Bit,
    /// Drops trailing blanks.
    Char,
    /// Takes one of these texts, and others that look like one of them.
    Enum(Vec<String>),
    /// Keeps so many digits of a second and rounds.
    Fraction(u32),
    /// Makes a DOUBLE of most numbers in a document.
    Document,
}

impl Column {
    /// The column of an existing table that takes a field's values.
    pub(super) fn new(def: &ColumnDef) -> Self {
        let sql = SqlType::parse(&def.sql_type);
        let form = match sql.name.as_str() {
            "BINARY" => Form::Bytes {
                exactly: sql.length().and_then(|length| usize::try_from(length).ok()),
            },
            "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => {
                Form::Bytes { exactly: None }
            }
            "BIT" => Form::Bit,
            "CHAR" => Form::Char,
            "JSON" => Form::Document,
            "ENUM" => Form::Enum(members(&def.sql_type)),
            "DATETIME" | "TIMESTAMP" | "TIME" => Form::Fraction(sql.argument().unwrap_or(0)),
            _ => Form::Plain,
        };
        Self { name: def.name.clone(), form }
    }

    /// The expression by which `LOAD DATA` turns a field into the column's value; `None` if it takes it as it is.
    pub(super) fn load_expression(&self, variable: &str) -> Option<String> {
        match self.form {
            Form::Bytes { .. } => Some(format!("UNHEX({variable})")),
            Form::Bit => Some(format!("CAST({variable} AS UNSIGNED)")),
            Form::Plain | Form::Char | Form::Enum(_) | Form::Fraction(_) | Form::Document => None,
        }
    }

    /// The values of a column of rows as fields of `LOAD DATA`.
    pub(super) fn fields<'a>(&'a self, array: &'a dyn Array) -> Fields<'a> {
        let is_taken_as_it_is = matches!(self.form, Form::Plain | Form::Fraction(FRACTION_MAX));
        let write = if is_taken_as_it_is { direct(array) } else { None };
        Fields { column: self, array, write }
    }

    fn write_field(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let cell = self.cell(array, row)?;
        match (&self.form, cell) {
            (Form::Bytes { .. }, Cell::Bytes(bytes)) => write_hex(bytes, out),
            (_, cell) => cell.write(out),
        }
        Ok(())
    }

    /// The value as a parameter.
    pub(super) fn parameter(
        &self,
        batch: &RecordBatch,
        column: usize,
        row: usize,
    ) -> Result<Value> {
        Ok(self.cell(batch.column(column).as_ref(), row)?.into_value())
    }

    /// Names the row whose value was refused.
    pub(super) fn blame(
        &self,
        error: Error,
        table: &TableName,
        batch: &RecordBatch,
        row: usize,
    ) -> Error {
        let column = Some(self.name.clone());
        error.blaming(Culprit { column, ..Culprit::new(table, batch.slice(row, 1)) })
    }

    fn cell<'a>(&self, array: &'a dyn Array, row: usize) -> Result<Cell<'a>> {
        let cell = Cell::of(array, row).map_err(|reason| self.refused(reason))?;
        match self.objection(&cell) {
            None => Ok(cell),
            Some(reason) => Err(self.refused(reason)),
        }
    }

    fn objection(&self, cell: &Cell<'_>) -> Option<&'static str> {
        match (&self.form, cell) {
            (Form::Bytes { exactly: Some(length) }, Cell::Bytes(bytes))
                if bytes.len() != *length =>
            {
                Some(
                    "holds a value of another length than its BINARY column, which would be padded or cut",
                )
            }
            (Form::Char, Cell::Text(text)) if text.ends_with(' ') => {
                Some("holds a value with trailing blanks, which a CHAR column drops")
            }
            (Form::Enum(members), Cell::Text(text))
                if !members.iter().any(|member| member == text) =>
            {
                Some("holds a value that is not in its ENUM column's list")
            }
            (Form::Document, Cell::Text(text)) if !document::keeps_numbers(text) => {
                Some("holds a document with a number of more digits than MySQL's JSON keeps")
            }
            (Form::Fraction(digits), Cell::Moment { micros, .. } | Cell::Time(micros)) => {
                let unit = 10_i64.pow(FRACTION_MAX.saturating_sub(*digits));
                (micros % unit != 0)
                    .then_some("holds a value with more digits of a second than its column")
            }
            _ => None,
        }
    }

    fn refused(&self, reason: &str) -> Error {
        Error::refused(format!("column `{}` {reason}", self.name))
            .hint("change the model or the table's column")
    }
}

/// Writes a value; never asked for NULL.
type Write<'a> =
    Box<dyn Fn(usize, &mut Vec<u8>) -> std::result::Result<(), &'static str> + Send + 'a>;

/// The values of a column of rows as fields of `LOAD DATA`: what depends on the column alone is decided once, and most values
/// take a way without [`Cell`], on which nothing is allocated.
pub(super) struct Fields<'a> {
    column: &'a Column,
    array: &'a dyn Array,
    write: Option<Write<'a>>,
}

impl Fields<'_> {
    /// Appends a row's field.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        match &self.write {
            None => self.column.write_field(self.array, row, out),
            Some(_) if self.array.is_null(row) => {
                out.extend_from_slice(NULL);
                Ok(())
            }
            Some(write) => write(row, out).map_err(|reason| self.column.refused(reason)),
        }
    }
}

/// The same text as [`Cell::write`] gives, for the types of which there is much.
fn direct(array: &dyn Array) -> Option<Write<'_>> {
    fn whole<T>(array: &dyn Array) -> Write<'_>
    where
        T: ArrowPrimitiveType,
        T::Native: itoa::Integer,
    {
        let values = array.as_primitive::<T>().values();
        Box::new(move |row, out| {
            write_whole(values[row], out);
            Ok(())
        })
    }
    Some(match array.data_type() {
        DataType::Int8 => whole::<Int8Type>(array),
        DataType::Int16 => whole::<Int16Type>(array),
        DataType::Int32 => whole::<Int32Type>(array),
        DataType::Int64 => whole::<Int64Type>(array),
        DataType::UInt8 => whole::<UInt8Type>(array),
        DataType::UInt16 => whole::<UInt16Type>(array),
        DataType::UInt32 => whole::<UInt32Type>(array),
        DataType::UInt64 => whole::<UInt64Type>(array),
        DataType::Decimal128(_, scale) => {
            let scale = usize::try_from(*scale).ok()?;
            let values = array.as_primitive::<Decimal128Type>().values();
            Box::new(move |row, out| {
                write_decimal(values[row], scale, out);
                Ok(())
            })
        }
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            if has_special(values.value_data()) {
                return None;
            }
            Box::new(move |row, out| {
                out.extend_from_slice(values.value(row).as_bytes());
                Ok(())
            })
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>().values();
            Box::new(move |row, out| {
                write_date(date(i64::from(values[row]))?, out);
                Ok(())
            })
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let values = array.as_primitive::<TimestampMicrosecondType>().values();
            Box::new(move |row, out| {
                let micros = values[row];
                write_moment(
                    date(micros.div_euclid(MICROS_OF_DAY))?,
                    micros.rem_euclid(MICROS_OF_DAY),
                    out,
                );
                Ok(())
            })
        }
        _ => return None,
    })
}

/// The value of a literal in a filter.
///
/// # Errors
/// For a value that MySQL has no place for.
pub(super) fn parameter(array: &dyn Array) -> std::result::Result<Value, &'static str> {
    Ok(Cell::of(array, 0)?.into_value())
}

/// A value in the terms that MySQL knows.
#[derive(Debug, PartialEq)]
enum Cell<'a> {
    Null,
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Decimal(String),
    Text(&'a str),
    Bytes(&'a [u8]),
    Date(NaiveDate),
    Moment { date: NaiveDate, micros: i64 },
    Time(i64),
}

impl<'a> Cell<'a> {
    fn of(array: &'a dyn Array, row: usize) -> std::result::Result<Self, &'static str> {
        if array.is_null(row) {
            return Ok(Self::Null);
        }
        Ok(match array.data_type() {
            DataType::Boolean => Self::Signed(i64::from(array.as_boolean().value(row))),
            DataType::Int8 => Self::Signed(i64::from(array.as_primitive::<Int8Type>().value(row))),
            DataType::Int16 => {
                Self::Signed(i64::from(array.as_primitive::<Int16Type>().value(row)))
            }
            DataType::Int32 => {
                Self::Signed(i64::from(array.as_primitive::<Int32Type>().value(row)))
            }
            DataType::Int64 => Self::Signed(array.as_primitive::<Int64Type>().value(row)),
            DataType::UInt8 => {
                Self::Unsigned(u64::from(array.as_primitive::<UInt8Type>().value(row)))
            }
            DataType::UInt16 => {
                Self::Unsigned(u64::from(array.as_primitive::<UInt16Type>().value(row)))
            }
            DataType::UInt32 => {
                Self::Unsigned(u64::from(array.as_primitive::<UInt32Type>().value(row)))
            }
            DataType::UInt64 => Self::Unsigned(array.as_primitive::<UInt64Type>().value(row)),
            // Widened, not printed: the shortest text of the largest FLOAT is out of FLOAT's range.
            DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row)))?,
            DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row))?,
            DataType::Decimal128(precision, scale) => {
                let number = array.as_primitive::<Decimal128Type>().value(row);
                Self::Decimal(Decimal128Type::format_decimal(number, *precision, *scale))
            }
            DataType::Decimal256(precision, scale) => {
                let number = array.as_primitive::<Decimal256Type>().value(row);
                Self::Decimal(Decimal256Type::format_decimal(number, *precision, *scale))
            }
            DataType::Utf8 => Self::Text(array.as_string::<i32>().value(row)),
            DataType::Binary => Self::Bytes(array.as_binary::<i32>().value(row)),
            DataType::Date32 => {
                Self::Date(date(i64::from(array.as_primitive::<Date32Type>().value(row)))?)
            }
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                Self::Moment {
                    date: date(micros.div_euclid(MICROS_OF_DAY))?,
                    micros: micros.rem_euclid(MICROS_OF_DAY),
                }
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                let micros = array.as_primitive::<Time64MicrosecondType>().value(row);
                if !(0..MICROS_OF_DAY).contains(&micros) {
                    return Err("holds a time outside of the day");
                }
                Self::Time(micros)
            }
            _ => return Err("has a type that cannot be written"),
        })
    }

    fn into_value(self) -> Value {
        match self {
            Self::Null => Value::NULL,
            Self::Signed(number) => Value::Int(number),
            Self::Unsigned(number) => Value::UInt(number),
            Self::Float(number) => Value::Double(number),
            Self::Decimal(text) => Value::Bytes(text.into_bytes()),
            Self::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
            Self::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Self::Date(date) => date_value(date, 0),
            Self::Moment { date, micros } => date_value(date, micros),
            Self::Time(micros) => {
                let [hour, minute, second] = clock(micros);
                Value::Time(false, 0, hour, minute, second, fraction(micros))
            }
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(NULL),
            Self::Signed(number) => write_whole(number, out),
            Self::Unsigned(number) => write_whole(number, out),
            // The shortest digits that give the same number back, with an exponent instead of 300 zeros.
            Self::Float(number) => out.extend_from_slice(format!("{number:e}").as_bytes()),
            Self::Decimal(text) => out.extend_from_slice(text.as_bytes()),
            Self::Text(text) => write_escaped(text.as_bytes(), out),
            Self::Bytes(bytes) => write_escaped(bytes, out),
            Self::Date(date) => write_date(date, out),
            Self::Moment { date, micros } => write_moment(date, micros, out),
            Self::Time(micros) => write_time(micros, out),
        }
    }
}

fn float(number: f64) -> std::result::Result<Cell<'static>, &'static str> {
    if number.is_finite() {
        Ok(Cell::Float(number))
    } else {
        Err("holds NaN or infinity, which MySQL does not have")
    }
}

fn date(days: i64) -> std::result::Result<NaiveDate, &'static str> {
    let date = chrono::TimeDelta::try_days(days)
        .and_then(|days| NaiveDate::default().checked_add_signed(days));
    date.filter(|date| (1..=9999).contains(&date.year()))
        .ok_or("holds a date outside of the years 1 to 9999")
}

/// Hours, minutes and seconds of the day's microseconds.
fn clock(micros: i64) -> [u8; 3] {
    let seconds = micros / MICROS_OF_SECOND;
    [seconds / 3600, seconds / 60 % 60, seconds % 60].map(|part| u8::try_from(part).unwrap_or(0))
}

fn fraction(micros: i64) -> u32 {
    u32::try_from(micros % MICROS_OF_SECOND).unwrap_or(0)
}

fn date_value(date: NaiveDate, micros: i64) -> Value {
    let [hour, minute, second] = clock(micros);
    let part = |number: u32| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(date.year()).unwrap_or(0);
    Value::Date(year, part(date.month()), part(date.day()), hour, minute, second, fraction(micros))
}

fn write_whole(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A number of which the last `scale` digits are the fraction.
fn write_decimal(number: i128, scale: usize, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    // Most fit into 64 bits, which are faster to print.
    let digits = match u64::try_from(number.unsigned_abs()) {
        Ok(small) => buffer.format(small),
        Err(_) => buffer.format(number.unsigned_abs()),
    };
    let whole = digits.len().saturating_sub(scale);
    let (whole, fraction) = digits.as_bytes().split_at(whole);
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if scale > 0 {
        out.push(b'.');
        out.extend(std::iter::repeat_n(b'0', scale - fraction.len()));
        out.extend_from_slice(fraction);
    }
}

fn write_moment(date: NaiveDate, micros: i64, out: &mut Vec<u8>) {
    write_date(date, out);
    out.push(b' ');
    write_time(micros, out);
}

fn write_date(date: NaiveDate, out: &mut Vec<u8>) {
    write_digits(date.year().unsigned_abs(), 4, out);
    out.push(b'-');
    write_digits(date.month(), 2, out);
    out.push(b'-');
    write_digits(date.day(), 2, out);
}

fn write_time(micros: i64, out: &mut Vec<u8>) {
    let [hour, minute, second] = clock(micros);
    write_digits(hour.into(), 2, out);
    out.push(b':');
    write_digits(minute.into(), 2, out);
    out.push(b':');
    write_digits(second.into(), 2, out);
    out.push(b'.');
    write_digits(fraction(micros), 6, out);
}

fn write_digits(mut number: u32, width: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    out.resize(begin + width, b'0');
    for digit in out[begin..].iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(
        bytes.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
    );
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'\t' | b'\n' | 0)
}

/// Whether any of these texts has to be escaped; asked of all rows' texts at once, it costs less than to ask each.
fn has_special(texts: &[u8]) -> bool {
    memchr::memchr3(b'\\', b'\t', b'\n', texts).is_some() || memchr::memchr(0, texts).is_some()
}

/// Escapes what ends a field or a line, and the escape itself. In UTF-8 these bytes are never part of another character.
fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(place) = rest.iter().position(|byte| is_special(*byte)) {
        let (plain, special) = rest.split_at(place);
        out.extend_from_slice(plain);
        out.push(b'\\');
        out.push(match special.first() {
            Some(b'\t') => b't',
            Some(b'\n') => b'n',
            Some(0) => b'0',
            _ => b'\\',
        });
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// The texts of `enum('a','it''s')`.
fn members(sql_type: &str) -> Vec<String> {
    let inside = sql_type
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'))
        .map_or("", |(inside, _)| inside);
    let mut members = Vec::new();
    let mut rest = inside;
    while let Some(quoted) = rest.trim_start_matches([',', ' ']).strip_prefix('\'') {
        let mut member = String::new();
        let mut characters = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, character)) = characters.next() {
            let doubled =
                character == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some();
            if character == '\'' && !doubled {
                end = at + 1;
                break;
            }
            member.push(character);
        }
        members.push(member);
        rest = quoted.get(end..).unwrap_or_default();
    }
    members
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array,
        Float64Array, Int64Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray,
        UInt64Array,
    };

    use super::*;

    fn column(sql_type: &str) -> Column {
        Column::new(&ColumnDef {
            name: "c".to_owned(),
            sql_type: sql_type.to_owned(),
            data_type: None,
            nullable: true,
            optional: true,
            generated: false,
            is_set: None,
            collation: None,
        })
    }

    fn batch(array: impl Array + 'static) -> RecordBatch {
        RecordBatch::try_from_iter([("c", Arc::new(array) as ArrayRef)]).unwrap()
    }

    fn field(sql_type: &str, array: impl Array + 'static) -> String {
        let mut out = Vec::new();
        let (column, mut slow) = (column(sql_type), Vec::new());
        column.fields(&array).write(0, &mut out).unwrap();
        column.write_field(&array, 0, &mut slow).unwrap();
        assert_eq!(out, slow);
        String::from_utf8(out).unwrap()
    }

    fn value(sql_type: &str, array: impl Array + 'static) -> Value {
        column(sql_type).parameter(&batch(array), 0, 0).unwrap()
    }

    fn refusal(sql_type: &str, array: impl Array + 'static) -> String {
        let by_load = column(sql_type).fields(&array).write(0, &mut Vec::new()).unwrap_err();
        let batch = batch(array);
        let by_insert = column(sql_type).parameter(&batch, 0, 0).unwrap_err();
        assert_eq!(by_load.to_string(), by_insert.to_string());
        by_load.to_string()
    }

    #[test]
    fn values_are_written_alike_whichever_way_they_take() {
        let day = 86_400_000_000_i64;
        let arrays: [(&str, ArrayRef); 7] = [
            (
                "bigint",
                Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(0), Some(i64::MAX)])),
            ),
            ("bigint unsigned", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 10]))),
            (
                "decimal(38,4)",
                Arc::new(
                    Decimal128Array::from(vec![
                        Some(10_i128.pow(38) - 1),
                        Some(-(10_i128.pow(38) - 1)),
                        None,
                        Some(0),
                        Some(-1),
                        Some(9_999),
                        Some(-10_000),
                        Some(123_456),
                    ])
                    .with_precision_and_scale(38, 4)
                    .unwrap(),
                ),
            ),
            (
                "decimal(5,0)",
                Arc::new(
                    Decimal128Array::from(vec![7, -7, 0]).with_precision_and_scale(5, 0).unwrap(),
                ),
            ),
            ("text", Arc::new(StringArray::from(vec![Some("a"), Some(""), None, Some("é\r\"'")]))),
            ("date", Arc::new(Date32Array::from(vec![-719_162, -1, 0, 2_932_896]))),
            (
                "datetime(6)",
                Arc::new(TimestampMicrosecondArray::from(vec![-1, 0, 1, day - 1, -719_162 * day])),
            ),
        ];
        for (sql_type, array) in arrays {
            let column = column(sql_type);
            // Sliced, as batches are.
            for array in [Arc::clone(&array), array.slice(1, array.len() - 1)] {
                let fields = column.fields(&array);
                assert!(fields.write.is_some(), "{sql_type}");
                for row in 0..array.len() {
                    let (mut fast, mut slow) = (Vec::new(), Vec::new());
                    fields.write(row, &mut fast).unwrap();
                    column.write_field(&array, row, &mut slow).unwrap();
                    assert_eq!(fast, slow, "{sql_type} {row}");
                }
            }
        }
    }

    #[test]
    fn text_is_escaped_so_that_no_value_ends_a_field() {
        for (text, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a\tb\nc\\d\0e", "a\\tb\\nc\\\\d\\0e"),
            ("\\N", "\\\\N"),
            ("\\", "\\\\"),
            ("\r'\"ü😀", "\r'\"ü😀"),
        ] {
            assert_eq!(field("longtext", StringArray::from(vec![text])), written, "{text:?}");
        }
        assert_eq!(field("longtext", StringArray::from(vec![None::<&str>])), "\\N");
    }

    #[test]
    fn bytes_are_loaded_in_hexadecimal_and_bound_as_they_are() {
        let bytes = || BinaryArray::from(vec![&[0_u8, 9, 10, 92, 255][..]]);
        assert_eq!(field("varbinary(9)", bytes()), "00090a5cff");
        assert_eq!(value("varbinary(9)", bytes()), Value::Bytes(vec![0, 9, 10, 92, 255]));
        assert_eq!(field("blob", BinaryArray::from(vec![None])), "\\N");
        assert_eq!(column("blob").load_expression("@v0").as_deref(), Some("UNHEX(@v0)"));
        assert_eq!(
            column("bit(1)").load_expression("@v0").as_deref(),
            Some("CAST(@v0 AS UNSIGNED)")
        );
        assert_eq!(column("int").load_expression("@v0"), None);
    }

    #[test]
    fn numbers_are_exact() {
        assert_eq!(field("bigint", Int64Array::from(vec![i64::MIN])), "-9223372036854775808");
        assert_eq!(
            field("bigint unsigned", UInt64Array::from(vec![u64::MAX])),
            "18446744073709551615"
        );
        assert_eq!(
            value("bigint unsigned", UInt64Array::from(vec![u64::MAX])),
            Value::UInt(u64::MAX)
        );
        assert_eq!(field("double", Float64Array::from(vec![0.1])), "1e-1");
        assert_eq!(field("double", Float64Array::from(vec![f64::MAX])), "1.7976931348623157e308");
        assert_eq!(field("float", Float32Array::from(vec![0.1])), "1.0000000149011612e-1");
        assert_eq!(field("tinyint(1)", BooleanArray::from(vec![true])), "1");
        let decimal = || Decimal128Array::from(vec![-5]).with_precision_and_scale(9, 2).unwrap();
        assert_eq!(field("decimal(9,2)", decimal()), "-0.05");
        assert_eq!(value("decimal(9,2)", decimal()), Value::Bytes(b"-0.05".to_vec()));
    }

    #[test]
    fn moments_before_1970_are_exact() {
        let moment = || TimestampMicrosecondArray::from(vec![-1]);
        assert_eq!(field("datetime(6)", moment()), "1969-12-31 23:59:59.999999");
        assert_eq!(value("datetime(6)", moment()), Value::Date(1969, 12, 31, 23, 59, 59, 999_999));
        assert_eq!(field("date", Date32Array::from(vec![-719_162])), "0001-01-01");
        assert_eq!(field("date", Date32Array::from(vec![2_932_896])), "9999-12-31");
        assert_eq!(
            field("time(6)", Time64MicrosecondArray::from(vec![3_723_000_004])),
            "01:02:03.000004"
        );
    }

    #[test]
    fn values_that_mysql_does_not_have_are_refused_without_quoting_them() {
        for error in [
            refusal("double", Float64Array::from(vec![f64::NAN])),
            refusal("float", Float32Array::from(vec![f32::NEG_INFINITY])),
            refusal("date", Date32Array::from(vec![2_932_897])),
            refusal("date", Date32Array::from(vec![-719_163])),
            refusal("datetime(6)", TimestampMicrosecondArray::from(vec![i64::MAX])),
        ] {
            assert!(error.contains("column `c`"), "{error}");
        }
    }

    #[test]
    fn values_that_a_column_would_change_silently_are_refused() {
        let moment = |micros| TimestampMicrosecondArray::from(vec![micros]);
        refusal("datetime(3)", moment(1));
        assert_eq!(field("datetime(3)", moment(1000)), "1970-01-01 00:00:00.001000");
        refusal("datetime", moment(1000));
        refusal("binary(4)", BinaryArray::from(vec![&[1_u8][..]]));
        refusal("char(4)", StringArray::from(vec!["a "]));
        refusal("enum('a','b')", StringArray::from(vec!["A"]));
        refusal("enum('a','b')", StringArray::from(vec!["1"]));
        refusal("json", StringArray::from(vec!["[3.141592653589793238]"]));
        assert_eq!(
            field("json", StringArray::from(vec!["[3.141592653589793]"])),
            "[3.141592653589793]"
        );
        assert_eq!(field("enum('a','it''s')", StringArray::from(vec!["it's"])), "it's");
    }

    #[test]
    fn the_members_of_an_enum_are_read() {
        assert_eq!(members("enum('a','it''s','x,y)','')"), ["a", "it's", "x,y)", ""]);
    }
}
