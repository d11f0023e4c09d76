//! `runner import`: what it writes from a visual job of AWS Glue, and that the result gives the job's rows.
//!
//! The job, its input and its result are in `tests/fixtures/glue_job`.

mod nodes;
mod state;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::site::{EACH, JOB, MYSQL, Report, SQLITE, Site, assert_same, scenarios};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH; a_visual_job_gives_its_rows_after_the_load_and_after_changes]
        .chain(scenarios![servers, [SQLITE, MYSQL];
            each_table_holds_what_the_nodes_give_by_the_transforms_of_glue,
        ])
        .chain(scenarios![servers, [SQLITE];
            what_is_downloaded_and_what_is_printed_become_the_same_job,
            what_cannot_be_carried_fails_until_it_is_written,
            what_is_no_visual_job_writes_nothing,
            a_job_that_is_there_is_not_overwritten,
            no_value_of_an_argument_is_copied,
            rules_of_the_job_are_evaluated_and_a_failed_one_stops_the_load_as_in_glue,
        ])
        .collect()
}

const KEYS: [&str; 6] =
    ["--key", "orders:col1", "--key", "customers:id", "--key", "corrections:id"];

/// The tables that the job writes.
const TABLES: [&str; 8] = [
    "order_details",
    "country_totals",
    "customer_names",
    "worth_a_look",
    "countries",
    "customer_statistics",
    "changed_names",
    "idle_customers",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/glue_job")
}

fn import(site: &Site<'_>, file: &Path, more: &[&str]) -> Output {
    let args = ["import", "--job", JOB, "--output", "json"].map(str::to_owned);
    let more = more.iter().map(|arg| (*arg).to_owned());
    site.command(args.into_iter().chain(more).chain([file.display().to_string()])).run()
}

fn imported(site: &Site<'_>, file: &Path, more: &[&str]) -> Value {
    let output = import(site, file, more);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(output.stderr, "");
    serde_json::from_str(&output.stdout).unwrap()
}

/// Stages the fixture's objects: full loads, or changes.
fn stage(site: &Site<'_>, full_load: bool) {
    for table in ["orders", "customers", "corrections"] {
        let mut objects: Vec<PathBuf> = std::fs::read_dir(fixtures().join("staging").join(table))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        objects.sort();
        for object in objects {
            let name = object.file_name().unwrap().to_str().unwrap();
            if name.starts_with("LOAD") == full_load {
                site.stage(&format!("{table}/{name}"), std::fs::read(&object).unwrap());
            }
        }
    }
}

/// The rows that a table is to hold, values separated by `|`.
fn expected(table: &str) -> Vec<String> {
    let text = std::fs::read_to_string(fixtures().join(format!("expected/{table}.csv"))).unwrap();
    let value = |value: &str| if value.is_empty() { "NULL".to_owned() } else { value.to_owned() };
    let row = |line: &str| line.split(',').map(value).collect::<Vec<_>>().join("|");
    text.lines().skip(1).map(row).collect()
}

fn a_visual_job_gives_its_rows_after_the_load_and_after_changes(site: &Site<'_>) {
    let report = imported(site, &fixtures().join("get-job.json"), &KEYS);
    let outcomes: Vec<&str> = report["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes.len(), 39, "{report}");
    assert!(!outcomes.contains(&"to_be_written"), "{report}");
    assert_eq!(report["arguments"], json!(["minimum-total"]));

    stage(site, true);
    assert_eq!(site.run().ways(), ["full load"; TABLES.len()]);
    assert_same(
        site.rows("SELECT order_id, total FROM order_details"),
        ["1|20.00", "2|5.50", "4|30.00", "5|1.00"].map(str::to_owned).into(),
    );
    stage(site, false);
    let planned = site.command(["plan", "--job", JOB]).run();
    assert_eq!(planned.status, Some(0), "{}", planned.stderr);
    let report = site.run();
    let way = |table: &str| report.models().iter().any(|line| line.starts_with(table));
    assert!(way("order_details"), "{report:?}");
    for table in TABLES {
        assert_same(site.rows(&format!("SELECT * FROM {table}")), expected(table));
    }
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // As Glue passes it to the job.
    site.run_with(&["--minimum-total", "15"]);
    assert_same(
        site.rows("SELECT country, customers FROM country_totals"),
        ["FR|1", "DE|1"].map(str::to_owned).into(),
    );
}

/// The names of a table's columns in the target.
fn columns(site: &Site<'_>, table: &str) -> Vec<String> {
    site.rows(&match site.is_server() {
        false => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        true => format!(
            "SELECT column_name FROM information_schema.columns \
             WHERE table_schema = database() AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    })
}

/// Compares each table with what its nodes give in another way: one after the other, over the tables as they stand.
fn compare_with_nodes(site: &Site<'_>) {
    let text = |file: &str| std::fs::read_to_string(fixtures().join(file)).unwrap();
    let job: Value = serde_json::from_str(&text("get-job.json")).unwrap();
    let columns: Vec<Vec<String>> = TABLES.iter().map(|table| columns(site, table)).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let given = runtime.block_on(async {
        let state = state::session();
        let nodes = nodes::Nodes {
            state: &state,
            sources: state::tables(site, &state, &text("sources.sql")).await,
            variables: &[("${minimum_total:-20}", "20")],
            samples: Arc::default(),
        };
        let frames = nodes.evaluate(&job).await;
        assert_eq!(frames.len(), TABLES.len());
        let mut given = Vec::new();
        for (table, columns) in TABLES.iter().zip(&columns) {
            given.push(nodes::rows(&frames[*table], columns).await);
        }
        given
    });
    for ((table, columns), given) in TABLES.iter().zip(columns).zip(given) {
        let quoted: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
        let found = site.rows(&format!("SELECT {} FROM {table}", quoted.join(", ")));
        let named = |rows: Vec<String>| rows.iter().map(|row| format!("{table}: {row}")).collect();
        assert_same(named(found), named(given));
    }
}

fn each_table_holds_what_the_nodes_give_by_the_transforms_of_glue(site: &Site<'_>) {
    imported(site, &fixtures().join("get-job.json"), &KEYS);
    stage(site, true);
    site.run();
    compare_with_nodes(site);
    stage(site, false);
    let report = site.run();
    compare_with_nodes(site);
    let rules = report.0["quality"].as_array().unwrap();
    let outcomes: Vec<&str> = rules.iter().map(|rule| rule["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["Passed"; 3]);
    // Another round: a customer goes, another is called otherwise, a third has no name, an order is cancelled, one is back.
    site.stage(
        "customers/20260103-000000000.csv",
        "Op;id;Name;country;since\nD;10;;;\nU;13;Cyd;IT;2023-03-03\n",
    );
    site.stage(
        "orders/20260103-000000000.csv",
        "U,1,10,20.00,cancelled,first\nI,4,12,0.15,paid,again\nU,5,13,-3.995,open,\nU,6,11,25.00,open,\nI,7,,7.00,paidup,no one\nI,8,10,50.00,,\n",
    );
    site.stage("corrections/20260103-000000000.csv", "Op,id,customer_name,country\nI,11,,\n");
    let report = site.run_with(&["--allow-deletes"]);
    compare_with_nodes(site);
    assert_eq!(failed_rules(&report), ["Completeness \"customer_name\" > 0.9"]);
}

fn failed_rules(report: &Report) -> Vec<&str> {
    let rules = report.0["quality"].as_array().unwrap().iter();
    let failed = rules.filter(|rule| rule["outcome"] == "Failed");
    failed.map(|rule| rule["rule"].as_str().unwrap()).collect()
}

fn rules_of_the_job_are_evaluated_and_a_failed_one_stops_the_load_as_in_glue(site: &Site<'_>) {
    for (timing, said, status) in [
        (Value::Null, "is told of", 0),
        (json!("Immediate"), "nothing is written", 4),
        (json!("AfterDataLoad"), "here nothing is written", 4),
    ] {
        let rules = json!({
            "Ruleset": "Rules = [\n    RowCount > 0,\n    IsUnique \"Title\"\n]",
            "StopJobOnFailureOptions": { "StopJobOnFailureTiming": timing },
        });
        let file = write(site, &chain("EvaluateDataQuality", rules));
        let report = imported(site, &file, &["--key", "id"]);
        assert!(report["nodes"][1]["notes"].to_string().contains(said), "{report}");
        site.stage("songs/LOAD00000001.csv", "1,one\n2,two\n");
        assert_eq!(failed_rules(&site.run()), [""; 0]);
        let before = site.dump();
        site.stage("songs/20260102-000000000.csv", "I,3,one\n");
        let output = site.command(["run", "--job", JOB, "--output", "json"]).run();
        assert_eq!(output.status, Some(status), "{}{}", output.stdout, output.stderr);
        if status == 0 {
            assert_eq!(failed_rules(&Report::read(&output)), ["IsUnique \"Title\""]);
            assert_eq!(site.rows("SELECT count(*) FROM songs"), ["3"]);
        } else {
            assert!(output.stderr.contains("songs.dqdl:3"), "{}", output.stderr);
            assert_eq!(site.dump(), before);
            // A later object puts it right.
            site.stage("songs/20260103-000000000.csv", "U,3,three\n");
            assert_eq!(failed_rules(&site.run()), [""; 0]);
            assert_eq!(site.rows("SELECT title FROM songs WHERE id = 3"), ["three"]);
        }
        clear(site);
    }
}

/// Takes away the job, what is staged and what was written.
fn clear(site: &Site<'_>) {
    std::fs::remove_dir_all(site.folder().join("sql").join(JOB)).unwrap();
    std::fs::remove_dir_all(site.object("songs")).unwrap();
    std::fs::remove_file(site.folder().join("target.db")).unwrap();
}

fn files(site: &Site<'_>, job: &str) -> Vec<(String, String)> {
    let folder = site.folder().join("sql").join(job);
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn what_is_downloaded_and_what_is_printed_become_the_same_job(site: &Site<'_>) {
    let printed = imported(site, &fixtures().join("get-job.json"), &KEYS);
    let written = files(site, JOB);
    std::fs::remove_dir_all(site.folder().join("sql").join(JOB)).unwrap();
    let downloaded = imported(site, &fixtures().join("downloaded.json"), &KEYS);
    assert_eq!(files(site, JOB), written);
    for part in ["nodes", "models", "arguments", "notes"] {
        assert_eq!(printed[part], downloaded[part]);
    }
    // The nodes alone, from stdin, and the name that is given.
    let text = std::fs::read_to_string(fixtures().join("downloaded.json")).unwrap();
    let nodes = serde_json::from_str::<Value>(&text).unwrap()["dag"].to_string();
    std::fs::write(site.folder().join("nodes.json"), nodes).unwrap();
    let args = ["import", "-", "--job", "alone"].iter().chain(&KEYS);
    let output = site.command(args).stdin(site.folder().join("nodes.json")).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains("runner plan --job alone"), "{}", output.stdout);
    let sql = |(name, text): &(String, String)| name.ends_with(".sql").then(|| text.clone());
    let alone: Vec<String> = files(site, "alone").iter().filter_map(sql).collect();
    assert_eq!(alone, written.iter().filter_map(sql).collect::<Vec<_>>());
}

/// A job of one chain: a table, a node, a target.
fn chain(kind: &str, fields: Value) -> Value {
    let mut node = json!({ kind: fields });
    node[kind]["Name"] = json!("My Step");
    node[kind]["Inputs"] = json!(["node-1"]);
    json!({ "Job": { "Name": "chain", "CodeGenConfigurationNodes": {
        "node-1": { "S3CsvSource": {
            "Name": "Songs", "Paths": ["${STAGING}/songs/"], "Separator": "comma", "QuoteChar": "quote",
            "OutputSchemas": [{ "Columns": [{ "Name": "id", "Type": "bigint" }, { "Name": "title", "Type": "string" }] }],
        } },
        "node-2": node,
        "node-3": { "MySQLCatalogTarget": { "Name": "T", "Inputs": ["node-2"], "Database": "d", "Table": "songs" } },
    } } })
}

fn write(site: &Site<'_>, job: &Value) -> PathBuf {
    let path = site.folder().join("job.json");
    std::fs::write(&path, job.to_string()).unwrap();
    path
}

fn what_cannot_be_carried_fails_until_it_is_written(site: &Site<'_>) {
    let code = "df = dfc.select(list(dfc.keys())[0]).toDF()\nreturn df";
    let job = chain("CustomCode", json!({ "Code": code, "ClassName": "MyTransform" }));
    let report = imported(site, &write(site, &job), &["--key", "id"]);
    let node = &report["nodes"][1];
    assert_eq!(node["outcome"], "to_be_written", "{report}");
    assert_eq!((&node["file"], &node["line"]), (&json!("songs.sql"), &json!(6)), "{report}");
    site.stage("songs/LOAD00000001.csv", "1,one\n");
    for command in ["plan", "run"] {
        let output = site.command([command, "--job", JOB]).run();
        assert_eq!(output.status, Some(2), "{}", output.stderr);
        assert!(output.stderr.contains("songs.sql:7:"), "{}", output.stderr);
        assert!(output.stderr.contains("`write_this_model`"), "{}", output.stderr);
    }
    let text = files(site, JOB).into_iter().find(|(name, _)| name == "songs.sql").unwrap().1;
    assert!(text.contains("--   df = dfc.select"), "{text}");
    site.job(&[("songs.sql", "SELECT id, upper(title) AS title FROM songs_staged")]);
    assert_eq!(site.run().outcome(), "applied");
    assert_eq!(site.rows("SELECT * FROM songs"), ["1|ONE"]);
}

fn what_is_no_visual_job_writes_nothing(site: &Site<'_>) {
    let script = json!({ "Job": { "Name": "s", "Command": { "Name": "glueetl" } } });
    let mut circle = chain("Filter", json!({ "Filters": [] }));
    circle["Job"]["CodeGenConfigurationNodes"]["node-2"]["Filter"]["Inputs"] = json!(["node-2"]);
    let no_key = ["--key", "nothing"];
    for (job, more, said) in [
        (script, &[][..], "it is a script"),
        (circle, &[], "node-2 (My Step) <- node-2 (My Step)"),
        (json!("hunter2"), &[], "holds no job"),
        (chain("Filter", json!({ "Filters": [] })), &no_key, "no column `nothing`"),
    ] {
        let file = write(site, &job);
        let before = site.files();
        let output = import(site, &file, more);
        assert_eq!(output.status, Some(2), "{}{}", output.stdout, output.stderr);
        assert!(output.stderr.contains(said), "{}", output.stderr);
        assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
        assert_eq!(site.files(), before);
    }
    let missing = import(site, Path::new("nowhere.json"), &[]);
    assert_eq!(missing.status, Some(2), "{}", missing.stderr);
    std::fs::write(site.folder().join("job.json"), "[".repeat(9 * 1024 * 1024)).unwrap();
    let long = import(site, &site.folder().join("job.json"), &[]);
    assert_eq!(long.status, Some(2), "{}", long.stderr);
    assert!(long.stderr.contains("8388608 bytes"), "{}", long.stderr);
}

fn a_job_that_is_there_is_not_overwritten(site: &Site<'_>) {
    let file = write(site, &chain("Filter", json!({ "Filters": [] })));
    imported(site, &file, &[]);
    site.job(&[("songs.sql", "SELECT 1 AS mine FROM songs_staged")]);
    let before = files(site, JOB);
    let output = import(site, &file, &[]);
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("is there already"), "{}", output.stderr);
    assert_eq!(files(site, JOB), before);
}

fn no_value_of_an_argument_is_copied(site: &Site<'_>) {
    let mut job = chain("Filter", json!({ "Filters": [] }));
    job["Job"]["DefaultArguments"] = json!({ "--db-password": "hunter2", "--conf": "hunter2" });
    let file = write(site, &job);
    let target = "mysql://me:hunter2@h/db";
    let report = imported(site, &file, &["--target", target]);
    assert_eq!(report["arguments"], json!(["db-password"]));
    let whole = format!("{report}{:?}", files(site, JOB));
    assert!(!whole.contains("hunter2"), "{whole}");
    assert!(whole.contains("--db-password is ${db_password}"), "{whole}");
    assert!(whole.contains("mysql://me@h/db?password-env=TARGET_PASSWORD"), "{whole}");
}
