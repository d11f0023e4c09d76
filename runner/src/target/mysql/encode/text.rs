//! Values as texts of `LOAD DATA`, written where they go without an allocation for each.

use chrono::{Datelike, NaiveDate};

const MICROS_OF_SECOND: i64 = 1_000_000;
pub(super) const MICROS_OF_DAY: i64 = 24 * 60 * 60 * MICROS_OF_SECOND;
const HEX: &[u8; 16] = b"0123456789abcdef";
/// NULL as a field of `LOAD DATA`.
pub(super) const NULL: &[u8] = b"\\N";

pub(super) fn date(days: i64) -> std::result::Result<NaiveDate, &'static str> {
    let date = chrono::TimeDelta::try_days(days)
        .and_then(|days| NaiveDate::default().checked_add_signed(days));
    date.filter(|date| (1..=9999).contains(&date.year()))
        .ok_or("holds a date outside of the years 1 to 9999")
}

/// Hours, minutes and seconds of the day's microseconds.
pub(super) fn clock(micros: i64) -> [u8; 3] {
    let seconds = micros / MICROS_OF_SECOND;
    [seconds / 3600, seconds / 60 % 60, seconds % 60].map(|part| u8::try_from(part).unwrap_or(0))
}

pub(super) fn fraction(micros: i64) -> u32 {
    u32::try_from(micros % MICROS_OF_SECOND).unwrap_or(0)
}

pub(super) fn write_whole(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A number of which the last `scale` digits are the fraction.
pub(super) fn write_decimal(number: i128, scale: usize, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    // Most fit into 64 bits, which are faster to print.
    let digits = match u64::try_from(number.unsigned_abs()) {
        Ok(small) => buffer.format(small),
        Err(_) => buffer.format(number.unsigned_abs()),
    };
    let whole = digits.len().saturating_sub(scale);
    let (whole, fraction) = digits.as_bytes().split_at(whole);
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if scale > 0 {
        out.push(b'.');
        out.extend(std::iter::repeat_n(b'0', scale - fraction.len()));
        out.extend_from_slice(fraction);
    }
}

pub(super) fn write_moment(date: NaiveDate, micros: i64, out: &mut Vec<u8>) {
    write_date(date, out);
    out.push(b' ');
    write_time(micros, out);
}

pub(super) fn write_date(date: NaiveDate, out: &mut Vec<u8>) {
    write_digits(date.year().unsigned_abs(), 4, out);
    out.push(b'-');
    write_digits(date.month(), 2, out);
    out.push(b'-');
    write_digits(date.day(), 2, out);
}

pub(super) fn write_time(micros: i64, out: &mut Vec<u8>) {
    let [hour, minute, second] = clock(micros);
    write_digits(hour.into(), 2, out);
    out.push(b':');
    write_digits(minute.into(), 2, out);
    out.push(b':');
    write_digits(second.into(), 2, out);
    out.push(b'.');
    write_digits(fraction(micros), 6, out);
}

fn write_digits(mut number: u32, width: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    out.resize(begin + width, b'0');
    for digit in out[begin..].iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

pub(super) fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(
        bytes.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
    );
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'\t' | b'\n' | 0)
}

/// Whether any of these texts has to be escaped; asked of all rows' texts at once, it costs less than to ask each.
pub(super) fn has_special(texts: &[u8]) -> bool {
    memchr::memchr3(b'\\', b'\t', b'\n', texts).is_some() || memchr::memchr(0, texts).is_some()
}

/// Escapes what ends a field or a line, and the escape itself. In UTF-8 these bytes are never part of another character.
pub(super) fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(place) = rest.iter().position(|byte| is_special(*byte)) {
        let (plain, special) = rest.split_at(place);
        out.extend_from_slice(plain);
        out.push(b'\\');
        out.push(match special.first() {
            Some(b'\t') => b't',
            Some(b'\n') => b'n',
            Some(0) => b'0',
            _ => b'\\',
        });
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}
