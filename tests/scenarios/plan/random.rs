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
}

fn objects() -> impl Strategy<Value = (Vec<Change>, Vec<Object>)> {
    let change = || (0..4_u8, 0..12_u8, 0..3_u8, -1..4_i8);
    let object = (vec(change(), 0..8), prop::bool::weighted(0.2), any::<bool>())
        .prop_map(|(rows, late, is_applied)| Object { rows, late, is_applied });
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
        self.step("LOAD00000001.csv", &rows, true);
        for (index, object) in objects.iter().enumerate() {
            // A late one before the one before it, if there is one.
            let at =
                if object.late && index > 0 { index * 1_000 - 500 } else { (index + 1) * 1_000 };
            let rows: String = object.rows.iter().map(|row| line(op(row.0), row)).collect();
            self.step(&format!("20260101-{at:09}.csv"), &rows, object.is_applied);
        }
    }

    /// An object comes, is planned, and is applied or run.
    fn step(&self, name: &str, rows: &str, is_applied: bool) {
        let (site, job) = (self.site, self.job());
        site.stage(&format!("songs_{}/{name}", self.number), rows);
        let before = self.dump();
        let plan = self.command(&["plan", "--job", &job, "--out", PLAN]);
        let _report = match is_applied {
            true => self.command(&["apply", PLAN]),
            false => self.command(&["run", "--job", &job]),
        };
        let after = self.dump();
        for model in plan["models"].as_array().unwrap() {
            let table = model["table"].as_str().unwrap();
            let has_key = !model["key"].as_array().unwrap().is_empty();
            let (insert, update, delete) = difference(&before[table], &after[table], has_key);
            let expected = format!("{insert} {update} {delete} ");
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

/// Rows that come, change and go.
fn difference(before: &[String], after: &[String], has_key: bool) -> (usize, usize, usize) {
    if !has_key {
        let mut counts: BTreeMap<&String, i64> = BTreeMap::new();
        for row in after {
            *counts.entry(row).or_default() += 1;
        }
        for row in before {
            *counts.entry(row).or_default() -= 1;
        }
        let sum = |sign: i64| -> i64 { counts.values().map(|count| (count * sign).max(0)).sum() };
        return (usize::try_from(sum(1)).unwrap(), 0, usize::try_from(sum(-1)).unwrap());
    }
    let by_key = |rows: &[String]| -> BTreeMap<String, String> {
        rows.iter().map(|row| (row.split('|').next().unwrap().to_owned(), row.clone())).collect()
    };
    let (before, after) = (by_key(before), by_key(after));
    let insert = after.keys().filter(|key| !before.contains_key(*key)).count();
    let delete = before.keys().filter(|key| !after.contains_key(*key)).count();
    let differs = |(key, row): &(&String, &String)| before.get(*key).is_some_and(|old| old != *row);
    (insert, after.iter().filter(differs).count(), delete)
}
