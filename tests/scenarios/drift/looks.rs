//! What looks at a job whose objects are wider than declared, and what is no reason to add a column.

use libtest_mimic::Trial;

use super::{FIRST, LOAD, SECOND, WIDEN, prepare, songs, sources};
use crate::scenarios::site::{EACH, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_wide_row_that_is_bad_is_set_aside_and_adds_no_column,
        a_wide_row_that_deletes_adds_no_column,
        what_is_pending_is_looked_at_with_the_columns_that_a_run_adds,
    ]
    .collect()
}

/// Nothing of the job is as if its definition had changed.
fn up_to_date(site: &Site<'_>) {
    let status = site.command(["status", "--job", "shop"]).run();
    assert!(status.stdout.contains("\nup to date\n"), "{}{}", status.stdout, status.stderr);
    let plan = site.command(["plan", "--job", "shop"]).run();
    assert!(plan.stdout.ends_with("Plan: nothing to do.\n"), "{}{}", plan.stdout, plan.stderr);
    assert!(!plan.stdout.contains("added"), "{}", plan.stdout);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

/// The rows of a query, and what is noted beside them.
fn looked(site: &Site<'_>, args: &[&str], query: &str) -> (Vec<String>, String) {
    let sql = ["sql", "--job", "shop", "--format", "csv", "-c", query];
    let output = site.command(sql.iter().chain(args)).run();
    assert_eq!(output.status, Some(0), "{query}: {}", output.stderr);
    (output.stdout.lines().map(str::to_owned).collect(), output.stderr)
}

fn told(site: &Site<'_>, command: &str, table: &str, key: &str) -> (String, String) {
    let output = site.command([command, "--job", "shop", "--table", table, "--key", key]).run();
    assert_eq!(output.status, Some(0), "{command}: {}", output.stderr);
    (output.stdout, output.stderr)
}

fn a_wide_row_that_is_bad_is_set_aside_and_adds_no_column(site: &Site<'_>) {
    let config = format!("{WIDEN}rejected_rows = 5\nrejects = \"${{STAGING}}/rejects\"\n");
    site.job(&[
        ("job.toml", &config),
        ("sources.sql", &sources(", n INT", "")),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage(LOAD, "1,one,5\n2,two,6\n");
    site.run();
    // Behind it are rows that are as wide as declared, a bad one among them.
    site.stage(FIRST, "I,3,three,x,extra\nU,2,zwei,7\nI,4,four,y\n");
    let report = site.run();
    assert_eq!(report.0.get("columns_added"), None, "{}", report.0);
    assert_eq!(report.0["objects"][0]["rejected"], 2, "{}", report.0);
    assert_eq!(songs(site), ["1|one|5", "2|zwei|7"]);
    up_to_date(site);
    for args in [&[][..], &["--as-of", "applied"]] {
        let (rows, notes) = looked(site, args, "SELECT * FROM songs ORDER BY id");
        assert_eq!(rows, ["id,title,n", "1,one,5", "2,zwei,7"]);
        assert!(notes.contains("2 bad rows"), "{notes}");
    }
    let (rows, _) = looked(site, &[], "SELECT count(*) FROM staged$changes");
    assert_eq!(rows[1], "3");
    // Which key it has is known, however wide it is.
    let object = "20260101-000000001.csv";
    for (key, line) in [("3", 1), ("4", 3)] {
        let (text, _) = told(site, "history", "staged", key);
        let own = format!("set aside as bad: {object}:{line}: column `n`: not an INT");
        assert!(text.contains(&own) && text.matches("set aside").count() == 1, "{text}");
        let (text, _) = told(site, "explain-row", "songs", key);
        assert!(text.contains(&format!("set aside as bad: staged {object}:{line}")), "{text}");
    }
    // A good row that is as wide adds the column, and the bad one stays bad.
    site.stage(SECOND, "I,5,five,8,more\n");
    let report = site.run();
    assert_eq!(report.0["columns_added"]["staged"], serde_json::json!(["column_4"]));
    assert_eq!(songs(site), ["1|one|5|NULL", "2|zwei|7|NULL", "5|five|8|more"]);
    up_to_date(site);
}

fn a_wide_row_that_deletes_adds_no_column(site: &Site<'_>) {
    prepare(site, "");
    site.stage(FIRST, "D,2,,\n");
    assert_eq!(site.run().0.get("columns_added"), None);
    assert_eq!(songs(site), ["1|one"]);
    up_to_date(site);
    site.stage(SECOND, "I,3,three,red\n");
    site.run();
    assert_eq!(songs(site), ["1|one|NULL", "3|three|red"]);
    up_to_date(site);
}

fn what_is_pending_is_looked_at_with_the_columns_that_a_run_adds(site: &Site<'_>) {
    prepare(site, "");
    site.stage(FIRST, "I,3,three,7\n");
    let before = site.dump();
    let note = "source `staged` is shown with what the next run adds to it: column_3";
    let wide = ["id,title,column_3", "1,one,", "2,two,", "3,three,7"];
    for table in ["songs", "staged"] {
        let (rows, notes) = looked(site, &[], &format!("SELECT * FROM {table} ORDER BY id"));
        assert_eq!(rows, wide);
        assert_eq!(notes.matches(note).count(), 1, "{notes}");
    }
    let query = "SELECT _op, id, column_3 FROM staged$changes ORDER BY _position";
    let twice = format!("SELECT * FROM songs LIMIT 3; CREATE TABLE c AS {query}; SELECT * FROM c");
    let (rows, _) = looked(site, &[], &twice);
    assert_eq!(rows[rows.len() - 4..], ["_op,id,column_3", "L,1,", "L,2,", "I,3,7"]);
    let (rows, notes) = looked(site, &["--as-of", "applied"], "SELECT * FROM songs ORDER BY id");
    assert_eq!(rows, ["id,title", "1,one", "2,two"]);
    assert!(!notes.contains(note), "{notes}");
    let (text, notes) = told(site, "history", "songs", "3");
    assert!(text.contains("inserted by 20260101-000000001.csv:1, pending"), "{text}");
    assert!(text.contains("column_3: '7'") && notes.contains(note), "{text}{notes}");
    let (text, notes) = told(site, "explain-row", "songs", "3");
    assert!(text.contains("20260101-000000001.csv:1") && notes.contains(note), "{text}{notes}");
    assert_eq!(site.dump(), before);
    site.run();
    let (rows, notes) = looked(site, &[], "SELECT * FROM songs ORDER BY id");
    assert_eq!(rows, wide);
    assert!(!notes.contains(note), "{notes}");
    up_to_date(site);
}
