//! What is said of rules that do not fit, before any row is read.

use super::*;

const SONGS: &str = "SELECT 1 AS id, 'a' AS title, DATE '2026-01-01' AS day";

/// Checks what each ruleset is refused with. What the engine says of SQL is cut off where it goes on.
async fn assert_refused(cases: &[(&str, &str)]) {
    let tables = [("songs", SONGS), ("artists", "SELECT 1 AS id, 'a' AS name")];
    let mut found = Vec::new();
    for (rules, said) in cases {
        let refusal = match checked(&tables, rules).await.1 {
            Ok(_) => "taken".to_owned(),
            Err(error) => told(&error).replace("songs.dqdl:", ""),
        };
        let refusal = refusal.get(..said.len()).unwrap_or(&refusal).to_owned();
        found.push(((*rules).to_owned(), refusal, (*said).to_owned()));
    }
    assert_all(found);
}

#[tokio::test]
async fn parts_that_a_rule_does_not_take() {
    assert_refused(&[
        ("RowCuont > 0", "1:11: there is no rule `RowCuont` [did you mean `RowCount`?]"),
        ("Xyz > 0", "1:11: there is no rule `Xyz` [docs/quality.md lists the rules that there are]"),
        ("RowCount", "1:11: `RowCount` without a condition [such as `> 0`]"),
        (r#"IsComplete "id" = 1"#, "1:11: `IsComplete` takes no condition"),
        (r#"RowCount "id" = 1"#, "1:11: `RowCount` takes no parameter, and there are 1"),
        ("IsUnique", "1:11: `IsUnique` takes at least 1, and there are 0"),
        (
            r#"IsComplete "id" and IsComplete "title""#,
            "1:11: `IsComplete` takes one parameter, and there are 3 [rules are combined in parentheses: (…) and (…)]",
        ),
        (r#"ColumnCount > 0 where "id > 1""#, "1:11: `ColumnCount` takes no `where`"),
        (r#"Mean "id" > 0 with threshold > 1"#, "1:30: `Mean` takes no `with threshold`"),
        (
            "RowCount > avg(last(10)) * 0.9",
            "1:20: `avg(…)` is of the results of earlier runs, which are not kept [write the bound as a number]",
        ),
        ("RowCount > 1 / 0", "1:20: `1 / 0` is not a finite number"),
        (&format!("RowCount > {}", "9".repeat(400)), "1:20: this is not a finite number"),
        (r#"DetectAnomalies "RowCount""#, "1:11: `DetectAnomalies` compares with the results of earlier runs"),
        ("FileSize > 5 MB", "1:11: `FileSize` is about files, and a model is a table"),
        (r#"ColumnValues "title" in $kinds"#, "1:32: there is no variable `$kinds` [declare it before Rules: kinds = \"…\"]"),
        (
            r#"kinds = ["a", "b"] Rules = [ ColumnValues "title" = $kinds ]"#,
            "1:51: a list of values behind `=` [compare with lists by `in` or `not in`]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn columns_and_values_that_do_not_go_together() {
    assert_refused(&[
        (
            r#"IsComplete "titel""#,
            "1:22: model `songs` has no column `titel` [did you mean `title`?]",
        ),
        (
            r#"IsComplete "q""#,
            "1:22: model `songs` has no column `q` [there are the columns id, title, day]",
        ),
        (r#"RowCount > "a""#, "1:20: a condition on a number was expected"),
        ("RowCount > 5 days", "1:20: a condition on a number was expected"),
        (r#"Mean "title" > 0"#, "1:16: `title` holds no numbers, and `Mean` is of numbers"),
        (r#"ColumnValues "title" > 5"#, "1:32: `title` holds no numbers, and is compared with one"),
        (
            r#"ColumnValues "title" > "b""#,
            "1:32: `>` is not for texts [compare with a number or a date, \"2026-01-31\"]",
        ),
        (r#"ColumnValues "id" in [1, "a"]"#, "1:29: numbers and other values in one condition"),
        (r#"ColumnValues "id" > "2026-01-01""#, "1:29: `id` is compared with a day and is none"),
        (r#"ColumnValues "id" > NULL"#, "1:29: `>` is not for texts"),
        (r#"ColumnValues "day" > "9:30 AM""#, "1:30: `>` is not for texts"),
        (r#"ColumnValues "title" = 5 MB"#, "1:32: values of a kind that a column cannot have"),
        (
            r#"ColumnValues "title" in ["a", 5 days]"#,
            "1:32: texts and other values in one condition",
        ),
        (
            r#"ColumnValues "title" in ["a", now()]"#,
            "1:32: texts and other values in one condition",
        ),
        (r#"ColumnValues "title" matches "(a""#, "1:32: not a regular expression: unclosed group"),
        (
            r#"ColumnValues "title" matches "a)|(b""#,
            "1:32: not a regular expression: unopened group",
        ),
        (
            r#"ColumnValues "title" matches "(?x)a #""#,
            "1:32: not a regular expression: unclosed group",
        ),
        (r#"ColumnLength "id" > 1"#, "1:24: `id` holds no texts"),
        (r#"DataFreshness "id" < 5 days"#, "1:25: `id` holds no dates or times"),
        (r#"DataFreshness "day" < 5"#, "1:31: a time such as `24 hours` was expected"),
        (
            r#"ColumnDataType "id" = "String""#,
            "1:31: a type that Glue does not know [write Boolean,",
        ),
        (r#"ColumnDataType "id" in ["Date"]"#, "1:31: `ColumnDataType` compares by `=` or `!=`"),
        (
            r#"ColumnDataType "id" = "Date" with format = "x""#,
            "1:45: a format that Glue does not know",
        ),
        (
            r#"ColumnDataType "id" = "Date" with format in ["MM-yyyy", "dd-MM-yyyy"]"#,
            "1:45: `with format` takes `= \"…\"`",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sql_that_does_not_plan() {
    assert_refused(&[
        (r#"RowCount > 0 where "idd > 1""#, "1:30: there is no column `idd` [did you mean `id`?]"),
        (r#"RowCount > 0 where "id > 1) or (id < 5""#, "1:30: `where` is not one condition"),
        (r#"RowCount > 0 where "id >""#, "1:30: "),
        (
            r#"RowCount > 0 where "id IN (SELECT id FROM artists)""#,
            "1:30: a SELECT within `where` [say it with CustomSql, or compute a column in the model]",
        ),
        (r#"CustomSql "SELECT x FROM primary" > 0"#, "1:21: there is no column `x`"),
        (r#"CustomSql "SELECT id, title FROM primary" > 0"#, "1:11: the SQL gives 2 columns, and one is compared"),
        (r#"CustomSql "SELECT title FROM primary" > 0"#, "1:11: the SQL gives no number"),
        (r#"CustomSql "SELECT name FROM artists""#, "1:11: the SQL returns `name`, which is no column of `primary`"),
        (r#"CustomSql "DELETE FROM primary" > 0"#, "1:21: not a SELECT"),
    ])
    .await;
}

#[tokio::test]
async fn datasets_that_are_not_there() {
    assert_refused(&[
        (
            r#"RowCountMatch "artist" = 1"#,
            "1:25: there is no source or model `artist` [did you mean `artists`?]",
        ),
        (r#"ReferentialIntegrity "id" "artists" = 1"#, "1:37: no dataset and columns [write "),
        (
            r#"ReferentialIntegrity "id" "artists.{id,name}" = 1"#,
            "1:37: another number of columns than before it",
        ),
        (
            r#"AggregateMatch "max(id)" "sum(id)" = 1"#,
            "1:26: not an aggregate [write sum(column), avg(column)",
        ),
        (r#"DatasetMatch "artists" "id" = 1"#, "1:24: `artists` has no column `title`"),
        (
            r#"DataSources = { "AdditionalDataSources": ["nope"] } Rules = [ RowCount > 0 ]"#,
            "1:43: there is no source or model `nope` [there are artists, songs]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn variables_that_make_a_ruleset_larger_than_it_may_be() {
    let list = |count: usize| vec!["\"0123456789\""; count].join(",");
    let rule = r#"ColumnValues "title" in $l"#;
    let twice = r#"ColumnValues "title" in [$l, $l]"#;
    let many = vec![rule; 200].join(",");
    let (short, long) = (list(5_001), list(10_000));
    assert_refused(&[
        (&format!("l = [{short}]\nRules = [ {twice} ]"), "2:32: a list of more than 10000 entries"),
        (
            &format!("l = [{long}]\nRules = [ {many} ]"),
            "2:3494: the rules are more than 16777216 bytes with their variables worked out",
        ),
    ])
    .await;
}
