//! The one place that writes to stdout.

use std::io::{IsTerminal, Write};

use crate::error::{Error, Result};
use crate::progress;

/// Rows, which come one after the other: on a terminal what shows how far they are ends with the first.
#[derive(Debug)]
pub(super) struct Stdout {
    is_terminal: bool,
}

impl Stdout {
    pub(super) fn new() -> Self {
        Self { is_terminal: std::io::stdout().is_terminal() }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.is_terminal {
            progress::end();
        }
        std::io::stdout().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stdout().flush()
    }
}

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
