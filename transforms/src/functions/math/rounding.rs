//! How a number is brought to fewer digits.

/// Which of the two nearest numbers is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The nearer one; of two equally near the one away from zero.
    HalfUp,
    /// The nearer one; of two equally near the even one.
    HalfEven,
    /// The greater one.
    Up,
    /// The lesser one.
    Down,
}

/// `10^exponent`, if it fits.
pub(super) fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The quotient of `value` and `10^digits`.
pub(super) fn drop_digits(value: i128, digits: u32, mode: Mode) -> i128 {
    let Some(unit) = power_of_ten(digits) else {
        // Any value is less than half of such a unit.
        return match mode {
            Mode::HalfUp | Mode::HalfEven => 0,
            Mode::Up => i128::from(value > 0),
            Mode::Down => -i128::from(value < 0),
        };
    };
    let (quotient, rest) = (value / unit, value % unit);
    let away = if value < 0 { -1 } else { 1 };
    // `unit - rest` instead of `2 * rest`, which need not fit.
    let compared = rest.abs().cmp(&(unit - rest.abs()));
    let one_more = match mode {
        Mode::HalfUp => compared.is_ge() && rest != 0,
        Mode::HalfEven => compared.is_gt() || (compared.is_eq() && rest != 0 && quotient % 2 != 0),
        Mode::Up => rest > 0,
        Mode::Down => rest < 0,
    };
    if one_more { quotient + away } else { quotient }
}

/// A number at so many digits after the point, as its shortest decimal text is rounded.
pub(super) fn of_double(value: f64, scale: i32, mode: Mode) -> f64 {
    // No DOUBLE has more than 17 digits, of which the last is at 10^-324 at least.
    if !value.is_finite() || value == 0.0 || scale > 340 {
        return value;
    }
    let text = format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return value };
    let Ok(exponent) = exponent.parse::<i32>() else { return value };
    let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let Ok(fraction) = i32::try_from(fraction) else { return value };
    let Ok(unscaled) = digits.replace('.', "").parse::<i128>() else { return value };
    // value = unscaled * 10^-own
    let own = fraction - exponent;
    let dropped = own.saturating_sub(scale);
    let Ok(dropped) = u32::try_from(dropped) else { return value };
    if dropped == 0 {
        return value;
    }
    let rounded = drop_digits(unscaled, dropped, mode);
    format!("{rounded}e{}", i64::from(scale).wrapping_neg()).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_or_to_the_even_neighbour() {
        for (value, digits, half_up, half_even, up, down) in [
            (25, 1, 3, 2, 3, 2),
            (35, 1, 4, 4, 4, 3),
            (-25, 1, -3, -2, -2, -3),
            (26, 1, 3, 3, 3, 2),
            (20, 1, 2, 2, 2, 2),
            (4, 1, 0, 0, 1, 0),
            (-4, 50, 0, 0, 0, -1),
        ] {
            assert_eq!(drop_digits(value, digits, Mode::HalfUp), half_up, "{value}");
            assert_eq!(drop_digits(value, digits, Mode::HalfEven), half_even, "{value}");
            assert_eq!(drop_digits(value, digits, Mode::Up), up, "{value}");
            assert_eq!(drop_digits(value, digits, Mode::Down), down, "{value}");
        }
    }

    #[test]
    fn a_double_is_rounded_by_its_decimal_text() {
        assert!((of_double(1.005, 2, Mode::HalfUp) - 1.01).abs() < f64::EPSILON);
        assert!((of_double(2.345, 2, Mode::HalfUp) - 2.35).abs() < f64::EPSILON);
        assert!((of_double(2.5, 0, Mode::HalfEven) - 2.0).abs() < f64::EPSILON);
        assert!((of_double(-3.25, 1, Mode::HalfUp) + 3.3).abs() < f64::EPSILON);
        assert!((of_double(1e300, -299, Mode::HalfUp) - 1e300).abs() < f64::EPSILON);
        assert!(of_double(44.0, -2, Mode::HalfUp).abs() < f64::EPSILON);
        assert!(of_double(f64::NAN, 1, Mode::HalfUp).is_nan());
    }
}
