//! How `runner sql` writes rows, and where to.

use std::path::Path;

use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

/// Three rows, with what formats have trouble with.
const ROWS: &str = "SELECT 1 AS id, 'a|b' AS name, CAST(1.50 AS DECIMAL(5, 2)) AS price, DATE '2026-01-02' AS day \
    UNION ALL SELECT 20, NULL, NULL, NULL \
    UNION ALL SELECT 300, 'tab\tand \"quotes\"', 2.00, NULL ORDER BY id";

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE];
        rows_are_written_in_each_format,
        a_file_is_whole_or_as_it_was,
        a_parquet_file_is_staged_data_again,
        a_limit_ends_the_query_and_says_so,
        a_text_cannot_command_the_terminal,
        options_that_do_not_go_together_are_refused,
    ]
    .collect()
}

fn sql(site: &Site<'_>, options: &[&str], query: &str) -> Output {
    site.command([&["sql"], options, &["-c", query]].concat()).run()
}

#[track_caller]
fn good(output: Output) -> String {
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    output.stdout
}

#[track_caller]
fn refused(output: Output, said: &str) {
    assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
    assert!(output.stderr.contains(said), "{}", output.stderr);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn rows_are_written_in_each_format(site: &Site<'_>) {
    let table = "\
+-----+-------------------+-------+------------+
|  id | name              | price | day        |
+-----+-------------------+-------+------------+
|   1 | a|b               |  1.50 | 2026-01-02 |
|  20 | NULL              |  NULL | NULL       |
| 300 | tab\\tand \"quotes\" |  2.00 | NULL       |
+-----+-------------------+-------+------------+
3 rows
";
    let expanded = "\
-[ row 1 ]
id    | 1
name  | a|b
price | 1.50
day   | 2026-01-02
-[ row 2 ]
id    | 20
name  | -
price | -
day   | -
";
    for (options, wanted) in [
        (&[][..], table),
        (&["--format", "table"], table),
        (&["-x", "--max-rows", "2", "--null", "-"], expanded),
        (
            &["--format", "csv"],
            "id,name,price,day\n1,a|b,1.50,2026-01-02\n20,,,\n300,\"tab\tand \"\"quotes\"\"\",2.00,\n",
        ),
        (
            &["--format", "tsv", "--null", "\\N"],
            "id\tname\tprice\tday\n1\ta|b\t1.50\t2026-01-02\n20\t\\N\t\\N\t\\N\n300\t\"tab\tand \"\"quotes\"\"\"\t2.00\t\\N\n",
        ),
        (
            &["--format", "json"],
            "[{\"id\":1,\"name\":\"a|b\",\"price\":1.50,\"day\":\"2026-01-02\"},{\"id\":20,\"name\":null,\"price\":null,\"day\":null},{\"id\":300,\"name\":\"tab\\tand \\\"quotes\\\"\",\"price\":2.00,\"day\":null}]\n",
        ),
        (
            &["--format", "jsonl", "--max-rows", "1"],
            "{\"id\":1,\"name\":\"a|b\",\"price\":1.50,\"day\":\"2026-01-02\"}\n",
        ),
        (
            &["--format", "markdown"],
            "| id | name | price | day |\n| ---: | --- | ---: | --- |\n| 1 | a\\|b | 1.50 | 2026-01-02 |\n| 20 | NULL | NULL | NULL |\n| 300 | tab\\\\tand \"quotes\" | 2.00 | NULL |\n",
        ),
    ] {
        let written = good(sql(site, options, ROWS));
        let written =
            written.strip_suffix("first 2 rows; more with --max-rows all\n").unwrap_or(&written);
        assert_eq!(written, wanted, "{options:?}");
    }
}

fn a_file_is_whole_or_as_it_was(site: &Site<'_>) {
    let folder = site.folder().join("out");
    std::fs::create_dir(&folder).unwrap();
    for (name, begins) in [
        ("rows.csv", "id,name"),
        ("rows.tsv", "id\tname"),
        ("rows.json", "[{\"id\":1"),
        ("rows.ndjson", "{\"id\":1"),
        ("rows.jsonl", "{\"id\":1"),
        ("rows.md", "| id | name"),
        ("rows.PARQUET", "PAR1"),
    ] {
        let path = format!("out/{name}");
        assert_eq!(good(sql(site, &["-o", &path], ROWS)), "");
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{name}: {:?}", bytes.get(..20));
    }
    // The format of --format is stronger than the name's.
    let _silent = good(sql(site, &["--out", "out/rows.csv", "--format", "json"], ROWS));
    let before = std::fs::read_to_string(folder.join("rows.csv")).unwrap();
    assert!(before.starts_with("[{"));
    let made = names(&folder);
    // A query that fails at its end, and one that cannot be planned: the file is as it was, and nothing is left beside it.
    for query in ["SELECT raise_error('no') AS id", "SELECT nope", "SELECT 1 AS a; SELECT 2 AS a"] {
        let output = sql(site, &["-o", "out/rows.csv"], query);
        assert_ne!(output.status, Some(0), "{query}");
        assert_eq!(std::fs::read_to_string(folder.join("rows.csv")).unwrap(), before, "{query}");
        assert_eq!(names(&folder), made, "{query}");
    }
    refused(
        sql(site, &["-o", "out/two.parquet"], "SELECT 1 AS a; SELECT 2 AS a"),
        "two statements",
    );
    let _silent = good(sql(site, &["-o", "out/two.ndjson"], "SELECT 1 AS a; SELECT 2 AS b"));
    assert_eq!(
        std::fs::read_to_string(folder.join("two.ndjson")).unwrap(),
        "{\"a\":1}\n{\"b\":2}\n"
    );
    let output = sql(site, &["-o", "out/none.csv"], "CREATE VIEW v AS SELECT 1 AS a");
    assert!(output.stderr.contains("no file was written"), "{}", output.stderr);
    assert!(!folder.join("none.csv").exists());
}

fn a_parquet_file_is_staged_data_again(site: &Site<'_>) {
    let _silent = good(sql(site, &["-o", "LOAD00000001.parquet"], ROWS));
    let folder = site.folder().join("again");
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(
        site.folder().join("LOAD00000001.parquet"),
        folder.join("LOAD00000001.parquet"),
    )
    .unwrap();
    let query = "CREATE EXTERNAL TABLE again (id BIGINT, name TEXT, price DECIMAL(5, 2), day DATE, PRIMARY KEY (id)) \
        STORED AS DMS LOCATION 'again' OPTIONS (DataFormat 'parquet'); SELECT * FROM again ORDER BY id";
    assert_eq!(
        good(sql(site, &["--format", "json"], query)),
        good(sql(site, &["--format", "json"], ROWS))
    );
}

fn a_limit_ends_the_query_and_says_so(site: &Site<'_>) {
    // More rows than anybody could wait for.
    let endless = "WITH t AS (SELECT explode(sequence(1, 30000)) AS n) SELECT a.n FROM t AS a CROSS JOIN t AS b";
    let output = sql(site, &["--max-rows", "1"], endless);
    assert!(good(output).ends_with("first row; more with --max-rows all\n"));
    let output = sql(site, &["--max-rows", "2", "--format", "csv"], endless);
    assert!(output.stderr.contains("first 2 rows; more with --max-rows all"), "{}", output.stderr);
    assert_eq!(good(output).lines().count(), 3);
    assert!(good(sql(site, &["--max-rows", "3"], ROWS)).ends_with("\n3 rows\n"));
    assert!(good(sql(site, &["--max-rows", "all"], "SELECT 1 AS a")).ends_with("\n1 row\n"));
    // Without a terminal there is no limit.
    let all = good(sql(site, &[], "SELECT explode(sequence(1, 1000)) AS n"));
    assert!(all.ends_with("\n1000 rows\n"), "{all}");
}

fn a_text_cannot_command_the_terminal(site: &Site<'_>) {
    let query = "SELECT concat(chr(27), '[2J', chr(7)) AS text";
    for options in [&[][..], &["-x"], &["--format", "markdown"]] {
        let written = good(sql(site, options, query));
        assert!(written.contains("u{1b}"), "{written:?}");
        assert!(!written.contains(['\u{1b}', '\u{7}']), "{written:?}");
    }
}

fn options_that_do_not_go_together_are_refused(site: &Site<'_>) {
    for (options, said) in [
        (&["-o", "rows.txt"][..], "does not say the format"),
        (&["-o", "nowhere/rows.csv"], "nowhere/rows.csv"),
        (&["--format", "parquet"], "to a file only"),
        (&["-x", "--format", "csv"], "--expanded"),
        (&["--max-rows", "few"], "a number of rows, or all"),
        (&["--format", "xml"], "possible values"),
    ] {
        refused(sql(site, options, "SELECT 1 AS a"), said);
    }
    refused(
        sql(
            site,
            &["--format", "json"],
            "SELECT a.id, b.id FROM (SELECT 1 AS id) a, (SELECT 2 AS id) b",
        ),
        "two columns of the result are called `id`",
    );
}
