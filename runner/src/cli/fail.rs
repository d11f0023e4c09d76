//! How errors are told: what, why, what to do next.

use std::error::Error as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, Kind};
use crate::lines::push_line;
use crate::progress;
use crate::telemetry;

/// An error as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Told {
    /// What went wrong.
    message: String,
    /// The line of a text that it is about, with a mark. A program finds it by the place in the message.
    #[serde(skip)]
    line: Option<String>,
    /// Its causes, the nearest first.
    because: Vec<String>,
    /// What to do next.
    next: String,
}

impl Told {
    pub(super) fn of(error: &Error) -> Self {
        let message = error.to_string();
        let mut because: Vec<String> = Vec::new();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let said = inner.to_string();
            // Libraries repeat their causes in their own text.
            let is_said = |text: &String| text.contains(said.as_str());
            if !is_said(&message) && !because.iter().any(is_said) {
                because.push(said);
            }
            cause = inner.source();
        }
        let next = error.next_step().unwrap_or_else(|| usual_step(error.kind())).to_owned();
        Self { message, line: error.line().map(str::to_owned), because, next }
    }

    /// What is wrong.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// What clap says of a command line: a paragraph of what is wrong, and paragraphs of what may help.
    fn of_usage(text: &str) -> Self {
        let mut paragraphs = text.trim().split("\n\n").map(|paragraph| {
            let words: Vec<&str> = paragraph.split_whitespace().collect();
            words.join(" ")
        });
        let message = paragraphs.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
        let next: Vec<String> = paragraphs.filter(|paragraph| !paragraph.is_empty()).collect();
        Self { message, line: None, because: Vec::new(), next: next.join("; ") }
    }

    fn tell_as_json(&self, kind: Kind) {
        let Self { message, because, next, .. } = self;
        let fields = [
            ("because", because.clone().into()),
            ("next", next.clone().into()),
            ("kind", kind.as_str().into()),
            ("status", kind.exit_status().into()),
        ];
        telemetry::tell("ERROR", message, of(fields));
    }

    pub(super) fn to_text(&self) -> String {
        let Self { message, line, because, next } = self;
        let mut text = format!("error: {message}\n");
        for line in line.iter().flat_map(|line| line.lines()) {
            push_line(&mut text, format_args!("  {line}"));
        }
        for cause in because {
            push_line(&mut text, format_args!("  because: {cause}"));
        }
        push_line(&mut text, format_args!("  next: {next}"));
        text
    }
}

fn of<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Prints an error with its causes and its next step, and answers its exit status.
pub(super) fn print(error: &Error) -> u8 {
    tell(error, &Told::of(error))
}

/// The same of a command that only reads; `bad_object` is what to do about what stands in a staged object.
pub(super) fn print_of_reader(error: &Error, bad_object: &str) -> u8 {
    let mut told = Told::of(error);
    if error.is_of_object() {
        bad_object.clone_into(&mut told.next);
    } else if error.next_step().is_none() && error.kind() == Kind::Refused {
        "correct the objects or the SQL".clone_into(&mut told.next);
    }
    tell(error, &told)
}

fn tell(error: &Error, told: &Told) -> u8 {
    progress::end();
    match telemetry::is_json() {
        true => told.tell_as_json(error.kind()),
        false => to_stderr(&told.to_text()),
    }
    error.kind().exit_status()
}

/// Prints what clap says of a command line, and answers the exit status.
pub(super) fn usage(text: &str) -> u8 {
    match telemetry::is_json() {
        true => Told::of_usage(text).tell_as_json(Kind::Usage),
        false => to_stderr(text),
    }
    Kind::Usage.exit_status()
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

/// Says that a signal ended the command.
pub(super) fn interrupted(status: u8, message: &str) -> u8 {
    progress::end();
    match telemetry::is_json() {
        true => {
            let fields = [("kind", "interrupted".into()), ("status", status.into())];
            telemetry::tell("WARN", message, of(fields));
        }
        false => to_stderr(&format!("{message}\n")),
    }
    status
}

/// A note that is no error; none where only errors are wanted.
pub(super) fn note(text: &str) {
    if telemetry::is_quiet() {
        return;
    }
    match telemetry::is_json() {
        true => telemetry::tell("INFO", text, Map::new()),
        false => to_stderr(&format!("note: {text}\n")),
    }
}

fn to_stderr(text: &str) {
    telemetry::write(&plain(text));
}

/// Names in a file that was read may hold what a terminal obeys.
pub(super) fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_commands_no_terminal() {
        assert_eq!(plain("a\u{1b}[31m\r\0\u{9b}b\n\tc ü"), "a [31m   b\n\tc ü");
    }

    #[test]
    fn an_error_is_told_with_causes_that_say_more() {
        let cause = Error::failed("no route to host").source(std::io::Error::other("route"));
        let error = Error::temporary("the server cannot be reached").source(cause);
        let told = Told::of(&error);
        assert_eq!(told.because, ["no route to host"]);
        let text =
            "error: the server cannot be reached\n  because: no route to host\n  next: run again\n";
        assert_eq!(told.to_text(), text);
    }

    #[test]
    fn of_a_wrong_command_line_the_first_paragraph_is_the_message() {
        let text = "error: the following required arguments were not provided:\n  --job <JOB>\n\n\
                    Usage: runner run --job <JOB>\n\nFor more information, try '--help'.\n";
        let told = Told::of_usage(text);
        let message = "the following required arguments were not provided: --job <JOB>";
        assert_eq!(told.message, message);
        let next = "Usage: runner run --job <JOB>; For more information, try '--help'.";
        assert_eq!(told.next, next);
    }
}
