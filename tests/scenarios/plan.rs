//! What a plan tells, and that applying it does exactly that or refuses.

mod applied;
mod columns;
mod moved;
mod owned;
mod random;
mod repeated;
mod statements;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::site::{EACH, Report, SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_plan_tells_each_kind_of_row_and_what_differs,
        a_plan_of_a_full_load_compares_whole_tables,
        a_plan_without_a_key_counts_rows,
        a_plan_of_a_replay_tells_what_differs,
        a_plan_reads_the_table_by_key_whatever_the_key_is,
    ]
    .chain(scenarios![servers, [SQLITE];
        the_exit_status_tells_whether_there_are_changes,
        a_folder_of_the_target_that_is_missing_is_told_before_a_run,
        plans_have_colours_only_where_they_are_wanted,
    ])
    .chain(applied::trials(servers))
    .chain(columns::trials(servers))
    .chain(moved::trials(servers))
    .chain(owned::trials(servers))
    .chain(repeated::trials(servers))
    .chain(statements::trials(servers))
    .chain(random::trials(servers))
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, sales FROM staged WHERE sales >= 0";
const TOTALS: &str = "SELECT title, CAST(SUM(sales) AS BIGINT) AS total FROM staged GROUP BY title";
const LOAD: &str = "songs/LOAD00000001.csv";
const FIRST: &str = "songs/20260101-000000001.csv";
const SECOND: &str = "songs/20260101-000000002.csv";
const PLAN: &str = "plan.json";

/// Five songs are in the table.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
    site.stage(LOAD, "1,one,41\n2,two,20\n3,three,30\n4,four,40\n5,five,50\n");
    site.run();
}

/// What may happen to a row: a new one, two columns that change, one, none; a delete, one by the filter, and two of nothing.
const CHANGES: &str =
    "I,6,six,60\nU,1,uno,42\nU,2,two,21\nU,3,three,30\nD,4,,\nU,5,five,-1\nI,7,no,-1\nD,8,,\n";

fn plan_with(site: &Site<'_>, more: &[&str]) -> Output {
    site.command(["plan", "--job", "shop"].iter().chain(more)).run()
}

fn plan_json(site: &Site<'_>) -> Value {
    plan_json_with(site, &[])
}

fn plan_json_with(site: &Site<'_>, more: &[&str]) -> Value {
    let output = plan_with(site, &[&["--output", "json"], more].concat());
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

/// Writes the plan to a file; answers what is told.
fn keep(site: &Site<'_>) -> String {
    let output = plan_with(site, &["--out", PLAN]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    output.stdout
}

fn apply_with(site: &Site<'_>, more: &[&str]) -> Output {
    site.command(["apply", PLAN, "--output", "json"].iter().chain(more)).run()
}

fn apply(site: &Site<'_>) -> Report {
    let output = apply_with(site, &[]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    Report::read(&output)
}

/// `insert update delete unchanged absent`
fn counts(model: &Value) -> String {
    let changes = &model["changes"];
    let count = |name: &str| changes[name].as_u64().unwrap().to_string();
    ["insert", "update", "delete", "unchanged", "absent"].map(count).join(" ")
}

fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT id, title, sales FROM songs ORDER BY id")
}

fn a_plan_tells_each_kind_of_row_and_what_differs(site: &Site<'_>) {
    prepare(site);
    site.stage(FIRST, CHANGES);
    let before = site.dump();
    let plan = plan_json(site);
    let model = &plan["models"][0];
    assert_eq!(model["step"], "row-wise");
    assert_eq!((&model["upserts"], &model["deletes"]), (&json!(4), &json!(4)));
    assert_eq!(counts(model), "1 2 2 1 2");
    let changes = &model["changes"];
    let columns = json!([{"column": "title", "rows": 1}, {"column": "sales", "rows": 2}]);
    assert_eq!(changes["columns"], columns);
    let samples = json!({
        "insert": [{"id": "6", "title": "six", "sales": "60"}],
        "update": [
            {"key": {"id": "1"}, "changed": {
                "title": {"old": "one", "new": "uno"}, "sales": {"old": "41", "new": "42"},
            }},
            {"key": {"id": "2"}, "changed": {"sales": {"old": "20", "new": "21"}}},
        ],
        "delete": [
            {"id": "4", "title": "four", "sales": "40"},
            {"id": "5", "title": "five", "sales": "50"},
        ],
    });
    assert_eq!(changes["samples"], samples);
    assert_eq!(plan["changes"], true);
    let pending = &plan["pending"][0];
    assert_eq!(pending["modified"], "2026-01-01T00:00:01.000Z");
    assert_eq!(pending["bytes"], CHANGES.len());
    assert_eq!(pending["e_tag"].is_string(), site.is_s3(), "{pending}");
    let text = plan_with(site, &[]).stdout;
    for line in [
        "  delta  4 upserts, 4 deletes",
        "  rows   1 to insert, 2 to update, 2 to delete, 1 unchanged, 2 deletes of keys that are not there",
        "  update title in 1 row, sales in 2 rows",
        "    + id 6, title \"six\", sales 60",
        "    ~ id 1  title: \"one\" -> \"uno\", sales: 41 -> 42",
        "    ~ id 2  sales: 20 -> 21",
        "    - id 4, title \"four\", sales 40",
        "    - id 5, title \"five\", sales 50",
    ] {
        assert!(text.lines().any(|said| said == line), "{line}: {text}");
    }
    let end = text.lines().last().unwrap();
    assert!(end.starts_with("Plan: ") && end.ends_with("tables 2, pending objects 1."), "{end}");
    let dry = site.command(["run", "--job", "shop", "--dry-run"]).run();
    assert_eq!(dry.stdout, text);
    assert_eq!(site.dump(), before);
}

fn a_plan_of_a_full_load_compares_whole_tables(site: &Site<'_>) {
    prepare(site);
    let rows = "SELECT CAST(id + 1 AS INT) AS id, title, sales FROM staged WHERE id < 5";
    let config = "target = '${TARGET}'\n[model.songs]\nkey = ['id']\n";
    site.job(&[("songs.sql", rows), ("job.toml", config)]);
    let plan = plan_json(site);
    let model = &plan["models"][0];
    assert_eq!(model["step"], "full load");
    assert_eq!(counts(model), "0 4 1 0 0", "{model}");
    assert_eq!(model["changes"]["samples"]["delete"][0]["id"], "1");
    // Nothing of it is there yet.
    site.job(&[("more.sql", "SELECT id FROM staged")]);
    let plan = plan_json(site);
    let more = plan["models"].as_array().unwrap().iter().find(|m| m["model"] == "more").unwrap();
    assert_eq!(counts(more), "5 0 0 0 0");
    site.run();
    assert_eq!(plan_json(site)["changes"], false);
    let refreshed = plan_with(site, &["--full-refresh", "--output", "json"]);
    let refreshed: Value = serde_json::from_str(&refreshed.stdout).unwrap();
    for model in refreshed["models"].as_array().unwrap() {
        let rows = model["upserts"].as_u64().unwrap();
        assert_eq!(counts(model), format!("0 0 0 {rows} 0"), "{model}");
    }
    // What somebody has edited is seen, while nothing is pending.
    site.execute("UPDATE songs SET title = 'mine' WHERE id = 2");
    site.execute("DELETE FROM songs WHERE id = 3");
    assert_eq!(plan_json(site)["changes"], false);
    let edited = plan_with(site, &["--full-refresh", "--output", "json"]);
    let edited: Value = serde_json::from_str(&edited.stdout).unwrap();
    let songs = edited["models"].as_array().unwrap().iter().find(|m| m["model"] == "songs");
    let songs = songs.unwrap();
    assert_eq!(counts(songs), "1 1 0 2 0", "{songs}");
    assert_eq!(songs["changes"]["columns"], json!([{"column": "title", "rows": 1}]));
    const DETAILED: [&str; 2] = ["--full-refresh", "--detailed-exitcode"];
    assert_eq!(plan_with(site, &DETAILED).status, Some(2));
    let sql = "SELECT id, title, sales FROM target.songs EXCEPT SELECT id, title, sales FROM songs";
    let output = site.command(["sql", "--job", "shop", "--format", "csv", "-c", sql]).run();
    assert_eq!(output.stdout, "id,title,sales\n2,mine,41\n", "{}", output.stderr);
    let told = site.command(["run", "--job", "shop", "--full-refresh"]).run();
    assert!(told.stdout.contains("(full load): 5 rows\n"), "{}", told.stdout);
    assert!(told.stdout.contains("songs (full load): 4 rows upserted in place of 3\n"), "{told:?}");
    assert_eq!(plan_with(site, &DETAILED).status, Some(0), "nobody has edited it since");
    site.execute("ALTER TABLE more ADD COLUMN note INT");
    assert_eq!(plan_with(site, &DETAILED).status, Some(0), "it is empty");
    site.execute("DROP TABLE more");
    assert_eq!(plan_with(site, &DETAILED).status, Some(2));
}

fn a_folder_of_the_target_that_is_missing_is_told_before_a_run(site: &Site<'_>) {
    prepare(site);
    for command in ["status", "plan", "run"] {
        let output =
            site.command([command, "--job", "shop", "--target", "sqlite:nowhere/x.db"]).run();
        assert_eq!(output.status, Some(2), "{command}: {output:?}");
        let said =
            "error: folder `nowhere` of the target does not exist\n  next: create the folder";
        assert!(output.stderr.contains(said), "{command}: {}", output.stderr);
        let output = site.command([command, "--job", "shop", "--target", "sqlite:"]).run();
        assert_eq!(output.status, Some(2), "{command}: {output:?}");
        let said = "the target URL `sqlite:` names no database file\n  next: write `sqlite:PATH`";
        assert!(output.stderr.contains(said), "{command}: {}", output.stderr);
    }
    // What is staged can be looked at without it.
    let args = ["sql", "--job", "shop", "--target", "sqlite:nowhere/x.db", "--format", "csv"];
    let output = site.command(args.iter().chain(&["-c", "SELECT count(*) AS c FROM songs"])).run();
    assert_eq!(output.stdout, "c\n5\n", "{}", output.stderr);
}

fn a_plan_without_a_key_counts_rows(site: &Site<'_>) {
    let config = "target = '${TARGET}'\n[model.songs]\nkey = []\n";
    let titles = "SELECT title, sales FROM staged";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", titles), ("job.toml", config)]);
    site.stage(LOAD, "1,a,1\n2,a,1\n3,b,2\n4,c,3\n");
    site.run();
    // One of two equal rows goes, another comes.
    site.stage(FIRST, "D,1,,\nU,3,d,\nI,5,c,3\n");
    let plan = plan_json(site);
    assert_eq!(plan["models"][0]["step"], "replace");
    assert_eq!(counts(&plan["models"][0]), "2 0 2 2 0");
    keep(site);
    assert_eq!(apply(site).models(), ["songs replace +4 -0"]);
    let mut rows = site.rows("SELECT title, sales FROM songs");
    rows.sort();
    assert_eq!(rows, ["a|1", "c|3", "c|3", "d|NULL"]);
    // A source without a key is only added to.
    let sources = "CREATE EXTERNAL TABLE staged (title VARCHAR(40), sales INT)
        STORED AS DMS LOCATION '${STAGING}/songs'";
    let site_rows = || site.rows("SELECT title, sales FROM songs").len();
    site.job(&[("sources.sql", sources), ("job.toml", "target = '${TARGET}'\n")]);
    site.unstage(FIRST);
    site.stage(LOAD, "a,1\nb,2\n");
    site.run_with(&["--full-refresh"]);
    site.stage("songs/20260102-000000001.csv", "I,b,2\nI,c,3\n");
    let plan = plan_json(site);
    assert_eq!(plan["models"][0]["step"], "append");
    assert_eq!(counts(&plan["models"][0]), "2 0 0 0 0");
    keep(site);
    assert_eq!(apply(site).models(), ["songs append +2 -0"]);
    assert_eq!(site_rows(), 4);
}

fn a_plan_of_a_replay_tells_what_differs(site: &Site<'_>) {
    prepare(site);
    site.stage(FIRST, CHANGES);
    let plan = plan_json(site);
    let model = &plan["models"][1];
    assert_eq!(model["step"], "replay");
    // `uno`, `six` and `no` are new, `one` and `four` are gone, `two` and `five` differ. What is equal is not even sent.
    assert_eq!(counts(model), "3 2 2 0 0", "{model}");
    let columns = json!([{"column": "total", "rows": 2}]);
    assert_eq!(model["changes"]["columns"], columns);
}

/// Keys of each type are compared in the database as far as it compares them as we do.
fn a_plan_reads_the_table_by_key_whatever_the_key_is(site: &Site<'_>) {
    for (index, (sql_type, values)) in [
        ("INT", ["1", "2", "3"]),
        ("BIGINT UNSIGNED", ["1", "18446744073709551", "3"]),
        ("VARCHAR(20)", ["a", "A", "b "]),
        ("DECIMAL(12,3)", ["1.500", "-2.000", "0.001"]),
        ("DATE", ["2026-01-01", "1999-12-31", "1000-01-01"]),
        (
            "DATETIME(6)",
            ["2026-01-01 00:00:00.000001", "1999-12-31 00:00:00", "2000-01-01 12:00:00"],
        ),
        ("DOUBLE", ["1.5", "-0.25", "3"]),
        ("TIME", ["01:00:00", "23:59:59", "00:00:00"]),
    ]
    .into_iter()
    .enumerate()
    {
        let [table, job] = ["t", "by"].map(|name| format!("{name}_{index}"));
        let sources = format!(
            "CREATE EXTERNAL TABLE staged (k {sql_type}, n INT, PRIMARY KEY (k))
                STORED AS DMS LOCATION '${{STAGING}}/{table}'"
        );
        let model = format!("{table}.sql");
        site.job_named(&job, &[("sources.sql", &sources), (&model, "SELECT k, n FROM staged")]);
        let load: String = values.iter().map(|value| format!("\"{value}\",1\n")).collect();
        site.stage(&format!("{table}/LOAD00000001.csv"), load);
        let run = |command: &str| {
            let output = site.command([command, "--job", &job, "--output", "json"]).run();
            assert_eq!(output.status, Some(0), "{sql_type}: {}", output.stderr);
            serde_json::from_str::<Value>(&output.stdout).unwrap()
        };
        run("run");
        let [first, second, third] = values;
        let changes = format!("U,\"{first}\",2\nU,\"{second}\",1\nD,\"{third}\",\n");
        site.stage(&format!("{table}/20260101-000000001.csv"), changes);
        let plan = run("plan");
        assert_eq!(counts(&plan["models"][0]), "0 1 1 1 0", "{sql_type}: {plan}");
        run("run");
        let found = site.rows(&format!("SELECT n FROM {table} ORDER BY n"));
        assert_eq!(found, ["1", "2"], "{sql_type}");
    }
}

fn the_exit_status_tells_whether_there_are_changes(site: &Site<'_>) {
    const DETAILED: &str = "--detailed-exitcode";
    prepare(site);
    assert_eq!(plan_with(site, &[DETAILED]).status, Some(0));
    site.stage(FIRST, CHANGES);
    for (more, status) in [
        (&[][..], 0),
        (&[DETAILED], 2),
        (&[DETAILED, "--output", "json"], 2),
        (&[DETAILED, "--out", PLAN], 2),
        // Wrong usage is not taken for changes.
        (&[DETAILED, "--out", "missing/plan.json"], 1),
        (&[DETAILED, "--var", "x"], 1),
        (&[DETAILED, "--output", "yaml"], 1),
        (&["--output", "yaml"], 2),
        (&["--var", "x"], 2),
    ] {
        let output = plan_with(site, more);
        assert_eq!(output.status, Some(status), "{more:?}: {}", output.stderr);
    }
    let other = site.command(["plan", "--job", "none", DETAILED]).run();
    assert_eq!(other.status, Some(1));
    assert!(other.stderr.contains("there is no job `none`"), "{}", other.stderr);
    site.stage(FIRST, "U,x,one,1\n");
    assert_eq!(plan_with(site, &[DETAILED]).status, Some(4));
    // Rows that are equal are no reason to leave an object unread.
    site.stage(FIRST, "U,1,one,41\n");
    assert_eq!(plan_with(site, &[DETAILED]).status, Some(2));
}

fn plans_have_colours_only_where_they_are_wanted(site: &Site<'_>) {
    prepare(site);
    site.stage(FIRST, CHANGES);
    let plain = plan_with(site, &[]).stdout;
    assert!(!plain.contains('\u{1b}'), "no terminal: {plain}");
    for (no_color, expected) in [("", true), ("1", false)] {
        let plan = site.command(["plan", "--job", "shop"]).env("NO_COLOR", no_color);
        let plan = plan.on_terminal("xterm").run();
        assert_eq!(plan.status, Some(0), "{plan:?}");
        let shown = plan.stdout;
        assert_eq!(shown.contains("\u{1b}[32m+ id 6"), expected, "{shown}");
    }
}
