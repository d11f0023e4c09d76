//! The end-to-end suite: the real binary against real servers.
//!
//! `tests/run` runs everything; `cargo test -p e2e -- FILTER` runs some.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod aws;
mod conformance;
mod explore;
mod faults;
mod function;
mod kills;
mod oracle;
mod scenarios;
mod smoke;
mod support;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let servers = support::Servers::shared();
    let trials = [
        smoke::trials,
        conformance::trials,
        scenarios::trials,
        explore::trials,
        oracle::trials,
        faults::trials,
        function::trials,
        kills::trials,
        aws::trials,
    ]
    .iter()
    .flat_map(|module| module(&servers))
    .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The last owner: the servers stop here.
    drop(servers);
    conclusion.exit_code()
}
