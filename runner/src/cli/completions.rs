//! `runner completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, write};
use crate::error::{Error, Result};

/// Print the script with which a shell completes commands and options.
///
/// bash: runner completions bash > ~/.local/share/bash-completion/completions/runner; zsh: a file _runner in a folder of $fpath;
/// fish: runner completions fish > ~/.config/fish/completions/runner.fish
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(super) fn exec(args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "runner", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Error::failed("the script is not UTF-8").source(error))?;
    write::stdout(&script)
}
