//! Looking: what a person asks of staged objects, models and tables, on the real binary.

mod as_of;
mod explain_row;
mod files;
mod formats;
mod history;
mod inferred;
mod json;
mod parquet;
mod quotes;
mod seen;
mod shell;
mod shell_keys;
mod statements;

use libtest_mimic::Trial;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let modules = [
        as_of::trials,
        explain_row::trials,
        files::trials,
        formats::trials,
        history::trials,
        inferred::trials,
        parquet::trials,
        json::trials,
        quotes::trials,
        seen::trials,
        shell::trials,
        shell_keys::trials,
        statements::trials,
    ];
    modules.iter().flat_map(|module| module(servers)).collect()
}
