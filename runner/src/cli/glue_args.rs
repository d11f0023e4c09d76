//! Arguments of AWS Glue's jobs, so that a job's caller need not change.
//!
//! A Glue job takes any argument, `--name value` or `--name=value`, and its script asks for those that it wants
//! (getResolvedOptions). Here the job's files ask, as `${name}`; what they do not ask for is a mistake, unless it is one of Glue's
//! own arguments, which say nothing of what is computed.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use transforms::sql::nearest;

use super::{Cli, fail};
use crate::error::{Error, Result};
use crate::glue;

/// An option of all commands that has a value.
pub(super) const LOG_FORMAT: &str = "--log-format";

/// All of these options.
const VALUED: [&str; 2] = [LOG_FORMAT, "--progress"];

/// The commands that take them.
const COMMANDS: [&str; 2] = ["run", "plan"];

/// An argument that is none of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GlueArg {
    /// Without the dashes.
    pub(super) name: String,
    pub(super) value: Option<String>,
}

/// Parses a command line.
///
/// # Errors
/// Those of clap. If an option is missing and what was taken for Glue's looks like one, the error is of the line as it was typed.
pub(super) fn parse(typed: Vec<OsString>) -> std::result::Result<(Cli, Vec<GlueArg>), clap::Error> {
    let mut command = Cli::command();
    let (own, taken) = divide(&typed, &mut command);
    let read = |line: Vec<OsString>| {
        let mut matches = Cli::command().try_get_matches_from(line)?;
        Cli::from_arg_matches_mut(&mut matches)
    };
    let is_mistyped = |arg: &GlueArg| {
        let known = || command.get_subcommands().filter(|one| COMMANDS.contains(&one.get_name()));
        !glue::is_own(&arg.name) && known().any(|one| alike(&arg.name, &options(one)).is_some())
    };
    match read(own) {
        Ok(cli) => Ok((cli, taken)),
        Err(error)
            if error.kind() == ErrorKind::MissingRequiredArgument
                && taken.iter().any(is_mistyped) =>
        {
            Err(read(typed).err().unwrap_or(error))
        }
        Err(error) => Err(error),
    }
}

fn alike<'a>(name: &str, options: &'a [String]) -> Option<&'a str> {
    nearest(name, options.iter().map(String::as_str))
}

/// What clap knows, and what it does not know.
fn divide(typed: &[OsString], command: &mut clap::Command) -> (Vec<OsString>, Vec<GlueArg>) {
    command.build();
    let texts: Vec<Option<&str>> = typed.iter().map(|arg| arg.to_str()).collect();
    let at = command_at(&texts);
    let name = at.and_then(|at| texts.get(at + 1).copied().flatten());
    let known = name.filter(|name| COMMANDS.contains(name)).and_then(|name| {
        let command = command.find_subcommand(name)?;
        Some(options(command))
    });
    let (Some(known), Some(at)) = (known, at) else { return (typed.to_vec(), Vec::new()) };
    let (mut own, mut taken) = (Vec::new(), Vec::new());
    let mut rest = typed.iter().zip(&texts).enumerate().peekable();
    while let Some((index, (arg, text))) = rest.next() {
        let option = text.and_then(|text| text.strip_prefix("--")).filter(|name| !name.is_empty());
        let Some(option) = option.filter(|_| index > at + 1) else {
            own.push(arg.clone());
            continue;
        };
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        if known.iter().any(|known| known == name) {
            own.push(arg.clone());
            continue;
        }
        let is_value = |text: Option<&str>| {
            text.is_some_and(|text| !text.starts_with("--") && !is_short(text))
        };
        let value = match rest.peek() {
            Some((_, (_, next))) if value.is_none() && is_value(**next) => {
                rest.next().and_then(|(_, (_, text))| text.map(str::to_owned))
            }
            _ => value,
        };
        taken.push(GlueArg { name: name.to_owned(), value });
    }
    (own, taken)
}

/// Where the command stands, counted from the first argument: what is no option, and no value of one that all commands have.
fn command_at(typed: &[Option<&str>]) -> Option<usize> {
    let before = |index: usize| typed.get(index).copied().flatten();
    typed.iter().skip(1).enumerate().position(|(index, arg)| {
        arg.is_some_and(|arg| !arg.starts_with('-'))
            && before(index).is_none_or(|before| !VALUED.contains(&before))
    })
}

/// Whether a command line asks for this command, whatever else is wrong with it.
pub(super) fn is_for(typed: &[OsString], command: &str) -> bool {
    let texts: Vec<Option<&str>> = typed.iter().map(|arg| arg.to_str()).collect();
    command_at(&texts).and_then(|at| texts.get(at + 1)) == Some(&Some(command))
}

/// Whether an argument is `-v`, as often as it may be written, `-q` or `-h`.
fn is_short(text: &str) -> bool {
    let letters = text.strip_prefix('-').filter(|letters| !letters.is_empty());
    letters.is_some_and(|letters| {
        ["h", "q"].contains(&letters) || letters.bytes().all(|byte| byte == b'v')
    })
}

/// The names of a command's options.
fn options(command: &clap::Command) -> Vec<String> {
    let mut names = Vec::new();
    for arg in command.get_arguments() {
        names.extend(arg.get_long().map(str::to_owned));
        names.extend(arg.get_all_aliases().into_iter().flatten().map(str::to_owned));
    }
    names
}

/// The variables that arguments give. The last one of a name holds, as in Python.
pub(super) fn variable<'a>(args: &'a [GlueArg], name: &str) -> Option<&'a str> {
    args.iter().rev().find(|arg| glue::variable(&arg.name) == name)?.value.as_deref()
}

/// Notes which arguments mean nothing here.
///
/// # Errors
/// Kind `Usage` for one that no file of the job asks for and that is none of Glue's own, and for one that a file asks for and that
/// has no value.
pub(super) fn check(args: &[GlueArg], command: &str, asks: &dyn Fn(&str) -> bool) -> Result<()> {
    let mut ignored: Vec<String> = Vec::new();
    for GlueArg { name, value } in args {
        let variable = glue::variable(name);
        let option = format!("--{name}");
        match (asks(&variable), value) {
            (true, Some(_)) => {}
            (true, None) => {
                let message =
                    format!("{option} has no value, and the job asks for ${{{variable}}}");
                return Err(Error::usage(message).hint(format!("write {option} VALUE")));
            }
            (false, _) if glue::is_bookmark(name) => {}
            (false, _) if ignored.contains(&option) => {}
            (false, _) if glue::is_own(name) => ignored.push(option),
            // A plan looks at all that is pending, whatever an event tells of.
            (false, _) if command == "plan" && name.starts_with("s3_target_path_") => {
                ignored.push(option);
            }
            (false, _) => return Err(unknown(&option, &variable, command)),
        }
    }
    if !ignored.is_empty() {
        fail::note(&format!("ignored, since without meaning here: {}", ignored.join(", ")));
    }
    Ok(())
}

fn unknown(option: &str, variable: &str, command: &str) -> Error {
    let mut cli = Cli::command();
    cli.build();
    let known = cli.find_subcommand(command).map(options).unwrap_or_default();
    let or = alike(option.trim_start_matches('-'), &known)
        .map(|near| format!("did you mean --{near}? "))
        .unwrap_or_default();
    Error::usage(format!("unexpected argument {option}")).hint(format!(
        "{or}An argument of a Glue job is taken if a file of the job has it as a variable: ${{{variable}}}"
    ))
}

/// What `--job-bookmark-option` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bookmark {
    /// Apply what is pending.
    Advance,
    /// Show what is pending, and leave it so.
    Pause,
}

/// Reads `--job-bookmark-option` and what belongs to it.
///
/// # Errors
/// Kind `Usage` for a value that Glue does not have, and for a range of runs.
pub(super) fn bookmark(args: &[GlueArg]) -> Result<Bookmark> {
    let value = |name: &str| args.iter().rev().find(|arg| arg.name == name);
    let option = value("job-bookmark-option").or_else(|| value("continuation-option"));
    let word = option.map(|arg| arg.value.as_deref().unwrap_or_default());
    let paused = matches!(word, Some("job-bookmark-pause" | "continuation-readonly"));
    let range =
        ["job-bookmark-from", "job-bookmark-to"].into_iter().find(|name| value(name).is_some());
    match (range, paused) {
        (Some(name), true) => {
            return Err(Error::usage(format!("--{name} is not supported")).hint(
                "the ledger knows which objects were applied, not what was pending before a run of Glue; `runner plan` shows what is pending now",
            ));
        }
        (Some(name), false) => {
            return Err(Error::usage(format!("--{name} goes with job-bookmark-pause alone"))
                .hint("leave it out: a run applies what is pending, in order"));
        }
        (None, _) => {}
    }
    match word {
        None | Some("job-bookmark-enable" | "continuation-enabled") => Ok(Bookmark::Advance),
        Some("job-bookmark-disable" | "continuation-ignore") => {
            fail::note(
                "job-bookmark-disable lets a Glue job read all objects in each run; here the ledger tells which are applied, and the tables are the same",
            );
            Ok(Bookmark::Advance)
        }
        Some(_) if paused => {
            fail::note(
                "job-bookmark-pause: nothing is written, since rows and ledger are one transaction; this is what a run would do",
            );
            Ok(Bookmark::Pause)
        }
        Some(_) => Err(Error::usage("--job-bookmark-option has a value that Glue does not have")
            .hint("it is job-bookmark-enable, job-bookmark-disable or job-bookmark-pause")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    fn args(pairs: &[(&str, Option<&str>)]) -> Vec<GlueArg> {
        let arg = |(name, value): &(&str, Option<&str>)| GlueArg {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
        };
        pairs.iter().map(arg).collect()
    }

    #[test]
    fn what_is_not_our_own_is_taken_with_its_value() {
        let typed = line(
            "runner -v run --JOB_NAME j --day 2026-01-01 --enable-metrics -vv --a=b=c --shift -5 --output json --x",
        );
        let (own, taken) = divide(&typed, &mut Cli::command());
        assert_eq!(own, line("runner -v run --JOB_NAME j -vv --output json"));
        let expected = [
            ("day", Some("2026-01-01")),
            ("enable-metrics", None),
            ("a", Some("b=c")),
            ("shift", Some("-5")),
            ("x", None),
        ];
        assert_eq!(taken, args(&expected));
        assert_eq!(variable(&taken, "a"), Some("b=c"));
    }

    #[test]
    fn the_format_of_logs_may_stand_before_the_command_and_behind_it() {
        for typed in [
            "runner --log-format json run --job j --day 1",
            "runner --log-format=json run --job j --day 1",
            "runner run --job j --day 1 --log-format json",
        ] {
            let (own, taken) = divide(&line(typed), &mut Cli::command());
            assert_eq!(own.len(), line(typed).len() - 2, "{own:?}");
            assert_eq!(taken, args(&[("day", Some("1"))]));
            assert!(is_for(&line(typed), "run") && !is_for(&line(typed), "plan"));
        }
    }

    #[test]
    fn other_commands_take_none() {
        for typed in ["runner status --job j --day 1", "runner --day 1", "runner"] {
            let typed = line(typed);
            assert_eq!(divide(&typed, &mut Cli::command()), (typed.clone(), Vec::new()));
        }
    }

    #[test]
    fn the_last_one_of_a_name_holds_and_dashes_are_underscores() {
        let args = args(&[("min-total", Some("1")), ("min_total", Some("2"))]);
        assert_eq!(variable(&args, "min_total"), Some("2"));
        assert_eq!(variable(&args, "min-total"), None);
    }

    #[test]
    fn a_typing_error_is_told_as_one() {
        let error = parse(line("runner run --jb j")).err().unwrap().to_string();
        assert!(error.contains("unexpected argument '--jb'"), "{error}");
        for typed in ["runner run --TempDir x", "runner run --day 1"] {
            let error = parse(line(typed)).err().unwrap().to_string();
            assert!(error.contains("--job"), "{error}");
        }
        let asks = |name: &str| name == "day";
        let error = check(&args(&[("output-formt", Some("json"))]), "run", &asks).unwrap_err();
        assert_eq!(error.to_string(), "unexpected argument --output-formt");
        let hint = error.next_step().unwrap();
        assert!(hint.starts_with("did you mean --output?"), "{hint}");
        assert!(check(&args(&[("day", None)]), "run", &asks).is_err());
        check(&args(&[("day", Some("")), ("TempDir", None)]), "run", &asks).unwrap();
    }

    #[test]
    fn bookmarks_are_what_the_ledger_makes_of_them() {
        let option = |value| ("job-bookmark-option", Some(value));
        for (given, expected) in [
            (&[][..], Some(Bookmark::Advance)),
            (&[option("job-bookmark-enable")], Some(Bookmark::Advance)),
            (&[option("job-bookmark-disable")], Some(Bookmark::Advance)),
            (&[option("job-bookmark-pause")], Some(Bookmark::Pause)),
            (&[("continuation-option", Some("continuation-readonly"))], Some(Bookmark::Pause)),
            (&[option("pause")], None),
            (&[("job-bookmark-option", None)], None),
            (&[("job-bookmark-from", Some("jr_1"))], None),
            (&[option("job-bookmark-pause"), ("job-bookmark-to", Some("jr_1"))], None),
        ] {
            assert_eq!(bookmark(&args(given)).ok(), expected, "{given:?}");
        }
    }
}
