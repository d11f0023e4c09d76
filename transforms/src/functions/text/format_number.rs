//! `format_number` (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#format_number>): by a number of places, or by a pattern of
//! Java's `DecimalFormat`. Numbers are rounded half to even.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Float64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::digits::{Digits, Rounding};
use crate::functions::scalar::{Arguments, Scalar};

/// The function of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Scalar::text("format_number", 2..=2, format_number)]
}

/// A pattern: what stands before and behind a number, and which digits it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    before: String,
    behind: String,
    /// What stands around negative numbers, if it is not a minus sign.
    negative: Option<(String, String)>,
    group: usize,
    whole_least: usize,
    fraction_least: usize,
    fraction_most: usize,
    percent: bool,
}

impl Pattern {
    fn of_places(places: usize) -> Self {
        Self {
            before: String::new(),
            behind: String::new(),
            negative: None,
            group: 3,
            whole_least: 1,
            fraction_least: places,
            fraction_most: places,
            percent: false,
        }
    }

    fn parse(pattern: &str) -> Result<Self> {
        if pattern.is_empty() {
            return Ok(Self::of_places(0));
        }
        let (positive, negative) = match pattern.split_once(';') {
            Some((positive, negative)) => (positive, Some(negative)),
            None => (pattern, None),
        };
        let (before, number, behind) = parts(positive)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let group = whole.rsplit_once(',').map_or(0, |(_, last)| last.len());
        let digits: String = whole.chars().filter(|c| *c != ',').collect();
        let whole_least = digits.trim_start_matches('#').len();
        let fraction_least = fraction.trim_end_matches('#').len();
        if digits.get(digits.len() - whole_least..).is_some_and(|rest| rest.contains('#'))
            || fraction.get(..fraction_least).is_some_and(|rest| rest.contains('#'))
            || fraction.contains(',')
        {
            return exec_err!("format_number: the pattern mixes `0` and `#`");
        }
        // In a pattern with a point and without any `0`, the last `#` before the point is one.
        let no_zero = whole_least + fraction_least == 0 && number.contains('.');
        let whole_least = if no_zero && !digits.is_empty() { 1 } else { whole_least };
        let percent = before.contains('%') || behind.contains('%');
        let negative = negative.map(parts).transpose()?.map(|(before, _, behind)| (before, behind));
        Ok(Self {
            before,
            behind,
            negative,
            group,
            whole_least,
            fraction_least,
            fraction_most: fraction.len(),
            percent,
        })
    }

    fn put(&self, negative: bool, digits: &Digits, out: &mut String) {
        let least = self.whole_least;
        let whole = digits.whole.trim_start_matches('0');
        let mut fraction = digits.fraction.as_str();
        while fraction.len() > self.fraction_least && fraction.ends_with('0') {
            fraction = fraction.get(..fraction.len() - 1).unwrap_or_default();
        }
        // A number is never without any digit.
        let least = if whole.is_empty() && fraction.is_empty() { least.max(1) } else { least };
        let whole = format!("{whole:0>least$}");
        let (before, behind) = match (&self.negative, negative) {
            (Some((before, behind)), true) => (before, behind),
            _ => (&self.before, &self.behind),
        };
        if negative && self.negative.is_none() {
            out.push('-');
        }
        out.push_str(before);
        out.push_str(&Digits::grouped(&whole, self.group));
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
        out.push_str(behind);
    }
}

/// What stands before the digits of a pattern, the digits, and what stands behind them.
fn parts(pattern: &str) -> Result<(String, &str, String)> {
    let (mut before, mut behind) = (String::new(), String::new());
    let (mut from, mut to) = (None, 0);
    let mut quoted = false;
    let mut rest = pattern.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c == '\'' {
            if rest.next_if(|(_, next)| *next == '\'').is_none() {
                quoted = !quoted;
                continue;
            }
        } else if !quoted && matches!(c, '#' | '0' | ',' | '.') {
            if !behind.is_empty() {
                return exec_err!("format_number: the pattern has digits in two places");
            }
            from = from.or(Some(at));
            to = at + 1;
            continue;
        } else if !quoted
            && (matches!(c, '\u{2030}' | '\u{a4}')
                || (c == 'E' && from.is_some() && behind.is_empty()))
        {
            return exec_err!("format_number: `{c}` in a pattern is not supported");
        }
        if from.is_none() { &mut before } else { &mut behind }.push(c);
    }
    let Some(from) = from else {
        return exec_err!("format_number: the pattern has no digits");
    };
    Ok((before, pattern.get(from..to).unwrap_or_default(), behind))
}

fn format_number(arguments: &Arguments) -> Result<ArrayRef> {
    let formats = arguments.column(1)?;
    let pattern: Box<dyn Fn(usize) -> Result<Option<Pattern>>> = match formats.array().data_type() {
        DataType::Utf8 => {
            let texts = arguments.texts(1)?;
            Box::new(move |row| texts.get(row).map(Pattern::parse).transpose())
        }
        _ => {
            let places = cast(formats.array(), &DataType::Int32)?;
            Box::new(move |row| {
                let places = places.as_primitive::<datafusion::arrow::datatypes::Int32Type>();
                let row = formats.at(row);
                let known = places.is_valid(row).then(|| places.value(row));
                let places = known.and_then(|places| usize::try_from(places).ok());
                Ok(places.map(Pattern::of_places))
            })
        }
    };
    let column = arguments.column(0)?;
    let numbers = Numbers::of(column.array())?;
    let one = formats.array().len() == 1;
    let mut last = None;
    arguments.try_write(|row, out| {
        let found = match last.take() {
            Some(found) if one => found,
            _ => pattern(row)?,
        };
        if let (Some(pattern), Some(number)) = (&found, numbers.get(column.at(row))) {
            number.put(pattern, out);
            last = Some(found);
            return Ok(Some(()));
        }
        last = Some(found);
        Ok(None)
    })
}

/// Numbers of one of two kinds.
enum Numbers {
    Doubles(ArrayRef),
    Decimals(ArrayRef, usize),
}

/// One of them.
enum Number {
    Double(f64),
    Decimal(i128, usize),
}

impl Numbers {
    fn of(array: &ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Float64 => Self::Doubles(Arc::clone(array)),
            DataType::Float32 => Self::Doubles(cast(array, &DataType::Float64)?),
            DataType::Decimal128(_, scale) => {
                Self::Decimals(Arc::clone(array), usize::try_from(*scale).unwrap_or(0))
            }
            data_type if data_type.is_integer() || data_type.is_null() => {
                Self::Decimals(cast(array, &DataType::Decimal128(20, 0))?, 0)
            }
            other => return plan_err!("format_number: takes a number, and not {other}"),
        })
    }

    fn get(&self, row: usize) -> Option<Number> {
        match self {
            Self::Doubles(array) => array
                .is_valid(row)
                .then(|| Number::Double(array.as_primitive::<Float64Type>().value(row))),
            Self::Decimals(array, scale) => array.is_valid(row).then(|| {
                Number::Decimal(array.as_primitive::<Decimal128Type>().value(row), *scale)
            }),
        }
    }
}

impl Number {
    fn put(&self, pattern: &Pattern, out: &mut String) {
        let places = pattern.fraction_most;
        match self {
            Self::Double(value) if value.is_nan() => out.push_str("NaN"),
            Self::Double(value) if value.is_infinite() => {
                out.push_str(if *value < 0.0 { "-∞" } else { "∞" });
            }
            Self::Double(value) => {
                let value = if pattern.percent { value * 100.0 } else { *value };
                let shortest = Digits::of_double(value);
                // What is cut off is judged by the exact value, not by the digits that name it.
                let digits = if shortest.fraction.len() > places {
                    let exact = format!("{:.places$}", value.abs());
                    let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
                    Digits { whole: whole.to_owned(), fraction: fraction.to_owned() }
                } else {
                    shortest.rounded(places, Rounding::HalfEven)
                };
                pattern.put(value.is_sign_negative(), &digits, out);
            }
            Self::Decimal(value, scale) => {
                let mut digits = Digits::of_decimal(value.unsigned_abs(), *scale);
                if pattern.percent {
                    let fraction = format!("{:0<2}", digits.fraction);
                    let (up, rest) = fraction.split_at(2);
                    digits = Digits { whole: digits.whole + up, fraction: rest.to_owned() };
                }
                pattern.put(*value < 0, &digits.rounded(places, Rounding::HalfEven), out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Spark 3.5 answers.
    #[test]
    fn numbers_are_shown_by_patterns() {
        for (value, pattern, expected) in [
            (1_234_567.891, "#,###.##", "1,234,567.89"),
            (0.5, "#.##", "0.5"),
            (5.0, "000.00", "005.00"),
            (-5.0, "#,##0.0", "-5.0"),
            (12_345_678.0, "#,####", "1234,5678"),
            (0.125, "#.##", "0.12"),
            (0.375, "#.##", "0.38"),
            (5.0, "$#,##0.00", "$5.00"),
            (1234.5, "", "1,234"),
            (-5.0, "0.00;(0.00)", "(5.00)"),
            (5.0, "'a'0", "a5"),
            (0.256, "#%", "26%"),
            (5.0, "#,##0.00 EUR", "5.00 EUR"),
            (0.0, "#.##", "0"),
            (0.001, "#.##", "0"),
        ] {
            let mut out = String::new();
            Number::Double(value).put(&Pattern::parse(pattern).unwrap(), &mut out);
            assert_eq!(out, expected, "{value} {pattern}");
        }
        for wrong in ["", "abc", "0#", "0.###E0"].iter().skip(1) {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
