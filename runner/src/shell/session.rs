//! A session of the shell: from what is typed to what is shown.

use std::ops::ControlFlow;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use datafusion::common::runtime::SpawnedTask;
use datafusion::sql::parser::Statement;
use futures::FutureExt;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::commands::{self, Command};
use super::editor::{self, Lines, SharedNames, Typed};
use super::output::{Output, Sink};
use super::pager::Pager;
use super::split::{Part, is_word_to_leave, parts};
use super::{describe, history, names, terminal};
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::explore::{Explorer, TableInfo};
use crate::progress;
use crate::results::{ResultFormat, RowLimit, Shown, Style};
use crate::units::{bad_rows_left_out, counted};

/// What messages call the text that is typed.
const TYPED: &str = "sql";

/// How long an interrupted statement is waited for: so long it may compute without a pause.
const END_WITHIN: Duration = Duration::from_secs(5);

/// A file that runs itself would never end.
const INCLUDED_MAX: usize = 16;

/// How errors and notes are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) error: fn(&Error),
    pub(crate) note: fn(&str),
}

/// What a session begins with.
pub(crate) struct Setup {
    /// What there is to read.
    pub(crate) explorer: Explorer,
    /// The job, if there is one.
    pub(crate) job: Option<String>,
    /// Its target, as it is shown.
    pub(crate) target: Option<String>,
    /// How results are written.
    pub(crate) style: Style,
    /// The variables of the process.
    pub(crate) environment: Environment,
    /// How errors and notes are told.
    pub(crate) voice: Voice,
    /// Whether what is typed may have colours.
    pub(crate) with_colour: bool,
    /// Shows from now on how far a statement is, until something is shown or told.
    pub(crate) begin: Box<dyn Fn() + Send + Sync>,
}

/// Why nothing more of a text is run.
enum Stop {
    /// The user leaves.
    Leave,
    /// An error, which has been told.
    Failed,
}

type Flow = ControlFlow<Stop>;

/// A session.
struct Session {
    explorer: Arc<Explorer>,
    names: SharedNames,
    /// The tables whose names were collected last.
    collected: Option<Vec<TableInfo>>,
    collecting: Option<SpawnedTask<()>>,
    output: Output,
    is_timing: bool,
    interrupts: Signal,
    rejected: u64,
    voice: Voice,
    begin: Box<dyn Fn() + Send + Sync>,
}

/// Reads and runs statements and commands until the user leaves. Errors of statements are told and end nothing.
///
/// # Errors
/// A terminal that cannot be used.
pub(crate) async fn run(setup: Setup) -> Result<()> {
    let _as_it_was = terminal::Mode::now();
    let Setup { explorer, job, target, style, environment, voice, with_colour, begin } = setup;
    let interrupts = signal(SignalKind::interrupt())
        .map_err(|error| Error::failed("signals cannot be heard").source(error))?;
    let names = SharedNames::new(RwLock::default());
    let mut lines = Lines::open(editor::Setup {
        dialect: explorer.dialect(),
        names: Arc::clone(&names),
        history: history::file(&environment),
        with_colour,
    })?;
    let mut session = Session {
        explorer: Arc::new(explorer),
        names,
        collected: None,
        collecting: None,
        output: Output::new(style, Pager::of(&environment)),
        is_timing: false,
        interrupts,
        rejected: 0,
        voice,
        begin,
    };
    session.greet(job.as_deref(), target.as_deref())?;
    let prompt = format!("{}=> ", job.as_deref().unwrap_or("unglue"));
    loop {
        session.collect_names().await;
        match lines.next(&prompt).await? {
            Typed::Interrupted => {}
            Typed::End => break,
            Typed::Text(text) => {
                let flow = session.take(TYPED, &text, 0).await;
                if matches!(flow, Flow::Break(Stop::Leave)) {
                    break;
                }
            }
        }
    }
    session.end_file();
    Ok(())
}

/// What came of a statement.
struct Ran {
    sink: Sink,
    done: Result<Option<Shown>>,
    /// Whether rows were on their way to the sink.
    is_begun: bool,
    elapsed: Duration,
}

/// Runs a statement to its last row.
async fn ran(explorer: Arc<Explorer>, name: String, statement: Statement, mut sink: Sink) -> Ran {
    let begun = Instant::now();
    let answer = explorer.run(&name, statement).await;
    let is_begun = matches!(answer, Ok(Some(_)));
    let done = match answer {
        Ok(Some(answer)) => sink.write(answer).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    let elapsed = begun.elapsed();
    let done = sink.finish().and(done);
    Ran { sink, done, is_begun, elapsed }
}

impl Session {
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

    /// Collects the names that are completed, if there are other tables than before. Nobody waits for the target.
    async fn collect_names(&mut self) {
        let tables = self.explorer.tables();
        if self.collected.as_ref().is_some_and(|collected| *collected == tables) {
            return;
        }
        self.collected = Some(tables.clone());
        names::collect(&self.explorer, &tables, &self.names).await;
        let (explorer, names) = (Arc::clone(&self.explorer), Arc::clone(&self.names));
        // The one before ends with the handle.
        let collecting = names::collect_of_target(explorer, tables, names);
        self.collecting = Some(SpawnedTask::spawn(collecting));
    }

    /// Runs a text, part by part, up to the first error, which is told.
    async fn take(&mut self, name: &str, text: &str, depth: usize) -> Flow {
        if is_word_to_leave(text) {
            return Flow::Break(Stop::Leave);
        }
        if name == TYPED && text.trim_start().starts_with('.') {
            return self.told(commands::parse(text).map(|_| ()).map_err(Error::from));
        }
        for part in parts(self.explorer.dialect(), text) {
            match part {
                Part::Command(line) => Box::pin(self.command(&line, depth)).await?,
                Part::Statement(statement) => {
                    let done = self.statements(name, &statement).await;
                    self.told(done.map_err(|error| error.showing(name, text)))?;
                }
            }
        }
        Flow::Continue(())
    }

    fn told(&self, done: Result<()>) -> Flow {
        match done {
            Ok(()) => Flow::Continue(()),
            Err(error) => {
                (self.voice.error)(&error);
                Flow::Break(Stop::Failed)
            }
        }
    }

    async fn statements(&mut self, name: &str, text: &str) -> Result<()> {
        for statement in self.explorer.parse(name, text)? {
            self.statement(name, statement).await?;
        }
        Ok(())
    }

    /// Runs a statement, which an interrupt ends. It has a task of its own, so that an interrupt is heard while it computes.
    async fn statement(&mut self, name: &str, statement: Statement) -> Result<()> {
        // Those of before.
        while self.interrupts.recv().now_or_never().is_some() {}
        let work = ran(Arc::clone(&self.explorer), name.to_owned(), statement, self.output.take());
        (self.begin)();
        let mut task = tokio::spawn(work);
        let ran = tokio::select! {
            ran = &mut task => Some(ran),
            _ = self.interrupts.recv() => {
                task.abort();
                // With it go its rows in memory and on disk. It may have come to its end meanwhile.
                tokio::time::timeout(END_WITHIN, task).await.ok()
            }
        };
        progress::end();
        self.explorer.take_notes().iter().for_each(|note| (self.voice.note)(note));
        let Some(ran) = ran else {
            return Err(Error::failed("the statement was interrupted, and takes long to end")
                .hint("it ends in the background; leave the shell to end it at once"));
        };
        let Ran { sink, done, is_begun, elapsed } =
            ran.map_err(|error| match error.is_panic() {
                // It has been told of where it happened.
                true => Error::failed("the statement broke off"),
                false => Error::new(Kind::Failed, "the statement was interrupted").hint(
                    "its rows, if any were shown, are not all; a file for results is as it was",
                ),
            })?;
        if is_begun && done.is_err() {
            drop(sink);
        } else {
            let shown = done.as_ref().ok().copied().flatten();
            let cut = shown.and_then(|shown| sink.told_of(shown));
            let whole = self.output.give_back(sink, shown)?;
            cut.iter().chain(&whole).for_each(|told| (self.voice.note)(told));
        }
        let _shown = done?;
        self.note_rejected();
        if self.is_timing {
            let millis = elapsed.as_secs_f64() * 1000.0;
            self.output.show(&format!("time: {millis:.1} ms\n"))?;
        }
        Ok(())
    }

    /// Bad rows are counted once for each object, whichever statement read it first.
    fn note_rejected(&mut self) {
        let rejected = self.explorer.rejected();
        if rejected > self.rejected {
            (self.voice.note)(&bad_rows_left_out(rejected));
        }
        self.rejected = rejected;
    }

    fn end_file(&mut self) {
        match self.output.end_file() {
            Ok(told) => told.iter().for_each(|told| (self.voice.note)(told)),
            Err(error) => (self.voice.error)(&error),
        }
    }

    async fn command(&mut self, line: &str, depth: usize) -> Flow {
        let done = match commands::parse(line) {
            Ok(Command::Quit) => return Flow::Break(Stop::Leave),
            Ok(Command::Include(file)) if depth < INCLUDED_MAX => {
                match std::fs::read_to_string(&file) {
                    Ok(text) => return self.take(&file, &text, depth + 1).await,
                    Err(error) => Err(Error::usage(format!("{file} cannot be read")).source(error)),
                }
            }
            Ok(Command::Include(file)) => {
                Err(Error::usage(format!("{file} is run by a file that it runs")))
            }
            Ok(command) => self.obey(command).await,
            Err(error) => Err(error.into()),
        };
        self.told(done)
    }

    async fn obey(&mut self, command: Command) -> Result<()> {
        let said = match command {
            Command::List => describe::listing(&self.explorer.tables()),
            Command::Describe { table, is_full } => {
                // Messages name tables as they are typed, in quotes of any dialect.
                let described = self.explorer.describe(&table.replace('`', "\"")).await?;
                describe::details(&described, is_full)
            }
            Command::Timing(on) => {
                self.is_timing = on.unwrap_or(!self.is_timing);
                format!("timing is {}\n", on_or_off(self.is_timing))
            }
            Command::Expanded(on) => {
                let style = &mut self.output.style;
                style.expanded = on.unwrap_or(!style.expanded);
                format!("expanded display is {}\n", on_or_off(style.expanded))
            }
            Command::Format(name) => {
                if let Some(name) = name {
                    self.output.style.format = format_named(&name)?;
                }
                let format = self.output.style.format.to_possible_value();
                format!("format is {}\n", format.as_ref().map_or("", |value| value.get_name()))
            }
            Command::Rows(limit) => {
                if let Some(limit) = limit {
                    self.output.style.max_rows = limit
                        .parse()
                        .map_err(|error: &str| Error::usage(format!("\\rows {limit}: {error}")))?;
                }
                match self.output.style.max_rows {
                    RowLimit::All => "all rows are shown\n".to_owned(),
                    RowLimit::Rows(rows) => {
                        let are = if rows == 1 { "is" } else { "are" };
                        let rows = counted(rows as u64, "row");
                        format!("{rows} of a result {are} shown\n")
                    }
                }
            }
            Command::Output(Some(file)) => {
                let told = self.output.begin_file(&file)?;
                told.iter().for_each(|told| (self.voice.note)(told));
                format!("results go to {file}\n")
            }
            Command::Output(None) => {
                self.end_file();
                "results are shown here\n".to_owned()
            }
            Command::Refresh => self.refresh().await?,
            Command::Help => describe::help(),
            // Elsewhere.
            Command::Include(_) | Command::Quit => String::new(),
        };
        self.output.show(&said)
    }

    async fn refresh(&mut self) -> Result<String> {
        // The task that collects names is told to end, and may not have yet.
        (self.collecting, self.collected) = (None, None);
        while Arc::get_mut(&mut self.explorer).is_none() {
            tokio::task::yield_now().await;
        }
        let Some(explorer) = Arc::get_mut(&mut self.explorer) else { return Ok(String::new()) };
        Box::pin(explorer.refresh()).await?;
        explorer.notes().iter().for_each(|note| (self.voice.note)(note));
        Ok(counted(self.explorer.tables().len() as u64, "table") + "\n")
    }
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn format_named(name: &str) -> Result<ResultFormat> {
    ResultFormat::from_str(name, true).map_err(|_| {
        let formats = names::formats();
        let near = transforms::sql::nearest(name, formats.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        Error::usage(format!("there is no format `{name}`"))
            .hint(format!("{near}there are {}", formats.join(", ")))
    })
}

impl From<commands::NoCommand> for Error {
    fn from(error: commands::NoCommand) -> Self {
        Self::usage(error.message).hint(error.help)
    }
}
