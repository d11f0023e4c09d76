//! Tables that are brought on, by the runner or by hand.

use std::path::Path;
use std::process::Command;

use crate::baseline;
use crate::bench::Bench;
use crate::child;
use crate::fingerprint::{self, Fingerprint};
use crate::staging::Staging;

/// A database that has the table `orders`.
#[derive(Debug)]
pub(crate) struct Database<'a> {
    bench: &'a Bench,
    name: String,
}

impl<'a> Database<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        let name = bench.server().fresh_database();
        bench.server().execute(&name, &baseline::create_table());
        Self { bench, name }
    }

    pub(crate) fn url(&self) -> String {
        self.bench.server().url(&self.name)
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.bench.server().execute(&self.name, sql);
    }

    pub(crate) fn query(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.bench.server().query(&self.name, sql)
    }

    /// A fast but wrong run is worth nothing.
    pub(crate) fn check(&self, expected: Fingerprint) {
        let found = Fingerprint::of_rows(&self.query(&fingerprint::query_of_orders()));
        assert_eq!(found, expected, "the rows of `orders` in {}", self.name);
    }

    pub(crate) fn remove(self) {
        self.execute(&format!("DROP DATABASE {}", self.name));
        // Else the disk fills up with the logs of dropped tables.
        self.bench.server().execute("mysql", "RESET BINARY LOGS AND GTIDS");
    }
}

/// A staging folder, and the database that jobs fill from it.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    pub(crate) staging: Staging<'a>,
    pub(crate) database: Database<'a>,
}

impl<'a> Site<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        Self { staging: Staging::folder(bench), database: Database::new(bench) }
    }

    pub(crate) fn on_s3(bench: &'a Bench) -> Self {
        Self { staging: Staging::bucket(bench), database: Database::new(bench) }
    }

    pub(crate) fn stage(&self, objects: &Path) {
        self.staging.add(objects);
    }

    /// Runs a job, and checks that the table was written in the way that is meant to be measured.
    pub(crate) fn run(&self, job: &str, way: &str) {
        check_way(&child::exec(&mut self.command(job)), way);
    }

    /// The same; returns the bytes of memory that the process had at most.
    pub(crate) fn run_watched(&self, job: &str, way: &str) -> u64 {
        let (output, peak) = child::exec_watched(&mut self.command(job));
        check_way(&output, way);
        peak
    }

    pub(crate) fn remove(self) {
        self.database.remove();
    }

    fn command(&self, job: &str) -> Command {
        let bench = self.database.bench;
        let jobs = bench.jobs().display().to_string();
        let (staging, url) = (format!("STAGING={}", self.staging.location()), self.database.url());
        let mut command = bench.command(&[
            "run", "--jobs", &jobs, "--job", job, "--var", &staging, "--target", &url, "--output",
            "json",
        ]);
        command.envs(self.staging.env());
        command
    }
}

fn check_way(output: &str, way: &str) {
    let report: serde_json::Value = serde_json::from_str(output).expect("a report in JSON");
    let models = &report["models"];
    assert_eq!(models[0]["way"], way, "{models}");
}
