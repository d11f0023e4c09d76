//! Fields to a timestamp: the strict resolver of `java.time`, then what Spark puts in for what is missing.

use super::super::calendar::{Civil, SECOND_MICROS, is_leap, iso_weekday, joined};
use super::super::zone::Zone;
use super::PatternError;
use super::item::Field;
use super::parse::Fields;

/// The timestamp in UTC; `None` where the fields are none or contradict each other.
///
/// # Errors
/// A year that is too far away.
pub(super) fn micros(fields: &Fields) -> Result<Option<i64>, PatternError> {
    let (Some(day), Some(seconds)) = (day(fields), seconds_of_day(fields)) else { return Ok(None) };
    let zone = match (fields.zone, fields.get(Field::Offset)) {
        (Some(zone), _) => zone,
        (None, Some(offset)) => match Zone::of_offset(offset) {
            Some(zone) => zone,
            None => return Ok(None),
        },
        (None, None) => Zone::UTC,
    };
    let nanos = fields.get(Field::Nano).unwrap_or(0);
    let local = joined(day, seconds * SECOND_MICROS + nanos / 1_000);
    let utc = local.and_then(|local| zone.to_utc(local));
    utc.map(Some).ok_or(PatternError::Overflow)
}

/// Days since 1970.
fn day(fields: &Fields) -> Option<i64> {
    let in_range = |field, first, last| match fields.get(field) {
        Some(value) if !(first..=last).contains(&value) => None,
        value => Some(value),
    };
    let year = year(fields)?;
    let month = in_range(Field::Month, 1, 12)?;
    let day = in_range(Field::Day, 1, 31)?;
    let of_year = in_range(Field::DayOfYear, 1, 366)?;
    let civil = match (year, month, day, of_year) {
        (year, month, day, Some(of_year)) if year.is_none() || month.is_none() || day.is_none() => {
            let year = year.unwrap_or(1970);
            if of_year == 366 && !is_leap(year) {
                return None;
            }
            Civil::of(Civil { year, month: 1, day: 1 }.days() + of_year - 1)
        }
        (year, month, day, _) => {
            Civil::checked(year.unwrap_or(1970), month.unwrap_or(1), day.unwrap_or(1))?
        }
    };
    let same = |said: Option<i64>, is: i64| said.is_none_or(|said| said == is);
    let whole = of_year.is_some() || year.is_some() && month.is_some() && day.is_some();
    let consistent = !whole
        || same(month, civil.month)
            && same(day, civil.day)
            && same(of_year, civil.day_of_year())
            && same(fields.get(Field::Weekday), iso_weekday(civil.days()));
    consistent.then(|| civil.days())
}

/// The year, if one is told: within an era it needs that era.
fn year(fields: &Fields) -> Option<Option<i64>> {
    const FARTHEST: i64 = 999_999_999;
    let year = match (fields.get(Field::YearOfEra), fields.get(Field::Era)) {
        (Some(year), _) if !(1..=FARTHEST).contains(&year) => return None,
        (Some(year), Some(1)) => Some(year),
        (Some(year), Some(_)) => Some(1 - year),
        _ => fields.get(Field::Year),
    };
    year.is_none_or(|year| (-FARTHEST..=FARTHEST).contains(&year)).then_some(year)
}

fn seconds_of_day(fields: &Fields) -> Option<i64> {
    let in_range = |field, first, last| match fields.get(field) {
        Some(value) if !(first..=last).contains(&value) => None,
        value => Some(value),
    };
    // 24 o'clock is the day's beginning, 12 o'clock that of its half.
    let clock = in_range(Field::ClockHour, 1, 24)?.map(|hour| hour % 24);
    let half_clock = in_range(Field::ClockHalfHour, 1, 12)?.map(|hour| hour % 12);
    let hour = agreed(in_range(Field::Hour, 0, 23)?, clock)?;
    let half = agreed(in_range(Field::HalfHour, 0, 11)?, half_clock)?;
    let of_half = in_range(Field::AmPm, 0, 1)?;
    let hour = match (of_half, half) {
        (Some(of_half), Some(half)) => agreed(hour, Some(of_half * 12 + half))?,
        _ => hour,
    };
    let minute = in_range(Field::Minute, 0, 59)?;
    let second = in_range(Field::Second, 0, 59)?;
    // Where the time is complete, what else is told of it must agree.
    let nano = fields.get(Field::Nano);
    let gap = minute.is_none() && (second.is_some() || nano.is_some())
        || second.is_none() && nano.is_some();
    if let Some(hour) = hour
        && !gap
        && (half.is_some_and(|half| half != hour % 12)
            || of_half.is_some_and(|of_half| of_half != hour / 12))
    {
        return None;
    }
    let hour = hour.or(half).unwrap_or(if of_half == Some(1) { 12 } else { 0 });
    Some(hour * 3_600 + minute.unwrap_or(0) * 60 + second.unwrap_or(0))
}

/// One of two values, which must not differ.
fn agreed(one: Option<i64>, other: Option<i64>) -> Option<Option<i64>> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => Some(one.or(other)),
    }
}
