use events::{EventError, told};
use serde_json::json;

/// A message that may tell of objects. Whatever it is, it is the same within a message of SQS and of SNS.
pub fn event(data: &[u8]) {
    let alone = told(data);
    let Ok(text) = std::str::from_utf8(data) else {
        assert_eq!(alone, Err(EventError::Text));
        return;
    };
    let wrapped = [
        json!({ "Records": [{ "body": text }] }),
        json!([{ "body": text }]),
        json!({ "Records": [{ "Sns": { "Message": text } }] }),
        json!({ "Type": "Notification", "Message": text }),
    ];
    // One level deeper, what is within the last one is not read any more. Only with quotes that are escaped twice there are so many.
    let is_shallow = !text.contains(r"\\");
    for message in wrapped {
        let within = told(message.to_string().as_bytes());
        assert!(within == alone || !is_shallow, "an envelope changes nothing");
    }
}
