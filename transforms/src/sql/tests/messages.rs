//! What a person reads who wrote something that cannot be planned.

use super::tables;
use crate::testing::{Staging, assert_all, told};

pub(super) async fn check(cases: &[(&str, &str)]) {
    let staging = Staging::new();
    let tables = tables(&staging).await;
    let mut found = Vec::new();
    for (text, expected) in cases {
        let error = match staging.models(&[("m.sql", text)], &tables).await {
            Ok(_) => "planned".to_owned(),
            Err(error) => told(&error),
        };
        found.push(((*text).to_owned(), error, (*expected).to_owned()));
    }
    assert_all(found);
}

const VALUES: &str = "add it to GROUP BY, or take one of its values: max";

#[tokio::test]
async fn columns_that_are_not_grouped_are_named_with_their_place() {
    let told = |place: &str, name: &str| {
        format!(
            "m.sql:{place}: column `{name}` is neither in GROUP BY nor within an aggregate function [{VALUES}({name}), first({name})]"
        )
    };
    check(&[
        ("SELECT x, y, count(*) AS c FROM sales GROUP BY x", &told("1:11", "y")),
        ("SELECT *, count(*) AS c FROM sales GROUP BY x", &told("1:8", "id")),
        ("SELECT x, count(*) AS c FROM sales", &told("1:8", "x")),
        ("SELECT x FROM sales GROUP BY x\nHAVING id > 1", &told("2:8", "id")),
        (
            "SELECT id FROM sales WHERE\n  count(*) > 1",
            "m.sql:2:3: an aggregate function cannot be in WHERE [write the condition in HAVING, behind GROUP BY]",
        ),
        (
            "SELECT x FROM sales ORDER BY 2",
            "m.sql:1:30: ORDER BY 2: SELECT has no column 2 [a number in ORDER BY is the place of a column in SELECT, from 1]",
        ),
        (
            "SELECT x FROM sales GROUP BY 7",
            "m.sql:1:30: GROUP BY 7: SELECT has no column 7 [a number in GROUP BY is the place of a column in SELECT, from 1]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn calls_that_cannot_be_are_told_at_their_place() {
    check(&[
        ("SELECT id, year(week_ending, 1) AS y FROM sales", "m.sql:1:12: `year` takes 1 argument, not 2"),
        ("SELECT upper() AS u FROM sales", "m.sql:1:8: `upper` takes 1 argument, not 0"),
        (
            "SELECT date_add(array(1), 1) AS d FROM sales",
            "m.sql:1:17: a value of type ARRAY is not taken here, a DATE is",
        ),
        (
            "SELECT row_number() AS n FROM sales",
            "m.sql:1:8: `row_number` needs a window [write row_number(…) OVER (PARTITION BY … ORDER BY …)]",
        ),
        (
            "SELECT id FROM sales WHERE x = 'a' AND rank() OVER (ORDER BY id) = 1",
            "m.sql:1:40: `rank` over a window cannot be in WHERE [compute it in a subquery and filter that, or write QUALIFY in place of WHERE]",
        ),
        // The window of a subquery is its own.
        (
            "SELECT id FROM sales WHERE id IN (SELECT rank() OVER (ORDER BY id) AS r FROM songs)",
            "planned",
        ),
    ])
    .await;
}

#[tokio::test]
async fn types_that_do_not_go_together_are_told_before_anything_runs() {
    check(&[
        (
            "SELECT id FROM sales WHERE x",
            "m.sql:1:28: a condition is BOOLEAN, and `x` is STRING [compare it with something: `=`, `<>`, IS NOT NULL]",
        ),
        (
            "SELECT x FROM sales UNION ALL SELECT array(1) AS x FROM songs",
            "m.sql:1:38: column `x` of UNION is STRING and ARRAY<INT>, which have no type in common [CAST one of them to the type of the other]",
        ),
        (
            "SELECT id FROM sales WHERE x IN (1, array(1))",
            "m.sql:1:37: STRING cannot be compared with INT, ARRAY<INT> [CAST one of them to the type of the other]",
        ),
        (
            "SELECT week_ending * 2 AS d FROM sales",
            "m.sql:1:8: there is no operation DATE * BIGINT [use date_add, date_sub, datediff, or CAST one of them]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn names_are_found_where_the_engine_knows_no_place() {
    check(&[
        (
            "SELECT x FROM sales\nORDER BY nope",
            "m.sql:2:10: there is no column `nope` [there are the columns x, id, song_id, week_ending, y]",
        ),
        // Nothing tells which of both is meant.
        (
            "SELECT nope FROM sales GROUP BY nope ORDER BY nope",
            "m.sql:1:8: there is no column `nope` [there are the columns id, song_id, week_ending, x, y]",
        ),
        (
            "SELECT x FROM sales JOIN songs USING (nope)",
            "m.sql:1:39: there is no column `nope` [there are the columns id, song_id, week_ending, x, y]",
        ),
        (
            "SELECT nope.* FROM sales",
            "m.sql:1:8: there is no table `nope` in FROM [write the name that FROM gives it]",
        ),
        (
            "SELECT sum(1) OVER (ORDER BY song) AS s",
            "m.sql:1:30: there is no column `song` [without FROM there are no columns]",
        ),
        (
            "SELECT 1 AS a, 2 AS a",
            "m.sql:1:21: two columns are named `a` [give one of them another name with AS]",
        ),
        (
            "SELECT a.id, b.id FROM sales a JOIN songs b ON a.song_id = b.id",
            "m.sql:1:14: two columns are named `id` [give one of them another name with AS]",
        ),
        (
            "SELECT * FROM sales a JOIN songs b ON a.song_id = b.id",
            "m.sql:1:8: two columns are named `id` [give one of them another name with AS]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn parameters_are_told_before_anything_runs() {
    let told = |place: &str, name: &str| {
        format!(
            "m.sql:{place}: `{name}` is a parameter, and there are no parameters [write ${{NAME}}, and give its value with --var NAME=…]"
        )
    };
    check(&[
        ("SELECT id,\n  :x AS y FROM sales", &told("2:3", ":x")),
        ("SELECT $1 AS y FROM sales", &told("1:8", "$1")),
        ("SELECT id FROM sales WHERE x = ?", &told("1:32", "?")),
        (
            "SELECT id FROM (SELECT id FROM sales WHERE upper(x) = :name) AS t",
            &told("1:55", ":name"),
        ),
        ("SELECT id FROM sales LIMIT :n", &told("1:28", ":n")),
    ])
    .await;
}

#[tokio::test]
async fn what_other_databases_have_is_told_with_what_is_written_here() {
    const JINJA: &str = "there is no Jinja here [write FROM t for {{ ref('t') }}; settings are in job.toml, and variables are ${NAME}]";
    const SAMPLE: &str =
        "is not supported [a table cannot be kept equal to a sample; filter by a hash of the key]";
    check(&[
        ("SELECT *\nFROM {{ ref('sales') }}", &format!("m.sql:2:6: {JINJA}")),
        (
            "{{ config(materialized='table') }}\nSELECT id FROM sales",
            &format!("m.sql:1:1: {JINJA}"),
        ),
        (
            "SELECT id FROM sales {% if a %} WHERE id > 1 {% endif %}",
            &format!("m.sql:1:22: {JINJA}"),
        ),
        (
            "SELECT * EXCLUDE (id) FROM sales",
            "m.sql:1:10: `* EXCLUDE` is not there [write * EXCEPT (column, …)]",
        ),
        (
            "SELECT id ** 2 AS a FROM sales",
            "m.sql:1:12: there is no operator `**` [write pow(a, b)]",
        ),
        ("SELECT id FROM sales USING SAMPLE 10", &format!("m.sql:1:22: USING SAMPLE {SAMPLE}")),
        (
            "SELECT id FROM sales TABLESAMPLE (10 PERCENT)",
            &format!("m.sql:1:16: TABLESAMPLE {SAMPLE}"),
        ),
        (
            "SELECT 'a AS b FROM sales",
            "m.sql:1:8: a text in quotes is not closed [write its quote behind its end too]",
        ),
        (
            "SELECT `id FROM sales",
            "m.sql:1:8: a name in backquotes is not closed [write ` behind its end too]",
        ),
        ("SELECT 1 /* a", "m.sql:1:14: a comment is not closed [write */ behind its end]"),
    ])
    .await;
}

#[tokio::test]
async fn a_column_is_looked_for_in_the_table_that_it_is_said_to_be_of() {
    check(&[
        (
            "SELECT a.titel FROM sales a JOIN songs b ON a.song_id = b.id",
            "m.sql:1:8: there is no column `a.titel` [did you mean `b.title`?]",
        ),
        (
            "SELECT b.wek FROM sales a JOIN songs b ON a.song_id = b.id",
            "m.sql:1:8: there is no column `b.wek` [`b` has the columns id, title]",
        ),
    ])
    .await;
}
