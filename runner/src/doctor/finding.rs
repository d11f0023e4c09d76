//! What the doctor finds.

use serde::Serialize;

use crate::error::Error;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A run fails, or its result is not what is meant.
    Error,
    /// A run works, but something may be lost, slow or open.
    Warning,
    /// Good to know.
    Note,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What was looked at; the names are listed in docs/operations.md and do not change.
    pub check: &'static str,
    /// Where: a source, an object, a table, the target.
    pub place: String,
    /// What is so. Holds neither values nor secrets.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    /// Of severity [`Severity::Error`].
    pub fn error(
        check: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, check, place.into(), message.into())
    }

    /// Of severity [`Severity::Warning`].
    pub fn warning(
        check: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Warning, check, place.into(), message.into())
    }

    /// Of severity [`Severity::Note`].
    pub fn note(check: &'static str, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, check, place.into(), message.into())
    }

    /// What a run would stop with.
    #[must_use]
    pub fn of_error(check: &'static str, place: impl Into<String>, error: &Error) -> Self {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            let said = inner.to_string();
            // Libraries repeat their causes in their own text.
            if !message.contains(said.as_str()) {
                message = format!("{message}: {said}");
            }
            cause = inner.source();
        }
        let next = error.next_step().map(str::to_owned);
        Self { next, ..Self::error(check, place, message) }
    }

    /// With what to do about it.
    #[must_use]
    pub fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    fn new(severity: Severity, check: &'static str, place: String, message: String) -> Self {
        Self { severity, check, place, message, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes_and_its_next_step() {
        let cause = std::io::Error::other("the disk is full");
        let error = Error::failed("cannot write").source(cause).hint("make room");
        let finding = Finding::of_error("target.connection", "mysql://h/db", &error);
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.message, "cannot write: the disk is full");
        assert_eq!(finding.next.as_deref(), Some("make room"));
    }

    #[test]
    fn errors_come_first() {
        assert!(Severity::Error < Severity::Warning && Severity::Warning < Severity::Note);
    }
}
