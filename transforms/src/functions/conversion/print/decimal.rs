//! Decimals as Java's `BigDecimal.toString` prints them: small numbers have an exponent.

use std::fmt::{Display, Write};

/// Prints an unscaled integer with its scale: `1.50`, `1E-7`, `0E-10`.
pub(in crate::functions::conversion) fn decimal(
    unscaled: impl Display,
    scale: i8,
    out: &mut String,
) {
    let start = out.len();
    let _ = write!(out, "{unscaled}");
    let Ok(scale) = usize::try_from(scale) else { return };
    if scale == 0 {
        return;
    }
    let start = start + usize::from(out.get(start..).is_some_and(|text| text.starts_with('-')));
    let digits = out.len() - start;
    // The place of the first digit after the point, counted from one.
    let place = (scale + 1).saturating_sub(digits);
    if place > 6 {
        if digits > 1 {
            out.insert(start + 1, '.');
        }
        let _ = write!(out, "E-{place}");
    } else if digits > scale {
        out.insert(start + digits - scale, '.');
    } else {
        const ZEROS: &str = "0.00000";
        out.insert_str(start, ZEROS.get(..2 + scale - digits).unwrap_or(ZEROS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_printed_as_java_prints_them() {
        for (unscaled, scale, expected) in [
            (1_i128, 7, "1E-7"),
            (0, 7, "0E-7"),
            (0, 6, "0.000000"),
            (120, 8, "0.00000120"),
            (99, 8, "9.9E-7"),
            (-123_450_000_000, 18, "-1.23450000000E-7"),
            (1_000_000_000_000, 18, "0.000001000000000000"),
            (123_450_000_000_000_000_000, 18, "123.450000000000000000"),
            (150, 2, "1.50"),
            (-5, 2, "-0.05"),
            (-5, 1, "-0.5"),
            (-50, 1, "-5.0"),
            (7, 0, "7"),
            (0, 1, "0.0"),
        ] {
            let mut out = "x".to_owned();
            decimal(unscaled, scale, &mut out);
            assert_eq!(out, format!("x{expected}"));
        }
    }
}
