//! Days and the dates that they are, in the proleptic Gregorian calendar, for all years that Spark has.
//!
//! The calendar of `chrono` ends in the year 262,142, that of Spark in 5,881,580.

/// A year of the calendar, a month and a day, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

pub(super) const CYCLE_DAYS: i64 = 146_097;
pub(super) const CYCLE_YEARS: i64 = 400;
/// From 0000-03-01, where the cycles below begin, to 1970-01-01.
const EPOCH: i64 = 719_468;

/// The day since 1970-01-01; `None` for a date that does not exist.
pub(super) fn day_of(date: Civil) -> Option<i64> {
    let Civil { year, month, day } = date;
    if !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let year_of_cycle = year.rem_euclid(CYCLE_YEARS);
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    Some(year.div_euclid(CYCLE_YEARS) * CYCLE_DAYS + day_of_cycle - EPOCH)
}

/// The date of a day since 1970-01-01.
pub(super) fn date_of(day: i64) -> Civil {
    let day = day + EPOCH;
    let day_of_cycle = day.rem_euclid(CYCLE_DAYS);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / (CYCLE_DAYS - 1))
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month = (5 * day_of_year + 2) / 153;
    let year = day.div_euclid(CYCLE_DAYS) * CYCLE_YEARS + year_of_cycle;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    if month < 10 {
        Civil { year, month: month + 3, day }
    } else {
        Civil { year: year + 1, month: month - 9, day }
    }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_that_do_not_exist_have_no_day() {
        for (year, month, day) in [(2026, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 13, 1)] {
            assert_eq!(day_of(Civil { year, month, day }), None);
        }
        assert_eq!(day_of(Civil { year: 2026, month: 1, day: 0 }), None);
        assert!(day_of(Civil { year: 2000, month: 2, day: 29 }).is_some());
    }

    proptest! {
        #[test]
        fn days_and_dates_agree_with_chrono(day in -90_000_000..90_000_000_i32) {
            let expected = NaiveDate::from_epoch_days(day).unwrap();
            let found = date_of(day.into());
            prop_assert_eq!(found.year, i64::from(expected.year()));
            prop_assert_eq!(found.month, i64::from(expected.month()));
            prop_assert_eq!(found.day, i64::from(expected.day()));
            prop_assert_eq!(day_of(found), Some(day.into()));
        }

        #[test]
        fn every_day_is_the_day_of_its_date(day: i32) {
            prop_assert_eq!(day_of(date_of(day.into())), Some(day.into()));
        }
    }
}
