//! How a command's report is printed.

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::telemetry;

/// The option of all commands that report.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct OutputArgs {
    /// How the report is printed on stdout; JSON is one line where that is no terminal. Default: text; json with --log-format
    /// json
    #[arg(long, value_enum)]
    output: Option<OutputFormat>,
}

/// How reports are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

impl OutputArgs {
    /// What was asked for, or is usual.
    pub(super) fn format(self) -> OutputFormat {
        let usual = if telemetry::is_json() { OutputFormat::Json } else { OutputFormat::Text };
        self.output.unwrap_or(usual)
    }
}

/// One JSON object and a line end; on one line where no person reads it.
pub(super) fn to_json(value: &impl Serialize) -> Result<String> {
    let text = match std::io::stdout().is_terminal() {
        true => serde_json::to_string_pretty(value),
        false => serde_json::to_string(value),
    };
    ended(text)
}

/// One JSON value on one line, for a stream of them.
pub(super) fn to_json_line(value: &impl Serialize) -> Result<String> {
    ended(serde_json::to_string(value))
}

fn ended(text: serde_json::Result<String>) -> Result<String> {
    let mut text = text.map_err(|error| Error::failed("cannot write JSON").source(error))?;
    text.push('\n');
    Ok(text)
}
