//! A task as ECS describes it, and tells of its end.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::now;

const ARN: &str = "arn:aws:ecs:eu-central-1:123456789012:";

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) arn: String,
    /// The request that started it; null if nobody asked for it here.
    pub(super) request: Value,
    /// As it is described.
    pub(crate) described: Value,
    /// It is in lists; what was just started may not be.
    pub(crate) is_listed: bool,
    /// It is in lists, and ECS knows it no longer when it is to be described.
    pub(crate) is_gone: bool,
}

impl Task {
    /// One that has just been created, with one container.
    pub(crate) fn new(id: &str, started_by: &str, created: f64) -> Self {
        let arn = format!("{ARN}task/unglue/{id}");
        let described = json!({
            "taskArn": arn,
            "clusterArn": format!("{ARN}cluster/unglue"),
            "taskDefinitionArn": format!("{ARN}task-definition/unglue:1"),
            "group": "family:unglue",
            "launchType": "FARGATE",
            "startedBy": started_by,
            "lastStatus": "PROVISIONING",
            "desiredStatus": "RUNNING",
            "createdAt": created,
            "containers": [{ "name": "runner", "lastStatus": "PENDING" }],
        });
        Self { arn, request: Value::Null, described, is_listed: true, is_gone: false }
    }

    /// What the container is to run.
    pub(crate) fn command(&self) -> Vec<String> {
        let command = &self.request["overrides"]["containerOverrides"][0]["command"];
        let words = command.as_array().expect("a command");
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.described["lastStatus"] == "STOPPED"
    }

    /// It comes into a state, in which its container may have ended.
    pub(crate) fn comes_to(&mut self, status: &str, exit_code: Option<i32>) {
        let is_over = ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"].contains(&status);
        self.described["lastStatus"] = json!(status);
        self.described["desiredStatus"] = json!(if is_over { "STOPPED" } else { "RUNNING" });
        let container = &mut self.described["containers"][0];
        container["lastStatus"] = json!(if is_over { "STOPPED" } else { status });
        if let Some(code) = exit_code {
            container["exitCode"] = json!(code);
        }
    }

    /// The event that EventBridge brings when the task has ended.
    pub(crate) fn stopped_event(&self) -> Value {
        let mut detail = self.described.clone();
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

    /// Whether a list holds it that asks like this.
    pub(super) fn is_asked_for(&self, filter: &Value) -> bool {
        let definition = self.described["taskDefinitionArn"].as_str().unwrap_or_default();
        let family = definition.rsplit('/').next().and_then(|name| name.split(':').next());
        let status = filter["desiredStatus"].as_str().unwrap_or("RUNNING");
        let is = |field: &str, value: Option<&str>| {
            filter[field].is_null() || filter[field].as_str() == value
        };
        self.is_listed
            && self.described["desiredStatus"] == status
            && is("family", family)
            && is("startedBy", self.described["startedBy"].as_str())
    }
}

pub(crate) fn iso(seconds: f64) -> String {
    let time = UNIX_EPOCH + Duration::from_secs_f64(seconds);
    chrono::DateTime::<chrono::Utc>::from(time).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// An event's id; any will do.
fn uuid(arn: &str) -> String {
    format!("00000000-0000-4000-8000-{}", &arn[arn.len() - 12..])
}
