//! What one message asks for: to look at objects, to run jobs, or to see to a task that stopped.

use chrono::{DateTime, Utc};
use events::{EventError, ToldObject, parse_time};
use serde_json::Value;
use staged::job::JobName;

use crate::restart::Stopped;
use crate::task_event::{self, TaskEvent};

/// Jobs that one message may name.
pub const JOBS_MAX: usize = 1000;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Objects, and how many records tell of something else.
    Objects(Vec<ToldObject>, usize),
    /// All jobs of the routes.
    AllJobs(Option<DateTime<Utc>>),
    /// Some jobs.
    Jobs(Vec<JobName>),
    /// A task of a job stopped.
    Stopped(Box<Stopped>),
    /// Nothing, and why.
    Nothing(&'static str),
}

/// Why a message is not understood. Nothing of its text is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AskError {
    /// See [`EventError`].
    #[error(transparent)]
    Event(#[from] EventError),
    /// `jobs` is neither `"all"` nor a list of names.
    #[error("write {{\"jobs\": \"all\"}} or {{\"jobs\": [\"a_job\"]}}, at most {JOBS_MAX} jobs")]
    Jobs,
    /// An event of ECS that lacks what it always has.
    #[error("an event of ECS about a task, without {0}")]
    Task(&'static str),
}

/// Reads a message.
///
/// `container`: the container of a task whose exit status counts.
///
/// # Errors
/// A message that is of nobody who may ask.
pub fn read(message: &str, container: &str) -> Result<Ask, AskError> {
    let value: Option<Value> = serde_json::from_str(message).ok();
    let text = |name: &str| value.as_ref()?.get(name)?.as_str();
    if let Some(jobs) = value.as_ref().and_then(|value| value.get("jobs")) {
        return read_jobs(jobs);
    }
    match (text("source"), text("detail-type")) {
        (Some("aws.ecs"), Some("ECS Task State Change")) => {
            let event = value.as_ref().unwrap_or(&Value::Null);
            return Ok(match task_event::read(event, container).map_err(AskError::Task)? {
                TaskEvent::Stopped(stopped) => Ask::Stopped(stopped),
                TaskEvent::Other(why) => Ask::Nothing(why),
            });
        }
        // A schedule that says nothing itself: of a rule, or of EventBridge Scheduler.
        (Some("aws.events" | "aws.scheduler"), Some("Scheduled Event")) => {
            return Ok(Ask::AllJobs(text("time").and_then(parse_time)));
        }
        _ => {}
    }
    let told = events::told(message.as_bytes())?;
    if told.objects.is_empty() && told.others == 0 {
        return Ok(Ask::Nothing("a test, or empty"));
    }
    Ok(Ask::Objects(told.objects, told.others))
}

fn read_jobs(jobs: &Value) -> Result<Ask, AskError> {
    match jobs {
        Value::String(all) if all == "all" => Ok(Ask::AllJobs(None)),
        Value::Array(names) if (1..=JOBS_MAX).contains(&names.len()) => {
            let jobs = names.iter().map(|name| name.as_str()?.parse().ok());
            jobs.collect::<Option<_>>().map(Ask::Jobs).ok_or(AskError::Jobs)
        }
        _ => Err(AskError::Jobs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_asked_for_by_name_or_all() {
        let ask = |message: &str| read(message, "runner");
        assert_eq!(ask(r#"{"jobs":"all"}"#), Ok(Ask::AllJobs(None)));
        let two = vec!["a".parse().unwrap(), "b.c".parse().unwrap()];
        assert_eq!(ask(r#"{"jobs":["a","b.c"]}"#), Ok(Ask::Jobs(two)));
        for wrong in [r#""a""#, "[]", r#"["../a"]"#, "[1]", "null", r#"{"a":1}"#] {
            assert_eq!(ask(&format!(r#"{{"jobs":{wrong}}}"#)), Err(AskError::Jobs), "{wrong}");
        }
    }

    #[test]
    fn what_nobody_may_ask_is_an_error() {
        for message in [r#"{"job":"a"}"#, r#"{"source":"aws.ec2","detail":{}}"#, "[]x", "1"] {
            assert!(matches!(read(message, "runner"), Err(AskError::Event(_))), "{message}");
        }
    }
}
