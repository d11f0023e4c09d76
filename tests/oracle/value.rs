//! Values as DMS writes them: each type has a small pool, in which NULL is the first and every text is another value.

use datafusion::arrow::datatypes::{DataType, TimeUnit};

/// A value as text; `None` is NULL.
pub(super) type Cell = Option<&'static str>;

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Small,
    BigInt,
    Text,
    Decimal,
    Double,
    Date,
    Timestamp,
    Boolean,
    Binary,
    Time,
    Unsigned,
    Float,
    Char,
    Wide,
}

impl Kind {
    /// As declared in `sources.sql`.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Int | Self::Small => "INT",
            Self::BigInt => "BIGINT",
            Self::Text => "VARCHAR(40)",
            Self::Decimal => "DECIMAL(10, 2)",
            Self::Double => "DOUBLE",
            Self::Date => "DATE",
            Self::Timestamp => "TIMESTAMP",
            Self::Boolean => "BOOLEAN",
            Self::Binary => "VARBINARY(16)",
            Self::Time => "TIME",
            Self::Unsigned => "BIGINT UNSIGNED",
            Self::Float => "FLOAT",
            Self::Char => "CHAR(5)",
            Self::Wide => "DECIMAL(50, 20)",
        }
    }

    /// The type that DMS writes it as in Parquet, or another one that it may come as.
    pub(super) fn parquet(self, respelled: bool) -> DataType {
        match self {
            Self::Int | Self::Small if respelled => DataType::Int64,
            Self::Int | Self::Small => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Text | Self::Char => DataType::Utf8,
            Self::Decimal if respelled => DataType::Decimal128(12, 3),
            Self::Decimal => DataType::Decimal128(10, 2),
            Self::Double => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Timestamp if respelled => DataType::Utf8,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            // MapBooleanAsBoolean.
            Self::Boolean if respelled => DataType::Boolean,
            Self::Boolean => DataType::Utf8,
            Self::Binary => DataType::Binary,
            Self::Time if respelled => DataType::Utf8,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Unsigned => DataType::UInt64,
            Self::Float => DataType::Float32,
            Self::Wide => DataType::Decimal256(50, 20),
        }
    }

    /// A value of the pool; every number names one.
    pub(super) fn cell(self, pick: u8) -> Cell {
        let pool = self.pool();
        match usize::from(pick) % (pool.len() + 1) {
            0 => None,
            index => Some(pool[index - 1]),
        }
    }

    fn pool(self) -> &'static [&'static str] {
        match self {
            // Few, so that they meet: references and groups.
            Self::Small => &["0", "1", "2", "3", "4"],
            Self::Int => &["0", "1", "5", "6", "7", "-1", "2147483647", "-2147483648"],
            Self::BigInt => {
                &["0", "1", "9007199254740993", "9223372036854775807", "-9223372036854775808"]
            }
            Self::Text => TEXTS,
            Self::Decimal => &["0.00", "1.00", "-1.50", "0.01", "99999999.99", "-99999999.99"],
            // Sums of them are exact in every order.
            Self::Double => &["0", "1.5", "-2.25", "0.125", "1048576.5", "-3"],
            Self::Date => &["1970-01-01", "2024-02-29", "1000-01-01", "9999-12-31", "1969-12-31"],
            Self::Timestamp => &[
                "1970-01-01 00:00:00.000000",
                "2024-02-29 12:34:56.123456",
                "1969-12-31 23:59:59.999999",
                "1000-01-01 00:00:00.000001",
                "9999-12-31 23:59:59.999999",
                "2024-02-29 12:34:56.123457",
            ],
            Self::Boolean => &["true", "false"],
            Self::Binary => BYTES,
            Self::Time => &["00:00:00.000000", "23:59:59.999999", "12:30:00.000000"],
            Self::Unsigned => &["0", "9223372036854775807", "7"],
            Self::Float => &["0", "0.1", "-16777216", "3.4028235e38", "1.1754944e-38"],
            Self::Char => &["a", "", "A", "é", "abcde", " a"],
            Self::Wide => &[
                "0.00000000000000000000",
                "999999999999999999999999999999.99999999999999999999",
                "-0.00000000000000000001",
                "1.50000000000000000000",
            ],
        }
    }

    /// Another way to write the same value.
    pub(super) fn respelled(self, text: &str) -> String {
        match self {
            Self::Decimal | Self::Wide => {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            Self::Timestamp | Self::Time => text.trim_end_matches(".000000").to_owned(),
            Self::Binary => text.to_uppercase(),
            Self::Boolean => if text == "true" { "t" } else { "f" }.to_owned(),
            Self::Char => format!("{text:<5}"),
            _ => text.to_owned(),
        }
    }
}

const TEXTS: &[&str] = &[
    "a",
    "",
    "A",
    "ä",
    "a ",
    "NULL",
    "x,y;z\t|",
    "say \"hi\"",
    "\"",
    "two\nlines",
    "two\r\nlines",
    "日本語 😀",
    "\\N",
    "\\",
    "e\u{301}",
    "é",
    "'; DROP TABLE a; --",
    " ",
    "0",
    "ﬁ ß",
    "nul\0nul",
];

const BYTES: &[&str] =
    &["61", "", "41", "6100", "6120", "00", "ff", "00112233445566778899aabbccddeeff"];

/// What a table's key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Int,
    Small,
    BigInt,
    Text,
    IntAndText,
    Date,
    TextAndDate,
    Decimal,
    Timestamp,
    Binary,
    Boolean,
    Wide,
    DateAndTime,
}

impl KeyKind {
    pub(super) const ALL: [Self; 12] = [
        Self::Int,
        Self::Text,
        Self::IntAndText,
        Self::Date,
        Self::TextAndDate,
        Self::Decimal,
        Self::Timestamp,
        Self::Binary,
        Self::BigInt,
        Self::Boolean,
        Self::Wide,
        Self::DateAndTime,
    ];

    /// The types of the key's columns.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Int => &[Kind::Int],
            Self::Small => &[Kind::Small],
            Self::BigInt => &[Kind::BigInt],
            Self::Text => &[Kind::Text],
            Self::IntAndText => &[Kind::Int, Kind::Text],
            Self::Date => &[Kind::Date],
            Self::TextAndDate => &[Kind::Text, Kind::Date],
            Self::Decimal => &[Kind::Decimal],
            Self::Timestamp => &[Kind::Timestamp],
            Self::Binary => &[Kind::Binary],
            Self::Boolean => &[Kind::Boolean],
            Self::Wide => &[Kind::Wide],
            Self::DateAndTime => &[Kind::Date, Kind::Time],
        }
    }

    /// A key of few; every number names one.
    pub(super) fn key(self, pick: u8) -> Vec<&'static str> {
        const MANY: usize = 8;
        let pick = usize::from(pick) % MANY;
        let of = |kind: Kind, pick: usize| kind.pool()[pick % kind.pool().len()];
        match self.kinds() {
            [kind] => vec![of(*kind, pick)],
            [Kind::Text, second] => vec![of(Kind::Text, pick % 5), of(*second, pick / 5)],
            [first, second] => vec![of(*first, pick / 3), of(*second, pick % 3)],
            _ => unreachable!("keys have one or two columns"),
        }
    }
}
