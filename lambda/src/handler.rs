//! One invocation: messages in, what must come again out.
//!
//! A message is acknowledged if nothing of it can be lost any more: every job that it needs was started after it was received, or has a
//! task that looks after what it tells. Every other message is handed back, and comes again.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsBatchResponse;
use chrono::{DateTime, TimeDelta, Utc};
use events::EventError;
use serde_json::{Value, json};
use staged::job::JobName;

use crate::ask::{self, Ask, AskError};
use crate::metrics::Counts;
use crate::need::{DELETED, Message, Needs};
use crate::route_source::RouteSource;
use crate::routes::{OUTSIDE, Routes};
use crate::work::{Outcome, Worker, work_all};

/// Kept of the time of an invocation, to answer in.
const ANSWER: TimeDelta = TimeDelta::seconds(2);
/// Objects that are named when they are ignored; of more the number is told.
const NAMED_MAX: usize = 100;

/// The function: what is the same in all invocations.
#[derive(Debug)]
pub struct Function<W> {
    routes: RouteSource,
    container: String,
    worker: W,
}

/// One invocation.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The payload, JSON.
    pub payload: &'a str,
    /// Lambda's id of the request: the same if Lambda tries again by itself.
    pub request_id: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
    /// When Lambda ends it.
    pub deadline: DateTime<Utc>,
}

/// Why an invocation must come again.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandBack {
    /// The payload is of nobody who may ask.
    #[error("not understood: {0}")]
    NotUnderstood(#[from] AskError),
    /// Something is still to be done.
    #[error("{}", .0.join("; "))]
    ToDo(Vec<String>),
}

impl From<EventError> for HandBack {
    fn from(error: EventError) -> Self {
        Self::NotUnderstood(error.into())
    }
}

/// A message on its way through an invocation.
struct Received {
    id: Option<String>,
    sent: DateTime<Utc>,
    /// What is to be done; none if that is not understood, or was taken.
    ask: Option<Ask>,
    error: Option<AskError>,
    /// Why it must come again.
    left: Vec<String>,
    /// One of the reasons is a task that runs.
    is_deferred: bool,
}

/// What came of the jobs, for who asks directly.
#[derive(Default)]
struct Said {
    started: Vec<String>,
    covered: Vec<String>,
    ran: Vec<String>,
    failed: Vec<String>,
}

impl<W: Worker> Function<W> {
    /// `container`: the container of a task whose exit status counts.
    pub fn new(routes: RouteSource, container: String, worker: W) -> Self {
        Self { routes, container, worker }
    }

    /// Handles an invocation: the answer, and what happened.
    ///
    /// # Errors
    /// What came not from a queue and must come again: Lambda tries again by itself.
    pub async fn handle(&self, invocation: Invocation<'_>) -> (Result<Value, HandBack>, Counts) {
        let mut counts = Counts::default();
        let queued = match events::queued(invocation.payload) {
            Ok(queued) => queued,
            Err(error) => {
                counts.not_understood = 1;
                tracing::error!(%error, "the payload is not understood");
                return (Err(error.into()), counts);
            }
        };
        let is_queue = queued.is_some();
        let mut messages = self.read(queued, invocation);
        let mut said = Said::default();
        self.see_to(&mut messages, invocation, &mut counts, &mut said).await;
        if is_queue {
            counts.oldest = oldest(&messages, invocation.now);
        }
        let answer = if is_queue { batch(&messages) } else { alone(messages, &said) };
        (answer, counts)
    }

    fn read(
        &self,
        queued: Option<Vec<events::Queued>>,
        invocation: Invocation<'_>,
    ) -> Vec<Received> {
        let Some(queued) = queued else {
            let ask = ask::read(invocation.payload, &self.container);
            return vec![Received::new(None, invocation.now, ask)];
        };
        let read = |message: events::Queued| {
            let ask = match &message.body {
                Some(body) => ask::read(body, &self.container),
                None => Err(EventError::Unknown.into()),
            };
            Received::new(Some(message.id), message.sent.unwrap_or(invocation.now), ask)
        };
        queued.into_iter().map(read).collect()
    }

    async fn see_to(
        &self,
        messages: &mut [Received],
        invocation: Invocation<'_>,
        counts: &mut Counts,
        said: &mut Said,
    ) {
        let routes = self.routes_for(messages).await;
        // Nothing is started for what needs them.
        counts.start_failures += usize::from(routes.is_err());
        let mut needs = Needs::default();
        for (index, message) in messages.iter_mut().enumerate() {
            message.count(counts);
            let Some(ask) = message.ask.take() else { continue };
            if let (Err(error), true) = (&routes, needs_routes(&ask)) {
                message.left.push(error.clone());
                continue;
            }
            let identity = message.id.as_deref().unwrap_or(invocation.request_id);
            let message = Message { index, identity, sent: message.sent };
            needs.add(message, ask, routes.as_ref().ok().and_then(Option::as_deref));
        }
        counts.ignored += needs.ignored.len();
        tell_ignored(&needs.ignored);
        let outcomes = work_all(&self.worker, &needs.by_job, invocation.deadline - ANSWER).await;
        for ((job, needs), outcomes) in needs.by_job.iter().zip(&outcomes) {
            counts.add(job, outcomes);
            tell_covered(job, outcomes);
            for (need, outcome) in needs.iter().zip(outcomes) {
                said.add(job.as_str(), outcome);
                let Some(message) = messages.get_mut(need.message) else { continue };
                message.left.extend(outcome.left().map(|why| format!("{job}: {why}")));
                message.is_deferred |= *outcome == Outcome::Waits;
            }
        }
        counts.deferred += messages.iter().filter(|message| message.is_deferred).count();
    }

    /// The routes, if a message needs them.
    async fn routes_for(&self, messages: &[Received]) -> Result<Option<Arc<Routes>>, String> {
        if !messages.iter().any(|message| message.ask.as_ref().is_some_and(needs_routes)) {
            return Ok(None);
        }
        self.routes.get().await.map(Some).map_err(|error| {
            tracing::error!(%error, "there are no routes");
            error.to_string()
        })
    }
}

fn needs_routes(ask: &Ask) -> bool {
    matches!(ask, Ask::Objects(..) | Ask::AllJobs(_))
}

impl Received {
    fn new(id: Option<String>, sent: DateTime<Utc>, ask: Result<Ask, AskError>) -> Self {
        let (ask, error) = match ask {
            Ok(ask) => (Some(ask), None),
            Err(error) => (None, Some(error)),
        };
        Self { id, sent, ask, error, left: Vec::new(), is_deferred: false }
    }

    /// Counts what is nothing to do about it.
    fn count(&self, counts: &mut Counts) {
        let id = self.id.as_deref().unwrap_or("direct");
        if let Some(error) = &self.error {
            counts.not_understood += 1;
            tracing::error!(id, %error, "a message is not understood");
        }
        match &self.ask {
            Some(Ask::Nothing(reason)) => {
                tracing::info!(id, reason, "a message asks for nothing");
            }
            Some(Ask::Objects(_, others)) if *others > 0 => {
                counts.ignored += others;
                tracing::warn!(id, others, "records are of something else");
            }
            _ => {}
        }
    }

    fn must_come_again(&self) -> bool {
        self.error.is_some() || !self.left.is_empty()
    }
}

impl Said {
    fn add(&mut self, job: &str, outcome: &Outcome) {
        let list = match outcome {
            Outcome::Started { .. } => &mut self.started,
            Outcome::Covered => &mut self.covered,
            Outcome::Ran => &mut self.ran,
            failed if failed.has_failed() => &mut self.failed,
            _ => return,
        };
        list.push(job.to_owned());
    }
}

fn tell_covered(job: &JobName, outcomes: &[Outcome]) {
    let count = |wanted: Outcome| outcomes.iter().filter(|one| **one == wanted).count();
    let (covered, waits) = (count(Outcome::Covered), count(Outcome::Waits));
    if covered + waits > 0 {
        tracing::info!(%job, covered, waits, "a task of the job looks after what is covered; what waits comes again");
    }
}

fn tell_ignored(ignored: &[(String, &'static str)]) {
    for (object, reason) in ignored.iter().take(NAMED_MAX) {
        // In the folder of a table, it is the route that may be wrong.
        if [OUTSIDE, DELETED].contains(reason) {
            tracing::info!(object, reason, "an object is ignored");
        } else {
            tracing::warn!(object, reason, "an object is ignored");
        }
    }
    if ignored.len() > NAMED_MAX {
        let more = ignored.len() - NAMED_MAX;
        tracing::info!(more, "more objects are ignored");
    }
}

/// SQS's own age of the oldest message leaves out those that were received three times, which all are that wait for long.
fn oldest(messages: &[Received], now: DateTime<Utc>) -> u64 {
    let left = messages.iter().filter(|message| message.must_come_again());
    let ages = left.map(|message| (now - message.sent).num_seconds());
    ages.max().and_then(|age| u64::try_from(age).ok()).unwrap_or(0)
}

/// SQS deletes what is not named here.
fn batch(messages: &[Received]) -> Result<Value, HandBack> {
    let mut response = SqsBatchResponse::default();
    for message in messages.iter().filter(|message| message.must_come_again()) {
        response.add_failure(message.id.as_deref().unwrap_or_default());
    }
    serde_json::to_value(response).map_err(|error| HandBack::ToDo(vec![error.to_string()]))
}

fn alone(messages: Vec<Received>, said: &Said) -> Result<Value, HandBack> {
    for message in messages {
        if let Some(error) = message.error {
            return Err(error.into());
        }
        if !message.left.is_empty() {
            return Err(HandBack::ToDo(message.left));
        }
    }
    let Said { started, covered, ran, failed } = said;
    Ok(json!({ "started": started, "covered": covered, "ran": ran, "failed": failed }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use object_store::memory::InMemory;

    use super::*;
    use crate::ecs::Seen;
    use crate::need::Need;

    /// Does what is needed of one job, and never ends for all others.
    struct Slow;

    impl Worker for Slow {
        const AT_ONCE: usize = 2;

        async fn work(&self, job: &JobName, needs: &[Need], _: Duration, _: &Seen) -> Vec<Outcome> {
            if job.as_str() != "quick" {
                std::future::pending::<()>().await;
            }
            vec![Outcome::Started { again: false }; needs.len()]
        }
    }

    fn batch_of(bodies: &[Value]) -> String {
        let record = |(index, body): (usize, &Value)| {
            let id = index.to_string();
            json!({ "messageId": id, "body": body.to_string(), "eventSource": "aws:sqs" })
        };
        json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() }).to_string()
    }

    async fn failed(routes: RouteSource, seconds: i64, bodies: &[Value]) -> Vec<String> {
        let function = Function::new(routes, "runner".to_owned(), Slow);
        let now = Utc::now();
        let deadline = now + TimeDelta::seconds(seconds);
        let payload = batch_of(bodies);
        let invocation = Invocation { payload: &payload, request_id: "r", now, deadline };
        let response = function.handle(invocation).await.0.unwrap();
        let response: SqsBatchResponse = serde_json::from_value(response).unwrap();
        response.batch_item_failures.into_iter().map(|one| one.item_identifier).collect()
    }

    fn routes() -> RouteSource {
        RouteSource::Fixed(Arc::new(r#"{"s3://b/t/": "quick"}"#.parse().unwrap()))
    }

    #[tokio::test]
    async fn what_is_not_done_in_time_comes_again() {
        let bodies = [json!({ "jobs": ["quick"] }), json!({ "jobs": ["slow", "quick"] })];
        assert_eq!(failed(routes(), 2, &bodies).await, ["1"]);
    }

    #[tokio::test]
    async fn without_routes_only_what_needs_them_comes_again() {
        let location = "s3://config/routes.json".parse().unwrap();
        let missing = RouteSource::in_store(Arc::new(InMemory::new()), location).unwrap();
        let object = json!({ "Records": [{
            "s3": { "bucket": { "name": "b" }, "object": { "key": "t/LOAD00000001.csv" } },
        }]});
        let bodies = [json!({ "jobs": ["quick"] }), json!({ "jobs": "all" }), object];
        assert_eq!(failed(missing, 60, &bodies).await, ["1", "2"]);
        assert!(failed(routes(), 60, &bodies).await.is_empty());
    }

    #[tokio::test]
    async fn the_age_of_what_comes_again_is_that_of_the_oldest() {
        let function = Function::new(routes(), "runner".to_owned(), Slow);
        let now = Utc::now();
        let deadline = now + TimeDelta::seconds(3);
        let record = |id: &str, job: &str, age: i64| {
            let sent = (now - TimeDelta::seconds(age)).timestamp_millis().to_string();
            json!({
                "messageId": id, "body": json!({ "jobs": [job] }).to_string(),
                "eventSource": "aws:sqs", "attributes": { "SentTimestamp": sent },
            })
        };
        let all = [record("1", "quick", 900), record("2", "slow", 90), record("3", "slow", 60)];
        for (records, age) in [(&all[..], 90), (&all[..1], 0)] {
            let payload = json!({ "Records": records }).to_string();
            let invocation = Invocation { payload: &payload, request_id: "r", now, deadline };
            assert_eq!(function.handle(invocation).await.1.oldest, age);
        }
        let payload = r#"{"jobs":["slow"]}"#;
        let invocation = Invocation { payload, request_id: "r", now, deadline };
        assert_eq!(function.handle(invocation).await.1.oldest, 0, "nobody waits in a queue");
    }

    #[tokio::test]
    async fn who_asks_directly_is_told_what_came_of_it() {
        let function = Function::new(routes(), "runner".to_owned(), Slow);
        let now = Utc::now();
        let ask = |payload: &'static str| Invocation {
            payload,
            request_id: "r",
            now,
            deadline: now + TimeDelta::seconds(2),
        };
        let said = function.handle(ask(r#"{"jobs":"all"}"#)).await.0.unwrap();
        assert_eq!(said, json!({ "started": ["quick"], "covered": [], "ran": [], "failed": [] }));
        let error = function.handle(ask(r#"{"jobs":["slow"]}"#)).await.0.unwrap_err();
        assert_eq!(error.to_string(), "slow: the time of the invocation is over");
    }
}
