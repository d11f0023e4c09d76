//! Floating point numbers as Java's `Double.toString` and `Float.toString` print them.

use std::fmt::{LowerExp, UpperExp, Write};

/// Numbers that Java prints in one way.
pub(in crate::functions::conversion) trait Float:
    Copy + std::fmt::Debug + UpperExp + LowerExp
{
    /// Neither infinite nor not a number.
    fn is_finite(self) -> bool;
    /// The word for what is not finite.
    fn word(self) -> &'static str;
    /// Whether it is printed without an exponent.
    fn is_plain(self) -> bool;
    /// Whether it is so small that one digit may tell it from others.
    fn is_subnormal(self) -> bool;
}

macro_rules! floats {
    ($($type:ty),*) => {
        $(impl Float for $type {
            fn is_finite(self) -> bool {
                <$type>::is_finite(self)
            }

            fn word(self) -> &'static str {
                if self.is_nan() { "NaN" } else if self > 0.0 { "Infinity" } else { "-Infinity" }
            }

            fn is_plain(self) -> bool {
                self == 0.0 || (1e-3..1e7).contains(&self.abs())
            }

            fn is_subnormal(self) -> bool {
                <$type>::is_subnormal(self)
            }
        })*
    };
}

floats!(f32, f64);

/// Prints `1.5`, `1.0E10`, `1.0E-5`, `NaN` or `-Infinity`.
pub(in crate::functions::conversion) fn float<T: Float>(value: T, out: &mut String) {
    // Writing to a String does not fail.
    if !value.is_finite() {
        out.push_str(value.word());
    } else if value.is_plain() {
        let _ = write!(out, "{value:?}");
    } else {
        let start = out.len();
        let _ = write!(out, "{value:E}");
        let printed = out.get(start..).unwrap_or_default();
        if printed.contains('.') {
            return;
        }
        if value.is_subnormal() {
            // Two digits are the least, and here the second one need not be zero.
            out.truncate(start);
            let _ = write!(out, "{value:.1E}");
        } else if let Some(exponent) = printed.find('E') {
            out.insert_str(start + exponent, ".0");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed<T: Float>(value: T) -> String {
        let mut out = String::new();
        float(value, &mut out);
        out
    }

    #[test]
    fn doubles_are_printed_as_java_prints_them() {
        for (value, expected) in [
            (1.0, "1.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1e7, "1.0E7"),
            (9_999_999.0, "9999999.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (-1e-5, "-1.0E-5"),
            (123_456_789.125, "1.23456789125E8"),
            (1e21, "1.0E21"),
            (5e-324, "4.9E-324"),
            (1e-323, "9.9E-324"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(printed(value), expected);
        }
    }

    #[test]
    fn floats_have_fewer_digits() {
        for (value, expected) in [
            (1.1_f32, "1.1"),
            (1e10, "1.0E10"),
            (1.4e-45, "1.4E-45"),
            (1_234_567.8, "1234567.8"),
            (33_554_432.0, "3.3554432E7"),
            (123_456_789.0, "1.23456792E8"),
        ] {
            assert_eq!(printed(value), expected);
        }
    }
}
