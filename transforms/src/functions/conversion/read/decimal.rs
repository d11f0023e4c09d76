//! Texts read as decimals, rounded half up to their scale.

use datafusion::arrow::datatypes::{ArrowNativeType, ArrowNativeTypeOp, DecimalType};

use super::split_sign;

/// Spark reads no number of more digits before its point.
const WHOLE_DIGITS_MAX: i64 = 38;

/// Reads `[+-]digits[.digits][e[+-]digits]` as the unscaled integer of a decimal.
pub(in crate::functions::conversion) fn decimal<T: DecimalType>(
    text: &[u8],
    precision: u8,
    scale: i8,
) -> Option<T::Native> {
    let number = Number::parse(text, i64::from(precision).max(WHOLE_DIGITS_MAX))?;
    let wanted = number.point + i64::from(scale);
    if wanted < 0 || number.significant == 0 {
        return Some(T::Native::ZERO);
    }
    // More digits than the precision has are too many, whatever follows them.
    if wanted - number.leading_zeros > i64::from(precision) {
        return None;
    }
    let ten = T::Native::usize_as(10);
    let mut value = T::Native::ZERO;
    let mut digits = number.digits();
    for _ in 0..wanted {
        let digit = T::Native::usize_as(digits.next().unwrap_or(0));
        value = value.mul_checked(ten).ok()?.add_checked(digit).ok()?;
    }
    if digits.next().unwrap_or(0) >= 5 {
        value = value.add_checked(T::Native::ONE).ok()?;
    }
    if number.negative {
        value = value.neg_wrapping();
    }
    T::is_valid_decimal_precision(value, precision).then_some(value)
}

/// A number's digits before and after its point.
struct Number<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// How many digits are before the decimal point once the exponent has moved it; may be negative.
    point: i64,
    leading_zeros: i64,
    /// How many digits follow the leading zeros.
    significant: i64,
}

impl<'a> Number<'a> {
    fn parse(text: &'a [u8], whole_digits_max: i64) -> Option<Self> {
        let (negative, text) = split_sign(blanks_trimmed(text));
        let (whole, text) = split_digits(text)?;
        let (fraction, text) = match text {
            [b'.', rest @ ..] => split_digits(rest)?,
            rest => (&[][..], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = exponent(text)?;
        let count = |digits: &[u8]| i64::try_from(digits.len()).ok();
        let point = count(whole)? + exponent;
        let zeros = whole.iter().chain(fraction).take_while(|byte| **byte == b'0').count();
        let leading_zeros = i64::try_from(zeros).ok()?;
        let significant = count(whole)? + count(fraction)? - leading_zeros;
        // Java's scale is an int.
        let _scale = i32::try_from(count(fraction)? - exponent).ok()?;
        // Zero has one digit, wherever its point is.
        let whole_digits = if significant == 0 { 1 + exponent } else { point - leading_zeros };
        (whole_digits <= whole_digits_max).then_some(Self {
            negative,
            whole,
            fraction,
            point,
            leading_zeros,
            significant,
        })
    }

    fn digits(&self) -> impl Iterator<Item = usize> + 'a {
        self.whole.iter().chain(self.fraction).map(|byte| usize::from(byte - b'0'))
    }
}

fn blanks_trimmed(text: &[u8]) -> &[u8] {
    match text {
        [b'\0'..=b' ', ..] | [.., b'\0'..=b' '] => {
            let start = text.iter().position(|byte| *byte > b' ').unwrap_or(text.len());
            let end = text.iter().rposition(|byte| *byte > b' ').map_or(start, |last| last + 1);
            text.get(start..end).unwrap_or_default()
        }
        text => text,
    }
}

fn split_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end)
}

fn exponent(text: &[u8]) -> Option<i64> {
    let [b'e' | b'E', rest @ ..] = text else { return text.is_empty().then_some(0) };
    let (negative, digits) = split_sign(rest);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().try_fold(0_i32, |value, byte| {
        value.checked_mul(10)?.checked_add(i32::from(byte - b'0'))
    })?;
    Some(i64::from(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{Decimal128Type, Decimal256Type, i256};

    use super::*;

    fn read(text: &str, precision: u8, scale: i8) -> Option<i128> {
        decimal::<Decimal128Type>(text.as_bytes(), precision, scale)
    }

    #[test]
    fn digits_beyond_the_scale_are_rounded_half_up() {
        for (text, expected) in [
            ("1.005", 101),
            ("-1.005", -101),
            ("1.004999", 100),
            ("999.994", 99_999),
            ("1e2", 10_000),
            ("1e+2", 10_000),
            ("1E-2", 1),
            ("0.5e-2", 1),
            ("0.4e-2", 0),
            (" 1 ", 100),
            (".5", 50),
            ("5.", 500),
            ("+5", 500),
            ("1e-400", 0),
            ("00000000000000000000000000000000000000000000001", 100),
            ("0.00000000000000000000000000000000000000000000001", 0),
        ] {
            assert_eq!(read(text, 5, 2), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_number_is_null() {
        for text in [
            "",
            ".",
            "abc",
            "0x1",
            "1d",
            "Infinity",
            "999.995",
            "1000",
            "1e400",
            "0e9999999999",
            "0e999",
            "1e",
            "1e+",
            "1e9999999999",
            "--1",
            "1.2.3",
        ] {
            assert_eq!(read(text, 5, 2), None, "{text}");
        }
        let nines = "9".repeat(38);
        assert_eq!(read(&nines, 38, 0), Some(10_i128.pow(38) - 1));
        assert_eq!(read(&format!("{nines}1"), 38, 0), None);
        assert_eq!(read(&format!("{nines}.5"), 38, 0), None);
    }

    #[test]
    fn more_than_38_digits_are_read_where_the_type_has_them() {
        let text = format!("-{}", "9".repeat(50));
        let expected = i256::from_string(&text);
        assert_eq!(decimal::<Decimal256Type>(text.as_bytes(), 50, 0), expected);
    }
}
