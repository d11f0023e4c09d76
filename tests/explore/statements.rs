//! Where the statements of `runner sql` come from, and what is told of those that mean nothing here.

use libtest_mimic::Trial;

use super::shell_keys::{ENDLESS, until_it_computes};
use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE.with_s3()];
        sql_comes_from_an_argument_a_file_or_stdin,
        what_is_wrong_in_a_statement_is_told_with_its_place_and_what_to_do,
    ]
    .chain(scenarios![servers, [SQLITE];
        what_other_programs_have_is_answered_with_what_there_is_here,
        a_query_that_is_interrupted_tells_of_nothing_half_applied,
        a_column_may_be_asked_for_several_times,
    ])
    .collect()
}

fn sql_comes_from_an_argument_a_file_or_stdin(site: &Site<'_>) {
    let query = "SELECT 1 AS a; SELECT 'x,y' AS b, NULL AS c;";
    let file = site.folder().join("query.sql");
    std::fs::write(&file, query).unwrap();
    let outputs = [
        site.command(["sql", "--format", "csv", "-c", query]).run(),
        site.command(["sql", "--format", "csv", "-f", "query.sql"]).run(),
        site.command(["sql", "--format", "csv"]).stdin(&file).run(),
    ];
    for output in outputs {
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert_eq!(output.stdout, "a\n1\nb,c\n\"x,y\",\n");
    }
    // Nothing but a staged folder.
    site.stage("cities/LOAD00000001.csv", "1,Rom\n2,Oslo\n");
    site.stage("cities/20260101-000000000.csv", "D,1,\nI,3,Bern\n");
    let query = format!(
        "CREATE EXTERNAL TABLE cities (id INT, name TEXT, PRIMARY KEY (id)) STORED AS DMS LOCATION '{}/cities';\n\
         SELECT name FROM cities ORDER BY id",
        site.staging_url()
    );
    let output = site.command(["sql", "--format", "json", "-c", &query]).run();
    assert_eq!(output.stdout, "[{\"name\":\"Oslo\"},{\"name\":\"Bern\"}]\n", "{}", output.stderr);
}

fn what_is_wrong_in_a_statement_is_told_with_its_place_and_what_to_do(site: &Site<'_>) {
    site.stage("t.csv", "id,name,day\n1,a,2026-01-01\n2,a,2026-01-02\n");
    let from = format!("CREATE VIEW t AS SELECT * FROM '{}/t.csv';\n", site.staging_url());
    for (statement, error, next) in [
        (
            "SELECT *, count(*) FROM t GROUP BY name",
            "-c:2:8: column `id` is neither in GROUP BY nor within an aggregate function\n  2 | SELECT *, count(*) FROM t GROUP BY name\n    |        ^",
            "add it to GROUP BY",
        ),
        (
            "SELECT id FROM t ORDER BY zzz",
            "-c:2:27: there is no column `zzz`",
            "the columns id, name, day",
        ),
        ("SELECT year(day, 1) FROM t", "-c:2:8: `year` takes 1 argument, not 2", ""),
        ("SELECT lag(id) FROM t", "-c:2:8: `lag` needs a window", "OVER (PARTITION BY"),
        (
            "SELECT id FROM t WHERE name",
            "-c:2:24: a condition is BOOLEAN, and `name` is STRING",
            "compare it",
        ),
        (
            "SELECT (SELECT id FROM t) AS i",
            "a subquery that stands for a value has more than one row",
            "take one row of it",
        ),
        ("SELECT id FROM t LIMIT -1", "LIMIT cannot be -1", "write how many rows"),
    ] {
        let output = site.command(["sql", "-c", &format!("{from}{statement}")]).run();
        assert_ne!(output.status, Some(0), "{statement}");
        for told in [error, next] {
            assert!(output.stderr.contains(told), "{statement}: {told}: {}", output.stderr);
        }
    }
}

fn what_other_programs_have_is_answered_with_what_there_is_here(site: &Site<'_>) {
    for (typed, told) in [
        ("CREATE TABLE t (a INT)", "CREATE TABLE … AS SELECT"),
        ("CREATE TEMP TABLE t AS SELECT 1", "as long as this call or shell"),
        ("CREATE INDEX i ON t (a)", "only reads"),
        ("SHOW DATABASES", "\\l the jobs"),
        ("USE shop", "`runner sql --job JOB`"),
        ("SHOW CREATE TABLE t", "\\d+ TABLE"),
        ("SHOW VARIABLES", "SHOW ALL"),
        ("COPY t TO 'x.csv'", "--out"),
        ("VACUUM", "there are SELECT, "),
        ("SELEC 1", "did you mean SELECT?"),
        ("TABLE t", "write SELECT * FROM t"),
        ("ATTACH 'x.db'", "by its path"),
        ("DROP TABLE nope", "there is no table `nope`"),
        ("SELECT 1 \\g a.txt", "a statement ends with `;`"),
        ("SELECT :x", "-c:1:8: `:x` is a parameter, and there are no parameters"),
        ("SELECT ?", "write the value itself"),
        ("SELECT * FROM range(9) TABLESAMPLE (5 ROWS)", "WHERE rand() < 0.1"),
        ("SELECT * FROM range(9) USING SAMPLE 5", "LIMIT 100"),
        ("SELECT * FROM read_csv('f.csv')", "FROM 'folder/file.csv'"),
        ("SELECT * EXCLUDE (id) FROM range(9)", "write * EXCEPT (column, …)"),
        ("SELECT 'a", "a text in quotes is not closed"),
        ("\\c shop", "`runner sql --job JOB`"),
        ("\\copy t to x", "\\o FILE"),
        ("\\e", "arrows"),
        ("\\h SELECT", "docs/exploring.md"),
        ("\\pset null x", "did you mean \\format?"),
        (".tables", "did you mean \\d?"),
    ] {
        let output = site.command(["sql", "-c", typed]).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{typed}");
        assert!(output.stderr.contains(told), "{typed}: {}", output.stderr);
        assert!(!output.stderr.contains("docs/jobs.md"), "{typed}: {}", output.stderr);
    }
    let none = site.command(["sql", "--format", "csv", "-c", "SHOW TABLES"]).run();
    assert_eq!(none.stdout, "table_catalog,table_schema,table_name,table_type\n");
    assert!(none.stderr.contains("there are no tables yet"), "{}", none.stderr);
}

fn a_query_that_is_interrupted_tells_of_nothing_half_applied(site: &Site<'_>) {
    let query = site.command(["sql", "-c", ENDLESS]).spawn();
    until_it_computes(query.id());
    query.signal("INT");
    let output = query.wait();
    assert_eq!((output.status, output.stderr.as_str()), (Some(130), "interrupted\n"));
}

fn a_column_may_be_asked_for_several_times(site: &Site<'_>) {
    site.stage("t.csv", "id,zip\n1,a\n2,b\n");
    let from = format!("FROM '{}/t.csv'", site.staging_url());
    let rows = |list: &str, more: &[&str]| {
        let statement = format!("SELECT {list} {from} t ORDER BY id");
        site.command(["sql", "-c", &statement]).args(more).run()
    };
    for (list, expected) in [
        ("id, zip, zip", "id,zip,zip\n1,a,a\n2,b,b\n"),
        ("id, zip, t.zip, ZIP, id", "id,zip,zip,zip,id\n1,a,a,a,1\n2,b,b,b,2\n"),
        ("*, zip", "id,zip,zip\n1,a,a\n2,b,b\n"),
    ] {
        let output = rows(list, &["--format", "csv"]);
        assert_eq!(output.stdout, expected, "{list}: {}", output.stderr);
    }
    let refused = rows("id, zip, zip", &["--format", "json"]);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("two columns of the result are called `zip`"),
        "{}",
        refused.stderr
    );
}
