//! How much a command says on stderr: the options that all commands have.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::app::App;
use crate::error::{Error, Result};
use crate::progress::{self, Asked, Counters, Phase, ProgressMode, Way};
use crate::telemetry::{self, LogFormat, Settings};

/// Seconds between two lines, without the variable.
const LINES_EVERY: u64 = 10;
/// The most that it may say.
const LINES_EVERY_MAX: u64 = 3_600;

/// How much is said on stderr.
#[derive(Debug, Clone, Args)]
pub(super) struct Loudness {
    /// Say more on stderr: -v what happens, -vv every statement too. RUST_LOG is stronger, UNGLUE_LOG weaker
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// Say only errors on stderr: no notes, no warnings, no progress. What is on stdout stays
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// How stderr tells how far a command is. Default: the variable UNGLUE_PROGRESS, else auto
    #[arg(long, value_enum, value_name = "HOW", global = true)]
    progress: Option<ProgressMode>,
    /// What stderr is written in. Default: the variable UNGLUE_LOG_FORMAT, else auto
    #[arg(long, value_enum, value_name = "FORMAT", global = true)]
    log_format: Option<LogFormat>,
}

/// What a command counts while it works, and how that is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub(super) counters: Arc<Counters>,
    way: Way,
    every: Duration,
}

impl Loudness {
    /// Of a command line that cannot be read only the format of logs is known.
    pub(super) fn of_format(log_format: Option<LogFormat>) -> Self {
        Self { verbose: 0, quiet: false, progress: None, log_format }
    }

    /// Starts logging.
    ///
    /// # Errors
    /// Kind `Usage` for a variable that is not understood.
    pub(super) fn start_logging(&self, app: &App) -> Result<()> {
        let format = self.log_format.map_or_else(|| app.choice("UNGLUE_LOG_FORMAT"), Ok)?;
        let [rust_log, unglue_log] = ["RUST_LOG", "UNGLUE_LOG"].map(|name| app.variable(name));
        telemetry::init(Settings {
            format,
            verbosity: self.verbose,
            quiet: self.quiet,
            plain: !can_colour(app),
            rust_log: rust_log.as_deref(),
            unglue_log: unglue_log.as_deref(),
        });
        Ok(())
    }

    /// How progress is shown, once logging has started.
    ///
    /// # Errors
    /// Kind `Usage` for a variable that is not understood.
    pub(super) fn shown(&self, app: &App) -> Result<Shown> {
        // Who is to be quiet does not ask for what a variable says of all commands.
        let usual = || match self.quiet {
            true => Ok(ProgressMode::None),
            false => app.choice("UNGLUE_PROGRESS"),
        };
        let mode = self.progress.map_or_else(usual, Ok)?;
        let on_terminal = std::io::stderr().is_terminal() && !is_dumb(app);
        let way = Asked { mode, on_terminal, as_json: telemetry::is_json() }.way();
        Ok(Shown { counters: Arc::default(), way, every: lines_every(app)? })
    }
}

impl App {
    /// Shows from now on how far the command is, which begins with `phase`: until something is written to stdout, an error is told,
    /// or the command ends.
    pub(super) fn begin_progress(&self, phase: Phase) {
        let Shown { counters, way, every } = &self.shown;
        counters.reset();
        counters.enter(phase);
        progress::begin(*way, counters, *every);
    }
}

fn lines_every(app: &App) -> Result<Duration> {
    const NAME: &str = "UNGLUE_PROGRESS_SECONDS";
    let Some(text) = app.variable(NAME).filter(|text| !text.is_empty()) else {
        return Ok(Duration::from_secs(LINES_EVERY));
    };
    let seconds = text.parse().ok().filter(|seconds| (1..=LINES_EVERY_MAX).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Error::usage(format!("the variable {NAME} has a value that is not known"))
            .hint(format!("it is a number of seconds from 1 to {LINES_EVERY_MAX}"))
    })
}

/// Whether a terminal only takes one line after the other.
pub(super) fn is_dumb(app: &App) -> bool {
    app.variable("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// Whether what is written to a terminal may have colours (no-color.org).
pub(super) fn can_colour(app: &App) -> bool {
    !is_dumb(app) && app.variable("NO_COLOR").is_none_or(|text| text.is_empty())
}
