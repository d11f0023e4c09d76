//! The one place that writes to stdout, but for the rows of statements.

use std::io::Write;

use crate::error::{Error, Result};
use crate::progress;

/// Writes data, with which progress ends. A reader that has gone away (`| head`) ends the output, not the program.
pub(super) fn stdout(text: &str) -> Result<()> {
    to_reader(text).map(drop)
}

/// The same; answers whether there still is a reader.
pub(super) fn to_reader(text: &str) -> Result<bool> {
    progress::end();
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::failed("cannot write to stdout").source(error)),
    }
}
