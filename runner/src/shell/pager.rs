//! What is written for a person: on the screen if it fits, else through a pager.

use std::io::{IsTerminal, Write};
use std::process::{Child, Command, Stdio};

use unicode_width::UnicodeWidthStr;

use super::terminal::Size;
use super::turn::Turn;
use crate::environment::Environment;
use crate::progress;

/// A program that shows a text page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pager {
    program: String,
    args: Vec<String>,
    /// Whether the user says which letters `less` knows.
    is_told_letters: bool,
}

/// Rows of the screen that the next prompt needs.
const ROWS_OF_PROMPT: usize = 2;

impl Pager {
    /// The pager that a user wants: `UNGLUE_PAGER`, else `PAGER`, else `less`; nothing in the variable means none.
    ///
    /// With -F, less ends where the text fits, -S cuts long lines, which arrows shift, and -X leaves the text on the screen.
    pub(super) fn of(environment: &Environment) -> Option<Self> {
        let named = ["UNGLUE_PAGER", "PAGER"].iter().find_map(|name| environment.variable(name));
        let (program, args) = match named.map(str::trim) {
            Some("" | "cat") => return None,
            Some(command) => ("sh", vec!["-c".to_owned(), command.to_owned()]),
            None => ("less", vec!["-FRSX".to_owned()]),
        };
        let is_told_letters = environment.first_of(&["LESSCHARSET"]).is_some();
        Some(Self { program: program.to_owned(), args, is_told_letters })
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        if !self.is_told_letters {
            // What is shown is UTF-8, whatever the locale of a container is.
            command.env("LESSCHARSET", "utf-8");
        }
        command.args(&self.args).stdin(Stdio::piped()).spawn()
    }
}

/// A screen that a text is written to. What is written is held until it is known whether it fits.
pub(super) struct Screen {
    size: Option<Size>,
    pager: Option<Pager>,
    held: Vec<u8>,
    lines: usize,
    paging: Option<Child>,
    is_direct: bool,
    turn: Turn,
}

impl Screen {
    /// A screen of a size; without, and without a pager, all is written at once.
    pub(super) fn new(size: Option<Size>, pager: Option<Pager>) -> Self {
        let is_direct = size.is_none() || pager.is_none();
        let turn = Turn::default();
        Self { size, pager, held: Vec::new(), lines: 0, paging: None, is_direct, turn }
    }

    /// Whose turn the terminal is while this is written to.
    pub(super) fn turn(&self) -> Turn {
        self.turn.clone()
    }

    /// Writes what is held, and waits until the user has left the pager.
    ///
    /// # Errors
    /// Those of the pager and of stdout.
    pub(super) fn finish(&mut self) -> std::io::Result<()> {
        if let Some(mut pager) = self.paging.take() {
            drop(pager.stdin.take());
            // It has the terminal until then, and every interrupt.
            let waited = tokio::task::block_in_place(|| pager.wait());
            self.turn.end_of_pager();
            return waited.map(drop);
        }
        let held = std::mem::take(&mut self.held);
        self.to_stdout(&held)
    }

    /// With what is seen, what shows how far it is ends.
    fn to_stdout(&self, bytes: &[u8]) -> std::io::Result<()> {
        if self.turn.is_over() {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        let mut stdout = std::io::stdout().lock();
        if stdout.is_terminal() {
            progress::end();
        }
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Whether what is held, whose last bytes are new, is still no more than the screen has room for.
    fn fits(&mut self, from: usize) -> bool {
        let Some(size) = self.size else { return true };
        self.lines += self.held.iter().skip(from).filter(|byte| **byte == b'\n').count();
        let line_of = self.held.get(..from).unwrap_or_default();
        let begin = line_of.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let new = String::from_utf8_lossy(self.held.get(begin..).unwrap_or_default());
        self.lines + ROWS_OF_PROMPT <= size.rows
            && new.lines().all(|line| line.width() <= size.columns)
    }

    fn begin_paging(&mut self) -> std::io::Result<()> {
        progress::end();
        if !self.turn.give_to_pager() {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        match self.pager.as_ref().map(Pager::start) {
            Some(Ok(child)) => self.paging = Some(child),
            // A machine without a pager is none without a result.
            Some(Err(_)) | None => {
                self.turn.end_of_pager();
                self.is_direct = true;
            }
        }
        let held = std::mem::take(&mut self.held);
        self.write_all(&held)
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(pager) = self.paging.as_mut().and_then(|pager| pager.stdin.as_mut()) {
            return pager.write(bytes);
        }
        if self.is_direct {
            self.to_stdout(bytes)?;
            return Ok(bytes.len());
        }
        let from = self.held.len();
        self.held.extend_from_slice(bytes);
        if !self.fits(from) {
            self.begin_paging()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Screen {
    /// The pager of a statement that was interrupted: the terminal is its own until the user has left it.
    fn drop(&mut self) {
        if self.paging.is_some() {
            let _interrupted = self.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pager(variables: &[(&str, &str)]) -> Option<Pager> {
        Pager::of(
            &variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        )
    }

    #[test]
    fn the_pager_is_the_one_that_is_wanted() {
        let shell = |command: &str| Pager {
            program: "sh".to_owned(),
            args: vec!["-c".to_owned(), command.to_owned()],
            is_told_letters: false,
        };
        assert_eq!(pager(&[]).unwrap().program, "less");
        assert_eq!(pager(&[("PAGER", "more -d")]), Some(shell("more -d")));
        assert_eq!(pager(&[("PAGER", "more"), ("UNGLUE_PAGER", "most")]), Some(shell("most")));
        assert_eq!(pager(&[("PAGER", "more"), ("UNGLUE_PAGER", "")]), None);
    }

    #[test]
    fn a_text_fits_if_the_screen_has_room_for_it_and_the_prompt() {
        let fits = |writes: &[&str]| {
            let size = Some(Size { columns: 4, rows: 4 });
            let mut screen = Screen::new(size, pager(&[]));
            writes.iter().all(|text| {
                let from = screen.held.len();
                screen.held.extend_from_slice(text.as_bytes());
                screen.fits(from)
            })
        };
        assert!(fits(&["a\n", "bcde\n"]));
        assert!(!fits(&["a\nb\nc\n"]));
        assert!(!fits(&["a\n", "b\n", "c\n"]));
        // A line that comes in pieces.
        assert!(!fits(&["abc", "de\n"]));
        assert!(fits(&["日本\n"]));
        assert!(!fits(&["日本x\n"]));
    }
}
