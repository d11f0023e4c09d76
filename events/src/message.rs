//! The messages as they are written; only what is read of them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;

use crate::{EventError, RECORDS_MAX, ToldObject};

/// What a message is.
#[derive(Debug)]
pub(crate) enum Envelope {
    /// Notifications were set up, or a queue that was asked was empty.
    Nothing,
    /// An event of EventBridge.
    EventBridge(Notice),
    /// Another message, as text.
    Inner(String),
    /// Messages or notifications; `None` for what is neither.
    Records(Vec<Option<Record>>),
}

/// Parses a message, but none within it.
pub(crate) fn parse(text: &str) -> Result<Envelope, EventError> {
    let text = text.trim_ascii_start();
    if text.is_empty() {
        return Err(EventError::Empty);
    }
    // An object alone: serde takes an array for one, field by field.
    if text.starts_with('[') {
        return serde_json::from_str::<Records>(text).map_err(|error| invalid(&error))?.envelope();
    }
    let message: Message = serde_json::from_str(text).map_err(|error| invalid(&error))?;
    message.envelope()
}

fn invalid(error: &serde_json::Error) -> EventError {
    let (line, column, is_within) = (error.line(), error.column(), false);
    match error.classify() {
        Category::Data => EventError::Type { line, column, is_within },
        _ => EventError::Syntax { line, column, is_within },
    }
}

/// Any message but a list: each form has fields that no other has.
#[derive(Debug, Deserialize)]
struct Message {
    /// S3, SNS and SQS to Lambda; and what SQS answers to whoever asks it.
    #[serde(rename = "Records", alias = "Messages")]
    records: Option<Records>,
    /// S3's test.
    #[serde(rename = "Event")]
    event: Option<String>,
    /// SNS to SQS or HTTP.
    #[serde(rename = "Message")]
    message: Option<String>,
    /// EventBridge.
    source: Option<String>,
    #[serde(rename = "detail-type")]
    kind: Option<Value>,
    time: Option<Value>,
    detail: Option<Detail>,
    /// SDKs add it to each answer; alone, it is that of an empty queue.
    #[serde(rename = "ResponseMetadata")]
    response: Option<IgnoredAny>,
}

impl Message {
    fn envelope(self) -> Result<Envelope, EventError> {
        let is_bridge = self.source.as_deref() == Some("aws.s3");
        match self {
            Self { records: Some(records), .. } => records.envelope(),
            Self {
                detail: Some(Detail { bucket: Some(bucket), object: Some(object) }),
                kind: name,
                time,
                ..
            } if is_bridge => {
                let entity = S3Entity { bucket, object };
                Ok(Envelope::EventBridge(Notice { entity, name, time }))
            }
            Self { message: Some(text), .. } => Ok(Envelope::Inner(text)),
            Self { event: Some(event), .. } if event == "s3:TestEvent" => Ok(Envelope::Nothing),
            Self { response: Some(_), .. } => Ok(Envelope::Nothing),
            _ => Err(EventError::Unknown),
        }
    }
}

/// A list, of which at most [`RECORDS_MAX`] are kept: in memory a record takes more than its shortest text.
#[derive(Debug)]
struct Records {
    kept: Vec<Option<Record>>,
    are_all: bool,
}

impl Records {
    fn envelope(self) -> Result<Envelope, EventError> {
        if self.are_all { Ok(Envelope::Records(self.kept)) } else { Err(EventError::TooMany) }
    }
}

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RecordsVisitor)
    }
}

struct RecordsVisitor;

impl<'de> Visitor<'de> for RecordsVisitor {
    type Value = Records;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Records, A::Error> {
        let mut records = Records { kept: Vec::new(), are_all: true };
        while records.kept.len() < RECORDS_MAX {
            let Some(record) = list.next_element::<Value>()? else { return Ok(records) };
            // A record of another shape is one of something else: those beside it count.
            let is_object = record.is_object();
            records.kept.push(serde_json::from_value(record).ok().filter(|_| is_object));
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            records.are_all = false;
        }
        Ok(records)
    }
}

/// One of several. What only helps may be of any type: it must not hide the rest.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) s3: Option<S3Entity>,
    #[serde(rename = "eventName")]
    pub(crate) name: Option<Value>,
    #[serde(rename = "eventTime")]
    pub(crate) time: Option<Value>,
    /// SQS: to Lambda, and to whoever asks it.
    #[serde(alias = "Body")]
    pub(crate) body: Option<String>,
    #[serde(rename = "messageId")]
    pub(crate) message_id: Option<Value>,
    #[serde(rename = "eventSource")]
    pub(crate) source: Option<Value>,
    pub(crate) attributes: Option<Value>,
    #[serde(rename = "Sns")]
    pub(crate) sns: Option<Sns>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Sns {
    #[serde(rename = "Message")]
    pub(crate) message: String,
}

/// What happened to an object, and when.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) entity: S3Entity,
    pub(crate) name: Option<Value>,
    pub(crate) time: Option<Value>,
}

impl Notice {
    /// The object; its key as it is written.
    pub(crate) fn object(self) -> ToldObject {
        let Self { entity: S3Entity { bucket, object }, name, time } = self;
        let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
        ToldObject {
            bucket: bucket.name,
            key: object.key,
            time: time.as_ref().and_then(Value::as_str).and_then(parse_time),
            size: object.size.as_ref().and_then(Value::as_u64),
            is_gone: ["ObjectRemoved:", "LifecycleExpiration:", "Object Deleted"]
                .iter()
                .any(|gone| name.strip_prefix("s3:").unwrap_or(name).starts_with(gone)),
        }
    }
}

/// A time as the events of AWS write it (RFC 3339).
#[must_use]
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// An object and its bucket.
#[derive(Debug, Deserialize)]
pub(crate) struct S3Entity {
    pub(crate) bucket: Bucket,
    pub(crate) object: Object,
}

/// Events of other services have other details.
#[derive(Debug, Deserialize)]
struct Detail {
    bucket: Option<Bucket>,
    object: Option<Object>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Object {
    pub(crate) key: String,
    size: Option<Value>,
}
