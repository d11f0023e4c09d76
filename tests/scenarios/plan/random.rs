//! Whatever changes come, a plan's numbers are the difference of the tables before and after.

use std::cell::Cell;
use std::collections::BTreeMap;

use libtest_mimic::Trial;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use super::{PLAN, counts};
use crate::scenarios::site::{MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, MYSQL, MARIADB];
        the_numbers_of_a_plan_are_the_difference_of_the_tables,
    ]
    .collect()
}

/// `op`, key, title and sales of a row.
type Change = (u8, u8, u8, i8);

#[derive(Debug, Clone)]
struct Object {
    rows: Vec<Change>,
    /// Whether it sorts before the one before.
    late: bool,
    /// Whether the plan is applied, or the job is run.
    is_applied: bool,
    /// Whether a full refresh is asked for.
    is_refreshed: bool,
    /// Before it comes somebody adds rows with a title that is there, of another number by so much.
    edit: Option<(u8, u8)>,
}

fn objects() -> impl Strategy<Value = (Vec<Change>, Vec<Object>)> {
    let change = || (0..4_u8, 0..12_u8, 0..3_u8, -1..4_i8);
    let edit = prop::option::of((0..3_u8, 0..2_u8));
    let refreshed = prop::bool::weighted(0.3);
    let object = (vec(change(), 0..8), prop::bool::weighted(0.2), any::<bool>(), refreshed, edit)
        .prop_map(|(rows, late, is_applied, is_refreshed, edit)| Object {
            rows,
            late,
            is_applied,
            is_refreshed,
            edit,
        });
    (vec(change(), 0..12), vec(object, 1..5))
}

fn the_numbers_of_a_plan_are_the_difference_of_the_tables(site: &Site<'_>) {
    let cases = if site.is_server() { 4 } else { 20 };
    let config =
        Config { cases, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[8; 32]);
    let count = Cell::new(0);
    TestRunner::new_with_rng(config, rng)
        .run(&objects(), |(load, objects)| {
            count.set(count.get() + 1);
            Case { site, number: count.get() }.play(&load, &objects);
            Ok(())
        })
        .unwrap();
}

/// A job and tables of its own.
struct Case<'a> {
    site: &'a Site<'a>,
    number: u32,
}

impl Case<'_> {
    fn job(&self) -> String {
        format!("case_{}", self.number)
    }

    fn tables(&self) -> [String; 3] {
        ["pairs", "songs", "totals"].map(|table| format!("{table}_{}", self.number))
    }

    fn play(&self, load: &[Change], objects: &[Object]) {
        let (site, number) = (self.site, self.number);
        let [pairs, songs, totals] = self.tables();
        let sources = format!(
            "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(9), sales INT, PRIMARY KEY (id))
                STORED AS DMS LOCATION '${{STAGING}}/songs_{number}'"
        );
        let config = format!(
            "target = '${{TARGET}}'\n[guard]\nallow_empty = true\n[model.{pairs}]\nkey = []\n"
        );
        let models = [
            (pairs, "SELECT title, sales FROM staged"),
            (songs, "SELECT id, title, sales FROM staged WHERE sales >= 0"),
            (
                totals,
                "SELECT title, CAST(SUM(sales) AS BIGINT) AS total FROM staged GROUP BY title",
            ),
        ];
        let models = models.map(|(name, sql)| (format!("{name}.sql"), sql));
        let models = models.iter().map(|(file, sql)| (file.as_str(), *sql));
        let files: Vec<(&str, &str)> =
            models.chain([("sources.sql", sources.as_str()), ("job.toml", &config)]).collect();
        site.job_named(&self.job(), &files);
        let unique: BTreeMap<u8, &Change> = load.iter().map(|row| (row.1, row)).collect();
        let rows: String = unique.values().map(|row| line("", row)).collect();
        self.step("LOAD00000001.csv", &rows, true, false);
        for (index, object) in objects.iter().enumerate() {
            // A late one before the one before it, if there is one.
            let at =
                if object.late && index > 0 { index * 1_000 - 500 } else { (index + 1) * 1_000 };
            let rows: String = object.rows.iter().map(|row| line(op(row.0), row)).collect();
            if let Some(edit) = object.edit {
                self.edit(edit);
            }
            let name = format!("20260101-{at:09}.csv");
            self.step(&name, &rows, object.is_applied, object.is_refreshed);
        }
    }

    /// No unique index forbids it.
    fn edit(&self, (title, more): (u8, u8)) {
        let [pairs, _songs, totals] = self.tables();
        for (table, number) in [(pairs, "sales"), (totals, "total")] {
            self.site.execute(&format!(
                "INSERT INTO {table} SELECT title, {number} + {more} FROM {table} WHERE title = 't{title}'"
            ));
        }
    }

    /// An object comes, is planned, and is applied or run.
    fn step(&self, name: &str, rows: &str, is_applied: bool, is_refreshed: bool) {
        let (site, job) = (self.site, self.job());
        site.stage(&format!("songs_{}/{name}", self.number), rows);
        let before = self.dump();
        let refresh: &[&str] = if is_refreshed { &["--full-refresh"] } else { &[] };
        let plan = self.command(&[&["plan", "--job", &job, "--out", PLAN], refresh].concat());
        let _report = match is_applied {
            true => self.command(&["apply", PLAN]),
            false => self.command(&[&["run", "--job", &job], refresh].concat()),
        };
        let after = self.dump();
        for model in plan["models"].as_array().unwrap() {
            let table = model["table"].as_str().unwrap();
            let has_key = !model["key"].as_array().unwrap().is_empty();
            let (before, after) = (&before[table], &after[table]);
            let (insert, update, delete, same) = difference(before, after, has_key);
            // Else only the rows are compared that are written.
            let same = if is_refreshed { format!("{same} ") } else { String::new() };
            let expected = format!("{insert} {update} {delete} {same}");
            let found = counts(model);
            assert!(found.starts_with(&expected), "{table} {name}: {expected}, not {found}");
        }
    }

    fn command(&self, args: &[&str]) -> Value {
        let output = self.site.command(args.iter().chain(&["--output", "json"])).run();
        assert_eq!(output.status, Some(0), "{args:?}: {}", output.stderr);
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// The rows of each table, the key's column first.
    fn dump(&self) -> BTreeMap<String, Vec<String>> {
        let site = self.site;
        let is_new = site.is_server() || site.folder().join("target.db").exists();
        let there = if is_new { site.table_names() } else { Vec::new() };
        let rows = |table: &String| match there.contains(table) {
            true => site.rows(&format!("SELECT * FROM {table}")),
            false => Vec::new(),
        };
        self.tables().into_iter().map(|table| (table.clone(), rows(&table))).collect()
    }
}

fn op(number: u8) -> &'static str {
    match number {
        0 => "I,",
        1 => "D,",
        _ => "U,",
    }
}

fn line(op: &str, (_, id, title, sales): &Change) -> String {
    format!("{op}{id},t{title},{sales}\n")
}

/// Rows that come, change, go and stay. Of the rows with one key those that are equal stay, then one changes into another.
fn difference(before: &[String], after: &[String], has_key: bool) -> (u64, u64, u64, u64) {
    // What a key has: how often each row is there after, and before.
    let mut keys: BTreeMap<&str, BTreeMap<&str, [u64; 2]>> = BTreeMap::new();
    for (side, rows) in [after, before].into_iter().enumerate() {
        for row in rows {
            let key = if has_key { row.split('|').next().unwrap() } else { row };
            keys.entry(key).or_default().entry(row).or_default()[side] += 1;
        }
    }
    let (mut insert, mut update, mut delete, mut same) = (0, 0, 0, 0);
    for rows in keys.values() {
        let of = |count: fn(&[u64; 2]) -> u64| rows.values().map(count).sum::<u64>();
        let equal = of(|[after, before]| *after.min(before));
        let (more, less) = (of(|[after, _]| *after) - equal, of(|[_, before]| *before) - equal);
        let changed = if has_key { more.min(less) } else { 0 };
        insert += more - changed;
        update += changed;
        delete += less - changed;
        same += equal;
    }
    (insert, update, delete, same)
}
