//! Dates, moments and times of day.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, StringArray, Time32MillisecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray,
};

use super::Expected::{Bad, Is};
use super::{Case, case};

const NOT_A_DATE: super::Expected = Bad("not a DATE (YYYY-MM-DD expected)");
const NO_SUCH_DAY: super::Expected = Bad("there is no such day");
const NOT_A_TIMESTAMP: super::Expected = Bad("not a TIMESTAMP (YYYY-MM-DD HH:MM:SS expected)");
const NOT_A_TIME: super::Expected = Bad("not a TIME (HH:MM:SS below 24:00:00 expected)");

/// 2024-01-02 03:04:05.123456
const MICROS: i64 = 1_704_164_645_123_456;

fn text(value: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![value]))
}

fn micros(value: i64) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(vec![value]))
}

pub(super) const CASES: &[Case] = &[
    case(
        "`infinity` of PostgreSQL",
        &["9999-12-31 23:59:59"],
        "TIMESTAMP",
        Is("9999-12-31 23:59:59"),
    )
    .parquet("`TIMESTAMP`", || micros(253_402_300_799_000_000)),
    case("`-infinity` of PostgreSQL", &["4713-01-01 00:00:00 BC"], "TIMESTAMP", NOT_A_TIMESTAMP)
        .parquet("`TIMESTAMP`", || micros(-210_866_803_200_000_000)),
    case("the same", &["4713-01-01 00:00:00 BC"], "VARCHAR(30)", Is("4713-01-01 00:00:00 BC")),
    case("the words", &["infinity", "-infinity"], "TIMESTAMP", NOT_A_TIMESTAMP),
    case("the words", &["infinity", "-infinity"], "DATE", NOT_A_DATE)
        .parquet("text", || text("infinity")),
    case("a day before year 1", &["0044-03-15 BC"], "DATE", NOT_A_DATE),
    case("a day before year 1", &["0000-12-31"], "DATE", NO_SUCH_DAY)
        .parquet("`DATE`", || Arc::new(Date32Array::from(vec![-719_163]))),
    case("the first day of year 1", &["0001-01-01"], "DATE", Is("0001-01-01"))
        .parquet("`DATE`", || Arc::new(Date32Array::from(vec![-719_162]))),
    case("a day after year 9999", &["10000-01-01", "294276-12-31"], "DATE", NOT_A_DATE)
        .parquet("`DATE`", || Arc::new(Date32Array::from(vec![2_932_897]))),
    case(
        "a moment after year 9999",
        &["10000-01-01 00:00:00", "9999-12-31 24:00:00"],
        "TIMESTAMP",
        NOT_A_TIMESTAMP,
    )
    .parquet("`TIMESTAMP`", || micros(253_402_300_800_000_000)),
    case("a zero date of MySQL", &["0000-00-00", "2024-00-00", "2024-01-00"], "DATE", NO_SUCH_DAY),
    case("a zero date of MySQL", &["0000-00-00 00:00:00", "0000-00-00"], "DATETIME", NO_SUCH_DAY),
    case("a day that no calendar has", &["2024-02-30", "1900-02-29"], "DATE", NO_SUCH_DAY),
    case(
        "a moment of such a day",
        &["2024-02-30 00:00:00", "2023-02-29"],
        "TIMESTAMP",
        NO_SUCH_DAY,
    ),
    case(
        "a day of Oracle, which has a time",
        &["1987-06-17 00:00:00", "1987-06-17 00:00:00.000000", "1987-06-17"],
        "DATE",
        Is("1987-06-17"),
    )
    .parquet("`TIMESTAMP`", || micros(550_886_400_000_000)),
    case(
        "the same at another time than midnight",
        &["1987-06-17 08:30:00"],
        "DATE",
        Bad("a time of day in a DATE"),
    )
    .parquet("`TIMESTAMP`", || micros(550_917_000_000_000)),
    case("a day", &["2024-01-02"], "TIMESTAMP", Is("2024-01-02 00:00:00"))
        .parquet("`DATE`", || Arc::new(Date32Array::from(vec![19_724]))),
    case(
        "a moment in microseconds",
        &["2024-01-02 03:04:05.123456", "2024-01-02T03:04:05.123456"],
        "TIMESTAMP",
        Is("2024-01-02 03:04:05.123456"),
    )
    .parquet("`TIMESTAMP`", || micros(MICROS)),
    case(
        "a moment in milliseconds",
        &["2024-01-02 03:04:05.123", "2024-01-02 03:04:05.123000"],
        "TIMESTAMP",
        Is("2024-01-02 03:04:05.123"),
    )
    .parquet("`TIMESTAMP` with `ParquetTimestampInMillisecond`", || {
        Arc::new(TimestampMillisecondArray::from(vec![MICROS / 1000]))
    }),
    case(
        "a moment in nanoseconds",
        &["2024-01-02 03:04:05.123456789"],
        "TIMESTAMP",
        Is("2024-01-02 03:04:05.123456"),
    )
    .parquet("`TIMESTAMP`", || Arc::new(TimestampNanosecondArray::from(vec![MICROS * 1000 + 789]))),
    case(
        "more digits of a second than declared",
        &["2024-01-02 03:04:05.123999"],
        "TIMESTAMP(3)",
        Is("2024-01-02 03:04:05.123"),
    )
    .parquet("`TIMESTAMP`", || micros(MICROS + 543)),
    case(
        "more than nine digits of a second",
        &["2024-01-02 03:04:05.1234567890"],
        "TIMESTAMP",
        NOT_A_TIMESTAMP,
    ),
    case(
        "a moment with an offset",
        &[
            "2026-06-15 12:30:45.500 +05:30",
            "2026-06-15 12:30:45.5+05:30",
            "2026-06-15 07:00:45.5Z",
            "2026-06-14 23:00:45.5-08",
        ],
        "TIMESTAMP WITH TIME ZONE",
        Is("2026-06-15 07:00:45.500"),
    ),
    case(
        "an offset in another form",
        &["2026-06-15 12:30:45+0530", "2026-06-15 12:30:45 UTC"],
        "TIMESTAMP",
        NOT_A_TIMESTAMP,
    ),
    case(
        "a moment that its offset moves out of year 1",
        &["0001-01-01 00:00:00+01"],
        "TIMESTAMP",
        Bad("out of range for TIMESTAMP"),
    ),
    case("a leap second", &["2016-12-31 23:59:60"], "TIMESTAMP", NOT_A_TIMESTAMP),
    case("the end of a day", &["23:59:59.999999"], "TIME", Is("23:59:59.999999")),
    case("24 hours, which PostgreSQL has", &["24:00:00"], "TIME", NOT_A_TIME),
    case("more than a day, which MySQL has", &["25:00:00", "838:59:59"], "TIME", NOT_A_TIME)
        .parquet("text", || text("25:00:00")),
    case("a day or more in Parquet", &[], "TIME", Bad("out of range for its type"))
        .parquet("`TIME`", || Arc::new(Time32MillisecondArray::from(vec![86_400_000]))),
    case("less than nothing, which MySQL has", &["-01:00:00"], "TIME", NOT_A_TIME),
    case("any of these", &["-838:59:59"], "VARCHAR(20)", Is("-838:59:59")),
    case("a time with an offset", &["12:00:00+02"], "TIME", NOT_A_TIME),
    case(
        "an interval",
        &["1 year 2 mons -3 days 04:05:06.7"],
        "VARCHAR(128)",
        Is("1 year 2 mons -3 days 04:05:06.7"),
    ),
    case("blanks around", &[" 2024-01-02", "2024-01-02 "], "DATE", NOT_A_DATE),
];
