//! The messages as they are written; only what is read of them.

use serde::Deserialize;

/// Any message: each form has fields that no other has.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    /// S3, SQS, SNS to Lambda.
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
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

impl Message {
    pub(crate) fn envelope(self) -> Option<Envelope> {
        let is_bridge = self.source.as_deref() == Some("aws.s3");
        match self {
            Self { records: Some(records), .. } => Some(Envelope::Records(records)),
            Self {
                detail: Some(Detail { bucket: Some(bucket), object: Some(object) }), ..
            } if is_bridge => Some(Envelope::EventBridge(S3Entity { bucket, object })),
            Self { message: Some(text), .. } => Some(Envelope::Inner(text)),
            Self { event: Some(event), .. } if event == "s3:TestEvent" => Some(Envelope::Test),
            _ => None,
        }
    }
}

/// One of several.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) s3: Option<S3Entity>,
    /// SQS.
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
