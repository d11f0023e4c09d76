//! `format_string` and `printf`, which are `java.util.Formatter`
//! (<https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Formatter.html>).
//!
//! As in Spark, a DATE is its days and a TIMESTAMP its microseconds, and a DECIMAL is no number for `%d` and `%f`.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::digits::{Digits, Rounding};
use crate::functions::conversion::to_text;
use crate::functions::java_number::{put_double, put_float};
use crate::functions::scalar::{Arguments, Scalar};

/// The function of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Scalar::text("unglue_format_string", 1..=usize::MAX, format_string)]
}

/// A part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value { index: usize, spec: Spec },
}

/// How a value is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spec {
    flags: String,
    width: usize,
    precision: Option<usize>,
    conversion: char,
    upper: bool,
}

/// Wider fields and more digits are a mistake, and would take the memory.
const WIDEST: usize = 10_000;

fn wrong<T>(what: &str) -> Result<T> {
    exec_err!("format_string: {what}")
}

fn parse(format: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    let (mut ordinary, mut last) = (0, None);
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        rest = after;
        let mut given = None;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest.get(digits..).is_some_and(|rest| rest.starts_with('$')) {
            given = rest.get(..digits).and_then(|number| number.parse::<usize>().ok());
            rest = rest.get(digits + 1..).unwrap_or_default();
        }
        let flags = rest.chars().take_while(|c| "-#+ 0,(<".contains(*c)).count();
        let (found, after) = rest.split_at(flags);
        rest = after;
        let number = |rest: &mut &str| -> Result<Option<usize>> {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (found, after) = rest.split_at(digits);
            *rest = after;
            match found.parse() {
                Ok(number) if number <= WIDEST => Ok(Some(number)),
                Ok(_) => wrong("a width or precision is too large"),
                Err(_) => Ok(None),
            }
        };
        let width = number(&mut rest)?.unwrap_or(0);
        let precision = match rest.strip_prefix('.') {
            Some(after) => {
                rest = after;
                match number(&mut rest)? {
                    Some(precision) => Some(precision),
                    None => return wrong("a point without a precision"),
                }
            }
            None => None,
        };
        let mut chars = rest.chars();
        let Some(conversion) = chars.next() else { return wrong("`%` at the end") };
        rest = chars.as_str();
        let spec = Spec {
            flags: found.replace('<', ""),
            width,
            precision,
            conversion: conversion.to_ascii_lowercase(),
            upper: conversion.is_ascii_uppercase(),
        };
        spec.check(conversion)?;
        match conversion {
            'n' => text.push('\n'),
            '%' => text.push_str(&spec.padded("%".to_owned())),
            _ => {
                let index = if found.contains('<') {
                    last
                } else if let Some(given) = given {
                    given.checked_sub(1)
                } else {
                    ordinary += 1;
                    Some(ordinary - 1)
                };
                let Some(index) = index else { return wrong("no value stands before this one") };
                last = Some(index);
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Value { index, spec });
            }
        }
    }
    text.push_str(rest);
    parts.push(Part::Text(text));
    Ok(parts)
}

impl Spec {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn check(&self, conversion: char) -> Result<()> {
        if !"bBsScCdxXoeEfgG%n".contains(conversion) {
            return wrong("a conversion that is none of b s c d x o e f g % n");
        }
        if (self.has('-') || self.has('0')) && self.width == 0 {
            return wrong("the flags `-` and `0` need a width");
        }
        if (self.has('-') && self.has('0')) || (self.has('+') && self.has(' ')) {
            return wrong("flags that exclude one another");
        }
        let takes = match self.conversion {
            'd' => "-+ 0,(",
            'x' | 'o' => "-#0",
            'e' => "-#+ 0(",
            'f' => "-#+ 0,(",
            'g' => "-+ 0,(",
            'n' => "",
            _ => "-",
        };
        if self.flags.chars().any(|flag| !takes.contains(flag)) {
            return wrong("a flag that the conversion does not take");
        }
        if self.precision.is_some() && "dxoc%n".contains(self.conversion) {
            return wrong("a precision that the conversion does not take");
        }
        Ok(())
    }

    /// The text in the width of the field.
    fn padded(&self, text: String) -> String {
        let text = if self.upper { text.to_uppercase() } else { text };
        let units: usize = text.chars().map(char::len_utf16).sum();
        let blanks = " ".repeat(self.width.saturating_sub(units));
        if self.has('-') { text + &blanks } else { blanks + &text }
    }

    /// A text, of which no more is shown than the precision says.
    fn text(&self, text: &str) -> String {
        let most = self.precision.unwrap_or(usize::MAX);
        self.padded(text.chars().take(most).collect())
    }

    /// A number with its sign and zeros.
    fn signed(&self, negative: bool, number: &str) -> String {
        let (before, behind) = match negative {
            true if self.has('(') => ("(", ")"),
            true => ("-", ""),
            false if self.has('+') => ("+", ""),
            false if self.has(' ') => (" ", ""),
            false => ("", ""),
        };
        let zeros = if self.has('0') {
            self.width.saturating_sub(before.len() + number.len() + behind.len())
        } else {
            0
        };
        self.padded(format!("{before}{}{number}{behind}", "0".repeat(zeros)))
    }

    fn integer(&self, value: i64, bits: u32) -> String {
        // What is negative shows the bits that it has.
        let unsigned = value.cast_unsigned() & (u64::MAX >> (64 - bits));
        let (number, prefix) = match self.conversion {
            'x' => (format!("{unsigned:x}"), "0x"),
            'o' => (format!("{unsigned:o}"), "0"),
            _ => {
                let number = value.unsigned_abs().to_string();
                let size = if self.has(',') { 3 } else { 0 };
                return self.signed(value < 0, &Digits::grouped(&number, size));
            }
        };
        let prefix = if self.has('#') { prefix } else { "" };
        let zeros =
            if self.has('0') { self.width.saturating_sub(prefix.len() + number.len()) } else { 0 };
        self.padded(format!("{prefix}{}{number}", "0".repeat(zeros)))
    }

    fn double(&self, value: f64) -> String {
        if value.is_nan() {
            return self.padded("NaN".to_owned());
        }
        let negative = value.is_sign_negative();
        if value.is_infinite() {
            let plain = Self { flags: self.flags.replace('0', ""), ..self.clone() };
            return plain.signed(negative, "Infinity");
        }
        let precision = self.precision.unwrap_or(6);
        let number = match self.conversion {
            'f' => self.fixed(value, precision),
            'e' => scientific(value, precision),
            _ => {
                let precision = precision.max(1);
                let shown = scientific(value, precision - 1);
                let exponent: i32 =
                    shown.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
                match usize::try_from(exponent + 4) {
                    // From 10^-4 on, and with no more digits than the precision.
                    Ok(above) if value == 0.0 || above < precision + 4 => {
                        let places =
                            if value == 0.0 { precision - 1 } else { precision + 3 - above };
                        self.fixed(value, places)
                    }
                    _ => shown,
                }
            }
        };
        self.signed(negative, &number)
    }

    fn fixed(&self, value: f64, places: usize) -> String {
        let digits = Digits::of_double(value).rounded(places, Rounding::HalfUp);
        let whole = Digits::grouped(&digits.whole, if self.has(',') { 3 } else { 0 });
        let point = if places > 0 || self.has('#') { "." } else { "" };
        format!("{whole}{point}{}", digits.fraction)
    }
}

fn scientific(value: f64, places: usize) -> String {
    let digits = Digits::of_double(value);
    let all = digits.whole.clone() + &digits.fraction;
    let zeros = all.len() - all.trim_start_matches('0').len();
    let significant = all.get(zeros..).filter(|rest| !rest.is_empty()).unwrap_or("0");
    let (first, rest) = significant.split_at(1);
    let mantissa = Digits { whole: first.to_owned(), fraction: rest.to_owned() };
    let mut mantissa = mantissa.rounded(places, Rounding::HalfUp);
    let place = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let mut exponent = if value == 0.0 { 0 } else { place(digits.whole.len()) - 1 - place(zeros) };
    if mantissa.whole.len() > 1 {
        mantissa.whole.truncate(1);
        exponent += 1;
    }
    let point = if places > 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{point}{}e{sign}{:02}", mantissa.whole, mantissa.fraction, exponent.abs())
}

fn format_string(arguments: &Arguments) -> Result<ArrayRef> {
    let formats = arguments.texts(0)?;
    let mut last: Option<(&str, Vec<Part>)> = None;
    arguments.try_write(|row, out| {
        let Some(format) = formats.get(row) else { return Ok(None) };
        let parts = match last.take() {
            Some((known, parts)) if known == format => parts,
            _ => parse(format)?,
        };
        for part in &parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value { index, spec } => {
                    let Some(column) = arguments.columns().get(index + 1) else {
                        return wrong("there are fewer values than the format asks for");
                    };
                    out.push_str(&value(column.array(), column.at(row), spec)?);
                }
            }
        }
        last = Some((format, parts));
        Ok(Some(()))
    })
}

fn value(array: &ArrayRef, row: usize, spec: &Spec) -> Result<String> {
    let known = array.is_valid(row) && *array.data_type() != DataType::Null;
    if spec.conversion == 'b' {
        let shown = match array.data_type() {
            DataType::Boolean => known && array.as_boolean().value(row),
            _ => known,
        };
        return Ok(spec.text(&shown.to_string()));
    }
    if !known {
        return Ok(spec.text("null"));
    }
    let integer = match array.data_type() {
        DataType::Int8 => Some((array.as_primitive::<Int8Type>().value(row).into(), 8)),
        DataType::Int16 => Some((array.as_primitive::<Int16Type>().value(row).into(), 16)),
        DataType::Int32 => Some((array.as_primitive::<Int32Type>().value(row).into(), 32)),
        DataType::Date32 => Some((array.as_primitive::<Date32Type>().value(row).into(), 32)),
        DataType::Int64 => Some((array.as_primitive::<Int64Type>().value(row), 64)),
        DataType::Timestamp(..) => {
            Some((array.as_primitive::<TimestampMicrosecondType>().value(row), 64))
        }
        _ => None,
    };
    let mut text = String::new();
    match (spec.conversion, integer, array.data_type()) {
        ('d' | 'x' | 'o', Some((value, bits)), _) => return Ok(spec.integer(value, bits)),
        ('c', Some((value, ..=32)), _) => {
            let c = u32::try_from(value).ok().and_then(char::from_u32);
            return c.map_or_else(|| wrong("no character"), |c| Ok(spec.padded(c.into())));
        }
        ('e' | 'f' | 'g', _, DataType::Float64) => {
            return Ok(spec.double(array.as_primitive::<Float64Type>().value(row)));
        }
        ('e' | 'f' | 'g', _, DataType::Float32) => {
            return Ok(spec.double(array.as_primitive::<Float32Type>().value(row).into()));
        }
        ('s', Some((value, _)), _) => {
            let _written = write!(text, "{value}");
        }
        ('s', _, DataType::Float64) => {
            put_double(array.as_primitive::<Float64Type>().value(row), &mut text);
        }
        ('s', _, DataType::Float32) => {
            put_float(array.as_primitive::<Float32Type>().value(row), &mut text);
        }
        ('s', _, DataType::Utf8) => text.push_str(array.as_string::<i32>().value(row)),
        ('s', _, DataType::Boolean | DataType::Decimal128(..)) => {
            text.push_str(to_text(&array.slice(row, 1))?.value(0));
        }
        (conversion, _, data_type) => {
            return plan_err!("format_string: `%{conversion}` does not take {data_type}");
        }
    }
    Ok(spec.text(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(format: &str) -> Spec {
        match parse(format).unwrap().into_iter().find(|part| matches!(part, Part::Value { .. })) {
            Some(Part::Value { spec, .. }) => spec,
            _ => panic!("{format}"),
        }
    }

    /// What Spark 3.5 answers.
    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (format, value, expected) in [
            ("%.2f", 1.005, "1.01"),
            ("%(,.2f", -1234.5, "(1,234.50)"),
            ("%.0f", 0.5, "1"),
            ("%.0f", 2.5, "3"),
            ("%08.1f", 1.25, "000001.3"),
            ("%-8.1f", 1.25, "1.3     "),
            ("%.1f", 0.35, "0.4"),
            ("%.20f", 0.1, "0.10000000000000000000"),
            ("%e", 12345.678, "1.234568e+04"),
            ("%.3e", 12345.678, "1.235e+04"),
            ("%E", 0.00012, "1.200000E-04"),
            ("%g", 12345.678, "12345.7"),
            ("%.2g", 0.0001, "0.00010"),
            ("%G", 1e10, "1.00000E+10"),
            ("%f", f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(spec(format).double(value), expected, "{format} {value}");
        }
    }

    #[test]
    fn integers_are_written_as_java_writes_them() {
        for (format, value, bits, expected) in [
            ("%05d", 42, 32, "00042"),
            ("%,d", -1_234_567, 32, "-1,234,567"),
            ("%(d", -5, 32, "(5)"),
            ("%07d", -42, 32, "-000042"),
            ("%x", -1, 32, "ffffffff"),
            ("%o", -1, 64, "1777777777777777777777"),
            ("%#x", 255, 32, "0xff"),
            ("%08X", 255, 32, "000000FF"),
        ] {
            assert_eq!(spec(format).integer(value, bits), expected, "{format} {value}");
        }
    }

    #[test]
    fn wrong_formats_are_refused() {
        for format in ["%", "%q", "%-d", "%.d", "%+x", "%.2d", "%99999999d", "%<s", "%tY"] {
            assert!(parse(format).is_err(), "{format}");
        }
    }
}
