//! "ECS Task State Change" of EventBridge: what is read of it.
//!
//! Source: Amazon ECS developer guide, "Amazon ECS task state change events".

use std::collections::HashMap;

use events::parse_time;
use serde::Deserialize;
use serde_json::Value;

use crate::command::{self, ATTEMPT};
use crate::restart::{Started, Stopped};

/// What an event tells.
#[derive(Debug)]
pub(crate) enum TaskEvent {
    /// A task of a job stopped.
    Stopped(Box<Stopped>),
    /// Anything else.
    Other(&'static str),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    task_arn: Option<String>,
    last_status: Option<String>,
    started_by: Option<String>,
    created_at: Option<String>,
    stopped_at: Option<String>,
    updated_at: Option<String>,
    stop_code: Option<String>,
    stopped_reason: Option<String>,
    #[serde(default)]
    containers: Vec<Container>,
    overrides: Option<Overrides>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: Option<String>,
    exit_code: Option<i32>,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Overrides {
    #[serde(default)]
    container_overrides: Vec<Override>,
}

#[derive(Debug, Deserialize)]
struct Override {
    name: Option<String>,
    command: Option<Vec<String>>,
    #[serde(default)]
    environment: Vec<HashMap<String, Value>>,
}

/// Reads an event: its detail and its own time.
///
/// # Errors
/// What is missing of it.
pub(crate) fn read(event: &Value, container: &str) -> Result<TaskEvent, &'static str> {
    let detail = event.get("detail").and_then(|detail| Detail::deserialize(detail).ok());
    let detail = detail.ok_or("a detail as tasks have it")?;
    if detail.last_status.as_deref() != Some("STOPPED") {
        return Ok(TaskEvent::Other("a task that has not stopped"));
    }
    let Some(job) = detail.started_by.as_deref().and_then(command::job_of) else {
        return Ok(TaskEvent::Other("a task that was not started here"));
    };
    let time = |text: &Option<String>| text.as_deref().and_then(parse_time);
    let told = || event.get("time").and_then(Value::as_str).and_then(parse_time);
    let at = time(&detail.stopped_at).or_else(|| time(&detail.updated_at)).or_else(told);
    let of_container = detail.containers.iter().find(|one| one.name.as_deref() == Some(container));
    let reasons = [
        detail.stop_code.as_deref(),
        detail.stopped_reason.as_deref(),
        of_container.and_then(|one| one.reason.as_deref()),
    ];
    Ok(TaskEvent::Stopped(Box::new(Stopped {
        job,
        at,
        created: time(&detail.created_at),
        exit: of_container.and_then(|one| one.exit_code),
        reason: reasons.into_iter().flatten().collect::<Vec<_>>().join(": "),
        started: detail.overrides.as_ref().and_then(|all| started(all, container)),
        arn: detail.task_arn.ok_or("the ARN of the task")?,
    })))
}

fn started(overrides: &Overrides, container: &str) -> Option<Started> {
    let named = |one: &&Override| one.name.as_deref() == Some(container);
    let one = overrides.container_overrides.iter().find(named)?;
    let variable =
        |pair: &&HashMap<String, Value>| pair.get("name").and_then(Value::as_str) == Some(ATTEMPT);
    let attempt = one.environment.iter().find(variable)?.get("value")?.as_str()?.parse().ok()?;
    Some(Started { told: command::told(one.command.as_deref()?), attempt })
}
