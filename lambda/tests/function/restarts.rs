//! Tasks that stopped: which of them are started again.

use lambda::metrics::Counts;
use serde_json::{Value, json};

use crate::ecs::Trouble;
use crate::shapes::event;
use crate::site::{ATTEMPTS_MAX, Site, task};

/// When the tasks of the events stopped.
const STOPPED: f64 = 1_774_599_390.125;
/// When the queue got its messages.
const SENT: f64 = 1_774_599_302.0;
const OBJECT: &str = "s3://acme-staging/shop/public/orders/20260327-081500000.csv";

fn value(name: &str) -> Value {
    serde_json::from_str(&event(name)).unwrap()
}

fn again(attempt: u32) -> String {
    format!("{attempt} run --job load_sales --object {OBJECT}")
}

/// Whether one task is counted that nobody starts again.
fn has_one_failed(counts: &Counts) -> bool {
    let lines = counts.lines(&emf::Namespace::default(), chrono::Utc::now());
    lines.concat().contains(r#""TasksFailed":1"#)
}

#[tokio::test]
async fn what_was_killed_or_is_temporary_is_started_again() {
    for name in ["task_exit_3", "task_exit_137", "task_spot", "task_failed_to_start", "sqs_task"] {
        let site = Site::new();
        let (answer, counts) = site.invoke(&event(name)).await;
        assert!(answer.is_ok(), "{name}");
        assert_eq!(site.commands(), [again(2)], "{name}");
        let lines = counts.lines(&emf::Namespace::default(), chrono::Utc::now()).join("");
        assert!(lines.contains(r#""TasksRestarted":1"#), "{lines}");
    }
}

#[tokio::test]
async fn what_did_its_work_or_failed_for_good_is_not() {
    for (name, failed) in [("task_exit_0", false), ("task_exit_4", true)] {
        let site = Site::new();
        let (answer, counts) = site.invoke(&event(name)).await;
        assert!(answer.is_ok() && site.commands().is_empty(), "{name}");
        assert_eq!(has_one_failed(&counts), failed);
    }
}

#[tokio::test]
async fn attempts_have_an_end() {
    let site = Site::new();
    let mut stopped = value("task_exit_3");
    let attempt = "/detail/overrides/containerOverrides/0/environment/0/value";
    *stopped.pointer_mut(attempt).unwrap() = json!(ATTEMPTS_MAX.to_string());
    assert!(site.handed_back(&[("1", stopped.clone())]).await.is_empty());
    assert_eq!(site.commands(), [again(ATTEMPTS_MAX + 1)]);
    let site = Site::new();
    *stopped.pointer_mut(attempt).unwrap() = json!((ATTEMPTS_MAX + 1).to_string());
    let (answer, counts) = site.invoke(&stopped.to_string()).await;
    assert!(answer.is_ok() && site.commands().is_empty());
    assert!(has_one_failed(&counts));
}

#[tokio::test]
async fn what_was_killed_for_memory_is_started_again_once() {
    let site = Site::new();
    let mut stopped = value("task_exit_137");
    let attempt = "/detail/overrides/containerOverrides/0/environment/0/value";
    *stopped.pointer_mut(attempt).unwrap() = json!("2");
    let (answer, counts) = site.invoke(&stopped.to_string()).await;
    assert!(answer.is_ok() && site.commands().is_empty());
    assert!(has_one_failed(&counts));
    // Killed by anybody else.
    stopped["detail"]["containers"][0]["reason"] = Value::Null;
    assert!(site.handed_back(&[("1", stopped)]).await.is_empty());
    assert_eq!(site.commands(), [again(3)]);
}

#[tokio::test]
async fn a_task_that_began_after_the_end_covers_it() {
    let site = Site::new();
    let mut stopped = value("task_exit_3");
    // Created long after its object was written, it would have to tell it again.
    stopped["detail"]["createdAt"] = json!("2026-03-27T08:15:03.5Z");
    site.state().tasks.push(task("load_sales", STOPPED + 6.0, "PENDING", None));
    assert!(site.handed_back(&[("1", stopped)]).await.is_empty());
    assert!(site.commands().is_empty());
}

#[tokio::test]
async fn without_a_time_it_stopped_when_it_was_told() {
    let mut stopped = value("task_exit_3");
    for time in ["/time", "/detail/stoppedAt", "/detail/updatedAt"] {
        *stopped.pointer_mut(time).unwrap() = Value::Null;
    }
    let messages = [("1", stopped)];
    let site = Site::new();
    site.state().tasks.push(task("load_sales", SENT + 4.0, "STOPPED", Some(0)));
    assert!(site.handed_back(&messages).await.is_empty());
    assert_eq!(site.commands(), [again(2)]);
    let site = Site::new();
    site.state().tasks.push(task("load_sales", SENT + 6.0, "STOPPED", Some(0)));
    assert!(site.handed_back(&messages).await.is_empty());
    assert!(site.commands().is_empty(), "it is covered");
}

#[tokio::test]
async fn a_task_that_runs_is_waited_for() {
    let site = Site::new();
    site.state().tasks.push(task("load_sales", STOPPED - 10.0, "RUNNING", None));
    assert_eq!(site.handed_back(&[("1", value("task_exit_3"))]).await, ["1"]);
    site.state().tasks[0] = task("load_sales", STOPPED - 10.0, "STOPPED", Some(0));
    assert!(site.handed_back(&[("1", value("task_exit_3"))]).await.is_empty());
    assert_eq!(site.commands(), [again(2)]);
}

#[tokio::test]
async fn its_own_status_that_lags_behind_does_not_hold_it_back() {
    let site = Site::new();
    let stopped = value("task_exit_3");
    let mut own = task("load_sales", STOPPED - 60.0, "RUNNING", None);
    own.arn = stopped["detail"]["taskArn"].as_str().unwrap().to_owned();
    own.described["taskArn"] = json!(own.arn);
    site.state().tasks.push(own);
    assert!(site.handed_back(&[("1", stopped)]).await.is_empty());
    assert_eq!(site.commands(), [again(2)]);
}

#[tokio::test]
async fn an_event_that_comes_twice_starts_one_task() {
    let site = Site::new();
    let stopped = value("task_exit_3");
    let twice = [("1", stopped.clone()), ("2", stopped.clone())];
    assert!(site.handed_back(&twice).await.is_empty());
    // Not listed yet.
    site.state().tasks[0].is_listed = false;
    assert!(site.handed_back(&[("3", stopped)]).await.is_empty());
    let runs = site.runs();
    assert_eq!(site.calls_and_tasks(), (2, 1));
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn how_a_task_was_started_is_asked_for_if_its_event_does_not_say_it() {
    let stopped = value("task_without_overrides");
    let site = Site::new();
    let mut own = task("load_sales", STOPPED - 60.0, "STOPPED", Some(3));
    own.arn = stopped["detail"]["taskArn"].as_str().unwrap().to_owned();
    own.described["taskArn"] = json!(own.arn);
    own.described["overrides"] = value("task_exit_3")["detail"]["overrides"].clone();
    site.state().tasks.push(own);
    assert!(site.handed_back(&[("1", stopped.clone())]).await.is_empty());
    assert_eq!(site.commands(), [again(2)]);
    let site = Site::new();
    let (answer, counts) = site.invoke(&stopped.to_string()).await;
    assert!(answer.is_ok() && site.commands().is_empty(), "nobody knows its attempts");
    assert!(has_one_failed(&counts));
}

#[tokio::test]
async fn a_restart_that_fails_comes_again() {
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::Refused(400, "AccessDeniedException", ""), 1);
    assert_eq!(site.handed_back(&[("1", value("task_exit_3"))]).await, ["1"]);
    assert!(site.handed_back(&[("1", value("task_exit_3"))]).await.is_empty());
    assert_eq!(site.commands(), [again(2), again(2)]);
}
