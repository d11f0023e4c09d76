//! A pseudo-terminal with a person in front of it: keys go in, the screen comes out.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use tempfile::TempDir;

use super::Runner;

/// Nothing on a screen takes nearly as long.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What an editor writes when it begins and ends to wait for keys: text that is pasted is marked between.
const BEGINS: &str = "\u{1b}[?2004h";
const ENDS: &str = "\u{1b}[?2004l";

pub(crate) const ENTER: &str = "\r";
pub(crate) const TAB: &str = "\t";
pub(crate) const UP: &str = "\u{1b}[A";
pub(crate) const LEFT: &str = "\u{1b}[D";
pub(crate) const BACKSPACE: &str = "\u{7f}";
pub(crate) const CTRL_A: &str = "\u{1}";
pub(crate) const CTRL_C: &str = "\u{3}";
pub(crate) const CTRL_D: &str = "\u{4}";

/// A program on a terminal of its own; dropping it kills the program.
#[derive(Debug)]
pub(crate) struct Terminal {
    child: Child,
    keys: File,
    bytes: Receiver<Vec<u8>>,
    /// All that was written so far.
    written: Vec<u8>,
    /// What was seen of it.
    seen: usize,
    _home: TempDir,
}

impl Terminal {
    /// Starts a program on a terminal of so many columns and rows, and waits for its prompt. Answers what it wrote before.
    pub(crate) fn open(runner: Runner, columns: u16, rows: u16) -> (Self, String) {
        let mut terminal = Self::start(runner.env("TERM", "xterm"), columns, rows);
        let greeting = terminal.until(BEGINS);
        (terminal, greeting)
    }

    /// The same of a program that has no prompt, or on another kind of terminal, which `TERM` tells.
    pub(crate) fn start(runner: Runner, columns: u16, rows: u16) -> Self {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).expect("a pseudo-terminal can be opened");
        let (child, home) = runner.at_keyboard(&pty.slave);
        drop(pty.slave);
        let keys = File::from(pty.master);
        let mut screen = keys.try_clone().expect("a descriptor can be copied");
        let (sender, bytes) = channel();
        let _it_ends_with_the_terminal = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // It is an error to read from a terminal that no program has any more.
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys, bytes, written: Vec::new(), seen: 0, _home: home }
    }

    /// Types, and waits for nothing.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal takes keys");
    }

    /// Types a line, and waits for the next prompt; answers what was written between.
    pub(crate) fn line(&mut self, line: &str) -> String {
        self.keys(line);
        self.keys(ENTER);
        let _echo = self.until(ENDS);
        self.until(BEGINS)
    }

    /// Waits for a text; answers what is before it, without what commands the terminal.
    pub(crate) fn until(&mut self, text: &str) -> String {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            let unseen = String::from_utf8_lossy(&self.written[self.seen..]).into_owned();
            if let Some(at) = unseen.find(text) {
                self.seen += at + text.len();
                return plain(&unseen[..at]);
            }
            match self.bytes.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.written.extend(bytes),
                Err(error) => panic!("{error}: no {text:?} comes in {unseen:?}"),
            }
        }
    }

    /// Waits until the program ends; answers its exit status, and what it wrote until then.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            match self.bytes.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.written.extend(bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it does not end: {:?}", String::from_utf8_lossy(&self.written));
                }
            }
        }
        let status = self.child.wait().expect("a child can be waited for");
        (status.code(), plain(&String::from_utf8_lossy(&self.written[self.seen..])))
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// All that was written since it was started, with what commands the terminal.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already, unless a test failed in between.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A text without sequences of control, and with the line ends of a file.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end =
            sequence.find(|c: char| c.is_ascii_alphabetic()).map_or(sequence.len(), |at| at + 1);
        rest = &sequence[end..];
    }
    plain.push_str(rest);
    plain.replace('\r', "")
}
