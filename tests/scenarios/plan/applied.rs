//! Applying a plan does exactly what it says.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{
    CHANGES, FIRST, LOAD, PLAN, SECOND, SONGS, SOURCES, TOTALS, apply, apply_with, keep, plan_with,
    prepare, songs,
};
use crate::scenarios::site::{EACH, SQLITE, Site, assert_same, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        applying_does_what_was_planned,
        a_new_column_is_planned_and_applied,
        what_comes_after_a_plan_is_left_to_the_next_run,
        now_is_the_moment_of_the_plan,
    ]
    .chain(scenarios![servers, [SQLITE];
        applying_is_the_same_as_running,
        a_guard_stops_a_plan_that_was_not_allowed_it,
        a_plan_holds_no_row_and_no_secret,
    ])
    .collect()
}

fn totals(site: &Site<'_>) -> Vec<String> {
    let mut rows = site.rows("SELECT title, total FROM totals");
    rows.sort();
    rows
}

fn now_is_the_moment_of_the_plan(site: &Site<'_>) {
    let seen = "SELECT id, title, now() AS seen FROM staged";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", seen)]);
    site.stage(LOAD, "1,one,41\n");
    let plan = plan_with(site, &["--out", PLAN, "--output", "json"]);
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let planned = plan["models"][0]["changes"]["samples"]["insert"][0]["seen"].as_str().unwrap();
    let planned = planned.replace('T', " ");
    apply(site);
    let written = site.rows("SELECT seen FROM songs").concat();
    assert!(written.starts_with(planned.trim_end_matches('0')), "{planned}: {written}");
    // Each plan has its own, and so has each run.
    let run = |more: &[&str]| {
        site.run_with(more);
        site.rows("SELECT seen FROM songs").concat()
    };
    assert_ne!(run(&["--full-refresh"]), written);
}

fn applying_does_what_was_planned(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
    site.stage(LOAD, "1,one,41\n2,two,20\n3,three,30\n4,four,40\n5,five,50\n");
    let told = keep(site);
    assert!(told.contains("Plan: 10 to insert, 0 to update"), "{told}");
    let report = apply(site);
    assert_eq!(report.models(), ["songs full load +5 -0", "totals full load +5 -0"]);
    assert_eq!(report.objects(), ["LOAD00000001.csv load 5"]);
    site.stage(FIRST, CHANGES);
    keep(site);
    let report = apply(site);
    assert_eq!(report.models(), ["songs row-wise +4 -2", "totals replay +5 -2"]);
    assert_eq!(songs(site), ["1|uno|42", "2|two|21", "3|three|30", "6|six|60"]);
    let (rows, sums) = (songs(site), totals(site));
    // A plan is applied once.
    let again = apply_with(site, &[]);
    assert_eq!(again.status, Some(4), "{}", again.stderr);
    let said: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(said["outcome"], "refused");
    assert!(again.stderr.contains("the ledger has moved on"), "{}", again.stderr);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // Nor is there anything to do in a plan of nothing.
    keep(site);
    assert_eq!(apply(site).outcome(), "nothing_to_do");
    site.job(&[("songs.sql", "SELECT id, title, sales FROM staged")]);
    keep(site);
    assert_eq!(apply(site).models(), ["songs full load +6 -0"]);
    site.job(&[("songs.sql", SONGS)]);
    site.run_with(&["--full-refresh"]);
    assert_same(songs(site), rows);
    assert_same(totals(site), sums);
}

fn a_new_column_is_planned_and_applied(site: &Site<'_>) {
    let config = "target = '${TARGET}'\ndrift = 'widen'\n";
    let all = "SELECT * FROM staged";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", all), ("job.toml", config)]);
    site.stage(LOAD, "1,one,41\n2,two,20\n");
    site.run();
    site.stage(FIRST, "U,1,uno,42,red\nI,3,three,30,\n");
    let told = keep(site);
    assert!(told.contains("ADD COLUMN"), "{told}");
    assert!(told.contains("column_4: NULL -> \"red\""), "{told}");
    let report = apply(site);
    assert_eq!(report.models(), ["songs full load +3 -0"]);
    assert_eq!(report.0["models"][0]["columns_added"], json!(["column_4"]));
    let rows = site.rows("SELECT id, title, sales, column_4 FROM songs ORDER BY id");
    assert_eq!(rows, ["1|uno|42|red", "2|two|20|NULL", "3|three|30|NULL"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn what_comes_after_a_plan_is_left_to_the_next_run(site: &Site<'_>) {
    prepare(site);
    site.stage(FIRST, CHANGES);
    keep(site);
    site.stage(SECOND, "U,1,eins,43\n");
    let report = apply(site);
    assert_eq!(report.objects(), ["20260101-000000001.csv change 8"]);
    assert_eq!(songs(site)[0], "1|uno|42");
    let report = site.run();
    assert_eq!(report.objects(), ["20260101-000000002.csv change 1"]);
    assert_eq!(songs(site)[0], "1|eins|43");
    // Also where there was nothing to do.
    keep(site);
    site.stage("songs/20260101-000000003.csv", "U,1,un,44\n");
    assert_eq!(apply(site).outcome(), "nothing_to_do");
    assert_eq!(site.run().objects(), ["20260101-000000003.csv change 1"]);
}

/// From the same state, once by a plan and once by a run, all tables come to hold the same but for the names and times of runs.
fn applying_is_the_same_as_running(site: &Site<'_>) {
    let config = "target = '${TARGET}'\ndrift = 'widen'\n";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
    site.job(&[("whole.sql", "SELECT * FROM staged"), ("job.toml", config)]);
    let database = site.folder().join("target.db");
    let restore = |copy: &std::path::Path| {
        for end in ["", "-wal", "-shm"] {
            std::fs::remove_file(format!("{}{end}", database.display())).ok();
        }
        if copy.exists() {
            std::fs::copy(copy, &database).unwrap();
        }
    };
    let copy = site.folder().join("copy.db");
    let steps: [(&str, &str); 5] = [
        (LOAD, "1,one,41\n2,two,20\n3,three,30\n4,four,40\n5,five,50\n"),
        (FIRST, CHANGES),
        (SECOND, "D,1,,\nI,9,nine,90\n"),
        ("songs/20260101-000000003.csv", "U,2,zwei,21,red\n"),
        (LOAD, "1,one,41,red\n2,two,20,\n3,three,30,\n4,four,40,blue\n"),
    ];
    for (key, rows) in steps {
        site.stage(key, rows);
        if database.exists() {
            site.execute(&format!("VACUUM INTO '{}'", copy.display()));
        }
        keep(site);
        let applied = apply(site);
        let by_plan = without_runs(site);
        restore(&copy);
        let run = site.run();
        assert_eq!(without_runs(site), by_plan, "{key}");
        assert_eq!(run.models(), applied.models(), "{key}");
        assert_eq!(run.objects(), applied.objects(), "{key}");
        std::fs::remove_file(&copy).ok();
    }
}

/// All tables; of the ledger without runs and times.
fn without_runs(site: &Site<'_>) -> Vec<String> {
    let mut rows = Vec::new();
    for table in ["songs", "totals", "whole"] {
        let mut found = site.rows(&format!("SELECT * FROM `{table}`"));
        found.sort();
        rows.extend(found);
    }
    let ledger =
        "SELECT source, object, fingerprint, kind, generation, position, size, rows, rejected
        FROM unglue_ledger ORDER BY 1, 5, 6, 2";
    rows.extend(site.rows(ledger));
    rows.extend(site.rows(
        "SELECT name, value FROM unglue_meta
                WHERE name NOT LIKE '%run:%' AND name NOT LIKE '%runs:%' AND name NOT LIKE '%horizon:%' ORDER BY 1",
    ));
    rows
}

fn a_guard_stops_a_plan_that_was_not_allowed_it(site: &Site<'_>) {
    prepare(site);
    site.stage(FIRST, "D,1,,\nD,2,,\nD,3,,\nD,4,,\nD,5,,\n");
    // Not even the exit status of changes is told, and no plan is kept that cannot be applied.
    let refused = plan_with(site, &["--out", PLAN, "--detailed-exitcode"]);
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(refused.stdout.contains("  stop   a run is refused"), "{}", refused.stdout);
    for said in ["the plan is not kept in plan.json: ", "would lose all of its 5 rows"] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    assert!(!site.folder().join(PLAN).exists());
    // What was allowed when it was planned is allowed when it is applied.
    let output = plan_with(site, &["--out", PLAN, "--allow-deletes"]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(apply(site).models(), ["songs row-wise +0 -5", "totals replay +0 -5"]);
}

fn a_plan_holds_no_row_and_no_secret(site: &Site<'_>) {
    let model = "SELECT id, title, sales FROM staged WHERE title <> '${SECRET}'";
    let config = "target = '${TARGET}'\n";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", model), ("job.toml", config)]);
    site.stage(LOAD, "1,confidential,41\n");
    let output = plan_with(site, &["--out", PLAN, "--var", "SECRET=s3cret"]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let text = std::fs::read_to_string(site.folder().join(PLAN)).unwrap();
    for value in ["confidential", "s3cret", "SELECT"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    let plan: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plan["format"], "unglue-plan/2");
    assert_eq!(plan["pins"]["inputs"]["job"], "shop");
    let object = &plan["pins"]["inputs"]["sources"]["staged"]["objects"][0];
    assert_eq!((&object["key"], &object["bytes"]), (&json!("LOAD00000001.csv"), &json!(18)));
    // The variable's value is part of what was planned.
    let other = apply_with(site, &["--var", "SECRET=other"]);
    assert_eq!(other.status, Some(4), "{}", other.stderr);
    let said = "a variable has another value: one of SECRET, STAGING";
    assert!(other.stderr.contains(said), "{}", other.stderr);
    assert_eq!(apply_with(site, &["--var", "SECRET=s3cret"]).status, Some(0));
}
