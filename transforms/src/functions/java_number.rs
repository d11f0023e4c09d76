//! Numbers as Java writes them.

use std::fmt::Write as _;

/// The digits and the exponent of a positive number: `d.ddd × 10^e`, as few digits as name it.
pub(crate) fn digits_of(number: f64) -> (String, i32) {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    (digits.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// Writes a DOUBLE as `Double.toString` does: `1.0`, `1.0E10`, `NaN`.
pub(crate) fn put_double(number: f64, out: &mut String) {
    put(number, digits_of(number.abs()), out);
}

/// Writes a FLOAT as `Float.toString` does.
pub(crate) fn put_float(number: f32, out: &mut String) {
    let scientific = format!("{:e}", number.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    put(f64::from(number), (digits.replace('.', ""), exponent.parse().unwrap_or(0)), out);
}

fn put(number: f64, (digits, exponent): (String, i32), out: &mut String) {
    if number.is_nan() {
        out.push_str("NaN");
        return;
    }
    if number.is_sign_negative() {
        out.push('-');
    }
    if number.is_infinite() {
        out.push_str("Infinity");
    } else if number == 0.0 {
        out.push_str("0.0");
    } else if !(-3..7).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        let _written = write!(out, "{first}.{rest}E{exponent}");
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend((1..-exponent).map(|_| '0'));
        out.push_str(&digits);
    } else {
        let whole = usize::try_from(exponent).unwrap_or(0) + 1;
        let padded = format!("{digits:0<whole$}");
        let (whole, fraction) = padded.split_at(whole);
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        let _written = write!(out, "{whole}.{fraction}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (number, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e10, "1.0E10"),
            (1e-7, "1.0E-7"),
            (1e-5, "1.0E-5"),
            (0.001, "0.001"),
            (1234567.0, "1234567.0"),
            (12345678.0, "1.2345678E7"),
            (-0.015, "-0.015"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let mut out = String::new();
            put_double(number, &mut out);
            assert_eq!(out, expected);
        }
    }
}
