//! The messages as they are written; only what is read of them.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{EventError, RECORDS_MAX};

/// What a message is.
#[derive(Debug)]
pub(crate) enum Envelope {
    /// Notifications were set up.
    Test,
    /// An event of EventBridge.
    EventBridge(S3Entity),
    /// Another message, as text.
    Inner(String),
    /// Messages or notifications.
    Records(Vec<Record>),
}

/// Parses a message, but none within it.
pub(crate) fn parse(text: &str) -> Result<Envelope, EventError> {
    let invalid =
        |error: serde_json::Error| EventError::Json { line: error.line(), column: error.column() };
    // An object alone: serde takes an array for one, field by field.
    if text.trim_ascii_start().starts_with('[') {
        let Records(records) = serde_json::from_str(text).map_err(invalid)?;
        return Ok(Envelope::Records(records));
    }
    let message: Message = serde_json::from_str(text).map_err(invalid)?;
    message.envelope().ok_or(EventError::Unknown)
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
    detail: Option<Detail>,
}

impl Message {
    fn envelope(self) -> Option<Envelope> {
        let is_bridge = self.source.as_deref() == Some("aws.s3");
        match self {
            Self { records: Some(Records(records)), .. } => Some(Envelope::Records(records)),
            Self {
                detail: Some(Detail { bucket: Some(bucket), object: Some(object) }), ..
            } if is_bridge => Some(Envelope::EventBridge(S3Entity { bucket, object })),
            Self { message: Some(text), .. } => Some(Envelope::Inner(text)),
            Self { event: Some(event), .. } if event == "s3:TestEvent" => Some(Envelope::Test),
            _ => None,
        }
    }
}

/// At most [`RECORDS_MAX`]: in memory a record takes more than its shortest text.
#[derive(Debug)]
struct Records(Vec<Record>);

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RecordsVisitor)
    }
}

struct RecordsVisitor;

impl<'de> Visitor<'de> for RecordsVisitor {
    type Value = Records;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {RECORDS_MAX} records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Records, A::Error> {
        let mut records = Vec::new();
        while let Some(record) = list.next_element()? {
            if records.len() == RECORDS_MAX {
                return Err(A::Error::invalid_length(RECORDS_MAX + 1, &self));
            }
            records.push(record);
        }
        Ok(Records(records))
    }
}

/// One of several.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) s3: Option<S3Entity>,
    /// SQS: to Lambda, and to whoever asks it.
    #[serde(alias = "Body")]
    pub(crate) body: Option<String>,
    #[serde(rename = "Sns")]
    pub(crate) sns: Option<Sns>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Sns {
    #[serde(rename = "Message")]
    pub(crate) message: String,
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
}
