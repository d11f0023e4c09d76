//! Amazon ECS, as far as the function asks it: tasks that are started, listed and described, and what goes wrong with each.
//!
//! Shapes, limits and errors are those of the ECS API reference ("RunTask", "ListTasks", "DescribeTasks"), in AWS JSON 1.1. The end-to-end
//! suite and the function's own tests both use it.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::scripted_http::{Request, Response, ScriptedHttp};

#[path = "ecs/task.rs"]
pub(crate) mod task;

pub(crate) use task::Task;

const TARGET: &str = "AmazonEC2ContainerServiceV20141113.";
/// Tasks on a page of a list, and tasks that are described at once.
const PAGE_MAX: usize = 100;
/// Characters of a task's overrides.
const OVERRIDES_MAX: usize = 8192;
const STARTED_BY_MAX: usize = 128;
const TOKEN_MAX: usize = 64;
const UNAVAILABLE: &str = "Capacity is unavailable at this time. Please try again later or in a different availability zone";

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is refused, with this status, code and message.
    Refused(u16, &'static str, &'static str),
    /// It succeeds, and tells a failure for this reason.
    Failure(&'static str),
    /// It succeeds, and tells neither a task nor a failure.
    Nothing,
    /// Somebody on the way answers in its place.
    Garbled,
    /// The connection ends before it happens.
    LostBefore,
    /// It happens, and the connection ends instead of the answer.
    LostAnswer,
    /// It never ends; it has not happened.
    HangsBefore,
    /// It happens, and never answers.
    HangsAfter,
}

impl Trouble {
    /// It is refused for now.
    pub(crate) const THROTTLED: Self = Self::Refused(400, "ThrottlingException", "Rate exceeded");
    /// No machine is there for a task.
    pub(crate) const NO_CAPACITY: Self = Self::Failure(UNAVAILABLE);
}

/// A running service; it ends with its last owner.
#[derive(Debug, Clone)]
pub(crate) struct Ecs {
    state: Arc<Mutex<State>>,
    server: Arc<ScriptedHttp>,
}

/// All that it knows. A test may change it as it likes.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The oldest first.
    pub(crate) tasks: Vec<Task>,
    calls: Vec<(String, Value)>,
    /// The action's name, what happens, and how often.
    troubles: Vec<(&'static str, Trouble, usize)>,
    /// How much later than this machine's the clock of AWS is.
    ahead: Duration,
    /// The second at which that clock stands; none if it goes.
    pub(crate) stands_at: Option<f64>,
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
        self.state().troubles.push((action, trouble, times));
    }

    /// All is well again.
    pub(crate) fn forget_troubles(&self) {
        self.state().troubles.clear();
    }

    /// AWS's time, in seconds since 1970.
    pub(crate) fn now(&self) -> f64 {
        self.state().now()
    }

    /// Lets so much time pass.
    pub(crate) fn advance(&self, time: Duration) {
        self.state().ahead += time;
    }

    /// All tasks, the oldest first.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.state().tasks.clone()
    }

    /// The names of the actions that were called.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.iter().map(|(action, _)| action.clone()).collect()
    }

    /// With what an action was called.
    pub(crate) fn requests(&self, action: &str) -> Vec<Value> {
        let state = self.state();
        let of_action = state.calls.iter().filter(|(called, _)| called == action);
        of_action.map(|(_, request)| request.clone()).collect()
    }

    /// The image of a task is there, and its container runs.
    pub(crate) fn runs(&self, arn: &str) {
        let mut state = self.state();
        let now = state.now();
        let task = state.task(arn);
        task.comes_to("RUNNING", None);
        task.described["pullStoppedAt"] = json!(now);
    }

    /// A task has ended; without a status its container never ran.
    pub(crate) fn stops(&self, arn: &str, exit_code: Option<i32>) -> Task {
        let mut state = self.state();
        let now = state.now();
        let task = state.task(arn);
        task.comes_to("STOPPED", exit_code);
        task.described["stoppedAt"] = json!(now);
        task.described["stopCode"] = json!(match exit_code {
            Some(_) => "EssentialContainerExited",
            None => "TaskFailedToStart",
        });
        task.clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// A code and a message.
type Refusal = (&'static str, String);

fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(("InvalidParameterException", message.into()))
}

impl State {
    fn now(&self) -> f64 {
        self.stands_at.unwrap_or_else(|| now() + self.ahead.as_secs_f64())
    }

    fn task(&mut self, arn: &str) -> &mut Task {
        self.tasks.iter_mut().find(|task| task.arn == arn).expect("the task was started")
    }

    fn trouble_of(&mut self, action: &str) -> Option<Trouble> {
        let at = self.troubles.iter().position(|(name, _, times)| *name == action && *times > 0)?;
        self.troubles[at].2 -= 1;
        Some(self.troubles[at].1)
    }

    fn call(&mut self, action: &str, request: &Value) -> Result<Value, Refusal> {
        match action {
            "RunTask" => self.run(request),
            "ListTasks" => self.list(request),
            "DescribeTasks" => self.describe(request),
            other => panic!("the function is not known to call {other}"),
        }
    }

    fn list(&self, request: &Value) -> Result<Value, Refusal> {
        let others = ["family", "serviceName", "containerInstance", "desiredStatus", "launchType"];
        let has = |name: &&str| !request[*name].is_null();
        if has(&"startedBy") && others.iter().any(has) {
            return invalid("startedBy must be the only filter that is used");
        }
        let size = request["maxResults"].as_u64().unwrap_or(PAGE_MAX as u64);
        let size = usize::try_from(size).unwrap_or_default();
        if !(1..=PAGE_MAX).contains(&size) {
            return invalid("maxResults must be between 1 and 100");
        }
        let Some(from) = page_start(&request["nextToken"]) else {
            return invalid("Invalid token.");
        };
        let is_asked = |task: &&Task| task.is_asked_for(request);
        let mut rest = self.tasks.iter().filter(is_asked).skip(from);
        let page: Vec<&str> = rest.by_ref().take(size).map(|task| task.arn.as_str()).collect();
        let mut answer = json!({ "taskArns": page });
        if rest.next().is_some() {
            answer["nextToken"] = json!(format!("from {}", from + size));
        }
        Ok(answer)
    }

    fn describe(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = request["tasks"].as_array().cloned().unwrap_or_default();
        if asked.is_empty() || asked.len() > PAGE_MAX {
            return invalid("tasks must have between 1 and 100 items");
        }
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for arn in asked {
            match self.tasks.iter().find(|task| arn == task.arn.as_str() && !task.is_gone) {
                Some(task) => tasks.push(&task.described),
                None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
            }
        }
        Ok(json!({ "tasks": tasks, "failures": failures }))
    }

    /// The same token is the same task.
    fn run(&mut self, request: &Value) -> Result<Value, Refusal> {
        check_run(request)?;
        let token = &request["clientToken"];
        let same = self.tasks.iter().find(|task| task.request["clientToken"] == *token);
        if let Some(task) = same.filter(|_| !token.is_null()) {
            if task.request != *request {
                let message = "the clientToken was used with another request";
                return Err(("ConflictException", message.to_owned()));
            }
            return Ok(json!({ "tasks": [task.described], "failures": [] }));
        }
        let id = format!("{:032x}", self.tasks.len());
        let started_by = request["startedBy"].as_str().unwrap_or_default();
        let mut task = Task::new(&id, started_by, self.now());
        task.request = request.clone();
        task.described["overrides"] = request["overrides"].clone();
        let answer = json!({ "tasks": [task.described], "failures": [] });
        self.tasks.push(task);
        Ok(answer)
    }
}

fn page_start(token: &Value) -> Option<usize> {
    match token {
        Value::Null => Some(0),
        token => token.as_str()?.strip_prefix("from ")?.parse().ok(),
    }
}

fn check_run(request: &Value) -> Result<(), Refusal> {
    let started_by = request["startedBy"].as_str().unwrap_or_default();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    if started_by.len() > STARTED_BY_MAX || !started_by.chars().all(is_allowed) {
        return invalid("startedBy has characters that are not allowed, or more than 128");
    }
    let token = request["clientToken"].as_str().unwrap_or_default();
    if token.len() > TOKEN_MAX || token.chars().any(|c| !('!'..='~').contains(&c)) {
        return invalid("clientToken has characters that are not allowed, or more than 64");
    }
    if request["overrides"].to_string().chars().count() > OVERRIDES_MAX {
        return invalid("Container Overrides length must be at most 8192");
    }
    if !request["launchType"].is_null() && !request["capacityProviderStrategy"].is_null() {
        return invalid(
            "Specifying both a launch type and capacity provider strategy is not supported.",
        );
    }
    Ok(())
}

fn answer(state: &Mutex<State>, request: &Request) -> Option<Response> {
    let action = request.header("x-amz-target").strip_prefix(TARGET)?.to_owned();
    let body: Value = serde_json::from_str(&request.body).ok()?;
    let trouble = {
        let mut state = state.lock().unwrap();
        state.calls.push((action.clone(), body.clone()));
        state.trouble_of(&action)
    };
    let call = || state.lock().unwrap().call(&action, &body);
    let answer = match trouble {
        None => call(),
        Some(Trouble::Refused(status, code, message)) => {
            return Some(response(status, &json!({ "__type": code, "message": message })));
        }
        Some(Trouble::Failure(reason)) => {
            Ok(json!({ "tasks": [], "failures": [{ "reason": reason }] }))
        }
        Some(Trouble::Nothing) => Ok(json!({ "tasks": [], "failures": [] })),
        Some(Trouble::Garbled) => {
            let mut garbled = response(502, &Value::Null);
            garbled.headers.push(("x-amzn-requestid", "of a proxy".to_owned()));
            garbled.body = format!("<html>{}</html>", "Bad Gateway ".repeat(100));
            return Some(garbled);
        }
        Some(Trouble::LostBefore) => return None,
        Some(Trouble::LostAnswer) => {
            call().expect("ECS takes it");
            return None;
        }
        Some(Trouble::HangsBefore) => hang(),
        Some(Trouble::HangsAfter) => {
            call().expect("ECS takes it");
            hang()
        }
    };
    Some(match answer {
        Ok(answer) => response(200, &answer),
        Err((code, message)) => response(400, &json!({ "__type": code, "message": message })),
    })
}

fn response(status: u16, body: &Value) -> Response {
    let mut response = Response::new(status, body.to_string());
    response.headers.push(("Content-Type", "application/x-amz-json-1.1".to_owned()));
    response
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
