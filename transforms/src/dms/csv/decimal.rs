//! Text to exact decimals.

use datafusion::arrow::datatypes::i256;

use super::fault::Fault;

const NOT_A_DECIMAL: Fault = Fault::Not("a DECIMAL");

/// Beyond this an exponent moves every digit out of any decimal, so larger ones need not be told
/// apart.
const EXPONENT_MAX: i64 = 10_000;

/// Reads `[+-]digits[.digits][e[+-]digits]` as the unscaled integer of DECIMAL(precision, scale).
/// Digits beyond the scale must be zeros: rounding would silently change what the source holds.
pub(super) fn decimal128(text: &[u8], precision: u8, scale: i8) -> Result<i128, Fault> {
    let number = Number::parse(text, precision, scale)?;
    let value = number.digits().fold(0_i128, push_digit);
    Ok(if number.negative { -value } else { value })
}

/// As [`decimal128`], for more than 38 digits.
pub(super) fn decimal256(text: &[u8], precision: u8, scale: i8) -> Result<i256, Fault> {
    let number = Number::parse(text, precision, scale)?;
    let low_digits = 38.min(number.length);
    let high = number.digits().take(number.length - low_digits).fold(0_i128, push_digit);
    let low = number.digits().skip(number.length - low_digits).fold(0_i128, push_digit);
    let value = i256::from_i128(high)
        .wrapping_mul(i256::from_i128(10_i128.pow(38)))
        .wrapping_add(i256::from_i128(low));
    Ok(if number.negative { value.wrapping_neg() } else { value })
}

/// At most 38 digits are pushed, so this cannot overflow.
fn push_digit(value: i128, digit: u8) -> i128 {
    value.wrapping_mul(10).wrapping_add(i128::from(digit))
}

/// The significant digits of the unscaled integer: those of the text, then zeros up to `length`,
/// which is at most the precision.
struct Number<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    length: usize,
}

impl<'a> Number<'a> {
    fn parse(text: &'a [u8], precision: u8, scale: i8) -> Result<Self, Fault> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (whole, text) = take_digits(text);
        let (fraction, text) = match text {
            [b'.', rest @ ..] => take_digits(rest),
            rest => (&[][..], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(NOT_A_DECIMAL);
        }
        let exponent = parse_exponent(text)?;
        let (whole_count, fraction_count) = (count(whole), count(fraction));

        // The unscaled integer is the first `wanted` digits of whole and fraction taken as one.
        let wanted = whole_count + exponent + i64::from(scale);
        let is_zero = |byte: &u8| *byte == b'0';
        let zeros = count_while(whole.iter().chain(fraction), is_zero);
        if zeros == whole_count + fraction_count {
            return Ok(Self { negative: false, whole: &[], fraction: &[], length: 0 });
        }
        let trailing = count_while(fraction.iter().rev().chain(whole.iter().rev()), is_zero);
        if whole_count + fraction_count - trailing > wanted {
            return Err(Fault::Scale(scale));
        }
        if wanted - zeros > i64::from(precision) {
            return Err(Fault::Precision { precision, scale });
        }
        let length = usize::try_from(wanted - zeros).map_err(|_| NOT_A_DECIMAL)?;
        let zeros = usize::try_from(zeros).map_err(|_| NOT_A_DECIMAL)?;
        Ok(Self {
            negative,
            whole: whole.get(zeros..).unwrap_or_default(),
            fraction: fraction.get(zeros.saturating_sub(whole.len())..).unwrap_or_default(),
            length,
        })
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let written = self.whole.iter().chain(self.fraction).map(|byte| byte.wrapping_sub(b'0'));
        written.chain(std::iter::repeat(0)).take(self.length)
    }
}

fn take_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn parse_exponent(text: &[u8]) -> Result<i64, Fault> {
    let (negative, digits) = match text {
        [] => return Ok(0),
        [b'e' | b'E', b'-', digits @ ..] => (true, digits),
        [b'e' | b'E', b'+', digits @ ..] | [b'e' | b'E', digits @ ..] => (false, digits),
        _ => return Err(NOT_A_DECIMAL),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NOT_A_DECIMAL);
    }
    let exponent = digits.iter().fold(0_i64, |exponent, byte| {
        (exponent * 10 + i64::from(byte.wrapping_sub(b'0'))).min(EXPONENT_MAX)
    });
    Ok(if negative { -exponent } else { exponent })
}

fn count(digits: &[u8]) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

fn count_while<'a>(digits: impl Iterator<Item = &'a u8>, holds: fn(&u8) -> bool) -> i64 {
    digits.take_while(|digit| holds(digit)).fold(0, |count, _| count + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, precision: u8, scale: i8) -> Result<i128, String> {
        let narrow = decimal128(text.as_bytes(), precision, scale);
        let wide = decimal256(text.as_bytes(), precision, scale);
        assert_eq!(narrow.map(i256::from_i128), wide, "{text}");
        narrow.map_err(|fault| fault.to_string())
    }

    #[test]
    fn missing_digits_are_zeros() {
        assert_eq!(read("85100.00", 10, 2), Ok(8_510_000));
        assert_eq!(read("85100", 10, 2), Ok(8_510_000));
        assert_eq!(read("+.5", 10, 2), Ok(50));
        assert_eq!(read("-1.", 10, 2), Ok(-100));
        assert_eq!(read("-0.00", 10, 2), Ok(0));
        assert_eq!(read("0.01", 2, 2), Ok(1));
    }

    #[test]
    fn digits_beyond_the_scale_must_be_zeros() {
        assert_eq!(read("1.23000", 5, 2), Ok(123));
        assert_eq!(read("1.239", 5, 2), Err("more than 2 digits after the point".to_owned()));
        assert_eq!(read("0.001", 5, 2), Err("more than 2 digits after the point".to_owned()));
        assert_eq!(read("12.0", 5, 0), Ok(12));
    }

    #[test]
    fn the_precision_is_checked_without_leading_zeros() {
        assert_eq!(read("000999.99", 5, 2), Ok(99_999));
        assert_eq!(read("1000", 5, 2), Err("out of range for DECIMAL(5,2)".to_owned()));
    }

    #[test]
    fn an_exponent_moves_the_point() {
        assert_eq!(read("1.5e3", 10, 2), Ok(150_000));
        assert_eq!(read("1500E-2", 10, 2), Ok(1_500));
        assert_eq!(read("0e99999999999999999999", 10, 2), Ok(0));
        assert_eq!(read("1e+99999999999", 10, 2), Err("out of range for DECIMAL(10,2)".to_owned()));
        assert_eq!(
            read("1e-99999999999", 9, 2),
            Err("more than 2 digits after the point".to_owned())
        );
        assert_eq!(read("0.1e-9", 38, 10), Ok(1));
    }

    #[test]
    fn other_text_is_not_a_decimal() {
        for text in ["", ".", "-", "1e", "1e+", "1.2.3", "1,5", " 1", "1 ", "NaN", "e5", "0x1"] {
            assert_eq!(read(text, 10, 2), Err("not a DECIMAL".to_owned()), "{text}");
        }
    }

    #[test]
    fn sixty_five_digits_fit_into_256_bits() {
        let text = "-12345678901234567890123456789012345.123456789012345678901234567890";
        let unscaled = text.replace('.', "");
        assert_eq!(decimal256(text.as_bytes(), 65, 30).unwrap().to_string(), unscaled);
    }

    proptest! {
        #[test]
        fn written_decimals_are_read_back(
            unscaled in -(10_i128.pow(38) - 1)..10_i128.pow(38),
            scale in 0..=38_usize,
        ) {
            let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let sign = if unscaled < 0 { "-" } else { "" };
            let scale = i8::try_from(scale).unwrap();
            prop_assert_eq!(read(&format!("{sign}{whole}.{fraction}"), 38, scale), Ok(unscaled));
        }

        #[test]
        fn text_like_a_number_does_not_panic(text in "[-+.0-9eE]{0,50}", scale in 0..=38_i8) {
            let read_any = read(&text, 38, scale);
            prop_assert!(read_any.is_err() || text.bytes().any(|byte| byte.is_ascii_digit()));
        }
    }
}
