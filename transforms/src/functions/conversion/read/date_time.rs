//! Texts read as dates and timestamps.

use super::{split_sign, trimmed};
use crate::functions::time::calendar::Civil;
use crate::functions::time::zone::Zone;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads `[+-]yyyy[y..][-m[m][-d[d]]]` as days since 1970; after a whole date anything may follow a blank or a `T`.
pub(in crate::functions::conversion) fn date(text: &[u8]) -> Option<i32> {
    let (negative, rest) = split_sign(trimmed(text));
    let (year, rest) = digits(rest, 4, 7)?;
    let (month, rest) = part(rest)?;
    let (day, rest) = if month.is_some() { part(rest)? } else { (None, rest) };
    let ended = match rest {
        [] => true,
        [b' ' | b'T', ..] => day.is_some(),
        _ => false,
    };
    if !ended {
        return None;
    }
    let year = if negative { -year } else { year };
    let date = Civil::checked(year, month.unwrap_or(1), day.unwrap_or(1))?;
    i32::try_from(date.days()).ok()
}

/// Reads at least and at most so many digits.
fn digits(text: &[u8], least: usize, most: usize) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    if end < least || end > most {
        return None;
    }
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')), rest))
}

/// Reads `-m` or `-mm`, if there is a minus.
fn part(text: &[u8]) -> Option<(Option<i64>, &[u8])> {
    let [b'-', rest @ ..] = text else { return Some((None, text)) };
    let (value, rest) = digits(rest, 1, 2)?;
    Some((Some(value), rest))
}

/// What a text tells of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions::conversion) enum Moment {
    /// Microseconds since 1970 of the wall clock, and the clock's zone if it is told.
    At(i64, Option<Zone>),
    /// A time without a date, which Spark takes for one of the current day.
    TimeOnly,
}

impl Moment {
    /// Reads `[+-]yyyy[y..][-m[m][-d[d]]]`, after a whole date `[ T]h[h][:m[m][:s[s][.f..]]]`, and after seconds a zone. The fraction
    /// is cut after six digits.
    pub(in crate::functions::conversion) fn read(text: &[u8]) -> Option<Self> {
        let text = trimmed(text);
        if let [b'T', time @ ..] = text {
            return clock(time).map(|_| Self::TimeOnly);
        }
        let (negative, rest) = split_sign(text);
        if rest.len() == text.len() && is_time_only(rest) {
            return clock(rest).map(|_| Self::TimeOnly);
        }
        let (year, rest) = digits(rest, 4, 6)?;
        let (month, rest) = part(rest)?;
        let (day, rest) = if month.is_some() { part(rest)? } else { (None, rest) };
        let (micros, zone) = match rest {
            [] => (0, None),
            [b' ' | b'T', time @ ..] if day.is_some() => clock(time)?,
            _ => return None,
        };
        let year = if negative { -year } else { year };
        let date = Civil::checked(year, month.unwrap_or(1), day.unwrap_or(1))?;
        // The first day that has a microsecond begins before the first microsecond.
        let local = i128::from(date.days()) * i128::from(DAY) + i128::from(micros);
        Some(Self::At(i64::try_from(local).ok()?, zone))
    }
}

/// Whether digits and a colon begin a text: `1:2`.
fn is_time_only(text: &[u8]) -> bool {
    text.iter().find(|byte| !byte.is_ascii_digit()) == Some(&b':')
}

/// Reads `h[h][:m[m][:s[s][.f..]]]`, and a zone after seconds, as microseconds of a day.
fn clock(text: &[u8]) -> Option<(i64, Option<Zone>)> {
    let (hours, rest) = digits(text, 1, 2)?;
    let (minutes, rest) = colon(rest)?;
    let (seconds, rest) = if minutes.is_some() { colon(rest)? } else { (None, rest) };
    let (micros, rest) = match rest {
        [b'.', rest @ ..] if seconds.is_some() => fraction(rest),
        rest => (0, rest),
    };
    let zone = match rest {
        [] => None,
        zone if seconds.is_some() => Some(Zone::named(std::str::from_utf8(zone).ok()?.trim())?),
        _ => return None,
    };
    let (minutes, seconds) = (minutes.unwrap_or(0), seconds.unwrap_or(0));
    let inside = hours < 24 && minutes < 60 && seconds < 60;
    let micros = ((hours * 60 + minutes) * 60 + seconds) * SECOND + micros;
    inside.then_some((micros, zone))
}

fn colon(text: &[u8]) -> Option<(Option<i64>, &[u8])> {
    let [b':', rest @ ..] = text else { return Some((None, text)) };
    let (value, rest) = digits(rest, 1, 2)?;
    Some((Some(value), rest))
}

/// Reads the digits of a fraction, of which there may be none, as microseconds.
fn fraction(text: &[u8]) -> (i64, &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end).unwrap_or_default();
    let shown = digits.iter().map(|byte| i64::from(byte - b'0')).chain(std::iter::repeat(0));
    (shown.take(6).fold(0, |value, digit| value * 10 + digit), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::conversion::print;

    fn check(cases: &[(&str, &str)], read: impl Fn(&[u8], &mut String) -> Option<()>) {
        crate::testing::assert_all(cases.iter().map(|(text, expected)| {
            let mut found = String::new();
            if read(text.as_bytes(), &mut found).is_none() {
                "NULL".clone_into(&mut found);
            }
            ((*text).to_owned(), found, (*expected).to_owned())
        }));
    }

    #[test]
    fn dates_are_read_as_spark_reads_them() {
        let cases = [
            ("2026", "2026-01-01"),
            ("2026-2", "2026-02-01"),
            ("2026-2-3 abc", "2026-02-03"),
            ("2026-2-3T", "2026-02-03"),
            ("2026-2-3Tx", "2026-02-03"),
            ("2026-02-03 24:99", "2026-02-03"),
            ("+2026-02-03", "2026-02-03"),
            ("-0001-01-01", "-0001-01-01"),
            ("12026-02-03", "+12026-02-03"),
            ("0000-01-01", "0000-01-01"),
            (" 2026-02-03 ", "2026-02-03"),
            ("2026-2 ", "2026-02-01"),
            ("5881580-07-11", "+5881580-07-11"),
        ];
        let none = [
            "999-01-01",
            "2026-2-30",
            "2026-02-03x",
            "2026/02/03",
            "20260203",
            "2026-2 x",
            "2026-2T",
            "2026-002-03",
            "9999999-02-03",
            "99999999-02-03",
            "5881580-07-12",
            "",
            "2026-",
            "-",
            "2026-02-",
            "2026-00-03",
            "2026-02-00",
            "2026T",
            "2026 x",
            "- 2026",
            "2026-02-0003",
            "2026--03",
            "2026-02-03-04",
            "2026-02-03-",
            "epoch",
        ];
        let all: Vec<_> = cases.into_iter().chain(none.map(|text| (text, "NULL"))).collect();
        check(&all, |text, out| {
            print::time::date(date(text)?, out);
            Some(())
        });
    }

    #[test]
    fn timestamps_are_read_as_spark_reads_them() {
        let cases = [
            ("2026", "2026-01-01 00:00:00"),
            ("2026-02", "2026-02-01 00:00:00"),
            ("2026-02-03 ", "2026-02-03 00:00:00"),
            ("2026-02-03 1", "2026-02-03 01:00:00"),
            ("2026-02-03T1:2", "2026-02-03 01:02:00"),
            ("2026-02-03 01:02:03.", "2026-02-03 01:02:03"),
            ("2026-02-03 01:02:03.1234567890123", "2026-02-03 01:02:03.123456"),
            ("2026-02-03 01:02:03.5Z", "2026-02-03 01:02:03.5"),
            ("2026-02-03 1:2:3.5 +1:2", "2026-02-03 00:00:03.5"),
            ("2026-02-03T1:2:3.5-18", "2026-02-03 19:02:03.5"),
            ("2026-02-03T1:2:3.5  +01:00", "2026-02-03 00:02:03.5"),
            ("2026-02-03T1:2:3Europe/Berlin", "2026-02-03 00:02:03"),
            ("-2026-02-03 01:02:03", "-2026-02-03 01:02:03"),
            ("12345", "+12345-01-01 00:00:00"),
            ("294247-01-10 04:00:54.775807", "+294247-01-10 04:00:54.775807"),
            ("-290308-12-21 19:59:05.224192", "-290308-12-21 19:59:05.224192"),
        ];
        let none = [
            "",
            "1",
            "999",
            "1234567",
            "2026-02-03 24:00:00",
            "2026-02-03 23:60:00",
            "2026-02-03T",
            "2026-02-03 23:59:60",
            "2026-02-03 01:02:",
            "2026-02-03 01:",
            "2026-02-03 001:02:03",
            "2026-02-03x01:02:03",
            "2026-02-30 01:02:03",
            "294247-01-10 04:00:54.775808",
            "2026-02-03 01:02Z",
            "2026-02-03 01Z",
            "2026-02-03Z",
            "2026Z",
            "2026-02-03+01:00",
            "2026-02-03 1:2:3,5",
            "2026-2-3  1:2:3",
            "2026-02 1:2:3",
            "2026 1:2:3",
            "T",
            ":",
            "2026-02-03 1:2:3 Nowhere",
            "-1:2",
            "now",
        ];
        let all: Vec<_> = cases.into_iter().chain(none.map(|text| (text, "NULL"))).collect();
        check(&all, |text, out| {
            let Moment::At(local, zone) = Moment::read(text)? else { return None };
            print::time::timestamp(zone.map_or(Some(local), |zone| zone.to_utc(local))?, out);
            Some(())
        });
        for text in ["T01:02:03", "01:02:03", "1:2", "T1"] {
            assert_eq!(Moment::read(text.as_bytes()), Some(Moment::TimeOnly), "{text}");
        }
    }
}
