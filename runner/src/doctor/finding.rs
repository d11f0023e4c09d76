//! What the doctor finds, and what `init` has to say.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;

/// The names of all checks, in the order of docs/operations.md. They do not change.
pub const CHECKS: [&str; 53] = [
    "source.key",
    "source.key_updates",
    "source.numeric",
    "source.settings",
    "model.key",
    "staging.listing",
    "staging.objects",
    "staging.foreign",
    "staging.no_load",
    "staging.no_changes",
    "staging.old_changes",
    "staging.applied",
    "staging.rows",
    "staging.drift",
    "staging.other_tables",
    "staging.lob",
    "staging.null",
    "staging.deletes",
    "staging.clock",
    "target.clock",
    "target.connection",
    "target.examination",
    "target.server",
    "target.file",
    "target.tls",
    "target.read_only",
    "target.local_infile",
    "target.login",
    "target.max_allowed_packet",
    "target.durability",
    "target.time_zone",
    "target.sql_mode",
    "target.charset",
    "target.require_key",
    "target.grants",
    "table.missing",
    "table.definition",
    "table.columns",
    "table.exchange",
    "table.unique",
    "init.read",
    "init.option",
    "init.key",
    "init.types",
    "init.names",
    "init.header",
    "init.drift",
    "init.rows",
    "init.replica_identity",
    "init.toast",
    "init.generated",
    "init.lob",
    "init.target",
];

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What was looked at, one of [`CHECKS`].
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
        debug_assert!(CHECKS.contains(&check), "{check} is not in the list");
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

    fn of_repository(path: &str) -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    #[test]
    fn the_docs_list_every_check_in_their_order() {
        let docs = std::fs::read_to_string(of_repository("../docs/operations.md")).unwrap();
        let section = docs.split("\n## ").find(|section| section.starts_with("Doctor\n")).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let names: Vec<&str> = rows
            .filter_map(|line| line.split('|').nth(1))
            .flat_map(|cell| cell.split('`').skip(1).step_by(2))
            .collect();
        assert_eq!(names, CHECKS);
    }

    #[test]
    fn every_check_of_the_code_is_listed_and_every_listed_one_is_in_the_code() {
        let mut code = String::new();
        let folders = ["doctor", "init", "init/postgres", "target/mysql", "target/sqlite"];
        for folder in folders.map(|folder| format!("src/{folder}")) {
            for entry in std::fs::read_dir(of_repository(&folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("finding.rs")
                {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let calls = code.split("Finding::").skip(1).filter(|call| {
            ["error(", "warning(", "note(", "of_error("].iter().any(|name| call.starts_with(name))
        });
        let mut found: Vec<&str> = calls.filter_map(|call| call.split('"').nth(1)).collect();
        found.sort_unstable();
        found.dedup();
        let mut listed = CHECKS;
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
