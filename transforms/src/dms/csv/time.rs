//! Text to dates and times.

use super::fault::Fault;

const NOT_A_DATE: Fault = Fault::Not("a DATE (YYYY-MM-DD expected)");
const NOT_A_TIMESTAMP: Fault = Fault::Not("a TIMESTAMP (YYYY-MM-DD HH:MM:SS expected)");
const NOT_A_TIME: Fault = Fault::Not("a TIME (HH:MM:SS below 24:00:00 expected)");

const SECOND_MICROS: i64 = 1_000_000;
const DAY_MICROS: i64 = 86_400 * SECOND_MICROS;

/// Midnight of 0001-01-01 and of the day after 9999-12-31: Spark, MySQL and DMS agree on these
/// years.
pub(in crate::dms) const FIRST_MICROS: i64 = FIRST_DAY as i64 * DAY_MICROS;
pub(in crate::dms) const END_MICROS: i64 = END_DAY as i64 * DAY_MICROS;
/// The same as days.
pub(in crate::dms) const FIRST_DAY: i32 = -719_162;
pub(in crate::dms) const END_DAY: i32 = 2_932_897;

/// Reads `YYYY-MM-DD` as days since 1970-01-01. A time of midnight may follow, since Oracle's DATE
/// has one.
pub(super) fn date(text: &[u8]) -> Result<i32, Fault> {
    let (days, rest) = split_date(text, NOT_A_DATE)?;
    if let [b' ' | b'T', rest @ ..] = rest {
        return match split_time(rest) {
            Some((0, [])) => Ok(days),
            Some((_, [])) => Err(Fault::TimeOfDay),
            _ => Err(NOT_A_DATE),
        };
    }
    if rest.is_empty() { Ok(days) } else { Err(NOT_A_DATE) }
}

/// Reads `YYYY-MM-DD[ T]HH:MM:SS[.f]` as microseconds since 1970; a date alone is its midnight.
///
/// A zone may follow (`Z`, `+HH`, `+HH:MM`, after a blank or not; seen for PostgreSQL's
/// timestamptz) and is converted to UTC. Of up to nine digits of the fraction those beyond
/// microseconds, or beyond the declared `digits`, are cut off, as Spark does.
pub(super) fn timestamp(text: &[u8], digits: u8) -> Result<i64, Fault> {
    let (days, rest) = split_date(text, NOT_A_TIMESTAMP)?;
    let midnight = i64::from(days) * DAY_MICROS;
    let rest = match rest {
        [] => return Ok(midnight),
        [b' ' | b'T', rest @ ..] => rest,
        _ => return Err(NOT_A_TIMESTAMP),
    };
    let (time, rest) = split_time(rest).ok_or(NOT_A_TIMESTAMP)?;
    let local = midnight + cut(time, digits);
    if rest.is_empty() {
        return Ok(local);
    }
    let utc = local - offset_micros(rest).ok_or(NOT_A_TIMESTAMP)?;
    if (FIRST_MICROS..END_MICROS).contains(&utc) {
        Ok(utc)
    } else {
        Err(Fault::OutOfRange("TIMESTAMP"))
    }
}

/// Reads `HH:MM:SS[.f]` as microseconds since midnight; the fraction as in [`timestamp`].
pub(super) fn time(text: &[u8], digits: u8) -> Result<i64, Fault> {
    match split_time(text) {
        Some((micros, [])) => Ok(cut(micros, digits)),
        _ => Err(NOT_A_TIME),
    }
}

/// Whether a time has digits of a second behind those of microseconds that are not zeros.
pub(super) fn has_nanoseconds(text: &[u8]) -> bool {
    let behind = text.iter().skip_while(|byte| **byte != b'.').skip(1);
    behind.take_while(|byte| byte.is_ascii_digit()).skip(6).any(|digit| *digit != b'0')
}

/// Days since 1970-01-01, and what follows the date. What is not written as a date is `not` what is wanted.
fn split_date(text: &[u8], not: Fault) -> Result<(i32, &[u8]), Fault> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = text else {
        return Err(not);
    };
    let part = |tens: u8, ones: u8| two(tens, ones).ok_or(not);
    let year = part(*y1, *y2)? * 100 + part(*y3, *y4)?;
    let (month, day) = (part(*m1, *m2)?, part(*d1, *d2)?);
    if year == 0 || !(1..=12).contains(&month) || !(1..=month_days(year, month)).contains(&day) {
        return Err(Fault::NoSuchDay);
    }
    Ok((days_since_1970(year, month, day), rest))
}

/// Microseconds since midnight, and what follows the time.
fn split_time(text: &[u8]) -> Option<(i64, &[u8])> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else {
        return None;
    };
    let (hour, minute, second) = (two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = i64::from(hour * 3600 + minute * 60 + second) * SECOND_MICROS;
    let [b'.', rest @ ..] = rest else {
        return Some((micros, rest));
    };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count > 9 {
        return None;
    }
    let (digits, rest) = rest.split_at(count);
    let padded = digits.iter().map(|byte| i64::from(byte.wrapping_sub(b'0')));
    let fraction =
        padded.chain(std::iter::repeat(0)).take(6).fold(0, |sum, digit| sum * 10 + digit);
    Some((micros + fraction, rest))
}

/// `[ ][Z|+HH:MM|-HH:MM|+HH|-HH]`, not empty. PostgreSQL's offsets stay below 16 hours, Java's
/// within 18.
fn offset_micros(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (sign, hour, minute) = match text {
        b"Z" => return Some(0),
        [sign, h1, h2] => (sign, two(*h1, *h2)?, 0),
        [sign, h1, h2, b':', m1, m2] => (sign, two(*h1, *h2)?, two(*m1, *m2)?),
        _ => return None,
    };
    if hour > 18 || minute > 59 {
        return None;
    }
    let micros = i64::from(hour * 60 + minute) * 60 * SECOND_MICROS;
    match sign {
        b'+' => Some(micros),
        b'-' => Some(-micros),
        _ => None,
    }
}

/// Cuts a time of day to `digits` of its second.
fn cut(micros: i64, digits: u8) -> i64 {
    let unit = 10_i64.pow(6 - u32::from(digits.min(6)));
    micros - micros % unit
}

fn two(tens: u8, ones: u8) -> Option<i32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| i32::from(tens) * 10 + i32::from(ones))
}

fn month_days(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The proleptic Gregorian calendar, counted in years that begin in March so that the leap day
/// comes last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). For years from 1 on.
fn days_since_1970(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveDateTime};
    use proptest::prelude::*;

    use super::*;

    fn micros(text: &str) -> i64 {
        text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros()
    }

    fn check(text: &str, digits: u8, expected: &str) {
        assert_eq!(timestamp(text.as_bytes(), digits), Ok(micros(expected)), "{text}");
    }

    #[test]
    fn a_date_may_have_a_time_of_midnight() {
        assert_eq!(date(b"1970-01-01"), Ok(0));
        assert_eq!(date(b"1987-06-17 00:00:00"), date(b"1987-06-17"));
        assert_eq!(date(b"1987-06-17 00:00:00.0"), date(b"1987-06-17"));
        assert_eq!(
            date(b"1987-06-17 00:00:01").unwrap_err().to_string(),
            "a time of day in a DATE"
        );
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "",
            "21-01-01",
            "2021-1-1",
            "2021/01/01",
            "2021-01-01x",
            "10000-01-01",
            "2021-01-0a",
            "4713-01-01 00:00:00 BC",
            "2021-01-01 00:00",
        ] {
            let fault = date(text.as_bytes()).unwrap_err();
            assert_eq!(fault.to_string(), "not a DATE (YYYY-MM-DD expected)", "{text}");
        }
        for text in [
            "0000-00-00",
            "0000-01-01",
            "2021-00-10",
            "2021-13-01",
            "2021-02-29",
            "1900-02-29",
            "2021-04-31",
            "2021-01-00",
        ] {
            let fault = date(text.as_bytes()).unwrap_err();
            assert_eq!(fault.to_string(), "there is no such day", "{text}");
        }
        assert!(date(b"2000-02-29").is_ok());
    }

    #[test]
    fn a_timestamp_may_have_a_fraction_of_up_to_nine_digits() {
        check("2023-03-28 09:57:04", 6, "2023-03-28T09:57:04");
        check("2023-03-28T09:57:04.", 6, "2023-03-28T09:57:04");
        check("2023-03-28 09:57:04.5", 6, "2023-03-28T09:57:04.5");
        check("2023-03-28 09:57:04.123456789", 6, "2023-03-28T09:57:04.123456");
        check("2023-03-28", 6, "2023-03-28T00:00:00");
        check("1969-12-31 23:59:59.999999", 6, "1969-12-31T23:59:59.999999");
    }

    #[test]
    fn a_declared_precision_cuts_the_fraction() {
        check("2023-03-28 09:57:04.987654", 3, "2023-03-28T09:57:04.987");
        check("2023-03-28 09:57:04.987654", 0, "2023-03-28T09:57:04");
        check("1969-12-31 23:59:59.999999", 1, "1969-12-31T23:59:59.9");
    }

    #[test]
    fn a_zone_is_converted_to_utc() {
        check("2026-06-15 12:30:45.123456000 +05:30", 6, "2026-06-15T07:00:45.123456");
        check("2026-06-15 01:00:00+02", 6, "2026-06-14T23:00:00");
        check("2026-06-15 01:00:00-02:15", 6, "2026-06-15T03:15:00");
        check("2026-06-15T01:00:00Z", 6, "2026-06-15T01:00:00");
    }

    #[test]
    fn the_years_are_1_to_9999() {
        check("0001-01-01 00:00:00", 6, "0001-01-01T00:00:00");
        check("9999-12-31 23:59:59.999999", 6, "9999-12-31T23:59:59.999999");
        for text in ["0001-01-01 00:00:00+01", "9999-12-31 23:59:59-01"] {
            assert_eq!(
                timestamp(text.as_bytes(), 6),
                Err(Fault::OutOfRange("TIMESTAMP")),
                "{text}"
            );
        }
    }

    #[test]
    fn other_text_is_not_a_timestamp() {
        for text in [
            "2023-03-28 ",
            "2023-03-28 09:57",
            "2023-03-28 24:00:00",
            "2023-03-28 09:60:00",
            "2023-03-28 09:57:60",
            "2023-03-28 09:57:04.1234567890",
            "2023-03-28 09:57:04 ",
            "2023-03-28 09:57:04 +",
            "2023-03-28 09:57:04+19",
            "2023-03-28 09:57:04+0530",
            "2023-03-28 09:57:04 BC",
            "2023-03-28_09:57:04",
            "2023-03-28 09:57:04*05",
        ] {
            assert_eq!(timestamp(text.as_bytes(), 6), Err(NOT_A_TIMESTAMP), "{text}");
        }
    }

    #[test]
    fn a_time_is_within_one_day() {
        assert_eq!(time(b"00:00:01.5", 6), Ok(1_500_000));
        assert_eq!(time(b"23:59:59.999999", 0), Ok(86_399_000_000));
        for text in ["24:00:00", "-01:00:00", "12:34", "12:00:00+02", "1:00:00"] {
            assert_eq!(time(text.as_bytes(), 6), Err(NOT_A_TIME), "{text}");
        }
    }

    proptest! {
        #[test]
        fn written_dates_are_read_back(days in -719_162..2_932_897_i32) {
            let written = NaiveDate::from_epoch_days(days).unwrap().to_string();
            prop_assert_eq!(date(written.as_bytes()), Ok(days));
        }

        #[test]
        fn written_timestamps_are_read_back(micros in FIRST_MICROS..END_MICROS) {
            let written = chrono::DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            prop_assert_eq!(timestamp(written.to_string().as_bytes(), 6), Ok(micros));
        }

        #[test]
        fn whatever_is_read_is_in_range(text in "[-+0-9 T:.Z]{0,36}", digits: u8) {
            if let Ok(days) = date(text.as_bytes()) {
                prop_assert!((-719_162..2_932_897).contains(&days));
            }
            if let Ok(micros) = timestamp(text.as_bytes(), digits) {
                prop_assert!((FIRST_MICROS..END_MICROS).contains(&micros));
            }
            if let Ok(micros) = time(text.as_bytes(), digits) {
                prop_assert!((0..DAY_MICROS).contains(&micros));
            }
        }
    }
}
