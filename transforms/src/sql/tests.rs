use super::*;
use crate::scan::FrozenTable;
use crate::testing::{Staging, assert_all, told};

mod messages;
mod refused;

fn check_parse(cases: &[(&str, &str)]) {
    assert_all(cases.iter().map(|(text, expected)| {
        let found = parse_select(Dialect::Spark, "m.sql", text);
        let found = found.map_or_else(|error| told(&error), |statement| statement.to_string());
        ((*text).to_owned(), found, (*expected).to_owned())
    }));
}

#[test]
fn a_model_is_one_select() {
    check_parse(&[
        ("SELECT 1", "SELECT 1"),
        ("SELECT 1;", "SELECT 1"),
        ("-- why\n/* and how */ SELECT 1 ; -- end\n", "SELECT 1"),
        ("WITH q AS (SELECT 1 AS a) SELECT a FROM q", "WITH q AS (SELECT 1 AS a) SELECT a FROM q"),
        ("(SELECT 1)", "(SELECT 1)"),
        ("VALUES (1)", "VALUES (1)"),
        ("", "m.sql: there is no statement in the file [a model is one SELECT]"),
        ("\n  \n", "m.sql: there is no statement in the file [a model is one SELECT]"),
        ("-- only a comment\n", "m.sql: there is no statement in the file [a model is one SELECT]"),
        (";", "m.sql: there is no statement in the file [a model is one SELECT]"),
        (
            "SELECT 1; SELECT 2",
            "m.sql:1:11: a second statement in one file [a model is one SELECT; give each its own file]",
        ),
        (
            "SELECT 1;\n\n  SELECT 2;",
            "m.sql:3:3: a second statement in one file [a model is one SELECT; give each its own file]",
        ),
        (
            "SELECT 1;\nDROP TABLE t",
            "m.sql: a second statement in one file [a model is one SELECT; give each its own file]",
        ),
        ("INSERT INTO t VALUES (1)", "m.sql:1:1: not a SELECT [a model is one SELECT]"),
        ("\nDELETE FROM t", "m.sql:2:1: not a SELECT [a model is one SELECT]"),
        ("UPDATE t SET a = 1", "m.sql:1:1: not a SELECT [a model is one SELECT]"),
        ("CREATE TABLE t AS SELECT 1", "m.sql:1:14: not a SELECT [a model is one SELECT]"),
        (
            "CREATE EXTERNAL TABLE t (a INT) STORED AS DMS LOCATION 't'",
            "m.sql: not a SELECT [a model is one SELECT]",
        ),
        ("EXPLAIN SELECT 1", "m.sql: not a SELECT [a model is one SELECT]"),
        ("SET a = 1", "m.sql: not a SELECT [a model is one SELECT]"),
        ("COPY t TO 'x.csv'", "m.sql: not a SELECT [a model is one SELECT]"),
    ]);
}

#[test]
fn wrong_syntax_is_told_with_its_place() {
    check_parse(&[
        ("SELEC 1", "m.sql:1:1: expected: an SQL statement, found: SELEC"),
        ("SELECT a\nFROM t\nWHER a = 1", "m.sql:3:6: expected: end of statement, found: a"),
        ("SELECT a,\nFROM t", "m.sql:2:6: expected an expression, found: FROM"),
        ("SELECT a FROM", "m.sql:1:14: expected: identifier, found: EOF"),
        ("SELECT (a FROM t", "m.sql:1:11: expected: ), found: FROM"),
        (
            "SELECT 'open FROM t",
            "m.sql:1:8: a text in quotes is not closed [write its quote behind its end too]",
        ),
        ("SELECT a FROM t GROUP a", "m.sql:1:17: expected: end of statement, found: GROUP"),
        (
            "SELECT `a FROM t",
            "m.sql:1:8: a name in backquotes is not closed [write ` behind its end too]",
        ),
        ("SELECT 1 /* open", "m.sql:1:17: a comment is not closed [write */ behind its end]"),
        ("SELECT a FROM t JOIN u ON", "m.sql:1:26: expected: an expression, found: EOF"),
        ("SELECT 1 2", "m.sql:1:10: expected: end of statement, found: 2"),
        ("{}", "m.sql:1:1: expected: an SQL statement, found: {"),
        ("SELECT ${NAME} FROM t", "m.sql:1:9: expected: end of statement, found: {"),
    ]);
}

const SOURCES: &str = "
CREATE EXTERNAL TABLE sales (id INT PRIMARY KEY, song_id INT, week_ending DATE, x VARCHAR(9), y VARCHAR(9))
  STORED AS DMS LOCATION 'a';
CREATE EXTERNAL TABLE songs (id INT PRIMARY KEY, title VARCHAR(9)) STORED AS DMS LOCATION 'b'";

async fn tables(staging: &Staging) -> Vec<FrozenTable> {
    let sources = staging.sources(SOURCES).await;
    let sales: &[(&str, &[u8])] =
        &[("LOAD00000001.csv", b"1,1,2026-01-01,abc,^a\n2,1,2026-01-01,abc,^b\n3,1,,,b\n")];
    vec![
        staging.freeze(&sources[0], sales).await,
        staging.freeze(&sources[1], &[("LOAD00000001.csv", b"1,one\n")]).await,
    ]
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
async fn what_cannot_be_planned_is_told_with_its_place_and_what_is_near() {
    let staging = Staging::new();
    let tables = tables(&staging).await;
    let mut found = Vec::new();
    for (text, expected) in [
        (
            "SELECT weekending FROM sales",
            "m.sql:1:8: there is no column `weekending` [did you mean `week_ending`?]",
        ),
        (
            "SELECT id,\n  sales.weak_ending\nFROM sales",
            "m.sql:2:3: there is no column `sales.weak_ending` [did you mean `week_ending`?]",
        ),
        (
            "SELECT ID FROM sales WHERE zzz = 1",
            "m.sql:1:28: there is no column `zzz` [there are the columns id, song_id, week_ending, x, y]",
        ),
        (
            "SELECT s.id FROM sales s WHERE sales.x = 'a'",
            "m.sql:1:32: there is no column `sales.x` [did you mean `s.x`?]",
        ),
        (
            "SELECT id FROM sales JOIN songs ON song_id = songs.id",
            "m.sql:1:8: more than one column is named `id` [write its table before it, or give one of them another name with AS]",
        ),
        (
            "SELECT lenght(x) AS l FROM sales",
            "m.sql:1:8: there is no function `lenght` [did you mean `length`?]",
        ),
        (
            "SELECT id,\n  no_such_thing_at_all(x) AS l\nFROM sales",
            "m.sql:2:3: there is no function `no_such_thing_at_all`",
        ),
        ("SELECT sum(x, y) AS l FROM sales", "m.sql:1:8: no function takes sum(DOUBLE, DOUBLE)"),
        ("SELECT upper(x, y) AS l FROM sales", "m.sql:1:8: `upper` takes 1 argument, not 2"),
        (
            "SELECT id, count(*) AS c FROM sales GROUP BY song_id",
            "m.sql:1:8: column `id` is neither in GROUP BY nor within an aggregate function [add it to GROUP BY, or take one of its values: max(id), first(id)]",
        ),
        (
            "SELECT id FROM sales WHERE count(*) > 1",
            "m.sql:1:28: an aggregate function cannot be in WHERE [write the condition in HAVING, behind GROUP BY]",
        ),
        (
            "SELECT id FROM sales UNION SELECT id, title FROM songs",
            "m.sql:1:1: the sides of UNION have different numbers of columns [select as many columns on each side]",
        ),
        (
            "SELECT CAST(id AS NOSUCHTYPE) AS i FROM sales",
            "m.sql:1:19: unsupported SQL type NOSUCHTYPE [there are BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DECIMAL(p, s), STRING, BINARY, DATE, TIMESTAMP, ARRAY<…>, MAP<…>, STRUCT<…>]",
        ),
        (
            "SELECT id FROM sales WHERE id = (SELECT id, title FROM songs)",
            "m.sql:1:34: a subquery that stands for a value has more than one column [select one column in it]",
        ),
        (
            "SELECT id FROM sales ORDER BY nothing",
            "m.sql:1:31: there is no column `nothing` [there are the columns id, song_id, week_ending, x, y]",
        ),
        (
            "SELECT id FROM sales LATERAL VIEW explode(x) q AS e",
            "m.sql:1:35: explode takes an array or a map, not STRING",
        ),
        (
            "SELECT x FROM sales PIVOT (sum(id) FOR x IN ('a'))",
            "m.sql:1:8: there is no column `x` [there are the columns song_id, week_ending, y, a]",
        ),
        (
            "SELECT to_char(id, '9') AS d FROM sales",
            "m.sql:1:8: `to_char` is not supported [use format_number(number, '#,##0.00') or date_format(time, pattern)]",
        ),
        (
            "SELECT SELECT FROM sales",
            "m.sql:1:8: there is no column `select` [there are the columns id, song_id, week_ending, x, y]",
        ),
        ("SELECT * FROM other.sales", "m.sql:1:15: table 'unglue.other.sales' not found"),
        (
            "SELECT id FROM sales, songs",
            "m.sql:1:8: more than one column is named `id` [write its table before it, or give one of them another name with AS]",
        ),
    ] {
        let error = match staging.models(&[("m.sql", text)], &tables).await {
            Ok(_) => "planned".to_owned(),
            Err(error) => told(&error),
        };
        found.push((text.to_owned(), error, expected.to_owned()));
    }
    assert_all(found);
}

#[tokio::test]
async fn rlike_and_regexp_match_anywhere_in_the_text() {
    let staging = Staging::new();
    let tables = tables(&staging).await;
    for (text, expected) in [
        ("SELECT id FROM sales WHERE x RLIKE 'b'", vec!["1", "2"]),
        ("SELECT id FROM sales WHERE x REGEXP '^b'", vec![]),
        ("SELECT id FROM sales WHERE x NOT RLIKE '^b'", vec!["1", "2"]),
        ("SELECT id FROM sales WHERE NOT x RLIKE 'b'", vec![]),
        ("SELECT id FROM sales WHERE NOT x NOT REGEXP 'b'", vec!["1", "2"]),
        ("SELECT id FROM sales WHERE x RLIKE y", vec!["1"]),
        ("SELECT id FROM sales WHERE x RLIKE concat('^', 'a') AND id > 1", vec!["2"]),
        ("SELECT id FROM sales WHERE id = 3 OR x NOT RLIKE y OR FALSE", vec!["2", "3"]),
        ("SELECT id, x RLIKE 'b' AS r FROM sales", vec!["1|true", "2|true", "3|NULL"]),
        (
            "SELECT CASE WHEN x RLIKE 'c$' THEN upper(x) ELSE '-' END AS c FROM sales",
            vec!["-", "ABC", "ABC"],
        ),
        ("SELECT count(*) AS c FROM sales GROUP BY x RLIKE 'b'", vec!["1", "2"]),
        ("SELECT max(id) AS m FROM sales HAVING max(x) RLIKE 'b'", vec!["3"]),
        (
            "SELECT a.id FROM sales a JOIN songs b ON b.title RLIKE 'ne$' AND a.x RLIKE a.y",
            vec!["1"],
        ),
        (
            "SELECT id FROM sales WHERE id IN (SELECT id FROM sales WHERE y RLIKE 'b')",
            vec!["2", "3"],
        ),
        ("SELECT id FROM (SELECT id FROM sales WHERE y RLIKE 'a') q", vec!["1"]),
        ("WITH q AS (SELECT id FROM sales WHERE y RLIKE 'a') SELECT id FROM q", vec!["1"]),
        ("SELECT id FROM sales QUALIFY max(x RLIKE y) OVER (PARTITION BY id)", vec!["1"]),
    ] {
        assert_eq!(staging.select(text, &tables).await, expected, "{text:?}");
    }
}

#[tokio::test]
async fn the_tables_of_a_statement_are_those_that_it_reads() {
    let staging = Staging::new();
    for (text, expected) in [
        ("SELECT 1", vec![]),
        ("SELECT * FROM A JOIN b ON a.x = b.x", vec!["a", "b"]),
        ("SELECT * FROM `A`", vec!["A"]),
        ("WITH q AS (SELECT * FROM a) SELECT * FROM q", vec!["a"]),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", vec!["a"]),
        (
            "WITH q AS (SELECT * FROM a), r AS (SELECT * FROM q) SELECT * FROM r JOIN b",
            vec!["a", "b"],
        ),
        (
            "SELECT (SELECT max(x) FROM b) AS m FROM a WHERE x IN (SELECT x FROM c)",
            vec!["a", "b", "c"],
        ),
        (
            "SELECT * FROM a WHERE EXISTS (WITH q AS (SELECT * FROM b) SELECT * FROM q)",
            vec!["a", "b"],
        ),
        ("SELECT * FROM a UNION SELECT * FROM b", vec!["a", "b"]),
        ("SELECT * FROM s.a", vec!["a"]),
        (
            "WITH RECURSIVE q AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM q JOIN a) SELECT * FROM q",
            vec!["a"],
        ),
    ] {
        let statement = parse_select(Dialect::Spark, "m.sql", text).unwrap();
        let mut found = tables_of(&staging.state, "m.sql", &statement).unwrap();
        found.sort();
        found.dedup();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn the_nearest_name_is_one_that_is_alike() {
    for (name, expected) in [
        ("week_endng", Some("week_ending")),
        ("SALES", Some("sales")),
        ("sale", Some("sales")),
        ("xyz", None),
        ("", None),
    ] {
        assert_eq!(nearest(name, ["id", "week_ending", "sales"]), expected, "{name}");
    }
    assert_eq!(nearest("a", []), None);
}
