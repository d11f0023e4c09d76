//! The command line.

mod app;
mod applied;
mod apply;
mod check;
mod completions;
mod doctor;
mod event;
mod explain_row;
mod fail;
mod file;
mod glue_args;
mod history;
mod import;
mod init;
mod invoke;
mod job_args;
mod loudness;
mod man;
mod mistyped;
mod names;
mod numbers;
mod output;
mod plan;
mod result_args;
mod routes;
mod row_args;
mod run;
mod schema;
mod sql;
mod status;
mod under_way;
mod version;
mod wish_args;
mod write;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::error::{Error, Kind};
use crate::progress;
use crate::telemetry::LogFormat;
use app::App;
use glue_args::GlueArg;
use loudness::Loudness;
use under_way::UnderWay;

pub use invoke::invoke;

/// How long interrupted work may take to end; whoever sent the signal may kill soon after (ECS: 30 s).
const LEAVE_WITHIN: Duration = Duration::from_secs(10);

/// The exit status of what a person ends.
const INTERRUPTED: u8 = 130;

/// The exit status of what ends because it was asked to.
const TERMINATED: u8 = 143;

/// The engine plans by recursion, a level for each operator and each part of a UNION; only what is used of it is taken from memory.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Keeps tables in MySQL equal to SQL over what AWS DMS staged.
///
/// A job is a folder: `sources.sql` declares the staged tables, every other .sql file is one SELECT and becomes one table,
/// `job.toml` names the target. Try it: `runner run --job load_sales`, then look at load_sales.db.
#[derive(Debug, Parser)]
#[command(name = "runner", version = version::SHORT, long_version = version::long(), max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    loudness: Loudness,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::RunArgs>),
    Plan(Box<plan::PlanArgs>),
    Apply(apply::ApplyArgs),
    Sql(sql::SqlArgs),
    History(history::HistoryArgs),
    ExplainRow(explain_row::ExplainRowArgs),
    Status(status::StatusArgs),
    Doctor(doctor::DoctorArgs),
    Init(init::InitArgs),
    Import(import::ImportArgs),
    Routes(routes::RoutesArgs),
    Check(check::CheckArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// What a signal means to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interrupt {
    /// It is how the command ends.
    Ends,
    /// Somebody has to know what became of the target.
    BreaksOffWriting,
    /// Nothing has changed.
    BreaksOff,
}

impl Command {
    /// What a signal means to it.
    fn interrupt(&self) -> Interrupt {
        match self {
            Self::Status(args) if args.is_watching() => Interrupt::Ends,
            Self::Run(_) | Self::Apply(_) => Interrupt::BreaksOffWriting,
            _ => Interrupt::BreaksOff,
        }
    }

    /// What to do about what stands in a staged object, if it does nothing but show it.
    fn bad_object(&self) -> Option<&'static str> {
        match self {
            Self::Sql(_) => Some(sql::BAD_OBJECT),
            Self::History(_) | Self::ExplainRow(_) => Some(AS_APPLIED),
            _ => None,
        }
    }
}

/// See [`Command::bad_object`].
const AS_APPLIED: &str = "correct the object, or its declaration in sources.sql; --as-of applied leaves out what is not applied yet";

/// Parses, runs and answers the exit status.
#[must_use]
pub fn main() -> ExitCode {
    let typed = std::env::args_os().collect();
    let app = App::from_process();
    let stop = heard(Arc::clone(&app.is_interrupt_taken));
    ExitCode::from(execute(typed, &app, stop, LEAVE_WITHIN))
}

/// The way of every command line: from what was typed to the exit status.
///
/// Work under way ends when `stop` does, with the exit status that it answers. Nothing that was begun is left afterwards, but for what
/// takes longer than `leave_within` to end.
fn execute(
    typed: Vec<OsString>,
    app: &App,
    stop: impl Future<Output = u8>,
    leave_within: Duration,
) -> u8 {
    let configured = app.configured();
    match glue_args::parse(typed.clone()) {
        Ok((cli, glue)) => match &configured {
            Ok(app) => begin(cli, glue, app, stop, leave_within),
            Err(error) => refuse_defaults(error, &typed, app),
        },
        // Help and version are no errors.
        Err(error) if !error.use_stderr() => {
            let _closed_pipe = error.print();
            0
        }
        Err(error) => {
            let error = mistyped::suggesting(error, &mut Cli::command(), &typed);
            refuse(&error, &typed, configured.as_ref().unwrap_or(app))
        }
    }
}

/// Runs a command; answers the exit status.
fn begin(
    cli: Cli,
    glue: Vec<GlueArg>,
    app: &App,
    stop: impl Future<Output = u8>,
    leave_within: Duration,
) -> u8 {
    let shown = cli.loudness.start_logging(app).and_then(|()| cli.loudness.shown(app));
    let app = &match shown {
        Ok(shown) => App { shown, ..app.clone() },
        Err(error) => return fail::print(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK_BYTES)
        .worker_threads(workers(app.cores))
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail::print(&Error::failed("the runtime cannot start").source(error)),
    };
    let interrupt = cli.command.interrupt();
    let work = dispatch(cli.command, glue, app.clone());
    let status = runtime.block_on(until(stop, work, interrupt));
    progress::end();
    // Before the time that is left after a signal is used up.
    if let Some(run) = app.run.get() {
        run.end(app, status);
    }
    // What was interrupted gets time to roll back and to remove its temporary files.
    runtime.shutdown_timeout(leave_within);
    status
}

/// How many threads take turns at tasks. A join without an equality computes for long between two pauses, on as many threads as there are
/// cores: interrupts, timers and connections need others.
fn workers(cores: usize) -> usize {
    2 * cores + 2
}

/// Tells what is wrong with a command line, in the format of which it can be told that it was asked for.
fn refuse(error: &clap::Error, typed: &[OsString], app: &App) -> u8 {
    let texts = || typed.iter().filter_map(|arg| arg.to_str().map(str::to_owned));
    let loudness = Loudness::of_format(typed_log_format(texts()));
    if let Err(error) = loudness.start_logging(app) {
        return fail::print(&error);
    }
    let is_run = glue_args::is_for(typed, "run") && !texts().any(|arg| arg == "--dry-run");
    let under_way = is_run.then(|| UnderWay::begin(app, "", None).ok()).flatten();
    let status = fail::usage(&without_values(&error.render().to_string(), texts()));
    if let Some(run) = under_way {
        run.end(app, status);
    }
    match glue_args::is_for(typed, "plan") && texts().any(|arg| arg == plan::DETAILED) {
        true => plan::USAGE,
        false => status,
    }
}

/// Tells what is wrong with the file of defaults, in the format of which it can be told that it was asked for.
fn refuse_defaults(error: &Error, typed: &[OsString], app: &App) -> u8 {
    let texts = typed.iter().filter_map(|arg| arg.to_str().map(str::to_owned));
    match Loudness::of_format(typed_log_format(texts)).start_logging(app) {
        Ok(()) => fail::print(error),
        Err(error) => fail::print(&error),
    }
}

/// The value of `--log-format` in a command line that is wrong.
fn typed_log_format(typed: impl Iterator<Item = String>) -> Option<LogFormat> {
    let typed: Vec<String> = typed.collect();
    let behind = typed.windows(2).filter(|pair| pair[0] == glue_args::LOG_FORMAT);
    let within =
        typed.iter().filter_map(|arg| arg.strip_prefix(glue_args::LOG_FORMAT)?.strip_prefix('='));
    let word = behind.map(|pair| pair[1].as_str()).chain(within).next_back()?;
    LogFormat::from_str(word, false).ok()
}

/// What was typed may be a URL with its password, or a variable's value, in a place where clap does not expect it.
fn without_values(text: &str, typed: impl Iterator<Item = String>) -> String {
    let mut text = text.to_owned();
    for arg in typed {
        let value = match arg.split_once('=') {
            Some((option, value)) if option.starts_with('-') => value,
            _ => arg.as_str(),
        };
        let end = value.find("://").map(|at| at + 3).or_else(|| value.find('=').map(|at| at + 1));
        if let Some((shown, _)) = end.and_then(|end| value.split_at_checked(end)) {
            text = text.replace(value, &format!("{shown}…"));
        }
    }
    text
}

async fn dispatch(command: Command, glue: Vec<GlueArg>, app: App) -> u8 {
    let bad_object = command.bad_object();
    // Futures of plans are large; on the heap they do not weigh on the stack.
    let done = match command {
        Command::Run(args) => Box::pin(run::exec(*args, &glue, &app)).await,
        Command::Plan(args) => match Box::pin(plan::exec(*args, &glue, &app)).await {
            Ok(status) => return status,
            Err(error) => Err(error),
        },
        Command::Apply(args) => Box::pin(apply::exec(args, &app)).await,
        Command::Sql(args) => Box::pin(sql::exec(args, &app)).await,
        Command::History(args) => Box::pin(history::exec(args, &app)).await,
        Command::ExplainRow(args) => Box::pin(explain_row::exec(args, &app)).await,
        Command::Status(args) => Box::pin(status::exec(args, &app)).await,
        Command::Doctor(args) => Box::pin(doctor::exec(args, &app)).await,
        Command::Init(args) => Box::pin(init::exec(args, &app)).await,
        Command::Import(args) => Box::pin(import::exec(args, &app)).await,
        Command::Routes(args) => Box::pin(routes::exec(args, &app)).await,
        Command::Check(args) => Box::pin(check::exec(args, &app)).await,
        Command::Schema(args) => schema::exec(&args),
        Command::Completions(args) => completions::exec(args, &app).await,
        Command::Man(args) => man::exec(&args),
    };
    match (done, bad_object) {
        (Ok(()), _) => 0,
        (Err(error), Some(step)) => fail::print_of_reader(&error, step),
        (Err(error), None) => fail::print(&error),
    }
}

/// An interrupted run leaves by its transaction not being committed; running again is safe.
///
/// The work has a task of its own, so that a signal is heard while it computes.
async fn until(
    stop: impl Future<Output = u8>,
    work: impl Future<Output = u8> + Send + 'static,
    interrupt: Interrupt,
) -> u8 {
    let mut work = tokio::spawn(work);
    let status = tokio::select! {
        done = &mut work => {
            // A panic has been told of where it happened.
            return done.unwrap_or_else(|_| Kind::Failed.exit_status());
        }
        status = stop => status,
    };
    work.abort();
    match interrupt {
        Interrupt::Ends if status == INTERRUPTED => 0,
        Interrupt::Ends => status,
        Interrupt::BreaksOffWriting => {
            fail::interrupted(status, "interrupted: nothing was half applied; run again")
        }
        Interrupt::BreaksOff => fail::interrupted(status, "interrupted"),
    }
}

/// Hears the signals that end a process on a thread of its own, since all others may be computing.
async fn heard(is_interrupt_taken: Arc<AtomicBool>) -> u8 {
    let (tell, told) = tokio::sync::oneshot::channel();
    let hearing = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        tell.send(runtime.block_on(signalled(is_interrupt_taken))).ok()
    });
    match (hearing, told.await) {
        (Ok(_goes_on), Ok(status)) => status,
        // Then they end the process as they do by themselves.
        _ => std::future::pending().await,
    }
}

/// Waits for the signals that end a process; answers the exit status of one that obeys. Where they cannot be heard, they end it at once.
/// An interrupt ends nothing as long as somebody else takes it.
async fn signalled(is_interrupt_taken: Arc<AtomicBool>) -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => if !is_interrupt_taken.load(Ordering::Relaxed) {
                return INTERRUPTED;
            },
            _ = terminate.recv() => return TERMINATED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_format_is_found_in_a_line_that_is_wrong() {
        for (typed, format) in [
            ("runner run --jb --log-format json", Some(LogFormat::Json)),
            ("runner --log-format=text run --jb", Some(LogFormat::Text)),
            ("runner run --log-format", None),
            ("runner run --log-format jsn", None),
        ] {
            let found = typed_log_format(typed.split(' ').map(str::to_owned));
            assert_eq!(found, format, "{typed}");
        }
    }

    #[test]
    fn values_that_were_typed_in_a_wrong_place_are_not_repeated() {
        for (typed, shown) in [
            ("mysql://me:s3cret@h/db", "mysql://…"),
            ("--lock-wait=mysql://me:s3cret@h/db", "mysql://…"),
            ("NAME=s3cret", "NAME=…"),
            ("plan", "plan"),
        ] {
            let said = typed.strip_prefix("--lock-wait=").unwrap_or(typed);
            let args = std::iter::once(typed.to_owned());
            let text = without_values(&format!("unexpected '{said}'"), args);
            assert_eq!(text, format!("unexpected '{shown}'"));
        }
    }
}
