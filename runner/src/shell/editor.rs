//! The line that is typed: a thread of its own on which the editor waits for keys.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, mpsc};

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};
use transforms::sql::Dialect;

use super::completion::{Completion, Names, complete};
use super::highlight::highlighted;
use super::{history, split};
use crate::error::{Error, Result};

/// The names that are completed; the shell writes them, the editor reads them.
pub(super) type SharedNames = Arc<RwLock<Names>>;

/// What the editor needs to know.
pub(super) struct Setup {
    pub(super) dialect: Dialect,
    pub(super) names: SharedNames,
    /// The file of the history, if there is one.
    pub(super) history: Option<PathBuf>,
    pub(super) with_colour: bool,
}

/// What came of a prompt.
#[derive(Debug)]
pub(super) enum Typed {
    /// A text that is complete.
    Text(String),
    /// Ctrl-C: what was typed is forgotten.
    Interrupted,
    /// Ctrl-D, or a terminal that is gone.
    End,
}

/// What is asked for: a prompt, and the text that is there already.
struct Asked {
    prompt: String,
    begun: String,
}

/// The editor, from the outside: it waits for keys on its own thread, so that signals are heard meanwhile.
pub(super) struct Lines {
    prompts: mpsc::SyncSender<Asked>,
    typed: tokio::sync::mpsc::Receiver<Result<Typed>>,
}

impl Lines {
    /// Starts the thread. It ends when this is dropped, or with the process if it waits for keys then.
    ///
    /// # Errors
    /// A terminal that cannot be used.
    pub(super) fn open(setup: Setup) -> Result<Self> {
        let mut editor = editor(&setup).map_err(|error| unusable(&error))?;
        let (prompts, asked) = mpsc::sync_channel::<Asked>(1);
        let (answers, typed) = tokio::sync::mpsc::channel(1);
        let waiting = move || {
            let mut history = setup.history;
            if let Some(file) = &history {
                history::load(&mut editor, file);
            }
            for asked in asked {
                let line = read(&mut editor, &asked);
                if let Ok(Typed::Text(text)) = &line
                    // A statement that goes on is kept when it ends.
                    && split::meanwhile(setup.dialect, text).is_none()
                    && history::keep(&mut editor, history.as_deref(), text).is_err()
                {
                    // A home that cannot be written to is no reason to disturb.
                    history = None;
                }
                if answers.blocking_send(line).is_err() {
                    return;
                }
            }
        };
        let spawned = std::thread::Builder::new().name("shell".to_owned()).spawn(waiting);
        let _it_ends_by_itself = spawned
            .map_err(|error| Error::failed("the shell's editor cannot start").source(error))?;
        Ok(Self { prompts, typed })
    }

    /// Asks for a text, which may have been begun.
    ///
    /// # Errors
    /// A terminal that cannot be read.
    pub(super) async fn next(&mut self, prompt: &str, begun: String) -> Result<Typed> {
        if self.prompts.send(Asked { prompt: prompt.to_owned(), begun }).is_err() {
            return Ok(Typed::End);
        }
        self.typed.recv().await.unwrap_or(Ok(Typed::End))
    }
}

fn editor(setup: &Setup) -> rustyline::Result<Editor<SqlHelper, FileHistory>> {
    let config = Config::builder()
        .max_history_size(history::ENTRIES_MAX)?
        .history_ignore_space(true)
        .history_ignore_dups(true)?
        .completion_type(rustyline::CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .bell_style(rustyline::config::BellStyle::None)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(SqlHelper {
        dialect: setup.dialect,
        names: Arc::clone(&setup.names),
        files: FilenameCompleter::new(),
        with_colour: setup.with_colour,
    }));
    Ok(editor)
}

fn read(editor: &mut Editor<SqlHelper, FileHistory>, asked: &Asked) -> Result<Typed> {
    match editor.readline_with_initial(&asked.prompt, (&asked.begun, "")) {
        Ok(text) => Ok(Typed::Text(text)),
        Err(ReadlineError::Interrupted) => Ok(Typed::Interrupted),
        Err(ReadlineError::Eof) => Ok(Typed::End),
        Err(error) => Err(unusable(&error)),
    }
}

fn unusable(error: &ReadlineError) -> Error {
    Error::failed(format!("the terminal cannot be used: {error}"))
        .hint("give the SQL with -c, -f or on stdin")
}

/// What the editor asks while keys are typed.
pub(super) struct SqlHelper {
    dialect: Dialect,
    names: SharedNames,
    files: FilenameCompleter,
    with_colour: bool,
}

impl Helper for SqlHelper {}

impl Completer for SqlHelper {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        match complete(self.dialect, line, pos, &names) {
            Completion::File => self.files.complete_path(line, pos),
            Completion::Words { start, words } => {
                let pair =
                    |word: String| Pair { display: word.trim_end().to_owned(), replacement: word };
                Ok((start, words.into_iter().map(pair).collect()))
            }
        }
    }
}

impl Validator for SqlHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match split::is_complete(self.dialect, context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Highlighter for SqlHelper {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        match self.with_colour {
            true => Cow::Owned(highlighted(self.dialect, line)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.with_colour {
            true => Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m")),
            false => Cow::Borrowed(hint),
        }
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        self.with_colour && kind != CmdKind::MoveCursor
    }
}

/// Says in an empty last line what the statement still lacks.
pub(super) struct Unfinished;

impl Hint for Unfinished {
    fn display(&self) -> &'static str {
        "-- goes on until ;"
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for SqlHelper {
    type Hint = Unfinished;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Unfinished> {
        let is_in_empty_last_line = pos == line.len() && line.ends_with('\n');
        (is_in_empty_last_line && !split::is_complete(self.dialect, line)).then_some(Unfinished)
    }
}
