//! `runner completions`.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::app::App;
use super::{Cli, names, write};
use crate::error::{Error, Result};

/// Print the script with which a shell completes commands and options.
///
/// bash: runner completions bash > ~/.local/share/bash-completion/completions/runner; zsh: a file _runner in a folder of $fpath;
/// fish: runner completions fish > ~/.config/fish/completions/runner.fish. These three also complete the names of jobs, and of a
/// job's tables, from a local folder of jobs.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, required_unless_present = "list")]
    shell: Option<Shell>,
    /// What the scripts ask for: the names of jobs or tables that fit the words of a command line
    #[arg(long, value_enum, hide = true, conflicts_with = "shell")]
    list: Option<Names>,
    /// The words of a command line
    #[arg(last = true, hide = true, requires = "list", allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Names that are completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Names {
    /// Of jobs, behind `--job`.
    Jobs,
    /// Of a job's tables, behind `--table`.
    Tables,
}

/// Runs the command.
pub(super) async fn exec(args: CompletionsArgs, app: &App) -> Result<()> {
    if let Some(list) = args.list {
        let names = names::fitting(list, &args.words, app).await?;
        return write::stdout(&names.iter().map(|name| format!("{name}\n")).collect::<String>());
    }
    let Some(shell) = args.shell else { return Ok(()) };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "runner", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Error::failed("the script is not UTF-8").source(error))?;
    write::stdout(&asking(shell, &script))
}

/// The script, which asks the program for the names of jobs and tables where the generator knows nothing but files.
fn asking(shell: Shell, script: &str) -> String {
    let mut script = script.to_owned();
    if shell == Shell::Bash {
        // bash takes `=` for a word: `--job=x` is three.
        let behind_sign = "    if [[ \"${prev}\" == \"=\" ]]; then\n        prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n    fi\n";
        let previous = "    prev=\"$3\"\n";
        script = script.replacen(previous, &format!("{previous}{behind_sign}"), 1);
    }
    for (option, list, value) in [("job", "jobs", "JOB"), ("table", "tables", "TABLE")] {
        match shell {
            Shell::Bash => {
                let case = format!("                --{option})\n                    COMPREPLY=(");
                let files = format!("{case}$(compgen -f \"${{cur}}\"))");
                let asked = format!(
                    "{case}$(compgen -W \"$(\"$1\" completions --list {list} -- \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\" 2>/dev/null)\" -- \"${{cur}}\"))"
                );
                script = script.replace(&files, &asked);
            }
            Shell::Zsh => {
                script = script
                    .replace(&format!(":{value}:_default'"), &format!(":{value}:_runner_{list}'"));
                let asked = format!(
                    "_runner_{list}() {{\n    compadd -- ${{(f)\"$(runner completions --list {list} -- ${{words[2,CURRENT-1]}} 2>/dev/null)\"}}\n}}\n\n"
                );
                script = script.replacen("_runner() {\n", &format!("{asked}_runner() {{\n"), 1);
            }
            Shell::Fish => {
                let is_of = |line: &str| line.contains(&format!("\" -l {option} "));
                let asked = format!(
                    " -f -a '(runner completions --list {list} -- (commandline -opc)[2..] 2>/dev/null)'"
                );
                let lines = script.lines().map(|line| match is_of(line) {
                    true => format!("{line}{asked}\n"),
                    false => format!("{line}\n"),
                });
                script = lines.collect();
            }
            _ => {}
        }
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_for_a_job_or_a_table_asks_for_names() {
        for (shell, files) in [
            (Shell::Bash, "--job)\n                    COMPREPLY=($(compgen -f"),
            (Shell::Zsh, ":JOB:_default"),
            (Shell::Fish, "-l job -d 'The job: the name of its folder' -r\n"),
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "runner", &mut script);
            let script = String::from_utf8(script).unwrap();
            let count = script.matches(files).count();
            assert!(count > 3, "{shell}: {count}");
            let asking = asking(shell, &script);
            assert_eq!(asking.matches(files).count(), 0, "{shell}");
            for list in ["jobs", "tables"] {
                assert!(asking.contains(&format!("completions --list {list} -- ")), "{shell}");
            }
        }
    }
}
