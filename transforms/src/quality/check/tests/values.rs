//! Rules on each row's value.

use super::*;

const SONGS: &str = r"SELECT CAST(id AS INT) AS id, CAST(n AS INT) AS n, kind, word, CAST(day AS DATE) AS day,
    CAST(at AS TIMESTAMP) AS at, code FROM (VALUES
    (1, 10, 'a', '',    '2026-01-01', '2026-01-01 12:00:00', '2026-01-31'),
    (2, 20, 'b', '  ',  '2026-01-02', '2026-01-01 23:30:00', '31-01-2026'),
    (3, 30, NULL, 'xy', NULL,         NULL,                  NULL),
    (4, 30, 'c', 'xyz', '2025-12-31', '2025-12-31 00:00:00', '12')) AS t(id, n, kind, word, day, at, code)";

/// The cases are `condition => outcome` of one rule on one column; a share is what passes.
async fn assert_shares(rule: &str, metric: &str, cases: &[(&str, f64)]) {
    let mut found = Vec::new();
    for (condition, share) in cases {
        let outcome = outcome(&[("songs", SONGS)], &format!("{rule} {condition}")).await;
        let metric = format!("{metric}={share}");
        let expected = match *share {
            share if share == 1.0 || condition.contains("threshold") => format!("Passed {metric}"),
            share => failed(&metric, &format!("{share:?}")),
        };
        found.push((format!("{rule} {condition}"), outcome, expected));
    }
    assert_all(found);
}

#[tokio::test]
async fn numbers_are_compared() {
    assert_outcomes(
        &[("songs", SONGS)],
        &[
            (r#"ColumnValues "n" > 9"#, "Passed Column.n.Minimum=10"),
            (r#"ColumnValues "n" > 10"#, &failed("Column.n.Minimum=10", "10.0")),
            (r#"ColumnValues "n" <= 30"#, "Passed Column.n.Maximum=30"),
            (r#"ColumnValues "n" < 30"#, &failed("Column.n.Maximum=30", "30.0")),
            (
                r#"ColumnValues "n" = 30 where "id > 2""#,
                "Passed Column.n.Maximum=30 Column.n.Minimum=30",
            ),
        ],
    )
    .await;
    let cases = [
        ("between 9 and 31", 1.0),
        ("between 10 and 31", 0.75),
        ("not between 10 and 30", 0.75),
        ("in [10, 20, 30]", 1.0),
        ("in [10, 20]", 0.5),
        ("not in [5]", 1.0),
        ("!= 5", 1.0),
        ("!= 30", 0.5),
        ("= 30 with threshold >= 0.5", 0.5),
        ("> 10 with threshold between 0.7 and 0.8", 0.75),
    ];
    assert_shares(r#"ColumnValues "n""#, "Column.n.ColumnValues.Compliance", &cases).await;
}

#[tokio::test]
async fn null_is_no_value_unless_it_is_named() {
    let sales = "SELECT CAST(n AS DOUBLE) AS n FROM (VALUES (1.0), (2.0), (NULL), (3.0)) AS t(n)";
    let compliance = "Column.n.ColumnValues.Compliance";
    let passed = |share: &str| format!("Passed {compliance}={share}");
    let three_quarters = failed(&format!("{compliance}=0.75"), "0.75");
    let three_quarters = three_quarters.as_str();
    assert_outcomes(
        &[("sales", sales)],
        &[
            (r#"ColumnValues "n" > 0"#, &failed("Column.n.Minimum=1", "NULL")),
            (r#"ColumnValues "n" < 9"#, &failed("Column.n.Maximum=3", "NULL")),
            (r#"ColumnValues "n" between 0 and 9"#, &format!("{three_quarters} / {}", not("NULL"))),
            (r#"ColumnValues "n" in [1, 2, 3]"#, three_quarters),
            (r#"ColumnValues "n" in [1, 2, 3, NULL]"#, &passed("1")),
            (r#"ColumnValues "n" not in [5]"#, &passed("1")),
            (r#"ColumnValues "n" not in [5, NULL]"#, three_quarters),
            (r#"ColumnValues "n" != 5"#, &passed("1")),
            (r#"ColumnValues "n" = NULL with threshold = 0.25"#, &passed("0.25")),
            (r#"ColumnValues "n" != NULL with threshold > 0.7"#, &passed("0.75")),
            (r#"ColumnValues "n" not between 8 and 9"#, three_quarters),
            (r#"ColumnValues "n" > 0 with threshold > 0.7"#, &passed("0.75")),
            (r#"ColumnValues "n" > 0 where "n IS NOT NULL""#, "Passed Column.n.Minimum=1"),
        ],
    )
    .await;
}

#[tokio::test]
async fn texts_are_compared() {
    let cases = [
        (r#"in ["a", "b", "c"]"#, 0.75),
        (r#"in ["a", "b", "c", NULL]"#, 1.0),
        (r#"not in ["z"]"#, 1.0),
        (r#"not in ["z", NULL]"#, 0.75),
        (r#"= "a" with threshold > 0.2"#, 0.25),
        (r#"!= "a" with threshold > 0.7"#, 0.75),
        ("!= EMPTY", 0.75),
    ];
    assert_shares(r#"ColumnValues "kind""#, "Column.kind.ColumnValues.Compliance", &cases).await;
    let cases = [
        ("= EMPTY", 0.25),
        ("= WHITESPACES_ONLY", 0.25),
        ("not in [EMPTY, WHITESPACES_ONLY]", 0.5),
        (r#"in ["", "  ", "xy", "x\"y"]"#, 0.75),
    ];
    assert_shares(r#"ColumnValues "word""#, "Column.word.ColumnValues.Compliance", &cases).await;
    let cases = [(r#"in ["10", "20", "30"]"#, 1.0)];
    assert_shares(r#"ColumnValues "n""#, "Column.n.ColumnValues.Compliance", &cases).await;
}

#[tokio::test]
async fn patterns_are_of_the_whole_text() {
    let cases = [
        (r#"matches "x.""#, 0.25),
        (r#"matches "xy|xyz""#, 0.5),
        (r#"matches "\w+""#, 0.5),
        (r#"matches ".*""#, 0.75),
        (r#"not matches "xy""#, 0.5),
    ];
    assert_shares(r#"ColumnValues "word""#, "Column.word.PatternMatch", &cases).await;
    let cases = [(r#"not matches "z""#, 0.75), (r#"matches "[a-c]" where "id < 3""#, 1.0)];
    assert_shares(r#"ColumnValues "kind""#, "Column.kind.PatternMatch", &cases).await;
}

/// It is the first moment of 2 January 2026.
#[tokio::test]
async fn days_are_compared() {
    let cases = [
        (r#"> "2025-12-31""#, 0.5),
        (r#">= "2025-12-31""#, 0.75),
        (r#"between "2025-12-31" and "2026-01-02""#, 0.25),
        (r#"not between "2025-12-31" and "2026-01-02""#, 0.75),
        (r#"= "2026-01-01""#, 0.25),
        (r#"!= "2026-01-01""#, 0.75),
        (r#"in ["2026-01-01", "2026-01-02", "2025-12-31", NULL]"#, 1.0),
        (r#"not in ["2026-01-09"]"#, 1.0),
        ("<= now()", 0.75),
        ("> (now() - 1 days)", 0.25),
    ];
    assert_shares(r#"ColumnValues "day""#, "Column.day.ColumnValues.Compliance", &cases).await;
    // A moment is its day, and so is a text that says one.
    let cases = [(r#"= "2026-01-01""#, 0.5)];
    assert_shares(r#"ColumnValues "at""#, "Column.at.ColumnValues.Compliance", &cases).await;
    let cases = [(r#"> "2026-01-01""#, 0.25)];
    assert_shares(r#"ColumnValues "code""#, "Column.code.ColumnValues.Compliance", &cases).await;
}

#[tokio::test]
async fn ages_are_compared() {
    let cases = [
        (r#"<= 12 hours where "id <= 2""#, 1.0),
        (r#"< 1 days where "id = 1""#, 1.0),
        (r#"= 12 hours where "id <= 2""#, 0.5),
        (r#"between 29 minutes and 31 minutes where "id = 2""#, 1.0),
        ("< 1 days", 0.5),
        ("!= 12 hours", 0.5),
    ];
    assert_shares(r#"DataFreshness "at""#, "Column.at.DataFreshness.Compliance", &cases).await;
    let cases = [("!= 5 hours", 0.25)];
    assert_shares(r#"DataFreshness "code""#, "Column.code.DataFreshness.Compliance", &cases).await;
    let cases = [(r#"< 2 days where "id = 1""#, 1.0)];
    assert_shares(r#"DataFreshness "day""#, "Column.day.DataFreshness.Compliance", &cases).await;
}

#[tokio::test]
async fn lengths_are_in_characters() {
    let words = "SELECT word FROM (VALUES ('äö'), ('xyz'), (NULL), ('')) AS t(word)";
    let compliance = "Column.word.LengthCompliance";
    let passed = format!("Passed {compliance}=1");
    let (least, most) = ("Column.word.MinimumLength", "Column.word.MaximumLength");
    assert_outcomes(
        &[("songs", words)],
        &[
            (r#"ColumnLength "word" < 4"#, &format!("Passed {most}=3")),
            (r#"ColumnLength "word" > 0"#, &failed(&format!("{least}=0"), "0.0")),
            (
                r#"ColumnLength "word" between 1 and 4 where "word != ''""#,
                &format!("Passed {most}=3 {least}=2"),
            ),
            (
                r#"ColumnLength "word" = 2 where "word = 'äö'""#,
                &format!("Passed {most}=2 {least}=2"),
            ),
            (r#"ColumnLength "word" in [0, 2, 3]"#, &passed),
            (r#"ColumnLength "word" in [2, 3] where "word != ''""#, &passed),
            (r#"ColumnLength "word" in [2, 3]"#, &failed(&format!("{compliance}=0.5"), "0.5")),
            (r#"ColumnLength "word" not in [5]"#, &passed),
            (r#"ColumnLength "word" not in [0, 5]"#, &failed(&format!("{compliance}=0.5"), "0.5")),
            (r#"ColumnLength "word" != 2"#, &failed(&format!("{compliance}=0.75"), "0.75")),
            (r#"ColumnLength "word" not between 3 and 9"#, &passed),
        ],
    )
    .await;
}

#[tokio::test]
async fn types_are_those_that_a_value_can_be_had_in() {
    let cases = [
        (r#"= "Integer""#, 0.25),
        (r#"= "INTEGER" with threshold > 0.2"#, 0.25),
        (r#"!= "Long""#, 0.75),
        (r#"= "Decimal(4, 1)""#, 0.25),
        (r#"= "Date""#, 0.25),
        (r#"= "Date" with format = "dd-MM-yyyy""#, 0.25),
        (r#"= "Date" with format = "MM-dd-yyyy""#, 0.0),
        (r#"= "Date" with format = "yyyy/MM/dd""#, 0.0),
    ];
    assert_shares(r#"ColumnDataType "code""#, "Column.code.ColumnDataType.Compliance", &cases)
        .await;
    let cases = [(r#"= "Integer""#, 1.0)];
    assert_shares(r#"ColumnDataType "n""#, "Column.n.ColumnDataType.Compliance", &cases).await;
    let never = [(r#"= "Boolean""#, 0.0), (r#"!= "Boolean""#, 1.0)];
    assert_shares(r#"ColumnDataType "day""#, "Column.day.ColumnDataType.Compliance", &never).await;
    let months =
        "SELECT code FROM (VALUES ('01/2026'), ('13/2026'), ('2026/01'), (NULL)) AS t(code)";
    let month = r#"ColumnDataType "code" = "Date" with format = "MM/yyyy" with threshold = 0.25"#;
    let found = outcome(&[("t", months)], month).await;
    assert_eq!(found, "Passed Column.code.ColumnDataType.Compliance=0.25");
}
