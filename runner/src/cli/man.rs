//! `runner man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{Cli, write};
use crate::error::{Error, Result};

/// Print the manual page of the program or of a command, or write all pages.
///
/// To read one: runner man run | man -l -
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The command whose page is printed. Default: the page of the program
    #[arg(conflicts_with = "out")]
    command: Option<String>,
    /// The folder that all pages are written into: runner.1, runner-run.1 and so on
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// With the usage that `--help` tells as the synopsis, which else names all options and none of their values.
fn with_usage(mut command: clap::Command) -> clap::Command {
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).trim().to_owned();
    command.override_usage(usage)
}

/// A page, which says what it is of: a command has no version of its own.
fn page(command: clap::Command) -> Man {
    Man::new(command).source(concat!("runner ", env!("CARGO_PKG_VERSION")))
}

/// Runs the command.
pub(super) fn exec(args: &ManArgs) -> Result<()> {
    let mut cli = Cli::command();
    cli.build();
    let cli = with_usage(cli).mut_subcommands(with_usage);
    if let Some(folder) = &args.out {
        let pages = cli.get_subcommands().filter(|command| !command.is_hide_set());
        let mut pages = std::iter::once(&cli).chain(pages).map(|command| page(command.clone()));
        return pages.try_for_each(|page| page.generate_to(folder).map(|_path| ())).map_err(
            |error| {
                Error::usage(format!("{} cannot be written", folder.display()))
                    .hint("--out is a folder that is there")
                    .source(error)
            },
        );
    }
    let command = match &args.command {
        None => cli,
        Some(name) => {
            let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
            cli.find_subcommand(name).cloned().ok_or_else(|| {
                Error::usage(format!("there is no command `{name}`"))
                    .hint(format!("there are {}", names.join(", ")))
            })?
        }
    };
    let mut text = Vec::new();
    let rendered = page(command).render(&mut text);
    rendered.map_err(|error| Error::failed("the page cannot be made").source(error))?;
    write::stdout(&String::from_utf8_lossy(&text))
}
