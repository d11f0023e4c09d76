//! Which objects a message tells of.
//!
//! S3 tells that something happened to an object in one of two forms: as its own event notification, in which keys are
//! URL-encoded, and which also comes within messages of SQS and SNS, or of both; and as an event of EventBridge, in which they
//! are not. An event may come twice, late and out of order, and may be of anything, so it is never more than a hint to look:
//! what is not understood beside something that is, is counted and left out.
//!
//! Sources: Amazon S3 user guide, "Event message structure" and "Using EventBridge"; the envelopes are those of the SQS, SNS and
//! Lambda guides. That EventBridge's keys are not encoded is how its users read them; AWS does not say it.
//!
//! This crate links no engine, so that what only starts runs starts in milliseconds itself.

mod message;
mod queue;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode;

use message::{Envelope, Notice, Record};

pub use message::parse_time;
pub use queue::{Queued, queued};

/// Envelopes within each other: SQS, SNS, S3, and one more.
pub const NESTING_MAX: usize = 4;
/// Records in one message, with those of all messages within it; the largest batch of SQS that Lambda takes.
pub const RECORDS_MAX: usize = 10_000;

/// An object that a message tells of; it need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldObject {
    /// The name of its bucket.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
    /// When that happened which is told of it, if the message says it. EventBridge tells the second only.
    pub time: Option<DateTime<Utc>>,
    /// Its size in bytes, if the message says it.
    pub size: Option<u64>,
    /// It was deleted, or has expired.
    pub is_gone: bool,
}

impl fmt::Display for ToldObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// What a message tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// In the order of the message; none for the test event that S3 sends when notifications are set up.
    pub objects: Vec<ToldObject>,
    /// Records that are of something else, or not understood.
    pub others: usize,
}

/// Why a message cannot be understood. Nothing of its text is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EventError {
    /// No text at all.
    #[error("it is empty")]
    Empty,
    /// No JSON.
    #[error("not JSON: line {line}, column {column}{}", within(*.is_within))]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1; 0 at the start of a line.
        column: usize,
        /// Whether line and column are those of a message within the message.
        is_within: bool,
    },
    /// JSON, in which a field that events have is of another type.
    #[error("no event: a field of a type that no event has, line {line}, column {column}{}", within(*.is_within))]
    Type {
        /// See [`EventError::Syntax`].
        line: usize,
        /// See [`EventError::Syntax`].
        column: usize,
        /// See [`EventError::Syntax`].
        is_within: bool,
    },
    /// Bytes that are no text.
    #[error("not UTF-8")]
    Text,
    /// JSON, but of nobody who tells of objects.
    #[error("no event of S3, directly or within a message of SQS, SNS or EventBridge")]
    Unknown,
    /// A key that is not UTF-8 when it is decoded.
    #[error("a key that is not UTF-8")]
    Key,
    /// Messages within messages.
    #[error("more than {NESTING_MAX} messages within each other")]
    TooDeep,
    /// See [`RECORDS_MAX`].
    #[error("more than {RECORDS_MAX} records")]
    TooMany,
}

fn within(is_within: bool) -> &'static str {
    if is_within { " of a message within it" } else { "" }
}

impl EventError {
    /// The same error of a message that another one holds.
    fn of_inner(self) -> Self {
        match self {
            Self::Syntax { line, column, .. } => Self::Syntax { line, column, is_within: true },
            Self::Type { line, column, .. } => Self::Type { line, column, is_within: true },
            // A body that is empty is a wrong message, not a missing one.
            Self::Empty => Self::Unknown,
            other => other,
        }
    }
}

/// Reads a message.
///
/// # Errors
/// A message in which nothing is of one of the forms above. Whoever sends that is set up wrongly.
pub fn told(message: &[u8]) -> Result<Told, EventError> {
    read(std::str::from_utf8(message).map_err(|_| EventError::Text)?, NESTING_MAX)
}

fn read(message: &str, depth: usize) -> Result<Told, EventError> {
    let depth = depth.checked_sub(1).ok_or(EventError::TooDeep)?;
    match message::parse(message)? {
        Envelope::Nothing => Ok(Told::default()),
        Envelope::EventBridge(notice) => Ok(Told { objects: vec![notice.object()], others: 0 }),
        Envelope::Inner(text) => read(&text, depth).map_err(EventError::of_inner),
        Envelope::Records(records) => read_all(records, depth),
    }
}

fn read_all(records: Vec<Option<Record>>, depth: usize) -> Result<Told, EventError> {
    let mut all = Told::default();
    let (mut understood, mut first_error) = (records.is_empty(), None);
    for record in records {
        let told = record.ok_or(EventError::Unknown).and_then(|record| read_record(record, depth));
        match told {
            Ok(told) => {
                understood = true;
                all.objects.extend(told.objects);
                all.others += told.others;
            }
            Err(EventError::TooMany) => return Err(EventError::TooMany),
            Err(error) => {
                all.others += 1;
                first_error.get_or_insert(error);
            }
        }
        if all.objects.len() + all.others > RECORDS_MAX {
            return Err(EventError::TooMany);
        }
    }
    match first_error {
        Some(error) if !understood => Err(error),
        _ => Ok(all),
    }
}

fn read_record(record: Record, depth: usize) -> Result<Told, EventError> {
    let inner = |text: &str| read(text, depth).map_err(EventError::of_inner);
    match record {
        Record { s3: Some(entity), name, time, .. } => {
            let notice = Notice { entity, name, time };
            Ok(Told { objects: vec![decoded(notice)?], others: 0 })
        }
        Record { body: Some(text), .. } => inner(&text),
        Record { sns: Some(sns), .. } => inner(&sns.message),
        _ => Err(EventError::Unknown),
    }
}

/// Keys are encoded as in HTML forms: `+` is a blank.
fn decoded(notice: Notice) -> Result<ToldObject, EventError> {
    let object = notice.object();
    let blanks = object.key.replace('+', " ");
    let key = percent_decode(blanks.as_bytes()).decode_utf8().map_err(|_| EventError::Key)?;
    Ok(ToldObject { key: key.into_owned(), ..object })
}
