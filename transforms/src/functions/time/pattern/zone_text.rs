//! Ids and names of time zones at the beginning of a text.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono_tz::{TZ_VARIANTS, Tz};

use super::super::zone::{UNKNOWN_TO_JAVA, Zone};
use super::item::Offset;
use super::parse::{offset_at, starts};

/// Offsets after a prefix, and without one.
const OFFSET: Offset = Offset { colon: true, minutes_needed: true, seconds: true, zero: "Z" };

/// Names that people write, with the region that Java takes them for in English: short and full, of winter and of summer.
const NAMES: &[(&str, &str, &str)] = &[
    ("PST", "Pacific Standard Time", "America/Los_Angeles"),
    ("PDT", "Pacific Daylight Time", "America/Los_Angeles"),
    ("MST", "Mountain Standard Time", "America/Denver"),
    ("MDT", "Mountain Daylight Time", "America/Denver"),
    ("CST", "Central Standard Time", "America/Chicago"),
    ("CDT", "Central Daylight Time", "America/Chicago"),
    ("EST", "Eastern Standard Time", "America/New_York"),
    ("EDT", "Eastern Daylight Time", "America/New_York"),
    ("HST", "Hawaii-Aleutian Standard Time", "Pacific/Honolulu"),
    ("WET", "Western European Standard Time", "Europe/Lisbon"),
    ("CET", "Central European Standard Time", "Europe/Paris"),
    ("CEST", "Central European Summer Time", "Europe/Paris"),
    ("EET", "Eastern European Standard Time", "Europe/Bucharest"),
    ("EEST", "Eastern European Summer Time", "Europe/Bucharest"),
    ("MSK", "Moscow Standard Time", "Europe/Moscow"),
    ("JST", "Japan Standard Time", "Asia/Tokyo"),
];

/// The zone at the beginning of a text and the length of what names it: by its id, and by its name if names of that length are wanted.
pub(super) fn at(text: &str, names: Option<bool>) -> Option<(Zone, usize)> {
    let bytes = text.as_bytes();
    if matches!(bytes.first(), Some(b'+' | b'-')) {
        return offset_at(bytes, &OFFSET).and_then(of_offset);
    }
    if starts(bytes, "UTC") {
        if matches!(bytes.get(3), None | Some(b'+' | b'-')) {
            return Some(after_prefix(bytes, 3));
        }
    } else if starts(bytes, "UT") {
        return Some(after_prefix(bytes, 2));
    } else if starts(bytes, "GMT") {
        return Some(if bytes.get(3) == Some(&b'0') {
            (Zone::UTC, 4)
        } else {
            after_prefix(bytes, 3)
        });
    }
    let named = names.and_then(|full| {
        let name = |entry: &(&'static str, &'static str, &'static str)| {
            if full { entry.1 } else { entry.0 }
        };
        let found = NAMES.iter().filter(|entry| starts(bytes, name(entry)));
        let entry = found.max_by_key(|entry| name(entry).len())?;
        Some((Zone::named(entry.2)?, name(entry).len()))
    });
    match (named, region(text)) {
        (Some(named), Some(region)) if region.1 > named.1 => Some(region),
        (None, None) if starts(bytes, "Z") => Some((Zone::UTC, 1)),
        (named, region) => named.or(region),
    }
}

/// The length of the longest name, short or full, at the beginning of a text.
pub(super) fn name_length(text: &str) -> Option<usize> {
    let names = NAMES.iter().flat_map(|(short, full, _)| [*short, *full]);
    names.filter(|name| starts(text.as_bytes(), name)).map(str::len).max()
}

fn of_offset((seconds, length): (i64, usize)) -> Option<(Zone, usize)> {
    Zone::of_offset(seconds).map(|zone| (zone, length))
}

/// `UTC`, `GMT` and `UT` with or without an offset.
fn after_prefix(bytes: &[u8], prefix: usize) -> (Zone, usize) {
    let offset = bytes.get(prefix..).and_then(|rest| offset_at(rest, &OFFSET)).and_then(of_offset);
    offset.map_or((Zone::UTC, prefix), |(zone, length)| (zone, prefix + length))
}

/// The longest id of a region, in any case.
fn region(text: &str) -> Option<(Zone, usize)> {
    static REGIONS: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
        let known = TZ_VARIANTS.iter().filter(|zone| !UNKNOWN_TO_JAVA.contains(&zone.name()));
        known.map(|zone| (zone.name().to_ascii_lowercase(), *zone)).collect()
    });
    let may_be = |byte: &u8| byte.is_ascii_alphanumeric() || b"~/._+-".contains(byte);
    let longest = text.bytes().take_while(may_be).count();
    let text = text.get(..longest)?.to_ascii_lowercase();
    (1..=longest).rev().find_map(|length| {
        let zone = REGIONS.get(text.get(..length)?)?;
        Some((Zone::Region(*zone), length))
    })
}
