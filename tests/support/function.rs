//! The real function, run as AWS Lambda runs it: a process that asks the Runtime API for invocations.
//!
//! The protocol is that of the Lambda guide, "Using the Lambda runtime API for custom runtimes".

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::binary::{self, Output, Running};
use super::scripted_http::{Request, Response, ScriptedHttp};

const API: &str = "/2018-06-01/runtime";
/// No invocation of the suite takes nearly as long.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// A function that waits for invocations; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Function {
    process: Running,
    invocations: Sender<Invocation>,
    _api: ScriptedHttp,
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// What the function answered.
    Done(Value),
    /// The message of its error.
    Failed(String),
    /// The function went away.
    Nothing,
}

#[derive(Debug)]
struct Invocation {
    id: String,
    event: String,
    limit: Duration,
    answer: Sender<Answer>,
}

impl Function {
    /// Starts the function with the environment that its configuration names.
    pub(crate) fn start(environment: Vec<(String, String)>) -> Self {
        static BINARY: OnceLock<PathBuf> = OnceLock::new();
        Self::of(BINARY.get_or_init(build), environment)
    }

    /// The same of another binary.
    pub(crate) fn of(binary: &Path, environment: Vec<(String, String)>) -> Self {
        let (invocations, waiting) = channel();
        let (waiting, open) = (Mutex::new(waiting), Mutex::default());
        let api = ScriptedHttp::start_with(move |request, _| serve(request, &waiting, &open));
        let address = api.endpoint().trim_start_matches("http://");
        let process = binary::Runner::of(binary)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "unglue")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/unglue")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .envs(environment)
            .spawn();
        Self { process, invocations, _api: api }
    }

    /// The function that runs jobs itself.
    pub(crate) fn start_inline(environment: Vec<(String, String)>) -> Self {
        static BINARY: OnceLock<PathBuf> = OnceLock::new();
        Self::of(BINARY.get_or_init(build_inline), environment)
    }

    /// Invokes the function with an event and waits for the end.
    pub(crate) fn invoke(&self, id: &str, event: &Value) -> Answer {
        self.invoke_within(id, event, ANSWER_LIMIT)
    }

    /// The same, and the function is told that it has so much time.
    pub(crate) fn invoke_within(&self, id: &str, event: &Value, limit: Duration) -> Answer {
        match self.begin_within(id, event, limit).recv_timeout(ANSWER_LIMIT) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Disconnected) => Answer::Nothing,
            Err(RecvTimeoutError::Timeout) => panic!("the function does not answer"),
        }
    }

    /// Invokes it without waiting.
    pub(crate) fn begin(&self, id: &str, event: &Value) -> Receiver<Answer> {
        self.begin_within(id, event, ANSWER_LIMIT)
    }

    fn begin_within(&self, id: &str, event: &Value, limit: Duration) -> Receiver<Answer> {
        let (answer, answered) = channel();
        let invocation = Invocation { id: id.to_owned(), event: event.to_string(), limit, answer };
        self.invocations.send(invocation).expect("the Runtime API lives");
        answered
    }

    /// How many threads it has now.
    pub(crate) fn threads(&self) -> usize {
        self.process.threads()
    }

    /// Kills it, and tells what it wrote.
    pub(crate) fn kill(self) -> Output {
        self.process.kill()
    }
}

type Open = Mutex<HashMap<String, Sender<Answer>>>;

fn serve(
    request: &Request,
    waiting: &Mutex<Receiver<Invocation>>,
    open: &Open,
) -> Option<Response> {
    let path = request.path().strip_prefix(API)?;
    if path == "/invocation/next" {
        let Invocation { id, event, limit, answer } = waiting.lock().unwrap().recv().ok()?;
        open.lock().unwrap().insert(id.clone(), answer);
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + limit;
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:unglue";
        let headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Lambda-Runtime-Aws-Request-Id", id),
            ("Lambda-Runtime-Deadline-Ms", deadline.as_millis().to_string()),
            ("Lambda-Runtime-Invoked-Function-Arn", arn.to_owned()),
            ("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".to_owned()),
        ];
        return Some(Response { status: 200, headers, body: event });
    }
    let body: Value = serde_json::from_str(&request.body).unwrap_or(Value::Null);
    let (id, answer) = match path.strip_prefix("/invocation/").and_then(|p| p.split_once('/')) {
        Some((id, "response")) => (id, Answer::Done(body)),
        Some((id, "error")) => {
            let message = body["errorMessage"].as_str().unwrap_or_default();
            (id, Answer::Failed(message.to_owned()))
        }
        // The function cannot start, and says why on stderr.
        _ => return Some(Response::new(202, "{}")),
    };
    if let Some(open) = open.lock().unwrap().remove(id) {
        // Whoever invoked may have lost patience.
        open.send(answer).ok();
    }
    Some(Response::new(202, "{\"status\":\"OK\"}"))
}

/// Builds the function, unless `$UNGLUE_LAMBDA` names one.
fn build() -> PathBuf {
    if let Some(binary) = std::env::var_os("UNGLUE_LAMBDA") {
        return binary.into();
    }
    binary::cargo_build("lambda", &["--workspace", "--test", "e2e"])
}

/// The same with the engine; the variable is `$UNGLUE_LAMBDA_INLINE`. The engine itself is not compiled again.
fn build_inline() -> PathBuf {
    if let Some(binary) = std::env::var_os("UNGLUE_LAMBDA_INLINE") {
        return binary.into();
    }
    binary::cargo_build("lambda-inline", &["--package", "lambda", "--features", "inline"])
}
