//! Which objects a message tells of.
//!
//! S3 tells of a new object in one of two forms: as its own event notification (in which keys are URL-encoded), which also
//! comes within messages of SQS and SNS, or of both; and as an event of EventBridge (in which they are not). An event may come
//! twice, late and out of order, and may be of anything, so it is never more than a hint to look.
//!
//! Sources: Amazon S3 user guide, "Event message structure" and "Using EventBridge"; the envelopes are those of the SQS, SNS and
//! Lambda guides.
//!
//! This crate links no engine, so that what only starts runs starts in milliseconds itself.

mod message;
#[cfg(test)]
mod tests;

use std::fmt;

use percent_encoding::percent_decode;

use message::{Envelope, Message, Record, S3Entity};

/// Envelopes within each other: SQS, SNS, S3, and one more.
pub const NESTING_MAX: usize = 4;

/// An object that a message tells of; it need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldObject {
    /// The name of its bucket.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
}

impl fmt::Display for ToldObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Why a message cannot be understood. Nothing of its text is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EventError {
    /// Not JSON, or JSON of other types; lines and columns are those of the innermost message.
    #[error("no event: line {line}, column {column} of the JSON")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1; 0 at the start of a line.
        column: usize,
    },
    /// JSON, but of nobody who tells of objects.
    #[error("no event of S3, directly or within a message of SQS, SNS or EventBridge")]
    Unknown,
    /// A key that is not UTF-8 when it is decoded.
    #[error("a key that is not UTF-8")]
    Key,
    /// Messages within messages.
    #[error("more than {NESTING_MAX} messages within each other")]
    TooDeep,
}

/// The objects that a message tells of, in its order; none for the test event that S3 sends when notifications are set up.
///
/// # Errors
/// A message that is none of the forms above, or holds one that is none. Whoever sends that is set up wrongly.
pub fn objects(message: &[u8]) -> Result<Vec<ToldObject>, EventError> {
    let mut told = Vec::new();
    read(message, NESTING_MAX, &mut told)?;
    Ok(told)
}

fn read(message: &[u8], depth: usize, told: &mut Vec<ToldObject>) -> Result<(), EventError> {
    let depth = depth.checked_sub(1).ok_or(EventError::TooDeep)?;
    let message: Message = serde_json::from_slice(message)
        .map_err(|error| EventError::Json { line: error.line(), column: error.column() })?;
    match message.envelope() {
        Some(Envelope::Test) => Ok(()),
        Some(Envelope::EventBridge(entity)) => {
            told.push(ToldObject { bucket: entity.bucket.name, key: entity.object.key });
            Ok(())
        }
        Some(Envelope::Inner(text)) => read(text.as_bytes(), depth, told),
        Some(Envelope::Records(records)) => {
            records.into_iter().try_for_each(|record| read_record(record, depth, told))
        }
        None => Err(EventError::Unknown),
    }
}

fn read_record(record: Record, depth: usize, told: &mut Vec<ToldObject>) -> Result<(), EventError> {
    match record {
        Record { s3: Some(entity), .. } => {
            told.push(decoded(entity)?);
            Ok(())
        }
        Record { body: Some(text), .. } => read(text.as_bytes(), depth, told),
        Record { sns: Some(sns), .. } => read(sns.message.as_bytes(), depth, told),
        _ => Err(EventError::Unknown),
    }
}

/// Keys are encoded as in HTML forms: `+` is a blank.
fn decoded(entity: S3Entity) -> Result<ToldObject, EventError> {
    let blanks = entity.object.key.replace('+', " ");
    let key = percent_decode(blanks.as_bytes()).decode_utf8().map_err(|_| EventError::Key)?;
    Ok(ToldObject { bucket: entity.bucket.name, key: key.into_owned() })
}
