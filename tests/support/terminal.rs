//! What a person sees: a command on a terminal of its own, and what its screen shows in the end.

use std::ffi::OsStr;
use std::process::Command;

/// The same command on a pseudo-terminal, which `script` of util-linux makes. What it shows is its stdout.
pub(super) fn on_terminal(command: &Command) -> Command {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> = words.map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--flush", "--command"]);
    script.arg(format!("exec {}", line.join(" "))).arg("/dev/null");
    script.env_clear();
    script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        script.current_dir(folder);
    }
    script
}

/// A word of the shell.
fn quoted(word: &OsStr) -> String {
    format!("'{}'", word.to_str().expect("tests type text").replace('\'', r"'\''"))
}

/// The lines that a screen shows after all of it, without blanks at their ends. It knows what bars and frames use: the cursor at the
/// begin of the line, of the screen, up and down, lines and the rest of the screen cleared, and colours, which it leaves out.
pub(crate) fn screen(shown: &str) -> Vec<String> {
    let (mut lines, mut row, mut column) = (vec![Vec::new()], 0_usize, 0_usize);
    let mut rest = shown.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if row == lines.len() {
                    lines.push(Vec::new());
                }
            }
            '\u{1b}' => {
                assert_eq!(rest.next(), Some('['), "{shown:?}");
                let code: String = rest.by_ref().take_while(|c| !c.is_ascii_alphabetic()).collect();
                // The letter was taken too: it stands behind the digits.
                let at = shown.len() - rest.as_str().len();
                let letter = shown[..at].chars().next_back();
                let count: usize = code.parse().unwrap_or(1);
                match letter {
                    Some('A') => row = row.saturating_sub(count),
                    Some('B') => row = (row + count).min(lines.len() - 1),
                    Some('H') => (row, column) = (0, 0),
                    Some('K') if code == "2" => lines[row].clear(),
                    Some('K') => lines[row].truncate(column),
                    Some('J') if code == "2" => lines = vec![Vec::new(); row + 1],
                    Some('J') => lines.truncate(row + 1),
                    Some('m') => {}
                    _ => panic!("a screen does not know {code:?} {letter:?}: {shown:?}"),
                }
            }
            c => {
                let line = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = c;
                column += 1;
            }
        }
    }
    let text = |line: &Vec<char>| line.iter().collect::<String>().trim_end().to_owned();
    let mut lines: Vec<String> = lines.iter().map(text).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}
