//! Events start tasks, one at a time and each once; what cannot be started comes again.

use serde_json::{Value, json};

use crate::ecs::Trouble;
use crate::shapes::event;
use crate::site::{Site, put, task};

const ITEM: &str = "shop/public/items/LOAD00000001.csv";
const ITEMS: &str = "s3://acme-staging/shop/public/items/";

fn item(number: usize, second: i64) -> Value {
    put(&format!("shop/public/items/LOAD{number:08}.csv"), second)
}

#[tokio::test]
async fn an_event_starts_a_task_for_each_of_its_jobs() {
    let site = Site::new();
    let (answer, counts) = site.invoke(&event("s3_put")).await;
    let started =
        json!({ "started": ["load_orders", "load_sales"], "covered": [], "ran": [], "failed": [] });
    assert_eq!(answer.unwrap(), started);
    let object = "s3://acme-staging/shop/public/orders/20260327-081500000.csv";
    let commands =
        ["load_orders", "load_sales"].map(|job| format!("1 run --job {job} --object {object}"));
    assert_eq!(site.commands(), commands);
    let is_sales = |run: &Value| run["startedBy"] == "unglue/load_sales";
    let run = site.runs().into_iter().find(is_sales).unwrap();
    let token = run["clientToken"].as_str().unwrap();
    assert_eq!(token.len(), 64);
    let expected = json!({
        "cluster": "unglue", "taskDefinition": "unglue:7", "count": 1, "launchType": "FARGATE",
        "startedBy": "unglue/load_sales", "clientToken": token, "overrides": run["overrides"],
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED",
        }},
    });
    assert_eq!(run, expected);
    let lines = counts.lines(&emf::Namespace::default(), chrono::Utc::now());
    assert_eq!(lines.len(), 3, "two jobs and the rest: {lines:?}");
}

#[tokio::test]
async fn every_kind_of_event_starts_its_jobs() {
    for (name, jobs) in [
        ("s3_put", 2),
        ("s3_multipart", 2),
        ("s3_keys", 1),
        ("sqs_s3", 2),
        ("sqs_sns_s3", 2),
        ("sqs_sns_raw", 2),
        ("sns_s3", 2),
        ("eventbridge_created", 2),
        ("sqs_eventbridge", 2),
        ("jobs_all", 3),
        ("jobs_named", 1),
        ("sqs_jobs", 3),
        ("schedule", 3),
        ("s3_test", 0),
        ("s3_removed", 0),
        ("task_running", 0),
        ("task_of_others", 0),
    ] {
        let site = Site::new();
        let (answer, _) = site.invoke(&event(name)).await;
        assert_eq!(site.commands().len(), jobs, "{name}");
        let answer = answer.unwrap();
        let is_queue = name.starts_with("sqs_");
        assert_eq!(answer.get("batchItemFailures"), is_queue.then_some(&json!([])), "{name}");
    }
}

#[tokio::test]
async fn what_is_for_no_job_is_ignored() {
    let site = Site::new();
    let (_, counts) = site.invoke(&event("s3_keys")).await;
    assert_eq!(counts.ignored, 1, "readme.txt");
    let folder = "s3://acme-staging/my shop/a+b/100%/café/";
    let command = format!(
        "1 run --job load_cafe --object {folder}20260327-081500000.csv --object {folder}20260327-081501000.csv"
    );
    assert_eq!(site.commands(), [command]);
}

#[tokio::test]
async fn messages_of_one_job_start_one_task() {
    let site = Site::new();
    let handed_back = site.handed_back(&[("1", item(1, 100)), ("2", item(2, 101))]).await;
    assert!(handed_back.is_empty());
    let command = format!(
        "1 run --job load_sales --object {ITEMS}LOAD00000001.csv --object {ITEMS}LOAD00000002.csv"
    );
    assert_eq!(site.commands(), [command]);
}

#[tokio::test]
async fn a_burst_waits_for_the_task_that_is_pending_and_starts_one_more() {
    let site = Site::new();
    site.state().stands_at = Some(101.0);
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    for number in 2..5 {
        let messages = [("later", item(number, 102))];
        assert_eq!(site.handed_back(&messages).await, ["later"], "it may have looked before");
    }
    assert_eq!(site.commands().len(), 1);
    let before_the_task = [("before", item(1, 95))];
    assert!(site.handed_back(&before_the_task).await.is_empty(), "it looks after that");
    site.state().tasks[0].described["pullStoppedAt"] = json!(107.0);
    assert!(site.handed_back(&[("later", item(2, 102))]).await.is_empty(), "its image came later");
    assert_eq!(site.handed_back(&[("latest", item(5, 103))]).await, ["latest"]);
    site.state().tasks[0] = task("load_sales", 101.0, "STOPPED", Some(0));
    assert!(site.handed_back(&[("latest", item(5, 103))]).await.is_empty());
    assert_eq!(site.commands().len(), 2);
}

#[tokio::test]
async fn beside_other_containers_only_the_time_of_creation_counts() {
    let site = Site::new();
    let mut early = task("load_sales", 50.0, "RUNNING", None);
    early.described["pullStoppedAt"] = json!(110.0);
    site.state().tasks.push(early.clone());
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty(), "its image came later");
    let agent = json!({ "name": "aws-guardduty-agent-x", "lastStatus": "RUNNING" });
    early.described["containers"].as_array_mut().unwrap().push(agent);
    site.state().tasks[0] = early;
    assert_eq!(site.handed_back(&[("1", item(1, 100))]).await, ["1"], "or that of the other one");
    site.state().tasks[0].described["createdAt"] = json!(105.0);
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    assert!(site.commands().is_empty());
}

#[tokio::test]
async fn a_task_whose_container_has_ended_is_over() {
    for status in ["RUNNING", "DEPROVISIONING"] {
        for (exit, commands) in [(0, 0), (3, 1)] {
            let site = Site::new();
            site.state().tasks.push(task("load_sales", 110.0, status, Some(exit)));
            assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
            assert_eq!(site.commands().len(), commands, "{status} {exit}");
        }
    }
    // One of several may still have to do its part.
    let site = Site::new();
    let mut task = task("load_sales", 50.0, "DEPROVISIONING", Some(3));
    let containers = task.described["containers"].as_array_mut().unwrap();
    containers.push(json!({ "name": "agent", "lastStatus": "RUNNING" }));
    site.state().tasks.push(task);
    assert_eq!(site.handed_back(&[("1", item(1, 100))]).await, ["1"]);
}

#[tokio::test]
async fn in_one_batch_what_is_covered_is_acknowledged_and_the_rest_waits() {
    let site = Site::new();
    site.state().tasks.push(task("load_sales", 110.0, "PENDING", None));
    let messages = [("covered", item(1, 105)), ("waits", item(2, 106))];
    assert_eq!(site.handed_back(&messages).await, ["waits"]);
    assert!(site.commands().is_empty());
}

#[tokio::test]
async fn a_task_that_did_its_work_covers_and_one_that_failed_does_not() {
    for (exit, commands) in [(Some(0), 0), (Some(1), 1), (None, 1)] {
        let site = Site::new();
        site.state().tasks.push(task("load_sales", 110.0, "STOPPED", exit));
        assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
        assert_eq!(site.commands().len(), commands, "{exit:?}");
    }
}

#[tokio::test]
async fn tasks_of_other_jobs_do_not_count() {
    let site = Site::new();
    site.state().tasks.push(task("load_orders", 110.0, "PENDING", None));
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    assert_eq!(site.commands().len(), 1);
}

#[tokio::test]
async fn an_object_with_an_old_name_has_to_be_told() {
    let site = Site::new();
    let second = 1_774_599_300;
    let created = 1_774_599_400.0;
    site.state().tasks.push(task("load_sales", created, "RUNNING", None));
    let old = put("shop/public/items/20260327-070000000.csv", second);
    let new = put("shop/public/items/20260327-081459000.csv", second);
    assert_eq!(site.handed_back(&[("old", old.clone()), ("new", new)]).await, ["old"]);
    site.state().tasks.clear();
    assert!(site.handed_back(&[("old", old)]).await.is_empty());
    let command = format!("1 run --job load_sales --object {ITEMS}20260327-070000000.csv");
    assert_eq!(site.commands(), [command]);
    site.state().tasks[0].described["pullStoppedAt"] = json!(created);
    let old = put("shop/public/items/20260327-070000000.csv", second);
    assert!(site.handed_back(&[("again", old)]).await.is_empty());
    assert_eq!(site.commands().len(), 1, "that task was told");
}

#[tokio::test]
async fn a_call_that_is_throttled_is_tried_again() {
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::THROTTLED, 2);
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    let runs = site.runs();
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run == &runs[0]), "with the same token");
}

#[tokio::test]
async fn what_cannot_be_started_comes_again_and_says_why() {
    let fail = |trouble: Trouble| async move {
        let site = Site::new();
        site.ecs.trouble("RunTask", trouble, 20);
        assert_eq!(site.handed_back(&[("1", item(1, 100))]).await, ["1"]);
        let (answer, counts) = site.invoke(&put(ITEM, 100).to_string()).await;
        let lines = counts.lines(&emf::Namespace::default(), chrono::Utc::now()).join("");
        assert!(lines.contains(r#""StartFailures":1"#), "{lines}");
        assert!(site.state().tasks.is_empty());
        answer.unwrap_err().to_string()
    };
    for (trouble, said) in [
        (
            Trouble::THROTTLED,
            "load_sales: ecs:RunTask: ThrottlingException: Rate exceeded; to do: nothing, unless",
        ),
        (
            Trouble::Refused(
                400,
                "AccessDeniedException",
                "not authorized to perform: iam:PassRole",
            ),
            "to do: let the function's role call it",
        ),
        (
            Trouble::Refused(400, "ClusterNotFoundException", "Cluster not found."),
            "to do: set UNGLUE_CLUSTER",
        ),
        (
            Trouble::Refused(400, "ClientException", "TaskDefinition not found."),
            "to do: compare UNGLUE_TASK_DEFINITION",
        ),
        (
            Trouble::Refused(400, "ConflictException", "token"),
            "to do: nothing: the event comes again",
        ),
        (
            Trouble::Refused(500, "ServerException", "Service Unavailable."),
            "to do: nothing, unless it stays: then see",
        ),
        (Trouble::NO_CAPACITY, "a failure: Capacity is unavailable"),
        (
            Trouble::Failure("ACCESS_DENIED"),
            "a failure: ACCESS_DENIED; to do: let the function's role",
        ),
        (Trouble::Nothing, "neither a task nor a failure"),
    ] {
        let error = fail(trouble).await;
        assert!(error.contains(said), "{trouble:?}: {error}");
    }
}

/// Headers and body may hold what does not belong into a log.
#[tokio::test]
async fn an_answer_that_is_not_understood_is_not_repeated() {
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::Garbled, 20);
    let error = site.invoke(&put(ITEM, 100).to_string()).await.0.unwrap_err().to_string();
    assert!(error.starts_with("load_sales: ecs:RunTask: "), "{error}");
    assert!(!error.contains("<html>") && !error.contains("x-amzn-requestid"), "{error}");
    assert!(error.len() < 600, "{error}");
}

#[tokio::test]
async fn capacity_is_asked_for_again() {
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::NO_CAPACITY, 2);
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    assert_eq!(site.runs().len(), 3);
}

#[tokio::test]
async fn an_answer_that_is_lost_starts_no_second_task() {
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::LostAnswer, 1);
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    assert_eq!(site.calls_and_tasks(), (2, 1));
    // For good: the message comes again while the task that nobody knows of is not listed yet.
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::LostAnswer, 3);
    assert_eq!(site.handed_back(&[("1", item(1, 100))]).await, ["1"]);
    site.state().tasks[0].is_listed = false;
    assert!(site.handed_back(&[("1", item(1, 100))]).await.is_empty());
    assert_eq!(site.state().tasks[0].described["startedBy"], "unglue/load_sales");
    assert_eq!(site.state().tasks.len(), 1, "the same token");
    assert!(site.handed_back(&[("2", item(1, 100))]).await.is_empty());
    assert_eq!(site.state().tasks.len(), 2, "a later message of the same key has another one");
}

#[tokio::test]
async fn without_an_answer_about_the_tasks_nothing_is_started() {
    let site = Site::new();
    let denied = Trouble::Refused(400, "AccessDeniedException", "ecs:ListTasks");
    site.ecs.trouble("ListTasks", denied, 1);
    assert_eq!(site.handed_back(&[("1", item(1, 100))]).await, ["1"]);
    assert!(site.commands().is_empty());
}

#[tokio::test]
async fn a_message_of_several_jobs_comes_again_if_one_of_them_fails() {
    let site = Site::new();
    site.state().tasks.push(task("load_sales", 110.0, "PENDING", None));
    site.ecs.trouble("RunTask", Trouble::Refused(400, "AccessDeniedException", ""), 1);
    let orders = put("shop/public/orders/LOAD00000001.csv", 100);
    assert_eq!(site.handed_back(&[("both", orders), ("one", item(1, 100))]).await, ["both"]);
    assert_eq!(site.commands().len(), 1, "load_orders, refused; load_sales is covered");
}

#[tokio::test]
async fn what_is_not_understood_is_handed_back_alone() {
    let site = Site::new();
    let strange = json!({ "hello": "world" });
    assert_eq!(site.handed_back(&[("1", strange.clone()), ("2", item(1, 100))]).await, ["1"]);
    assert_eq!(site.commands().len(), 1);
    let (answer, counts) = site.invoke(&strange.to_string()).await;
    assert!(answer.unwrap_err().to_string().starts_with("not understood: no event of S3"));
    assert_eq!(counts.not_understood, 1);
}
