//! What Spark refuses when it analyses a statement is refused when it is planned, at its place.

use super::messages::check;

const COMPARE: &str = "compare it with something: `=`, `<>`, IS NOT NULL";
const MOMENTS: &str =
    "write days and moments as DATE '2026-01-31', TIMESTAMP '2026-01-31 10:00:00'";

#[tokio::test]
async fn conditions_are_boolean() {
    let told = |place: &str, of: &str| {
        format!("m.sql:{place}: a condition is BOOLEAN, and this one is {of} [{COMPARE}]")
    };
    check(&[
        ("SELECT if(id, x, y) AS a FROM sales", &told("1:11", "INT")),
        ("SELECT CASE WHEN x THEN 1 END AS a FROM sales", &told("1:18", "STRING")),
        (
            "SELECT CASE WHEN id > 1 THEN 1\n  WHEN id THEN 2 ELSE 3 END AS a FROM sales",
            &told("2:8", "INT"),
        ),
        ("SELECT count(*) FILTER (WHERE id) AS a FROM sales", &told("1:31", "INT")),
        ("SELECT id FROM sales WHERE CASE WHEN x > 1 THEN true END", "planned"),
        (
            "SELECT if(id = 1, x) AS a FROM sales",
            "m.sql:1:8: `if`: it takes a condition and two values",
        ),
        (
            "SELECT id FROM sales WHERE NOT x",
            &format!("m.sql:1:32: NOT takes a condition, which is BOOLEAN, and this is STRING [{COMPARE}]"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn days_are_not_compared_with_numbers() {
    let told = |place: &str, types: &str| format!("m.sql:{place}: {types} [{MOMENTS}]");
    let number = "DATE cannot be compared with BIGINT";
    check(&[
        ("SELECT id FROM sales WHERE week_ending > 5", &told("1:42", number)),
        ("SELECT id FROM sales WHERE week_ending BETWEEN 5 AND 6", &told("1:48", number)),
        (
            "SELECT id FROM sales WHERE week_ending IN (id)",
            &told("1:44", "DATE cannot be compared with INT"),
        ),
        (
            "SELECT id FROM sales WHERE id IN (SELECT week_ending FROM sales)",
            &told("1:42", "INT cannot be compared with DATE"),
        ),
        (
            "SELECT week_ending FROM sales UNION ALL SELECT id FROM sales",
            "m.sql:1:48: column `week_ending` of UNION is DATE and INT, which have no type in common [CAST one of them to the type of the other]",
        ),
        (
            "SELECT NULL AS a UNION ALL SELECT week_ending FROM sales UNION ALL SELECT id FROM sales",
            "m.sql:1:75: column `a` of UNION is DATE and INT, which have no type in common [CAST one of them to the type of the other]",
        ),
        // Of two errors of one kind the place is that of the one which is told.
        (
            "WITH t AS (SELECT week_ending AS d, true AS b FROM sales) SELECT b > 1 AS c FROM t WHERE d = 1",
            &told("1:94", number),
        ),
        ("SELECT id FROM sales WHERE week_ending > '2026-01-01' AND true = id", "planned"),
    ])
    .await;
}

#[tokio::test]
async fn patterns_that_are_written_out_are_read_before_any_row() {
    check(&[
        (
            "SELECT id,\n  date_format(week_ending, 'YYYY-MM') AS a FROM sales",
            "m.sql:2:28: the pattern `YYYY-MM` of dates and times: `Y` counts in weeks, which Spark does not take since 3.0; use extract() instead",
        ),
        (
            "SELECT to_date(x, 'EEE dd') AS a FROM sales",
            "m.sql:1:19: the pattern `EEE dd` of dates and times: Spark does not take the letter `E`",
        ),
        // With a date nothing is read.
        ("SELECT to_date(week_ending, 'EEE dd') AS a FROM sales", "planned"),
        ("SELECT to_date(x, y) AS a FROM sales", "planned"),
        (
            "SELECT x FROM sales WHERE x RLIKE '(?<=a)b'",
            "m.sql:1:35: rlike: not supported in regular expressions: look-behind `(?<=…)`",
        ),
        ("SELECT x FROM sales WHERE x RLIKE y", "planned"),
        (
            "SELECT regexp_replace(x, '[', '') AS a, split(x, 'ok') AS b FROM sales",
            "m.sql:1:26: regexp_replace: the regular expression is wrong: `[` without `]`",
        ),
    ])
    .await;
}

#[tokio::test]
async fn wrong_numbers_of_arguments_are_told_with_those_that_are_right() {
    check(&[
        ("SELECT to_date() AS a FROM sales", "m.sql:1:8: `to_date` takes 1 or 2 arguments, not 0"),
        (
            "SELECT datediff(week_ending) AS a FROM sales",
            "m.sql:1:8: `datediff` takes 2 or 3 arguments, not 1",
        ),
        ("SELECT substr(x) AS a FROM sales", "m.sql:1:15: `substr` takes 2 or 3 arguments, not 1"),
        (
            "SELECT substring(array(1), 1, 2) AS a FROM sales",
            "m.sql:1:18: a value of type ARRAY is not taken here, a text is",
        ),
        (
            "SELECT substring(x, week_ending, 2) AS a FROM sales",
            "m.sql:1:21: a value of type DATE is not taken here, an INT is",
        ),
    ])
    .await;
}

#[tokio::test]
async fn limits_are_numbers() {
    check(&[
        ("SELECT id FROM sales LIMIT -1", "m.sql:1:29: LIMIT cannot be -1 [write how many rows there may be, or LIMIT ALL]"),
        ("SELECT id FROM sales LIMIT -(1 + 1)", "m.sql:1:30: LIMIT cannot be -(1 + 1) [write how many rows there may be, or LIMIT ALL]"),
        ("SELECT id FROM sales LIMIT 1 - 2 * 3", "m.sql:1:28: LIMIT cannot be 1 - 2 * 3 [write how many rows there may be, or LIMIT ALL]"),
        ("SELECT id FROM sales LIMIT id", "m.sql:1:28: LIMIT takes a number, and `id` is a column [to keep some rows of each group, filter by row_number() OVER (PARTITION BY … ORDER BY …) in a subquery]"),
        ("SELECT id FROM sales LIMIT '2'", "m.sql:1:28: LIMIT takes a whole number, not STRING"),
        ("SELECT id FROM sales\nFETCH FIRST 2 ROWS ONLY", "m.sql:2:13: FETCH is not supported [write LIMIT 2 at the end]"),
        ("SELECT TOP 5 id FROM sales", "m.sql:1:1: TOP is not supported [write LIMIT 5 at the end]"),
        ("SELECT id FROM sales LIMIT 1 + 1 OFFSET 1", "planned"),
        (
            "SELECT id FROM sales INTERSECT SELECT id, title FROM songs",
            "m.sql:1:1: the sides of INTERSECT have different numbers of columns [select as many columns on each side]",
        ),
    ])
    .await;
}
