//! Text to booleans, integers and floating point numbers.

use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;

use super::fault::Fault;

/// Reads a truth value. PostgreSQL's arrive as `true` and `false` (user guide, "Source data types
/// for PostgreSQL"), MySQL's BIT as digits; the short forms are PostgreSQL's own.
pub(super) fn boolean(text: &[u8]) -> Result<bool, Fault> {
    match text {
        b"1" | b"t" | b"T" | b"y" | b"Y" => Ok(true),
        b"0" | b"f" | b"F" | b"n" | b"N" => Ok(false),
        _ if text.eq_ignore_ascii_case(b"true") => Ok(true),
        _ if text.eq_ignore_ascii_case(b"false") => Ok(false),
        _ => Err(Fault::Not("a BOOLEAN")),
    }
}

/// The names of an integer type in messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct IntegerName {
    pub(super) with_article: &'static str,
    pub(super) bare: &'static str,
}

/// Integers that columns can have.
pub(super) trait Integer: TryFrom<i64> + FromStr<Err = ParseIntError> {
    const NAME: IntegerName;
}

macro_rules! integers {
    ($($type:ty: $article:literal $name:literal),* $(,)?) => {
        $(impl Integer for $type {
            const NAME: IntegerName =
                IntegerName { with_article: concat!($article, " ", $name), bare: $name };
        })*
    };
}

integers! {
    i8: "a" "TINYINT", i16: "a" "SMALLINT", i32: "an" "INT", i64: "a" "BIGINT",
    u8: "a" "TINYINT UNSIGNED", u16: "a" "SMALLINT UNSIGNED",
    u32: "an" "INT UNSIGNED", u64: "a" "BIGINT UNSIGNED",
}

/// Reads decimal digits with an optional sign.
pub(super) fn integer<T: Integer>(text: &[u8]) -> Result<T, Fault> {
    /// As many digits as fit into an i64 whatever they are.
    const SHORT: usize = 18;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > SHORT {
        return long_integer(text);
    }
    let mut value = 0_i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Fault::Not(T::NAME.with_article));
        }
        value = value * 10 + i64::from(digit);
    }
    let value = if negative { -value } else { value };
    T::try_from(value).map_err(|_| Fault::OutOfRange(T::NAME.bare))
}

fn long_integer<T: Integer>(text: &[u8]) -> Result<T, Fault> {
    let not = Fault::Not(T::NAME.with_article);
    let text = std::str::from_utf8(text).map_err(|_| not)?;
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Fault::OutOfRange(T::NAME.bare),
        // An unsigned type reads no minus sign, so a long negative number ends here too.
        _ => not,
    })
}

/// Reads what C's `%+.16e` and the databases themselves write: `+2.1804858784530072e+04`, `NaN`,
/// `inf`, `Infinity`, with an optional sign and in any case, which is what Rust reads.
pub(super) fn double(text: &[u8]) -> Result<f64, Fault> {
    let value = float::<f64>(text, "a DOUBLE")?;
    if (value.is_infinite() && has_digit(text)) || (value == 0.0 && !is_zero(text)) {
        return Err(Fault::OutOfRange("DOUBLE"));
    }
    Ok(value)
}

/// As [`double`].
pub(super) fn single(text: &[u8]) -> Result<f32, Fault> {
    let value = float::<f32>(text, "a FLOAT")?;
    if (value.is_infinite() && has_digit(text)) || (value == 0.0 && !is_zero(text)) {
        return Err(Fault::OutOfRange("FLOAT"));
    }
    Ok(value)
}

fn float<T: FromStr>(text: &[u8], name: &'static str) -> Result<T, Fault> {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Not(name))
}

/// Rust turns a number that is too large into infinity.
fn has_digit(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit)
}

/// Rust turns a number that is too small into zero. The digits of an exponent do not count.
fn is_zero(text: &[u8]) -> bool {
    let mut digits = text.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    !digits.any(|byte| (b'1'..=b'9').contains(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn booleans_are_words_letters_and_digits() {
        for text in ["true", "TRUE", "t", "T", "1", "y", "Y"] {
            assert_eq!(boolean(text.as_bytes()), Ok(true), "{text}");
        }
        for text in ["false", "False", "f", "0", "n"] {
            assert_eq!(boolean(text.as_bytes()), Ok(false), "{text}");
        }
        assert_eq!(boolean(b"2").unwrap_err().to_string(), "not a BOOLEAN");
    }

    #[test]
    fn integers_may_have_a_sign_and_leading_zeros() {
        assert_eq!(integer::<i32>(b"+12"), Ok(12));
        assert_eq!(integer::<i32>(b"-0012"), Ok(-12));
        assert_eq!(integer::<u8>(b"-0"), Ok(0));
        assert_eq!(integer::<i64>(b"-00000000000000000000000012"), Ok(-12));
    }

    #[test]
    fn the_limits_of_a_type_are_in_and_one_more_is_out() {
        assert_eq!(integer::<i8>(b"-128"), Ok(i8::MIN));
        assert_eq!(integer::<i8>(b"128"), Err(Fault::OutOfRange("TINYINT")));
        assert_eq!(integer::<i64>(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(integer::<i64>(b"9223372036854775808"), Err(Fault::OutOfRange("BIGINT")));
        assert_eq!(integer::<u64>(b"18446744073709551615"), Ok(u64::MAX));
        assert_eq!(
            integer::<u64>(b"18446744073709551616"),
            Err(Fault::OutOfRange("BIGINT UNSIGNED"))
        );
        assert_eq!(integer::<u8>(b"-1"), Err(Fault::OutOfRange("TINYINT UNSIGNED")));
    }

    #[test]
    fn other_text_is_not_an_integer() {
        for text in ["", "+", "-", "1 ", " 1", "1.0", "1e3", "0x1", "--1", "٣", "1_000"] {
            let fault = integer::<i32>(text.as_bytes()).unwrap_err();
            assert_eq!(fault.to_string(), "not an INT", "{text}");
        }
    }

    #[test]
    fn doubles_are_read_as_c_writes_them() {
        assert_eq!(double(b"+2.1804858784530072e+04"), Ok(21_804.858_784_530_07));
        assert_eq!(double(b"-6.6068761599999997e+00"), Ok(-6.606_876_16));
        for text in ["NaN", "nan"] {
            assert!(double(text.as_bytes()).unwrap().is_nan());
        }
        for text in ["inf", "Infinity", "+inf"] {
            assert_eq!(double(text.as_bytes()), Ok(f64::INFINITY));
        }
        assert_eq!(single(b"-Infinity"), Ok(f32::NEG_INFINITY));
        assert_eq!(double(b"1e999"), Err(Fault::OutOfRange("DOUBLE")));
        assert_eq!(single(b"1e39"), Err(Fault::OutOfRange("FLOAT")));
        assert_eq!(double(b"-1e-999"), Err(Fault::OutOfRange("DOUBLE")));
        assert_eq!(single(b"+1.5E-50"), Err(Fault::OutOfRange("FLOAT")));
        assert_eq!(double(b"-0.0e+17").map(f64::to_bits), Ok((-0.0_f64).to_bits()));
        assert_eq!(single(b"+1.4012984643248171e-45"), Ok(f32::from_bits(1)));
        for text in ["", "1,5", "1.5 ", "abc", "0x1p3"] {
            assert_eq!(double(text.as_bytes()), Err(Fault::Not("a DOUBLE")), "{text}");
        }
    }

    proptest! {
        #[test]
        fn written_integers_are_read_back(signed: i64, unsigned: u64, short: i16) {
            prop_assert_eq!(integer::<i64>(signed.to_string().as_bytes()), Ok(signed));
            prop_assert_eq!(integer::<u64>(unsigned.to_string().as_bytes()), Ok(unsigned));
            prop_assert_eq!(integer::<i16>(format!("{short:+}").as_bytes()), Ok(short));
        }

        #[test]
        fn written_doubles_are_read_back(value: f64) {
            let text = format!("{value:+.16e}");
            prop_assert_eq!(double(text.as_bytes()).map(f64::to_bits), Ok(value.to_bits()));
        }
    }
}
