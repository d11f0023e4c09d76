//! Tables that have a key several times: somebody has edited them, or they were written by another model.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{FIRST, LOAD, SOURCES, TOTALS, apply, counts, keep, plan_json, plan_with};
use crate::scenarios::site::{EACH, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_row_that_somebody_has_doubled_is_one_to_delete,
        a_key_that_is_written_is_there_once_then,
        a_model_that_has_less_rows_for_each_key_is_planned_row_by_row,
    ]
    .collect()
}

/// Two totals: `a` of two songs, `b` of one. No unique index forbids to have them twice, since a title may be NULL.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("totals.sql", TOTALS)]);
    site.stage(LOAD, "1,a,1\n2,a,2\n3,b,3\n");
    site.run();
}

fn totals(site: &Site<'_>) -> Vec<String> {
    let mut rows = site.rows("SELECT title, total FROM totals");
    rows.sort();
    rows
}

fn repeated(model: &Value) -> &Value {
    &model["changes"]["repeated"]
}

fn a_row_that_somebody_has_doubled_is_one_to_delete(site: &Site<'_>) {
    prepare(site);
    site.execute("INSERT INTO totals SELECT * FROM totals WHERE title = 'a'");
    let detailed = plan_with(site, &["--full-refresh", "--detailed-exitcode"]);
    assert_eq!(detailed.status, Some(2), "{}", detailed.stdout);
    for said in [
        "\n  rows   0 to insert, 0 to update, 1 to delete, 2 unchanged\n",
        "\n  repeat 1 row of those to delete: the table has the key several times, and keeps it once\n",
        "\n    - title \"a\", total 3\n",
        "\nPlan: 0 to insert, 0 to update, 1 to delete",
    ] {
        assert!(detailed.stdout.contains(said), "{said}: {}", detailed.stdout);
    }
    // As the documentation lets people look for it.
    let counted = |from: &str| {
        format!("SELECT title, total, count(*) AS n FROM {from} GROUP BY title, total")
    };
    let sql = format!("{} EXCEPT {}", counted("target.totals"), counted("totals"));
    let output = site.command(["sql", "--job", "shop", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.stdout, "title,total,n\na,3,2\n", "{}", output.stderr);
    // And this is what a plan of it does.
    let kept = plan_with(site, &["--full-refresh", "--out", super::PLAN]);
    assert_eq!(kept.status, Some(0), "{}", kept.stderr);
    assert_eq!(apply(site).models(), ["totals full load +2 -0"]);
    assert_eq!(totals(site), ["a|3", "b|3"]);
}

fn a_key_that_is_written_is_there_once_then(site: &Site<'_>) {
    prepare(site);
    site.execute("INSERT INTO totals SELECT * FROM totals");
    site.execute("INSERT INTO totals SELECT title, total + 1 FROM totals WHERE title = 'a'");
    // `a` is there four times and changes, `b` twice and does not.
    site.stage(FIRST, "I,4,a,1\n");
    let plan = plan_json(site);
    let model = &plan["models"][0];
    assert_eq!((&model["step"], &model["upserts"]), (&json!("replay"), &json!(2)), "{model}");
    assert_eq!((counts(model), repeated(model)), ("0 0 4 2 0".to_owned(), &json!(4)), "{model}");
    keep(site);
    assert_eq!(apply(site).models(), ["totals replay +2 -0"]);
    assert_eq!(totals(site), ["a|4", "b|3"]);
    // Each pair is counted once, and a key that goes goes with all its rows.
    site.execute("INSERT INTO totals SELECT * FROM totals");
    site.stage("songs/20260101-000000002.csv", "I,5,a,1\nD,3,,\n");
    let plan = plan_json(site);
    let model = &plan["models"][0];
    assert_eq!((counts(model), repeated(model)), ("0 1 3 0 0".to_owned(), &json!(1)), "{model}");
    assert_eq!(model["changes"]["columns"], json!([{"column": "total", "rows": 1}]));
    keep(site);
    assert_eq!(apply(site).models(), ["totals replay +1 -2"]);
    assert_eq!(totals(site), ["a|5"]);
}

fn a_model_that_has_less_rows_for_each_key_is_planned_row_by_row(site: &Site<'_>) {
    let all = "SELECT title, sales FROM staged";
    let config = "target = '${TARGET}'\n[model.songs]\nkey = []\n";
    site.job(&[("sources.sql", SOURCES), ("songs.sql", all), ("job.toml", config)]);
    site.stage(LOAD, "1,a,5\n2,b,6\n3,b,7\n");
    site.run();
    let most = "SELECT title, max(sales) AS sales FROM staged GROUP BY title";
    site.job(&[("songs.sql", most), ("job.toml", "target = '${TARGET}'\n")]);
    let plan = plan_json(site);
    let model = &plan["models"][0];
    assert_eq!((counts(model), repeated(model)), ("0 0 1 2 0".to_owned(), &json!(1)), "{model}");
    let run = site.command(["run", "--job", "shop"]).run();
    assert!(run.stdout.contains("2 rows upserted in place of 3\n"), "{}", run.stdout);
}
