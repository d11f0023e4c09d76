//! What a process tells on stderr: text for people, or one JSON object a line.
//!
//! The format and the run that lines are of are the process's, as the subscriber of `tracing` is: background tasks that know no
//! span tell of them too. A process has one run at a time.

pub(crate) mod bar;
mod events;
pub(crate) mod line;
mod panics;
pub(crate) mod peak_memory;

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use chrono::Utc;
use clap::ValueEnum;
use serde_json::{Map, Value};
use tracing_subscriber::EnvFilter;

use events::JsonLines;
use line::{Line, RunOfLine};

/// Libraries that log statements, plans, rows or requests: of them only warnings, whatever is asked for. The names of all
/// their crates begin so.
const TALKATIVE: [&str; 8] =
    ["aws", "datafusion", "h2", "hyper", "mysql", "object_store", "reqwest", "sqlparser"];

/// What happens, without each statement.
const WHAT_HAPPENS: &str = "warn,runner=info,transforms=info";

static FORMAT: OnceLock<LogFormat> = OnceLock::new();
static QUIET: AtomicBool = AtomicBool::new(false);
static RUN: RwLock<RunOfLine> = RwLock::new(RunOfLine { job: None, run_id: None });

/// How stderr is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// Logs are text on a terminal, else JSON; errors and notes are text
    #[default]
    Auto,
    /// Text
    Text,
    /// One JSON object a line, errors and notes too, and logs of what happens; the report is one line of JSON
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings<'a> {
    /// `--log-format`.
    pub format: LogFormat,
    /// The number of `-v`.
    pub verbosity: u8,
    /// `--quiet`: errors, and nothing else.
    pub quiet: bool,
    /// Without colours, also on a terminal.
    pub plain: bool,
    /// `RUST_LOG`, which is stronger than `-v`.
    pub rust_log: Option<&'a str>,
    /// `UNGLUE_LOG`, which is weaker.
    pub unglue_log: Option<&'a str>,
}

/// Starts logging; a second call (in tests) keeps the first one's settings.
pub fn init(settings: Settings<'_>) {
    let _already_set = FORMAT.set(settings.format);
    panics::tell_without_values();
    QUIET.store(settings.quiet, Ordering::Relaxed);
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter(settings)).with_writer(|| Stderr);
    let is_text = match settings.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let _already_set = if is_text {
        let has_colours = std::io::stderr().is_terminal() && !settings.plain;
        builder.with_target(false).with_ansi(has_colours).try_init()
    } else {
        builder.event_format(JsonLines).try_init()
    };
}

/// From the strongest wish to the weakest; one that is not understood is none.
fn filter(settings: Settings<'_>) -> EnvFilter {
    let Settings { format, verbosity, quiet, rust_log, unglue_log, .. } = settings;
    let of_verbosity = match verbosity {
        _ if quiet => Some("error"),
        0 => None,
        1 => Some(WHAT_HAPPENS),
        2 => Some("warn,runner=debug,transforms=debug"),
        // Drivers and the engine may log statements and values at their finest levels: theirs stay off.
        _ => Some("info,runner=trace,transforms=trace"),
    };
    let usual = if format == LogFormat::Json { WHAT_HAPPENS } else { "warn" };
    let filter = [rust_log, of_verbosity, unglue_log]
        .into_iter()
        .flatten()
        .find_map(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new(usual));
    let most = if quiet && rust_log.is_none() { "error" } else { "warn" };
    TALKATIVE
        .iter()
        .filter_map(|name| format!("{name}={most}").parse().ok())
        .fold(filter, EnvFilter::add_directive)
}

/// Whether everything on stderr is JSON, errors and notes too.
#[must_use]
pub fn is_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// Whether only errors are wanted.
#[must_use]
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// From now on, lines of JSON are of this run of this job.
pub fn begin_run(job: Option<&str>, run_id: &str) {
    let run = RunOfLine { job: job.map(str::to_owned), run_id: Some(run_id.to_owned()) };
    *RUN.write().unwrap_or_else(PoisonError::into_inner) = run;
}

/// From now on, lines of JSON are of no run.
pub fn end_run() {
    *RUN.write().unwrap_or_else(PoisonError::into_inner) = RunOfLine::default();
}

/// One line of JSON of now and of the run under way.
fn json(level: &str, module: Option<&str>, message: &str, fields: Map<String, Value>) -> String {
    let run = RUN.read().unwrap_or_else(PoisonError::into_inner);
    Line { at: Utc::now(), level, module, message, run: &run, fields }.into_json()
}

/// Writes a line of JSON, whatever the level of logs is.
pub(crate) fn tell(level: &str, message: &str, fields: Map<String, Value>) {
    write(&format!("{}\n", json(level, None, message, fields)));
}

/// The one place that writes to stderr; a text is written in one piece, so that lines do not mix.
pub(crate) fn write(text: &str) {
    let _nowhere_to_tell = Stderr.write_all(text.as_bytes());
}

/// Stderr, above the bar if one is drawn.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        bar::around(|| std::io::stderr().lock().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_wish_that_is_understood_holds() {
        let auto = Settings::default();
        let json = Settings { format: LogFormat::Json, ..auto };
        for (settings, said) in [
            (auto, "warn"),
            (json, "runner=info"),
            (Settings { unglue_log: Some("runner=error"), ..json }, "runner=error"),
            (Settings { unglue_log: Some("=,=no"), ..json }, "runner=info"),
            (Settings { unglue_log: Some("error"), verbosity: 2, ..json }, "runner=debug"),
            (Settings { unglue_log: Some("runner=info"), quiet: true, ..json }, "error"),
            (Settings { rust_log: Some("runner=trace"), quiet: true, ..auto }, "runner=trace"),
            (Settings { rust_log: Some("transforms=trace"), verbosity: 2, ..json }, "=trace"),
        ] {
            let filter = filter(settings).to_string();
            assert!(filter.contains(said), "{filter}");
            assert!(filter.contains("mysql=warn") || filter.contains("mysql=error"), "{filter}");
        }
    }
}
