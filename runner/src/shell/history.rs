//! Where the lines that were typed are kept, and which.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustyline::Editor;
use rustyline::history::FileHistory;

use super::editor::SqlHelper;
use crate::environment::Environment;

/// How many entries are kept.
pub(super) const ENTRIES_MAX: usize = 2000;

/// The longest entry that is kept: what is pasted may be a whole file.
const ENTRY_BYTES_MAX: usize = 16 * 1024;

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 2 * (ENTRIES_MAX * ENTRY_BYTES_MAX) as u64;

/// The file of the history, which is that of a user and of no job.
///
/// `UNGLUE_HISTORY` names it, and nothing in it means that there is none. Else it is among what programs remember:
/// <https://specifications.freedesktop.org/basedir-spec/latest/>.
pub(super) fn file(environment: &Environment) -> Option<PathBuf> {
    if let Some(named) = environment.variable("UNGLUE_HISTORY") {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    let state = environment.first_of(&["XDG_STATE_HOME"]).map(PathBuf::from);
    let state = state
        .filter(|state| state.is_absolute())
        .or_else(|| Some(Path::new(environment.first_of(&["HOME"])?).join(".local/state")))?;
    Some(state.join("unglue/history"))
}

/// Whether an entry is kept. One that begins with a blank is not: that is how people ask for it.
pub(super) fn is_kept(entry: &str) -> bool {
    !entry.starts_with(char::is_whitespace) && !entry.is_empty() && entry.len() <= ENTRY_BYTES_MAX
}

/// Reads the history; without a file that can be read there is none yet.
pub(super) fn load(editor: &mut Editor<SqlHelper, FileHistory>, file: &Path) {
    if std::fs::metadata(file).is_ok_and(|found| found.len() <= FILE_BYTES_MAX) {
        let _unreadable = editor.load_history(file);
    }
}

/// Keeps an entry, at once: a shell may be killed, and another one may be open. Only the user may read the file.
///
/// # Errors
/// Why it cannot be written.
pub(super) fn keep(
    editor: &mut Editor<SqlHelper, FileHistory>,
    file: Option<&Path>,
    entry: &str,
) -> rustyline::Result<()> {
    if !is_kept(entry) || !editor.add_history_entry(entry)? {
        return Ok(());
    }
    let Some(file) = file else { return Ok(()) };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    editor.append_history(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_where_it_is_named_else_where_state_is_kept() {
        let file = |variables: &[(&str, &str)]| {
            let variables =
                variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
            file(&variables.collect()).map(|file| file.display().to_string())
        };
        let home = ("HOME", "/home/me");
        let state = ("XDG_STATE_HOME", "/state");
        assert_eq!(file(&[home]).unwrap(), "/home/me/.local/state/unglue/history");
        assert_eq!(file(&[home, state]).unwrap(), "/state/unglue/history");
        // As the specification has it.
        let relative = ("XDG_STATE_HOME", "state");
        assert_eq!(file(&[home, relative]).unwrap(), "/home/me/.local/state/unglue/history");
        assert_eq!(file(&[home, state, ("UNGLUE_HISTORY", "h")]).unwrap(), "h");
        assert_eq!(file(&[home, ("UNGLUE_HISTORY", "")]), None);
        assert_eq!(file(&[]), None);
    }

    #[test]
    fn what_begins_with_a_blank_or_is_endless_is_not_kept() {
        assert!(is_kept("select 1;"));
        for entry in ["", " select 1;", "\nselect 1;", &"x".repeat(ENTRY_BYTES_MAX + 1)] {
            assert!(!is_kept(entry));
        }
    }
}
