use events::{EventError, objects};
use serde_json::json;

/// A message that may tell of objects. Whatever it is, it is the same within a message of SQS and of SNS.
pub fn event(data: &[u8]) {
    let told = objects(data);
    let Ok(text) = std::str::from_utf8(data) else {
        assert!(told.is_err(), "JSON is UTF-8");
        return;
    };
    let wrapped = [
        json!({ "Records": [{ "body": text }] }),
        json!({ "Records": [{ "Sns": { "Message": text } }] }),
        json!({ "Type": "Notification", "Message": text }),
    ];
    for message in wrapped {
        let within = objects(message.to_string().as_bytes());
        assert!(
            within == told || within == Err(EventError::TooDeep),
            "an envelope changes nothing"
        );
    }
}
