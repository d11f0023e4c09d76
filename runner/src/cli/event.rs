//! Reads the event that a run was started for.

use std::fs::File;
use std::io::Read;

use super::fail;
use crate::error::{Error, Result};

/// The largest request that Lambda takes; other senders take less.
const BYTES_MAX: u64 = 6 * 1024 * 1024;

/// The URLs of the objects that an event tells of: of a file, or stdin if that is `-`. Notes on stderr if parts of it are of
/// something else.
///
/// # Errors
/// Kind `Usage` for a file that cannot be read, and for what is no event of S3.
pub(super) fn told(file: &str) -> Result<Vec<String>> {
    let name = if file == "-" { "stdin" } else { file };
    let unreadable = |error| Error::usage(format!("{name} cannot be read")).source(error);
    let mut event = Vec::new();
    let read = match file {
        "-" => std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut event),
        _ => File::open(file).map_err(unreadable)?.take(BYTES_MAX + 1).read_to_end(&mut event),
    };
    let bytes = read.map_err(unreadable)? as u64;
    if bytes > BYTES_MAX {
        return Err(Error::usage(format!("{name} is longer than {BYTES_MAX} bytes"))
            .hint("--event takes one event of S3"));
    }
    let told = events::told(&event).map_err(|error| {
        Error::usage(format!("{name} is not understood"))
            .source(error)
            .hint("--event takes the JSON of S3, SQS, SNS or EventBridge; without it, all that is pending is applied too")
    })?;
    if told.others > 0 {
        fail::note(&format!("{} records of the event are not of S3 and are ignored", told.others));
    }
    Ok(told.objects.iter().map(ToString::to_string).collect())
}
