//! The guarantee as a property: for any stream of staged objects, split, repeated, late, written again or cut off anywhere
//! into runs, each target table equals the job's SQL over the replayed sources.
//!
//! `UNGLUE_CASES` is the number of histories for SQLite (the servers get a part of it), `UNGLUE_SEED` the seed of all. A
//! failure prints the smallest history that fails and how to see it again.

mod compare;
mod drift;
mod history;
mod job;
mod matrix;
mod model;
mod play;
mod source;
mod subject;
mod template;
mod value;
mod ways;
mod world;

use libtest_mimic::Trial;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::Runtime;

use crate::support::{S3Server, Servers, Shared, counts, number, trials};
use subject::{Database, Subject};
use ways::every_template_is_analysed_as_it_says;

/// All trials together take about a minute and a half of two cores.
const CASES: u32 = 36;
const SEED: u64 = 1;
/// Shrinking runs histories too.
const SHRINKS_MAX: u32 = 400;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let mut trials = trials![servers;
        every_template_is_analysed_as_it_says,
        on_mysql,
        on_mariadb,
        staged_on_s3,
        drift_on_mysql,
        drift_on_mariadb,
    ];
    trials.push(Trial::test("oracle::drift_on_sqlite", || {
        check_drift(20, cases().div_ceil(2), &Database::Sqlite);
        Ok(())
    }));
    trials.extend(matrix::trials(servers));
    for part in 0..4 {
        trials.push(Trial::test(format!("oracle::on_sqlite_{part}"), move || {
            check(part, cases().div_ceil(4), &Database::Sqlite, None);
            Ok(())
        }));
    }
    trials
}

fn on_mysql(servers: &Servers) {
    check(10, cases().div_ceil(4), &Database::Server(&servers.mysql), None);
}

fn on_mariadb(servers: &Servers) {
    check(11, cases().div_ceil(4), &Database::Server(&servers.mariadb), None);
}

fn staged_on_s3(servers: &Servers) {
    check(12, cases().div_ceil(8), &Database::Sqlite, Some(&servers.s3));
}

fn drift_on_mysql(servers: &Servers) {
    check_drift(21, cases().div_ceil(8), &Database::Server(&servers.mysql));
}

fn drift_on_mariadb(servers: &Servers) {
    check_drift(22, cases().div_ceil(8), &Database::Server(&servers.mariadb));
}

fn check_drift(stream: u64, cases: u32, database: &Database<'_>) {
    check_all(stream, cases, &drift::cases(), |case, runtime| {
        drift::play(case, runtime, &Subject::new(runtime, database, None, 2, 8192))
    });
}

fn check(stream: u64, cases: u32, database: &Database<'_>, s3: Option<&S3Server>) {
    check_all(stream, cases, &history::cases(), |case, runtime| {
        let subject = Subject::new(runtime, database, s3, case.cores, case.batch_rows);
        play::play(case, runtime, &subject)
    });
}

/// Plays `cases` histories of a stream of their own.
fn check_all<C: std::fmt::Debug>(
    stream: u64,
    cases: u32,
    strategy: &impl proptest::strategy::Strategy<Value = C>,
    play: impl Fn(&C, &Runtime) -> Result<(), String>,
) {
    let seed = number("UNGLUE_SEED").unwrap_or(SEED);
    let runtime = Runtime::new().unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: SHRINKS_MAX,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&stream.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(strategy, |case| play(&case, &runtime).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => counts::add("streams", u64::from(cases)),
        Err(TestError::Fail(reason, _)) => {
            panic!("{reason}\nagain with UNGLUE_SEED={seed} UNGLUE_CASES={}", self::cases())
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

fn cases() -> u32 {
    number("UNGLUE_CASES").map_or(CASES, |cases| u32::try_from(cases).unwrap())
}
