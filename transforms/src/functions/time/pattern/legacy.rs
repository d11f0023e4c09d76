//! Whether Spark 2 would have taken a text: `java.text.SimpleDateFormat`, not lenient, which stops where the pattern ends.
//!
//! Only that is told and not the value, since Spark 3 fails where the two parsers differ.

use super::super::calendar::{Civil, iso_weekday, joined};
use super::item::{Field, Names};
use super::parse::starts;
use super::zone_text;

/// A pattern as Spark 2 read it.
#[derive(Debug)]
pub(super) struct Legacy {
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy)]
enum Item {
    Literal(char),
    Letters(char, usize),
}

/// Values of fields; each stands for itself only.
type Values = [Option<i64>; Field::COUNT];

/// The days that the change to the Gregorian calendar left out in 1582.
const LEFT_OUT: std::ops::RangeInclusive<i64> = 5..=14;

impl Legacy {
    /// Reads a pattern; `None` where Spark 2 refused it.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let mut items = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\'' if rest.next_if_eq(&'\'').is_some() => items.push(Item::Literal('\'')),
                '\'' => loop {
                    match rest.next()? {
                        '\'' if rest.next_if_eq(&'\'').is_none() => break,
                        quoted => items.push(Item::Literal(quoted)),
                    }
                },
                'a'..='z' | 'A'..='Z' => {
                    let mut count = 1;
                    while rest.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    if !"GyMLdDEuFaHkKhmsSzZXYwW".contains(c) || c == 'X' && count > 3 {
                        return None;
                    }
                    items.push(Item::Letters(c, count));
                }
                other => items.push(Item::Literal(other)),
            }
        }
        Some(Self { items })
    }

    /// Whether a text begins with what the pattern says.
    pub(super) fn takes(&self, text: &str) -> bool {
        let mut values = [None; Field::COUNT];
        let mut at = 0;
        for (index, item) in self.items.iter().enumerate() {
            let rest = text.get(at..).unwrap_or_default();
            let length = match *item {
                Item::Literal(c) => rest.starts_with(c).then(|| c.len_utf8()),
                Item::Letters(letter, count) => {
                    // A number that another follows at once has just as many digits as letters.
                    let exact = matches!(self.items.get(index + 1), Some(Item::Letters(next, n)) if is_number(*next, *n));
                    let letters = Letters { letter, count, exact };
                    letters.read(rest, &mut values)
                }
            };
            let Some(length) = length else { return false };
            at += length;
        }
        at > 0 && consistent(&values)
    }
}

fn is_number(letter: char, count: usize) -> bool {
    match letter {
        'M' | 'L' => count <= 2,
        _ => "ydDuFHkKhmsSYwW".contains(letter),
    }
}

/// A field of a pattern.
#[derive(Debug, Clone, Copy)]
struct Letters {
    letter: char,
    count: usize,
    /// Whether it has just as many digits as letters.
    exact: bool,
}

impl Letters {
    /// Reads the field from the beginning of a text; how long it is. Blanks may stand before it, unless it is a name.
    fn read(self, text: &str, values: &mut Values) -> Option<usize> {
        let all = text.as_bytes();
        match self.letter {
            'G' => return name(&[Names::eras(false), Names::eras(true)], all, values),
            'a' => return name(&[Names::HALVES], all, values),
            'E' => return name(&[Names::weekdays(false), Names::weekdays(true)], all, values),
            'M' | 'L' if self.count > 2 => {
                return name(&[Names::months(false), Names::months(true)], all, values);
            }
            _ => {}
        }
        let rest = text.trim_start_matches([' ', '\t']);
        let blanks = text.len() - rest.len();
        let length = match self.letter {
            'z' | 'Z' => zone(rest),
            'X' => iso_zone(rest.as_bytes(), self.count),
            _ => self.number(rest.as_bytes(), blanks, values),
        };
        length.map(|length| blanks + length)
    }

    fn number(self, text: &[u8], blanks: usize, values: &mut Values) -> Option<usize> {
        let most = self.exact.then(|| self.count.saturating_sub(blanks));
        let (mut value, length) = number(text, most)?;
        let field = match self.letter {
            'y' => Field::Year,
            'M' | 'L' => Field::Month,
            'd' => Field::Day,
            'D' => Field::DayOfYear,
            'H' => Field::Hour,
            'k' => Field::ClockHour,
            'K' => Field::HalfHour,
            'h' => Field::ClockHalfHour,
            'm' => Field::Minute,
            's' => Field::Second,
            'S' => Field::Nano,
            'u' => Field::Weekday,
            // Weeks: Spark 3 refuses them before.
            _ => return Some(length),
        };
        if field == Field::Year && self.count <= 2 && length == 2 && value >= 0 {
            value += 2_000;
        }
        values[field as usize] = Some(value);
        Some(length)
    }
}

/// The longest of some names at the beginning of a text.
fn name(lists: &[Names], text: &[u8], values: &mut Values) -> Option<usize> {
    let named = lists.iter().flat_map(|list| list.names.iter().zip(list.first..));
    let found = named.filter(|(name, _)| starts(text, name));
    let (name, number) = found.max_by_key(|(name, _)| name.len())?;
    let field = lists.first()?.field;
    values[field as usize] = Some(number);
    Some(name.len())
}

/// A whole number, which may be negative. Java also reads digits of other scripts; those are none here.
fn number(text: &[u8], exact: Option<usize>) -> Option<(i64, usize)> {
    let text = match exact {
        Some(exact) => text.get(..exact)?,
        None => text,
    };
    let sign = usize::from(text.first() == Some(&b'-'));
    let digits = text.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let value = text
        .iter()
        .skip(sign)
        .take(digits)
        .fold(0_i64, |sum, byte| sum.saturating_mul(10).saturating_add(i64::from(byte - b'0')));
    Some((if sign == 1 { -value } else { value }, sign + digits))
}

/// `+0200`, `GMT`, `GMT+2:00`, or a name.
fn zone(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize, most: usize| {
        bytes.iter().skip(from).take(most).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let signed = |at: usize| matches!(bytes.get(at), Some(b'+' | b'-'));
    if signed(0) {
        let in_range = matches!(bytes.get(1..3), Some(hours) if hours <= b"23".as_slice())
            && bytes.get(3).is_some_and(|tens| *tens <= b'5');
        return (digits(1, 4) == 4 && in_range).then_some(5);
    }
    if !starts(bytes, "GMT") {
        return starts(bytes, "UTC").then_some(3).or_else(|| zone_text::name_length(text));
    }
    if !signed(3) {
        return Some(3);
    }
    let colon = 4 + digits(4, 2);
    let whole = colon > 4 && bytes.get(colon) == Some(&b':') && digits(colon + 1, 2) == 2;
    whole.then_some(colon + 3)
}

/// `Z`, `+02`, `+0200`, `+02:00`.
fn iso_zone(text: &[u8], count: usize) -> Option<usize> {
    let digits = |from: usize| {
        text.iter().skip(from).take(2).take_while(|byte| byte.is_ascii_digit()).count() == 2
    };
    match text.first()? {
        b'Z' => Some(1),
        b'+' | b'-' if digits(1) => match count {
            1 => Some(3),
            2 => digits(3).then_some(5),
            _ => (text.get(3) == Some(&b':') && digits(4)).then_some(6),
        },
        _ => None,
    }
}

/// Whether the calendar takes the values as they are.
fn consistent(values: &Values) -> bool {
    let get = |field: Field| values[field as usize];
    let in_range =
        |field, first, last| get(field).is_none_or(|value| (first..=last).contains(&value));
    let ranges = in_range(Field::Year, 1, 292_278_994)
        && in_range(Field::Month, 1, 12)
        && in_range(Field::Day, 1, 31)
        && in_range(Field::DayOfYear, 1, 366)
        && in_range(Field::Hour, 0, 23)
        && in_range(Field::ClockHour, 1, 24)
        && in_range(Field::HalfHour, 0, 11)
        && in_range(Field::ClockHalfHour, 1, 12)
        && in_range(Field::Minute, 0, 59)
        && in_range(Field::Second, 0, 59)
        && in_range(Field::Nano, 0, 999);
    ranges && day_is(values) && hour_is(values)
}

fn day_is(values: &Values) -> bool {
    let get = |field: Field| values[field as usize];
    let (year, month, day) = (get(Field::Year), get(Field::Month), get(Field::Day));
    let year = year.unwrap_or(1970);
    let civil = match get(Field::DayOfYear) {
        Some(of_year) if month.is_none() && day.is_none() => {
            Some(Civil::of(Civil { year, month: 1, day: 1 }.days() + of_year - 1))
        }
        _ => Civil::checked(year, month.unwrap_or(1), day.unwrap_or(1)),
    };
    let Some(civil) = civil else { return false };
    let same = |field, is: i64| get(field).is_none_or(|said| said == is);
    civil.year == year
        && joined(civil.days(), 0).is_some()
        && same(Field::DayOfYear, civil.day_of_year())
        && same(Field::Weekday, iso_weekday(civil.days()))
        && !((civil.year, civil.month) == (1582, 10) && LEFT_OUT.contains(&civil.day))
}

fn hour_is(values: &Values) -> bool {
    let get = |field: Field| values[field as usize];
    let hour = get(Field::Hour).or(get(Field::ClockHour).map(|hour| hour % 24));
    let half = get(Field::HalfHour).or(get(Field::ClockHalfHour).map(|hour| hour % 12));
    let Some(hour) = hour else { return true };
    half.is_none_or(|half| half == hour % 12)
        && get(Field::AmPm).is_none_or(|of_half| of_half == hour / 12)
}
