//! Rules on how many rows and values there are, and on how they are combined.

use super::*;

const SONGS: &str = "SELECT CAST(id AS INT) AS id, title, CAST(n AS INT) AS n FROM (VALUES
    (1, 'a', 1), (2, 'b', 1), (3, 'b', NULL), (4, NULL, NULL)) AS t(id, title, n)";
const NONE: &str = "SELECT 1 AS id, 'a' AS title, 1 AS n WHERE false";

#[tokio::test]
async fn rows_and_columns_are_counted() {
    let ratio = "Dataset.*.ColumnNamesPatternMatchRatio";
    assert_outcomes(
        &[("songs", SONGS)],
        &[
            ("RowCount = 4", "Passed Dataset.*.RowCount=4"),
            ("RowCount between 4 and 9", &failed("Dataset.*.RowCount=4", "4.0")),
            ("RowCount in [3, 4]", "Passed Dataset.*.RowCount=4"),
            (r#"RowCount = 1 where "n = 1 and title = 'a'""#, "Passed Dataset.*.RowCount=1"),
            (r#"RowCount = 0 where "id > 9""#, "Passed Dataset.*.RowCount=0"),
            (r#"RowCount = 2 where "title RLIKE '^b'""#, "Passed Dataset.*.RowCount=2"),
            ("ColumnCount = 3", "Passed Dataset.*.ColumnCount=3"),
            ("ColumnCount > 3", &failed("Dataset.*.ColumnCount=3", "3.0")),
            (r#"ColumnExists "TITLE""#, "Passed Dataset.TITLE.ColumnExists=1"),
            (r#"ColumnExists "x""#, "Failed Dataset.x.ColumnExists=0: Column x does not exist"),
            (r#"ColumnNamesMatchPattern "[a-z]""#, &format!("Passed {ratio}=1")),
            (
                r#"ColumnNamesMatchPattern "^\w{2,}$""#,
                &format!("Failed {ratio}=0.666667: Columns that do not match the pattern: n"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn values_are_there_or_not() {
    let title = "Column.title.Completeness";
    assert_outcomes(
        &[("songs", SONGS)],
        &[
            (r#"IsComplete "id""#, "Passed Column.id.Completeness=1"),
            (r#"IsComplete "n""#, &failed("Column.n.Completeness=0.5", "0.5")),
            (r#"IsComplete n where "id < 3""#, "Passed Column.n.Completeness=1"),
            (r#"IsComplete n where "id > 9""#, "Passed"),
            (r#"Completeness "title" = 0.75"#, &format!("Passed {title}=0.75")),
            (r#"Completeness "title" > 0.5 + 0.25"#, &failed(&format!("{title}=0.75"), "0.75")),
            (r#"Completeness "title" = 0 where "title IS NULL""#, &format!("Passed {title}=0")),
            (r#"Completeness "title" not between 0.75 and 1"#, &format!("Passed {title}=0.75")),
        ],
    )
    .await;
}

#[tokio::test]
async fn equal_values_are_found_and_null_is_none() {
    assert_outcomes(
        &[("songs", SONGS)],
        &[
            (r#"IsUnique "id""#, "Passed Column.id.Uniqueness=1"),
            (r#"IsUnique "title""#, &failed("Column.title.Uniqueness=0.333333", "0.3333333333333333")),
            (r#"IsUnique "title" "n""#, "Passed Multicolumn.title,n.Uniqueness=1"),
            (r#"Uniqueness "n" = 0"#, "Passed Column.n.Uniqueness=0"),
            (r#"Uniqueness "title" > 0.3"#, "Passed Column.title.Uniqueness=0.333333"),
            (r#"IsUnique "title" where "id < 3""#, "Passed Column.title.Uniqueness=1"),
            (r#"UniqueValueRatio "title" = 0.5"#, "Passed Column.title.UniqueValueRatio=0.5"),
            (r#"IsPrimaryKey "id""#, "Passed Column.id.Completeness=1 Column.id.Uniqueness=1"),
            (
                r#"IsPrimaryKey "id" "n""#,
                &failed("Column.id.Completeness=1 Column.n.Completeness=0.5 Multicolumn.id,n.Uniqueness=1", "0.5"),
            ),
            (r#"DuplicateRowCount "title" = 2"#, "Passed Column.title.DuplicateRowCount=2"),
            ("DuplicateRowCount = 0", "Passed Dataset.*.DuplicateRowCount=0"),
            (r#"Entropy "n" = 0"#, "Passed Column.n.Entropy=0"),
            (r#"Entropy "title" between 0.63 and 0.64"#, "Passed Column.title.Entropy=0.636514"),
            // But here it is one.
            (r#"DistinctValuesCount "title" = 3"#, "Passed Column.title.DistinctValuesCount=3"),
            (r#"DistinctValuesCount "id" = 4"#, "Passed Column.id.DistinctValuesCount=4"),
            (r#"DistinctValuesCount "n" = 1 where "id < 3""#, "Passed Column.n.DistinctValuesCount=1"),
        ],
    )
    .await;
}

/// Nothing can be said of nothing: rules fail, unless a filter has left nothing over.
#[tokio::test]
async fn a_table_without_rows_has_no_values() {
    let empty = "Failed: there are no values: no rows, or only NULL";
    assert_outcomes(
        &[("songs", NONE)],
        &[
            ("RowCount = 0", "Passed Dataset.*.RowCount=0"),
            (r#"IsComplete "id""#, empty),
            (r#"IsUnique "id""#, empty),
            (r#"UniqueValueRatio "id" > 0"#, empty),
            (r#"Entropy "id" = 0"#, empty),
            (r#"Sum "n" = 0"#, empty),
            (r#"Mean "n" = 0"#, empty),
            (r#"Mean "n" = 0 where "id > 3""#, "Passed"),
            (r#"StandardDeviation "n" = 0"#, empty),
            (r#"Skewness "n" = 0"#, empty),
            (r#"ColumnValues "n" > 0"#, empty),
            (r#"ColumnValues "n" > 0 where "id = 1""#, "Passed"),
            (r#"ColumnValues "title" in ["a"]"#, empty),
            (r#"ColumnLength "title" > 0"#, empty),
            (r#"DistinctValuesCount "title" = 0"#, "Passed Column.title.DistinctValuesCount=0"),
            ("DuplicateRowCount = 0", "Passed Dataset.*.DuplicateRowCount=0"),
            (r#"ColumnDataType "title" = "Date""#, "Passed"),
            (r#"CustomSql "SELECT count(*) FROM primary" = 0"#, "Passed Dataset.*.CustomSQL=0"),
            (
                r#"CustomSql "SELECT id FROM primary""#,
                "Failed: Custom SQL rule could not be evaluated due to data frame being empty",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn rules_are_combined_and_all_their_metrics_told() {
    let both = "Column.id.Completeness=1 Dataset.*.RowCount=4";
    assert_outcomes(
        &[("songs", SONGS)],
        &[
            (r#"(RowCount > 0) and (IsComplete "id")"#, &format!("Passed {both}")),
            (r#"(RowCount > 9) and (IsComplete "id")"#, &failed(both, "4.0")),
            (r#"(RowCount > 9) or (IsComplete "id")"#, &format!("Passed {both}")),
            (
                "(RowCount > 9) or ((RowCount > 1) and (ColumnCount = 9))",
                &format!(
                    "{} / {}",
                    failed("Dataset.*.ColumnCount=3 Dataset.*.RowCount=4", "4.0"),
                    not("3.0")
                ),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_rule_is_told_as_written_and_as_evaluated() {
    let rules = r#"
        kinds = ["a", "b"]
        column = "title"
        DefaultLabels = ["team"="shop", "level"="1"]
        Rules = [
            ColumnValues $column in $kinds labels=["level"="2"],
            (RowCount > 2 * 1 + 1) or (RowCount < 1)
        ]"#;
    let found = results(&[("songs", SONGS)], rules).await;
    let told: Vec<String> = found
        .iter()
        .map(|result| {
            let RuleResult { at, rule, evaluated_rule, labels, outcome, .. } = result;
            format!(
                "{}:{} {outcome:?} | {rule} | {evaluated_rule} | {labels:?}",
                at.line, at.column
            )
        })
        .collect();
    let values = r#"6:13 Failed | ColumnValues $column in $kinds labels=["level"="2"] | ColumnValues "title" in ["a","b"] labels=["level"="2"] | {"level": "2", "team": "shop"}"#;
    let rows = r#"7:14 Passed | (RowCount > 2 * 1 + 1) OR (RowCount < 1) | (RowCount > 3) OR (RowCount < 1) | {"level": "1", "team": "shop"}"#;
    assert_eq!(told, [values, rows]);
}

#[tokio::test]
async fn simple_rules_share_one_pass_and_equal_groups_another() {
    let plans = async |rules: &str| {
        let (_context, checked) = checked(&[("songs", SONGS)], rules).await;
        checked.unwrap().plans().iter().flatten().count()
    };
    assert_eq!(plans("ColumnCount > 1").await, 0);
    let simple = r#"RowCount > 0, IsComplete "id", Mean "n" > 0, ColumnValues "n" > 0, Sum "n" > 0 where "id > 1""#;
    assert_eq!(plans(simple).await, 1);
    let grouped = r#"IsUnique "id", Uniqueness "id" > 0, Entropy "id" > 0, IsUnique "title""#;
    assert_eq!(plans(grouped).await, 2);
    assert_eq!(plans(&format!("{simple}, {grouped}")).await, 3);
}
