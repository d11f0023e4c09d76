//! Floating point numbers as Java's `Double.toString` and `Float.toString` print them.
//!
//! These are the fewest digits that tell a number from its neighbours, and at least two. Java before 19 has more digits than needed
//! for whole numbers that are too large for every digit to count, which is followed here, and a last digit that is off by one for some
//! numbers from 1E22 on (JDK-4511638), which is not.

use std::fmt::{LowerExp, UpperExp, Write};

/// Numbers that Java prints in one way.
pub(in crate::functions::conversion) trait Float:
    Copy + std::fmt::Debug + UpperExp + LowerExp
{
    /// Neither infinite nor not a number.
    fn is_finite(self) -> bool;
    /// The word for what is not finite.
    fn word(self) -> &'static str;
    /// Whether it has a minus.
    fn is_negative(self) -> bool;
    /// Whether it is printed without an exponent.
    fn is_plain(self) -> bool;
    /// Whether it is so small that one digit may tell it from others.
    fn is_subnormal(self) -> bool;
    /// The number of which digits are printed if it is whole, too large for its unit to count, and below 2^63.
    fn large_whole(self) -> Option<u64>;
    /// How many bits a number has.
    const BITS: u32;
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

            fn is_negative(self) -> bool {
                self < 0.0
            }

            fn is_plain(self) -> bool {
                self == 0.0 || (1e-3..1e7).contains(&self.abs())
            }

            fn is_subnormal(self) -> bool {
                <$type>::is_subnormal(self)
            }

            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is a whole number in range"
            )]
            fn large_whole(self) -> Option<u64> {
                const LARGE: $type = (1_u64 << <$type>::MANTISSA_DIGITS) as $type;
                const END: $type = (1_u64 << 63) as $type;
                (LARGE..END).contains(&self.abs()).then(|| (self.abs() as i64).cast_unsigned())
            }

            const BITS: u32 = <$type>::MANTISSA_DIGITS;
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
    } else if let Some(whole) = value.large_whole() {
        if value.is_negative() {
            out.push('-');
        }
        large(whole, T::BITS, out);
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

/// Prints a whole number of which only the first bits count, without the digits that these do not tell.
fn large(whole: u64, bits: u32, out: &mut String) {
    let free_bits = whole.ilog2().saturating_sub(bits);
    let left_out = if free_bits > 1 { (1_u64 << (free_bits - 1)).ilog10() } else { 0 };
    let power = 10_u64.pow(left_out);
    let digits = whole / power + u64::from(left_out > 0 && whole % power >= power / 2);
    let start = out.len();
    let _ = write!(out, "{digits}");
    let exponent = out.len() - start - 1 + usize::try_from(left_out).unwrap_or_default();
    while out.len() > start + 2 && out.ends_with('0') {
        let _zero = out.pop();
    }
    out.insert(start + 1, '.');
    let _ = write!(out, "E{exponent}");
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
            (1_767_261_600_123_456_789.0, "1.76726160012345677E18"),
            (-9_007_199_254_740_993.0, "-9.007199254740992E15"),
            (1e18, "1.0E18"),
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
            (1_767_261_600.0, "1.76726157E9"),
            (16_777_216.0, "1.6777216E7"),
            (-20_000_000.0, "-2.0E7"),
        ] {
            assert_eq!(printed(value), expected);
        }
    }
}
