//! Every kind of change of rows, keys and models, and what the tables hold then.

use libtest_mimic::Trial;

use crate::scenarios::generations::{SOURCES, prepare, songs, totals};
use crate::scenarios::site::{EACH, Site, gzipped, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        rows_that_change_several_times_hold_their_last_state,
        a_row_that_the_filter_lets_through_no_longer_is_deleted,
        a_composite_key_counts_as_a_whole,
        a_source_without_a_key_only_grows,
        keys_that_differ_in_case_accent_or_blanks_are_different_rows,
        a_changed_model_is_loaded_anew,
        a_change_of_a_joined_table_reaches_all_rows,
        gzipped_objects_in_date_folders_are_read,
    ]
    .collect()
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
