//! `runner doctor`: what it finds, and that it changes nothing.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::site::{EACH, JOB, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_job_that_works_has_neither_errors_nor_warnings,
        a_table_that_does_not_fit_is_found,
        a_folder_that_is_not_there_is_found,
    ]
    .chain(scenarios![servers, [SQLITE, SQLITE.with_s3()];
        an_applied_object_that_is_gone_is_found,
        the_settings_that_fit_an_object_are_named,
        a_bad_row_is_named_by_object_and_line,
        texts_that_end_at_the_limit_of_lobs_are_found,
        a_source_without_key_or_full_load_is_found,
        a_numeric_that_dms_rounds_is_found,
        what_a_run_sets_aside_or_adds_is_no_error,
        options_that_contradict_the_endpoints_file_are_found,
        transactions_of_other_tables_alone_are_found,
        words_for_null_and_deletes_are_noted,
    ])
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_server_that_does_not_answer_is_found_beside_the_rest,
    ])
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sold DATE, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, sold FROM staged";
const LOAD: &str = "songs/LOAD00000001.csv";
const CHANGE: &str = "songs/20260101-000000000.csv";

/// Severities, checks, places with messages, and next steps.
struct Found {
    status: Option<i32>,
    findings: Vec<Value>,
    all: String,
}

impl Found {
    fn at(site: &Site<'_>, more: &[&str]) -> Self {
        let before = (site.dump(), site.files());
        let mut args = vec!["doctor", "--job", JOB, "--output", "json"];
        args.extend(more);
        let output = site.command(args).run();
        assert_eq!((site.dump(), site.files()), before, "the doctor writes nothing");
        assert!(!format!("{}{}", output.stdout, output.stderr).contains("secret"));
        let report: Value = serde_json::from_str(&output.stdout).expect(&output.stderr);
        let findings = report["findings"].as_array().unwrap().clone();
        Self { status: output.status, findings, all: output.stdout }
    }

    fn severities(&self, wanted: &str) -> Vec<&str> {
        let of = self.findings.iter().filter(|finding| finding["severity"] == wanted);
        of.filter_map(|finding| finding["check"].as_str()).collect()
    }

    /// The place, the message and the next step of the only finding of a check.
    fn only(&self, severity: &str, check: &str) -> String {
        assert_eq!(self.severities(severity), [check], "{}", self.all);
        let finding = self.findings.iter().find(|finding| finding["check"] == check).unwrap();
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{}: {} / {}", text("place"), text("message"), text("next"))
    }
}

fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage(LOAD, "1,one,2026-01-01\n2,two,\n");
    site.stage(CHANGE, "U,1,uno,2026-01-01\nD,2,,\n");
}

fn a_job_that_works_has_neither_errors_nor_warnings(site: &Site<'_>) {
    prepare(site);
    for _ in 0..2 {
        let found = Found::at(site, &[]);
        assert_eq!(found.status, Some(0), "{}", found.all);
        assert_eq!(found.severities("error"), [""; 0], "{}", found.all);
        assert_eq!(found.severities("warning"), [""; 0], "{}", found.all);
        assert!(found.severities("note").contains(&"staging.objects"), "{}", found.all);
        site.run();
    }
    let text = site.command(["doctor", "--job", JOB]).run();
    assert_eq!(text.status, Some(0));
    assert!(text.stdout.contains("1 full-load object and 1 change object in "), "{}", text.stdout);
    assert!(text.stdout.contains("\n0 errors, 0 warnings, "), "{}", text.stdout);
}

fn a_table_that_does_not_fit_is_found(site: &Site<'_>) {
    prepare(site);
    let columns = "id INT NOT NULL PRIMARY KEY, title VARCHAR(40)";
    site.execute(&format!("CREATE TABLE songs ({columns}, UNIQUE (title))"));
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(4));
    let said = found.only("error", "table.columns");
    assert!(said.starts_with("table songs: column `sold`: "), "{said}");
    let said = found.only("warning", "table.unique");
    assert!(said.contains("(title)"), "{said}");
    assert_eq!(site.fail().status, Some(4), "a run says the same");
}

fn a_folder_that_is_not_there_is_found(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("others/LOAD00000001.csv", "1,one,2026-01-01\n");
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(4));
    let said = found.only("error", "staging.listing");
    assert!(said.contains("songs") && said.contains("LOCATION"), "{said}");
    // A file of someone else beside the objects does no harm.
    prepare(site);
    site.stage("songs/notes.txt", "x");
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(0));
    assert!(found.all.contains("notes.txt"), "{}", found.all);
}

fn an_applied_object_that_is_gone_is_found(site: &Site<'_>) {
    prepare(site);
    site.run();
    site.unstage(CHANGE);
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(4));
    let said = found.only("error", "staging.applied");
    let name = CHANGE.trim_start_matches("songs/");
    assert!(said.contains("1 applied object is gone") && said.contains(name), "{said}");
    assert!(said.contains("--vanished"), "{said}");
    assert_eq!(site.fail().status, Some(4), "a run says the same");
}

fn the_settings_that_fit_an_object_are_named(site: &Site<'_>) {
    prepare(site);
    for (content, options) in [
        ("I,1,one,2026-01-01\n", "('IncludeOpForFullLoad' 'true')"),
        ("id,title,sold\n1,one,2026-01-01\n", "('AddColumnName' 'true')"),
        ("1;one;2026-01-01\n", "('CsvDelimiter' ';')"),
        ("2026-02-02 10:00:00.000000,1,one,2026-01-01\n", "('TimestampColumnName' 'ts')"),
        (
            "Op|id|title|sold\nI|1|one|2026-01-01\n",
            "('IncludeOpForFullLoad' 'true', 'AddColumnName' 'true')",
        ),
        ("1,one,2026-01-01\n2,two,\\N\n3,\\N,\\N\n", "('CsvNullValue' '\\N')"),
        ("1,one,2026-01-01\r2,two,\r", "('CsvRowDelimiter' '\\r')"),
        (
            "I,2026-02-02 10:00:00.000000,1,one,2026-01-01\n",
            "('IncludeOpForFullLoad' 'true', 'TimestampColumnName' 'ts')",
        ),
    ] {
        site.stage(LOAD, content);
        let found = Found::at(site, &[]);
        assert_eq!(found.status, Some(4), "{content}");
        let said = found.only("error", "staging.rows");
        assert!(said.contains("songs/LOAD00000001.csv"), "{said}");
        // Three settings at once are not tried.
        assert_eq!(said.contains(options), !content.contains('|'), "{content}: {said}");
    }
    site.stage(LOAD, "1,one,2026-01-01\n");
    site.stage(CHANGE, "1,uno,2026-01-01\n2,dos,\n");
    let said = Found::at(site, &[]).only("error", "staging.rows");
    assert!(said.contains("('CdcInsertsOnly' 'true')"), "{said}");
}

fn a_bad_row_is_named_by_object_and_line(site: &Site<'_>) {
    prepare(site);
    site.stage(CHANGE, "U,1,uno,2026-01-01\nU,2,two,yesterday\n");
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(4));
    let said = found.only("error", "staging.rows");
    assert!(said.contains("20260101-000000000.csv:2") && said.contains("`sold`"), "{said}");
    assert!(!said.contains("OPTIONS") && !said.contains("yesterday"), "{said}");
}

fn texts_that_end_at_the_limit_of_lobs_are_found(site: &Site<'_>) {
    let sources = SOURCES.replace("VARCHAR(40)", "TEXT");
    site.job(&[("sources.sql", &sources), ("songs.sql", SONGS)]);
    site.stage(LOAD, format!("1,{},2026-01-01\n", "x".repeat((32 << 10) - 1)));
    assert_eq!(Found::at(site, &[]).severities("warning"), [""; 0]);
    site.stage(LOAD, format!("1,{},2026-01-01\n", "x".repeat(32 << 10)));
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(0), "a warning is no error");
    assert!(found.only("warning", "staging.lob").contains("title: "), "{}", found.all);
}

fn a_source_without_key_or_full_load_is_found(site: &Site<'_>) {
    let sources = SOURCES.replace(", PRIMARY KEY (id)", ", price NUMERIC(28,6)");
    site.job(&[("sources.sql", &sources), ("songs.sql", SONGS)]);
    site.stage(CHANGE, "I,1,uno,2026-01-01,1.5\n");
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(0));
    let warnings = ["source.key", "source.numeric", "staging.no_load"];
    assert_eq!(found.severities("warning"), warnings, "{}", found.all);
}

/// `numeric` of PostgreSQL without digits.
fn a_numeric_that_dms_rounds_is_found(site: &Site<'_>) {
    prepare(site);
    site.stage(LOAD, "1,one,2026-01-01,3.141593\n");
    site.stage(CHANGE, "U,1,uno,2026-01-01,2.718282\n");
    for (declared, warnings) in [("NUMERIC(28,6)", 1), ("NUMERIC(28,8)", 0), ("NUMERIC(10,6)", 0)] {
        let sources = SOURCES.replace(", PRIMARY KEY", &format!(", price {declared}, PRIMARY KEY"));
        site.job(&[("sources.sql", &sources)]);
        let found = Found::at(site, &[]);
        assert_eq!(found.severities("warning").len(), warnings, "{declared}: {}", found.all);
        if warnings > 0 {
            let said = found.only("warning", "source.numeric");
            assert!(said.contains("price") && said.contains("rounds to six digits"), "{said}");
        }
    }
}

fn a_server_that_does_not_answer_is_found_beside_the_rest(site: &Site<'_>) {
    prepare(site);
    let wrong = site.target().replace("unglue:", "nobody:");
    let found = Found::at(site, &["--target", &wrong]);
    assert_eq!(found.status, Some(4));
    let said = found.only("error", "target.connection");
    assert!(said.contains("nobody"), "{said}");
    assert!(found.severities("note").contains(&"staging.objects"), "{}", found.all);
}

fn what_a_run_sets_aside_or_adds_is_no_error(site: &Site<'_>) {
    prepare(site);
    let aside = "rejected_rows = 5\nrejects = '${STAGING}/rejects'\n";
    site.job(&[("job.toml", &format!("{aside}drift = 'widen'"))]);
    site.stage(LOAD, "1,one,2026-01-01\n2,two,yesterday\n3,three,\n");
    site.stage(CHANGE, "U,1,uno,2026-01-01,more\nU,3,tres,,\n");
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(0), "{}", found.all);
    let said = found.only("warning", "staging.rows");
    assert!(said.contains("LOAD00000001.csv:2") && said.contains("set aside"), "{said}");
    assert!(!said.contains("yesterday"), "{said}");
    assert!(found.severities("note").contains(&"staging.drift"), "{}", found.all);
    assert!(found.all.contains("column_4"), "{}", found.all);
    site.run();
    assert_eq!(site.rows("SELECT id FROM songs ORDER BY id"), ["1", "3"]);
    // A contradiction is an error whatever is set aside.
    site.stage(LOAD, "I,1,one,2026-01-01\nI,2,two,\n");
    let said = Found::at(site, &[]).only("error", "staging.rows");
    assert!(said.contains("was IncludeOpForFullLoad set?"), "{said}");
    // More bad rows than are allowed are one too.
    site.stage(LOAD, "1,one,yesterday\n".repeat(6));
    let said = Found::at(site, &[]).only("error", "staging.rows");
    assert!(said.contains("rejected_rows"), "{said}");
}

fn options_that_contradict_the_endpoints_file_are_found(site: &Site<'_>) {
    prepare(site);
    site.job(&[("lake.json", r#"{"S3Settings": {"CsvDelimiter": ";", "AddColumnName": false}}"#)]);
    let with = |options: &str| format!("{SOURCES} OPTIONS ('S3Settings' 'lake.json'{options})");
    let options = ", 'CsvDelimiter' ',', 'AddColumnName' 'n'";
    site.job(&[("sources.sql", &with(options))]);
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(0), "{}", found.all);
    let said = found.only("warning", "source.settings");
    assert!(said.contains("CsvDelimiter") && !said.contains("AddColumnName"), "{said}");
    site.stage(LOAD, "1;one;2026-01-01\n");
    site.stage(CHANGE, "U;1;uno;\n");
    site.job(&[("sources.sql", &with(""))]);
    assert_eq!(Found::at(site, &[]).severities("warning"), [""; 0]);
}

fn transactions_of_other_tables_alone_are_found(site: &Site<'_>) {
    let options = "'PreserveTransactions' 'true', 'CdcPath' 'tx'";
    let source = |name: &str| {
        let source =
            SOURCES.replace("EXTERNAL TABLE staged", &format!("EXTERNAL TABLE {name}_staged"));
        let source = source.replace("/songs'", &format!("/lake/shop/{name}/'"));
        format!("{source} OPTIONS ({options});\n")
    };
    let model = |name: &str| format!("SELECT id, title, sold FROM {name}_staged");
    site.job(&[
        ("sources.sql", &format!("{}{}", source("songs"), source("albums"))),
        ("songs.sql", &model("songs")),
        ("albums.sql", &model("albums")),
    ]);
    for name in ["songs", "albums"] {
        site.stage(&format!("lake/shop/{name}/LOAD00000001.csv"), "1,one,2026-01-01\n");
    }
    let object = "lake/tx/CDC_TXN-20260101000000000.csv";
    site.stage(object, "I,tracks,shop,2,two,\nI,songs,public,3,three,\n");
    let found = Found::at(site, &[]);
    assert_eq!(found.status, Some(0), "{}", found.all);
    let said = found.only("warning", "staging.other_tables");
    assert!(said.contains(object) && said.contains("LOCATION"), "{said}");
    // That of one table is enough.
    site.stage(object, "I,tracks,shop,2,two,\nI,songs,shop,3,three,\n");
    assert_eq!(Found::at(site, &[]).severities("warning"), [""; 0]);
    // What cannot be read is not said to be of others.
    site.stage(object, "I,songs,shop,x,two,\n");
    let found = Found::at(site, &[]);
    let _said = found.only("error", "staging.rows");
    assert_eq!(found.severities("warning"), [""; 0]);
}

fn words_for_null_and_deletes_are_noted(site: &Site<'_>) {
    prepare(site);
    let notes = |found: &Found| {
        let has = |check| found.severities("note").contains(&check);
        (has("staging.null"), has("staging.deletes"))
    };
    assert_eq!(notes(&Found::at(site, &[])), (false, true));
    site.stage(LOAD, "1,null,2026-01-01\n2,null,\n");
    site.stage(CHANGE, "U,1,uno,\n");
    let found = Found::at(site, &[]);
    assert_eq!(notes(&found), (true, false), "{}", found.all);
    assert_eq!(found.status, Some(0));
    assert!(found.all.contains("title: the text `null`"), "{}", found.all);
    site.job(&[("sources.sql", &format!("{SOURCES} OPTIONS ('CsvNullValue' 'null')"))]);
    assert_eq!(notes(&Found::at(site, &[])), (false, false));
}
