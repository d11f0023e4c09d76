//! Numbers in another base.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, StringArray};
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::function::Function;

/// [conv](https://spark.apache.org/docs/3.5.6/api/sql/index.html#conv): `conv(number, from, to)`.
///
/// The number is read as an unsigned one of 64 bits up to the first character that is no digit; what is too large is the largest. A negative
/// base `to` gives it with its sign.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Function::new("conv", |_, _| Ok(DataType::Utf8), |args, _| invoke(args)).udf()]
}

fn invoke(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [number, from, to] = args else { return plan_err!("conv takes three values") };
    let bases = from.as_primitive::<Int32Type>().iter().zip(to.as_primitive::<Int32Type>().iter());
    let texts = number.as_string::<i32>().iter().zip(bases);
    let converted: StringArray =
        texts.map(|(number, (from, to))| conv(number?, from?, to?)).collect();
    Ok(Arc::new(converted))
}

fn conv(number: &str, from: i32, to: i32) -> Option<String> {
    let number = number.trim_matches(' ');
    let base = u64::from(u32::try_from(from).ok()?);
    let to_base = u64::from(to.unsigned_abs());
    if !(2..=36).contains(&base) || !(2..=36).contains(&to_base) || number.is_empty() {
        return None;
    }
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let mut value = Some(0_u64);
    for digit in digits.chars().map_while(|digit| digit.to_digit(from.unsigned_abs())) {
        value = value.and_then(|value| value.checked_mul(base)?.checked_add(u64::from(digit)));
    }
    let overflows = value.is_none();
    let mut value = value.unwrap_or(u64::MAX);
    // As a number with a sign: of two's complement, and the least one stands for what is below it.
    if negative && to > 0 && !overflows {
        let least = 1_u64 << 63;
        value = if value > least { u64::MAX } else { value.wrapping_neg() };
    }
    let mut sign = "";
    if to < 0 {
        if negative {
            sign = "-";
        } else if value > i64::MAX.unsigned_abs() {
            value = value.wrapping_neg();
            sign = "-";
        }
    }
    Some(format!("{sign}{}", in_base(value, to_base)))
}

fn in_base(mut value: u64, base: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut digits = Vec::new();
    loop {
        let digit = usize::try_from(value % base).unwrap_or(0);
        digits.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
        value /= base;
        if value == 0 {
            return digits.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_converted_as_spark_does() {
        for (number, from, to, expected) in [
            ("100", 2, 10, Some("4")),
            ("-10", 16, -10, Some("-16")),
            ("FF", 16, 2, Some("11111111")),
            ("-1", 10, 16, Some("FFFFFFFFFFFFFFFF")),
            ("12x4", 10, 16, Some("C")),
            ("xyz", 10, 16, Some("0")),
            ("", 10, 16, None),
            (" 12 ", 10, 16, Some("C")),
            ("10", 1, 10, None),
            ("10", 10, 37, None),
            ("99999999999999999999999", 10, 16, Some("FFFFFFFFFFFFFFFF")),
            ("9223372036854775808", 10, -10, Some("-9223372036854775808")),
        ] {
            assert_eq!(conv(number, from, to).as_deref(), expected, "{number} {from} {to}");
        }
    }
}
