//! Runs that would take away much of a table.

use std::fmt::Write as _;

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        changes_that_delete_more_than_half_of_a_table_are_stopped,
        a_full_load_with_less_than_half_of_the_rows_is_stopped,
        a_table_is_emptied_only_if_it_may_be_empty,
        a_job_says_what_its_tables_may_lose,
        a_share_that_a_job_says_holds_for_small_tables,
        a_table_without_a_key_is_guarded_too,
        every_table_that_would_lose_too_much_is_named,
        rows_that_were_there_before_the_job_are_replaced_only_on_demand,
    ]
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_table_that_is_changed_in_place_is_guarded_too,
        shadow_tables_of_a_stopped_full_load_are_dropped,
    ])
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title FROM staged";
const LOAD: &str = "songs/LOAD00000001.csv";
const CHANGE: &str = "songs/20260101-000000000.csv";

/// `op` and the ids as rows.
fn rows(op: &str, ids: std::ops::RangeInclusive<u32>) -> String {
    ids.fold(String::new(), |mut text, id| {
        writeln!(text, "{op}{id},song {id}").unwrap();
        text
    })
}

/// 150 rows are in the table.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage(LOAD, rows("", 1..=150));
    site.run();
}

fn count(site: &Site<'_>) -> String {
    site.rows("SELECT COUNT(*) FROM songs").concat()
}

/// The run stops and changes nothing; the plan tells it beforehand.
fn assert_stopped(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}{}", output.stdout, output.stderr);
    for said in said.iter().chain(&["`songs`", "  next: ", "job.toml"]) {
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
    }
    assert_eq!(site.dump(), before);
    let plan = site.command(["plan", "--job", "shop"]).run();
    assert_eq!(plan.status, Some(4), "{}", plan.stderr);
    for said in said.iter().chain(&["error: a run is refused: table `songs`", "  next: "]) {
        assert!(plan.stderr.contains(said), "{said}: {}", plan.stderr);
    }
    let end = plan.stdout.lines().last().unwrap_or_default();
    assert!(end.starts_with("Plan: a run is refused, see stop; else "), "{end}");
    let stop = plan.stdout.lines().find(|line| line.starts_with("  stop ")).unwrap_or_default();
    assert!(stop.contains(said[0]), "{}: {}", said[0], plan.stdout);
    assert_eq!(site.dump(), before);
}

fn changes_that_delete_more_than_half_of_a_table_are_stopped(site: &Site<'_>) {
    prepare(site);
    site.stage(CHANGE, rows("D,", 1..=75));
    assert_eq!(site.run().models(), ["songs row-wise +0 -75"]);
    site.stage("songs/20260102-000000000.csv", rows("I,", 200..=274));
    site.run();
    // New rows do not make up for those that are gone.
    let both = rows("D,", 76..=150) + &rows("D,", 200..=204) + &rows("I,", 300..=399);
    site.stage("songs/20260103-000000000.csv", both);
    assert_stopped(site, &["would lose 80 of its 150 rows, more than 50 %", "--allow-deletes"]);
    let plan = site.command(["plan", "--job", "shop", "--allow-deletes"]).run();
    assert!(!plan.stdout.contains("  stop "), "{}", plan.stdout);
    assert_eq!(site.run_with(&["--allow-deletes"]).models(), ["songs row-wise +100 -80"]);
    assert_eq!(count(site), "170");
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn a_full_load_with_less_than_half_of_the_rows_is_stopped(site: &Site<'_>) {
    prepare(site);
    site.stage(LOAD, rows("", 1..=75));
    assert_eq!(site.run().models(), ["songs full load +75 -0"]);
    site.stage(LOAD, rows("", 1..=150));
    site.run();
    site.stage(LOAD, rows("", 1..=74));
    assert_stopped(site, &["would lose 76 of its 150 rows", "--allow-deletes"]);
    // That is no question of what is staged, so a refresh does not answer it.
    let output = site.command(["run", "--job", "shop", "--full-refresh"]).run();
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    site.run_with(&["--allow-deletes"]);
    assert_eq!(count(site), "74");
    // A filter that lets few rows through is the same.
    site.stage(LOAD, rows("", 1..=150));
    site.run();
    site.job(&[("songs.sql", "SELECT id, title FROM staged WHERE id > 140")]);
    assert_stopped(site, &["would lose 140 of its 150 rows"]);
}

fn a_table_is_emptied_only_if_it_may_be_empty(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage(LOAD, rows("", 1..=2));
    site.run();
    site.stage(CHANGE, rows("D,", 1..=2));
    assert_stopped(site, &["would lose all of its 2 rows", "allow_empty"]);
    let guard = "target = '${TARGET}'\n[model.songs.guard]\nallow_empty = true\n";
    site.job(&[("job.toml", guard)]);
    assert_eq!(site.run().models(), ["songs row-wise +0 -2"]);
    assert_eq!(count(site), "0");
    site.stage(LOAD, rows("", 1..=150));
    site.run();
    site.stage(LOAD, "");
    assert_eq!(site.run().models(), ["songs full load +0 -0"]);
    assert_eq!(count(site), "0");
}

fn a_job_says_what_its_tables_may_lose(site: &Site<'_>) {
    prepare(site);
    let guard =
        |share: &str| format!("target = '${{TARGET}}'\n[guard]\nmax_delete_share = {share}\n");
    site.job(&[("job.toml", &guard("0.1"))]);
    site.stage(CHANGE, rows("D,", 1..=16));
    assert_stopped(site, &["would lose 16 of its 150 rows, more than 10 %"]);
    site.stage(CHANGE, rows("D,", 1..=15));
    assert_eq!(site.run().models(), ["songs row-wise +0 -15"]);
    site.job(&[("job.toml", &guard("1"))]);
    site.stage("songs/20260102-000000000.csv", rows("D,", 16..=149));
    assert_eq!(site.run().models(), ["songs row-wise +0 -134"]);
    assert_eq!(count(site), "1");
}

fn a_share_that_a_job_says_holds_for_small_tables(site: &Site<'_>) {
    let guard = "target = '${TARGET}'\n[model.songs.guard]\nmax_delete_share = 0.2\n";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("job.toml", guard)]);
    site.stage(LOAD, rows("", 1..=10));
    site.run();
    site.stage(CHANGE, rows("D,", 1..=3));
    assert_stopped(site, &["would lose 3 of its 10 rows, more than 20 %", "--allow-deletes"]);
    site.stage(CHANGE, rows("D,", 1..=2));
    assert_eq!(site.run().models(), ["songs row-wise +0 -2"]);
    // Without it only a larger table's share is watched.
    site.job(&[("job.toml", "target = '${TARGET}'\n")]);
    site.stage("songs/20260102-000000000.csv", rows("D,", 3..=9));
    assert_eq!(site.run().models(), ["songs row-wise +0 -7"]);
}

fn a_table_without_a_key_is_guarded_too(site: &Site<'_>) {
    let config = "target = '${TARGET}'\n[model.songs]\nkey = []\n";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("job.toml", config)]);
    site.stage(LOAD, rows("", 1..=150));
    site.run();
    site.stage(CHANGE, rows("D,", 1..=76));
    assert_stopped(site, &["would lose 76 of its 150 rows"]);
    assert_eq!(site.run_with(&["--allow-deletes"]).models(), ["songs replace +74 -0"]);
}

fn every_table_that_would_lose_too_much_is_named(site: &Site<'_>) {
    site.job(&[("titles.sql", SONGS)]);
    prepare(site);
    site.stage(CHANGE, rows("D,", 1..=76));
    assert_stopped(site, &["would lose 76 of its 150 rows", "`titles`"]);
}

fn rows_that_were_there_before_the_job_are_replaced_only_on_demand(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage(LOAD, rows("", 1..=3));
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(60))");
    site.execute("INSERT INTO songs VALUES (9, 'mine')");
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    for said in ["`songs`", "no run of this job wrote", "--take-over", "  next: "] {
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
    }
    assert_eq!(site.rows("SELECT * FROM songs"), ["9|mine"]);
    let plan = site.command(["plan", "--job", "shop", "--output", "json"]).run();
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let refused = plan["models"][0]["refused"].as_str().unwrap();
    assert!(refused.contains("no run of this job wrote"), "{refused}");
    // An empty table is no question.
    site.execute("DELETE FROM songs");
    site.run();
    assert_eq!(count(site), "3");
    // Nor is a table of the job's own, whatever has happened to it.
    site.execute("INSERT INTO songs VALUES (9, 'mine')");
    site.job(&[("songs.sql", "SELECT id, upper(title) AS title FROM staged")]);
    site.run();
    assert_eq!(count(site), "3");
    site.execute("CREATE TABLE titles (title VARCHAR(60))");
    site.execute("INSERT INTO titles VALUES ('mine')");
    site.job(&[("titles.sql", "SELECT title FROM staged")]);
    assert_eq!(site.fail().status, Some(4));
    assert_eq!(site.run_with(&["--take-over"]).models(), ["titles full load +3 -0"]);
    // Nor does a model that the job has long had own a table that it is pointed at.
    site.execute("CREATE TABLE names (title VARCHAR(60))");
    site.execute("INSERT INTO names VALUES ('mine'), ('yours')");
    site.job(&[("job.toml", "target = '${TARGET}'\n[model.titles]\ntable = 'names'\n")]);
    assert_eq!(site.fail().status, Some(4));
    assert_eq!(site.rows("SELECT count(*) FROM names"), ["2"]);
}

fn a_table_that_is_changed_in_place_is_guarded_too(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TRIGGER watched BEFORE DELETE ON songs FOR EACH ROW SET @seen = 1");
    site.stage(LOAD, rows("", 1..=74));
    assert_stopped(site, &["would lose 76 of its 150 rows"]);
    assert_eq!(site.run_with(&["--allow-deletes"]).models(), ["songs replay +0 -76"]);
}

fn shadow_tables_of_a_stopped_full_load_are_dropped(site: &Site<'_>) {
    prepare(site);
    let tables = site.rows("SHOW TABLES");
    site.stage(LOAD, "");
    assert_eq!(site.fail().status, Some(4));
    assert_eq!(site.rows("SHOW TABLES"), tables);
    assert_eq!(site.rows("SELECT COUNT(*) FROM unglue_meta WHERE name LIKE 'fill/%'"), ["0"]);
}
