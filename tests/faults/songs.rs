//! The job of these tests: one source, a row-wise model and one that is replayed; and what their tables must hold.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::Connection;

use crate::scenarios::naive::{Table, lines, replay};
use crate::scenarios::site::{JOB, Report, Site, assert_same};
use crate::support::Output;
use crate::support::binary::Running;
use crate::support::proxy::{Fault, Moment, Proxy};

pub(super) const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
pub(super) const SONGS: &str = "SELECT id, title, sales FROM staged";
const TOTALS: &str =
    "SELECT title, count(*) AS songs, sum(sales) AS sales FROM staged GROUP BY title";

/// Writes the job and stages its full load.
pub(super) fn prepare(site: &Site<'_>, rows: usize) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
    let line = |id: usize| format!("{id},title {},{}\n", id % 50, id * 7 % 1000);
    site.stage("songs/LOAD00000001.csv", (1..=rows).map(line).collect::<String>());
}

/// Stages the next change object: updates, inserts and deletes.
pub(super) fn change(site: &Site<'_>, rows: usize) {
    let number = objects(site).len();
    let line = |row: usize| {
        let id = number * 31 + row * 3 + 1;
        match row % 4 {
            3 => format!("D,{id},,\n"),
            kind => {
                let op = ["U", "U", "I"][kind];
                format!("{op},{id},title {},{}\n", row % 60, (number + row) % 1000)
            }
        }
    };
    let key = format!("songs/20260101-{number:09}.csv");
    site.stage(&key, (0..rows).map(line).collect::<String>());
}

/// The staged objects in the order of their application.
fn objects(site: &Site<'_>) -> Vec<String> {
    let folder = site.object("songs");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort_by_key(|name| (!name.starts_with("LOAD"), name.clone()));
    names
}

/// A run by way of another URL of the target.
pub(super) fn run_on(site: &Site<'_>, target: &str, more: &[&str]) -> Output {
    let args = ["run", "--job", JOB, "--output", "json"];
    site.command(args.iter().chain(more)).env("TARGET", target).run()
}

/// Asserts that a run has applied something.
pub(super) fn assert_applied(output: &Output) {
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(Report::read(output).outcome(), "applied", "{}", output.stderr);
}

/// Asserts that the tables equal the SQL over the replayed objects, whatever is in the ledger.
pub(super) fn assert_right(site: &Site<'_>) {
    let songs = assert_songs(site);
    let mut totals: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in songs.values() {
        let total = totals.entry(row[1].as_deref().unwrap()).or_default();
        total.0 += 1;
        total.1 += row[2].as_deref().unwrap().parse::<u64>().unwrap();
    }
    let totals = totals.iter().map(|(title, (songs, sales))| format!("{title}|{songs}|{sales}"));
    assert_same(site.rows("SELECT title, songs, sales FROM totals"), totals.collect());
}

/// The same of the row-wise model alone; answers its rows.
pub(super) fn assert_songs(site: &Site<'_>) -> Table {
    let objects = objects(site);
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let songs = replay(&site.object("songs"), &objects);
    assert_same(site.rows("SELECT id, title, sales FROM songs"), lines(&songs));
    songs
}

/// Asserts that the tables are right, that the next run has nothing to do, and that nothing is left over.
pub(super) fn assert_settled(site: &Site<'_>) {
    assert_right(site);
    let output = site.command(["run", "--job", JOB, "--output", "json"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(Report::read(&output).outcome(), "nothing_to_do");
    assert_right(site);
    if site.is_server() {
        let tables = site.rows("SHOW TABLES");
        assert_same(
            tables,
            ["songs", "totals", "unglue_ledger", "unglue_meta"].map(Into::into).into(),
        );
        let markers = "SELECT name FROM unglue_meta WHERE name LIKE 'swap/%' OR name LIKE 'fill/%'";
        assert_eq!(site.rows(markers), [""; 0]);
    }
}

/// A run that stands still before its commit, with the job's lock in its hands.
pub(super) struct Held {
    run: Running,
    /// Holds the COMMIT of a server's transaction.
    _proxy: Option<Proxy>,
    /// Holds the lock of SQLite's file.
    _blocker: Option<Connection>,
}

impl Held {
    pub(super) fn spawn(site: &Site<'_>, env: &[(&str, &str)]) -> Self {
        let command = site.command(["run", "--job", JOB, "--output", "json"]);
        let command = env.iter().fold(command, |command, (name, value)| command.env(name, value));
        if site.is_server() {
            let proxy = site.server().0.proxy(Moment::Statement("COMMIT", 1), Fault::Hold, 1);
            let run = command.env("TARGET", proxy.url(&site.target())).spawn();
            proxy.await_moment();
            return Self { run, _proxy: Some(proxy), _blocker: None };
        }
        let blocker = Connection::open(site.folder().join("target.db")).unwrap();
        blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
        let run = command.spawn();
        // Its first write waits for the file's lock, after it has taken its own.
        std::thread::sleep(Duration::from_millis(1500));
        Self { run, _proxy: None, _blocker: Some(blocker) }
    }

    pub(super) fn signal(&self, name: &str) {
        self.run.signal(name);
    }

    pub(super) fn wait(self) -> Output {
        self.run.wait()
    }

    /// Ends it at once; what held it is gone after that.
    pub(super) fn kill(self) {
        assert_eq!(self.run.kill().status, None);
    }
}
