use serde_json::{Value, json};

use crate::{EventError, objects};

fn told(message: &Value) -> Result<Vec<String>, EventError> {
    let told = objects(message.to_string().as_bytes())?;
    Ok(told.iter().map(ToString::to_string).collect())
}

fn notification(keys: &[&str]) -> Value {
    let record = |key: &&str| {
        json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": "b", "arn": "arn:aws:s3:::b" }, "object": { "key": key, "size": 1 } },
        })
    };
    json!({ "Records": keys.iter().map(record).collect::<Vec<_>>() })
}

fn bridge(source: &str, key: &str) -> Value {
    json!({
        "version": "0", "source": source, "detail-type": "Object Created",
        "detail": { "bucket": { "name": "b" }, "object": { "key": key }, "reason": "PutObject" },
    })
}

fn in_sqs(messages: &[Value]) -> Value {
    let record = |message: &Value| json!({ "messageId": "1", "body": message.to_string() });
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

#[test]
fn every_record_counts_and_keys_are_decoded() {
    let event = notification(&["t/LOAD1.csv", "a+b/%C3%A9%2B%25.csv"]);
    assert_eq!(told(&event).unwrap(), ["s3://b/t/LOAD1.csv", "s3://b/a b/é+%.csv"]);
}

#[test]
fn keys_of_eventbridge_are_as_they_are() {
    assert_eq!(told(&bridge("aws.s3", "a+b%20.csv")).unwrap(), ["s3://b/a+b%20.csv"]);
}

#[test]
fn messages_are_opened() {
    let first = notification(&["1"]);
    let as_lambda = json!({ "Records": [{ "Sns": { "Message": first.to_string() } }] });
    assert_eq!(told(&as_lambda).unwrap(), ["s3://b/1"]);
    let topic = json!({ "Type": "Notification", "Message": first.to_string() });
    let queue = in_sqs(&[topic, bridge("aws.s3", "2"), notification(&["3", "4"])]);
    assert_eq!(told(&queue).unwrap(), ["s3://b/1", "s3://b/2", "s3://b/3", "s3://b/4"]);
}

#[test]
fn the_test_event_tells_of_nothing() {
    let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" });
    assert_eq!(told(&test), Ok(Vec::new()));
    assert_eq!(told(&in_sqs(&[test])), Ok(Vec::new()));
    assert_eq!(told(&in_sqs(&[])), Ok(Vec::new()));
}

#[test]
fn what_is_no_event_of_s3_is_refused_without_its_text() {
    for message in [json!({}), json!({ "Records": [{}] }), bridge("aws.ec2", "k")] {
        assert_eq!(told(&message), Err(EventError::Unknown), "{message}");
    }
    assert!(matches!(told(&json!([1])), Err(EventError::Json { .. })));
    assert_eq!(objects(b"{\n!"), Err(EventError::Json { line: 2, column: 1 }));
    assert_eq!(told(&notification(&["%ff"])), Err(EventError::Key));
}

#[test]
fn messages_within_messages_have_an_end() {
    let deep = (0..4).fold(notification(&["k"]), |inner, _| in_sqs(&[inner]));
    assert_eq!(told(&deep), Err(EventError::TooDeep));
}
