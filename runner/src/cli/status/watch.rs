//! `runner status --watch`.

use std::io::IsTerminal;
use std::time::Duration;

use super::{Round, StatusArgs, unknown};
use crate::cli::app::App;
use crate::cli::loudness::is_dumb;
use crate::cli::output::OutputFormat;
use crate::cli::write;
use crate::error::{Error, Kind, Result};
use crate::lines::push_line;
use crate::units;

/// Looks again and again. What fails is told and may be right the next time, but for a command that is wrong from the begin.
///
/// # Errors
/// Kind `Usage` of the first look.
pub(super) async fn watch(args: &StatusArgs, app: &App, every: Duration) -> Result<()> {
    let as_json = args.output.format() == OutputFormat::Json;
    let draws = !as_json && std::io::stdout().is_terminal() && !is_dumb(app);
    let mut is_first = true;
    loop {
        let text = match args.look(app, is_first).await {
            Err(error) if is_first && error.kind() == Kind::Usage => return Err(error),
            Err(error) if as_json => args.json(&failed(args, &error), true)?,
            Err(error) => format!("error: {error}\n"),
            Ok(round) if as_json => args.json(&round, true)?,
            Ok(round) => text(args, &round),
        };
        let text = match draws {
            true => frame(&format!("{}{text}", header(every)), is_first),
            false => text,
        };
        if !write::to_reader(&text)? {
            return Ok(());
        }
        is_first = false;
        tokio::time::sleep(every).await;
    }
}

/// The report, and what is wrong, which is else told on stderr.
fn text(args: &StatusArgs, round: &Round) -> String {
    let mut text = args.text(round);
    if let Some(error) = round.error.as_ref().filter(|_| args.job.is_some()) {
        push_line(&mut text, format_args!("\nerror: {error}"));
    }
    text
}

fn failed(args: &StatusArgs, error: &Error) -> Round {
    let entries = args.job.iter().map(|job| unknown(job, error)).collect();
    Round { entries, error: None, at: chrono::Utc::now() }
}

fn header(every: Duration) -> String {
    let now = chrono::Utc::now().format("%F %T UTC");
    format!("{now}, every {}; Ctrl-C ends\n\n", units::duration(every))
}

/// What draws a text over the one before, without a flicker: each line is cleared behind its end, and at last all below.
fn frame(text: &str, is_first: bool) -> String {
    let clear = if is_first { "\u{1b}[2J" } else { "" };
    format!("{clear}\u{1b}[H{}\u{1b}[J", text.replace('\n', "\u{1b}[K\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_drawn_over_the_one_before() {
        assert_eq!(frame("a\nb\n", true), "\u{1b}[2J\u{1b}[Ha\u{1b}[K\nb\u{1b}[K\n\u{1b}[J");
        assert_eq!(frame("", false), "\u{1b}[H\u{1b}[J");
    }
}
