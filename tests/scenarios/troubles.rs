//! What can go wrong, and what is then said: the exit status, the thing that is wrong, the next step, and neither a row's
//! value nor a password. The target is as it was.

mod culprits;
mod definitions;
mod objects;
mod reach;
mod tables;

use libtest_mimic::Trial;

use crate::scenarios::site::Site;
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    [culprits::trials, definitions::trials, objects::trials, reach::trials, tables::trials]
        .iter()
        .flat_map(|module| module(servers))
        .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (
    id INT,
    title VARCHAR(40),
    sold DECIMAL(10,2),
    day DATE,
    PRIMARY KEY (id)
)
STORED AS DMS
LOCATION '${STAGING}/songs';
";
const SONGS: &str = "SELECT id, title, sold, day FROM staged\n";
const LOAD: &str = "1,one,1.50,2026-01-01\n2,two,,\n";
/// Stands in rows where something is wrong.
const VALUE: &str = "confidential";

/// A job that has run once.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", LOAD);
    site.run();
}

/// Asserts what every failure has to keep.
pub(super) fn assert_told(output: &Output, status: i32, said: &[&str]) {
    let Output { stdout, stderr, .. } = output;
    assert_eq!(output.status, Some(status), "{stdout}{stderr}");
    // Warnings may come first, each a line of JSON.
    let error = stderr.lines().position(|line| !line.starts_with('{'));
    let error: String = stderr.split_inclusive('\n').skip(error.unwrap_or(0)).collect();
    assert!(error.starts_with("error: ") && error.contains("\n  next: "), "{stderr}");
    for said in said {
        assert!(stderr.contains(said), "`{said}` is not said: {stderr}");
    }
    assert_eq!(stdout, "");
    // The name of a service, not a value.
    let stderr = stderr.replace("secretsmanager", "");
    for hidden in ["secret", VALUE, "panicked", "RUST_BACKTRACE"] {
        assert!(!stderr.contains(hidden), "{stderr}");
    }
}

/// Runs the prepared job, which fails and leaves the target as it is. Nor do `plan` and `status` touch it.
fn assert_trouble(site: &Site<'_>, status: i32, said: &[&str]) {
    let before = site.dump();
    assert_told(&site.fail(), status, said);
    assert_eq!(site.dump(), before);
    let planned = site.command(["plan", "--job", "shop"]).run();
    assert_told(&planned, status, said);
    assert_eq!(site.dump(), before);
}
