//! Texts read as truth values, integers and floating point numbers.

use std::str::FromStr;

use super::{split_sign, trimmed};

/// What may follow the digits of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions::conversion) enum Fraction {
    /// A point and digits that are left out, as CAST reads.
    Ignored,
    /// Nothing, as TRY_CAST reads.
    Refused,
}

/// Reads one of the words of Spark's cast.
pub(in crate::functions::conversion) fn boolean(text: &[u8]) -> Option<bool> {
    let is = |words: &[&[u8]]| {
        let text = trimmed(text);
        words.iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    if is(&[b"true", b"t", b"1", b"yes", b"y"]) {
        Some(true)
    } else if is(&[b"false", b"f", b"0", b"no", b"n"]) {
        Some(false)
    } else {
        None
    }
}

/// Reads decimal digits with an optional sign: no exponent, and no digit is needed before a point.
pub(in crate::functions::conversion) fn integer(text: &[u8], fraction: Fraction) -> Option<i64> {
    /// As many digits as fit into an i64 whatever they are.
    const SHORT: usize = 18;
    let (negative, digits) = split_sign(trimmed(text));
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at_checked(end)?;
    match rest {
        [] if whole.is_empty() => return None,
        [] => {}
        [b'.', rest @ ..] if fraction == Fraction::Ignored => {
            if !rest.iter().all(u8::is_ascii_digit) {
                return None;
            }
        }
        _ => return None,
    }
    let digit = |byte: &u8| i64::from(byte - b'0');
    if whole.len() <= SHORT {
        let value = whole.iter().fold(0, |value, byte| value * 10 + digit(byte));
        return Some(if negative { -value } else { value });
    }
    // Downwards, since there is one more negative number.
    let value = whole
        .iter()
        .try_fold(0_i64, |value, byte| value.checked_mul(10)?.checked_sub(digit(byte)))?;
    if negative { Some(value) } else { value.checked_neg() }
}

/// Floating point numbers with the words that stand for some of them.
pub(in crate::functions::conversion) trait Float: FromStr {
    const INFINITY: Self;
    const NEG_INFINITY: Self;
    const NAN: Self;
}

macro_rules! floats {
    ($($type:ty),*) => {
        $(impl Float for $type {
            const INFINITY: Self = <$type>::INFINITY;
            const NEG_INFINITY: Self = <$type>::NEG_INFINITY;
            const NAN: Self = <$type>::NAN;
        })*
    };
}

floats!(f32, f64);

/// Reads what Java's `Double.parseDouble` reads, but for hexadecimal numbers: `1.5e3`, `.5`, `5.`, `1d`; and the words `inf`,
/// `infinity` and `nan` in any case.
pub(in crate::functions::conversion) fn float<T: Float>(text: &str) -> Option<T> {
    let text = text.trim_matches(|char| char <= ' ');
    let (negative, unsigned) = split_sign(text.as_bytes());
    match unsigned.first()? {
        b'0'..=b'9' | b'.' => text
            .parse()
            .ok()
            .or_else(|| text.strip_suffix(['d', 'D', 'f', 'F']).and_then(|text| text.parse().ok())),
        _ if unsigned == b"NaN" || text.eq_ignore_ascii_case("nan") => Some(T::NAN),
        _ if unsigned.eq_ignore_ascii_case(b"inf")
            || unsigned.eq_ignore_ascii_case(b"infinity") =>
        {
            Some(if negative { T::NEG_INFINITY } else { T::INFINITY })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_words_letters_and_digits() {
        for text in ["t", "true", " TRUE ", "y", "yes", "1", "Yes\n"] {
            assert_eq!(boolean(text.as_bytes()), Some(true), "{text}");
        }
        for text in ["f", "FALSE\n", "n", "no", "0"] {
            assert_eq!(boolean(text.as_bytes()), Some(false), "{text}");
        }
        for text in ["", "on", "2", "tru", "1.0"] {
            assert_eq!(boolean(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_fraction_of_an_integer_is_left_out() {
        for (text, expected) in [
            ("12.7", 12),
            (" 12 ", 12),
            (".", 0),
            (".5", 0),
            ("5.", 5),
            ("-12.", -12),
            ("+5", 5),
            ("-.", 0),
            ("\u{0}1\u{1f}", 1),
            ("00000000000000000000000000000000001", 1),
            ("9223372036854775807.99", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(integer(text.as_bytes(), Fraction::Ignored), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_integer() {
        for text in [
            "",
            "-",
            "1e3",
            "12.a",
            "--5",
            " + 5",
            "1L",
            "1_0",
            "0x1F",
            "٣",
            "\u{a0}1",
            "9223372036854775808",
            "-9223372036854775809",
            "1.2.3",
        ] {
            assert_eq!(integer(text.as_bytes(), Fraction::Ignored), None, "{text}");
        }
        assert_eq!(integer(b"12.7", Fraction::Refused), None);
        assert_eq!(integer(b" 12 ", Fraction::Refused), Some(12));
        assert_eq!(integer(b".", Fraction::Refused), None);
    }

    #[test]
    fn floats_have_words_and_suffixes() {
        for (text, expected) in [
            ("inf", f64::INFINITY),
            ("+inf", f64::INFINITY),
            ("INFINITY", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1d", 1.0),
            ("1F", 1.0),
            ("1e5", 1e5),
            (".5", 0.5),
            ("5.", 5.0),
            (" 1.5 ", 1.5),
            ("1e999", f64::INFINITY),
            ("1e-999", 0.0),
            ("+.5e+3", 500.0),
        ] {
            assert_eq!(float::<f64>(text), Some(expected), "{text}");
        }
        for text in ["NaN", "nan", "+NaN", "-NaN"] {
            assert!(float::<f64>(text).unwrap().is_nan(), "{text}");
        }
        assert_eq!(float::<f32>("1e39"), Some(f32::INFINITY));
        for text in
            ["", "1e", "1,5", ".", "1L", "1_0", "infinit", "infinityd", "--5", "1dd", "+nan"]
        {
            assert!(float::<f64>(text).is_none(), "{text}");
        }
    }
}
