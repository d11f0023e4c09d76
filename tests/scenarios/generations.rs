//! What staging does over weeks: reloads, late and vanished objects, and every kind of change.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, SQLITE, Site, gzipped, scenarios};
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
        rows_that_change_several_times_hold_their_last_state,
        a_row_that_the_filter_lets_through_no_longer_is_deleted,
        a_composite_key_counts_as_a_whole,
        a_source_without_a_key_only_grows,
        keys_that_differ_in_case_accent_or_blanks_are_different_rows,
        a_changed_model_is_loaded_anew,
        a_change_of_a_joined_table_reaches_all_rows,
        gzipped_objects_in_date_folders_are_read,
    ]
    .chain(scenarios![servers, [SQLITE.with_s3(), MYSQL.with_s3(), MARIADB.with_s3()];
        a_full_load_that_was_copied_in_place_is_refused,
        another_content_is_seen_by_its_tag_alone,
    ])
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, sales FROM staged";
/// However old late objects are.
const LOOK_AT_EVERYTHING: &str = "late_window_minutes = 0";
const TOTALS: &str = "SELECT title, sum(sales) AS sales FROM staged GROUP BY title";

fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
}

fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT * FROM songs ORDER BY id")
}

fn totals(site: &Site<'_>) -> Vec<String> {
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

fn rows_that_change_several_times_hold_their_last_state(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n3,three,30\n4,four,40\n");
    site.run();
    site.stage(
        "songs/20260101-000000000.csv",
        "D,1,,\nI,1,again,11\nU,2,zwei,21\nU,2,deux,22\nI,5,five,50\nD,5,,\nD,3,three,30\n",
    );
    // Op and key are all that a PostgreSQL source has in a D row; repeated changes are DMS's habit.
    site.stage(
        "songs/20260101-000000001.csv",
        "D,3,,\nU,2,due,23\nD,99,,\nI,1,once more,12\nU,4,\"\",\nI,6,\"a \"\"b\"\", c\",60\n",
    );
    let report = site.run();
    // 5 and 99 were never in the table.
    assert_eq!(report.models()[0], "songs row-wise +4 -1");
    assert_eq!(songs(site), ["1|once more|12", "2|due|23", "4||NULL", "6|a \"b\", c|60"]);
    assert_eq!(totals(site), ["a \"b\", c|60", "due|23", "once more|12", "|NULL"]);
}

fn a_row_that_the_filter_lets_through_no_longer_is_deleted(site: &Site<'_>) {
    let model = "SELECT id AS song, upper(title) AS title FROM staged WHERE sales >= 10";
    site.job(&[("sources.sql", SOURCES), ("hits.sql", model)]);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,9\n3,three,30\n");
    site.run();
    let hits = || site.rows("SELECT * FROM hits ORDER BY song");
    assert_eq!(hits(), ["1|ONE", "3|THREE"]);
    site.stage("songs/20260101-000000000.csv", "U,1,one,9\nU,2,two,10\nU,3,drei,30\nI,4,four,\n");
    let report = site.run();
    assert_eq!(report.models(), ["hits row-wise +2 -1"]);
    assert_eq!(hits(), ["2|TWO", "3|DREI"]);
}

fn a_composite_key_counts_as_a_whole(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (sold INT, day DATE, shop VARCHAR(10), PRIMARY KEY (shop, day))
             STORED AS DMS LOCATION '${STAGING}/sales'",
        ),
        ("sales.sql", "SELECT day, shop, sold FROM staged"),
    ]);
    site.stage("sales/LOAD00000001.csv", "1,2026-01-01,a\n2,2026-01-02,a\n3,2026-01-01,b\n");
    site.run();
    site.stage(
        "sales/20260103-000000000.csv",
        "U,4,2026-01-01,a\nD,,2026-01-02,a\nI,5,2026-01-02,b\n",
    );
    assert_eq!(site.run().models(), ["sales row-wise +2 -1"]);
    assert_eq!(
        site.rows("SELECT * FROM sales ORDER BY day, shop"),
        ["2026-01-01|a|4", "2026-01-01|b|3", "2026-01-02|b|5"]
    );
}

fn a_source_without_a_key_only_grows(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (at TIMESTAMP(0), line TEXT) STORED AS DMS LOCATION '${STAGING}/log'",
        ),
        ("log.sql", "SELECT line, at FROM staged"),
    ]);
    site.stage("log/LOAD00000001.csv", "2026-01-01 00:00:00,a\n2026-01-01 00:00:00,a\n");
    site.run();
    site.stage("log/20260102-000000000.csv", "I,2026-01-02 00:00:00,a\nI,,\"b\nc\"\n");
    assert_eq!(site.run().models(), ["log append +2 -0"]);
    let lines = || {
        let mut rows = site.rows("SELECT * FROM log");
        rows.sort();
        rows
    };
    let grown =
        ["a|2026-01-01 00:00:00", "a|2026-01-01 00:00:00", "a|2026-01-02 00:00:00", "b\nc|NULL"];
    assert_eq!(lines(), grown);
    let before = site.dump();
    for row in ["U,2026-01-02 00:00:00,confidential\n", "D,2026-01-02 00:00:00,confidential\n"] {
        site.stage("log/20260103-000000000.csv", format!("I,,d\n{row}"));
        let output = site.fail();
        assert_eq!(output.status, Some(4), "{}", output.stderr);
        for said in ["log/20260103-000000000.csv:2", "  next: "] {
            assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
        }
        assert!(!output.stderr.contains("confidential"), "{}", output.stderr);
        assert_eq!(site.dump(), before);
    }
}

fn keys_that_differ_in_case_accent_or_blanks_are_different_rows(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (code VARCHAR(20), n INT, PRIMARY KEY (code))
             STORED AS DMS LOCATION '${STAGING}/codes'",
        ),
        ("codes.sql", "SELECT * FROM staged"),
        ("copies.sql", "SELECT code, max(n) AS n FROM staged GROUP BY code"),
    ]);
    site.stage("codes/LOAD00000001.csv", "a,1\nA,2\n\u{e4},3\n\"a \",4\nss,5\n\u{df},6\n");
    site.run();
    let rows = |table: &str| {
        let mut rows = site.rows(&format!("SELECT * FROM {table}"));
        rows.sort();
        rows
    };
    let loaded = ["A|2", "a |4", "a|1", "ss|5", "\u{df}|6", "\u{e4}|3"];
    assert_eq!(rows("codes"), loaded);
    assert_eq!(rows("copies"), loaded);
    site.stage("codes/20260101-000000000.csv", "U,A,20\nD,\"a \",\nD,ss,\nI,\u{c4},7\n");
    let report = site.run();
    assert_eq!(report.models(), ["codes row-wise +2 -2", "copies replay +2 -2"]);
    let changed = ["A|20", "a|1", "\u{c4}|7", "\u{df}|6", "\u{e4}|3"];
    assert_eq!(rows("codes"), changed);
    assert_eq!(rows("copies"), changed);
}

fn a_changed_model_is_loaded_anew(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n");
    site.run();
    // Comments and layout do not count.
    site.job(&[("songs.sql", "-- songs\nSELECT id,\n  title, sales\nFROM staged")]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    site.job(&[("songs.sql", "SELECT id, upper(title) AS title, sales FROM staged")]);
    let report = site.run();
    assert_eq!(report.models(), ["songs full load +2 -0"]);
    assert!(report.objects().is_empty());
    assert_eq!(songs(site), ["1|ONE|10", "2|TWO|20"]);
    // A model more is filled from what was applied before.
    site.job(&[("titles.sql", "SELECT id, title FROM staged WHERE sales > 10")]);
    assert_eq!(site.run().models(), ["titles full load +1 -0"]);
    assert_eq!(site.rows("SELECT * FROM titles"), ["2|two"]);
}

fn a_change_of_a_joined_table_reaches_all_rows(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), artist INT, PRIMARY KEY (id))
               STORED AS DMS LOCATION '${STAGING}/songs';
             CREATE EXTERNAL TABLE artists (id INT, name VARCHAR(40), PRIMARY KEY (id))
               STORED AS DMS LOCATION '${STAGING}/artists' OPTIONS ('AllowEmpty' 'true');",
        ),
        (
            "songs.sql",
            "SELECT s.id, s.title, a.name AS artist FROM staged s LEFT JOIN artists a ON a.id = s.artist",
        ),
    ]);
    site.stage("songs/LOAD00000001.csv", "1,one,7\n2,two,8\n3,three,7\n");
    site.run();
    assert_eq!(songs(site), ["1|one|NULL", "2|two|NULL", "3|three|NULL"]);
    site.stage("artists/LOAD00000001.csv", "7,Ida\n8,Nora\n");
    site.run();
    assert_eq!(songs(site), ["1|one|Ida", "2|two|Nora", "3|three|Ida"]);
    site.stage("artists/20260101-000000000.csv", "U,7,Ida Marsh\n");
    assert_eq!(site.run().models(), ["songs replay +2 -0"]);
    assert_eq!(songs(site), ["1|one|Ida Marsh", "2|two|Nora", "3|three|Ida Marsh"]);
    site.stage("songs/20260101-000000000.csv", "U,2,two,7\n");
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
    assert_eq!(songs(site)[1], "2|two|Ida Marsh");
}

fn gzipped_objects_in_date_folders_are_read(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/LOAD00000001.csv.gz", gzipped("1,one,10\n2,two,20\n"));
    site.stage("songs/2026/01/01/20260101-100000000.csv.gz", gzipped("U,2,zwei,21\n"));
    site.stage("songs/2026/01/02/20260102-100000000.csv", "I,3,three,30\n");
    let others = ["awsdms_status.csv", "_tmp.csv", "notes.txt", "old/20260101-000000000.csv"];
    for other in others {
        site.stage(&format!("songs/{other}"), "not,for,us,at,all\n");
    }
    assert_eq!(site.run().objects().len(), 3);
    assert_eq!(songs(site), ["1|one|10", "2|zwei|21", "3|three|30"]);
    let status = site.command(["status", "--job", "shop"]).run().stdout;
    assert!(status.contains("4 other objects left alone"), "{status}");
}
