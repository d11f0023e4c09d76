use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use serde_json::json;

use super::*;

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("title", DataType::Utf8, true),
    ]))
}

type Row = Option<(i64, Option<&'static str>)>;

/// Pairs of a new and an old row as the engine lays them out.
fn beside(pairs: &[(Row, Row)]) -> RecordBatch {
    let ids = |of: fn(&(Row, Row)) -> Row| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| of(pair).map(|row| row.0)).collect::<Int64Array>())
    };
    let titles = |of: fn(&(Row, Row)) -> Row| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| of(pair).and_then(|row| row.1)).collect::<StringArray>())
    };
    let flags = |of: fn(&(Row, Row)) -> bool| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| Some(of(pair))).collect::<BooleanArray>())
    };
    RecordBatch::try_from_iter([
        ("new_0", ids(|pair| pair.0)),
        ("new_1", titles(|pair| pair.0)),
        ("old_0", ids(|pair| pair.1)),
        ("old_1", titles(|pair| pair.1)),
        ("differs_0", flags(|pair| pair.0.map(|row| row.0) != pair.1.map(|row| row.0))),
        ("differs_1", flags(|pair| pair.0.and_then(|row| row.1) != pair.1.and_then(|row| row.1))),
        ("is_new", flags(|pair| pair.0.is_some())),
        ("is_old", flags(|pair| pair.1.is_some())),
        ("repeated", flags(|_| false)),
    ])
    .unwrap()
}

fn row(id: i64, title: &'static str) -> Row {
    Some((id, Some(title)))
}

#[test]
fn rows_are_counted_by_what_happens_to_them() {
    let mut found = Collector::new(schema(), &[0]).unwrap();
    found
        .add_beside(&beside(&[
            (row(9, "i"), None),
            (row(1, "a"), row(1, "a")),
            (row(2, "b"), row(2, "B")),
            (Some((3, None)), row(3, "c")),
            (None, row(4, "d")),
        ]))
        .unwrap();
    found.add_beside(&beside(&[(row(7, "g"), None), (row(6, "\u{1b}[1m"), row(6, "f"))])).unwrap();
    let changes = found.finish();
    assert_eq!(
        serde_json::to_value(&changes).unwrap(),
        json!({
            "insert": 2, "update": 3, "delete": 1, "repeated": 0, "unchanged": 1, "absent": 0,
            "columns": [{"column": "title", "rows": 3}],
            "samples": {
                "insert": [{"id": "7", "title": "g"}, {"id": "9", "title": "i"}],
                "update": [
                    {"key": {"id": "2"}, "changed": {"title": {"old": "B", "new": "b"}}},
                    {"key": {"id": "3"}, "changed": {"title": {"old": "c", "new": null}}},
                    {"key": {"id": "6"}, "changed": {"title": {"old": "f", "new": "\u{1b}[1m"}}},
                ],
                "delete": [{"id": "4", "title": "d"}],
            },
        })
    );
    let shown: Vec<String> = changes.samples.update.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            r#"id 2  title: "B" -> "b""#,
            r#"id 3  title: "c" -> NULL"#,
            r#"id 6  title: "f" -> "\u{1b}[1m""#
        ]
    );
    assert_eq!(changes.samples.delete[0].to_string(), r#"id 4, title "d""#);
}

#[test]
fn the_first_rows_by_key_are_kept_of_any_order_and_batch() {
    let mut found = Collector::new(schema(), &[0]).unwrap();
    for from in [90, 10, 40, 0, 60] {
        let pairs: Vec<(Row, Row)> =
            (from..from + 10).rev().map(|id| (row(id, "x"), None)).collect();
        found.add_beside(&beside(&pairs)).unwrap();
    }
    let changes = found.finish();
    let ids: Vec<String> = changes.samples.insert.iter().map(ToString::to_string).collect();
    let expected: Vec<String> = (0..5).map(|id| format!("id {id}, title \"x\"")).collect();
    assert_eq!((changes.insert, ids), (50, expected));
}

#[test]
fn a_key_to_delete_may_have_no_row() {
    let mut found = Collector::new(schema(), &[0]).unwrap();
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![Some(2), None, Some(1)])) as ArrayRef),
        ("title", Arc::new(StringArray::from(vec![Some("b"), None, None])) as ArrayRef),
        ("there", Arc::new(BooleanArray::from(vec![true, false, true])) as ArrayRef),
    ])
    .unwrap();
    found.add_doomed(&batch).unwrap();
    let changes = found.finish();
    assert_eq!((changes.delete, changes.absent), (2, 1));
    let rows: Vec<String> = changes.samples.delete.iter().map(ToString::to_string).collect();
    assert_eq!(rows, ["id 1, title NULL", "id 2, title \"b\""]);
}

#[test]
fn rows_without_a_key_are_compared_by_how_often_they_are_there() {
    let mut found = Collector::new(schema(), &[]).unwrap();
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![3, 1, 2])) as ArrayRef),
        ("title", Arc::new(StringArray::from(vec!["c", "a", "b"])) as ArrayRef),
        ("new", Arc::new(Int64Array::from(vec![3, 1, 0])) as ArrayRef),
        ("old", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
    ])
    .unwrap();
    found.add_bags(&batch).unwrap();
    let changes = found.finish();
    let counts = (changes.insert, changes.delete, changes.unchanged, changes.update);
    assert_eq!(counts, (2, 2, 2, 0));
    assert_eq!(changes.samples.insert[0].to_string(), "id 3, title \"c\"");
    assert_eq!(changes.samples.delete[0].to_string(), "id 2, title \"b\"");
}

#[test]
fn a_long_value_is_cut_for_people_only() {
    let mut found = Collector::new(schema(), &[0]).unwrap();
    let long: &'static str = "äbcdefghij".repeat(10).leak();
    found.add_beside(&beside(&[(Some((1, Some(long))), None)])).unwrap();
    let changes = found.finish();
    let shown = changes.samples.insert[0].to_string();
    assert_eq!(shown, format!("id 1, title \"{}\"…", "äbcdefghij".repeat(6)));
    assert_eq!(serde_json::to_value(&changes.samples.insert[0]).unwrap()["title"], long);
}
