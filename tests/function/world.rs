//! What stands around the function: a bucket that tells of its objects, a queue that brings messages until they are done, and
//! ECS, whose tasks are run here as a container would run them.

use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::scenarios::site::{JOB, SQLITE, Site};
use crate::support::ecs::task::iso;
use crate::support::ecs::{Ecs, Task};
use crate::support::function::{Answer, Function};
use crate::support::{Output, Shared};

/// So many deliveries and tasks are enough for anything; more means that the same is done again and again.
const ROUNDS_MAX: usize = 20;
/// The patience of those who wait for the function to come to a point.
const REACH_LIMIT: Duration = Duration::from_secs(30);

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (id INT PRIMARY KEY, name VARCHAR(20))
    STORED AS DMS LOCATION '${STAGING}/shop/t/'";
const MODEL: &str = "SELECT id, name FROM staged";
const BY_NAME: &str = "SELECT name, count(*) AS c FROM staged GROUP BY name";

/// A message of the queue.
#[derive(Debug, Clone)]
struct Message {
    id: String,
    sent_ms: u128,
    body: String,
}

pub(crate) struct World<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) ecs: Ecs,
    function: Function,
    start: Start,
    queue: Vec<Message>,
    messages: usize,
    invocations: usize,
}

/// How an instance of the function is started.
struct Start {
    program: fn(Vec<(String, String)>) -> Function,
    environment: Vec<(String, String)>,
}

impl Start {
    fn start(&self) -> Function {
        (self.program)(self.environment.clone())
    }
}

/// How a task's container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// To its end.
    Runs,
    /// It never starts.
    NeverStarts,
    /// It is killed at a failpoint of the program.
    KilledAt(&'static str),
    /// The store does not answer.
    WithoutStore,
}

impl<'a> World<'a> {
    pub(crate) fn new(servers: &'a Shared) -> Self {
        let site = Site::new(servers, SQLITE.with_s3());
        site.job(&[("sources.sql", SOURCES), ("t.sql", MODEL), ("by_name.sql", BY_NAME)]);
        let ecs = Ecs::start();
        let own = [
            ("AWS_ENDPOINT_URL", ecs.url()),
            ("AWS_ACCESS_KEY_ID", "function"),
            ("AWS_SECRET_ACCESS_KEY", "secret-of-function"),
        ];
        let environment = [routes(&site), tasks(), owned(own)].concat();
        Self::begin(site, ecs, Start { program: Function::start, environment })
    }

    /// A function that runs jobs itself, with tasks beside it if `with_tasks`; `more` is of its environment.
    pub(crate) fn inline(site: Site<'a>, with_tasks: bool, more: &[(&str, &str)]) -> Self {
        site.job(&[("sources.sql", SOURCES), ("t.sql", MODEL), ("by_name.sql", BY_NAME)]);
        let ecs = Ecs::start();
        let jobs = site.folder().join("sql").display().to_string();
        let database = format!("sqlite:{}", site.folder().join("target.db").display());
        let mut environment = [routes(&site), site.environment()].concat();
        if !site.is_server() {
            environment.extend(owned([("TARGET", database.as_str())]));
        }
        if with_tasks {
            environment.extend(tasks());
        }
        environment.extend(owned([
            ("INVOKE", "inline"),
            ("UNGLUE_JOBS", jobs.as_str()),
            ("UNGLUE_METRICS", "emf"),
            ("AWS_ENDPOINT_URL_ECS", ecs.url()),
        ]));
        environment.extend(more.iter().map(|(name, value)| own(name, value)));
        Self::begin(site, ecs, Start { program: Function::start_inline, environment })
    }

    fn begin(site: Site<'a>, ecs: Ecs, start: Start) -> Self {
        let (function, queue) = (start.start(), Vec::new());
        Self { site, ecs, function, start, queue, messages: 0, invocations: 0 }
    }

    /// How many threads the function has now.
    pub(crate) fn threads(&self) -> usize {
        self.function.threads()
    }

    /// Ends the function, and tells what it wrote.
    pub(crate) fn end(self) -> Output {
        self.function.kill()
    }

    /// Stages an object of changes under the name that DMS gives it now.
    pub(crate) fn change(&mut self, content: &str) {
        self.ecs.advance(Duration::from_millis(1));
        let time = UNIX_EPOCH + Duration::from_secs_f64(self.ecs.now());
        let stamp = chrono::DateTime::<chrono::Utc>::from(time).format("%Y%m%d-%H%M%S%3f");
        self.put(&format!("{stamp}.csv"), content);
    }

    /// Stages an object, of which S3 tells the queue.
    pub(crate) fn put(&mut self, key: &str, content: &str) {
        let key = format!("shop/t/{key}");
        self.site.stage(&key, content);
        let bucket = self.site.staging_url().strip_prefix("s3://").unwrap().to_owned();
        self.send(&created(&bucket, &key, content.len(), self.ecs.now()));
    }

    /// Puts a message into the queue.
    pub(crate) fn send(&mut self, body: &Value) {
        self.messages += 1;
        let id = format!("{:08x}-0000-4000-8000-000000000000", self.messages);
        let sent_ms = Duration::from_secs_f64(self.ecs.now()).as_millis();
        self.queue.push(Message { id, sent_ms, body: body.to_string() });
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Brings all messages to the function; those that it does not take stay.
    pub(crate) fn deliver(&mut self) {
        self.deliver_within(Duration::from_secs(60));
    }

    /// The same, and the function is told that it has so much time.
    pub(crate) fn deliver_within(&mut self, limit: Duration) {
        let (id, batch) = self.next_batch();
        match self.function.invoke_within(&id, &batch, limit) {
            Answer::Done(answer) => {
                let failures = answer["batchItemFailures"].as_array().expect("a batch's answer");
                let failed: Vec<&str> =
                    failures.iter().map(|one| one["itemIdentifier"].as_str().unwrap()).collect();
                self.queue.retain(|message| failed.contains(&message.id.as_str()));
            }
            // All of them come again.
            Answer::Failed(_) | Answer::Nothing => {}
        }
    }

    /// Kills the function while it waits for an answer of ECS; another instance takes its place, and all messages come again.
    pub(crate) fn kill_while_it_calls(&mut self, action: &str) {
        let (id, batch) = self.next_batch();
        let called = |world: &Self| world.ecs.calls().iter().filter(|name| *name == action).count();
        let before = called(self);
        let _answer = self.function.begin(&id, &batch);
        let deadline = Instant::now() + REACH_LIMIT;
        while called(self) == before {
            assert!(Instant::now() < deadline, "the function does not call {action}");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
    }

    /// Kills the function when something has come, while it has all messages, which come again; another instance takes its place.
    pub(crate) fn kill_when(&mut self, has_come: impl FnOnce()) {
        let (id, batch) = self.next_batch();
        let _answer = self.function.begin(&id, &batch);
        has_come();
        self.kill();
    }

    /// Deploys the function again, with another value of a variable.
    pub(crate) fn restart_with(&mut self, name: &str, value: &str) {
        self.start.environment.push(own(name, value));
        self.kill();
    }

    fn kill(&mut self) {
        let next = self.start.start();
        let _output = std::mem::replace(&mut self.function, next).kill();
    }

    /// Invokes the function without a queue.
    pub(crate) fn invoke(&mut self, event: &Value) -> Answer {
        let (id, _) = self.next_batch();
        self.function.invoke(&id, event)
    }

    fn next_batch(&mut self) -> (String, Value) {
        self.invocations += 1;
        let records: Vec<Value> = self.queue.iter().map(Message::record).collect();
        let id = format!("00000000-0000-4000-8000-{:012x}", self.invocations);
        (id, json!({ "Records": records }))
    }

    /// Runs all tasks that have not run yet; ECS tells of their end.
    pub(crate) fn run_tasks(&mut self, container: Container) {
        for task in self.ecs.tasks().into_iter().filter(|task| !task.is_stopped()) {
            // Pulling an image takes its time.
            self.ecs.advance(Duration::from_secs(10));
            let exit_code = self.run_task(&task, container);
            let stopped = self.ecs.stops(&task.arn, exit_code);
            self.send(&stopped.stopped_event());
        }
    }

    /// Runs the one task that has not run yet, and ECS does not notice; answers how it ended.
    pub(crate) fn run_unnoticed(&self, container: Container) -> (String, Option<i32>) {
        let task = self.ecs.tasks().into_iter().find(|task| !task.is_stopped());
        let task = task.expect("a task is pending");
        let exit_code = self.run_container(&task, container);
        (task.arn, exit_code)
    }

    /// ECS notices a task's end.
    pub(crate) fn notice(&mut self, (arn, exit_code): (String, Option<i32>)) {
        let stopped = self.ecs.stops(&arn, exit_code);
        self.send(&stopped.stopped_event());
    }

    fn run_task(&self, task: &Task, container: Container) -> Option<i32> {
        if container == Container::NeverStarts {
            return None;
        }
        self.ecs.runs(&task.arn);
        self.run_container(task, container)
    }

    fn run_container(&self, task: &Task, container: Container) -> Option<i32> {
        let command = task.command();
        let output: Output = match container {
            Container::KilledAt(point) => self
                .site
                .command_with_failpoints(command)
                .env("UNGLUE_FAILPOINT_KILL", format!("{point}*1"))
                .run(),
            Container::WithoutStore => {
                self.site.command(command).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").run()
            }
            Container::Runs | Container::NeverStarts => self.site.command(command).run(),
        };
        // 137 is how a container's end by SIGKILL is told.
        Some(output.status.unwrap_or(137))
    }

    /// Delivers and runs until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if self.queue.is_empty() && self.ecs.tasks().iter().all(Task::is_stopped) {
                return;
            }
            if !self.queue.is_empty() {
                self.deliver();
            }
            self.run_tasks(Container::Runs);
        }
        panic!("not at rest after {ROUNDS_MAX} rounds, messages: {:?}", self.queue);
    }

    /// Asserts that both tables hold what was staged.
    pub(crate) fn check(&self, expected: &[&str]) {
        assert_eq!(self.site.rows("SELECT id, name FROM t ORDER BY id"), expected);
        let groups = self.site.rows("SELECT name, c FROM by_name ORDER BY name");
        let mut names: Vec<&str> =
            expected.iter().map(|row| row.split_once('|').unwrap().1).collect();
        names.sort_unstable();
        let counted: Vec<String> = names
            .chunk_by(|one, other| one == other)
            .map(|same| format!("{}|{}", same[0], same.len()))
            .collect();
        assert_eq!(groups, counted);
    }
}

fn own(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn owned<const N: usize>(variables: [(&str, &str); N]) -> Vec<(String, String)> {
    variables.map(|(name, value)| own(name, value)).to_vec()
}

/// What each function has in its environment.
fn routes(site: &Site<'_>) -> Vec<(String, String)> {
    let routes = json!({ format!("{}/shop/t/", site.staging_url()): JOB }).to_string();
    owned([("UNGLUE_ROUTES", routes.as_str()), ("AWS_REGION", "eu-central-1")])
}

/// How tasks are started.
fn tasks() -> Vec<(String, String)> {
    owned([
        ("UNGLUE_CLUSTER", "unglue"),
        ("UNGLUE_TASK_DEFINITION", "unglue"),
        ("UNGLUE_SUBNETS", "subnet-1,subnet-2"),
        ("UNGLUE_SECURITY_GROUPS", "sg-1"),
    ])
}

impl Message {
    /// As SQS gives it to a function.
    fn record(&self) -> Value {
        json!({
            "messageId": self.id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": self.body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": self.sent_ms.to_string(),
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": self.sent_ms.to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:unglue",
            "awsRegion": "eu-central-1",
        })
    }
}

/// S3's notification of a new object. Its keys are encoded.
pub(crate) fn created(bucket: &str, key: &str, size: usize, time: f64) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventTime": iso(time),
        "eventName": "ObjectCreated:Put",
        "userIdentity": { "principalId": "AWS:AROAEXAMPLE:dms" },
        "requestParameters": { "sourceIPAddress": "192.0.2.3" },
        "responseElements": { "x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "staged",
            "bucket": {
                "name": bucket,
                "ownerIdentity": { "principalId": "A3NL1KOZZKExample" },
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": { "key": key, "size": size, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5" },
        },
    }] })
}
