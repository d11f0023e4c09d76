//! The shell of `runner sql`: statements and commands that are typed, one after the other.
//!
//! ```text
//! keys (editor: completion, highlight, history) -> text -> parts (split) -> a command (commands) or a statement
//!   -> Explorer -> rows -> screen or pager (pager), or a file (output)
//! ```
//!
//! The editor waits for keys on a thread of its own. An interrupt ends the statement that runs, and not the shell; while a pager has the
//! terminal, it is waited for. Texts that are not typed take the same way from `parts` on.

mod commands;
mod completion;
mod describe;
mod editor;
mod highlight;
mod history;
mod interrupts;
mod lex;
mod names;
mod obey;
mod output;
mod pager;
mod session;
mod split;
mod statement;
mod terminal;
mod turn;
mod words;

pub(crate) use obey::unreadable;
pub(crate) use session::{Person, Setup, Voice, run, run_texts};
