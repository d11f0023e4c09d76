//! How errors are told: what, why, what to do next.

use std::error::Error as _;
use std::io::Write;
use std::process::ExitCode;

use crate::error::{Error, Kind};
use crate::lines::push_line;

/// Prints an error with its causes and its next step, and answers its exit status.
pub(super) fn print(error: &Error) -> ExitCode {
    let mut text = format!("error: {error}\n");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        // Libraries repeat their causes in their own text.
        if !text.contains(said.as_str()) {
            push_line(&mut text, format_args!("  because: {said}"));
        }
        cause = inner.source();
    }
    let hint = error.next_step().unwrap_or_else(|| usual_step(error.kind()));
    push_line(&mut text, format_args!("  next: {hint}"));
    to_stderr(&text);
    ExitCode::from(error.kind().exit_status())
}

/// What to do where nothing better is known.
fn usual_step(kind: Kind) -> &'static str {
    match kind {
        Kind::Failed => "run again with -v, which says more",
        Kind::Usage => "correct it, and run again; see docs/jobs.md and docs/operations.md",
        Kind::Temporary => "run again",
        Kind::Refused => {
            "nothing was written; correct the objects, the SQL or the table, and run again"
        }
    }
}

/// Says that a signal ended the run.
pub(super) fn interrupted(status: u8) -> ExitCode {
    to_stderr("interrupted: nothing was half applied; run again\n");
    ExitCode::from(status)
}

/// A note that is no error.
pub(super) fn note(text: &str) {
    to_stderr(&format!("note: {text}\n"));
}

pub(super) fn to_stderr(text: &str) {
    let _nowhere_to_tell = std::io::stderr().lock().write_all(plain(text).as_bytes());
}

/// Names in a file that was read may hold what a terminal obeys.
fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_commands_no_terminal() {
        assert_eq!(plain("a\u{1b}[31m\r\0\u{9b}b\n\tc ü"), "a [31m   b\n\tc ü");
    }
}
