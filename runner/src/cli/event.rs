//! Reads the event that a run was started for.

use super::{fail, file};
use crate::error::{Error, Result};

/// The largest request that Lambda takes; other senders take less.
const BYTES_MAX: u64 = 6 * 1024 * 1024;
/// A longer one is not repeated in messages: it may be an event in another spelling.
const NAME_BYTES_MAX: usize = 255;
/// What to do next about an argument that is none.
const TAKES: &str = "--event takes a file, or - for stdin";

/// The URLs of the objects that an event tells of: of a file, or stdin if that is `-`. Notes on stderr if parts of it are of
/// something else.
///
/// # Errors
/// Kind `Usage` for a file that cannot be read, and for what is no event of S3.
pub(super) async fn told(from: &str) -> Result<Vec<String>> {
    // It holds addresses and names, which need not stand in logs.
    if from.trim_start().starts_with(['{', '[', '"']) {
        return Err(Error::usage("the value of --event is an event, not a file").hint(TAKES));
    }
    let name = match from {
        "-" => "stdin",
        file if file.len() > NAME_BYTES_MAX => "the file of --event",
        file => file,
    };
    let event = file::read(from, BYTES_MAX).await.map_err(|error| {
        Error::usage(format!("{name:?} cannot be read")).source(error).hint(TAKES)
    })?;
    if event.len() as u64 > BYTES_MAX {
        return Err(Error::usage(format!("{name} is longer than {BYTES_MAX} bytes")).hint(
            "give it one event at a time; without --event, all that is pending is applied too",
        ));
    }
    let told = events::told(&event).map_err(|error| {
        Error::usage(format!("{name} is not understood"))
            .source(error)
            .hint("--event takes the JSON of S3, SQS, SNS or EventBridge; without it, all that is pending is applied too")
    })?;
    if told.others > 0 {
        fail::note(&format!(
            "ignored of the event, since not of S3 or not understood: {} records",
            told.others
        ));
    }
    Ok(told.objects.iter().map(ToString::to_string).collect())
}
