//! The one place that writes to stdout.

use std::io::Write;

use crate::error::{Error, Result};

/// Writes data. A reader that has gone away (`| head`) ends the output, not the program.
pub(super) fn stdout(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failed("cannot write to stdout").source(error))
        }
        _ => Ok(()),
    }
}
