//! The same history, written as DMS writes it in every layout, format and setting, ends in the same tables.
//!
//! | file | |
//! |---|---|
//! | `history` | what happens to a table at the source |
//! | `endpoint` | the settings, and which of them go together |
//! | `writer` | what DMS writes by them |
//! | `samples` | the writer against real output of DMS |
//!
//! Each layout in each format meets each value of each setting, with the other settings at random. With `UNGLUE_MATRIX`, the number
//! of rounds with other histories and other choices, so does each form of date partitions; else one in turn.

mod endpoint;
mod history;
mod samples;
mod writer;

use std::fmt::Write as _;

use libtest_mimic::Trial;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::compare::{batch, difference, rows_of};
use super::subject::{Database, JOB, Subject};
use super::world::How;
use crate::support::{Servers, Shared, counts, number, trial};
use endpoint::{Endpoint, endpoints};
use history::{COLUMNS, History};
use writer::Writer;

/// Sources of a job at once.
const TOGETHER: usize = 48;
/// The parts of the matrix, which run side by side.
const PARTS: u64 = 4;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    let mut trials: Vec<Trial> = (0..PARTS)
        .map(|part| {
            Trial::test(format!("oracle::matrix::of_settings_on_sqlite_{part}"), move || {
                play_part(part);
                Ok(())
            })
        })
        .collect();
    trials.push(trial(servers, "oracle::matrix::of_layouts_on_mysql_from_s3", on_mysql_from_s3));
    trials.push(samples::trial());
    trials
}

fn play_part(part: u64) {
    let runtime = Runtime::new().unwrap();
    let rounds = number("UNGLUE_MATRIX");
    for round in 0..rounds.unwrap_or(1) {
        let mut rng = rng(1 + round);
        let history = History::new(&mut rng);
        let all = endpoints(&mut rng, rounds.is_some());
        let mine = all.iter().enumerate().filter(|(index, _)| *index as u64 % PARTS == part);
        let mine: Vec<&Endpoint> = mine.map(|(_, endpoint)| endpoint).collect();
        for together in mine.chunks(TOGETHER) {
            let subject = Subject::new(&runtime, &Database::Sqlite, None, 2, 8192);
            play(&subject, &history, together);
        }
        counts::add("settings", mine.len() as u64);
    }
}

/// One endpoint of each layout and format.
fn on_mysql_from_s3(servers: &Servers) {
    let runtime = Runtime::new().unwrap();
    let mut rng = rng(0);
    let history = History::new(&mut rng);
    let mut some = endpoints(&mut rng, true);
    some.dedup_by_key(|endpoint| (endpoint.layout, endpoint.form));
    let database = Database::Server(&servers.mysql);
    let some: Vec<&Endpoint> = some.iter().collect();
    for together in some.chunks(TOGETHER) {
        let subject = Subject::new(&runtime, &database, Some(&servers.s3), 2, 8192);
        play(&subject, &history, together);
    }
}

fn rng(stream: u64) -> TestRng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("UNGLUE_SEED").unwrap_or(super::SEED).to_le_bytes());
    seed[8..16].copy_from_slice(&(1000 + stream).to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
}

/// Models are followed row by row unless their SQL, or what the changes leave out, does not let them.
fn check_ways(report: &Value, writers: &[Writer<'_>], step: usize) {
    for model in report["models"].as_array().unwrap() {
        let index: usize = model["model"].as_str().unwrap()[1..].parse().unwrap();
        let endpoint = writers[index].endpoint;
        // What is written again in the second step is older than what was applied.
        let is_row_wise = index % 3 != 2 && !(endpoint.sequence && step == 2);
        let found = model["way"].as_str().unwrap();
        let is_right = match (is_row_wise, endpoint.no_sup) {
            (true, false) => found == "row-wise",
            (true, true) => found == "row-wise" || found == "replay",
            (false, _) => found == "replay",
        };
        assert!(is_right, "step {step}: {found} of {endpoint:?}");
    }
}

/// Applies the full load, then the changes in two parts, then everything anew, and compares after each.
fn play(subject: &Subject<'_>, history: &History, endpoints: &[&Endpoint]) {
    let writers: Vec<Writer<'_>> = endpoints
        .iter()
        .enumerate()
        .map(|(index, endpoint)| Writer::new(index, endpoint, history))
        .collect();
    let mut sources = String::new();
    let mut config = "[guard]\nallow_empty = true\n".to_owned();
    for (index, writer) in writers.iter().enumerate() {
        sources.push_str(&writer.ddl(&subject.location(&writer.folder())));
        // By row, and by replay.
        if let Some((file, text)) = writer.description() {
            subject.write(&file, &text);
        }
        let distinct = if index % 3 == 2 { "DISTINCT " } else { "" };
        let model = format!(
            "SELECT {distinct}id, part, name, price, ratio, sold, moment, is_new, data FROM t{index}"
        );
        subject.write(&format!("m{index:02}.sql"), &model);
        writeln!(config, "[model.m{index:02}]\nkey = [\"id\", \"part\"]").unwrap();
    }
    subject.write("sources.sql", &sources);
    subject.write("job.toml", &config);
    let staging = subject.staging();
    let (_, _, job) = subject.load().unwrap_or_else(|error| panic!("{error}\n{sources}"));
    for step in 0..=writer::STEPS {
        let how = if step == writer::STEPS { How::Refresh } else { How::Plain };
        for writer in &writers {
            for object in writer.objects(step) {
                let path = staging.join(&object.key);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &object.content).unwrap();
                let file = std::fs::File::options().append(true).open(&path).unwrap();
                file.set_modified(object.written).unwrap();
            }
        }
        let told = |error: &dyn std::fmt::Display| format!("step {step}: {error}\n{sources}");
        let report = subject.run(how).unwrap_or_else(|error| panic!("{}", told(&error)));
        if step == 1 || step == 2 {
            check_ways(&report, &writers, step);
        }
        let found = subject.tables(&job).unwrap();
        let read: Vec<usize> = (0..COLUMNS.len()).collect();
        for ((writer, source), found) in writers.iter().zip(&job.sources).zip(&found) {
            // What the models make of it.
            let rows = batch(source, &writer.table(step)).unwrap().project(&read).unwrap();
            if let Some(difference) = difference(&rows_of(&[rows]), found) {
                panic!("step {step} of {JOB}: {:?}\n  {difference}", writer.endpoint);
            }
        }
    }
}
