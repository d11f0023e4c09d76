//! Lambda's runtime around the function.

use std::io::Write;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use emf::Namespace;
use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;

use crate::handler::{Function, HandBack, Invocation};
use crate::work::Worker;

/// Logs from here on, one JSON object a line on stderr. `RUST_LOG` chooses, by default what happens to the jobs.
pub fn init_logs() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

/// Its type hides the SDK's, which is too deep for the compiler.
type Answering<'a> = Pin<Box<dyn Future<Output = Result<Value, HandBack>> + Send + 'a>>;

/// Answers invocations until the process ends; `metrics` is where their numbers go.
///
/// # Errors
/// The Runtime API that does not answer.
pub async fn serve<W: Worker>(function: &Function<W>, metrics: &Namespace) -> Result<(), Error> {
    let service = |event| -> Answering<'_> { Box::pin(answer(function, metrics, event)) };
    Box::pin(lambda_runtime::run(service_fn(service))).await
}

async fn answer<W: Worker>(
    function: &Function<W>,
    metrics: &Namespace,
    event: LambdaEvent<Value>,
) -> Result<Value, HandBack> {
    let LambdaEvent { payload, context } = event;
    let now = Utc::now();
    let payload = payload.to_string();
    let deadline = deadline(&context, now);
    let invocation =
        Invocation { payload: &payload, request_id: &context.request_id, now, deadline };
    let (answer, counts) = Box::pin(function.handle(invocation)).await;
    for line in counts.lines(metrics, now) {
        // Without stdout there is nobody to tell.
        let _closed = writeln!(std::io::stdout(), "{line}");
    }
    answer
}

fn deadline(context: &Context, now: DateTime<Utc>) -> DateTime<Utc> {
    let millis = i64::try_from(context.deadline).ok();
    millis.and_then(DateTime::from_timestamp_millis).unwrap_or(now)
}

impl From<HandBack> for Diagnostic {
    fn from(error: HandBack) -> Self {
        let error_type = match error {
            HandBack::NotUnderstood(_) => "NotUnderstood",
            HandBack::ToDo(_) => "ToDo",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}
