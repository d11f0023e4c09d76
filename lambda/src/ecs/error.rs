//! What ECS answers instead of what was asked for, with what to do next.

use std::fmt;

use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecs::types::Failure;

/// Kinds of errors that differ in what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EcsErrorKind {
    /// Asked too often.
    Throttled,
    /// No machine, address or quota for one more task.
    Capacity,
    /// The role may not.
    Denied,
    /// There is no such cluster.
    ClusterNotFound,
    /// The same token was given with another request.
    Conflict,
    /// ECS does not take the request as it is.
    Refused,
    /// ECS failed, or no answer came; whether it did what was asked for is not known.
    Unanswered,
}

impl EcsErrorKind {
    /// What to do next.
    #[must_use]
    pub fn next(self) -> &'static str {
        match self {
            Self::Throttled => {
                "nothing, unless it stays: then ask for a higher rate of ecs:RunTask"
            }
            Self::Capacity => {
                "nothing, unless it stays: then add subnets of other zones to UNGLUE_SUBNETS, leave UNGLUE_CAPACITY_PROVIDER out if it is FARGATE_SPOT, or raise the quota of Fargate vCPUs"
            }
            Self::Denied => {
                "let the function's role call it for this cluster and task definition, and pass the task's roles (iam:PassRole)"
            }
            Self::ClusterNotFound => "set UNGLUE_CLUSTER to a cluster of this account and region",
            Self::Conflict => "nothing: the event comes again",
            Self::Refused => {
                "compare UNGLUE_TASK_DEFINITION, UNGLUE_CONTAINER, UNGLUE_SUBNETS, UNGLUE_SECURITY_GROUPS and UNGLUE_CAPACITY_PROVIDER with what is there"
            }
            Self::Unanswered => {
                "nothing, unless it stays: then see whether the function reaches ECS (endpoint, subnets, NAT)"
            }
        }
    }
}

/// Characters of the answer, or of the errors on the way to it, that are told.
const DETAIL_MAX: usize = 300;

/// An error of ECS.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{action}: {detail}; to do: {}", kind.next())]
pub struct EcsError {
    /// What kind it is of.
    pub kind: EcsErrorKind,
    action: &'static str,
    detail: String,
}

impl EcsError {
    /// Of a call, after the SDK's own tries.
    pub(super) fn of<E>(action: &'static str, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let message = error.message().unwrap_or_default();
        let kind = match error.code() {
            None => EcsErrorKind::Unanswered,
            Some(code) => kind(code, message),
        };
        let detail = match error.code() {
            Some(code) => bounded(format!("{code}: {message}")),
            None => bounded(chain(error)),
        };
        Self { kind, action, detail }
    }

    /// Of a task that was not started, or is not described.
    pub(super) fn of_failure(action: &'static str, failure: &Failure) -> Self {
        let reason = failure.reason.as_deref().unwrap_or("no reason is given");
        let detail = failure.detail.as_deref().map(|detail| format!(": {detail}"));
        let kind = match reason {
            "ACCESS_DENIED" => EcsErrorKind::Denied,
            _ if is_capacity(reason) => EcsErrorKind::Capacity,
            _ => EcsErrorKind::Refused,
        };
        let detail = detail.unwrap_or_default();
        Self { kind, action, detail: format!("it answers with a failure: {reason}{detail}") }
    }

    /// Neither a task nor a failure.
    pub(super) fn nothing(action: &'static str) -> Self {
        let detail = "it answers with neither a task nor a failure".to_owned();
        Self { kind: EcsErrorKind::Unanswered, action, detail }
    }

    /// No answer within the time that there is for one job.
    pub(super) fn late(action: &'static str) -> Self {
        let detail = "no answer within the time that one job may take".to_owned();
        Self { kind: EcsErrorKind::Unanswered, action, detail }
    }

    /// A request that cannot be made.
    pub(super) fn request(action: &'static str, error: &dyn fmt::Display) -> Self {
        Self { kind: EcsErrorKind::Refused, action, detail: error.to_string() }
    }
}

/// What an error says, and what it says of its causes. Their `Debug` would repeat the whole answer.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}

fn bounded(text: String) -> String {
    match text.char_indices().nth(DETAIL_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn kind(code: &str, message: &str) -> EcsErrorKind {
    match code {
        "ClusterNotFoundException" => EcsErrorKind::ClusterNotFound,
        "ConflictException" => EcsErrorKind::Conflict,
        "ServerException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InternalFailure"
        | "InternalServerError" => EcsErrorKind::Unanswered,
        "LimitExceededException" => EcsErrorKind::Capacity,
        _ if code.contains("Throttl") || code == "RequestLimitExceeded" => EcsErrorKind::Throttled,
        _ if code.contains("AccessDenied")
            || code.contains("Token")
            || code.contains("Signature")
            || code == "UnrecognizedClientException" =>
        {
            EcsErrorKind::Denied
        }
        _ if is_capacity(message) => EcsErrorKind::Capacity,
        _ => EcsErrorKind::Refused,
    }
}

/// The words of ECS ("API failure reasons" and "Fargate quotas" of its guide): `Capacity is unavailable at this time…`, `RESOURCE:CPU`, `You've
/// reached the limit on the number of vCPUs you can run concurrently`.
fn is_capacity(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["capacity is unavailable", "resource:", "reached the limit"]
        .iter()
        .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(reason: &str) -> EcsErrorKind {
        EcsError::of_failure("ecs:RunTask", &Failure::builder().reason(reason).build()).kind
    }

    #[test]
    fn failures_are_told_apart() {
        let unavailable = "Capacity is unavailable at this time. Please try again later or in a different availability zone";
        assert_eq!(failure(unavailable), EcsErrorKind::Capacity);
        assert_eq!(failure("RESOURCE:MEMORY"), EcsErrorKind::Capacity);
        assert_eq!(failure("ACCESS_DENIED"), EcsErrorKind::Denied);
        assert_eq!(failure("INACTIVE"), EcsErrorKind::Refused);
    }

    #[test]
    fn what_an_error_says_is_bounded() {
        assert_eq!(bounded("é".repeat(300)), "é".repeat(300));
        assert_eq!(bounded("é".repeat(301)), format!("{}…", "é".repeat(300)));
    }

    #[test]
    fn codes_are_told_apart() {
        let limit = "You've reached the limit on the number of vCPUs you can run concurrently";
        for (code, message, expected) in [
            ("ThrottlingException", "Rate exceeded", EcsErrorKind::Throttled),
            ("ClientException", limit, EcsErrorKind::Capacity),
            ("ClientException", "TaskDefinition not found.", EcsErrorKind::Refused),
            ("AccessDeniedException", "", EcsErrorKind::Denied),
            ("ExpiredTokenException", "", EcsErrorKind::Denied),
            ("ClusterNotFoundException", "", EcsErrorKind::ClusterNotFound),
            ("ConflictException", "", EcsErrorKind::Conflict),
            ("ServerException", "", EcsErrorKind::Unanswered),
        ] {
            assert_eq!(kind(code, message), expected, "{code}");
        }
    }
}
