//! Reads the event that a run was started for.

use std::fs::File;
use std::io::Read;

use crate::error::{Error, Result};

/// The largest request that Lambda takes; other senders take less.
const BYTES_MAX: u64 = 6 * 1024 * 1024;

/// The URLs of the objects that an event tells of: of a file, or stdin if that is `-`.
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
    let told = events::objects(&event).map_err(|error| {
        Error::usage(format!("{name} is not understood"))
            .source(error)
            .hint("--event takes JSON as S3, SQS, SNS or EventBridge deliver it; without it, all that is pending is applied too")
    })?;
    Ok(told.iter().map(ToString::to_string).collect())
}
