//! What a queue of SQS hands to a function: messages that are acknowledged one by one.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::EventError;
use crate::message::{self, Envelope, Record};

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// By which it is handed back.
    pub id: String,
    /// What was sent; none if it is no text.
    pub body: Option<String>,
    /// When it was sent, if that is said.
    pub sent: Option<DateTime<Utc>>,
}

/// The messages of a queue, in their order; none if the payload is no delivery of SQS.
///
/// # Errors
/// A delivery with more than [`crate::RECORDS_MAX`] messages, or with one that has no identity, which could not be handed back.
pub fn queued(payload: &str) -> Result<Option<Vec<Queued>>, EventError> {
    let records = match message::parse(payload) {
        Ok(Envelope::Records(records)) => records,
        Err(EventError::TooMany) => return Err(EventError::TooMany),
        Ok(_) | Err(_) => return Ok(None),
    };
    let is_queue = records.iter().flatten().any(is_of_queue);
    if !is_queue {
        return Ok(None);
    }
    records
        .into_iter()
        .map(|record| read(record?))
        .collect::<Option<_>>()
        .map_or_else(|| Err(EventError::Unknown), |messages| Ok(Some(messages)))
}

fn is_of_queue(record: &Record) -> bool {
    record.source.as_ref().and_then(Value::as_str) == Some("aws:sqs")
}

fn read(record: Record) -> Option<Queued> {
    let sent = record.attributes.as_ref().and_then(|all| all.get("SentTimestamp"));
    let sent = sent.and_then(Value::as_str).and_then(|millis| millis.parse().ok());
    Some(Queued {
        id: record.message_id?.as_str()?.to_owned(),
        body: record.body,
        sent: sent.and_then(DateTime::from_timestamp_millis),
    })
}
