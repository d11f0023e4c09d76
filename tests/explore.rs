//! Looking: what a person asks of staged objects, models and tables, on the real binary.

mod explain_row;
mod formats;
mod statements;

use libtest_mimic::Trial;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    [explain_row::trials, formats::trials, statements::trials]
        .iter()
        .flat_map(|module| module(servers))
        .collect()
}
