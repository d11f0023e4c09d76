//! Joins, unions and merges.

use super::super::{frame, shown, told};
use crate::glue::*;

const ONE: &str = "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (NULL, 'c')) t(k, x)";
const OTHER: &str = "SELECT * FROM (VALUES (2, 'B'), (2, 'BB'), (3, 'C'), (NULL, 'N')) t(k, y)";

#[tokio::test]
async fn each_join_keeps_the_rows_that_studio_says() -> Result<()> {
    let (one, other) = (frame(ONE).await, frame(OTHER).await);
    for (kind, expected) in [
        (JoinKind::Equi, vec!["k|x|.k|y", "2|b|2|B", "2|b|2|BB"]),
        (
            JoinKind::Left,
            vec!["k|x|.k|y", "1|a|NULL|NULL", "2|b|2|B", "2|b|2|BB", "NULL|c|NULL|NULL"],
        ),
        (
            JoinKind::Right,
            vec!["k|x|.k|y", "2|b|2|B", "2|b|2|BB", "NULL|NULL|3|C", "NULL|NULL|NULL|N"],
        ),
        (
            JoinKind::Outer,
            vec![
                "k|x|.k|y",
                "1|a|NULL|NULL",
                "2|b|2|B",
                "2|b|2|BB",
                "NULL|NULL|3|C",
                "NULL|NULL|NULL|N",
                "NULL|c|NULL|NULL",
            ],
        ),
        (JoinKind::LeftSemi, vec!["k|x", "2|b"]),
        (JoinKind::LeftAnti, vec!["k|x", "1|a", "NULL|c"]),
    ] {
        let joined = Join::new(other.clone(), ["k"], ["k"]).kind(kind).apply(&one)?;
        assert_eq!(shown(&joined).await, expected, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn keys_may_be_several_and_in_structs() -> Result<()> {
    let one = frame("SELECT 1 AS a, named_struct('b', 2) AS s").await;
    let other = frame("SELECT 1 AS a, 2 AS b, 9 AS `.a`").await;
    let joined = Join::new(other, ["a", "s.b"], ["a", "b"]).apply(&one)?;
    assert_eq!(shown(&joined).await, ["a|s|.a|b|..a", "1|{b: 2}|1|2|9"]);
    Ok(())
}

#[tokio::test]
async fn a_frame_joins_itself() -> Result<()> {
    let one = frame(ONE).await;
    let joined = Join::new(one.clone(), ["k"], ["k"]).apply(&one)?;
    assert_eq!(shown(&joined).await, ["k|x|.k|.x", "1|a|1|a", "2|b|2|b"]);
    Ok(())
}

#[tokio::test]
async fn keys_that_do_not_match_are_told() {
    let (one, other) = (frame(ONE).await, frame(OTHER).await);
    let join = Join::new(other.clone(), ["k", "x"], ["k"]).apply(&one);
    assert_eq!(
        told(join),
        "Join: there are 2 keys of frame1 and 1 of frame2 [both need the same number, at least one]"
    );
    let missing = MergeDynamicFrame::new(other.clone(), ["x"]).apply(&one);
    assert_eq!(told(missing), "mergeDynamicFrame: there is no field `x`");
    let none: [&str; 0] = [];
    let none = MergeDynamicFrame::new(other, none).apply(&one);
    assert_eq!(told(none), "mergeDynamicFrame: there are no primary keys");
}

#[tokio::test]
async fn a_merge_keeps_duplicates_and_null_keys_of_both() -> Result<()> {
    let merged = MergeDynamicFrame::new(frame(OTHER).await, ["k"]).apply(&frame(ONE).await)?;
    assert_eq!(
        shown(&merged).await,
        ["k|x|y", "1|a|NULL", "2|NULL|B", "2|NULL|BB", "3|NULL|C", "NULL|NULL|N", "NULL|c|NULL",]
    );
    Ok(())
}

#[tokio::test]
async fn a_union_keeps_equal_rows_unless_it_is_distinct() -> Result<()> {
    let one = frame("SELECT 1 AS a").await;
    assert_eq!(shown(&Union::new(one.clone()).apply(&one)?).await, ["a", "1", "1"]);
    assert_eq!(shown(&Union::new(one.clone()).distinct().apply(&one)?).await, ["a", "1"]);
    let wider = frame("SELECT 2.5 AS a").await;
    assert_eq!(shown(&Union::new(wider).apply(&one)?).await, ["a", "1.0", "2.5"]);
    Ok(())
}

#[tokio::test]
async fn a_union_by_position_needs_as_many_columns() {
    let two = frame("SELECT 1 AS a, 2 AS b").await;
    let refused = Union::new(frame("SELECT 1 AS a").await).by_position().apply(&two);
    assert_eq!(
        told(refused),
        "Union: there are 2 columns and 1 columns [both frames need the same number]"
    );
}

#[tokio::test]
async fn a_key_that_is_a_text_is_read_as_a_number_where_the_other_is_one() -> Result<()> {
    let texts = frame("SELECT * FROM (VALUES ('7'), ('07'), ('x')) t(t)").await;
    let joined = Join::new(texts, ["k"], ["t"]).apply(&frame("SELECT 7 AS k").await)?;
    assert_eq!(shown(&joined).await, ["k|t", "7|07", "7|7"]);
    let staged = frame("SELECT * FROM (VALUES ('1', 'new'), ('x', 'other')) t(k, x)").await;
    let merged = MergeDynamicFrame::new(staged, ["k"]).apply(&frame(ONE).await)?;
    assert_eq!(shown(&merged).await, ["k|x", "1|new", "2|b", "NULL|c", "x|other"]);
    Ok(())
}

#[tokio::test]
async fn a_union_of_a_number_and_a_text_is_a_text() -> Result<()> {
    let (number, text) = (frame("SELECT 1 AS a").await, frame("SELECT 'x' AS a").await);
    assert_eq!(shown(&Union::new(text.clone()).apply(&number)?).await, ["a", "1", "x"]);
    assert_eq!(shown(&Union::new(number).apply(&text)?).await, ["a", "1", "x"]);
    Ok(())
}
