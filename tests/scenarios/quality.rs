//! Rules on a model's rows, which are evaluated before anything is written.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_first_load_whose_rules_fail_writes_nothing,
        a_row_wise_change_whose_rules_fail_writes_nothing,
        a_replay_whose_rules_fail_writes_nothing,
        rules_that_are_only_told_of_stop_nothing,
    ]
    .chain(scenarios![servers, [SQLITE];
        rules_are_no_part_of_the_tables_definition,
        a_plan_tells_what_rules_would_say,
        rules_compare_a_model_with_other_models_and_sources,
        rules_that_do_not_fit_their_model_are_refused_before_anything_is_read,
        a_run_that_looks_at_recent_objects_judges_the_whole_table,
        rows_that_rules_judge_are_those_that_are_written,
        the_example_of_the_documentation_fits_its_job,
    ])
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_table_that_is_changed_in_place_is_judged_too,
    ])
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), n INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title, n FROM staged";
const BY_TITLE: &str = "SELECT title, sum(n) AS n FROM staged GROUP BY title";
const LOAD: &str = "songs/LOAD00000001.csv";
const RULES: &str = "# What the shop relies on
Rules = [
    RowCount > 0,
    (IsComplete \"title\") and (IsUnique \"id\"),
    ColumnValues \"n\" between 0 and 100
]
";
const REPORT: &str = "target = '${TARGET}'\n[quality]\non_failure = 'report'\n";
const REFUSE: &str = "target = '${TARGET}'\n";

fn change(day: u32) -> String {
    format!("songs/202601{day:02}-000000000.csv")
}

/// The run stops with exit status 4 and says all of this; nothing in the target has changed.
fn assert_refused(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}{}", output.stdout, output.stderr);
    for said in said.iter().chain(&["  next: ", "on_failure"]) {
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
    }
    assert_eq!(site.dump(), before);
}

fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT id, title, n FROM songs ORDER BY id")
}

fn a_first_load_whose_rules_fail_writes_nothing(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("quality.dqdl", RULES)]);
    site.stage(LOAD, "1,a,1\n2,,200\n");
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    for said in [
        "model `songs`: 2 of 3 rules failed",
        "quality.dqdl:4:6: (IsComplete \"title\") AND (IsUnique \"id\"): Value: 0.5 does not meet",
        "quality.dqdl:5:5: ColumnValues \"n\" between 0 and 100: Value: 0.5 does not meet",
    ] {
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
    }
    assert!(!site.table_names().iter().any(|table| table == "songs"));
    assert_refused(site, &[]);
    site.stage(LOAD, "1,a,1\n2,b,20\n");
    let report = site.run();
    assert_eq!(report.models(), ["songs full load +2 -0"]);
    let quality = report.0["quality"].as_array().unwrap();
    assert_eq!(report.0["quality_score"], 1.0);
    assert_eq!(
        quality[1],
        serde_json::json!({
            "model": "songs",
            "rule": "(IsComplete \"title\") AND (IsUnique \"id\")",
            "outcome": "Passed",
            "evaluated_metrics": {"Column.title.Completeness": 1.0, "Column.id.Uniqueness": 1.0},
            "evaluated_rule": "(IsComplete \"title\") AND (IsUnique \"id\")",
        })
    );
    assert_eq!(songs(site), ["1|a|1", "2|b|20"]);
    let idle = site.run();
    assert_eq!((idle.outcome(), &idle.0["quality"]), ("nothing_to_do", &Value::Null));
}

fn a_row_wise_change_whose_rules_fail_writes_nothing(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("songs.dqdl", RULES)]);
    site.stage(LOAD, "1,a,1\n2,b,2\n3,c,3\n");
    site.run();
    site.stage(&change(1), "U,2,b,100\nD,3,,\nI,4,d,4\n");
    // Of the three rows that there would be, not of those that change.
    assert_refused(site, &["1 of 3 rules failed", "songs.dqdl:5:5", "Value: 0.6666666666666666"]);
    assert_eq!(songs(site), ["1|a|1", "2|b|2", "3|c|3"]);
    // The next change makes it right, and both are applied.
    site.stage(&change(2), "U,2,b,99\n");
    let report = site.run();
    assert_eq!(report.models(), ["songs row-wise +2 -1"]);
    assert_eq!(report.objects().len(), 2);
    assert_eq!(report.0["quality"].as_array().unwrap().len(), 3);
    assert_eq!(songs(site), ["1|a|1", "2|b|99", "4|d|4"]);
    // So does another rule.
    site.stage(&change(3), "D,1,,\nD,2,,\nU,4,d,500\n");
    assert_refused(site, &["Value: 0.0"]);
    site.job(&[("songs.dqdl", "Rules = [ RowCount = 1 ]")]);
    assert_eq!(site.run_with(&["--allow-deletes"]).models(), ["songs row-wise +1 -2"]);
    assert_eq!(songs(site), ["4|d|500"]);
}

fn a_replay_whose_rules_fail_writes_nothing(site: &Site<'_>) {
    let rules = "Rules = [ ColumnValues \"n\" > 0, IsPrimaryKey \"title\", RowCountMatch \"staged\" > 0.4 ]";
    site.job(&[("sources.sql", SOURCES), ("titles.sql", BY_TITLE), ("quality.dqdl", rules)]);
    site.stage(LOAD, "1,a,1\n2,b,2\n3,a,3\n");
    site.run();
    site.stage(&change(1), "U,2,b,-1\nI,5,c,5\n");
    assert_refused(
        site,
        &["model `titles`: 1 of 3 rules failed", "quality.dqdl:1:11", "Value: -1.0"],
    );
    assert_eq!(site.rows("SELECT * FROM titles ORDER BY title"), ["a|4", "b|2"]);
    site.stage(&change(2), "I,6,b,9\n");
    let report = site.run();
    assert_eq!(report.ways(), ["replay"]);
    assert_eq!(site.rows("SELECT * FROM titles ORDER BY title"), ["a|4", "b|8", "c|5"]);
    let metric = &report.0["quality"][2]["evaluated_metrics"]["Dataset.staged.RowCountMatch"];
    assert_eq!(*metric, serde_json::json!(0.6));
}

fn rules_that_are_only_told_of_stop_nothing(site: &Site<'_>) {
    let files = [("sources.sql", SOURCES), ("songs.sql", SONGS), ("songs.dqdl", RULES)];
    site.job(&files);
    site.job(&[
        ("titles.sql", BY_TITLE),
        ("titles.dqdl", "Rules = [ RowCount > 1 ]"),
        ("job.toml", REPORT),
    ]);
    site.stage(LOAD, "1,a,1\n2,a,200\n");
    let output = site.command(["run", "--job", "shop"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    for said in [
        "  rules  songs: 2 of 3 passed",
        "         failed songs.dqdl:5:5: ColumnValues \"n\" between 0 and 100: Value: 0.5 does not meet",
        "  rules  titles: 0 of 1 passed",
    ] {
        assert!(output.stdout.contains(said), "{said}: {}", output.stdout);
    }
    assert_eq!(songs(site), ["1|a|1", "2|a|200"]);
    site.stage(&change(1), "I,3,b,3\n");
    let report = site.run();
    assert_eq!(report.0["quality_score"], 0.75);
    let failed = &report.0["quality"][2];
    assert_eq!((&failed["model"], &failed["outcome"]), (&"songs".into(), &"Failed".into()));
    assert!(failed["failure_reason"].as_str().unwrap().starts_with("Value: 0.666"), "{failed}");
    // A model decides for itself.
    let own = format!("{REPORT}[model.titles.quality]\non_failure = 'refuse'\n");
    site.job(&[("job.toml", &own)]);
    site.stage(&change(2), "D,3,,\n");
    assert_refused(site, &["model `titles`: 1 of 1 rules failed", "titles.dqdl:1:11"]);
    let told = site.fail().stderr;
    assert!(!told.contains("model `songs`: "), "{told}");
}

fn rules_are_no_part_of_the_tables_definition(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage(LOAD, "1,a,1\n");
    site.run();
    // What does not change is not judged, however it is.
    site.job(&[("songs.dqdl", "Rules = [ RowCount > 5 ]")]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    site.stage(&change(1), "I,2,b,2\n");
    assert_refused(site, &["Value: 2.0"]);
    site.job(&[("songs.dqdl", "Rules = [ RowCount > 1 ]")]);
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
}

fn a_plan_tells_what_rules_would_say(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("songs.dqdl", RULES)]);
    site.stage(LOAD, "1,a,1\n2,b,200\n");
    let plan = site.command(["plan", "--job", "shop"]).run();
    assert_eq!(plan.status, Some(4), "{}", plan.stderr);
    assert!(plan.stderr.contains("on_failure"), "{}", plan.stderr);
    for said in [
        "  rules  songs: 2 of 3 passed",
        "         failed songs.dqdl:5:5: ",
        "  stop   a run is refused: model `songs`: 1 of 3 rules failed\n",
    ] {
        assert!(plan.stdout.contains(said), "{said}: {}", plan.stdout);
    }
    site.job(&[("job.toml", REPORT)]);
    let plan = site.command(["run", "--job", "shop", "--dry-run", "--output", "json"]).run();
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["models"][0]["quality"][2]["outcome"], "Failed");
    assert_eq!(plan["models"][0]["refused"], Value::Null);
    site.job(&[("job.toml", REFUSE)]);
    let dry = site.command(["run", "--job", "shop", "--dry-run"]).run();
    assert_eq!(dry.status, Some(4), "{}", dry.stderr);
    assert_eq!(site.fail().status, Some(4));
}

fn rules_compare_a_model_with_other_models_and_sources(site: &Site<'_>) {
    let rules = r#"
        DataSources = { "Primary": "songs", "AdditionalDataSources": ["titles", "staged"] }
        Rules = [
            ReferentialIntegrity "title" "titles.title" = 1.0,
            RowCountMatch "staged" = 1.0,
            DatasetMatch "staged" "id" = 1.0,
            AggregateMatch "sum(n)" "sum(titles.n)" = 1.0,
            SchemaMatch "staged" = 1.0,
            CustomSql "SELECT count(*) FROM primary AS p JOIN titles AS t ON p.title = t.title" = 3,
            CustomSql "SELECT id FROM staged WHERE n < 5"
        ]"#;
    let files = [("sources.sql", SOURCES), ("songs.sql", SONGS), ("titles.sql", BY_TITLE)];
    site.job(&files);
    site.job(&[("rules.dqdl", rules)]);
    site.stage(LOAD, "1,a,1\n2,b,2\n3,a,3\n");
    let report = site.run();
    let outcomes: Vec<&str> = report.0["quality"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["Passed"; 7]);
    // The other model as it will be, too.
    site.stage(&change(1), "U,1,a,9\nD,3,,\n");
    assert_refused(
        site,
        &["model `songs`: 2 of 7 rules failed", "rules.dqdl:9:13", "rules.dqdl:10:13"],
    );
}

fn rules_that_do_not_fit_their_model_are_refused_before_anything_is_read(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    for (file, rules, said) in [
        (
            "songs.dqdl",
            "Rules = [\n  IsComplete \"titel\"\n]",
            "songs.dqdl:2:14: model `songs` has no column `titel`",
        ),
        ("songs.dqdl", "Rules = [ RowCount >> 1 ]", "songs.dqdl:1:21: expected a number"),
        (
            "songs.dqdl",
            "Rules = [ RowCount > avg(last(10)) ]",
            "songs.dqdl:1:20: `avg(…)` is of the results of earlier runs",
        ),
        ("song.dqdl", "Rules = [ RowCount > 1 ]", "song.dqdl: there is no model `song`"),
        (
            "songs.dqdl",
            "Rules = [ RowCountMatch \"x\" = 1 ]",
            "songs.dqdl:1:25: there is no source or model `x`",
        ),
        ("songs.dqdl", "Rules = [ RowCount > ${LEAST} ]", "songs.dqdl:1:"),
    ] {
        site.job(&[(file, rules)]);
        let output = site.fail();
        assert_eq!(output.status, Some(2), "{rules}: {}", output.stderr);
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
        std::fs::remove_file(site.folder().join("sql/shop").join(file)).unwrap();
    }
    // Variables have their values.
    site.job(&[("songs.dqdl", "Rules = [ RowCount > ${LEAST} ]")]);
    site.stage(LOAD, "1,a,1\n");
    let run = ["run", "--job", "shop", "--var", "LEAST=0"];
    assert_eq!(site.command(run).run().status, Some(0));
}

fn a_run_that_looks_at_recent_objects_judges_the_whole_table(site: &Site<'_>) {
    site.job(&[
        ("sources.sql", SOURCES),
        ("songs.sql", SONGS),
        ("songs.dqdl", "Rules = [ RowCount >= 3 ]"),
    ]);
    site.stage(LOAD, "1,a,1\n2,b,2\n3,c,3\n");
    site.run();
    for day in 1..=4 {
        site.stage(&change(day), format!("I,{},x,1\n", 10 + day));
        let report = site.run();
        assert_eq!(report.models(), ["songs row-wise +1 -0"]);
        let count = report.0["quality"][0]["evaluated_metrics"]["Dataset.*.RowCount"].as_f64();
        assert_eq!(count, Some(f64::from(3 + day)));
    }
}

/// SQL does not say which of two rows comes first; whichever it is, it is the one that was judged.
fn rows_that_rules_judge_are_those_that_are_written(site: &Site<'_>) {
    let newest = "SELECT title, n FROM (
        SELECT title, n, row_number() OVER (PARTITION BY title ORDER BY title) AS place FROM staged)
        WHERE place = 1";
    let config = format!("{REPORT}[model.newest]\nkey = ['title']\n");
    let rules = "Rules = [ Sum \"n\" > 0, IsUnique \"title\", Entropy \"n\" > 0 ]";
    site.job(&[
        ("sources.sql", SOURCES),
        ("newest.sql", newest),
        ("newest.dqdl", rules),
        ("job.toml", &config),
    ]);
    let rows = |from: u32| -> String {
        (from..from + 3000).map(|id| format!("{id},t{},{id}\n", id % 7)).collect()
    };
    site.stage(LOAD, rows(1));
    let sum = |site: &Site<'_>| site.rows("SELECT sum(n) FROM newest").concat().parse::<f64>().ok();
    let report = site.run();
    let judged =
        |report: &Value| report["quality"][0]["evaluated_metrics"]["Column.n.Sum"].as_f64();
    assert!(judged(&report.0).is_some());
    assert_eq!(judged(&report.0), sum(site));
    let changes: String = rows(5000).lines().map(|line| format!("I,{line}\n")).collect();
    site.stage(&change(1), changes);
    let report = site.run();
    assert_eq!(report.ways(), ["replay"]);
    assert_eq!(judged(&report.0), sum(site));
}

fn the_example_of_the_documentation_fits_its_job(site: &Site<'_>) {
    let text = include_str!("../../docs/quality.md");
    let rules = text.split("```").find(|block| block.contains("Rules = [")).unwrap();
    site.copy_job("load_sales");
    site.job_named("load_sales", &[("song_sales.dqdl", rules)]);
    let staging = site.folder().join("sql/load_sales/sample");
    let run = ["run", "--job", "load_sales", "--output", "json"];
    let output = site.command(run).env("STAGING", staging.display().to_string()).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["quality"].as_array().unwrap().len(), 9);
    assert_eq!(report["quality_score"], 1.0);
}

fn a_table_that_is_changed_in_place_is_judged_too(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("songs.dqdl", RULES)]);
    site.stage(LOAD, "1,a,1\n2,b,2\n");
    site.run();
    site.execute("CREATE TRIGGER watched BEFORE DELETE ON songs FOR EACH ROW SET @seen = 1");
    site.stage(LOAD, "1,a,1\n2,b,200\n");
    assert_refused(site, &["1 of 3 rules failed"]);
    site.stage(LOAD, "1,a,1\n2,b,20\n");
    assert_eq!(site.run().models(), ["songs replay +1 -0"]);
}
