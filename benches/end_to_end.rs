//! Whole runs of the real binary against real servers, and beside each the same done by hand: docs/performance.md.
//!
//! `cargo bench --workspace --bench end_to_end`
#![expect(clippy::panic, clippy::unwrap_used, reason = "a panic is how a bench fails")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is the measurement")]

mod again;
mod baseline;
mod bench;
mod child;
mod fetch;
mod fingerprint;
mod generator;
mod groups;
mod history;
mod limits;
mod lines;
mod measured;
mod order;
mod plain;
mod report;
mod site;
mod staging;
#[path = "../tests/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "made for the tests; only servers are needed here"
)]
mod support;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use bench::Bench;
use groups::Group;
use measured::Measured;
use report::{Report, Setting};

/// Fewer rows would not outlast the changes.
const ROWS_MIN: u64 = 1_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if again::play(&args) {
        return;
    }
    // `cargo test --all-targets` runs benches too, without this.
    if !args.iter().any(|argument| argument == "--bench") {
        println!("a bench: cargo bench --workspace --bench end_to_end");
        return;
    }
    let groups = Group::named(args.iter().filter(|argument| !argument.starts_with("--")));
    let rows = number("UNGLUE_BENCH_ROWS", 1_000_000);
    let rounds = number("UNGLUE_BENCH_ROUNDS", 3);
    assert!(rows >= ROWS_MIN, "there must be at least {ROWS_MIN} rows");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of the workspace");

    let bench = Bench::new(root, rows, rounds);
    let mut measured = Measured::default();
    groups::measure(&bench, &mut measured, &groups);
    let report = Report { setting: setting(&bench), measured };
    println!("{report}");
    let json = bench.folder.join("end_to_end.json");
    fs::write(&json, format!("{:#}\n", report.json())).expect("the report can be written");
}

fn setting(bench: &Bench) -> Setting {
    let profile = bench.runner.parent().and_then(Path::file_name).map(OsStr::to_string_lossy);
    Setting {
        rows: bench.rows,
        rounds: bench.rounds,
        cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        server: bench.server_version(),
        profile: profile.unwrap_or_default().into_owned(),
    }
}

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => {
            text.replace('_', "").parse().unwrap_or_else(|_| panic!("{variable} is not a number"))
        }
        Err(_) => default,
    }
}
