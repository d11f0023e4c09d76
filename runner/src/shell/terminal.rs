//! The terminal around the shell: its size, and its mode as it was.

use std::io::{IsTerminal, Write};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// How many characters a screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// The size of the screen that stdout is on, if it is on one.
pub(super) fn size() -> Option<Size> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let (columns, rows) = terminal_size::terminal_size_of(stdout)?;
    Some(Size { columns: columns.0.into(), rows: rows.0.into() })
}

/// The mode of the terminal. The editor's thread may be waiting for keys when the process is asked to end, and nobody sees what is
/// typed on a terminal that is left as it is then.
pub(super) struct Mode(Option<Termios>);

impl Mode {
    /// Notes the mode.
    pub(super) fn now() -> Self {
        Self(tcgetattr(std::io::stdin()).ok())
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        let Some(noted) = &self.0 else { return };
        let stdin = std::io::stdin();
        let is_changed = tcgetattr(&stdin).is_ok_and(|now| now.local_modes != noted.local_modes);
        if is_changed && tcsetattr(&stdin, OptionalActions::Now, noted).is_ok() {
            // Text that is pasted is marked for an editor only.
            let _terminal_is_gone = std::io::stdout().write_all(b"\x1b[?2004l\r\n");
        }
    }
}
