//! Columns that a table has and its model lacks.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{CHANGES, FIRST, LOAD, SONGS, SOURCES, apply, counts, plan_with};
use crate::scenarios::site::{EACH, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        what_they_hold_is_not_lost_unseen,
        a_job_may_say_that_it_may_be_lost,
        a_table_without_a_key_is_looked_at_too,
        what_the_model_gave_before_is_the_jobs_own,
    ]
    .collect()
}

const CONFIG: &str = "target = '${TARGET}'\n";

/// Five songs are in a table of someone's own.
fn prepare(site: &Site<'_>) {
    site.execute(
        "CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), sales INT,
            note VARCHAR(20), rating INT NOT NULL DEFAULT 3, mood VARCHAR(9) DEFAULT 'new',
            seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    );
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("job.toml", CONFIG)]);
    site.stage(LOAD, "1,one,41\n2,two,20\n3,three,30\n4,four,40\n5,five,50\n");
    site.run();
}

/// Two rows have a note, one another rating, one another mood.
fn fill(site: &Site<'_>) {
    site.execute("UPDATE songs SET note = 'call back' WHERE id IN (1, 2)");
    site.execute("UPDATE songs SET rating = 5 WHERE id = 2");
    site.execute("UPDATE songs SET mood = 'NEW' WHERE id = 3");
}

fn model(site: &Site<'_>, more: &[&str]) -> Value {
    let output = plan_with(site, &[more, &["--output", "json"]].concat());
    let plan = serde_json::from_str::<Value>(&output.stdout).unwrap();
    let is_refused = plan["refused"].as_bool().unwrap();
    assert_eq!(output.status, Some(if is_refused { 4 } else { 0 }), "{}", output.stderr);
    plan["models"][0].clone()
}

/// A run is refused with these options, and nothing is written.
fn assert_refused(site: &Site<'_>, more: &[&str], said: &str) {
    let before = site.dump();
    let output = site.command(["run", "--job", "shop"].iter().chain(more)).run();
    assert_eq!(output.status, Some(4), "{}{}", output.stdout, output.stderr);
    for said in ["table `songs` would lose values", said, "--reset-columns", "reset_columns"] {
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
    }
    assert_eq!(site.dump(), before);
}

const LOST: &str = "note in 2 rows, rating in 1 row, mood in 1 row";

fn what_they_hold_is_not_lost_unseen(site: &Site<'_>) {
    prepare(site);
    // What fills itself, or has its default, keeps nobody from loading anew.
    let plan = model(site, &["--full-refresh"]);
    assert_eq!(counts(&plan), "0 0 0 5 0", "{plan}");
    assert_eq!(
        (&plan["columns_reset"], &plan["refused"]),
        (&json!([{"column": "seen"}]), &Value::Null)
    );
    let report = site.run_with(&["--full-refresh"]);
    assert_eq!(report.0["models"][0]["columns_reset"], json!([{"column": "seen"}]));
    fill(site);
    let plan = model(site, &["--full-refresh"]);
    assert_eq!(counts(&plan), "0 3 0 2 0", "{plan}");
    let of = |column: &str, rows: u64| json!({"column": column, "rows": rows});
    let columns = json!([of("note", 2), of("rating", 1), of("mood", 1)]);
    assert_eq!(plan["changes"]["columns"], columns);
    let reset = json!([of("note", 2), of("rating", 1), of("mood", 1), {"column": "seen"}]);
    assert_eq!(plan["columns_reset"], reset);
    let update = &plan["changes"]["samples"]["update"][0];
    assert_eq!(update["changed"], json!({"note": {"old": "set", "new": "default"}}));
    assert!(plan["refused"].as_str().unwrap().contains(LOST), "{plan}");
    let text = plan_with(site, &["--full-refresh"]).stdout;
    for line in
        [&format!("  resets {LOST}, seen (the database fills it)"), "  stop   a run is refused: "]
    {
        assert!(text.lines().any(|said| said.starts_with(line)), "{line}: {text}");
    }
    assert_refused(site, &["--full-refresh"], LOST);
    // Changes keep them.
    site.stage(FIRST, CHANGES);
    assert_eq!(model(site, &[])["columns_reset"], Value::Null);
    site.run();
    let rows = "SELECT id, note, rating, mood FROM songs WHERE id < 4 ORDER BY id";
    assert_eq!(site.rows(rows), ["1|call back|3|new", "2|call back|5|new", "3|NULL|3|NEW"]);
    let report = site.command(["run", "--job", "shop", "--full-refresh", "--reset-columns"]).run();
    assert_eq!(report.status, Some(0), "{}", report.stderr);
    assert!(
        report.stdout.contains("         set to its default: note in 2 rows"),
        "{}",
        report.stdout
    );
    assert_eq!(site.rows(rows), ["1|NULL|3|new", "2|NULL|3|new", "3|NULL|3|new"]);
}

fn what_the_model_gave_before_is_the_jobs_own(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("job.toml", CONFIG)]);
    site.stage(LOAD, "1,one,41\n2,two,20\n");
    site.run();
    site.job(&[("songs.sql", "SELECT id, title FROM staged")]);
    let reset = json!([{"column": "sales", "rows": 2, "written_by_job": true}]);
    assert_eq!(model(site, &[])["columns_reset"], reset);
    assert_eq!(site.run().models(), ["songs full load +2 -0"]);
    assert_eq!(site.rows("SELECT COUNT(sales) FROM songs"), ["0"]);
    // From now on it is nobody's, so that what is found in it is someone else's.
    site.execute("UPDATE songs SET sales = 7 WHERE id = 1");
    assert_refused(site, &["--full-refresh"], "sales in 1 row");
}

fn a_job_may_say_that_it_may_be_lost(site: &Site<'_>) {
    prepare(site);
    fill(site);
    let other = "SELECT id, title, sales FROM staged WHERE sales >= 1";
    site.job(&[("songs.sql", other)]);
    assert_refused(site, &[], LOST);
    // What was allowed when it was planned is allowed when it is applied.
    let output = plan_with(site, &["--reset-columns", "--out", super::PLAN]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(apply(site).models(), ["songs full load +5 -0"]);
    fill(site);
    let guard = format!("{CONFIG}[model.songs.guard]\nreset_columns = true\n");
    site.job(&[("songs.sql", SONGS), ("job.toml", &guard)]);
    assert_eq!(model(site, &[])["refused"], Value::Null);
    assert_eq!(site.run().models(), ["songs full load +5 -0"]);
    assert_eq!(site.rows("SELECT COUNT(note) FROM songs"), ["0"]);
}

fn a_table_without_a_key_is_looked_at_too(site: &Site<'_>) {
    prepare(site);
    let titles = "SELECT title, sales FROM staged";
    site.execute("CREATE TABLE titles (title VARCHAR(40), sales INT, note VARCHAR(20))");
    let config = format!("{CONFIG}[model.titles]\nkey = []\n");
    site.job(&[("titles.sql", titles), ("job.toml", &config)]);
    site.run();
    site.execute("UPDATE titles SET note = 'mine' WHERE title = 'two'");
    site.stage(FIRST, "D,1,,\n");
    let plan = plan_with(site, &["--output", "json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let titles =
        plan["models"].as_array().unwrap().iter().find(|m| m["model"] == "titles").unwrap();
    assert_eq!(
        (&titles["step"], counts(titles).as_str()),
        (&json!("replace"), "1 0 2 3 0"),
        "{titles}"
    );
    assert_eq!(titles["changes"]["samples"]["delete"][1]["note"], "set");
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    let said =
        "table `titles` would lose values of columns that the model does not have: note in 1 row";
    assert!(output.stderr.contains(said), "{}", output.stderr);
    site.run_with(&["--reset-columns"]);
    assert_eq!(site.rows("SELECT COUNT(*), COUNT(note) FROM titles"), ["4|0"]);
}
