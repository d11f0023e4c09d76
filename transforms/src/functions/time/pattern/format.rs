//! Writing a timestamp.

use super::super::calendar::{
    Civil, HOUR_MICROS, MINUTE_MICROS, SECOND_MICROS, iso_weekday, split,
};
use super::item::{Field, Item, Number, Sign};

/// Appends a timestamp in UTC.
pub(super) fn write(items: &[Item], micros: i64, out: &mut String) {
    let moment = Moment::of(micros);
    for item in items {
        moment.write(item, out);
    }
}

struct Moment {
    days: i64,
    micros: i64,
    civil: Civil,
}

impl Moment {
    fn of(micros: i64) -> Self {
        let (days, micros) = split(micros);
        Self { days, micros, civil: Civil::of(days) }
    }

    fn write(&self, item: &Item, out: &mut String) {
        match item {
            Item::Literal(c) => out.push(*c),
            Item::Number(number) => write_number(number, self.value(number.field), out),
            Item::Fraction(_, digits) => {
                let nanos = format!("{:09}", self.value(Field::Nano));
                out.push_str(nanos.get(..*digits).unwrap_or(&nanos));
            }
            Item::Text(names) => out.push_str(names.name(self.value(names.field))),
            Item::Offset(offset) => out.push_str(offset.zero),
            Item::LocalOffset { .. } => out.push_str("GMT"),
            Item::ZoneId | Item::ZoneName { full: false } => out.push_str("UTC"),
            Item::ZoneName { full: true } => out.push_str("Coordinated Universal Time"),
            Item::Optional(items) => items.iter().for_each(|item| self.write(item, out)),
        }
    }

    fn value(&self, field: Field) -> i64 {
        let Civil { year, month, day } = self.civil;
        let hour = self.micros / HOUR_MICROS;
        match field {
            Field::Era => i64::from(year > 0),
            Field::YearOfEra => {
                if year > 0 {
                    year
                } else {
                    1 - year
                }
            }
            Field::Year => year,
            Field::Quarter => self.civil.quarter(),
            Field::Month => month,
            Field::Day => day,
            Field::DayOfYear => self.civil.day_of_year(),
            Field::AlignedDay => (day - 1) % 7 + 1,
            Field::Weekday => iso_weekday(self.days),
            Field::AmPm => hour / 12,
            Field::Hour => hour,
            Field::ClockHour => (hour + 23) % 24 + 1,
            Field::HalfHour => hour % 12,
            Field::ClockHalfHour => (hour + 11) % 12 + 1,
            Field::Minute => self.micros % HOUR_MICROS / MINUTE_MICROS,
            Field::Second => self.micros % MINUTE_MICROS / SECOND_MICROS,
            Field::Nano => self.micros % SECOND_MICROS * 1_000,
            Field::Offset => 0,
        }
    }
}

fn write_number(number: &Number, value: i64, out: &mut String) {
    let digits = if number.reduced { value.abs() % 100 } else { value.abs() }.to_string();
    if !number.reduced {
        if value < 0 {
            out.push('-');
        } else if number.sign == Sign::ExceedsPad && digits.len() > number.min {
            out.push('+');
        }
    }
    for _ in digits.len()..number.min {
        out.push('0');
    }
    out.push_str(&digits);
}
