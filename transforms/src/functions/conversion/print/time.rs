//! Dates and timestamps as Spark prints them: no zeros at the end of a fraction, a sign where a year is not of four digits.

use std::fmt::Write;

use crate::functions::time::calendar::Civil;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Prints days since 1970: `2026-01-31`, `+12026-01-31`, `-0001-01-31`.
pub(in crate::functions::conversion) fn date(days: i32, out: &mut String) {
    day(days.into(), out);
}

fn day(days: i64, out: &mut String) {
    let date = Civil::of(days);
    match date.year {
        0..=9_999 => {
            two(date.year / 100, out);
            two(date.year % 100, out);
        }
        // Writing to a String does not fail.
        10_000.. => {
            let _ = write!(out, "+{}", date.year);
        }
        _ => {
            let _ = write!(out, "{:05}", date.year);
        }
    }
    out.push('-');
    two(date.month, out);
    out.push('-');
    two(date.day, out);
}

/// Prints microseconds since 1970: `2026-01-31 00:00:00.12`.
pub(in crate::functions::conversion) fn timestamp(micros: i64, out: &mut String) {
    day(micros.div_euclid(DAY), out);
    out.push(' ');
    time(micros.rem_euclid(DAY), out);
}

/// Prints microseconds of a day: `23:59:59.000001`.
pub(in crate::functions::conversion) fn time(micros: i64, out: &mut String) {
    let seconds = micros / SECOND;
    two(seconds / 3_600, out);
    out.push(':');
    two(seconds / 60 % 60, out);
    out.push(':');
    two(seconds % 60, out);
    let fraction = micros % SECOND;
    if fraction != 0 {
        out.push('.');
        two(fraction / 10_000, out);
        two(fraction / 100 % 100, out);
        two(fraction % 100, out);
        while out.ends_with('0') {
            let _zero = out.pop();
        }
    }
}

/// Prints a number below 100 with two digits.
fn two(number: i64, out: &mut String) {
    let digit = |value: i64| char::from(b'0' + u8::try_from(value % 10).unwrap_or_default());
    out.push(digit(number / 10));
    out.push(digit(number));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_spark_prints_them() {
        for (micros, expected) in [
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59.999999"),
            (120_000, "1970-01-01 00:00:00.12"),
            (1, "1970-01-01 00:00:00.000001"),
            (i64::MAX, "+294247-01-10 04:00:54.775807"),
            (i64::MIN, "-290308-12-21 19:59:05.224192"),
            (-62_167_219_200_000_000, "0000-01-01 00:00:00"),
            (-62_198_755_200_000_000, "-0001-01-01 00:00:00"),
        ] {
            let mut out = String::new();
            timestamp(micros, &mut out);
            assert_eq!(out, expected);
        }
    }
}
