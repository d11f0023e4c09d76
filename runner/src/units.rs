//! Numbers, sizes and durations as people read them. Pure.

use std::time::Duration;

const KIB: u64 = 1024;
const SIZES: [(&str, u64); 5] = [
    ("TiB", KIB * KIB * KIB * KIB),
    ("GiB", KIB * KIB * KIB),
    ("MiB", KIB * KIB),
    ("KiB", KIB),
    ("B", 1),
];
const SCALES: [(&str, u64); 4] = [(" G", 1_000_000_000), (" M", 1_000_000), (" k", 1_000), ("", 1)];
/// Up to here a number is told in full.
const FULL_MAX: u64 = 9_999;

/// A number in few characters: `812`, `12.3 k`, `1.2 M`.
#[must_use]
pub(crate) fn short(number: u64) -> String {
    let (name, unit) = match number {
        0..=FULL_MAX => ("", 1),
        _ => unit_of(number, &SCALES),
    };
    format!("{}{name}", tenths(number, unit))
}

/// A size: `812 B`, `1.2 KiB`, `3.4 GiB`.
#[must_use]
pub(crate) fn bytes(size: u64) -> String {
    let (name, unit) = unit_of(size, &SIZES);
    format!("{} {name}", tenths(size, unit))
}

/// A part of a size, in one unit: `12.3 of 51.2 MiB`.
#[must_use]
pub(crate) fn bytes_of(part: u64, whole: u64) -> String {
    let (name, unit) = unit_of(whole, &SIZES);
    format!("{} of {} {name}", tenths(part, unit), tenths(whole, unit))
}

/// How long something takes, in its two largest units: `12 s`, `3 min`, `2 h 5 min`, `3 d 4 h`. Seconds are only told below a minute.
#[must_use]
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let [days, hours, minutes] = [seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60];
    let two = |(large, large_name): (u64, &str), (small, small_name): (u64, &str)| match small {
        0 => format!("{large} {large_name}"),
        _ => format!("{large} {large_name} {small} {small_name}"),
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => two((hours, "h"), (minutes, "min")),
        _ => two((days, "d"), (hours, "h")),
    }
}

/// A number of things: `1 row`, `2 rows`.
#[must_use]
pub(crate) fn counted(number: u64, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {one}{ending}")
}

/// A number of things, of which something is said: `1 row is`, `2 rows are`.
#[must_use]
pub(crate) fn counted_are(number: u64, one: &str) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} {are}", counted(number, one))
}

/// The same of what was: `1 row was`, `2 rows were`.
#[must_use]
pub(crate) fn counted_were(number: u64, one: &str) -> String {
    let were = if number == 1 { "was" } else { "were" };
    format!("{} {were}", counted(number, one))
}

/// That rows are not among those that are shown.
#[must_use]
pub(crate) fn bad_rows_left_out(number: u64) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} set aside and {are} not in it", counted_were(number, "bad row"))
}

fn unit_of(number: u64, units: &[(&'static str, u64)]) -> (&'static str, u64) {
    let fits = |(_, unit): &&(&'static str, u64)| number >= *unit;
    units.iter().find(fits).copied().unwrap_or(("B", 1))
}

/// In units, with one digit behind the point where the unit is not 1. Cut, not rounded: nothing is told to be done before it is.
fn tenths(number: u64, unit: u64) -> String {
    if unit <= 1 {
        return number.to_string();
    }
    format!("{}.{}", number / unit, u128::from(number % unit) * 10 / u128::from(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let told = [0, 812, 9_999, 10_000, 1_234_567, 3_999_999_999, u64::MAX].map(short);
        assert_eq!(told, ["0", "812", "9999", "10.0 k", "1.2 M", "3.9 G", "18446744073.7 G"]);
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        assert_eq!([0, 1023, 1024, 5 << 20].map(bytes), ["0 B", "1023 B", "1.0 KiB", "5.0 MiB"]);
        assert_eq!(bytes_of(512 << 10, 5 << 20), "0.5 of 5.0 MiB");
        assert_eq!(bytes_of(0, 0), "0 of 0 B");
        assert!(bytes(u64::MAX).ends_with(" TiB"));
    }

    #[test]
    fn durations_have_their_two_largest_units() {
        let told = [0, 59, 60, 185, 3_600, 7_500, 90_000, 8 * 86_400];
        let told = told.map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(told, ["0 s", "59 s", "1 min", "3 min", "1 h", "2 h 5 min", "1 d 1 h", "8 d"]);
        assert_eq!([1, 2].map(|number| counted(number, "row")), ["1 row", "2 rows"]);
        let told = [1, 2].map(|number| counted_are(number, "row"));
        assert_eq!(told, ["1 row is", "2 rows are"]);
        let told = [1, 2].map(bad_rows_left_out);
        assert!(told[0].starts_with("1 bad row was") && told[1].starts_with("2 bad rows were"));
    }
}
