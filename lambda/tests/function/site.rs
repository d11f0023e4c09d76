//! A function with its routes, and an ECS that it calls.

use std::sync::MutexGuard;
use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::config::{BehaviorVersion, Config, Credentials, Region};
use chrono::{DateTime, TimeDelta, Utc};
use lambda::ecs::{Ecs, Patience};
use lambda::handler::{Function, HandBack, Invocation};
use lambda::metrics::Counts;
use lambda::route_source::RouteSource;
use lambda::settings::{Arguments, Launch, RoutesFrom};
use lambda::start::Starter;
use serde_json::{Value, json};

use crate::ecs::{Ecs as FakeEcs, State, Task};

pub(crate) const ATTEMPTS_MAX: u32 = 2;
const ROUTES: &str = r#"{
    "s3://acme-staging/shop/public/orders/": ["load_sales", "load_orders"],
    "s3://acme-staging/shop/public/items/": "load_sales",
    "s3://acme-staging/my shop/a+b/100%/café/": "load_cafe"
}"#;

/// How long one job may take where ECS hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);

/// A function, and the ECS that it calls.
pub(crate) struct Site {
    pub(crate) ecs: FakeEcs,
    pub(crate) client: Client,
    function: Function<Starter>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let fake = FakeEcs::start();
        // Long before whatever is told.
        fake.state().stands_at = Some(0.0);
        let retry = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(1));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .endpoint_url(fake.url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(retry)
            .build();
        let launch = Launch {
            cluster: "unglue".to_owned(),
            task_definition: "unglue:7".to_owned(),
            container: "runner".to_owned(),
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            has_public_ip: false,
            capacity_provider: None,
            arguments: Arguments::Runner,
        };
        let patience = Patience { pause: Duration::from_millis(1), limit: LIMIT };
        let client = Client::from_conf(config);
        let ecs = Ecs::new(client.clone(), launch, patience);
        let routes = RouteSource::open(RoutesFrom::Here(ROUTES.parse().unwrap())).unwrap();
        let starter = Starter::new(ecs, ATTEMPTS_MAX);
        let function = Function::new(routes, "runner".to_owned(), starter);
        Self { ecs: fake, client, function }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.ecs.state()
    }

    /// The requests of `RunTask`.
    pub(crate) fn runs(&self) -> Vec<Value> {
        self.ecs.requests("RunTask")
    }

    pub(crate) async fn invoke(&self, payload: &str) -> (Result<Value, HandBack>, Counts) {
        let now = Utc::now();
        let deadline = now + TimeDelta::seconds(60);
        let invocation = Invocation { payload, request_id: "request-1", now, deadline };
        Box::pin(self.function.handle(invocation)).await
    }

    /// The messages of a queue that are handed back, by their ids.
    pub(crate) async fn handed_back(&self, messages: &[(&str, Value)]) -> Vec<String> {
        let record = |(id, body): &(&str, Value)| {
            json!({
                "messageId": id, "body": body.to_string(), "eventSource": "aws:sqs",
                "attributes": { "SentTimestamp": "1774599302000" },
            })
        };
        let payload = json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() });
        let answer = self.invoke(&payload.to_string()).await.0.unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap().clone();
        failures.iter().map(|one| one["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    /// How often `RunTask` was called, and how many tasks there are.
    pub(crate) fn calls_and_tasks(&self) -> (usize, usize) {
        (self.runs().len(), self.state().tasks.len())
    }

    /// The commands of the tasks that were started, and their attempt; sorted, since jobs are worked on at the same time.
    pub(crate) fn commands(&self) -> Vec<String> {
        let command = |run: &Value| {
            let one = &run["overrides"]["containerOverrides"][0];
            let words: Vec<&str> = one["command"]
                .as_array()
                .unwrap()
                .iter()
                .map(|word| word.as_str().unwrap())
                .collect();
            format!("{} {}", one["environment"][0]["value"].as_str().unwrap(), words.join(" "))
        };
        let mut commands: Vec<String> = self.runs().iter().map(command).collect();
        commands.sort();
        commands
    }
}

/// A task of a job, created at a second.
pub(crate) fn task(job: &str, created: f64, status: &str, exit: Option<i32>) -> Task {
    let mut task = Task::new(&created.to_string(), &format!("unglue/{job}"), created);
    task.comes_to(status, exit);
    task
}

/// An event of S3 of one object, at a second.
pub(crate) fn put(key: &str, second: i64) -> Value {
    let time = DateTime::from_timestamp(second, 0).unwrap().to_rfc3339();
    json!({ "Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": time,
        "s3": { "bucket": { "name": "acme-staging" }, "object": { "key": key, "size": 1 } },
    }]})
}
