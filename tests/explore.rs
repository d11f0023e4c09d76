//! Looking: what a person asks of staged objects, models and tables, on the real binary.

mod formats;
mod shell;
mod shell_keys;
mod statements;

use libtest_mimic::Trial;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    [formats::trials, shell::trials, shell_keys::trials, statements::trials]
        .iter()
        .flat_map(|module| module(servers))
        .collect()
}
