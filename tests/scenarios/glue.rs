//! How others start a run: the command line that callers of AWS Glue already use, and events.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::site::{EACH, MARIADB, Report, SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH; the_arguments_of_glue_run_the_job]
        .chain(scenarios![servers, [SQLITE];
            any_argument_is_a_variable_if_the_job_asks_for_it,
            an_argument_that_nothing_asks_for_is_refused,
            bookmarks_are_told_what_the_ledger_makes_of_them,
            a_secret_among_the_arguments_is_not_repeated,
        ])
        .chain(scenarios![servers, [SQLITE, MARIADB.with_s3()];
            an_object_that_an_event_tells_of_is_only_a_hint,
            events_may_come_twice_in_any_order_and_for_anything,
            the_event_itself_may_be_handed_over,
            what_is_no_event_is_refused_before_anything_is_read,
        ])
        .collect()
}

fn prepare(site: &Site<'_>) {
    site.copy_job("load_sales");
    site.stage("LOAD00000001.csv", "2026-01-03,Umbra,Null Meridian,10\n");
}

fn the_arguments_of_glue_run_the_job(site: &Site<'_>) {
    prepare(site);
    let args = "run --JOB_NAME load_sales --s3_target_path_bucket b --s3_target_path_key k --TempDir s3://x/y \
                --JOB_ID j_1 --JOB_RUN_ID jr_1 --job-bookmark-option job-bookmark-disable --job-language python \
                --enable-metrics --enable-continuous-cloudwatch-log true --enable-glue-datacatalog true";
    let output = site.command(args.split_whitespace()).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains("song_sales (full load): 1 row upserted"), "{}", output.stdout);
    assert!(output.stderr.contains("--TempDir"), "{}", output.stderr);
    assert_eq!(site.rows("SELECT song FROM song_sales"), ["Umbra"]);

    site.stage("20260110-000000000.csv", "U,2026-01-03,Umbra,Null Meridian,11\n");
    let args = "run --JOB_NAME=load_sales --output json";
    let output = site.command(args.split_whitespace()).run();
    assert_eq!(Report::read(&output).objects(), ["20260110-000000000.csv change 1"]);
    assert_eq!(output.stderr, "");
}

/// A job whose rows are its variables.
fn asking(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE s (id INT, PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}'",
        ),
        ("t.sql", "SELECT id, '${run_day}' AS day, '${TempDir:-none}' AS folder FROM s"),
    ]);
    site.stage("LOAD00000001.csv", "1\n");
}

fn any_argument_is_a_variable_if_the_job_asks_for_it(site: &Site<'_>) {
    asking(site);
    let run = |line: &str| {
        let output = site.command(line.split(' ')).env("run_day", "environment").run();
        assert_eq!(output.status, Some(0), "{line}: {}", output.stderr);
        output.stderr
    };
    for (line, row) in [
        ("run --job shop", "1|environment|none"),
        ("run --JOB_NAME shop --run-day 2026-01-01", "1|2026-01-01|none"),
        ("run --run_day=2026-01-02 --job shop --run_day=a=b", "1|a=b|none"),
        ("run --job shop --run-day glue --var run_day=own", "1|own|none"),
        ("run --job shop --run-day -1 --TempDir s3://tmp/", "1|-1|s3://tmp/"),
    ] {
        assert_eq!(run(line), "", "{line}");
        assert_eq!(site.rows("SELECT * FROM t"), [row], "{line}");
    }
    let said = run(
        "plan --JOB_NAME shop --run-day x --s3_target_path_key k --extra-py-files a.zip --conf",
    );
    assert_eq!(
        said,
        "note: ignored, since without meaning here: --s3_target_path_key, --extra-py-files, --conf\n"
    );
    assert_eq!(site.rows("SELECT day FROM t"), ["-1"], "a plan writes nothing");
}

fn an_argument_that_nothing_asks_for_is_refused(site: &Site<'_>) {
    asking(site);
    for (line, said) in [
        ("run --job shop --run-day x --output-formt json", "unexpected argument --output-formt"),
        ("run --job shop --run-day x --output-formt json", "did you mean --output?"),
        ("plan --job shop --run-day x --full-refersh", "did you mean --full-refresh?"),
        ("run --job shop --day 2026", "${day}"),
        ("run --jb shop", "unexpected argument '--jb'"),
        ("run --job shop --run-day", "--run-day has no value"),
        ("status --job shop --run-day x", "unexpected argument '--run-day'"),
        ("run --job shop --run-day x --lock-wait long", "--lock-wait"),
    ] {
        let output = site.command(line.split(' ')).run();
        assert_eq!(output.status, Some(2), "{line}: {}{}", output.stdout, output.stderr);
        assert!(output.stderr.contains(said), "{line}: {}", output.stderr);
    }
    assert!(!site.folder().join("target.db").exists());
}

fn bookmarks_are_told_what_the_ledger_makes_of_them(site: &Site<'_>) {
    prepare(site);
    let run = |more: &str| {
        let line = format!("run --job load_sales {more}");
        site.command(line.split_whitespace()).run()
    };
    let paused = run("--job-bookmark-option job-bookmark-pause --output json");
    assert_eq!(paused.status, Some(0), "{}", paused.stderr);
    assert!(paused.stderr.contains("nothing is written"), "{}", paused.stderr);
    let plan: Value = serde_json::from_str(&paused.stdout).unwrap();
    assert_eq!(plan["pending"][0]["key"], "LOAD00000001.csv");
    assert!(!site.table_names().contains(&"song_sales".to_owned()));
    for refused in [
        "--job-bookmark-option job-bookmark-pause --job-bookmark-from jr_1 --job-bookmark-to jr_2",
        "--job-bookmark-from jr_1",
        "--job-bookmark-option job-bookmark-enable --job-bookmark-to=jr_2",
        "--job-bookmark-option always",
    ] {
        let output = run(refused);
        assert_eq!(output.status, Some(2), "{refused}: {}", output.stderr);
    }
    let disabled = run("--job-bookmark-option=job-bookmark-disable");
    assert_eq!(disabled.status, Some(0), "{}", disabled.stderr);
    assert!(disabled.stderr.contains("the ledger tells"), "{}", disabled.stderr);
    let again = run("--job-bookmark-option job-bookmark-disable --output json");
    assert_eq!(Report::read(&again).outcome(), "nothing_to_do");
    let enabled = run("--job-bookmark-option job-bookmark-enable");
    assert_eq!((enabled.status, enabled.stderr.as_str()), (Some(0), ""));
}

fn a_secret_among_the_arguments_is_not_repeated(site: &Site<'_>) {
    asking(site);
    site.job(&[("job.toml", "target = \"mysql://me:${db_password}@127.0.0.1:1/d\"\n")]);
    for line in [
        "run --job shop --run-day x --db-password hunter2 --lock-wait 0",
        "run --job shop --run-day x --db-password=hunter2 --no-such=hunter2",
        "run --job shop --run-day hunter2(",
        "run --jb shop --db-password hunter2",
    ] {
        let output = site.command(line.split(' ')).run();
        assert_ne!(output.status, Some(0), "{line}");
        assert!(!output.stderr.contains("hunter2"), "{line}: {}", output.stderr);
    }
}

fn an_object_that_an_event_tells_of_is_only_a_hint(site: &Site<'_>) {
    prepare(site);
    let run = |hints: &[&str]| {
        let hints = hints.iter().flat_map(|hint| ["--object", hint]);
        let args = ["run", "--job", "load_sales", "--output", "json"].into_iter().chain(hints);
        let output = site.command(args).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        Report::read(&output)
    };
    // The event of a later object comes first; what is there is applied whatever the events say.
    site.stage("20260110-000000000.csv", "U,2026-01-03,Umbra,Null Meridian,11\n");
    site.stage("20260117-000000000.csv", "U,2026-01-03,Umbra,Null Meridian,12\n");
    let later = format!("{}/20260117-000000000.csv", site.staging_url());
    assert_eq!(run(&[&later]).objects().len(), 3);
    let hints = [
        "s3://other/20260117-000000000.csv",
        "",
        "not a URL",
        "gs://x",
        "../../etc/passwd",
        &later,
    ];
    assert_eq!(run(&hints).outcome(), "nothing_to_do");
    assert_eq!(site.rows("SELECT sales FROM song_sales"), ["12"]);
}

fn events_may_come_twice_in_any_order_and_for_anything(site: &Site<'_>) {
    prepare(site);
    let event = |bucket: &str, key: &str| {
        let args = ["run", "--JOB_NAME", "load_sales", "--output", "json"];
        let hints = ["--s3_target_path_bucket", bucket, "--s3_target_path_key", key];
        let output = site.command(args.iter().chain(&hints)).run();
        assert_eq!(output.status, Some(0), "{bucket} {key}: {}", output.stderr);
        assert_eq!(output.stderr, "", "{bucket} {key}");
        Report::read(&output)
    };
    let bucket = site.staging_url().trim_start_matches("s3://").to_owned();
    let change = |day: u32, sales: u32| {
        let key = format!("20260{day}-000000000.csv");
        site.stage(&key, format!("U,2026-01-03,Umbra,Null Meridian,{sales}\n"));
        key
    };
    assert_eq!(event(&bucket, "LOAD00000001.csv").objects(), ["LOAD00000001.csv load 1"]);
    let (second, third) = (change(202, 12), change(203, 13));
    // Late, twice, and in the wrong order: the first one finds all.
    let report = event(&bucket, &third);
    assert_eq!(report.objects(), [format!("{second} change 1"), format!("{third} change 1")]);
    let keys = [
        second.as_str(),
        &third,
        "LOAD00000001.csv",
        "",
        "/",
        "20991231-000000000.csv",
        "other/prefix/20260202-000000000.csv",
        // As S3 puts keys into events.
        "a+folder/2026%2F01/LOAD%2000000001.csv",
        "%",
        "%zz%00%ff",
        "../../../etc/passwd",
        "s3://b/c",
        "\u{1f3b7}\n\r\t\"'`$(id)",
        "-",
    ];
    for key in keys {
        for bucket in [bucket.as_str(), "another-bucket", "", "Not A Bucket!"] {
            assert_eq!(event(bucket, key).outcome(), "nothing_to_do", "{bucket} {key}");
        }
    }
    // One that is deleted before its event is read, and one that comes behind its name.
    let gone = change(205, 15);
    site.unstage(&gone);
    assert_eq!(event(&bucket, &gone).outcome(), "nothing_to_do");
    let late = change(201, 11);
    let report = event(&bucket, &late);
    assert_eq!(report.0["objects"][0]["late"], true);
    assert_eq!(site.rows("SELECT sales FROM song_sales"), ["13"]);
}

/// Runs the job with an event from stdin.
fn run_for(site: &Site<'_>, event: &str) -> Output {
    let file = site.folder().join("event.json");
    std::fs::write(&file, event).unwrap();
    let args = ["run", "--job", "load_sales", "--output", "json", "--event", "-"];
    site.command(args).stdin(file).run()
}

fn the_event_itself_may_be_handed_over(site: &Site<'_>) {
    prepare(site);
    let bucket = site.staging_url().trim_start_matches("s3://");
    let entity = |key: &str| json!({ "bucket": { "name": bucket }, "object": { "key": key } });
    let of_s3 = |keys: &[&str]| {
        let records = keys.iter().map(|key| json!({ "s3": entity(key) }));
        json!({ "Records": records.collect::<Vec<_>>() })
    };
    let of_bridge = |key: &str| json!({ "source": "aws.s3", "detail": entity(key) });
    let in_topic = |event: &Value| json!({ "Type": "Notification", "Message": event.to_string() });
    let in_queue = |events: &[Value]| {
        let records = events.iter().map(|event| json!({ "body": event.to_string() }));
        json!({ "Records": records.collect::<Vec<_>>() })
    };
    let run = |event: &Value| {
        let output = run_for(site, &event.to_string());
        assert_eq!(output.status, Some(0), "{event}: {}", output.stderr);
        assert_eq!(output.stderr, "", "{event}");
        Report::read(&output)
    };
    assert_eq!(run(&json!({ "Event": "s3:TestEvent" })).objects(), ["LOAD00000001.csv load 1"]);
    site.stage("20260110-000000000.csv", "U,2026-01-03,Umbra,Null Meridian,11\n");
    site.stage("20260117-000000000.csv", "U,2026-01-03,Umbra,Null Meridian,12\n");
    let (first, second) = ("20260110-000000000.csv", "20260117-000000000.csv");
    // The newest first, one twice, one that is gone, one of another table.
    let event = in_queue(&[
        in_topic(&of_s3(&[second, "LOAD00000001.csv"])),
        of_bridge(second),
        of_s3(&["20251231-000000000.csv", "another+table/LOAD00000001.csv"]),
    ]);
    let report = run(&event);
    assert_eq!(report.objects(), [format!("{first} change 1"), format!("{second} change 1")]);
    for event in [event, of_s3(&[first]), of_bridge(first), in_queue(&[])] {
        assert_eq!(run(&event).outcome(), "nothing_to_do");
    }
    assert_eq!(site.rows("SELECT sales FROM song_sales"), ["12"]);
    if site.is_s3() {
        let event = of_s3(&[first, "a+b/%C3%A9.csv"]);
        let event = event.to_string().replace(bucket, "elsewhere");
        let args = ["run", "--job", "load_sales", "-vv", "--event", "-"];
        std::fs::write(site.folder().join("event.json"), event).unwrap();
        let output = site.command(args).stdin(site.folder().join("event.json")).run();
        assert!(output.stderr.contains("s3://elsewhere/a b/é.csv"), "{}", output.stderr);
    }
}

fn what_is_no_event_is_refused_before_anything_is_read(site: &Site<'_>) {
    prepare(site);
    let secret = r#"{ "Records": "hunter2" }"#;
    for event in [secret, "", "{}", "[1]", r#"{ "source": "aws.ec2", "detail": {} }"#] {
        std::fs::write(site.folder().join("event.json"), event).unwrap();
        // Nor is a job looked for.
        let args = ["run", "--job", "nowhere", "--event", "event.json"];
        let output = site.command(args).run();
        assert_eq!(output.status, Some(2), "{event}: {}", output.stderr);
        assert!(output.stderr.contains("event.json is not understood"), "{}", output.stderr);
        assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
    }
    for no_file in ["nowhere.json", secret, ""] {
        let output = site.command(["run", "--job", "load_sales", "--event", no_file]).run();
        assert_eq!(output.status, Some(2), "{}", output.stderr);
        assert!(output.stderr.contains("--event takes a file, or -"), "{}", output.stderr);
        assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
    }
    let long = "[".to_owned() + &" ".repeat(6 * 1024 * 1024) + "]";
    assert_eq!(run_for(site, &long).status, Some(2));
    assert_eq!(site.table_names(), [""; 0]);
}
