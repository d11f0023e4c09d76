//! A server that speaks as much of ECS as the function does, and fails as it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::config::{BehaviorVersion, Config, Credentials, Region};
use chrono::{DateTime, TimeDelta, Utc};
use lambda::ecs::Ecs;
use lambda::handler::{Function, HandBack, Invocation};
use lambda::metrics::Counts;
use lambda::route_source::RouteSource;
use lambda::settings::{Arguments, Launch, RoutesFrom};
use lambda::start::Starter;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const ATTEMPTS_MAX: u32 = 2;
const ROUTES: &str = r#"{
    "s3://acme-staging/shop/public/orders/": ["load_sales", "load_orders"],
    "s3://acme-staging/shop/public/items/": "load_sales",
    "s3://acme-staging/my shop/a+b/100%/café/": "load_cafe"
}"#;

/// How a call of `RunTask` ends.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status and a code.
    Error(u16, &'static str, &'static str),
    /// A failure in the answer.
    Failure(&'static str),
    /// Neither task nor failure.
    Nothing,
    /// The task is started, and nobody is told.
    Lost,
}

#[derive(Default)]
pub(crate) struct State {
    /// As they are described.
    pub(crate) tasks: Vec<Value>,
    /// What the next calls of `RunTask` get; after these it works.
    pub(crate) script: VecDeque<Reply>,
    /// What every call of `ListTasks` gets.
    pub(crate) lists: Option<Reply>,
    /// The requests of `RunTask`.
    pub(crate) runs: Vec<Value>,
    /// The time, in seconds, at which tasks are created.
    pub(crate) now: f64,
}

/// A server and a function that calls it.
pub(crate) struct Site {
    state: Arc<Mutex<State>>,
    function: Function<Starter>,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        let retry = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(1));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .endpoint_url(format!("http://{address}"))
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
        let ecs = Ecs::new(Client::from_conf(config), launch, Duration::from_millis(1));
        let routes = RouteSource::open(RoutesFrom::Here(ROUTES.parse().unwrap())).unwrap();
        let starter = Starter::new(ecs, ATTEMPTS_MAX);
        Self { state, function: Function::new(routes, "runner".to_owned(), starter) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
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
        let state = self.state();
        (state.runs.len(), state.tasks.len())
    }

    /// The commands of the tasks that were started, and their attempt.
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
        self.state().runs.iter().map(command).collect()
    }
}

/// A task of a job as ECS describes it, created at a second.
pub(crate) fn task(job: &str, created: f64, status: &str, exit: Option<i32>) -> Value {
    let mut container = json!({ "name": "runner", "lastStatus": status });
    if let Some(exit) = exit {
        container["exitCode"] = json!(exit);
    }
    json!({
        "taskArn": format!("arn:aws:ecs:eu-central-1:123456789012:task/unglue/{created}"),
        "startedBy": format!("unglue/{job}"), "createdAt": created, "lastStatus": status,
        "desiredStatus": if status == "STOPPED" { "STOPPED" } else { "RUNNING" },
        "containers": [container],
    })
}

/// An event of S3 of one object, at a second.
pub(crate) fn put(key: &str, second: i64) -> Value {
    let time = DateTime::from_timestamp(second, 0).unwrap().to_rfc3339();
    json!({ "Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": time,
        "s3": { "bucket": { "name": "acme-staging" }, "object": { "key": key, "size": 1 } },
    }]})
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some((action, request)) = receive(&mut stream).await else { return };
    let Some((status, body)) = answer(&action, request, &state) else { return };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _closed = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

/// The action and its input.
async fn receive(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (found, value) = line.split_once(':')?;
                    found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let length: usize = header("content-length")?.parse().ok()?;
            if body.len() >= length {
                let action = header("x-amz-target")?.rsplit('.').next()?.to_owned();
                return Some((action, serde_json::from_str(body).ok()?));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn answer(action: &str, request: Value, state: &Mutex<State>) -> Option<(u16, Value)> {
    let mut state = state.lock().unwrap();
    match action {
        "ListTasks" => {
            if let Some(reply) = &state.lists {
                return failure(reply);
            }
            let is_asked = |task: &&Value| {
                task["startedBy"] == request["startedBy"]
                    && task["desiredStatus"] == request["desiredStatus"]
            };
            let arns: Vec<_> =
                state.tasks.iter().filter(is_asked).map(|task| task["taskArn"].clone()).collect();
            Some((200, json!({ "taskArns": arns })))
        }
        "DescribeTasks" => {
            let asked = request["tasks"].as_array().unwrap();
            let tasks: Vec<_> =
                state.tasks.iter().filter(|task| asked.contains(&task["taskArn"])).collect();
            let failures: Vec<_> = asked
                .iter()
                .filter(|arn| !tasks.iter().any(|task| task["taskArn"] == **arn))
                .map(|arn| json!({ "arn": arn, "reason": "MISSING" }))
                .collect();
            Some((200, json!({ "tasks": tasks, "failures": failures })))
        }
        "RunTask" => run(request, &mut state),
        _ => Some((400, json!({ "__type": "UnknownOperationException" }))),
    }
}

fn run(request: Value, state: &mut State) -> Option<(u16, Value)> {
    let reply = state.script.pop_front();
    let token = request["clientToken"].clone();
    let known = state.tasks.iter().any(|task| task["clientToken"] == token);
    state.runs.push(request.clone());
    if let Some(reply) = reply.as_ref().filter(|reply| !matches!(reply, Reply::Lost)) {
        return failure(reply);
    }
    if !known {
        let job = request["startedBy"].as_str().unwrap().trim_start_matches("unglue/");
        let mut task = task(job, state.now, "PROVISIONING", None);
        task["overrides"] = request["overrides"].clone();
        task["clientToken"] = token;
        state.tasks.push(task);
    }
    match reply {
        Some(_) => None,
        None => Some((200, json!({ "tasks": [state.tasks.last()], "failures": [] }))),
    }
}

fn failure(reply: &Reply) -> Option<(u16, Value)> {
    Some(match reply {
        Reply::Error(status, code, message) => {
            (*status, json!({ "__type": code, "message": message }))
        }
        Reply::Failure(reason) => (200, json!({ "tasks": [], "failures": [{ "reason": reason }] })),
        Reply::Nothing => (200, json!({ "tasks": [], "failures": [] })),
        Reply::Lost => return None,
    })
}
