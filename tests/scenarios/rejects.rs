//! `rejected_rows`: bad rows are set aside, kept with their reasons, counted, and applied once they are right.

use std::path::PathBuf;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::site::{EACH, JOB, MARIADB, MYSQL, Report, SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        bad_rows_are_set_aside_with_their_reasons,
        more_bad_rows_than_allowed_are_refused_whichever_run_found_them,
        behind_broken_quoting_the_rest_of_the_object_is_set_aside,
        what_is_no_bad_row_is_refused_all_the_same,
        a_fixed_object_leaves_no_rejects,
        a_fixed_declaration_leaves_no_rejects,
        a_file_that_a_dead_run_left_is_written_over,
    ]
    // In S3 the tag tells of a content that time and size do not tell of.
    .chain(scenarios![servers, [SQLITE, MYSQL, MARIADB];
        rows_that_are_right_now_are_applied_by_a_retry,
    ])
    .chain(scenarios![servers, [SQLITE];
        a_place_that_cannot_be_written_stops_the_run,
    ])
    .chain(scenarios![servers, [SQLITE, SQLITE.with_s3()];
        a_plan_and_the_shell_tell_how_many_rows_are_set_aside,
        what_no_model_reads_to_its_end_is_counted_too,
        rows_below_a_limit_that_was_lowered_are_refused_when_something_is_pending,
    ])
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (
    id INT, title VARCHAR(40), sold DECIMAL(10,2), day DATE, PRIMARY KEY (id)
) STORED AS DMS LOCATION '${STAGING}/songs';
CREATE EXTERNAL TABLE log (n INT, msg VARCHAR(20)) STORED AS DMS LOCATION '${STAGING}/log'
OPTIONS ('AllowEmpty' 'true')";
const SONGS: &str = "SELECT id, title, CAST(sold AS DECIMAL(12,4)) AS sold, day FROM staged";
const TOTALS: &str = "SELECT day, count(*) AS songs FROM staged GROUP BY day";
const LINES: &str = "SELECT n, msg FROM log";
const LOAD: &str = "1,one,1.50,2026-01-01\n2,two,,2026-01-01\n";
const CHANGE: &str = "songs/20260101-000000000.csv";
/// What stands in bad rows.
const VALUE: &str = "confidential";

fn prepare(site: &Site<'_>, rejected_rows: u32) {
    site.job(&[
        ("sources.sql", SOURCES),
        ("songs.sql", SONGS),
        ("totals.sql", TOTALS),
        ("lines.sql", LINES),
    ]);
    allow(site, rejected_rows);
    site.stage("songs/LOAD00000001.csv", LOAD);
    site.run();
}

fn allow(site: &Site<'_>, rejected_rows: u32) {
    let config = format!("rejected_rows = {rejected_rows}\nrejects = \"${{STAGING}}/rejects\"");
    site.job(&[("job.toml", &config)]);
}

fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT id, title FROM songs ORDER BY id")
}

/// The file of an object of the first generation.
fn file(site: &Site<'_>, object: &str) -> PathBuf {
    let (folder, key) = object.split_once('/').unwrap();
    let source = if folder == "songs" { "staged" } else { folder };
    site.object(&format!("rejects/{JOB}/{source}/1/{key}.jsonl"))
}

/// `LINE COLUMN REASON RAW` of each row in it.
fn rejects(site: &Site<'_>, object: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file(site, object)).unwrap();
    let line = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["object"], format!("{}/{object}", site.staging_url()));
        let text = |name: &str| value[name].as_str().unwrap_or("-").to_owned();
        let raw = if value["raw"].is_null() { text("raw_base64") } else { text("raw") };
        format!("{} {} {} [{raw}]", value["line"], text("column"), text("reason"))
    };
    text.lines().map(line).collect()
}

/// `OBJECT ROWS REJECTED` of the ledger's rows of a source.
fn ledger(site: &Site<'_>, source: &str) -> Vec<String> {
    site.rows(&format!(
        "SELECT object, `rows`, rejected FROM unglue_ledger WHERE source = '{source}' ORDER BY position"
    ))
}

fn assert_refused(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    for command in ["run", "plan"] {
        let Output { status, stdout, stderr } = site.command([command, "--job", JOB]).run();
        assert_eq!(status, Some(4), "{command}: {stdout}{stderr}");
        for said in said {
            assert!(stderr.contains(said), "{command}: `{said}` is not said: {stderr}");
        }
        assert!(!stderr.contains(VALUE), "{stderr}");
        assert_eq!(site.dump(), before, "{command}");
    }
}

fn bad_rows_are_set_aside_with_their_reasons(site: &Site<'_>) {
    prepare(site, 9);
    let rows: [&[u8]; 9] = [
        b"U,1,uno,2.50,2026-01-02\n",
        b"U,2,confidential,1.00\n",
        b"U,2,a,confidential,2026-02-30\n",
        b"Q,2,confidential,1.00,2026-01-01\r\n",
        b"U,2,confi\"dential,1.00,2026-01-01\n",
        b"U,2,confidential\xff,1.00,2026-01-01\n",
        b"U,,\"confidential\n\"\"two\"\" lines\",1.00,2026-01-01\n",
        b"I,3,three,3.00,2026-01-02\n",
        b"D,confidential,,,\n",
    ];
    site.stage(CHANGE, rows.concat());
    site.stage("log/LOAD00000001.csv", "1,first\n");
    site.stage("log/20260101-000000000.csv", "I,2,second\nD,1,confidential\n");
    let output = site.command(["run", "--job", JOB, "--output", "json"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let report = Report::read(&output);
    assert_eq!(
        report.objects(),
        [
            "20260101-000000000.csv change 2",
            "LOAD00000001.csv load 1",
            "20260101-000000000.csv change 1"
        ]
    );
    let url = |source: &str| {
        format!("{}/rejects/{JOB}/{source}/1/20260101-000000000.csv.jsonl", site.staging_url())
    };
    for (index, rejected, source) in [(0, 8, "staged"), (2, 1, "log")] {
        let object = &report.0["objects"][index];
        assert_eq!(object["rejected"], rejected);
        assert_eq!(object["rejects"], url(source));
        assert!(output.stderr.contains(&url(source)), "{}", output.stderr);
    }
    assert!(output.stderr.contains("bad rows were set aside"), "{}", output.stderr);
    assert!(!output.stderr.contains(VALUE) && !output.stdout.contains(VALUE));

    // The older row of a key stays.
    assert_eq!(songs(site), ["1|uno", "2|two", "3|three"]);
    assert_eq!(site.rows("SELECT count(*) FROM totals"), ["2"]);
    assert_eq!(site.rows("SELECT n FROM `lines` ORDER BY n"), ["1", "2"]);
    assert_eq!(ledger(site, "staged"), ["LOAD00000001.csv|2|0", "20260101-000000000.csv|2|8"],);
    assert_eq!(
        rejects(site, CHANGE),
        [
            "2 - expected 5 fields, found 4: narrower than declared [U,2,confidential,1.00]",
            "3 sold not a DECIMAL [U,2,a,confidential,2026-02-30]",
            "4 Op not an operation (I, U or D expected) [Q,2,confidential,1.00,2026-01-01]",
            "5 - quote inside an unquoted field [U,2,confi\"dential,1.00,2026-01-01]",
            "6 title not valid UTF-8 [VSwyLGNvbmZpZGVudGlhbP8sMS4wMCwyMDI2LTAxLTAx]",
            "7 id NULL in a column that is NOT NULL [U,,\"confidential\n\"\"two\"\" lines\",1.00,2026-01-01]",
            "10 id not an INT [D,confidential,,,]",
        ]
    );
    let log = ["2 Op D needs a PRIMARY KEY, the source has none [D,1,confidential]"];
    assert_eq!(rejects(site, "log/20260101-000000000.csv"), log);

    let status = site.command(["status", "--job", JOB, "--output", "json"]).run();
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["sources"][0]["rejected_rows"], 8);
    assert_eq!(site.run().outcome(), "nothing_to_do");

    // A late object has all objects read again: they hold the same as before.
    let before = std::fs::read(file(site, CHANGE)).unwrap();
    site.stage("songs/20251231-000000000.csv", "U,2,zwei,0.00,2026-01-02\nU,3,late,,\n");
    assert_eq!(site.run().objects(), ["20251231-000000000.csv change 2"]);
    assert_eq!(songs(site), ["1|uno", "2|zwei", "3|three"]);
    assert_eq!(std::fs::read(file(site, CHANGE)).unwrap(), before);
    assert_eq!(ledger(site, "staged")[2], "20260101-000000000.csv|2|8");
    let report = site.run_with(&["--full-refresh"]);
    assert_eq!(report.0["objects"][2]["rejected"], 8);
    assert_eq!(songs(site), ["1|uno", "2|zwei", "3|three"]);
}

fn more_bad_rows_than_allowed_are_refused_whichever_run_found_them(site: &Site<'_>) {
    prepare(site, 2);
    // Only this model, so that no run reads the older objects again.
    std::fs::remove_file(site.folder().join("sql").join(JOB).join("totals.sql")).unwrap();
    site.stage(CHANGE, "U,1,x,confidential,\nU,2,zwei,,\nU,1,y,confidential,\n");
    site.run();
    let second = "songs/20260102-000000000.csv";
    site.stage(second, "U,1,eins,,\nU,2,x,confidential,\n");
    let place = format!("{}/{second}:2: column `sold`", site.staging_url());
    assert_refused(site, &[&place, "3 rows", "`rejected_rows` allows 2", "--retry-rejected"]);
    assert!(!file(site, second).exists());
    // In one object alone.
    let third = "songs/20260103-000000000.csv";
    site.stage(second, "U,1,eins,,\n");
    site.stage(third, "U,2,x,confidential,\n".repeat(1000));
    let place = format!("{}/{third}:1: column `sold`", site.staging_url());
    assert_refused(site, &[&place, "`rejected_rows`", "job.toml"]);
    // In two objects, one of them of another source.
    site.stage(third, "U,2,x,confidential,\nU,2,x,confidential,\n");
    site.stage("log/LOAD00000001.csv", "confidential,x\n");
    assert_refused(site, &["`rejected_rows`"]);
    site.unstage("log/LOAD00000001.csv");
    site.stage(third, "U,2,two,,\n");
    site.run();
    assert_eq!(songs(site), ["1|eins", "2|two"]);
    allow(site, 1);
    site.stage(third, "U,2,again,,\n");
    assert_refused(site, &["`rejected_rows`", "1"]);
}

fn behind_broken_quoting_the_rest_of_the_object_is_set_aside(site: &Site<'_>) {
    prepare(site, 10);
    site.stage(CHANGE, "U,1,uno,,\nU,2,\"a\"b,,\nU,2,zwei,,\n\nI,3,\"three\",,");
    let next = "songs/20260102-000000000.csv";
    site.stage(next, "I,4,four,,\nU,1,\"open,,\nU,2,zwei,,\n");
    let report = site.run();
    assert_eq!(
        report.objects(),
        ["20260101-000000000.csv change 1", "20260102-000000000.csv change 1"]
    );
    assert_eq!(songs(site), ["1|uno", "2|two", "4|four"]);
    let behind = "- behind the broken quoting of line 2";
    assert_eq!(
        rejects(site, CHANGE),
        [
            "2 - text after a closing quote [U,2,\"a\"b,,]".to_owned(),
            format!("3 {behind} [U,2,zwei,,]"),
            format!("4 {behind} []"),
            format!("5 {behind} [I,3,\"three\",,]"),
        ]
    );
    assert_eq!(
        rejects(site, next),
        [
            "2 - closing quote missing at the end of the object [U,1,\"open,,]".to_owned(),
            format!("3 {behind} [U,2,zwei,,]"),
        ]
    );
}

fn what_is_no_bad_row_is_refused_all_the_same(site: &Site<'_>) {
    prepare(site, 100);
    let gz = format!("{CHANGE}.gz");
    site.stage(&gz, "U,1,confidential,,\n");
    assert_refused(site, &[&gz, "gzip"]);
    site.unstage(&gz);
    let header = "OPTIONS ('AddColumnName' 'true')";
    let sources = SOURCES.replace("/songs';", &format!("/songs' {header};"));
    site.job(&[("sources.sql", &sources)]);
    site.stage("songs/LOAD00000001.csv", format!("id,title,sold,day\n{LOAD}"));
    for content in ["Op,id,title,sold\n", "Op,id,\"title\"x,sold,day\n", "U,1,confidential,,\n"] {
        site.stage(CHANGE, content);
        assert_refused(site, &[&format!("{CHANGE}:1"), "the rest was not read"]);
    }
}

fn a_fixed_object_leaves_no_rejects(site: &Site<'_>) {
    prepare(site, 5);
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,confidential,\n");
    site.run();
    assert!(file(site, CHANGE).exists());
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,2.00,\n");
    assert_eq!(site.run().models()[0], "songs full load +2 -0");
    assert_eq!(songs(site), ["1|uno", "2|zwei"]);
    assert_eq!(ledger(site, "staged")[1], "20260101-000000000.csv|2|0");
    assert!(!file(site, CHANGE).exists());
}

fn a_fixed_declaration_leaves_no_rejects(site: &Site<'_>) {
    prepare(site, 5);
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,2.125,\nU,7\n");
    site.run();
    assert_eq!(ledger(site, "staged")[1], "20260101-000000000.csv|1|2");
    site.job(&[("sources.sql", &SOURCES.replace("DECIMAL(10,2)", "DECIMAL(10,3)"))]);
    let report = site.run();
    assert_eq!(report.models()[0], "songs full load +2 -0");
    assert_eq!(report.objects(), ["20260101-000000000.csv change 2"]);
    assert_eq!(songs(site), ["1|uno", "2|zwei"]);
    assert_eq!(
        rejects(site, CHANGE),
        ["3 - expected 5 fields, found 2: narrower than declared [U,7]"]
    );
    assert_eq!(ledger(site, "staged")[1], "20260101-000000000.csv|2|1");
}

fn rows_that_are_right_now_are_applied_by_a_retry(site: &Site<'_>) {
    prepare(site, 5);
    let retry = ["--retry-rejected"];
    assert_eq!(site.run_with(&retry).outcome(), "nothing_to_do");
    let log = "log/20260101-000000000.csv";
    site.stage(CHANGE, "U,1,uno,x.00,\nU,2,zwei,x.00,\n");
    site.stage("log/LOAD00000001.csv", "1,first\n");
    site.stage(log, "I,2,second\nI,x,third\n");
    site.run();
    assert_eq!(songs(site), ["1|one", "2|two"]);
    // Nothing is right yet.
    let report = site.run_with(&retry);
    assert_eq!((report.outcome(), report.objects().len()), ("applied", 0));
    assert_eq!(songs(site), ["1|one", "2|two"]);
    assert_eq!(rejects(site, CHANGE).len(), 2);

    site.restage(CHANGE, "U,1,uno,x.00,\nU,2,zwei,9.00,\n");
    site.restage(log, "I,2,second\nI,3,third\n");
    assert_eq!(site.run().outcome(), "nothing_to_do");
    let plan = site.command(["plan", "--job", JOB]).run();
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    assert!(!plan.stdout.contains("set aside"), "nothing would be: {}", plan.stdout);
    let plan = site.command(["plan", "--job", JOB, "--retry-rejected"]).run();
    assert!(plan.stdout.contains("\n1 row would be set aside\n"), "{}{}", plan.stdout, plan.stderr);
    site.stage("songs/20260102-000000000.csv", "I,3,three,,\n");
    let report = site.run_with(&retry);
    assert_eq!(
        report.objects(),
        [
            "20260101-000000000.csv change 1",
            "20260102-000000000.csv change 1",
            "20260101-000000000.csv change 2"
        ]
    );
    assert_eq!(songs(site), ["1|one", "2|zwei", "3|three"]);
    assert_eq!(site.rows("SELECT n FROM `lines` ORDER BY n"), ["1", "2", "3"]);
    assert_eq!(ledger(site, "staged")[1], "20260101-000000000.csv|1|1");
    assert_eq!(ledger(site, "log")[1], "20260101-000000000.csv|2|0");
    assert_eq!(rejects(site, CHANGE).len(), 1);
    assert!(!file(site, log).exists());
    // The generation is the same one.
    assert_eq!(site.rows("SELECT max(generation) FROM unglue_ledger"), ["1"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn a_file_that_a_dead_run_left_is_written_over(site: &Site<'_>) {
    prepare(site, 5);
    let left = file(site, CHANGE);
    std::fs::create_dir_all(left.parent().unwrap()).unwrap();
    std::fs::write(&left, "half a li".repeat(1000)).unwrap();
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,confidential,\n");
    site.run();
    assert_eq!(rejects(site, CHANGE), ["2 sold not a DECIMAL [U,2,zwei,confidential,]"]);
    assert_eq!(songs(site), ["1|uno", "2|two"]);
}

fn a_place_that_cannot_be_written_stops_the_run(site: &Site<'_>) {
    prepare(site, 5);
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,confidential,\n");
    std::fs::write(site.folder().join("file"), "x").unwrap();
    site.job(&[("job.toml", "rejected_rows = 5\nrejects = '../../file/x'")]);
    let before = site.dump();
    let output = site.fail();
    assert!(matches!(output.status, Some(1 | 2)), "{}", output.stderr);
    for said in ["cannot be written", "`rejects` in job.toml", "s3:PutObject"] {
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
    assert_eq!(site.dump(), before);
    allow(site, 5);
    site.run();
    assert_eq!(songs(site), ["1|uno", "2|two"]);
}

fn a_plan_and_the_shell_tell_how_many_rows_are_set_aside(site: &Site<'_>) {
    prepare(site, 5);
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,confidential,\n");
    let plan = site.command(["plan", "--job", JOB, "--output", "json"]).run();
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!((&plan["rejected_rows"], &plan["pending"][0]["rejected"]), (&1.into(), &1.into()));
    assert_eq!(plan["set_aside_rows"], 1);
    let text = site.command(["plan", "--job", JOB]).run().stdout;
    assert!(text.contains("1 row of it would be set aside"), "{text}");
    assert!(!site.object("rejects").exists());
    let shell = |sql: &str| site.command(["sql", "--job", JOB, "--format", "csv", "-c", sql]).run();
    let output = shell("SELECT title FROM staged ORDER BY id");
    assert_eq!(output.stdout, "title\nuno\ntwo\n", "{}", output.stderr);
    assert!(output.stderr.contains("1 bad row was set aside"), "{}", output.stderr);
    let told = site.command(["run", "--job", JOB]).run();
    assert!(told.stdout.contains("\n         1 bad row was set aside: "), "{}", told.stdout);
    // A plan tells of what its own run would do.
    site.stage("songs/20260102-000000000.csv", "U,1,eins,,\nU,2,zwei,confidential,\n");
    let text = site.command(["plan", "--job", JOB]).run().stdout;
    assert!(text.contains("\n1 row would be set aside, 2 with those of earlier runs\n"), "{text}");
    site.unstage("songs/20260102-000000000.csv");
    let difference = shell("SELECT * FROM songs EXCEPT SELECT * FROM target.songs");
    assert_eq!(difference.stdout, "id,title,sold,day\n", "{}", difference.stderr);
}

fn what_no_model_reads_to_its_end_is_counted_too(site: &Site<'_>) {
    prepare(site, 5);
    let log = "log/LOAD00000001.csv";
    site.job(&[("lines.sql", "SELECT n, msg FROM log LIMIT 1")]);
    site.stage(log, format!("{}x,confidential\n", "1,a\n".repeat(100_000)));
    site.run();
    assert_eq!(ledger(site, "log"), ["LOAD00000001.csv|100000|1"]);
    // Corrected, but a model with a LIMIT would not see it.
    site.job(&[("sources.sql", &SOURCES.replace("log (n INT", "log (n VARCHAR(9)"))]);
    site.execute("DROP TABLE `lines`");
    site.run();
    assert_eq!(ledger(site, "log"), ["LOAD00000001.csv|100001|0"]);
    assert!(!file(site, log).exists());
    // No model at all.
    std::fs::remove_file(site.folder().join("sql").join(JOB).join("lines.sql")).unwrap();
    let change = "log/20260101-000000001.csv";
    site.stage(change, "I,1,a,b\n");
    site.run();
    assert_eq!(ledger(site, "log")[1], "20260101-000000001.csv|0|1");
    site.restage(change, "I,1,abc\n");
    site.run_with(&["--retry-rejected"]);
    assert_eq!(ledger(site, "log")[1], "20260101-000000001.csv|1|0");
    assert!(!file(site, change).exists());
}

fn rows_below_a_limit_that_was_lowered_are_refused_when_something_is_pending(site: &Site<'_>) {
    prepare(site, 5);
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,confidential,\n");
    site.run();
    allow(site, 0);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    site.stage("log/LOAD00000001.csv", "1,first\n");
    assert_refused(site, &["1 row ", "`rejected_rows` allows 0"]);
    // The default again: the row itself is told.
    let output = site.command(["run", "--job", JOB, "--retry-rejected"]).run();
    assert_eq!(output.status, Some(4));
    assert!(output.stderr.contains(&format!("{CHANGE}:2: column `sold`")), "{}", output.stderr);
    site.stage(CHANGE, "U,1,uno,,\nU,2,zwei,2.00,\n");
    site.run();
    assert_eq!(songs(site), ["1|uno", "2|zwei"]);
}
