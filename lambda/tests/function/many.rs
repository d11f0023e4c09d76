//! Many jobs and many tasks: what is asked of ECS, and what does not wait for what hangs.

use std::time::Instant;

use aws_sdk_ecs::error::ProvideErrorMetadata;
use aws_sdk_ecs::types::{ContainerOverride, DesiredStatus, TaskOverride};
use serde_json::{Value, json};

use crate::ecs::Trouble;
use crate::site::{LIMIT, Site, put, task};

fn item() -> Value {
    put("shop/public/items/LOAD00000001.csv", 100)
}

/// A message for each of so many jobs.
fn messages(jobs: usize) -> Vec<(String, Value)> {
    (0..jobs).map(|job| (job.to_string(), json!({ "jobs": [format!("job_{job}")] }))).collect()
}

async fn handed_back(site: &Site, messages: &[(String, Value)]) -> Vec<String> {
    let messages: Vec<_> = messages.iter().map(|(id, body)| (id.as_str(), body.clone())).collect();
    site.handed_back(&messages).await
}

fn lists(site: &Site) -> Vec<String> {
    let status = |list: Value| {
        let filters = list.as_object().unwrap().keys().filter(|name| *name != "nextToken");
        let filters: Vec<&str> = filters.map(String::as_str).collect();
        assert_eq!(filters, ["cluster", "desiredStatus", "family", "maxResults"]);
        assert_eq!(list["family"], "unglue");
        list["desiredStatus"].as_str().unwrap().to_owned()
    };
    site.ecs.requests("ListTasks").into_iter().map(status).collect()
}

#[tokio::test]
async fn the_tasks_of_all_jobs_are_listed_once_and_those_that_stopped_if_need_be() {
    let site = Site::new();
    site.state().tasks.push(task("load_sales", 110.0, "PENDING", None));
    assert!(site.handed_back(&[("1", item())]).await.is_empty());
    assert_eq!(lists(&site), ["RUNNING"], "that one covers it");
    let site = Site::new();
    assert!(handed_back(&site, &messages(30)).await.is_empty());
    assert_eq!(site.runs().len(), 30);
    assert_eq!(lists(&site), ["RUNNING", "STOPPED"]);
}

#[tokio::test]
async fn all_pages_of_the_list_are_read() {
    for status in ["RUNNING", "STOPPED"] {
        let site = Site::new();
        let exit = (status == "STOPPED").then_some(0);
        let job = |number: u32| if number == 249 { "load_sales" } else { "other" };
        let all = (0..250).map(|number| task(job(number), 110.0 + f64::from(number), status, exit));
        site.state().tasks.extend(all);
        assert!(site.handed_back(&[("1", item())]).await.is_empty());
        assert!(site.runs().is_empty(), "the last of them covers it");
        let described = site.ecs.requests("DescribeTasks");
        let lengths: Vec<usize> =
            described.iter().map(|one| one["tasks"].as_array().unwrap().len()).collect();
        assert_eq!(lengths, [100, 100, 50]);
    }
}

#[tokio::test]
async fn more_tasks_than_are_looked_at_start_at_worst_one_more() {
    let site = Site::new();
    let other = (0..1200).map(|number| task("other", f64::from(number), "RUNNING", None));
    site.state().tasks.extend(other);
    site.state().tasks.push(task("load_sales", 2000.0, "RUNNING", None));
    assert!(site.handed_back(&[("1", item())]).await.is_empty());
    assert_eq!(site.runs().len(), 1);
    assert_eq!(site.ecs.requests("ListTasks").len(), 11, "ten pages, and tasks that stopped");
}

#[tokio::test]
async fn a_task_that_is_gone_before_it_is_described_does_not_count() {
    let site = Site::new();
    let mut gone = task("load_sales", 110.0, "RUNNING", None);
    gone.is_gone = true;
    site.state().tasks.push(gone);
    assert!(site.handed_back(&[("1", item())]).await.is_empty());
    assert_eq!(site.runs().len(), 1);
}

#[tokio::test]
async fn jobs_whose_tasks_hang_keep_no_other_from_its_own() {
    let site = Site::new();
    site.ecs.trouble("RunTask", Trouble::HangsBefore, 7);
    let begun = Instant::now();
    assert_eq!(handed_back(&site, &messages(30)).await.len(), 7);
    assert!(begun.elapsed() < LIMIT * 3, "{:?}", begun.elapsed());
    assert_eq!((site.runs().len(), site.state().tasks.len()), (30, 23));
}

#[tokio::test]
async fn a_list_that_hangs_is_waited_for_once() {
    let site = Site::new();
    site.ecs.trouble("ListTasks", Trouble::HangsBefore, 1);
    let begun = Instant::now();
    assert_eq!(handed_back(&site, &messages(30)).await.len(), 30);
    assert!(begun.elapsed() < LIMIT * 2, "{:?}", begun.elapsed());
    assert_eq!(site.ecs.calls(), ["ListTasks"]);
}

/// Else tests would pass that ECS would not.
#[tokio::test]
async fn the_ecs_of_the_tests_refuses_what_ecs_refuses() {
    let site = Site::new();
    let list = || site.client.list_tasks().cluster("unglue");
    let invalid = [
        list().started_by("unglue/a").family("unglue").send().await,
        list().started_by("unglue/a").desired_status(DesiredStatus::Stopped).send().await,
        list().max_results(101).send().await,
        list().next_token("none of its own").send().await,
    ];
    for answer in invalid {
        assert_eq!(answer.unwrap_err().code(), Some("InvalidParameterException"));
    }
    let run = || site.client.run_task().task_definition("unglue").client_token("a");
    let long = ContainerOverride::builder().name("runner").command("a".repeat(8192)).build();
    let long = TaskOverride::builder().container_overrides(long).build();
    let invalid = [
        run().started_by("unglue/a.b").send().await,
        run().started_by("a".repeat(129)).send().await,
        run().client_token("a".repeat(65)).send().await,
        run().overrides(long).send().await,
    ];
    for answer in invalid {
        assert_eq!(answer.unwrap_err().code(), Some("InvalidParameterException"));
    }
    let first = run().started_by("unglue/a").send().await.unwrap();
    let same = run().started_by("unglue/a").send().await.unwrap();
    assert_eq!(first.tasks()[0].task_arn(), same.tasks()[0].task_arn());
    let other = run().started_by("unglue/b").send().await;
    assert_eq!(other.unwrap_err().code(), Some("ConflictException"));
    let described = site.client.describe_tasks().tasks("none").send().await.unwrap();
    assert_eq!(described.failures()[0].reason(), Some("MISSING"));
    let many = site.client.describe_tasks().set_tasks(Some(vec!["none".to_owned(); 101]));
    assert_eq!(many.send().await.unwrap_err().code(), Some("InvalidParameterException"));
}
