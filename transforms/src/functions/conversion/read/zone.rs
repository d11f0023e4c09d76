//! Time zones as Java's `ZoneId` names them.

use std::str::FromStr;

use chrono::{DateTime, Duration, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::super::civil::{CYCLE_DAYS, CYCLE_YEARS};

/// A distance from UTC or a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions::conversion) enum Zone {
    /// Seconds east of UTC.
    Fixed(i64),
    /// A region of the time zone database.
    Region(Tz),
}

const SECOND: i64 = 1_000_000;

impl Zone {
    /// Reads a zone as Spark does: `Z`, `+1`, `+01:00`, `+0100`, `+01:00:00`, `UTC+1`, `Europe/Berlin`, `PST`.
    pub(in crate::functions::conversion) fn read(text: &str) -> Option<Self> {
        if text == "Z" {
            return Some(Self::Fixed(0));
        }
        if text.starts_with(['+', '-']) {
            return offset(text).map(Self::Fixed);
        }
        for prefix in ["UTC", "GMT", "UT"] {
            match text.strip_prefix(prefix) {
                Some("") => return Some(Self::Fixed(0)),
                Some(rest) if rest.starts_with(['+', '-']) => {
                    return offset(rest).map(Self::Fixed);
                }
                _ => {}
            }
        }
        let offset_of_short_name = match text {
            "EST" => Some(-5),
            "MST" => Some(-7),
            "HST" => Some(-10),
            _ => None,
        };
        if let Some(hours) = offset_of_short_name {
            return Some(Self::Fixed(hours * 3_600));
        }
        Tz::from_str(region_of_short_name(text).unwrap_or(text)).ok().map(Self::Region)
    }

    /// The microseconds since 1970 in UTC of a wall clock's microseconds. A time that is skipped there is moved on by the length
    /// of the gap; of a time that is there twice it is the first.
    pub(in crate::functions::conversion) fn to_utc(self, local: i64) -> Option<i64> {
        let seconds = match self {
            Self::Fixed(seconds) => seconds,
            Self::Region(zone) => region_offset(zone, local)?,
        };
        local.checked_sub(seconds * SECOND)
    }
}

/// The names of three letters that Java keeps for old programs (`ZoneId.SHORT_IDS`).
fn region_of_short_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "ACT" => "Australia/Darwin",
        "AET" => "Australia/Sydney",
        "AGT" => "America/Argentina/Buenos_Aires",
        "ART" => "Africa/Cairo",
        "AST" => "America/Anchorage",
        "BET" => "America/Sao_Paulo",
        "BST" => "Asia/Dhaka",
        "CAT" => "Africa/Harare",
        "CNT" => "America/St_Johns",
        "CST" => "America/Chicago",
        "CTT" => "Asia/Shanghai",
        "EAT" => "Africa/Addis_Ababa",
        "ECT" => "Europe/Paris",
        "IET" => "America/Indiana/Indianapolis",
        "IST" => "Asia/Kolkata",
        "JST" => "Asia/Tokyo",
        "MIT" => "Pacific/Apia",
        "NET" => "Asia/Yerevan",
        "NST" => "Pacific/Auckland",
        "PLT" => "Asia/Karachi",
        "PNT" => "America/Phoenix",
        "PRT" => "America/Puerto_Rico",
        "PST" => "America/Los_Angeles",
        "SST" => "Pacific/Guadalcanal",
        "VST" => "Asia/Ho_Chi_Minh",
        _ => return None,
    })
}

/// Reads `+h`, `+hh`, `+hhmm`, `+hhmmss`, and with colons `+h:m`, `+hh:mm`, `+hh:mm:ss`, as seconds; at most 18 hours.
fn offset(text: &str) -> Option<i64> {
    let (negative, digits) = super::split_sign(text.as_bytes());
    let (hours, minutes, seconds): (&[u8], &[u8], &[u8]) = match digits {
        hours if hours.len() <= 2 => (hours, b"0", b"0"),
        [h, b':', rest @ ..] if rest.len() <= 2 => (std::slice::from_ref(h), rest, b"0"),
        [h @ .., b':', m1, m2, b':', s1, s2] if h.len() <= 2 => {
            return sum(negative, h, &[*m1, *m2], &[*s1, *s2]);
        }
        [h1, h2, b':', rest @ ..] if rest.len() <= 2 => {
            return sum(negative, &[*h1, *h2], rest, b"0");
        }
        [h1, h2, m1, m2] => return sum(negative, &[*h1, *h2], &[*m1, *m2], b"0"),
        [h1, h2, m1, m2, s1, s2] => {
            return sum(negative, &[*h1, *h2], &[*m1, *m2], &[*s1, *s2]);
        }
        _ => return None,
    };
    sum(negative, hours, minutes, seconds)
}

fn sum(negative: bool, hours: &[u8], minutes: &[u8], seconds: &[u8]) -> Option<i64> {
    let (hours, minutes, seconds) = (number(hours)?, number(minutes)?, number(seconds)?);
    let all = hours * 3_600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && all <= 18 * 3_600).then_some(if negative { -all } else { all })
}

fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

/// The seconds between a region's wall clock and UTC at a time of the wall clock.
fn region_offset(zone: Tz, local: i64) -> Option<i64> {
    let cycle = CYCLE_DAYS * 86_400 * SECOND;
    let local = match DateTime::from_timestamp_micros(local) {
        Some(local) => local.naive_utc(),
        // A calendar's cycle has the same rules. The nearest years that are far from any rule's begin.
        None => DateTime::from_timestamp_micros(local % cycle + cycle * (4_000 / CYCLE_YEARS))?
            .naive_utc(),
    };
    let offset = |local: &NaiveDateTime| match zone.offset_from_local_datetime(local) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => {
            Some(i64::from(offset.fix().local_minus_utc()))
        }
        MappedLocalTime::None => None,
    };
    // In a gap the offset before it counts; gaps are at most a day long.
    offset(&local).or_else(|| {
        (1..=25).find_map(|hours| offset(&local.checked_sub_signed(Duration::hours(hours))?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Option<f64> {
        let local = chrono::NaiveDate::from_ymd_opt(2026, 2, 3)?.and_hms_opt(1, 2, 3)?;
        let local = local.and_utc().timestamp_micros();
        let utc = Zone::read(text)?.to_utc(local)?;
        #[expect(clippy::cast_precision_loss, reason = "a few hours")]
        Some((local - utc) as f64 / 3_600e6)
    }

    #[test]
    fn zones_are_offsets_regions_and_old_names() {
        for (text, expected) in [
            ("Z", 0.0),
            ("UTC", 0.0),
            ("GMT", 0.0),
            ("GMT0", 0.0),
            ("UT", 0.0),
            ("+1", 1.0),
            ("+01", 1.0),
            ("+1:30", 1.5),
            ("+01:3", 1.05),
            ("+1:3", 1.05),
            ("-0130", -1.5),
            ("+013000", 1.5),
            ("+01:30:00", 1.5),
            ("+1:30:00", 1.5),
            ("-18", -18.0),
            ("UTC+01:30", 1.5),
            ("GMT+1", 1.0),
            ("UT-3", -3.0),
            ("Europe/Berlin", 1.0),
            ("CET", 1.0),
            ("EST", -5.0),
            ("CST", -6.0),
            ("PST", -8.0),
            ("BST", 6.0),
            ("HST", -10.0),
            ("EST5EDT", -5.0),
            ("Etc/GMT+5", -5.0),
        ] {
            assert_eq!(hours(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_zone() {
        for text in [
            "",
            "z",
            "utc",
            "europe/berlin",
            "Nowhere",
            "EDT",
            "CEST",
            "+",
            "+001",
            "+130",
            "+1:2:3",
            "+01:02:3",
            "+01:60",
            "-18:01",
            "+99",
            "+ 01:00",
            "GMT+",
            "+é",
        ] {
            assert_eq!(Zone::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_skipped_time_is_moved_on_and_a_doubled_one_is_the_first() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros();
        let berlin = Zone::read("Europe/Berlin").unwrap();
        for (local, utc) in [
            ("2026-03-29T01:59:59", "2026-03-29T00:59:59"),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00"),
            ("2026-03-29T03:00:00", "2026-03-29T01:00:00"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00"),
            ("2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        ] {
            assert_eq!(berlin.to_utc(at(local)), Some(at(utc)), "{local}");
        }
    }
}
