use serde_json::{Value, json};

use crate::{EventError, NESTING_MAX, Queued, RECORDS_MAX, Told, queued, told};

fn urls(message: &Value) -> Result<Vec<String>, EventError> {
    let Told { objects, others } = told(message.to_string().as_bytes())?;
    assert_eq!(others, 0, "{message}");
    Ok(objects.iter().map(ToString::to_string).collect())
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
    assert_eq!(urls(&event).unwrap(), ["s3://b/t/LOAD1.csv", "s3://b/a b/é+%.csv"]);
}

#[test]
fn keys_of_eventbridge_are_as_they_are() {
    assert_eq!(urls(&bridge("aws.s3", "a+b%20.csv")).unwrap(), ["s3://b/a+b%20.csv"]);
}

#[test]
fn messages_are_opened() {
    let first = notification(&["1"]);
    let as_lambda = json!({ "Records": [{ "Sns": { "Message": first.to_string() } }] });
    assert_eq!(urls(&as_lambda).unwrap(), ["s3://b/1"]);
    let topic = json!({ "Type": "Notification", "Message": first.to_string() });
    let queue = in_sqs(&[topic, bridge("aws.s3", "2"), notification(&["3", "4"])]);
    assert_eq!(urls(&queue).unwrap(), ["s3://b/1", "s3://b/2", "s3://b/3", "s3://b/4"]);
    let received = json!({ "Messages": [{ "MessageId": "1", "Body": first.to_string() }] });
    assert_eq!(urls(&received).unwrap(), ["s3://b/1"]);
    let piped = json!([{ "messageId": "1", "body": first.to_string() }]);
    assert_eq!(urls(&piped).unwrap(), ["s3://b/1"]);
}

#[test]
fn the_test_event_tells_of_nothing() {
    let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" });
    assert_eq!(urls(&test), Ok(Vec::new()));
    assert_eq!(urls(&in_sqs(&[test])), Ok(Vec::new()));
    assert_eq!(urls(&in_sqs(&[])), Ok(Vec::new()));
}

#[test]
fn the_answer_of_an_empty_queue_tells_of_nothing() {
    let answer = json!({ "ResponseMetadata": { "HTTPStatusCode": 200 } });
    assert_eq!(urls(&answer), Ok(Vec::new()));
    assert_eq!(urls(&json!({ "Messages": [] })), Ok(Vec::new()));
    assert_eq!(told(b" \n"), Err(EventError::Empty));
}

#[test]
fn what_is_no_event_of_s3_is_refused() {
    for message in [json!({}), json!({ "Records": [{}, {}] }), bridge("aws.ec2", "k")] {
        assert_eq!(urls(&message), Err(EventError::Unknown), "{message}");
    }
    let syntax = |line, column, is_within| Err(EventError::Syntax { line, column, is_within });
    assert_eq!(told(b"{\n!"), syntax(2, 1, false));
    assert_eq!(told(br#"{"Message":"hello"}"#), syntax(1, 1, true));
    assert_eq!(told(br#"{"Message":""}"#), Err(EventError::Unknown));
    let records = br#"{"Records":"none"}"#;
    assert_eq!(told(records), Err(EventError::Type { line: 1, column: 17, is_within: false }));
    assert_eq!(told(b"{\"x\":\"\xff\",\"Event\":\"s3:TestEvent\"}"), Err(EventError::Text));
    assert_eq!(urls(&notification(&["%ff"])), Err(EventError::Key));
    // Field by field it would be an event of EventBridge.
    let array = json!([null, null, null, "aws.s3", [["b"], ["k"]]]);
    assert_eq!(urls(&array), Err(EventError::Unknown));
}

#[test]
fn what_is_refused_is_not_repeated() {
    for message in [json!({ "Records": "hunter2" }), in_sqs(&[json!({ "Message": ["hunter2"] })])] {
        let error = urls(&message).unwrap_err();
        assert!(matches!(error, EventError::Type { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn records_of_something_else_are_counted_beside_those_of_s3() {
    let mixed = in_sqs(&[json!("hello"), bridge("aws.ec2", "k"), notification(&["1", "%ff"])]);
    let Told { objects, others } = told(mixed.to_string().as_bytes()).unwrap();
    assert_eq!((objects.len(), others), (1, 3));
}

#[test]
fn records_of_other_shapes_do_not_hide_those_beside_them() {
    let of_s3 = notification(&["1"])["Records"][0].clone();
    let strange = [json!({ "s3": {} }), json!({ "s3": 1 }), json!(null), json!("x"), json!([1])];
    let without_text = [json!({ "body": {} }), json!({ "messageId": "1" })];
    for strange in strange.into_iter().chain(without_text) {
        let mixed = json!({ "Records": [strange, of_s3] });
        let Told { objects, others } = told(mixed.to_string().as_bytes()).unwrap();
        assert_eq!((objects.len(), others), (1, 1), "{mixed}");
    }
}

#[test]
fn messages_within_messages_have_an_end() {
    let nested = |times: usize| (0..times).fold(notification(&["k"]), |inner, _| in_sqs(&[inner]));
    assert_eq!(urls(&nested(NESTING_MAX - 1)).unwrap(), ["s3://b/k"]);
    assert_eq!(urls(&nested(NESTING_MAX)), Err(EventError::TooDeep));
}

#[test]
fn records_have_an_end() {
    let records = |count: usize| {
        let keys: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        urls(&notification(&keys)).map(|urls| urls.len())
    };
    assert_eq!(records(RECORDS_MAX), Ok(RECORDS_MAX));
    assert_eq!(records(RECORDS_MAX + 1), Err(EventError::TooMany));
}

#[test]
fn records_within_messages_have_the_same_end_together() {
    let keys: Vec<String> = (0..RECORDS_MAX / 2).map(|number| number.to_string()).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let half = notification(&keys);
    let both = in_sqs(&[half.clone(), half.clone()]);
    assert_eq!(urls(&both).map(|urls| urls.len()), Ok(RECORDS_MAX));
    let more = in_sqs(&[half.clone(), half, notification(&["1"])]);
    assert_eq!(urls(&more), Err(EventError::TooMany));
}

#[test]
fn what_happened_is_told_with_its_time_and_size() {
    let one = |message: &Value| told(message.to_string().as_bytes()).unwrap().objects.remove(0);
    let mut event = notification(&["k"]);
    event["Records"][0]["eventTime"] = json!("2026-03-27T08:15:01.250Z");
    let object = one(&in_sqs(&[event.clone()]));
    let time = object.time.map(|time| time.to_rfc3339());
    assert_eq!(time.as_deref(), Some("2026-03-27T08:15:01.250+00:00"));
    assert_eq!((object.size, object.is_gone), (Some(1), false));
    for (name, is_gone) in [
        ("ObjectRemoved:Delete", true),
        ("LifecycleExpiration:Delete", true),
        ("s3:ObjectRemoved:DeleteMarkerCreated", true),
        ("ObjectCreated:CompleteMultipartUpload", false),
        ("ObjectRestore:Completed", false),
    ] {
        event["Records"][0]["eventName"] = json!(name);
        assert_eq!(one(&event).is_gone, is_gone, "{name}");
    }
    let mut event = bridge("aws.s3", "k");
    event["time"] = json!("2026-03-27T08:15:01Z");
    event["detail"]["object"]["size"] = json!(7);
    let object = one(&event);
    assert_eq!((object.size, object.is_gone, object.time.is_some()), (Some(7), false, true));
    event["detail-type"] = json!("Object Deleted");
    assert!(one(&event).is_gone);
}

#[test]
fn what_only_helps_may_be_of_any_type() {
    let mut event = notification(&["k"]);
    event["Records"][0]["eventTime"] = json!(1);
    event["Records"][0]["eventName"] = json!({});
    event["Records"][0]["s3"]["object"]["size"] = json!("1");
    assert_eq!(urls(&event).unwrap(), ["s3://b/k"]);
    let mut event = bridge("aws.s3", "k");
    event["time"] = json!([]);
    event["detail-type"] = json!(1);
    assert_eq!(urls(&event).unwrap(), ["s3://b/k"]);
}

#[test]
fn messages_of_a_queue_are_kept_apart() {
    let message = |id: &str| {
        json!({
            "messageId": id, "body": format!("of {id}"), "eventSource": "aws:sqs",
            "attributes": { "SentTimestamp": "1545082649183", "ApproximateReceiveCount": "1" },
        })
    };
    let delivery = json!({ "Records": [message("1"), message("2")] });
    let messages = queued(&delivery.to_string()).unwrap().unwrap();
    let sent = chrono::DateTime::from_timestamp_millis(1_545_082_649_183);
    let expected = |id: &str| Queued { id: id.to_owned(), body: Some(format!("of {id}")), sent };
    assert_eq!(messages, [expected("1"), expected("2")]);
    for none in [notification(&["k"]), bridge("aws.s3", "k"), json!({ "jobs": "all" })] {
        assert_eq!(queued(&none.to_string()), Ok(None), "{none}");
    }
    let mut nameless = message("1");
    nameless["messageId"] = json!(null);
    let delivery = json!({ "Records": [message("2"), nameless] });
    assert_eq!(queued(&delivery.to_string()), Err(EventError::Unknown));
}
