//! Rules that compare with other datasets, and SQL.

use super::*;

const SALES: &str = "SELECT CAST(id AS INT) AS id, song, CAST(n AS INT) AS n FROM (VALUES
    (1, 'a', 1), (2, 'b', 2), (3, NULL, NULL), (4, 'z', 4)) AS t(id, song, n)";
const SONGS: &str = "SELECT CAST(id AS BIGINT) AS song_id, song, CAST(n AS INT) AS n FROM (VALUES
    (1, 'a', 1), (2, 'b', 9), (3, NULL, NULL), (3, 'a', 0)) AS t(id, song, n)";
const OTHER: &str = "SELECT CAST(id AS BIGINT) AS id, song, CAST(n AS INT) AS n FROM (VALUES
    (1, 'a', 1), (2, 'b', 9), (3, NULL, NULL)) AS t(id, song, n)";
const TABLES: [(&str, &str); 3] = [("sales", SALES), ("songs", SONGS), ("other", OTHER)];

#[tokio::test]
async fn rows_are_looked_for_in_another_dataset() {
    let integrity = "Column.songs.ReferentialIntegrity";
    let matched = "Dataset.other.DatasetMatch";
    assert_outcomes(
        &TABLES,
        &[
            (r#"ReferentialIntegrity "song" "songs.song" = 0.5"#, &format!("Passed {integrity}=0.5")),
            (r#"ReferentialIntegrity "id" "songs.song_id" >= 0.9"#, &failed(&format!("{integrity}=0.75"), "0.75")),
            (r#"ReferentialIntegrity "id, n" "songs.{song_id, n}" = 0.25"#, &format!("Passed {integrity}=0.25")),
            // A text and a number are compared as text, whatever texts there are.
            (r#"ReferentialIntegrity "song" "songs.song_id" = 0"#, &format!("Passed {integrity}=0")),
            (r#"ReferentialIntegrity "id" "songs.song" = 0"#, &format!("Passed {integrity}=0")),
            (r#"DatasetMatch "other" "id" "n->song" = 0.25"#, &format!("Passed {matched}=0.25")),
            (r#"DatasetMatch "other" "id" = 0.5"#, &format!("Passed {matched}=0.5")),
            (r#"DatasetMatch "other" "id" "song" = 0.75"#, &format!("Passed {matched}=0.75")),
            (r#"DatasetMatch "other" "id->id" "n->n, song" > 0.9"#, &failed(&format!("{matched}=0.5"), "0.5")),
            (
                r#"DatasetMatch "songs" "id->song_id" "n" > 0.1"#,
                "Failed Dataset.songs.DatasetMatch=0.5: Comparison keys must be unique, and the key columns have the same values in several rows",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn sizes_sums_and_columns_are_compared() {
    let schema = "Dataset.other.SchemaMatch=0.666667";
    assert_outcomes(
        &TABLES,
        &[
            (r#"RowCountMatch "songs" = 1.0"#, "Passed Dataset.songs.RowCountMatch=1"),
            (
                r#"RowCountMatch "other" = 1.0"#,
                &failed("Dataset.other.RowCountMatch=1.333333", "1.3333333333333333"),
            ),
            (r#"SchemaMatch "other" > 0.6"#, &format!("Passed {schema}")),
            (
                r#"SchemaMatch "other" = 1"#,
                &format!("Failed {schema}: 66.67% of columns passed the threshold"),
            ),
            (r#"SchemaMatch "sales" = 1.0"#, "Passed Dataset.sales.SchemaMatch=1"),
            (
                r#"AggregateMatch "sum(n)" "sum(songs.n)" = 0.7"#,
                "Passed Column.n.AggregateMatch=0.7",
            ),
            (
                r#"AggregateMatch "avg(id)" "AVG(songs.song_id)" between 1 and 2"#,
                "Passed Column.id,song_id.AggregateMatch=1.111111",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn datasets_without_rows_do_not_match() {
    let none = [("sales", "SELECT 1 AS id, 'a' AS song WHERE false"), ("songs", SONGS)];
    let no_rows = "Failed: Primary data frame contains no data.";
    assert_outcomes(
        &none,
        &[
            (r#"ReferentialIntegrity "song" "songs.song" >= 0"#, no_rows),
            (r#"DatasetMatch "sales" "id" "song" >= 0"#, no_rows),
            (
                r#"SchemaMatch "songs" >= 0"#,
                "Failed Dataset.songs.SchemaMatch=0: Column counts do not match",
            ),
            (r#"RowCountMatch "songs" = 0"#, "Passed Dataset.songs.RowCountMatch=0"),
            (r#"RowCountMatch "sales" = 1"#, "Failed: the reference has no rows"),
            (
                r#"AggregateMatch "sum(id)" "avg(sales.id)" = 1"#,
                "Passed Column.id.AggregateMatch=1",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn sql_gives_a_number_or_the_rows_that_are_right() {
    let (number, compliance) = ("Dataset.*.CustomSQL", "Dataset.*.CustomSQL.Compliance");
    let not_one = "Failed: Custom SQL did not return exactly 1 row";
    assert_outcomes(
        &TABLES,
        &[
            (r#"CustomSql "SELECT count(*) FROM primary" = 4"#, &format!("Passed {number}=4")),
            (
                r#"CustomSql "SELECT max(n) FROM primary WHERE song = \"a\"" > 5"#,
                &failed(&format!("{number}=1"), "1.0"),
            ),
            (
                r#"CustomSql "SELECT count(*) FROM primary AS p JOIN songs AS s ON s.song_id = p.id" = 4"#,
                &format!("Passed {number}=4"),
            ),
            // A sum of nothing.
            (r#"CustomSql "SELECT sum(n) FROM primary WHERE id > 9" = 0"#, &format!("Passed {number}=0")),
            (r#"CustomSql "SELECT id FROM primary" > 0"#, not_one),
            (r#"CustomSql "SELECT id FROM primary WHERE id > 9" > 0"#, not_one),
            (r#"CustomSql "SELECT id, song, n FROM primary""#, &format!("Passed {compliance}=1")),
            (r#"CustomSql "SELECT song FROM songs" with threshold = 0.75"#, &format!("Passed {compliance}=0.75")),
            (r#"CustomSql "SELECT id FROM primary WHERE n < 3""#, &failed(&format!("{compliance}=0.5"), "0.5")),
        ],
    )
    .await;
}
