//! CSV whose quoting is broken, and hints that can be pasted.

use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, SQLITE.with_s3()];
        a_broken_quote_is_told_with_file_and_row_and_never_read_over,
        quotes_that_options_explain_are_read,
        hints_can_be_pasted,
    ]
    .collect()
}

fn sql(site: &Site<'_>, statement: &str) -> Output {
    let sql = statement.replace("{}", site.staging_url());
    site.command(["sql", "--format", "csv", "-c", &sql]).run()
}

#[track_caller]
fn good(site: &Site<'_>, statement: &str) -> String {
    let output = sql(site, statement);
    assert_eq!(output.status, Some(0), "{statement}: {}", output.stderr);
    output.stdout
}

#[track_caller]
fn told(site: &Site<'_>, statement: &str, status: i32, told: &[&str]) -> String {
    let output = sql(site, statement);
    assert_eq!(output.status, Some(status), "{statement}: {}", output.stderr);
    for told in told {
        assert!(output.stderr.contains(told), "{statement}: {told}: {}", output.stderr);
    }
    output.stderr
}

fn a_broken_quote_is_told_with_file_and_row_and_never_read_over(site: &Site<'_>) {
    site.stage("open.csv", "id,v\n1,\"abc\n2,x\n3,y\n");
    site.stage("behind.csv", "id,v\n1,x\n2,\"a\"b\n");
    // Behind what is looked at for types, and at more than one batch.
    let rows: String = (1..=60_000).map(|id| format!("{id},\"a text of some length\"\n")).collect();
    site.stage("late/a.csv", format!("id,v\n{rows}60001,\"x\"y\n60002,z\n"));
    let next = "a quote within a quoted value is written twice";
    let open = "open.csv: row 1 has a quote that is not closed before the file ends";
    let behind = "behind.csv: row 2 has text behind a closing quote";
    let late = "late/a.csv: row 60001 has text behind a closing quote";
    for (statement, said) in [
        ("SELECT count(*) FROM '{}/open.csv'", open),
        ("SELECT * FROM '{}/behind.csv'", behind),
        ("SELECT id FROM '{}/late/'", late),
        (
            "CREATE EXTERNAL TABLE t (id INT, v STRING) STORED AS CSV LOCATION '{}/behind.csv'; SELECT count(*) FROM t",
            behind,
        ),
        (
            "CREATE EXTERNAL TABLE t (id INT, v STRING) STORED AS CSV LOCATION '{}/open.csv' OPTIONS ('header' 'true'); SELECT id FROM t",
            open,
        ),
    ] {
        let _stderr = told(site, statement, 4, &[said, next]);
    }
    // What is asked for is before it.
    assert_eq!(good(site, "SELECT id FROM '{}/late/' LIMIT 2"), "id\n1\n2\n");
}

fn quotes_that_options_explain_are_read(site: &Site<'_>) {
    site.stage("own.csv", "id,v\n1,a\"b\n2,5\"\n3,\"a\"\"b\"\n");
    assert_eq!(
        good(site, "SELECT v FROM '{}/own.csv' ORDER BY id"),
        "v\n\"a\"\"b\"\n\"5\"\"\"\n\"a\"\"b\"\n"
    );
    for (name, text, options, wanted) in [
        ("single.csv", "id,v\n1,'a;''b'\n2,\"x\"y\n", "'quote' ''''", "v\na;'b\n\"\"\"x\"\"y\"\n"),
        ("escape.csv", "id,v\n1,\"a\\\"b\"\n", r"'escape' '\\'", "v\n\"a\"\"b\"\n"),
        ("comment.csv", "# a \"note\nid,v\n1,x\n# \"x\"y\n2,y\n", "'comment' '#'", "v\nx\ny\n"),
    ] {
        site.stage(name, text);
        let statement = format!(
            "CREATE EXTERNAL TABLE t (id INT, v STRING) STORED AS CSV LOCATION '{{}}/{name}' OPTIONS ('header' 'true', {options}); SELECT v FROM t ORDER BY id"
        );
        assert_eq!(good(site, &statement), wanted, "{name}");
    }
}

/// What stands behind a word of a hint, up to the end of its line.
fn behind<'a>(text: &'a str, word: &str) -> &'a str {
    text.split_once(word).and_then(|(_, rest)| rest.lines().next()).unwrap_or_default()
}

fn hints_can_be_pasted(site: &Site<'_>) {
    site.stage("it's/h.csv", "id,v\nx,y\n");
    let noted = sql(site, r"SELECT * FROM '{}/it\'s/h.csv'");
    let declaration = behind(&noted.stderr, "if it is a row: ");
    assert_eq!(good(site, &format!("{declaration}; SELECT count(*) AS n FROM t")), "n\n2\n");

    site.stage("shop/LOAD00000001.csv", "1,Ada\n2,Bob\n");
    site.stage("shop/20260101-000000001.csv", "I,3,Cy\n");
    for statement in ["SELECT * FROM '{}/shop/*.csv'", "SELECT * FROM csv.`{}/shop/*.csv`"] {
        let error = told(site, statement, 2, &["/shop/2026*.csv`"]);
        let patterns = behind(&error, "the rows as they are written: ");
        for (pattern, rows) in patterns.split(" and ").zip(["2", "1"]) {
            let rows = format!("n\n{rows}\n");
            assert_eq!(good(site, &format!("SELECT count(*) AS n FROM {pattern}")), rows);
        }
    }

    let error = told(site, "SELECT 'it''s'", 2, &["a quote is doubled within a text"]);
    assert!(!error.contains("there are SELECT"), "{error}");
    let text = behind(&error, "as in ");
    assert_eq!(good(site, &format!("SELECT {text} AS v")), "v\nit's\n");
    let error = told(site, "SELECT \"a\"\"b\"", 2, &["a quote is doubled within a text"]);
    let text = behind(&error, "as in ");
    assert_eq!(good(site, &format!("SELECT {text} AS v")), "v\n\"it\"\"s\"\n");

    site.stage("empty/LOAD00000001.csv", "");
    let _stderr = told(
        site,
        "SELECT * FROM '{}/empty/'",
        2,
        &["there is nothing in the 1 file in ", "STORED AS DMS"],
    );
    let _stderr = told(site, "SELECT list(1)", 2, &["collect_list(x)"]);
    site.stage("nested.json", "{\"id\":1,\"addr\":{\"city\":\"x\"}}\n");
    let _stderr = told(
        site,
        "SELECT addr.nope FROM '{}/nested.json'",
        2,
        &["-c:1:8: there is no field `nope`", "DESCRIBE"],
    );
    // Not where the structure is made.
    let made = "SELECT t.s.zz FROM (SELECT named_struct('a', 1) s) t WHERE t.s.a = 1";
    let _stderr = told(site, made, 2, &["-c:1:8: there is no field `zz`"]);
    let twice = "SELECT t.s.zz, t.s.zz z FROM (SELECT named_struct('a', 1) s) t";
    let _stderr = told(site, twice, 2, &["error: -c: there is no field `zz`"]);
}
