//! The calendar that Spark counts in since 3.0: the proleptic Gregorian one, with a year 0.
//!
//! Computed here and not by chrono, whose dates end before those of INT days and BIGINT microseconds do.

pub(in crate::functions) const SECOND_MICROS: i64 = 1_000_000;
pub(in crate::functions) const MINUTE_MICROS: i64 = 60 * SECOND_MICROS;
pub(in crate::functions) const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;
pub(in crate::functions) const DAY_MICROS: i64 = 24 * HOUR_MICROS;

/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i64 = 719_468;

/// A day by its year, month and day of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions) struct Civil {
    pub(in crate::functions) year: i64,
    pub(in crate::functions) month: i64,
    pub(in crate::functions) day: i64,
}

impl Civil {
    /// The day of that many days since 1970-01-01. Years are counted from March, so that the leap day is the last of a year.
    pub(in crate::functions) fn of(days: i64) -> Self {
        let shifted = days + EPOCH_SHIFT;
        let of_era = shifted.rem_euclid(ERA_DAYS);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + shifted.div_euclid(ERA_DAYS) * 400 + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * from_march + 2) / 5 + 1 }
    }

    /// Days since 1970-01-01. A day beyond the month's end counts on into the next.
    pub(in crate::functions) fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let year_of_era = year.rem_euclid(400);
        let from_march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let day_of_year = (153 * from_march + 2) / 5 + self.day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        year.div_euclid(400) * ERA_DAYS + of_era - EPOCH_SHIFT
    }

    /// The day of these parts, if there is one.
    pub(in crate::functions) fn checked(year: i64, month: i64, day: i64) -> Option<Self> {
        let there = (-999_999_999..=999_999_999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_length(year, month)).contains(&day);
        there.then_some(Self { year, month, day })
    }

    /// This day that many months later: the month's last day where that month is shorter.
    pub(in crate::functions) fn plus_months(self, months: i64) -> Self {
        let counted = self.year * 12 + self.month - 1 + months;
        let (year, month) = (counted.div_euclid(12), counted.rem_euclid(12) + 1);
        Self { year, month, day: self.day.min(month_length(year, month)) }
    }

    /// The day of the year, 1 to 366.
    pub(in crate::functions) fn day_of_year(self) -> i64 {
        self.days() - Self { month: 1, day: 1, ..self }.days() + 1
    }

    /// 1 to 4.
    pub(in crate::functions) fn quarter(self) -> i64 {
        (self.month + 2) / 3
    }
}

pub(in crate::functions) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The number of days of a month, 1 to 12.
pub(in crate::functions) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 1 for Monday to 7 for Sunday.
pub(in crate::functions) fn iso_weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// The year and the number of the week, which begins on Monday and is of the year that has its Thursday (ISO 8601).
pub(in crate::functions) fn iso_week(days: i64) -> (i64, i64) {
    let thursday = Civil::of(days - iso_weekday(days) + 4);
    (thursday.year, (thursday.day_of_year() - 1) / 7 + 1)
}

/// A moment as its day and the microseconds since midnight.
pub(in crate::functions) fn split(micros: i64) -> (i64, i64) {
    (micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS))
}

/// The moment of a day and of the microseconds since midnight, if a timestamp reaches as far.
pub(in crate::functions) fn joined(days: i64, micros_of_day: i64) -> Option<i64> {
    let micros = i128::from(days) * i128::from(DAY_MICROS) + i128::from(micros_of_day);
    i64::try_from(micros).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        let mut before = Civil { year: -401, month: 12, day: 31 };
        for days in before.days() + 1..=(Civil { year: 400, month: 12, day: 31 }).days() {
            let day = Civil::of(days);
            let next = match before {
                Civil { year, month: 12, day: 31 } => Civil { year: year + 1, month: 1, day: 1 },
                Civil { year, month, day } if day == month_length(year, month) => {
                    Civil { year, month: month + 1, day: 1 }
                }
                other => Civil { day: other.day + 1, ..other },
            };
            assert_eq!((day, day.days()), (next, days));
            before = day;
        }
    }

    #[test]
    fn known_days() {
        assert_eq!(Civil::of(0), Civil { year: 1970, month: 1, day: 1 });
        assert_eq!(Civil::of(i64::from(i32::MIN)), Civil { year: -5_877_641, month: 6, day: 23 });
        assert_eq!(iso_weekday(0), 4);
        // 2027-01-01 is a Friday of the last week of 2026; 0001-01-01 is a Monday.
        assert_eq!(iso_week(20_819), (2026, 53));
        assert_eq!(iso_week(-719_162), (1, 1));
        assert_eq!(split(-1), (-1, DAY_MICROS - 1));
        assert_eq!(Civil::checked(2023, 2, 29), None);
    }
}
