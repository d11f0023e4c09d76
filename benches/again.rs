//! Baselines that are processes of their own, as the measured ones are: this binary, started once more.

use std::path::Path;
use std::process::Command;

use tokio::runtime::Builder;

use crate::{baseline, fetch, plain};

const PLAIN: &str = "--plain-datafusion";
const STATEMENTS: &str = "--statements";
const FETCH: &str = "--fetch";

/// A client that executes the statements of a file as one transaction.
pub(crate) fn statements(url: &str, file: &Path) -> Command {
    let mut command = own(STATEMENTS);
    command.arg(url).arg(file);
    command
}

/// Plain DataFusion that prints the result of a query over a folder's CSV files.
pub(crate) fn plain_datafusion(folder: &Path, sql: &str) -> Command {
    let mut command = own(PLAIN);
    command.arg(folder).arg(sql);
    command
}

/// A client that gets all objects of a bucket, found by the environment's variables, and drops them; prints how many bytes they
/// have.
pub(crate) fn fetch(bucket: &str) -> Command {
    let mut command = own(FETCH);
    command.arg(bucket);
    command
}

/// Does what the arguments ask for, if they are not those of the bench.
pub(crate) fn play(args: &[String]) -> bool {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [STATEMENTS, url, file] => {
            let runtime = Builder::new_current_thread().enable_all().build();
            let done = runtime.expect("a runtime starts").block_on(baseline::execute(url, file));
            done.expect("the statements succeed");
        }
        [PLAIN, folder, sql] => {
            let runtime = Builder::new_multi_thread().enable_all().build();
            let text = runtime.expect("a runtime starts").block_on(plain::query(folder, sql));
            print!("{}", text.expect("the query succeeds"));
        }
        [FETCH, bucket] => {
            let runtime = Builder::new_multi_thread().enable_all().build();
            let bytes = runtime.expect("a runtime starts").block_on(fetch::all(bucket));
            println!("{}", bytes.expect("the objects can be fetched"));
        }
        _ => return false,
    }
    true
}

fn own(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a process knows its file"));
    command.arg(part);
    command
}
