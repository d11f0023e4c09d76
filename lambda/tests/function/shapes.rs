//! Events as AWS documents them, of every kind.

use std::path::Path;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sns::{SnsEvent, SnsMessage};
use aws_lambda_events::sqs::SqsEvent;
use lambda::ask::{self, Ask};
use lambda::restart::Stopped;
use lambda::told::Told;
use serde_json::Value;

/// An event of `tests/events`.
pub(crate) fn event(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events");
    std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()
}

fn asked(name: &str) -> Ask {
    ask::read(&event(name), "runner").unwrap()
}

/// What is read of it, in short.
fn read(name: &str) -> Vec<String> {
    let Ask::Objects(objects, 0) = asked(name) else { panic!("{name} tells of no objects") };
    let told = |object: events::ToldObject| {
        let time = object.time.unwrap().format("%T%.3f");
        format!(
            "{object} {time} {}{}",
            object.size.unwrap(),
            if object.is_gone { " gone" } else { "" }
        )
    };
    objects.into_iter().map(told).collect()
}

const ORDERS: &str = "s3://acme-staging/shop/public/orders/";

#[test]
fn objects_are_read_of_every_kind_of_event() {
    let put = format!("{ORDERS}20260327-081500000.csv 08:15:01.250 1024");
    for name in ["s3_put", "sqs_sns_s3", "sqs_sns_raw", "sns_s3"] {
        assert_eq!(read(name), [put.as_str()], "{name}");
    }
    let bridged = format!("{ORDERS}20260327-081500000.csv 08:15:01.000 1024");
    for name in ["eventbridge_created", "sqs_eventbridge"] {
        assert_eq!(read(name), [bridged.as_str()], "{name}");
    }
    let second = format!("{ORDERS}20260327-081501000.csv 08:15:01.900 1024");
    assert_eq!(read("sqs_s3"), [put.clone(), second], "the test event tells of nothing");
    let multipart = format!("{ORDERS}LOAD00000001.csv 08:15:01.250 104857600");
    assert_eq!(read("s3_multipart"), [multipart]);
    assert_eq!(read("s3_removed"), [format!("{put} gone")]);
    let folder = "s3://acme-staging/my shop/a+b/100%/café/";
    assert_eq!(
        read("s3_keys"),
        [
            format!("{folder}20260327-081500000.csv 08:15:01.250 1024"),
            format!("{folder}20260327-081501000.csv 08:15:02.000 2048"),
            format!("{ORDERS}readme.txt 08:15:01.250 1024"),
        ]
    );
}

#[test]
fn the_test_event_asks_for_nothing() {
    assert!(matches!(asked("s3_test"), Ask::Nothing(_)));
}

#[test]
fn jobs_are_asked_for() {
    assert_eq!(asked("jobs_all"), Ask::AllJobs(None));
    assert_eq!(asked("jobs_named"), Ask::Jobs(vec!["load_sales".parse().unwrap()]));
    let Ask::AllJobs(Some(at)) = asked("schedule") else { panic!("a schedule asks for all") };
    assert_eq!(at.to_rfc3339(), "2026-03-27T09:00:00+00:00");
}

fn stopped(name: &str) -> Stopped {
    let Ask::Stopped(stopped) = asked(name) else { panic!("{name} is of no task that stopped") };
    *stopped
}

#[test]
fn a_task_that_stopped_tells_how_it_ended_and_how_it_was_started() {
    let exits = [
        ("task_exit_0", Some(0)),
        ("task_exit_3", Some(3)),
        ("task_exit_4", Some(4)),
        ("task_exit_137", Some(137)),
        ("task_spot", Some(143)),
        ("task_failed_to_start", None),
    ];
    for (name, exit) in exits {
        let Stopped { job, at, created, started, exit: told, .. } = stopped(name);
        assert_eq!(told, exit, "{name}");
        assert_eq!(job.as_str(), "load_sales");
        assert_eq!(at.unwrap().to_rfc3339(), "2026-03-27T08:16:30.125+00:00");
        assert_eq!(created.unwrap().to_rfc3339(), "2026-03-27T08:15:03.500+00:00");
        let started = started.unwrap();
        let objects = [format!("{ORDERS}20260327-081500000.csv")].into();
        assert_eq!(started.told, Told { objects, list_all: false });
        assert_eq!(started.attempt, 1);
    }
    let reason = stopped("task_exit_137").reason;
    assert!(reason.ends_with("Container killed due to memory usage"), "{reason}");
    let reason = stopped("task_failed_to_start").reason;
    assert!(reason.starts_with("TaskFailedToStart: CannotPullContainerError"), "{reason}");
    assert_eq!(stopped("task_without_overrides").started, None);
}

#[test]
fn a_task_stopped_when_its_event_says_it_best() {
    let mut event: Value = serde_json::from_str(&event("task_exit_3")).unwrap();
    event["detail"]["updatedAt"] = "2026-03-27T08:16:31Z".into();
    event["time"] = "2026-03-27T08:16:32Z".into();
    let mut at = |hidden: &str| {
        *event.pointer_mut(hidden).unwrap() = Value::Null;
        let Ask::Stopped(stopped) = ask::read(&event.to_string(), "runner").unwrap() else {
            panic!("without {hidden} it is of no task that stopped")
        };
        stopped.at.map(|at| at.format("%T%.3f").to_string())
    };
    assert_eq!(at("/id").as_deref(), Some("08:16:30.125"));
    assert_eq!(at("/detail/stoppedAt").as_deref(), Some("08:16:31.000"));
    assert_eq!(at("/detail/updatedAt").as_deref(), Some("08:16:32.000"));
    assert_eq!(at("/time"), None);
}

#[test]
fn tasks_that_run_or_are_others_ask_for_nothing() {
    assert_eq!(asked("task_running"), Ask::Nothing("a task that has not stopped"));
    assert_eq!(asked("task_of_others"), Ask::Nothing("a task that was not started here"));
}

#[test]
fn messages_of_a_queue_have_an_identity_and_a_time() {
    let messages = events::queued(&event("sqs_s3")).unwrap().unwrap();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[0].id, "00000001-9e41-4c2b-8a10-5d2f7c1b0a01");
    assert_eq!(messages[0].sent.unwrap().to_rfc3339(), "2026-03-27T08:15:02+00:00");
}

/// They are no inventions: AWS's own types read them.
#[test]
fn types_of_aws_read_the_events_too() {
    for name in ["s3_put", "s3_multipart", "s3_keys", "s3_removed"] {
        let read: S3Event = serde_json::from_str(&event(name)).unwrap();
        assert!(read.records.iter().all(|record| record.s3.object.key.is_some()), "{name}");
    }
    let read: SnsEvent = serde_json::from_str(&event("sns_s3")).unwrap();
    let _of_s3: S3Event = serde_json::from_str(&read.records[0].sns.message).unwrap();
    for name in ["sqs_s3", "sqs_sns_s3", "sqs_sns_raw", "sqs_eventbridge", "sqs_jobs", "sqs_task"] {
        let read: SqsEvent = serde_json::from_str(&event(name)).unwrap();
        let body = read.records[0].body.clone().unwrap();
        match name {
            "sqs_s3" | "sqs_sns_raw" => {
                let _body: S3Event = serde_json::from_str(&body).unwrap();
            }
            "sqs_sns_s3" => {
                let body: SnsMessage = serde_json::from_str(&body).unwrap();
                let _body: S3Event = serde_json::from_str(&body.message).unwrap();
            }
            "sqs_eventbridge" | "sqs_task" => {
                let _body: EventBridgeEvent<Value> = serde_json::from_str(&body).unwrap();
            }
            _ => {}
        }
    }
    for name in ["eventbridge_created", "schedule", "task_exit_3", "task_spot"] {
        let read: EventBridgeEvent<Value> = serde_json::from_str(&event(name)).unwrap();
        assert!(read.time.is_some(), "{name}");
    }
}
