//! What the suite has done so often, for the account that `tests/long` prints.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Adds a line `WHAT NUMBER` to the file that `$UNGLUE_COUNTS` names; without it nobody wants to know.
pub(crate) fn add(what: &str, number: u64) {
    let Some(path) = std::env::var_os("UNGLUE_COUNTS") else { return };
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    // One write, so that lines of several threads do not mix.
    file.write_all(format!("{what} {number}\n").as_bytes()).unwrap();
}
