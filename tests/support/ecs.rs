//! Amazon ECS, as far as the function asks it: tasks that are started, listed and described, and what goes wrong with each.
//!
//! Shapes and errors are those of the ECS API reference ("RunTask", "ListTasks", "DescribeTasks"), in AWS JSON 1.1.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::scripted_http::{Request, Response, ScriptedHttp};

const TARGET: &str = "AmazonEC2ContainerServiceV20141113.";
const CLUSTER: &str = "arn:aws:ecs:eu-central-1:123456789012:cluster/unglue";

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is refused for now.
    Throttled,
    /// It succeeds, and says that there is no capacity.
    NoCapacity,
    /// The connection ends before it happens.
    LostBefore,
    /// It happens, and the connection ends instead of the answer.
    LostAnswer,
    /// It never ends; it has not happened.
    HangsBefore,
    /// It happens, and never answers.
    HangsAfter,
}

/// A running service; it ends with its last owner.
#[derive(Debug, Clone)]
pub(crate) struct Ecs {
    state: Arc<Mutex<State>>,
    server: Arc<ScriptedHttp>,
}

#[derive(Debug, Default)]
struct State {
    tasks: Vec<Task>,
    calls: Vec<String>,
    /// The action's name, what happens, and how often.
    troubles: Vec<(&'static str, Trouble, usize)>,
    /// How much later than this machine's the clock of AWS is.
    ahead: Duration,
}

/// A task that was started.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) arn: String,
    /// The request that started it.
    pub(crate) request: Value,
    created: f64,
    pulled: Option<f64>,
    status: &'static str,
    stopped: Option<f64>,
    exit_code: Option<i32>,
    stop_code: Option<&'static str>,
}

impl Task {
    /// What the container is to run.
    pub(crate) fn command(&self) -> Vec<String> {
        let command = &self.request["overrides"]["containerOverrides"][0]["command"];
        let words = command.as_array().expect("a command");
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.status == "STOPPED"
    }

    fn described(&self) -> Value {
        let mut task = json!({
            "taskArn": self.arn,
            "clusterArn": CLUSTER,
            "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/unglue:1",
            "group": "family:unglue",
            "launchType": "FARGATE",
            "startedBy": self.request["startedBy"],
            "overrides": self.request["overrides"],
            "lastStatus": self.status,
            "desiredStatus": if self.is_stopped() { "STOPPED" } else { "RUNNING" },
            "createdAt": self.created,
            "containers": [{ "name": "runner", "lastStatus": self.status }],
        });
        for (field, time) in [("pullStoppedAt", self.pulled), ("stoppedAt", self.stopped)] {
            if let Some(time) = time {
                task[field] = json!(time);
            }
        }
        if let Some(code) = self.exit_code {
            task["containers"][0]["exitCode"] = json!(code);
        }
        if let Some(code) = self.stop_code {
            task["stopCode"] = json!(code);
        }
        task
    }

    /// The event that EventBridge brings when the task has ended.
    pub(crate) fn stopped_event(&self) -> Value {
        let mut detail = self.described();
        for field in ["createdAt", "pullStoppedAt", "stoppedAt"] {
            if let Some(seconds) = detail[field].as_f64() {
                detail[field] = json!(iso(seconds));
            }
        }
        json!({
            "version": "0",
            "id": uuid(&self.arn),
            "detail-type": "ECS Task State Change",
            "source": "aws.ecs",
            "account": "123456789012",
            "time": iso(now()),
            "region": "eu-central-1",
            "resources": [self.arn],
            "detail": detail,
        })
    }
}

impl Ecs {
    pub(crate) fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let served = Arc::clone(&state);
        let server = ScriptedHttp::start_with(move |request, _| answer(&served, request));
        Self { state, server: Arc::new(server) }
    }

    pub(crate) fn url(&self) -> &str {
        self.server.endpoint()
    }

    /// Lets the next so many calls of an action fail.
    pub(crate) fn trouble(&self, action: &'static str, trouble: Trouble, times: usize) {
        self.lock().troubles.push((action, trouble, times));
    }

    /// All is well again.
    pub(crate) fn forget_troubles(&self) {
        self.lock().troubles.clear();
    }

    /// AWS's time, in seconds since 1970.
    pub(crate) fn now(&self) -> f64 {
        self.lock().now()
    }

    /// Lets so much time pass.
    pub(crate) fn advance(&self, time: Duration) {
        self.lock().ahead += time;
    }

    /// All tasks, the oldest first.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.lock().tasks.clone()
    }

    /// The names of the actions that were called.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    /// The image of a task is there, and its container runs.
    pub(crate) fn runs(&self, arn: &str) {
        let mut state = self.lock();
        let now = state.now();
        let task = state.task(arn);
        (task.pulled, task.status) = (Some(now), "RUNNING");
    }

    /// A task has ended; without a status its container never ran.
    pub(crate) fn stops(&self, arn: &str, exit_code: Option<i32>) -> Task {
        let mut state = self.lock();
        let now = state.now();
        let task = state.task(arn);
        (task.status, task.stopped) = ("STOPPED", Some(now));
        task.exit_code = exit_code;
        task.stop_code = Some(if exit_code.is_some() {
            "EssentialContainerExited"
        } else {
            "TaskFailedToStart"
        });
        task.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    fn now(&self) -> f64 {
        now() + self.ahead.as_secs_f64()
    }

    fn task(&mut self, arn: &str) -> &mut Task {
        self.tasks.iter_mut().find(|task| task.arn == arn).expect("the task was started")
    }

    fn trouble_of(&mut self, action: &str) -> Option<Trouble> {
        let at = self.troubles.iter().position(|(name, _, times)| *name == action && *times > 0)?;
        self.troubles[at].2 -= 1;
        Some(self.troubles[at].1)
    }

    fn call(&mut self, action: &str, request: Value) -> Value {
        match action {
            "RunTask" => json!({ "tasks": [self.run(request).described()], "failures": [] }),
            "ListTasks" => {
                let stopped = request["desiredStatus"] == "STOPPED";
                let is_listed = |task: &&Task| {
                    task.is_stopped() == stopped
                        && task.request["startedBy"] == request["startedBy"]
                };
                let arns: Vec<&str> =
                    self.tasks.iter().filter(is_listed).map(|task| task.arn.as_str()).collect();
                json!({ "taskArns": arns })
            }
            "DescribeTasks" => {
                let asked = request["tasks"].as_array().cloned().unwrap_or_default();
                let is_asked = |task: &&Task| asked.iter().any(|arn| *arn == task.arn.as_str());
                let tasks: Vec<Value> =
                    self.tasks.iter().filter(is_asked).map(Task::described).collect();
                json!({ "tasks": tasks, "failures": [] })
            }
            other => panic!("the function is not known to call {other}"),
        }
    }

    /// The same token is the same task.
    fn run(&mut self, request: Value) -> Task {
        let token = request["clientToken"].clone();
        let same = self.tasks.iter().find(|task| task.request["clientToken"] == token);
        if let Some(task) = same.filter(|_| !token.is_null()) {
            return task.clone();
        }
        let arn =
            format!("arn:aws:ecs:eu-central-1:123456789012:task/unglue/{:032x}", self.tasks.len());
        let task = Task {
            arn,
            request,
            created: self.now(),
            pulled: None,
            stopped: None,
            status: "PROVISIONING",
            exit_code: None,
            stop_code: None,
        };
        self.tasks.push(task.clone());
        task
    }
}

fn answer(state: &Mutex<State>, request: &Request) -> Option<Response> {
    let action = request.header("x-amz-target").strip_prefix(TARGET)?.to_owned();
    let body: Value = serde_json::from_str(&request.body).ok()?;
    let trouble = {
        let mut state = state.lock().unwrap();
        state.calls.push(action.clone());
        state.trouble_of(&action)
    };
    let call = || state.lock().unwrap().call(&action, body);
    let answer = match trouble {
        None => call(),
        Some(Trouble::Throttled) => {
            let error = json!({ "__type": "ThrottlingException", "message": "Rate exceeded" });
            return Some(Response::new(400, error.to_string()));
        }
        Some(Trouble::NoCapacity) => json!({
            "tasks": [],
            "failures": [{ "reason": "Capacity is unavailable at this time. Please try again later or in a different availability zone" }],
        }),
        Some(Trouble::LostBefore) => return None,
        Some(Trouble::LostAnswer) => {
            call();
            return None;
        }
        Some(Trouble::HangsBefore) => hang(),
        Some(Trouble::HangsAfter) => {
            call();
            hang()
        }
    };
    let mut response = Response::new(200, answer.to_string());
    response.headers.push(("Content-Type", "application/x-amz-json-1.1".to_owned()));
    Some(response)
}

/// The thread of the connection stays as it is.
fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

pub(crate) fn iso(seconds: f64) -> String {
    let time = UNIX_EPOCH + Duration::from_secs_f64(seconds);
    chrono::DateTime::<chrono::Utc>::from(time).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// An event's id; any will do.
fn uuid(arn: &str) -> String {
    format!("00000000-0000-4000-8000-{}", &arn[arn.len() - 12..])
}
