//! Text to the fields that a pattern names: `java.time`'s parser, strict and without regard to case.

use super::super::zone::{Zone, offset_seconds};
use super::item::{Field, Item, Names, Number, Offset, Sign};
use super::zone_text;

/// What was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    values: [Option<i64>; Field::COUNT],
    pub(super) zone: Option<Zone>,
}

impl Fields {
    pub(super) fn get(&self, field: Field) -> Option<i64> {
        self.values[field as usize]
    }

    /// Sets a field; a text must not say two things of one.
    fn set(&mut self, field: Field, value: i64) -> Option<()> {
        let before = self.values[field as usize].replace(value);
        before.is_none_or(|before| before == value).then_some(())
    }
}

/// The fields of a text that the items match to its end.
pub(super) fn fields(items: &[Item], text: &str) -> Result<Fields, Mismatch> {
    let mut reader = Reader {
        text,
        at: 0,
        fields: Fields { values: [None; Field::COUNT], zone: None },
        strange_zone: false,
    };
    if reader.all(items).is_some() && reader.at == text.len() {
        return Ok(reader.fields);
    }
    Err(if reader.strange_zone { Mismatch::Zone } else { Mismatch::Text })
}

/// Why a text has no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// It is another text than the pattern tells.
    Text,
    /// It has a name of a zone that is not known here.
    Zone,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    fields: Fields,
    /// A letter stood where a zone's name was wanted, and no known name.
    strange_zone: bool,
}

impl Reader<'_> {
    fn all(&mut self, items: &[Item]) -> Option<()> {
        items.iter().try_for_each(|item| self.read(item))
    }

    fn read(&mut self, item: &Item) -> Option<()> {
        match item {
            Item::Literal(c) => self.literal(*c),
            Item::Number(number) => self.number(number),
            Item::Fraction(min, max) => self.fraction(*min, *max),
            Item::Text(names) => self.name(names),
            Item::Offset(offset) => self.offset(offset),
            Item::LocalOffset { full } => self.local_offset(*full),
            Item::ZoneId => self.zone(None),
            Item::ZoneName { full } => self.zone(Some(*full)),
            Item::Optional(items) => {
                let before = (self.at, self.fields);
                if self.all(items).is_none() {
                    (self.at, self.fields) = before;
                }
                Some(())
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn digit(&self, ahead: usize) -> Option<i64> {
        self.byte(ahead).filter(u8::is_ascii_digit).map(|byte| i64::from(byte - b'0'))
    }

    fn two_digits(&self, ahead: usize) -> Option<i64> {
        Some(self.digit(ahead)? * 10 + self.digit(ahead + 1)?)
    }

    fn literal(&mut self, wanted: char) -> Option<()> {
        let found = self.rest().chars().next()?;
        self.at += found.len_utf8();
        let same = found == wanted || found.to_lowercase().eq(wanted.to_lowercase());
        same.then_some(())
    }

    /// How many digits stand at a place, up to a number of them.
    fn digits(&self, ahead: usize, most: usize) -> usize {
        (0..most).take_while(|index| self.digit(ahead + index).is_some()).count()
    }

    fn number(&mut self, number: &Number) -> Option<()> {
        let sign = self.byte(0).filter(|byte| matches!(byte, b'+' | b'-'));
        let taken = usize::from(sign.is_some());
        match (sign, number.sign) {
            (None, _) | (Some(_), Sign::ExceedsPad) | (Some(b'-'), Sign::Normal) => {}
            (Some(_), _) => return None,
        }
        let mut length = self.digits(taken, number.max + number.reserved);
        if length < number.min {
            return None;
        }
        if number.reserved > 0 {
            length = number.min.max(length.saturating_sub(number.reserved)).min(length);
        }
        if number.sign == Sign::ExceedsPad
            && sign != Some(b'-')
            && sign.is_some() != (length > number.min)
        {
            return None;
        }
        let start = self.at + taken;
        let mut value: i64 = self.text.get(start..start + length)?.parse().ok()?;
        if sign == Some(b'-') {
            value = if value == 0 { return None } else { -value };
        }
        if number.reduced {
            value += 2_000;
        }
        self.at = start + length;
        self.fields.set(number.field, value)
    }

    fn fraction(&mut self, min: usize, max: usize) -> Option<()> {
        let length = self.digits(0, max);
        if length < min {
            return None;
        }
        let digits = (0..length).filter_map(|index| self.digit(index));
        let nanos =
            digits.chain(std::iter::repeat(0)).take(9).fold(0, |sum, digit| sum * 10 + digit);
        self.at += length;
        self.fields.set(Field::Nano, nanos)
    }

    /// One of the names: the longest that stands there.
    fn name(&mut self, names: &Names) -> Option<()> {
        let rest = self.rest().as_bytes();
        let found = names.names.iter().zip(names.first..).filter(|(name, _)| starts(rest, name));
        let (name, value) = found.max_by_key(|(name, _)| name.len())?;
        self.at += name.len();
        self.fields.set(names.field, value)
    }

    fn offset(&mut self, offset: &Offset) -> Option<()> {
        if starts(self.rest().as_bytes(), offset.zero) {
            self.at += offset.zero.len();
            return self.fields.set(Field::Offset, 0);
        }
        let (seconds, length) = offset_at(self.rest().as_bytes(), offset)?;
        self.at += length;
        self.fields.set(Field::Offset, seconds)
    }

    fn local_offset(&mut self, full: bool) -> Option<()> {
        if !starts(self.rest().as_bytes(), "GMT") {
            return None;
        }
        self.at += 3;
        let sign = match self.byte(0) {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return self.fields.set(Field::Offset, 0),
        };
        self.at += 1;
        let hours = if full || self.digit(1).is_some() {
            self.two_digits(0).inspect(|_| self.at += 2)?
        } else {
            self.digit(0).inspect(|_| self.at += 1)?
        };
        let minutes = self.after_colon();
        if full && minutes.is_none() {
            return None;
        }
        let seconds = minutes.and_then(|_| self.after_colon()).unwrap_or(0);
        let total = sign * (hours * 3_600 + minutes.unwrap_or(0) * 60 + seconds);
        self.fields.set(Field::Offset, total)
    }

    fn after_colon(&mut self) -> Option<i64> {
        let value = self.byte(0).filter(|byte| *byte == b':').and_then(|_| self.two_digits(1))?;
        self.at += 3;
        Some(value)
    }

    /// A zone's id or, where wanted, its name: short or full.
    fn zone(&mut self, names: Option<bool>) -> Option<()> {
        if self.rest().is_empty() {
            return None;
        }
        match zone_text::at(self.rest(), names) {
            Some((zone, length)) => {
                self.at += length;
                self.fields.zone = Some(zone);
                Some(())
            }
            None => {
                self.strange_zone |= names.is_some() && self.byte(0)?.is_ascii_alphabetic();
                None
            }
        }
    }
}

/// Whether bytes begin with a name, in any case.
pub(super) fn starts(bytes: &[u8], name: &str) -> bool {
    bytes.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
}

/// The offset at the beginning of a text, in seconds, and its length.
pub(super) fn offset_at(text: &[u8], offset: &Offset) -> Option<(i64, usize)> {
    let two = |at: usize| {
        let (Some(tens @ b'0'..=b'9'), Some(ones @ b'0'..=b'9')) = (text.get(at), text.get(at + 1))
        else {
            return None;
        };
        Some(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let further = |at: usize| {
        let at = if offset.colon {
            text.get(at).filter(|byte| **byte == b':').map(|_| at + 1)?
        } else {
            at
        };
        two(at).filter(|value| *value <= 59).map(|value| (value, at + 2))
    };
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = two(1)?;
    let (minutes, at) = match further(3) {
        Some(found) => found,
        None if offset.minutes_needed => return None,
        None => (0, 3),
    };
    let seconds = if offset.seconds && at > 3 { further(at) } else { None };
    let (seconds, at) = seconds.unwrap_or((0, at));
    offset_seconds(sign, hours, minutes, seconds).map(|total| (total, at))
}
