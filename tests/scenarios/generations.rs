//! What staging does over weeks: reloads, late and vanished objects.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_full_load_written_again_begins_a_new_generation,
        a_full_load_and_changes_that_arrive_together_are_one_state,
        a_full_load_that_holds_a_key_twice_counts_its_last_row,
        a_late_object_takes_its_place,
        vanished_objects_are_refused_and_a_person_says_how_to_go_on,
        what_vanished_objects_brought_is_kept_where_it_need_not_be_read_again,
        a_job_may_have_life_cycle_rules,
        a_table_whose_objects_are_all_gone_is_emptied_only_on_demand,
        an_emptied_source_that_no_model_reads_is_settled_by_a_refresh,
        a_location_that_becomes_an_empty_folder_is_refused,
        late_objects_are_merged_with_those_that_came_before_them,
    ]
    .chain(scenarios![servers, [SQLITE.with_s3(), MYSQL.with_s3(), MARIADB.with_s3()];
        a_full_load_that_was_copied_in_place_is_refused,
        another_content_is_seen_by_its_tag_alone,
    ])
    .collect()
}

pub(super) const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, sales FROM staged";
/// However old late objects are.
const LOOK_AT_EVERYTHING: &str = "late_window_minutes = 0";
const TOTALS: &str = "SELECT title, sum(sales) AS sales FROM staged GROUP BY title";

pub(super) fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
}

pub(super) fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT * FROM songs ORDER BY id")
}

pub(super) fn totals(site: &Site<'_>) -> Vec<String> {
    let mut rows = site.rows("SELECT * FROM totals");
    rows.sort();
    rows
}

fn a_full_load_written_again_begins_a_new_generation(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.stage("songs/20260101-000000001.csv", "U,1,uno,11\nI,3,one,30\n");
    site.run();
    assert_eq!(songs(site), ["1|uno|11", "2|two|20", "3|one|30"]);

    // The load already holds what the first two change objects say; one of them comes only now.
    site.stage("songs/20260101-000000000.csv", "U,2,late,0\n");
    site.stage("songs/LOAD00000001.csv", "1,une,12\n4,four,40\n");
    site.stage("songs/20260201-000000000.csv", "U,4,four,41\nI,5,une,50\n");
    let report = site.run();
    assert_eq!(
        report.objects(),
        [
            "LOAD00000001.csv load 2",
            "20260201-000000000.csv change 2",
            "20260101-000000000.csv superseded 0",
        ]
    );
    assert_eq!(report.models(), ["songs full load +3 -0", "totals full load +2 -0"]);
    assert_eq!(songs(site), ["1|une|12", "4|four|41", "5|une|50"]);
    assert_eq!(totals(site), ["four|41", "une|62"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");

    site.stage("songs/20260202-000000000.csv", "D,1,,\n");
    let report = site.run();
    assert_eq!(report.models(), ["songs row-wise +0 -1", "totals replay +1 -0"]);
    assert_eq!(songs(site), ["4|four|41", "5|une|50"]);
    assert_eq!(totals(site), ["four|41", "une|50"]);
}

/// Parts of a parallel load are read one after the other, and a row may move from one to another meanwhile.
fn a_full_load_that_holds_a_key_twice_counts_its_last_row(site: &Site<'_>) {
    prepare(site);
    let rows: String = (10..3_000).map(|id| format!("{id},many,1\n")).collect();
    site.stage("songs/LOAD00000001.csv", format!("{rows}1,one,10\n2,two,20\n"));
    site.stage("songs/LOAD00000002.csv", "1,uno,11\n3,three,30\n");
    site.stage("songs/20260101-000000000.csv", "U,3,tre,31\n");
    let plan = site.command(["plan", "--job", "shop"]).run();
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    let report = site.run();
    assert_eq!(report.models(), ["songs full load +2993 -0", "totals full load +4 -0"]);
    let few = "SELECT * FROM songs WHERE id < 10 ORDER BY id";
    assert_eq!(site.rows(few), ["1|uno|11", "2|two|20", "3|tre|31"]);
    assert_eq!(totals(site), ["many|2990", "tre|31", "two|20", "uno|11"]);
    site.stage("songs/20260101-000000001.csv", "D,2,,\n");
    assert_eq!(site.run().models(), ["songs row-wise +0 -1", "totals replay +0 -1"]);
    assert_eq!(site.rows(few), ["1|uno|11", "3|tre|31"]);
    site.job(&[("first.sql", "SELECT title FROM staged WHERE id = 1 LIMIT 1")]);
    assert_eq!(site.run().models(), ["first full load +1 -0"]);
    assert_eq!(site.rows("SELECT * FROM first"), ["uno"]);
    // What is printed is right from the first row on, also where not all of the load is read.
    for (query, printed) in [
        ("SELECT count(*) AS c, count(DISTINCT id) AS d FROM staged", "c,d\n2992,2992\n"),
        ("SELECT id, title FROM staged WHERE id < 10 ORDER BY id", "id,title\n1,uno\n3,tre\n"),
        ("SELECT title FROM staged WHERE id = 1 LIMIT 1", "title\nuno\n"),
        ("SELECT title FROM songs WHERE id = 1 LIMIT 1", "title\nuno\n"),
        ("SELECT title FROM staged WHERE id = 1 ORDER BY id LIMIT 1", "title\nuno\n"),
        // The older row of the key cannot be cast; nobody is to see it.
        ("SELECT CAST(sales - 10 AS INT) % (sales - 10) AS s FROM staged WHERE id = 1", "s\n0\n"),
        ("CREATE TABLE c AS SELECT * FROM staged; SELECT count(*) AS c FROM c", "c\n2992\n"),
        (
            "CREATE VIEW v AS SELECT title AS t FROM staged WHERE id = 1; SELECT t, t AS t2 FROM v",
            "t,t2\nuno,uno\n",
        ),
    ] {
        let output = site.command(["sql", "--job", "shop", "--format", "csv", "-c", query]).run();
        assert_eq!(output.stdout, printed, "{query}: {}", output.stderr);
    }
}

fn a_full_load_that_was_copied_in_place_is_refused(site: &Site<'_>) {
    const FIRST: &str = "1,one,10\n2,two,20\n";
    const SECOND: &str = "3,three,30\n";
    prepare(site);
    site.stage("songs/LOAD00000001.csv", FIRST);
    site.stage("songs/LOAD00000002.csv", SECOND);
    site.stage("songs/20260101-000000000.csv", "U,1,uno,11\n");
    site.run();
    let rows = ["1|uno|11", "2|two|20", "3|three|30"];
    // The time is new, the tag is not.
    site.stage("songs/LOAD00000001.csv", FIRST);
    site.stage("songs/LOAD00000002.csv", SECOND);
    let copied = ["`staged`", "LOAD0000000", "same content", "--full-refresh", "delete the change"];
    assert_refused(site, &copied);
    // It was a copy: the changes hold.
    site.run_with(&["--full-refresh"]);
    assert_eq!(songs(site), rows);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // One object with news tells that it is a new load, which makes them void.
    site.stage("songs/LOAD00000001.csv", FIRST);
    site.stage("songs/LOAD00000002.csv", "3,trois,30\n");
    assert_eq!(site.run().models(), ["songs full load +3 -0", "totals full load +3 -0"]);
    assert_eq!(songs(site), ["1|one|10", "2|two|20", "3|trois|30"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn another_content_is_seen_by_its_tag_alone(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.stage("songs/20260101-000000000.csv", "U,1,uno,11\n");
    site.run();
    // A change object: the generation again, with what it holds now.
    site.restage("songs/20260101-000000000.csv", "U,1,une,11\n");
    assert_eq!(site.run().models(), ["songs full load +2 -0", "totals full load +2 -0"]);
    assert_eq!(songs(site), ["1|une|11", "2|two|20"]);
    // A load: a new generation.
    site.unstage("songs/20260101-000000000.csv");
    site.restage("songs/LOAD00000001.csv", "1,one,10\n3,tre,30\n");
    site.run();
    assert_eq!(songs(site), ["1|one|10", "3|tre|30"]);
    assert_eq!(site.rows("SELECT MAX(generation) FROM unglue_ledger"), ["2"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn a_full_load_and_changes_that_arrive_together_are_one_state(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260102-000000000.csv", "D,2,,\nU,3,three,31\n");
    site.stage("songs/20260101-000000000.csv", "U,2,zwei,21\nI,3,three,30\n");
    site.stage("songs/LOAD0000000A.csv", "3,ten,0\n");
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    let report = site.run();
    assert_eq!(
        report.objects(),
        [
            "LOAD00000001.csv load 2",
            "LOAD0000000A.csv load 1",
            "20260101-000000000.csv change 2",
            "20260102-000000000.csv change 2",
        ]
    );
    assert_eq!(songs(site), ["1|one|10", "3|three|31"]);
    assert_eq!(totals(site), ["one|10", "three|31"]);
}

fn a_late_object_takes_its_place(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.stage("songs/20260103-000000000.csv", "U,1,newest,13\nD,4,,\n");
    site.run();
    site.stage(
        "songs/20260102-000000000.csv",
        "U,1,older,12\nU,2,two,22\nI,4,four,40\nI,5,five,50\n",
    );
    let report = site.run();
    assert_eq!(report.objects(), ["20260102-000000000.csv change 4"]);
    assert_eq!(report.0["objects"][0]["late"], true);
    // One row for each key of both objects: 4 is deleted by the newer one.
    assert_eq!(report.models()[0], "songs row-wise +3 -0");
    assert_eq!(report.0["models"][0]["read_again"], 1);
    assert_eq!(report.0["rows_read"], 4);
    assert_eq!(songs(site), ["1|newest|13", "2|two|22", "5|five|50"]);
    assert_eq!(totals(site), ["five|50", "newest|13", "two|22"]);
}

fn vanished_objects_are_refused_and_a_person_says_how_to_go_on(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.stage("songs/20260101-000000000.csv", "U,1,uno,11\n");
    site.stage("songs/20260102-000000000.csv", "I,3,three,30\n");
    site.run();
    site.unstage("songs/20260101-000000000.csv");
    site.stage("songs/20260103-000000000.csv", "I,4,four,40\n");
    let before = site.dump();
    for command in ["run", "plan"] {
        let output = site.command([command, "--job", "shop"]).run();
        assert_eq!(output.status, Some(4), "{}", output.stderr);
        let ways = ["--vanished accept", "--vanished ignore"];
        for said in ["staged", "songs/", "20260101-000000000.csv", "  next: "].iter().chain(&ways) {
            assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
        }
        assert_eq!(site.dump(), before);
    }
    let status = site.command(["status", "--job", "shop", "--output", "json"]).run();
    assert_eq!(status.status, Some(4), "{}", status.stderr);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["sources"][0]["pending_objects"], 1, "{status}");
    let report = site.run_with(&["--vanished", "accept"]);
    assert_eq!(report.objects().len(), 3);
    assert_eq!(songs(site), ["1|one|10", "2|two|20", "3|three|30", "4|four|40"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn what_vanished_objects_brought_is_kept_where_it_need_not_be_read_again(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("job.toml", LOOK_AT_EVERYTHING)]);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.stage("songs/20260102-000000000.csv", "U,1,uno,11\n");
    site.stage("songs/20260104-000000000.csv", "I,4,four,40\n");
    site.run();
    site.unstage("songs/LOAD00000001.csv");
    site.unstage("songs/20260102-000000000.csv");
    let report = site.run_with(&["--vanished", "ignore"]);
    let gone = ["20260102-000000000.csv gone 0", "LOAD00000001.csv gone 0"];
    let mut told = report.objects();
    told.sort();
    assert_eq!(told, gone);
    assert!(report.models().is_empty());
    assert_eq!(songs(site), ["1|uno|11", "2|two|20", "4|four|40"]);
    // From now on it is known.
    site.stage("songs/20260105-000000000.csv", "U,2,zwei,21\n");
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
    site.stage("songs/20260103-000000000.csv", "U,1,eins,12\nU,2,deux,22\n");
    assert_eq!(site.run().models(), ["songs row-wise +3 -0"]);
    let kept = ["1|eins|12", "2|zwei|21", "4|four|40"];
    assert_eq!(songs(site), kept);
    let status = site.command(["status", "--job", "shop"]).run().stdout;
    assert!(status.contains("2 of the applied objects are not staged any more"), "{status}");
    // Whatever would have to read them again is refused.
    site.stage("songs/20260101-000000000.csv", "U,1,too late,0\n");
    assert_refused(site, &["`songs`", "came late", "20260102-000000000.csv", "--vanished accept"]);
    site.unstage("songs/20260101-000000000.csv");
    site.job(&[("totals.sql", TOTALS)]);
    assert_refused(site, &["`totals`", "does not exist", "LOAD00000001.csv"]);
    assert_eq!(songs(site), kept);
    // A reload is a new beginning.
    site.stage("songs/LOAD00000001.csv", "7,seven,70\n8,eight,80\n");
    assert_eq!(site.run().models(), ["songs full load +2 -0", "totals full load +2 -0"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn a_job_may_have_life_cycle_rules(site: &Site<'_>) {
    site.job(&[
        ("sources.sql", SOURCES),
        ("songs.sql", SONGS),
        ("job.toml", "vanished = 'ignore'\ntarget = '${TARGET}'"),
    ]);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.run();
    for (day, sales) in [(1, 11), (2, 12), (3, 13)] {
        site.stage(&format!("songs/2026010{day}-000000000.csv"), format!("U,1,uno,{sales}\n"));
        if day > 1 {
            site.unstage(&format!("songs/2026010{}-000000000.csv", day - 1));
        } else {
            site.unstage("songs/LOAD00000001.csv");
        }
        assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
        assert_eq!(songs(site), [format!("1|uno|{sales}"), "2|two|20".to_owned()]);
    }
}

fn a_table_whose_objects_are_all_gone_is_emptied_only_on_demand(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n");
    site.run();
    site.unstage("songs/LOAD00000001.csv");
    site.stage("songs/notes.txt", "not DMS's");
    assert_refused(site, &["1 applied object is gone from ", "--vanished accept"]);
    // That this table may be empty has not been said.
    let before = site.dump();
    for how in [&["--vanished", "accept"][..], &["--full-refresh"]] {
        let output = site.command(["run", "--job", "shop"].iter().chain(how)).run();
        assert_eq!(output.status, Some(2), "{}", output.stderr);
        assert!(output.stderr.contains("AllowEmpty"), "{}", output.stderr);
    }
    assert_eq!(site.dump(), before);
    site.job(&[("sources.sql", &format!("{SOURCES} OPTIONS ('AllowEmpty' 'true')"))]);
    let report = site.run_with(&["--vanished", "accept"]);
    assert_eq!(report.models(), ["songs full load +0 -0", "totals full load +0 -0"]);
    assert!(songs(site).is_empty());
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn an_emptied_source_that_no_model_reads_is_settled_by_a_refresh(site: &Site<'_>) {
    let unread = "CREATE EXTERNAL TABLE unread (id INT, PRIMARY KEY (id))
        STORED AS DMS LOCATION '${STAGING}/unread' OPTIONS ('AllowEmpty' 'true')";
    let sources = format!("{SOURCES} OPTIONS ('AllowEmpty' 'true');\n{unread}");
    site.job(&[("sources.sql", &sources), ("songs.sql", SONGS)]);
    site.stage("unread/LOAD00000001.csv", "1\n");
    site.run();
    site.unstage("unread/LOAD00000001.csv");
    assert_refused(site, &["1 applied object is gone from ", "--vanished accept"]);
    site.run_with(&["--full-refresh"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn a_location_that_becomes_an_empty_folder_is_refused(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n");
    site.run();
    site.stage("tunes/notes.txt", "not DMS's");
    site.job(&[("sources.sql", &SOURCES.replace("/songs'", "/tunes'"))]);
    let before = site.dump();
    let output = site.fail();
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("AllowEmpty"), "{}", output.stderr);
    assert_eq!(site.dump(), before);
}

fn late_objects_are_merged_with_those_that_came_before_them(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("job.toml", LOOK_AT_EVERYTHING)]);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n3,three,30\n");
    site.stage("songs/20260103-000000000.csv", "D,2,,\nU,3,newest,33\n");
    site.stage("songs/20260105-000000000.csv", "I,5,five,50\n");
    site.run();
    // Behind this one, 2 is deleted and 3 is newer.
    site.stage("songs/20260102-000000000.csv", "U,1,uno,11\nU,2,zwei,22\nU,3,drei,32\n");
    site.stage("songs/20260104-000000000.csv", "I,2,again,24\n");
    let report = site.run();
    assert_eq!(report.models(), ["songs row-wise +4 -0"]);
    assert_eq!(report.0["models"][0]["read_again"], 2);
    assert_eq!(songs(site), ["1|uno|11", "2|again|24", "3|newest|33", "5|five|50"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

/// A run and a plan are refused and change nothing.
fn assert_refused(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    for command in ["run", "plan"] {
        let output = site.command([command, "--job", "shop"]).run();
        assert_eq!(output.status, Some(4), "{}", output.stderr);
        for said in said.iter().chain(&["  next: "]) {
            assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
        }
        assert_eq!(site.dump(), before);
    }
}
