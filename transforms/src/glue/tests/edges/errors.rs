//! Error records and thresholds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::scalar::ScalarValue;

use super::super::{failure, frame, shown, told};
use crate::glue::*;

fn same() -> Map {
    Map::row("struct<n:long>", |row| Ok(vec![ScalarValue::from(row.integer("n")?)]))
}

#[tokio::test]
async fn errors_of_python_that_a_filter_passes_over_drop_the_row() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1), (2), (3), (4), (5)) t(n)").await;
    let filtered = Filter::row(|row| match row.integer("n")? {
        1 => row.text("nothing").map(|_| true),
        2 => Err(RecordError::Value("two".to_owned())),
        3 => row.boolean("n"),
        4 => Err(RecordError::Other("four".to_owned())),
        _ => Ok(true),
    });
    let filtered = filtered.transformation_ctx("f").apply(&rows)?;
    assert_eq!(shown(&filtered).await, ["n", "5"]);
    let errors = ErrorsAsDynamicFrame::new().apply(&filtered)?;
    assert_eq!(shown(&errors).await[1..], [r#"f||four|{"n":4}"#]);
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_the_schema_of_a_map_is_an_error_record() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1), (2), (3), (4)) t(n)").await;
    let mapped = Map::row("struct<a:short,b:string>", |row| {
        let n = row.integer("n")?;
        Ok(match n {
            1 => Vec::new(),
            2 => vec![ScalarValue::from("x"), ScalarValue::from("x")],
            3 => vec![ScalarValue::from(70_000_i64), ScalarValue::from("x")],
            _ => vec![ScalarValue::from(n), ScalarValue::Null],
        })
    });
    let mapped = mapped.apply(&rows)?;
    assert_eq!(shown(&mapped).await, ["a|b", "4|NULL"]);
    let errors = ErrorsAsDynamicFrame::new().apply(&mapped)?;
    let errors = SelectFields::new(["error"]).apply(&errors)?;
    assert_eq!(
        shown(&errors).await[1..],
        [
            "the function gave 0 values, the schema has 2",
            "the value of `a` is of another type",
            "the value of `a` is of another type",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_schema_of_a_map_that_is_none_is_told() {
    let rows = frame("SELECT 1 AS n").await;
    let of = |schema: &str| told(Map::row(schema, |_| Ok(Vec::new())).apply(&rows));
    assert_eq!(of("int"), "Map: the schema is not a struct");
    assert_eq!(of("struct<a:ant>"), "Map: `ant` is not a type of Glue");
}

#[tokio::test]
async fn values_of_a_row_have_the_types_that_they_are_asked_for() -> Result<()> {
    let rows = frame("SELECT 7 AS i, 2.5 AS d, 'x' AS t, true AS b, CAST(NULL AS INT) AS n").await;
    fn told<T: ToString>(value: std::result::Result<T, RecordError>) -> String {
        value.map_or_else(|error| error.to_string(), |value| value.to_string())
    }
    let map = Map::row("struct<told:string>", |row| {
        let told = [
            told(row.integer("i")),
            told(row.integer("d")),
            told(row.number("d")),
            told(row.number("i")),
            told(row.number("t")),
            told(row.text("t")),
            told(row.text("i")),
            told(row.boolean("b")),
            told(row.integer("n")),
            told(row.text("m")),
        ];
        Ok(vec![ScalarValue::from(told.join("; "))])
    });
    assert_eq!(
        shown(&map.apply(&rows)?).await[1],
        "7; `d` is not an integer; 2.5; 7; `t` is not a number; x; `i` is not a text; true; `n` is not an integer; \
         there is no column `m`"
    );
    Ok(())
}

#[tokio::test]
async fn a_threshold_holds_even_if_no_row_is_left() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (NULL), (NULL)) t(n)").await;
    let all_wrong = same().stage_threshold(1).apply(&rows)?;
    assert_eq!(failure(&all_wrong).await, "2 error records, but stageThreshold allows 1");
    assert!(all_wrong.assert_error_threshold().await.is_err());
    assert_eq!(same().apply(&rows)?.stage_errors_count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn the_total_threshold_counts_the_steps_before() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1), (2), (NULL)) t(n)").await;
    let one = same().apply(&rows)?;
    let not_two = Filter::row(|row| match row.integer("n")? {
        2 => Err(RecordError::Other("two".to_owned())),
        _ => Ok(true),
    });
    let both = not_two.clone().stage_threshold(1).total_threshold(2).apply(&one)?;
    assert_eq!(shown(&both).await, ["n", "1"]);
    assert_eq!(both.errors_count().await?, 2);
    assert_eq!(both.stage_errors_count().await?, 1);
    let refused = not_two.total_threshold(1).apply(&one)?;
    assert_eq!(failure(&refused).await, "2 error records, but totalThreshold allows 1");
    // A step without errors of its own has none of its stage, and passes the others on.
    let renamed = RenameField::new("n", "m").stage_threshold(1).apply(&both)?;
    assert_eq!(shown(&renamed).await, ["m", "1"]);
    assert_eq!((renamed.stage_errors_count().await?, renamed.errors_count().await?), (0, 2));
    Ok(())
}

#[tokio::test]
async fn errors_of_both_frames_are_those_of_a_join_and_a_union() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1), (NULL)) t(n)").await;
    let (one, other) = (same().apply(&rows)?, same().apply(&rows)?);
    let joined = Join::new(other.clone(), ["n"], ["n"]).apply(&one)?;
    assert_eq!(joined.errors_count().await?, 2);
    let merged = MergeDynamicFrame::new(other.clone(), ["n"]).apply(&one)?;
    assert_eq!(merged.errors_count().await?, 2);
    assert_eq!(Union::new(other).apply(&one)?.errors_count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_frame_without_errors_has_no_error_records() -> Result<()> {
    let errors = ErrorsAsDynamicFrame::new().apply(&frame("SELECT 1 AS n").await)?;
    assert_eq!(shown(&errors).await, ["transformation_ctx|info|error|record"]);
    Ok(())
}

#[tokio::test]
async fn no_row_is_read_before_the_frame_is_executed_and_each_is_read_once() -> Result<()> {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let rows = frame("SELECT * FROM (VALUES (1), (2), (3)) t(n)").await;
    let counted = Map::row("struct<n:long,m:long>", move |row| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(vec![row.value("n")?, row.value("n")?])
    });
    let mapped = Filter::row(|_| Ok(true)).apply(&counted.apply(&rows)?)?;
    let mapped = RenameField::new("n", "k").apply(&mapped)?;
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert_eq!(shown(&mapped).await.len(), 4);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    Ok(())
}

#[tokio::test]
async fn a_function_of_rows_sees_no_row_of_an_empty_frame() -> Result<()> {
    let none = frame("SELECT 1 AS n WHERE false").await;
    assert_eq!(shown(&same().apply(&none)?).await, ["n"]);
    let unboxed = Unbox::new("n", "json").with_schema("array<int>");
    let none = frame("SELECT 'x' AS n WHERE false").await;
    assert_eq!(shown(&unboxed.apply(&none)?).await, ["n"]);
    Ok(())
}
