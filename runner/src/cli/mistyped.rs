//! What a command or an option that is not there may be meant as. Swapped letters, which short words mostly have, are one mistake.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use strsim::osa_distance;

use super::glue_args;

/// A wrong command line's error with the command or the option that is likest to what was typed.
pub(super) fn suggesting(
    mut error: clap::Error,
    cli: &mut clap::Command,
    typed: &[OsString],
) -> clap::Error {
    let wrong = |error: &clap::Error, of: ContextKind| match error.get(of) {
        Some(ContextValue::String(wrong)) => Some(wrong.clone()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let Some(word) = wrong(&error, ContextKind::InvalidSubcommand) else { return error };
            let names = cli.get_subcommands().map(clap::Command::get_name);
            if let Some(near) = nearest(&word, names) {
                let near = ContextValue::Strings(vec![near.to_owned()]);
                let _before = error.insert(ContextKind::SuggestedSubcommand, near);
            }
        }
        ErrorKind::UnknownArgument => {
            let Some(option) = wrong(&error, ContextKind::InvalidArg) else { return error };
            let of = cli.get_subcommands_mut();
            let Some(of) = of.into_iter().find(|of| glue_args::is_for(typed, of.get_name())) else {
                return error;
            };
            let Some(option) = option.strip_prefix("--") else {
                if !option.starts_with('-') {
                    let tips = behind_options(of).map(StyledStr::from).collect();
                    let _before =
                        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
                }
                return error;
            };
            if option == "job" && of.get_name() == "apply" {
                let _near = error.remove(ContextKind::SuggestedArg);
                let tip = StyledStr::from("the plan holds the job: leave out '--job'");
                let _before =
                    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
                return error;
            }
            let names = of.get_arguments().filter_map(clap::Arg::get_long);
            if let Some(near) = nearest(option, names) {
                let near = ContextValue::String(format!("--{near}"));
                let _before = error.insert(ContextKind::SuggestedArg, near);
                // It was that of the one that was suggested before.
                let mut of = of.clone().bin_name(format!("runner {}", of.get_name()));
                let usage = ContextValue::StyledStr(of.render_usage());
                let _before = error.insert(ContextKind::Usage, usage);
            }
        }
        _ => {}
    }
    error
}

/// The options behind which a command takes what people write without one.
fn behind_options(of: &clap::Command) -> impl Iterator<Item = &'static str> {
    let takes = |option: &str| of.get_arguments().any(|arg| arg.get_long() == Some(option));
    [
        ("job", "a job is named with '--job <JOB>'"),
        ("from", "a staged folder is named with '--from <LOCATION>'"),
        ("command", "a statement stands behind '-c', a path in it: -c \"SELECT * FROM 'folder/'\""),
    ]
    .into_iter()
    .filter_map(move |(option, tip)| takes(option).then_some(tip))
    .collect::<Vec<_>>()
    .into_iter()
}

/// The candidate that the fewest mistakes make, if at least half of the word is right.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mistakes = candidates.map(|candidate| (osa_distance(word, candidate), candidate));
    let (count, near) = mistakes.min_by_key(|(count, _)| *count)?;
    (count * 2 <= word.chars().count().max(near.chars().count())).then_some(near)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn swapped_letters_are_one_mistake() {
        for (one, other, count) in
            [("jbo", "job", 1), ("jbo", "jobs", 2), ("rn", "run", 1), ("", "ab", 2), ("a", "a", 0)]
        {
            assert_eq!(
                (osa_distance(one, other), osa_distance(other, one)),
                (count, count),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn a_value_without_its_option_is_told_where_it_stands() {
        for (typed, tips) in [
            ("runner run load_sales", &["--job <JOB>"][..]),
            ("runner sql staged/songs/", &["--job <JOB>", "-c \"SELECT"]),
            ("runner init staged/songs", &["--job <JOB>", "--from <LOCATION>"]),
        ] {
            let typed: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            let mut cli = super::super::Cli::command();
            let error = cli.try_get_matches_from_mut(&typed).unwrap_err();
            let told = suggesting(error, &mut cli, &typed).to_string();
            assert!(tips.iter().all(|tip| told.contains(tip)), "{told}");
            assert_eq!(told.matches("tip:").count(), tips.len(), "{told}");
        }
    }

    #[test]
    fn the_usage_of_an_option_that_is_meant_names_the_program() {
        for (typed, told) in [
            ("runner doctor --jbo x", "Usage: runner doctor [OPTIONS] --job <JOB>"),
            ("runner sql --jbo x", "Usage: runner sql [OPTIONS]"),
            ("runner apply p.json --job x", "tip: the plan holds the job: leave out '--job'"),
        ] {
            let typed: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            let mut cli = super::super::Cli::command();
            let error = cli.try_get_matches_from_mut(&typed).unwrap_err();
            let text = suggesting(error, &mut cli, &typed).to_string();
            assert!(text.contains(told) && !text.contains("'--jobs'"), "{text}");
        }
    }

    #[test]
    fn what_is_likest_is_meant_and_what_is_like_nothing_is_not() {
        let nearest = |word| nearest(word, ["jobs", "job", "target", "run"].into_iter());
        for (word, near) in [
            ("jbo", Some("job")),
            ("jobss", Some("jobs")),
            ("traget", Some("target")),
            ("rn", Some("run")),
            ("xyz", None),
        ] {
            assert_eq!(nearest(word), near, "{word}");
        }
    }
}
