//! Runs that look only at what is recent: what they find at once, by an event, or within a day.

use libtest_mimic::Trial;

use crate::scenarios::site::{ALL, Report, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, ALL;
        an_object_within_the_window_is_found_at_once,
        an_object_before_the_window_is_found_by_its_event,
        an_object_before_the_window_is_found_on_demand_and_within_a_day,
        a_new_full_load_is_found_at_once,
        a_truncated_table_is_refused_at_once,
        a_window_of_nothing_looks_at_everything,
        a_model_that_needs_everything_gets_it,
        rows_that_are_set_aside_are_counted_over_everything,
        folders_are_looked_into_from_their_first_event_on,
        columns_that_are_added_later_do_not_need_older_objects,
    ]
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, sales FROM staged";
const TOTALS: &str = "SELECT title, sum(sales) AS sales FROM staged GROUP BY title";

/// Two months of changes are applied.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.stage("songs/20260101-000000000.csv", "U,1,uno,11\n");
    site.run();
    site.stage("songs/20260301-120000000.csv", "U,2,zwei,21\n");
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
}

fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT * FROM songs ORDER BY id")
}

/// The same from an event.
fn run_for(site: &Site<'_>, key: &str) -> Report {
    site.run_with(&["--object", &format!("{}/{key}", site.staging_url())])
}

fn assert_plans(site: &Site<'_>, more: &[&str], said: &str) {
    let args = ["run", "--job", "shop", "--dry-run"];
    let plan = site.command(args.iter().chain(more)).run().stdout;
    assert!(plan.contains(said), "{plan}");
}

fn an_object_within_the_window_is_found_at_once(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260301-110000000.csv", "U,1,eins,12\nU,2,two,22\n");
    assert_plans(site, &[], "20260301-110000000.csv (change, late");
    let report = site.run();
    assert_eq!(report.models(), ["songs row-wise +2 -0"]);
    assert_eq!(report.0["models"][0]["read_again"], 1);
    assert_eq!(songs(site), ["1|eins|12", "2|zwei|21"]);
}

fn an_object_before_the_window_is_found_by_its_event(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260301-105959999.csv", "U,1,eins,12\nU,2,two,22\n");
    assert_plans(site, &[], "nothing is pending");
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // That of another object does not help.
    assert_eq!(run_for(site, "songs/20260301-120000000.csv").outcome(), "nothing_to_do");
    assert_eq!(run_for(site, "albums/20260301-105959999.csv").outcome(), "nothing_to_do");
    let report = run_for(site, "songs/20260301-105959999.csv");
    assert_eq!(report.0["objects"][0]["late"], true);
    assert_eq!(songs(site), ["1|eins|12", "2|zwei|21"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn an_object_before_the_window_is_found_on_demand_and_within_a_day(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260102-000000000.csv", "U,1,eins,12\n");
    assert_eq!(site.run().outcome(), "nothing_to_do");
    assert_plans(site, &["--list-all"], "20260102-000000000.csv (change, late");
    assert_eq!(site.run_with(&["--list-all"]).objects(), ["20260102-000000000.csv change 1"]);
    site.stage("songs/20260103-000000000.csv", "U,1,un,13\n");
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // A look that is two days old.
    let note = "name LIKE 'model/shop/horizon:%'";
    let (year, before) = (
        &site.rows(&format!("SELECT substr(value, 3, 4) FROM unglue_meta WHERE {note}"))[0],
        "2025",
    );
    site.execute(&format!(
        "UPDATE unglue_meta SET value = replace(value, '1 {year}-', '1 {before}-') WHERE {note}"
    ));
    assert_plans(site, &[], "20260103-000000000.csv (change, late");
    assert_eq!(site.run().objects(), ["20260103-000000000.csv change 1"]);
    assert_eq!(songs(site), ["1|un|13", "2|zwei|21"]);
}

fn a_new_full_load_is_found_at_once(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,100\n3,three,300\n");
    site.stage("songs/20260301-130000000.csv", "U,3,drei,301\n");
    assert_eq!(site.run().models(), ["songs full load +2 -0"]);
    assert_eq!(songs(site), ["1|one|100", "3|drei|301"]);
    site.stage("songs/20260301-140000000.csv", "D,1,,\n");
    assert_eq!(site.run().models(), ["songs row-wise +0 -1"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    assert_eq!(songs(site), ["3|drei|301"]);
}

/// TRUNCATE at the source: DMS deletes all objects.
fn a_truncated_table_is_refused_at_once(site: &Site<'_>) {
    prepare(site);
    for key in ["LOAD00000001.csv", "20260101-000000000.csv", "20260301-120000000.csv"] {
        site.unstage(&format!("songs/{key}"));
    }
    site.stage("songs/20260302-000000000.csv", "I,9,nine,90\n");
    let before = site.dump();
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    assert!(output.stderr.contains("3 applied objects are gone"), "{}", output.stderr);
    assert_eq!(site.dump(), before);
    site.run_with(&["--vanished", "accept"]);
    assert_eq!(songs(site), ["9|nine|90"]);
}

fn a_window_of_nothing_looks_at_everything(site: &Site<'_>) {
    prepare(site);
    site.job(&[("job.toml", "late_window_minutes = 0")]);
    site.stage("songs/20260102-000000000.csv", "U,1,eins,12\n");
    assert_eq!(site.run().objects(), ["20260102-000000000.csv change 1"]);
}

fn a_model_that_needs_everything_gets_it(site: &Site<'_>) {
    prepare(site);
    site.job(&[("totals.sql", TOTALS)]);
    assert_eq!(site.run().models(), ["totals full load +2 -0"]);
    site.stage("songs/20260302-000000000.csv", "I,3,uno,30\n");
    assert_eq!(site.run().models(), ["songs row-wise +1 -0", "totals replay +1 -0"]);
    let mut totals = site.rows("SELECT * FROM totals");
    totals.sort();
    assert_eq!(totals, ["uno|41", "zwei|21"]);
    // It reads all, so it finds all.
    site.stage("songs/20260102-000000000.csv", "U,1,eins,12\n");
    assert_eq!(site.run().objects(), ["20260102-000000000.csv change 1"]);
}

fn rows_that_are_set_aside_are_counted_over_everything(site: &Site<'_>) {
    site.job(&[("job.toml", "rejected_rows = 1\nrejects = 'rejects'")]);
    prepare(site);
    site.stage("songs/20260302-000000000.csv", "U,x,?,1\nU,1,eins,12\n");
    site.run();
    site.stage("songs/20260401-000000000.csv", "U,1,un,13\n");
    site.run();
    site.stage("songs/20260501-000000000.csv", "U,y,?,1\n");
    let refused = |said: &str| {
        let output = site.fail();
        assert_eq!(output.status, Some(4), "{}", output.stderr);
        assert!(output.stderr.contains(said), "{}", output.stderr);
    };
    refused("2 rows would be set aside in all");
    // None may be any more.
    site.stage("songs/20260501-000000000.csv", "U,1,eins,14\n");
    site.job(&[("job.toml", "")]);
    refused("1 row would be set aside in all");
}

/// Names in folders of dates sort before those beside the folders.
fn folders_are_looked_into_from_their_first_event_on(site: &Site<'_>) {
    prepare(site);
    let key = "songs/2026/03/02/20260302-000000000.csv";
    site.stage(key, "U,1,eins,12\n");
    assert_eq!(site.run().outcome(), "nothing_to_do");
    assert_eq!(run_for(site, key).objects(), ["2026/03/02/20260302-000000000.csv change 1"]);
    // From now on, each run finds them.
    site.stage("songs/2026/03/03/20260303-000000000.csv", "U,1,un,13\n");
    assert_eq!(site.run().objects(), ["2026/03/03/20260303-000000000.csv change 1"]);
    assert_eq!(songs(site), ["1|un|13", "2|zwei|21"]);
}

fn columns_that_are_added_later_do_not_need_older_objects(site: &Site<'_>) {
    site.job(&[("job.toml", "drift = 'widen'")]);
    prepare(site);
    site.stage("songs/20260302-000000000.csv", "U,2,zwei,22,x\n");
    site.run();
    site.stage("songs/20260303-000000000.csv", "U,1,eins,12,y\n");
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
    // Narrower rows behind wider ones are refused, though only recent objects are looked at.
    site.stage("songs/20260304-000000000.csv", "U,1,eins,13\n");
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    assert!(output.stderr.contains("perhaps a column was dropped"), "{}", output.stderr);
}
