//! The real function, run as AWS Lambda runs it: a process that asks the Runtime API for invocations.
//!
//! The protocol is that of the Lambda guide, "Using the Lambda runtime API for custom runtimes".

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::binary::{self, Output, Running};
use super::http::{HttpServer, Request, Response};

const API: &str = "/2018-06-01/runtime";
/// No invocation of the suite takes nearly as long.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// A function that waits for invocations; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Function {
    process: Running,
    invocations: mpsc::UnboundedSender<Invocation>,
    runtime: Arc<Runtime>,
    _api: HttpServer,
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
    answer: oneshot::Sender<Answer>,
}

impl Function {
    /// Starts the function with the environment that its configuration names.
    pub(crate) fn start(runtime: &Arc<Runtime>, environment: Vec<(String, String)>) -> Self {
        static BINARY: OnceLock<PathBuf> = OnceLock::new();
        Self::of(BINARY.get_or_init(build), runtime, environment)
    }

    /// The same of another binary.
    pub(crate) fn of(
        binary: &Path,
        runtime: &Arc<Runtime>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let (invocations, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        let open = Arc::default();
        let api = HttpServer::start(runtime, move |request| {
            serve(request, Arc::clone(&waiting), Arc::clone(&open))
        });
        let process = binary::Runner::of(binary)
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "unglue")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/unglue")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .envs(environment)
            .spawn();
        Self { process, invocations, runtime: Arc::clone(runtime), _api: api }
    }

    /// Invokes the function with an event and waits for the end.
    pub(crate) fn invoke(&self, id: &str, event: &Value) -> Answer {
        let answer = self.begin(id, event);
        let waited = async { tokio::time::timeout(ANSWER_LIMIT, answer).await };
        let answer = self.runtime.block_on(waited);
        answer.expect("the function answers in time").unwrap_or(Answer::Nothing)
    }

    /// Invokes it without waiting.
    pub(crate) fn begin(&self, id: &str, event: &Value) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let invocation = Invocation { id: id.to_owned(), event: event.to_string(), answer };
        self.invocations.send(invocation).expect("the Runtime API lives");
        answered
    }

    /// Kills it, and tells what it wrote.
    pub(crate) fn kill(self) -> Output {
        self.process.kill()
    }
}

type Open = Arc<Mutex<HashMap<String, oneshot::Sender<Answer>>>>;

async fn serve(
    request: Request,
    waiting: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>>,
    open: Open,
) -> Option<Response> {
    let path = request.path.strip_prefix(API)?;
    if path == "/invocation/next" {
        let Invocation { id, event, answer } = waiting.lock().await.recv().await?;
        open.lock().unwrap().insert(id.clone(), answer);
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + ANSWER_LIMIT;
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:unglue";
        let headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Lambda-Runtime-Aws-Request-Id", id),
            ("Lambda-Runtime-Deadline-Ms", deadline.as_millis().to_string()),
            ("Lambda-Runtime-Invoked-Function-Arn", arn.to_owned()),
            ("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".to_owned()),
        ];
        return Some(Response { status: 200, headers, body: event.into_bytes() });
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
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
