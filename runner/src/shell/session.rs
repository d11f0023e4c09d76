//! A session of the shell: from what is typed to what is shown.

use std::ops::ControlFlow;
use std::sync::{Arc, RwLock};

use datafusion::common::runtime::SpawnedTask;
use futures::future::BoxFuture;

use super::editor::{self, Lines, SharedNames, Typed};
use super::interrupts::Interrupts;
use super::output::Output;
use super::pager::Pager;
use super::split::{Part, Word, meanwhile, parts, word};
use super::turn::Turn;
use super::{commands, describe, history, names, terminal};
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::explore::{Explorer, TableInfo};
use crate::results::{FileSink, Style};
use crate::units::counted;

/// What messages call the text that is typed.
const TYPED: &str = "sql";

/// How notes and errors that end nothing are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) error: fn(&Error),
    pub(crate) note: fn(&str),
}

/// What a session begins with.
pub(crate) struct Setup {
    /// What there is to read.
    pub(crate) explorer: Explorer,
    /// How results are written.
    pub(crate) style: Style,
    /// How errors and notes are told.
    pub(crate) voice: Voice,
    /// Shows from now on how far a statement is, until something is shown or told.
    pub(crate) begin: Box<dyn Fn() + Send + Sync>,
    /// Finds the names of all jobs.
    pub(crate) jobs: Box<dyn Fn() -> BoxFuture<'static, Result<Vec<String>>> + Send + Sync>,
}

/// What one who types has besides.
pub(crate) struct Person {
    /// The job, if there is one.
    pub(crate) job: Option<String>,
    /// Its target, as it is shown.
    pub(crate) target: Option<String>,
    /// The variables of the process.
    pub(crate) environment: Environment,
    /// Whether what is typed may have colours.
    pub(crate) with_colour: bool,
}

/// Why nothing more of a text is run.
pub(super) enum Stop {
    /// The user leaves.
    Leave,
    /// An error.
    Failed(Error),
}

pub(super) type Flow = ControlFlow<Stop>;

/// A session.
pub(super) struct Session {
    pub(super) explorer: Arc<Explorer>,
    pub(super) output: Output,
    pub(super) is_timing: bool,
    pub(super) interrupts: Interrupts,
    pub(super) rejected: u64,
    pub(super) voice: Voice,
    pub(super) begin: Box<dyn Fn() + Send + Sync>,
    pub(super) jobs: Box<dyn Fn() -> BoxFuture<'static, Result<Vec<String>>> + Send + Sync>,
    /// Whether somebody types: then it is told what commands have changed.
    pub(super) is_typed: bool,
    /// The statement that goes on behind a command which was typed in one of its lines.
    pub(super) begun: String,
    /// The names that are completed.
    pub(super) collected: Collected,
}

/// The names of what there is to read.
#[derive(Default)]
pub(super) struct Collected {
    names: SharedNames,
    /// The tables whose names were collected last.
    tables: Option<Vec<TableInfo>>,
    of_target: Option<SpawnedTask<()>>,
}

impl Collected {
    /// All is to be collected anew.
    pub(super) fn forget(&mut self) {
        (self.of_target, self.tables) = (None, None);
    }
}

/// Reads and runs statements and commands until the user leaves. Errors of statements are told and end nothing.
///
/// # Errors
/// A terminal that cannot be used.
pub(crate) async fn run(setup: Setup, person: Person) -> Result<()> {
    let _as_it_was = terminal::Mode::now();
    let Person { job, target, environment, with_colour } = person;
    let interrupts = Interrupts::heard()?;
    let names = SharedNames::new(RwLock::default());
    let mut lines = Lines::open(editor::Setup {
        dialect: setup.explorer.dialect(),
        names: Arc::clone(&names),
        history: history::file(&environment),
        with_colour,
    })?;
    let style = Style { more: "all with \\rows all", ..setup.style.clone() };
    let output = Output::new(style, Pager::of(&environment), None);
    let mut session = Session::new(setup, output, interrupts);
    session.is_typed = true;
    session.collected.names = names;
    session.greet(job.as_deref(), target.as_deref())?;
    let prompt = format!("{}=> ", job.as_deref().unwrap_or("unglue"));
    loop {
        session.collect_names().await;
        match lines.next(&prompt, std::mem::take(&mut session.begun)).await? {
            Typed::Interrupted => {}
            Typed::End => break,
            Typed::Text(text) => match session.take_typed(&text).await {
                Flow::Break(Stop::Leave) => break,
                Flow::Break(Stop::Failed(error)) => (session.voice.error)(&error),
                Flow::Continue(()) => {}
            },
        }
    }
    if let Err(error) = session.end_file() {
        (session.voice.error)(&error);
    }
    Ok(())
}

/// Runs texts, each with what messages call it, up to the first error. `file` takes all results; without one they go to stdout.
///
/// # Errors
/// Syntax errors of statements, before anything of their text has run; those of statements and commands, and of the file.
pub(crate) async fn run_texts(
    setup: Setup,
    texts: &[(String, String)],
    file: Option<FileSink>,
) -> Result<()> {
    let output = Output::new(setup.style.clone(), None, file);
    let mut session = Session::new(setup, output, Interrupts::unheard());
    for (name, text) in texts {
        session.check(name, text)?;
        match session.take(name, text, 0).await {
            Flow::Break(Stop::Leave) => break,
            Flow::Break(Stop::Failed(error)) => return Err(error),
            Flow::Continue(()) => {}
        }
    }
    session.end_file()
}

impl Session {
    fn new(setup: Setup, output: Output, interrupts: Interrupts) -> Self {
        let Setup { explorer, style: _, voice, begin, jobs } = setup;
        Self {
            explorer: Arc::new(explorer),
            output,
            is_timing: false,
            interrupts,
            rejected: 0,
            voice,
            begin,
            jobs,
            is_typed: false,
            begun: String::new(),
            collected: Collected::default(),
        }
    }

    fn greet(&self, job: Option<&str>, target: Option<&str>) -> Result<()> {
        let of_job = match (job, target) {
            (Some(job), Some(target)) => format!("{job} -> {target}, "),
            (Some(job), None) => format!("{job}, "),
            (None, _) => String::new(),
        };
        let tables = counted(self.explorer.tables().len() as u64, "table");
        let version = env!("CARGO_PKG_VERSION");
        self.output
            .show(&format!("Unglue {version}: {of_job}{tables}; \\? for help, \\q to leave\n"))
    }

    /// Collects the names that are completed, if there are other tables than before. Nobody waits for the target, and an interrupt ends
    /// the rest.
    async fn collect_names(&mut self) {
        let tables = self.explorer.tables();
        if self.collected.tables.as_ref().is_some_and(|collected| *collected == tables) {
            return;
        }
        self.collected.tables = Some(tables.clone());
        let (explorer, names) = (Arc::clone(&self.explorer), Arc::clone(&self.collected.names));
        let own = (Arc::clone(&explorer), tables.clone(), Arc::clone(&names));
        let collecting = async move { names::collect(&own.0, &own.1, &own.2).await };
        let _completed_less = self.interrupts.or(collecting, &Turn::default()).await;
        // The one before ends with the handle.
        let collecting = names::collect_of_target(explorer, tables, names);
        self.collected.of_target = Some(SpawnedTask::spawn(collecting));
    }

    /// Checks the syntax of a text's statements.
    ///
    /// # Errors
    /// The first error.
    fn check(&self, name: &str, text: &str) -> Result<()> {
        if word(text).is_some() || is_with_point(text) {
            return Ok(());
        }
        for part in parts(self.explorer.dialect(), text) {
            if let Part::Statement { text: statement, .. } = part {
                let parsed = self.explorer.parse(name, &statement);
                let _statements = parsed.map_err(|error| of_statement(error, name, text))?;
            }
        }
        Ok(())
    }

    /// Runs what was typed. Of a statement that goes on only the command in its last line.
    async fn take_typed(&mut self, text: &str) -> Flow {
        let Some((begun, command)) = meanwhile(self.explorer.dialect(), text) else {
            return self.take(TYPED, text, 0).await;
        };
        begun.clone_into(&mut self.begun);
        self.take(TYPED, command, 0).await
    }

    /// Runs a text, part by part, up to the first error.
    pub(super) async fn take(&mut self, name: &str, text: &str, depth: usize) -> Flow {
        match word(text).filter(|_| depth == 0) {
            Some(Word::Leave) => return Flow::Break(Stop::Leave),
            Some(Word::Help) => return told(self.output.show(&describe::help())),
            None => {}
        }
        if depth == 0 && is_with_point(text) {
            return told(commands::parse(text).map(|_| ()).map_err(Error::from));
        }
        for part in parts(self.explorer.dialect(), text) {
            match part {
                Part::Command(line) => Box::pin(self.command(&line, depth)).await?,
                Part::Statement { text: statement, is_expanded } => {
                    let before = self.output.style.expanded;
                    self.output.style.expanded |= is_expanded;
                    let done = self.statements(name, &statement).await;
                    self.output.style.expanded = before;
                    told(done.map_err(|error| of_statement(error, name, text)))?;
                }
            }
        }
        Flow::Continue(())
    }

    fn end_file(&mut self) -> Result<()> {
        let told = self.output.end_file()?;
        told.iter().for_each(|told| (self.voice.note)(told));
        Ok(())
    }
}

/// An error of a statement with the line that it is in. What is wrong in it no job is asked about.
fn of_statement(error: Error, name: &str, text: &str) -> Error {
    let error = error.showing(name, text);
    match error.kind() {
        Kind::Usage => {
            error.or_hint("correct the statement; docs/exploring.md tells what there is")
        }
        _ => error,
    }
}

/// Whether a text begins as commands of other shells do, and no SQL.
fn is_with_point(text: &str) -> bool {
    text.trim_start().starts_with('.')
}

/// An error ends what is run.
pub(super) fn told(done: Result<()>) -> Flow {
    match done {
        Ok(()) => Flow::Continue(()),
        Err(error) => Flow::Break(Stop::Failed(error)),
    }
}
