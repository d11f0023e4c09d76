//! The command line.

mod app;
mod delta_counts;
mod doctor;
mod event;
mod fail;
mod file;
mod glue_args;
mod import;
mod init;
mod job_args;
mod plan;
mod run;
mod sql;
mod status;
mod wish_args;
mod write;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::telemetry;
use app::App;
use glue_args::GlueArg;

/// How long interrupted work may take to end; whoever sent the signal may kill soon after (ECS: 30 s).
const LEAVE_WITHIN: Duration = Duration::from_secs(10);

/// The engine plans by recursion, a level for each operator and each part of a UNION; only what is used of it is taken from memory.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Keeps tables in MySQL equal to SQL over what AWS DMS staged.
///
/// A job is a folder: `sources.sql` declares the staged tables, every other .sql file is one SELECT and becomes one table,
/// `job.toml` names the target. Try it: `runner run --job load_sales`, then look at load_sales.db.
#[derive(Debug, Parser)]
#[command(name = "runner", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say more on stderr: -v what happens, -vv every object and statement
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::RunArgs>),
    Plan(plan::PlanArgs),
    Sql(sql::SqlArgs),
    Status(status::StatusArgs),
    Doctor(doctor::DoctorArgs),
    Init(init::InitArgs),
    Import(import::ImportArgs),
}

/// Parses, runs and answers the exit status.
#[must_use]
pub fn main() -> ExitCode {
    let (cli, glue) = match glue_args::parse(std::env::args_os().collect()) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are no errors.
            if !error.use_stderr() {
                let _closed_pipe = error.print();
                return ExitCode::SUCCESS;
            }
            let typed = std::env::args_os().filter_map(|arg| arg.into_string().ok());
            fail::to_stderr(&without_values(&error.render().to_string(), typed));
            return ExitCode::from(2);
        }
    };
    let app = App::from_process();
    telemetry::init(cli.verbose, app.variable("RUST_LOG").as_deref());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail::print(&Error::failed("the runtime cannot start").source(error)),
    };
    let status = runtime.block_on(until_signalled(dispatch(cli.command, glue, app)));
    // What was interrupted gets time to roll back and to remove its temporary files.
    runtime.shutdown_timeout(LEAVE_WITHIN);
    status
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

async fn dispatch(command: Command, glue: Vec<GlueArg>, app: App) -> ExitCode {
    // Futures of plans are large; on the heap they do not weigh on the stack.
    let done = match command {
        Command::Run(args) => Box::pin(run::exec(*args, &glue, &app)).await,
        Command::Plan(args) => Box::pin(plan::exec(args, &glue, &app)).await,
        Command::Sql(args) => Box::pin(sql::exec(args, &app)).await,
        Command::Status(args) => Box::pin(status::exec(args, &app)).await,
        Command::Doctor(args) => Box::pin(doctor::exec(args, &app)).await,
        Command::Init(args) => Box::pin(init::exec(args, &app)).await,
        Command::Import(args) => Box::pin(import::exec(args, &app)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail::print(&error),
    }
}

/// An interrupted run leaves by its transaction not being committed; running again is safe.
///
/// The work has a task of its own, so that a signal is heard while it computes.
async fn until_signalled(work: impl Future<Output = ExitCode> + Send + 'static) -> ExitCode {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return work.await;
    };
    let mut work = tokio::spawn(work);
    let status = tokio::select! {
        done = &mut work => {
            return done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        }
        _ = interrupt.recv() => 130,
        _ = terminate.recv() => 143,
    };
    work.abort();
    fail::interrupted(status)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
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
