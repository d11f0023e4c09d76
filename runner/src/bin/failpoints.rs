//! `runner-failpoints`: `runner` for the tests that kill it; see `failpoint.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::cli::main()
}
