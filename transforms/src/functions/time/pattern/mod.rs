//! Patterns of dates and times as Spark 3 reads them: <https://spark.apache.org/docs/3.5.6/sql-ref-datetime-pattern.html>.
//!
//! A pattern is read once into [`item::Item`]s, which write a timestamp ([`format`]) or read one from text ([`parse`]). The rules are those of
//! `java.time.format.DateTimeFormatter` with a strict resolver, case-insensitive and in English, as Spark builds it.
//!
//! Spark's `spark.sql.legacy.timeParserPolicy` is `EXCEPTION` unless set: text that the pattern does not match is NULL, but if Spark 2's parser
//! ([`legacy`]) would have taken it, the job fails, so that nobody gets other results unnoticed. So it is here.

mod format;
mod item;
mod legacy;
mod parse;
mod read;
mod resolve;
mod zone_text;

use std::fmt;

use item::Item;
use legacy::Legacy;
use parse::Mismatch;

/// A pattern that writes or reads timestamps.
#[derive(Debug)]
pub(super) struct Pattern {
    items: Vec<Item>,
    legacy: Option<Legacy>,
}

/// Why there is no pattern, or no value. The text that was read is not told: it is a value of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PatternError {
    /// Spark takes no such pattern: why.
    Refused(String),
    /// Text that only Spark 2 would have taken.
    OnlyLegacy,
    /// A name of a time zone that is not known here.
    ZoneName,
    /// A year that no timestamp reaches.
    Overflow,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::OnlyLegacy => f.write_str(
                "a text does not match it, but Spark 2 would have taken it; Spark 3 fails here (INCONSISTENT_BEHAVIOR_CROSS_VERSION)",
            ),
            Self::ZoneName => f.write_str("a text has a name of a time zone that is not known"),
            Self::Overflow => f.write_str("a text has a year that is too far away"),
        }
    }
}

impl Pattern {
    /// Reads a pattern that writes.
    ///
    /// # Errors
    /// [`PatternError::Refused`].
    pub(super) fn to_format(pattern: &str) -> Result<Self, PatternError> {
        Ok(Self { items: read::items(pattern, false)?, legacy: None })
    }

    /// Reads a pattern that reads.
    ///
    /// # Errors
    /// [`PatternError::Refused`].
    pub(super) fn to_parse(pattern: &str) -> Result<Self, PatternError> {
        Ok(Self { items: read::items(pattern, true)?, legacy: Legacy::of(pattern) })
    }

    /// Appends a timestamp, microseconds since 1970 in UTC, as the pattern writes it.
    pub(super) fn format(&self, micros: i64, out: &mut String) {
        format::write(&self.items, micros, out);
    }

    /// The timestamp that a text says, in UTC; `None` is Spark's NULL.
    ///
    /// # Errors
    /// All but [`PatternError::Refused`].
    pub(super) fn parse(&self, text: &str) -> Result<Option<i64>, PatternError> {
        let (micros, otherwise) = match parse::fields(&self.items, text) {
            Ok(fields) => (resolve::micros(&fields)?, Ok(None)),
            Err(Mismatch::Text) => (None, Ok(None)),
            Err(Mismatch::Zone) => (None, Err(PatternError::ZoneName)),
        };
        match &self.legacy {
            _ if micros.is_some() => Ok(micros),
            Some(legacy) if legacy.takes(text) => Err(PatternError::OnlyLegacy),
            _ => otherwise,
        }
    }
}

#[cfg(test)]
mod tests;
