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
#[cfg(test)]
mod tests;

use std::fmt;

use percent_encoding::percent_decode;

use message::{Envelope, Record, S3Entity};

/// Envelopes within each other: SQS, SNS, S3, and one more.
pub const NESTING_MAX: usize = 4;
/// Records in one message; the largest batch of SQS that Lambda takes.
pub const RECORDS_MAX: usize = 10_000;

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

/// What a message tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// In the order of the message; none for the test event that S3 sends when notifications are set up.
    pub objects: Vec<ToldObject>,
    /// Records that are of something else.
    pub others: usize,
}

/// Why a message cannot be understood. Nothing of its text is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EventError {
    /// Not JSON, or JSON of other types, or more than [`RECORDS_MAX`] records. Lines and columns are those of the innermost
    /// message.
    #[error("no event: line {line}, column {column} of the JSON")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1; 0 at the start of a line.
        column: usize,
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
        Envelope::Test => Ok(Told::default()),
        Envelope::EventBridge(S3Entity { bucket, object }) => {
            let object = ToldObject { bucket: bucket.name, key: object.key };
            Ok(Told { objects: vec![object], others: 0 })
        }
        Envelope::Inner(text) => read(&text, depth),
        Envelope::Records(records) => read_all(records, depth),
    }
}

fn read_all(records: Vec<Record>, depth: usize) -> Result<Told, EventError> {
    let mut all = Told::default();
    let (mut understood, mut first_error) = (records.is_empty(), None);
    for record in records {
        match read_record(record, depth) {
            Ok(told) => {
                understood = true;
                all.objects.extend(told.objects);
                all.others += told.others;
            }
            Err(error) => {
                all.others += 1;
                first_error.get_or_insert(error);
            }
        }
    }
    match first_error {
        Some(error) if !understood => Err(error),
        _ => Ok(all),
    }
}

fn read_record(record: Record, depth: usize) -> Result<Told, EventError> {
    match record {
        Record { s3: Some(entity), .. } => Ok(Told { objects: vec![decoded(entity)?], others: 0 }),
        Record { body: Some(text), .. } => read(&text, depth),
        Record { sns: Some(sns), .. } => read(&sns.message, depth),
        _ => Err(EventError::Unknown),
    }
}

/// Keys are encoded as in HTML forms: `+` is a blank.
fn decoded(entity: S3Entity) -> Result<ToldObject, EventError> {
    let blanks = entity.object.key.replace('+', " ");
    let key = percent_decode(blanks.as_bytes()).decode_utf8().map_err(|_| EventError::Key)?;
    Ok(ToldObject { bucket: entity.bucket.name, key: key.into_owned() })
}
