//! What a pattern consists of.

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A character as it is.
    Literal(char),
    /// A number of some digits.
    Number(Number),
    /// Digits after the point of a second, between so many.
    Fraction(usize, usize),
    /// A name.
    Text(Names),
    /// `+0200` and the like.
    Offset(Offset),
    /// `GMT+2`, or in full `GMT+02:00`.
    LocalOffset { full: bool },
    /// `Europe/Berlin`.
    ZoneId,
    /// `CET`, or in full `Central European Time`.
    ZoneName { full: bool },
    /// What may be missing in a text.
    Optional(Vec<Item>),
}

/// A number in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) field: Field,
    /// The least number of digits; zeros are put before.
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) sign: Sign,
    /// The digits of numbers of fixed width that follow at once, which this one leaves to them.
    pub(super) reserved: usize,
    /// Two digits of a year from 2000.
    pub(super) reduced: bool,
}

/// Which signs a number may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `-`.
    Normal,
    /// None.
    None,
    /// `-`, and `+` where there are more digits than the least.
    ExceedsPad,
}

/// What a number or a name tells. Week-based fields are not taken by Spark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    YearOfEra,
    Year,
    Quarter,
    Month,
    Day,
    DayOfYear,
    /// 1 to 7, counted from the month's first day: what `F` stands for up to Java 18.
    AlignedDay,
    Weekday,
    AmPm,
    /// 0 to 23.
    Hour,
    /// 1 to 24.
    ClockHour,
    /// 0 to 11.
    HalfHour,
    /// 1 to 12.
    ClockHalfHour,
    Minute,
    Second,
    Nano,
    Offset,
}

impl Field {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Offset as usize + 1;
}

/// A list of names, whose first stands for the given number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) field: Field,
    pub(super) first: i64,
    pub(super) names: &'static [&'static str],
}

/// The form of an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) colon: bool,
    pub(super) minutes_needed: bool,
    pub(super) seconds: bool,
    /// What stands for no offset.
    pub(super) zero: &'static str,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_SHORT: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Names {
    pub(super) const fn months(full: bool) -> Self {
        let names: &[&str] = if full { &MONTHS } else { &MONTHS_SHORT };
        Self { field: Field::Month, first: 1, names }
    }

    pub(super) const fn weekdays(full: bool) -> Self {
        let names: &[&str] = if full { &DAYS } else { &DAYS_SHORT };
        Self { field: Field::Weekday, first: 1, names }
    }

    pub(super) const fn quarters(full: bool) -> Self {
        let names: &[&str] = if full {
            &["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"]
        } else {
            &["Q1", "Q2", "Q3", "Q4"]
        };
        Self { field: Field::Quarter, first: 1, names }
    }

    pub(super) const fn eras(full: bool) -> Self {
        let names: &[&str] = if full { &["Before Christ", "Anno Domini"] } else { &["BC", "AD"] };
        Self { field: Field::Era, first: 0, names }
    }

    pub(super) const HALVES: Self = Self { field: Field::AmPm, first: 0, names: &["AM", "PM"] };

    /// The name of a number.
    pub(super) fn name(&self, number: i64) -> &'static str {
        let index = usize::try_from(number - self.first).ok();
        index.and_then(|index| self.names.get(index)).copied().unwrap_or_default()
    }
}
