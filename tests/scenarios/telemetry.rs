//! What an operator sees of runs: each line on stderr one JSON object, and the metrics of each end.

use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use libtest_mimic::Trial;
use serde_json::{Map, Value, json};

use crate::scenarios::site::{JOB, MYSQL, Report, SQLITE, Site, scenarios};
use crate::support::{Output, Runner, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, MYSQL];
        a_run_tells_what_it_applied_and_its_numbers,
        a_column_with_the_commits_time_tells_the_lag,
        a_run_that_is_refused_tells_why_and_how_long_changes_wait,
        rows_that_are_set_aside_are_counted,
    ]
    .chain(scenarios![servers, [SQLITE];
        a_wrong_job_and_a_wrong_option_are_told_in_json,
        failed_rules_are_in_the_report,
        the_environment_chooses_what_options_do_not,
        without_options_nothing_is_as_json,
        a_dry_run_has_no_metrics,
    ])
    .chain(scenarios![servers, [SQLITE.with_s3()];
        an_interrupted_run_tells_that_it_was,
    ])
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, sales FROM staged";
const LOAD: &str = "1,confidential one,5\n2,confidential two,6\n3,confidential three,7\n";
const CHANGES: &str = "U,1,confidential one,50\nD,2,,\nI,4,confidential four,8\n";

fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", LOAD);
}

/// A run in a container: everything on stderr is JSON, and there are metrics.
fn command(site: &Site<'_>, more: &[&str]) -> Runner {
    let args = ["run", "--job", JOB].iter().chain(more);
    site.command(args)
        .env("UNGLUE_LOG_FORMAT", "json")
        .env("UNGLUE_METRICS", "emf")
        .env("UNGLUE_VCPU", "0.5")
        .env("UNGLUE_MEMORY_GB", "1")
}

/// The lines of stderr that tell something, and the one of metrics, which comes last.
fn lines(output: &Output) -> (Vec<Value>, Value) {
    for text in [&output.stdout, &output.stderr] {
        for hidden in ["secret", "confidential", "panicked"] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let mut lines: Vec<Value> = output.stderr.lines().map(read).collect();
    let metrics = lines.pop().expect("stderr has lines");
    for line in &lines {
        let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name}: {line}"));
        assert!(["ERROR", "WARN", "INFO"].contains(&text("level")), "{line}");
        assert!(text("timestamp").ends_with('Z') && !text("message").is_empty(), "{line}");
        assert_eq!(line["run_id"], metrics["run_id"], "{line}");
        assert_eq!(line.get("job"), metrics.get("Job"), "{line}");
    }
    let _document = emf::read(&metrics.to_string()).unwrap();
    (lines, metrics)
}

fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["message"].as_str().unwrap()).collect()
}

/// The line of this message, without what differs from run to run.
fn line(lines: &[Value], message: &str) -> Map<String, Value> {
    let found = lines.iter().find(|line| line["message"] == message);
    let mut found = found.unwrap_or_else(|| panic!("{message}: {lines:#?}")).clone();
    let found = found.as_object_mut().unwrap();
    for name in ["timestamp", "run_id", "module", "elapsed_ms"] {
        found.remove(name);
    }
    found.clone()
}

fn assert_line(lines: &[Value], expected: &Value) {
    let found = line(lines, expected["message"].as_str().unwrap());
    assert_eq!(&Value::Object(found), expected);
}

/// Runs, rows read, upserted, deleted and rejected, objects and bytes.
fn assert_numbers(metrics: &Value, expected: [u64; 7]) {
    let names =
        ["Runs", "RowsRead", "RowsUpserted", "RowsDeleted", "RowsRejected", "Objects", "BytesRead"];
    let found = names.map(|name| metrics[name].as_u64().unwrap());
    assert_eq!(found, expected, "{metrics}");
}

/// Failed and interrupted runs.
fn assert_end(metrics: &Value, outcome: &str, [failed, interrupted]: [u64; 2]) {
    assert_eq!(metrics["outcome"], outcome);
    let found = ["RunsFailed", "RunsInterrupted"].map(|name| metrics[name].as_u64().unwrap());
    assert_eq!(found, [failed, interrupted], "{metrics}");
}

fn seconds_since(time: SystemTime) -> u64 {
    SystemTime::now().duration_since(time).unwrap().as_secs()
}

fn assert_near(found: &Value, expected: u64) {
    let found = found.as_u64().unwrap_or_else(|| panic!("no number: {found}"));
    assert!(found.abs_diff(expected) <= 60, "{found} instead of {expected}");
}

fn a_run_tells_what_it_applied_and_its_numbers(site: &Site<'_>) {
    prepare(site);
    let first = command(site, &[]).run();
    assert_eq!(first.status, Some(0), "{}", first.stderr);
    let (told, metrics) = lines(&first);
    let expected =
        ["run begins", "opened the job", "applied", "applied object", "wrote table", "run ended"];
    assert_eq!(messages(&told).into_iter().filter(|one| expected.contains(one)).count(), 6);
    assert_eq!((messages(&told)[0], messages(&told)[told.len() - 1]), ("run begins", "run ended"));
    assert_line(
        &told,
        &json!({
            "level": "INFO", "message": "applied object", "job": JOB, "source": "staged",
            "object": "LOAD00000001.csv", "kind": "load", "rows": 3, "rejected": 0,
            "bytes": LOAD.len(),
        }),
    );
    assert_line(
        &told,
        &json!({
            "level": "INFO", "message": "wrote table", "job": JOB, "model": "songs",
            "table": "songs", "way": "full load", "upserted": 3, "deleted": 0, "replaced": 0,
        }),
    );
    assert_line(
        &told,
        &json!({
            "level": "INFO", "message": "run ended", "job": JOB, "outcome": "applied", "status": 0,
            "objects": 1, "rows_read": 3,
        }),
    );
    assert_numbers(&metrics, [1, 3, 3, 0, 0, 1, LOAD.len() as u64]);
    assert_end(&metrics, "applied", [0, 0]);
    // A full load has no time in its name.
    assert_eq!(metrics.get("Lag"), None);
    // One minute at least.
    let cost = metrics["CostEstimate"].as_f64().unwrap();
    assert!((cost - (0.5 * 0.04048 + 0.004_445) / 60.0).abs() < 1e-9, "{cost}");
    assert!((metrics["GlueCost"].as_f64().unwrap() - 0.88 / 60.0).abs() < 1e-9);
    assert!(metrics["PeakMemory"].as_u64().unwrap() > 1 << 20);
    assert_eq!(first.stdout.lines().count(), 1);
    let report = Report::read(&first).0;
    assert_eq!(report["run_id"], metrics["run_id"]);
    assert_eq!(report["objects"][0]["bytes"], LOAD.len());

    site.stage("songs/20260301-000000000.csv", CHANGES);
    let (_, metrics) = lines(&command(site, &[]).run());
    assert_numbers(&metrics, [1, 3, 2, 1, 0, 1, CHANGES.len() as u64]);
    // Of 2026-03-01.
    let named = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_323_200);
    assert_near(&metrics["Lag"], seconds_since(named));

    let idle = command(site, &[]).run();
    let (told, metrics) = lines(&idle);
    assert_eq!(messages(&told), ["run begins", "opened the job", "nothing to do", "run ended"]);
    assert_numbers(&metrics, [1, 0, 0, 0, 0, 0, 0]);
    assert_end(&metrics, "nothing_to_do", [0, 0]);
    assert_eq!(metrics["Lag"], 0);
}

fn a_column_with_the_commits_time_tells_the_lag(site: &Site<'_>) {
    let sources =
        "CREATE EXTERNAL TABLE staged (id INT, n INT, committed TIMESTAMP, PRIMARY KEY (id))
        STORED AS DMS LOCATION '${STAGING}/songs' OPTIONS ('TimestampColumnName' 'committed')";
    site.job(&[("sources.sql", sources), ("songs.sql", "SELECT id, n FROM staged")]);
    site.stage("songs/LOAD00000001.csv", "2026-01-01 00:00:00.000000,1,5\n");
    site.run();
    // Committed a day before the object was written.
    let rows = "U,2026-02-28 00:00:00.000000,1,6\nI,2026-02-27 00:00:00.000000,2,7\n";
    site.stage("songs/20260301-000000000.csv", rows);
    let (_, metrics) = lines(&command(site, &[]).run());
    let committed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_236_800);
    assert_near(&metrics["Lag"], seconds_since(committed));
}

fn a_run_that_is_refused_tells_why_and_how_long_changes_wait(site: &Site<'_>) {
    prepare(site);
    site.run();
    site.stage("songs/20260301-000000000.csv", "I,5,confidential five,confidential\n");
    let refused = command(site, &[]).run();
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    let (told, metrics) = lines(&refused);
    let error = told.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert!(error["message"].as_str().unwrap().contains("20260301-000000000.csv"), "{error}");
    assert_eq!((&error["kind"], &error["status"]), (&json!("refused"), &json!(4)));
    assert!(error["because"].is_array() && error["next"].is_string(), "{error}");
    assert_numbers(&metrics, [1, 0, 0, 0, 0, 0, 0]);
    assert_end(&metrics, "refused", [1, 0]);
    // The time in its name does not count: how long it has been staged does.
    let staged = site.object("songs/20260301-000000000.csv").metadata().unwrap().modified();
    assert_near(&metrics["Lag"], seconds_since(staged.unwrap()));
    let report = Report::read(&refused).0;
    assert_eq!((&report["outcome"], &report["job"]), (&json!("refused"), &json!(JOB)));
    assert_eq!(report["error"]["message"], error["message"]);
    assert_eq!(report["error"]["next"], error["next"]);
    assert_eq!((&report["schema_version"], report.get("objects")), (&json!(1), None));
}

fn rows_that_are_set_aside_are_counted(site: &Site<'_>) {
    prepare(site);
    let config = "rejected_rows = 5\nrejects = \"${REJECTS}\"\n";
    site.job(&[("job.toml", config)]);
    let rejects = site.folder().join("rejects").display().to_string();
    site.stage("songs/20260301-000000000.csv", "I,5,confidential five,no\nI,6,six,6\n");
    let output = command(site, &[]).env("REJECTS", rejects).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let (told, metrics) = lines(&output);
    let warning = told.iter().find(|line| line["level"] == "WARN").unwrap();
    assert_eq!(warning["object"], "20260301-000000000.csv");
    let bytes = LOAD.len() + "I,5,confidential five,no\nI,6,six,6\n".len();
    assert_numbers(&metrics, [1, 4, 4, 0, 1, 2, bytes as u64]);
}

fn a_wrong_job_and_a_wrong_option_are_told_in_json(site: &Site<'_>) {
    prepare(site);
    site.job(&[("songs.sql", "SELECT id, titel FROM staged")]);
    let wrong = command(site, &[]).run();
    assert_eq!(wrong.status, Some(2), "{}", wrong.stderr);
    let (told, metrics) = lines(&wrong);
    let error = told.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert!(error["message"].as_str().unwrap().contains("songs.sql:1:"), "{error}");
    assert_end(&metrics, "usage", [1, 0]);
    assert_eq!((metrics.get("Lag"), &metrics["Job"]), (None, &json!(JOB)));
    assert_eq!(Report::read(&wrong).outcome(), "usage");

    // Neither is a job, nor is one named by what was typed.
    for (args, said) in [
        (&["--lock-wait", "confidential://x"][..], "invalid value"),
        (&["--var"], "--var"),
        (&["--JOB_NAME", "mysql://me:secret@host/x"], "two jobs"),
    ] {
        let wrong = command(site, args).run();
        assert_eq!(wrong.status, Some(2), "{}", wrong.stderr);
        let stderr = wrong.stderr.replace("confidential://…", "");
        let (told, metrics) = lines(&Output { stderr, ..wrong });
        let error = told.iter().find(|line| line["level"] == "ERROR").unwrap();
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
        assert_eq!((&error["kind"], &error["status"]), (&json!("usage"), &json!(2)));
        assert_eq!(metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
        assert_end(&metrics, "usage", [1, 0]);
    }
}

fn failed_rules_are_in_the_report(site: &Site<'_>) {
    prepare(site);
    site.job(&[("songs.dqdl", "Rules = [ RowCount > 100, IsComplete \"id\" ]\n")]);
    let refused = site.command(["run", "--job", JOB, "--output", "json"]).run();
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    let report = Report::read(&refused).0;
    assert_eq!(report["outcome"], "refused");
    let outcomes: Vec<&Value> =
        report["quality"].as_array().unwrap().iter().map(|rule| &rule["outcome"]).collect();
    assert_eq!(outcomes, ["Failed", "Passed"]);
}

fn the_environment_chooses_what_options_do_not(site: &Site<'_>) {
    prepare(site);
    std::fs::rename(site.folder().join("sql"), site.folder().join("jobs")).unwrap();
    let place = |runner: Runner| runner.env("UNGLUE_JOBS", "jobs");
    // An option is stronger than a variable.
    let text = place(command(site, &["--log-format", "text", "--metrics", "none"])).run();
    assert_eq!(text.status, Some(0), "{}", text.stderr);
    assert!(text.stdout.starts_with("shop -> "), "{}", text.stdout);
    assert_eq!(text.stderr, "");
    let quiet = place(command(site, &[])).env("UNGLUE_LOG", "warn").run();
    let (told, metrics) = lines(&quiet);
    assert_eq!((told.len(), &metrics["Runs"]), (0, &json!(1)));
    let loud = place(command(site, &["-v"])).env("UNGLUE_LOG", "warn").run();
    assert!(lines(&loud).0.len() > 2);
    let namespace = |metrics: &Value| metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"].clone();
    assert_eq!(namespace(&metrics), "Unglue");
    let other = place(command(site, &[])).env("UNGLUE_METRICS_NAMESPACE", "Unglue/test").run();
    assert_eq!(namespace(&lines(&other).1), "Unglue/test");
    let wrong = place(command(site, &[])).env("UNGLUE_METRICS_NAMESPACE", "AWS/ECS").run();
    assert_eq!(wrong.status, Some(0), "{}", wrong.stderr);
    let (told, metrics) = lines(&wrong);
    assert_eq!(namespace(&metrics), "Unglue");
    let is_note = |line: &&Value| line["message"].as_str().unwrap().contains("METRICS_NAMESPACE");
    assert_eq!(told.iter().find(is_note).unwrap()["level"], "INFO");
    for (name, value) in
        [("UNGLUE_LOG_FORMAT", "xml"), ("UNGLUE_METRICS", "yes"), ("UNGLUE_VCPU", "one")]
    {
        let wrong = place(command(site, &[])).env(name, value).run();
        assert_eq!(wrong.status, Some(2), "{}", wrong.stderr);
        assert!(wrong.stderr.contains(name) && !wrong.stderr.contains(value), "{}", wrong.stderr);
    }
    for command in ["plan", "status", "doctor"] {
        let output = place(site.command([command, "--job", JOB])).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
    }
}

fn without_options_nothing_is_as_json(site: &Site<'_>) {
    prepare(site);
    let run = site.command(["run", "--job", JOB]).run();
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("shop -> "), "{}", run.stdout);
    let wrong = site.command(["run", "--job", "other"]).run();
    assert!(wrong.stderr.starts_with("error: "), "{}", wrong.stderr);
    assert_eq!(wrong.stdout, "");
}

fn a_dry_run_has_no_metrics(site: &Site<'_>) {
    prepare(site);
    let plan = command(site, &["--dry-run"]).run();
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    assert!(!plan.stderr.contains("_aws"), "{}", plan.stderr);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["pending"][0]["key"], "LOAD00000001.csv");
}

fn an_interrupted_run_tells_that_it_was(site: &Site<'_>) {
    prepare(site);
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        let run = command(site, &[]).env("AWS_ENDPOINT_URL", &endpoint).spawn();
        std::thread::sleep(Duration::from_secs(1));
        run.signal(signal);
        let output = run.wait();
        assert_eq!(output.status, Some(status), "{}", output.stderr);
        assert_eq!(output.stdout, "");
        let (told, metrics) = lines(&output);
        let said = "interrupted: nothing was half applied; run again";
        assert_eq!(line(&told, said)["status"], status);
        assert_eq!(line(&told, "run ended")["outcome"], "interrupted");
        assert_end(&metrics, "interrupted", [0, 1]);
        assert_eq!(metrics.get("Lag"), None);
    }
}
