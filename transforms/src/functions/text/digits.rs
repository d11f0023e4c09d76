//! Decimal digits of numbers, rounded to a number of places.

use crate::functions::java_number::digits_of;

/// How the last digit is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    /// Away from zero where it is in the middle.
    HalfUp,
    /// To the even digit where it is in the middle.
    HalfEven,
}

/// A number that is not negative: its digits before and behind the point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) whole: String,
    pub(super) fraction: String,
}

impl Digits {
    /// Of an integer with a scale.
    pub(super) fn of_decimal(value: u128, scale: usize) -> Self {
        let digits = format!("{value:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        Self { whole: whole.to_owned(), fraction: fraction.to_owned() }
    }

    /// Of a finite number: the fewest digits that name it.
    pub(super) fn of_double(value: f64) -> Self {
        let (digits, exponent) = digits_of(value.abs());
        match usize::try_from(exponent) {
            Ok(exponent) => {
                let width = exponent + 1;
                let digits = format!("{digits:0<width$}");
                let (whole, fraction) = digits.split_at(width);
                Self { whole: whole.to_owned(), fraction: fraction.to_owned() }
            }
            Err(_) => {
                let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
                Self { whole: "0".to_owned(), fraction: format!("{}{digits}", "0".repeat(zeros)) }
            }
        }
    }

    /// The same with just so many digits behind the point.
    pub(super) fn rounded(&self, places: usize, rounding: Rounding) -> Self {
        let Some((kept, cut)) = self.fraction.split_at_checked(places) else {
            return Self {
                whole: self.whole.clone(),
                fraction: format!("{:0<places$}", self.fraction),
            };
        };
        let mut digits: Vec<u8> = self.whole.bytes().chain(kept.bytes()).collect();
        let middle = cut.starts_with('5') && cut.bytes().skip(1).all(|digit| digit == b'0');
        let even = digits.last().is_none_or(|digit| digit % 2 == 0);
        let up = match cut.bytes().next() {
            Some(b'5'..) if middle && rounding == Rounding::HalfEven => !even,
            first => first.is_some_and(|digit| digit >= b'5'),
        };
        if up && !incremented(&mut digits) {
            digits.insert(0, b'1');
        }
        let fraction = digits.split_off(digits.len() - places);
        let text = |digits: Vec<u8>| digits.into_iter().map(char::from).collect();
        Self { whole: text(digits), fraction: text(fraction) }
    }

    /// Digits in groups of a size, counted from the point.
    pub(super) fn grouped(whole: &str, size: usize) -> String {
        let mut out = String::with_capacity(whole.len() * 2);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && size > 0 && (whole.len() - index).is_multiple_of(size) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }
}

/// Adds one at the end; whether there was room for it.
fn incremented(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return true;
        }
        *digit = b'0';
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_rounded() {
        for (value, places, half_up, half_even) in [
            (0.125, 2, "0.13", "0.12"),
            (0.375, 2, "0.38", "0.38"),
            (9.99, 1, "10.0", "10.0"),
            (2.5, 0, "3.", "2."),
            (0.05, 1, "0.1", "0.0"),
            (1e20, 1, "100000000000000000000.0", "100000000000000000000.0"),
            (0.1, 3, "0.100", "0.100"),
            (1e-7, 2, "0.00", "0.00"),
        ] {
            let shown = |rounding| {
                let digits = Digits::of_double(value).rounded(places, rounding);
                format!("{}.{}", digits.whole, digits.fraction)
            };
            assert_eq!(shown(Rounding::HalfUp), half_up);
            assert_eq!(shown(Rounding::HalfEven), half_even);
        }
    }
}
