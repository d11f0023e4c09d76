//! Fields to the values of one column.

use std::fmt;

use datafusion::arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveBuilder};
use datafusion::arrow::datatypes::DataType;

use super::builder::Builder;
use super::fault::Fault;
use super::split::Field;
use super::{decimal, number, text, time};

/// A declared column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    pub name: String,
    /// One that [`is_supported`].
    pub data_type: DataType,
    pub nullable: bool,
    /// CHAR(n): blanks at the end are padding and are cut off.
    pub trim_blanks: bool,
    /// Digits of a second that are kept of a TIMESTAMP or TIME, at most 6.
    pub fraction_digits: u8,
}

/// Whether columns of this type can be read.
pub fn is_supported(data_type: &DataType) -> bool {
    Builder::new(data_type, 0).is_some()
}

/// Whether a field is NULL.
///
/// A quoted field is always text, so a string `NULL` or an empty string survives where the writer
/// quotes it. `CsvNullValue` not declared: an unquoted empty field and an unquoted `NULL` are NULL,
/// since the API reference gives `NULL` as the default of DMS while real objects hold nothing.
/// Declared: only that token, unquoted; an unquoted empty field as well where the type has no empty
/// value (`empty_is_value` is false), because nothing else can be meant.
pub fn is_null(field: Field<'_>, null_value: Option<&[u8]>, empty_is_value: bool) -> bool {
    if field.quoted {
        return false;
    }
    match null_value {
        None => field.text.is_empty() || field.text == b"NULL",
        Some(token) => field.text == token || (field.text.is_empty() && !empty_is_value),
    }
}

/// Reads the fields of one column and builds its array; or, if not kept, only checks them: a bad
/// value must be found whichever columns a query happens to use.
pub(in crate::dms) struct ColumnReader {
    builder: Builder,
    kept: bool,
    nullable: bool,
    trim_blanks: bool,
    fraction_digits: u8,
    empty_is_value: bool,
}

impl fmt::Debug for ColumnReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnReader").field("kept", &self.kept).finish_non_exhaustive()
    }
}

impl ColumnReader {
    /// None if the type is not supported.
    pub(in crate::dms) fn new(
        spec: &ColumnSpec,
        kept: bool,
        nullable: bool,
        rows: usize,
    ) -> Option<Self> {
        Some(Self {
            builder: Builder::new(&spec.data_type, if kept { rows } else { 0 })?,
            kept,
            nullable,
            trim_blanks: spec.trim_blanks,
            fraction_digits: spec.fraction_digits,
            // No digits of hexadecimal are no bytes.
            empty_is_value: matches!(
                spec.data_type,
                DataType::Utf8 | DataType::Utf8View | DataType::Binary
            ),
        })
    }

    /// Whether a field is NULL here.
    pub(super) fn is_null(&self, field: Field<'_>, null_value: Option<&[u8]>) -> bool {
        is_null(field, null_value, self.empty_is_value)
    }

    pub(super) fn is_kept(&self) -> bool {
        self.kept
    }

    /// Only checks from now on; what has been built is dropped.
    pub(super) fn stop_keeping(&mut self) {
        if self.kept {
            self.kept = false;
            drop(self.builder.finish());
        }
    }

    pub(in crate::dms) fn read(
        &mut self,
        field: Field<'_>,
        null_value: Option<&[u8]>,
    ) -> Result<(), Fault> {
        if is_null(field, null_value, self.empty_is_value) {
            if !self.nullable {
                return Err(Fault::Null);
            }
            self.append_null();
            return Ok(());
        }
        if field.text.is_empty() && !self.empty_is_value {
            return Err(Fault::Empty);
        }
        self.append(field.text)
    }

    /// Appends a NULL whether the column may hold one or not.
    pub(in crate::dms) fn append_null(&mut self) {
        if self.kept {
            self.builder.append_null();
        }
    }

    /// The values since the last call.
    pub(in crate::dms) fn finish(&mut self) -> ArrayRef {
        self.builder.finish()
    }

    fn append(&mut self, field: &[u8]) -> Result<(), Fault> {
        let (kept, digits) = (self.kept, self.fraction_digits);
        match &mut self.builder {
            Builder::Boolean(builder) => {
                let value = number::boolean(field)?;
                if kept {
                    builder.append_value(value);
                }
            }
            Builder::Int8(builder) => keep(builder, kept, number::integer(field)?),
            Builder::Int16(builder) => keep(builder, kept, number::integer(field)?),
            Builder::Int32(builder) => keep(builder, kept, number::integer(field)?),
            Builder::Int64(builder) => keep(builder, kept, number::integer(field)?),
            Builder::UInt8(builder) => keep(builder, kept, number::integer(field)?),
            Builder::UInt16(builder) => keep(builder, kept, number::integer(field)?),
            Builder::UInt32(builder) => keep(builder, kept, number::integer(field)?),
            Builder::UInt64(builder) => keep(builder, kept, number::integer(field)?),
            Builder::Float32(builder) => keep(builder, kept, number::single(field)?),
            Builder::Float64(builder) => keep(builder, kept, number::double(field)?),
            Builder::Decimal128 { builder, precision, scale } => {
                keep(builder, kept, decimal::decimal128(field, *precision, *scale)?);
            }
            Builder::Decimal256 { builder, precision, scale } => {
                keep(builder, kept, decimal::decimal256(field, *precision, *scale)?);
            }
            Builder::Date(builder) => keep(builder, kept, time::date(field)?),
            Builder::Timestamp(builder) => keep(builder, kept, time::timestamp(field, digits)?),
            Builder::Time(builder) => keep(builder, kept, time::time(field, digits)?),
            Builder::Text(builder) => {
                let value = text::utf8(field, self.trim_blanks)?;
                if kept {
                    builder.append_value(value);
                }
            }
            Builder::TextView(builder) => {
                let value = text::utf8(field, self.trim_blanks)?;
                if kept {
                    builder.append_value(value);
                }
            }
            Builder::Binary { builder, bytes } => {
                text::hex(field, bytes)?;
                if kept {
                    builder.append_value(&bytes);
                }
            }
        }
        Ok(())
    }
}

/// The value that a text stands for, as if it was quoted in a row: one of the column's type.
///
/// # Errors
/// Why it is none.
pub fn value_of(spec: &ColumnSpec, text: &str) -> Result<ArrayRef, Fault> {
    let mut reader = ColumnReader::new(spec, true, false, 1).ok_or(Fault::Empty)?;
    reader.read(Field { text: text.as_bytes(), quoted: true }, None)?;
    Ok(reader.finish())
}

/// Whether texts can be read as values of one type: by the rules that rows are read by, so that whoever guesses a type guesses one
/// that its values have.
#[derive(Debug)]
pub struct Fit(ColumnReader);

impl Fit {
    /// None if the type is not supported.
    #[must_use]
    pub fn new(data_type: DataType) -> Option<Self> {
        let name = String::new();
        let spec =
            ColumnSpec { name, data_type, nullable: false, trim_blanks: false, fraction_digits: 6 };
        ColumnReader::new(&spec, false, false, 0).map(Self)
    }

    /// Whether a text that is not NULL is a value of the type.
    pub fn takes(&mut self, text: &[u8]) -> bool {
        self.0.read(Field { text, quoted: true }, None).is_ok()
    }
}

/// The values of one type that texts stand for, by the rules that rows are read by; but a second's digits beyond microseconds are
/// refused, where rows of DMS lose them as in Spark.
pub struct Values {
    reader: ColumnReader,
    has_seconds: bool,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}

impl Values {
    /// None if the type is not supported.
    #[must_use]
    pub fn new(data_type: DataType) -> Option<Self> {
        let has_seconds = matches!(data_type, DataType::Timestamp(..) | DataType::Time64(_));
        let name = String::new();
        let spec =
            ColumnSpec { name, data_type, nullable: true, trim_blanks: false, fraction_digits: 6 };
        ColumnReader::new(&spec, true, true, 0).map(|reader| Self { reader, has_seconds })
    }

    /// With the value of one more text.
    ///
    /// # Errors
    /// Why it is none; there is no further value then.
    pub fn append(&mut self, text: &str) -> Result<(), Fault> {
        if self.has_seconds && time::has_nanoseconds(text.as_bytes()) {
            return Err(Fault::Nanoseconds);
        }
        self.reader.read(Field { text: text.as_bytes(), quoted: true }, None)
    }

    /// With NULL.
    pub fn append_null(&mut self) {
        self.reader.append_null();
    }

    /// The values since the last call.
    pub fn finish(&mut self) -> ArrayRef {
        self.reader.finish()
    }
}

fn keep<T: ArrowPrimitiveType>(builder: &mut PrimitiveBuilder<T>, kept: bool, value: T::Native) {
    if kept {
        builder.append_value(value);
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::TimeUnit;

    use super::*;

    fn spec(data_type: DataType) -> ColumnSpec {
        let name = "x".to_owned();
        ColumnSpec { name, data_type, nullable: true, trim_blanks: false, fraction_digits: 6 }
    }

    fn plain(text: &str) -> Field<'_> {
        Field { text: text.as_bytes(), quoted: false }
    }

    fn quoted(text: &str) -> Field<'_> {
        Field { text: text.as_bytes(), quoted: true }
    }

    fn read(spec: &ColumnSpec, fields: &[Field<'_>]) -> Result<ArrayRef, Fault> {
        let mut reader = ColumnReader::new(spec, true, spec.nullable, fields.len()).unwrap();
        let mut checker = ColumnReader::new(spec, false, spec.nullable, fields.len()).unwrap();
        for field in fields {
            let outcome = reader.read(*field, None);
            assert_eq!(outcome, checker.read(*field, None));
            outcome?;
        }
        assert_eq!(checker.finish().len(), 0);
        Ok(reader.finish())
    }

    #[test]
    fn a_quoted_null_token_is_text() {
        for null_value in [None, Some(b"NULL".as_slice()), Some(b"".as_slice())] {
            assert!(!is_null(quoted("NULL"), null_value, true));
            assert!(!is_null(quoted(""), null_value, true));
            assert!(!is_null(quoted(""), null_value, false));
        }
    }

    #[test]
    fn without_a_declared_token_both_empty_and_the_word_are_null() {
        for empty_is_value in [true, false] {
            assert!(is_null(plain(""), None, empty_is_value));
            assert!(is_null(plain("NULL"), None, empty_is_value));
            assert!(!is_null(plain("null"), None, empty_is_value));
        }
    }

    #[test]
    fn a_declared_token_is_the_only_null_of_text() {
        let token = Some(b"\\N".as_slice());
        assert!(is_null(plain("\\N"), token, true));
        assert!(!is_null(plain(""), token, true));
        assert!(!is_null(plain("NULL"), token, true));
        assert!(is_null(plain(""), token, false));
        assert!(is_null(plain(""), Some(b""), true));
        assert!(!is_null(plain("NULL"), Some(b""), true));
    }

    #[test]
    fn quoted_empty_is_an_empty_text_and_no_number() {
        let array = read(&spec(DataType::Utf8), &[quoted(""), plain("")]).unwrap();
        assert_eq!(array.as_string::<i32>().iter().collect::<Vec<_>>(), [Some(""), None]);
        assert_eq!(read(&spec(DataType::Int32), &[quoted("")]).unwrap_err(), Fault::Empty);
        assert_eq!(read(&spec(DataType::Date32), &[quoted("")]).unwrap_err(), Fault::Empty);
    }

    #[test]
    fn null_in_a_not_null_column_is_refused() {
        let spec = ColumnSpec { nullable: false, ..spec(DataType::Int32) };
        assert_eq!(read(&spec, &[plain("")]).unwrap_err(), Fault::Null);
    }

    #[test]
    fn blanks_are_cut_off_only_where_they_are_padding() {
        let fields = [plain(" ab  "), plain("   "), plain("a\t ")];
        let padded = ColumnSpec { trim_blanks: true, ..spec(DataType::Utf8View) };
        let array = read(&padded, &fields).unwrap();
        let texts: Vec<_> = array.as_string_view().iter().flatten().collect();
        assert_eq!(texts, [" ab", "", "a\t"]);
        let array = read(&spec(DataType::Utf8View), &fields).unwrap();
        let texts: Vec<_> = array.as_string_view().iter().flatten().collect();
        assert_eq!(texts, [" ab  ", "   ", "a\t "]);
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let field = Field { text: b"\xff", quoted: false };
        assert_eq!(read(&spec(DataType::Utf8), &[field]).unwrap_err(), Fault::NotUtf8);
    }

    #[test]
    fn binary_is_hexadecimal_with_or_without_a_mark() {
        let fields = [plain("00fF"), plain("0x00ff"), plain("\\x00FF"), quoted(""), plain("")];
        let array = read(&spec(DataType::Binary), &fields).unwrap();
        let bytes = Some(b"\x00\xff".as_slice());
        let values: Vec<_> = array.as_binary::<i32>().iter().collect();
        assert_eq!(values, [bytes, bytes, bytes, Some(b""), None]);
        for text in ["0", "0g", "zz", "0x0", "é"] {
            assert!(read(&spec(DataType::Binary), &[plain(text)]).is_err(), "{text}");
        }
    }

    #[test]
    fn every_supported_type_comes_back_as_declared() {
        for (data_type, text) in [
            (DataType::Boolean, "true"),
            (DataType::Int8, "1"),
            (DataType::Int16, "1"),
            (DataType::Int32, "1"),
            (DataType::Int64, "1"),
            (DataType::UInt8, "1"),
            (DataType::UInt16, "1"),
            (DataType::UInt32, "1"),
            (DataType::UInt64, "1"),
            (DataType::Float32, "1.5"),
            (DataType::Float64, "1.5"),
            (DataType::Decimal128(10, 2), "1.5"),
            (DataType::Decimal256(65, 30), "1.5"),
            (DataType::Date32, "2021-01-01"),
            (DataType::Timestamp(TimeUnit::Microsecond, None), "2021-01-01 00:00:00"),
            (DataType::Time64(TimeUnit::Microsecond), "00:00:00"),
            (DataType::Utf8, "a"),
            (DataType::Utf8View, "a"),
            (DataType::Binary, "0a"),
        ] {
            assert!(is_supported(&data_type));
            let array = read(&spec(data_type.clone()), &[plain(text), plain("")]).unwrap();
            assert_eq!(array.data_type(), &data_type);
            assert_eq!((array.len(), array.null_count()), (2, 1));
        }
        assert!(!is_supported(&DataType::Timestamp(TimeUnit::Nanosecond, None)));
    }
}
