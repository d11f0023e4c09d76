//! Time zones as Spark names them, and what a local clock shows in them.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::calendar::{Civil, SECOND_MICROS, is_leap, iso_weekday, joined, split};

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions) enum Zone {
    /// Seconds ahead of UTC.
    Fixed(i64),
    /// A region of the tz database.
    Region(Tz),
}

/// Names of three letters that Java knows besides (`java.time.ZoneId.SHORT_IDS`).
const SHORT: &[(&str, &str)] = &[
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("EST", "-05:00"),
    ("HST", "-10:00"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("MST", "-07:00"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

/// Names of the tz database that Java has not.
pub(in crate::functions) const UNKNOWN_TO_JAVA: &[&str] = &["EST", "HST", "MST", "ROC"];

impl Zone {
    pub(in crate::functions) const UTC: Self = Self::Fixed(0);

    /// The zone of a name: a region (`Europe/Berlin`, in this case), `UTC`, `GMT`, `UT`, an offset (`+2`, `+02`, `+0200`, `+02:00`,
    /// `+2:00`, with seconds), one of the three with an offset (`GMT+2`), or one of Java's short names (`PST`).
    pub(in crate::functions) fn named(name: &str) -> Option<Self> {
        let name = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, name)| name);
        if name == "Z" || name.starts_with(['+', '-']) {
            return fixed(name);
        }
        for prefix in ["UTC", "GMT", "UT"] {
            match name.strip_prefix(prefix) {
                Some("") => return Some(Self::UTC),
                Some(offset) if offset.starts_with(['+', '-']) => return fixed(offset),
                _ => {}
            }
        }
        let known = !UNKNOWN_TO_JAVA.contains(&name);
        known.then(|| Tz::from_str(name).ok()).flatten().map(Self::Region)
    }

    /// The zone so many seconds ahead of UTC, at most 18 hours.
    pub(in crate::functions) fn of_offset(seconds: i64) -> Option<Self> {
        (-64_800..=64_800).contains(&seconds).then_some(Self::Fixed(seconds))
    }

    /// What a local clock shows at a moment, both in microseconds since 1970.
    pub(in crate::functions) fn to_local(self, utc: i64) -> Option<i64> {
        let ahead = match self {
            Self::Fixed(seconds) => seconds,
            Self::Region(zone) => seconds_ahead(zone, &naive(utc)?),
        };
        utc.checked_add(ahead * SECOND_MICROS)
    }

    /// The moment at which a local clock shows a time. Of two such moments it is the first; where clocks are set forward over the time, they
    /// count on as before.
    pub(in crate::functions) fn to_utc(self, local: i64) -> Option<i64> {
        let ahead = match self {
            Self::Fixed(seconds) => seconds,
            Self::Region(zone) => {
                let shown = naive(local)?;
                zone.offset_from_local_datetime(&shown).earliest().map_or_else(
                    || {
                        // No clock has ever been set forward by a day and a quarter.
                        let before = shown - chrono::TimeDelta::hours(30);
                        seconds_ahead(zone, &before)
                    },
                    |offset| i64::from(offset.fix().local_minus_utc()),
                )
            }
        };
        local.checked_sub(ahead * SECOND_MICROS)
    }
}

/// A moment of a year that the tables of chrono-tz, which end with the century, have: for later ones that of a year with the same days of the
/// week, since rules go by these.
fn naive(micros: i64) -> Option<NaiveDateTime> {
    const LAST: i64 = 2_090;
    let (days, of_day) = split(micros);
    let year = Civil::of(days).year;
    let first = |year| Civil { year, month: 1, day: 1 }.days();
    let alike = |other: &i64| {
        is_leap(*other) == is_leap(year) && iso_weekday(first(*other)) == iso_weekday(first(year))
    };
    let year_there = if year > LAST { (LAST - 27..=LAST).find(alike)? } else { year };
    let micros = joined(days - first(year) + first(year_there), of_day)?;
    DateTime::from_timestamp_micros(micros).map(|moment| moment.naive_utc())
}

fn seconds_ahead(zone: Tz, utc: &NaiveDateTime) -> i64 {
    i64::from(zone.offset_from_utc_datetime(utc).fix().local_minus_utc())
}

/// `+h`, `+hh`, `+hhmm`, `+hh:mm`, `+hhmmss`, `+hh:mm:ss`, and as Spark took them before 3.0 `+h:mm`, `+hh:m`.
fn fixed(offset: &str) -> Option<Zone> {
    let sign = match offset.as_bytes().first()? {
        b'Z' if offset.len() == 1 => return Some(Zone::UTC),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let rest = offset.get(1..)?;
    let parts: Vec<&str> = if rest.contains(':') {
        rest.split(':').collect()
    } else {
        match rest.len() {
            1 | 2 => vec![rest],
            4 => vec![rest.get(..2)?, rest.get(2..)?],
            6 => vec![rest.get(..2)?, rest.get(2..4)?, rest.get(4..)?],
            _ => return None,
        }
    };
    let number = |index: usize, short: bool| match parts.get(index) {
        None => Some(0),
        Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => match part.len() {
            2 => part.parse().ok(),
            1 if short => part.parse().ok(),
            _ => None,
        },
        Some(_) => None,
    };
    if parts.len() > 3 {
        return None;
    }
    let seconds =
        offset_seconds(sign, number(0, true)?, number(1, parts.len() == 2)?, number(2, false)?)?;
    Zone::of_offset(seconds)
}

/// The seconds of an offset; minutes and seconds stay below 60, hours below a day.
pub(in crate::functions) fn offset_seconds(
    sign: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
) -> Option<i64> {
    let there = hours <= 23 && minutes <= 59 && seconds <= 59;
    there.then_some(sign * (hours * 3_600 + minutes * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600 * SECOND_MICROS;

    #[test]
    fn zones_have_the_names_that_java_gives_them() {
        for (name, seconds) in [
            ("Z", 0),
            ("UTC", 0),
            ("GMT", 0),
            ("UT+2", 7_200),
            ("GMT+2", 7_200),
            ("UTC-02:30", -9_000),
            ("GMT+2:30", 9_000),
            ("+2", 7_200),
            ("+02", 7_200),
            ("-0230", -9_000),
            ("+2:3", 7_380),
            ("+02:3", 7_380),
            ("+02:30:10", 9_010),
            ("+2:30:10", 9_010),
            ("+023010", 9_010),
            ("-18", -64_800),
            ("+18:00", 64_800),
            ("EST", -18_000),
        ] {
            assert_eq!(Zone::named(name), Some(Zone::Fixed(seconds)), "{name}");
        }
        for name in ["PST", "GMT0", "Etc/GMT+3", "EST5EDT", "CET"] {
            assert!(matches!(Zone::named(name), Some(Zone::Region(_))), "{name}");
        }
        for name in [
            "",
            " UTC",
            "utc",
            "z",
            "asia/seoul",
            "+19:00",
            "+18:01",
            "+",
            "+02:60",
            "x",
            "EDT",
            "+130",
            "+1:2:3",
            "+01:02:3",
            "-18:01",
            "+ 01:00",
            "GMT+",
            "+é",
        ] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_time_that_clocks_skip_or_show_twice() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        // 2016-03-27 02:30 is skipped, 2016-10-30 02:30 comes twice.
        let (skipped, twice) = (1_459_045_800 * SECOND_MICROS, 1_477_794_600 * SECOND_MICROS);
        assert_eq!(berlin.to_utc(skipped), Some(skipped - HOUR));
        assert_eq!(berlin.to_utc(twice), Some(twice - 2 * HOUR));
        assert_eq!(berlin.to_local(skipped), Some(skipped + 2 * HOUR));
    }

    #[test]
    fn clocks_of_far_years() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        // 1800-07-31 00:00 by local mean time, 2100-07-27 02:30 by summer time.
        let (early, late) = (-5_349_024_000 * SECOND_MICROS, 4_120_338_600 * SECOND_MICROS);
        assert_eq!(berlin.to_local(early), Some(early + 3_208 * SECOND_MICROS));
        assert_eq!(berlin.to_local(late), Some(late + 2 * HOUR));
    }
}
