//! The commands of the shell: what is typed behind a backslash.

use transforms::sql::nearest;

use super::commands::Command::{
    Describe, Expanded, Format, Functions, Help, Include, Jobs, List, Output, Print, Quit, Refresh,
    Reset, Rows, Timing,
};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Lists tables: those whose names match a pattern, or all; of these the models and views, or all.
    List { pattern: Option<String>, is_of_views: bool },
    /// Tells of a table.
    Describe { table: String, is_full: bool },
    /// Lists functions: those whose names hold a text, or all.
    Functions(Option<String>),
    /// Lists the jobs.
    Jobs,
    /// Tells how long statements take, or no longer; without a word the other of the two.
    Timing(Option<bool>),
    /// Shows each row as a list of its columns.
    Expanded(Option<bool>),
    /// Writes results to a file, or on the screen again.
    Output(Option<String>),
    /// Runs a file.
    Include(String),
    /// Sets the format of results, or tells it.
    Format(Option<String>),
    /// Sets how many rows of a result are shown, or tells it.
    Rows(Option<String>),
    /// Looks at what is staged again.
    Refresh,
    /// Shows the statement that is begun.
    Print,
    /// Forgets the statement that is begun.
    Reset,
    /// Tells what there is.
    Help,
    /// Leaves.
    Quit,
}

/// A command's name, what stands behind it, and what it does.
pub(super) struct Usage {
    pub(super) name: &'static str,
    pub(super) takes: &'static str,
    pub(super) does: &'static str,
}

const fn usage(name: &'static str, takes: &'static str, does: &'static str) -> Usage {
    Usage { name, takes, does }
}

/// All commands.
pub(super) const USAGES: [Usage; 18] = [
    usage("d", "", "list what can be read, and what it is"),
    usage("d", "PATTERN", "list what is named so: \\d order*, \\d target.*"),
    usage("dv", "[PATTERN]", "list the models and the views"),
    usage("d", "TABLE", "its columns, their types, its key; of files by their path"),
    usage("d+", "TABLE", "also declared types, what is staged, the way of a model"),
    usage("df", "[TEXT]", "list functions, those with TEXT in their names"),
    usage("l", "", "list the jobs; runner sql --job JOB opens one"),
    usage("x", "[on|off]", "show each row as a list of its columns"),
    usage("format", "[NAME]", "how results are written; without NAME tell it"),
    usage("rows", "[N|all]", "how many rows of a table are shown"),
    usage("o", "[FILE]", "write results to FILE; without FILE on the screen again"),
    usage("i", "FILE", "run the statements and commands of FILE"),
    usage("timing", "[on|off]", "tell how long each statement takes"),
    usage("refresh", "", "look again at what is staged"),
    usage("p", "", "show the statement that is begun; it goes on behind any command"),
    usage("r", "", "forget the statement that is begun"),
    usage("?", "", "this help"),
    usage("q", "", "leave; so do exit, quit and Ctrl-D"),
];

/// Names that people know from other shells, and what they are here.
const OTHERS: [(&str, &str); 23] = [
    ("dt", "d"),
    ("dn", "d"),
    ("dm", "d"),
    ("databases", "l"),
    ("t", "format"),
    ("jobs", "l"),
    ("functions", "df"),
    ("tables", "d"),
    ("schema", "d"),
    ("describe", "d"),
    ("help", "?"),
    ("quit", "q"),
    ("exit", "q"),
    ("pset", "format"),
    ("mode", "format"),
    ("a", "format"),
    ("maxrows", "rows"),
    ("output", "o"),
    ("once", "o"),
    ("out", "o"),
    ("read", "i"),
    ("ir", "i"),
    ("timer", "timing"),
];

/// Commands of other shells that there are not, and what to do.
const INSTEAD: [(&str, &str); 25] = [
    ("c", CONNECT),
    ("connect", CONNECT),
    ("open", CONNECT),
    ("conninfo", "\\d+ TABLE tells where a table is"),
    ("copy", COPY),
    ("import", COPY),
    ("dump", COPY),
    ("s", HISTORY),
    ("history", HISTORY),
    ("w", "\\o FILE writes results to a file; arrows and Ctrl-R find what was typed before"),
    ("e", EDIT),
    ("edit", EDIT),
    ("h", "docs/exploring.md tells what SQL there is; \\df lists functions"),
    ("g", ENDS),
    ("gx", ENDS),
    ("G", ENDS),
    ("go", ENDS),
    ("watch", "type the statement again; `runner status --watch` looks at jobs again and again"),
    ("echo", "SELECT 'text' shows a text"),
    ("!", PROGRAMS),
    ("shell", PROGRAMS),
    ("set", "SHOW ALL lists the settings of the engine; a job's variables are given with --var"),
    ("di", "\\d+ target.TABLE tells the key of a table"),
    ("du", USERS),
    ("dp", USERS),
];
const CONNECT: &str = "leave with \\q; `runner sql --job JOB` opens a job, and \\l lists them";
const COPY: &str =
    "\\o FILE writes results to a file; a file is read by its path: SELECT * FROM 'file.csv'";
const HISTORY: &str = "arrows and Ctrl-R find what was typed before";
const EDIT: &str = "arrows go to any line of a statement, also of one that was run";
const ENDS: &str = "a statement ends with `;`, and runs then; \\g and, for a block of each row, \\gx stand at its end too: SELECT 1 \\gx";
const PROGRAMS: &str = "no program is run from here: \\q leaves";
const USERS: &str = "users and rights are the database's: ask its own client";

/// A line that is no command: what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoCommand {
    pub(super) message: String,
    pub(super) help: String,
}

/// Reads a line that begins with a backslash, or with a point as in DuckDB's and SQLite's shells.
///
/// # Errors
/// A name that is not known, with the one that may be meant; words that the command does not take, or lacks.
pub(super) fn parse(line: &str) -> Result<Command, NoCommand> {
    let line = line.trim().trim_end_matches(';').trim_end();
    if let Some(rest) = line.strip_prefix('.') {
        let name = rest.split_whitespace().next().unwrap_or_default();
        return Err(unknown(&format!(".{name}"), name));
    }
    let rest = line.strip_prefix('\\').unwrap_or(line);
    let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let argument = argument.trim();
    let given = (!argument.is_empty()).then(|| unquoted(argument));
    let nothing = |command| if given.is_some() { Err(takes(name)) } else { Ok(command) };
    match name {
        // Quotes tell what the name of a table is, and what a path.
        "d" | "d+" | "dt" | "dt+" => Ok(match argument {
            "" => List { pattern: None, is_of_views: false },
            pattern if is_pattern(pattern) => {
                List { pattern: Some(pattern.to_owned()), is_of_views: false }
            }
            table => Describe { table: table.to_owned(), is_full: name.ends_with('+') },
        }),
        "dv" | "dv+" => Ok(List { pattern: given, is_of_views: true }),
        "df" => Ok(Functions(given)),
        "l" => nothing(Jobs),
        "timing" => on_or_off(name, argument).map(Timing),
        "x" => on_or_off(name, argument).map(Expanded),
        "o" => Ok(Output(given)),
        "i" => given.map(Include).ok_or_else(|| takes(name)),
        "format" => Ok(Format(given)),
        "rows" => Ok(Rows(given)),
        "refresh" => nothing(Refresh),
        "p" => nothing(Print),
        "r" => nothing(Reset),
        "?" => nothing(Help),
        "q" => nothing(Quit),
        _ => Err(unknown(&format!("\\{name}"), name)),
    }
}

/// Whether an argument is a pattern of tables' names, and no path.
fn is_pattern(argument: &str) -> bool {
    argument.contains(['*', '?']) && !argument.contains(['/', '\'', '"', '`', '{'])
}

/// A file's name may be quoted.
fn unquoted(argument: &str) -> String {
    let inner = ['\'', '"'].iter().find_map(|quote| {
        argument.strip_prefix(*quote)?.strip_suffix(*quote).filter(|inner| !inner.is_empty())
    });
    inner.unwrap_or(argument).to_owned()
}

fn on_or_off(name: &str, argument: &str) -> Result<Option<bool>, NoCommand> {
    match argument.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "on" => Ok(Some(true)),
        "off" => Ok(Some(false)),
        _ => Err(takes(name)),
    }
}

/// What a command takes.
fn takes(name: &str) -> NoCommand {
    let takes = USAGES.iter().find(|usage| usage.name == name).map_or("", |usage| usage.takes);
    let takes = if takes.is_empty() { "nothing behind it" } else { takes };
    NoCommand { message: format!("\\{name} takes {takes}"), help: see_all() }
}

fn unknown(typed: &str, name: &str) -> NoCommand {
    if let Some((_, instead)) = INSTEAD.iter().find(|(other, _)| *other == name) {
        let help = format!("{instead}; {}", see_all());
        return NoCommand { message: format!("there is no command {typed}"), help };
    }
    let known = OTHERS.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours);
    let ours = known.or_else(|| nearest(name, USAGES.iter().map(|usage| usage.name)));
    let help = match ours {
        Some(ours) => format!("did you mean \\{ours}? {}", see_all()),
        None => see_all(),
    };
    NoCommand { message: format!("there is no command {typed}"), help }
}

fn see_all() -> String {
    "\\? lists all commands".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_what_they_take() {
        for (line, command) in [
            ("\\d", List { pattern: None, is_of_views: false }),
            ("\\dt", List { pattern: None, is_of_views: false }),
            ("\\dt+", List { pattern: None, is_of_views: false }),
            ("\\dv", List { pattern: None, is_of_views: true }),
            ("\\d order*", List { pattern: Some("order*".to_owned()), is_of_views: false }),
            ("\\dt target.*", List { pattern: Some("target.*".to_owned()), is_of_views: false }),
            ("\\d data/*.csv", Describe { table: "data/*.csv".to_owned(), is_full: false }),
            ("\\d orders;", Describe { table: "orders".to_owned(), is_full: false }),
            ("  \\d+  target.t ", Describe { table: "target.t".to_owned(), is_full: true }),
            ("\\df", Functions(None)),
            ("\\df date", Functions(Some("date".to_owned()))),
            ("\\l", Jobs),
            ("\\timing", Timing(None)),
            ("\\timing ON", Timing(Some(true))),
            ("\\x off", Expanded(Some(false))),
            ("\\o", Output(None)),
            ("\\o 'a b.csv'", Output(Some("a b.csv".to_owned()))),
            ("\\i q.sql", Include("q.sql".to_owned())),
            ("\\format csv", Format(Some("csv".to_owned()))),
            ("\\rows all", Rows(Some("all".to_owned()))),
            ("\\refresh", Refresh),
            ("\\?", Help),
            ("\\q", Quit),
        ] {
            assert_eq!(parse(line), Ok(command), "{line}");
        }
    }

    #[test]
    fn what_is_no_command_is_answered_with_one() {
        for (line, message, help) in [
            ("\\tming", "there is no command \\tming", "did you mean \\timing? "),
            (".tables", "there is no command .tables", "did you mean \\d? "),
            (".help", "there is no command .help", "did you mean \\?? "),
            (".quit", "there is no command .quit", "did you mean \\q? "),
            ("\\!", "there is no command \\!", "no program is run from here: \\q leaves; "),
            (
                "\\c shop",
                "there is no command \\c",
                "leave with \\q; `runner sql --job JOB` opens a job, and \\l lists them; ",
            ),
            ("\\", "there is no command \\", ""),
            ("\\x yes", "\\x takes [on|off]", ""),
            ("\\i", "\\i takes FILE", ""),
            ("\\q now", "\\q takes nothing behind it", ""),
        ] {
            let help = format!("{help}\\? lists all commands");
            assert_eq!(parse(line), Err(NoCommand { message: message.to_owned(), help }), "{line}");
        }
    }

    #[test]
    fn every_command_that_is_told_of_is_one() {
        for usage in USAGES {
            let argument = if usage.takes == "FILE" { "FILE" } else { "" };
            parse(&format!("\\{} {argument}", usage.name)).unwrap();
        }
    }
}
