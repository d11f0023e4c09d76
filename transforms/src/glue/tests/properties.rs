//! What holds for all frames.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::json::ReaderBuilder;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::ident;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{session, shown};
use crate::functions::json_lines;
use crate::glue::types::parse_schema;
use crate::glue::*;

/// A frame of rows as JSON, in two partitions.
fn frame_of(schema: &str, rows: &[Value]) -> Frame {
    let DataType::Struct(fields) = parse_schema(schema).unwrap() else { panic!("{schema}") };
    let schema = Arc::new(Schema::new(fields));
    let batch = |rows: &[Value]| -> Vec<RecordBatch> {
        let mut decoder = ReaderBuilder::new(Arc::clone(&schema)).build_decoder().unwrap();
        decoder.serialize(rows).unwrap();
        decoder.flush().unwrap().into_iter().collect()
    };
    let (one, other) = rows.split_at(rows.len() / 2);
    let table = MemTable::try_new(Arc::clone(&schema), vec![batch(one), batch(other)]).unwrap();
    Frame::new(session().read_table(Arc::new(table)).unwrap(), "frame").unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The rows as JSON, in the order of their texts.
async fn json_of(frame: &Frame) -> Vec<Value> {
    let mut rows = Vec::new();
    for batch in frame.to_df().collect().await.unwrap() {
        let lines = json_lines(&batch).unwrap();
        rows.extend(lines.lines().map(|line| serde_json::from_str(line).unwrap()));
    }
    sorted(rows)
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_cached_key(Value::to_string);
    rows
}

fn number() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(0_i64..4)
}

fn word() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[ab]{0,1}")
}

fn flat_rows() -> impl Strategy<Value = Vec<Value>> {
    let row = (number(), word()).prop_map(|(k, v)| json!({ "k": k, "v": v }));
    proptest::collection::vec(row, 0..12)
}

const FLAT: &str = "struct<k:bigint,v:string>";
const NESTED: &str =
    "struct<k:bigint,s:struct<v:string>,a:array<struct<n:bigint,t:array<string>>>>";

fn nested_rows() -> impl Strategy<Value = Vec<Value>> {
    let texts = proptest::option::of(proptest::collection::vec(word(), 0..3));
    let element = (number(), texts).prop_map(|(n, t)| json!({ "n": n, "t": t }));
    let array = proptest::option::of(proptest::collection::vec(element, 0..3));
    let row =
        (number(), word(), array).prop_map(|(k, v, a)| json!({ "k": k, "s": { "v": v }, "a": a }));
    proptest::collection::vec(row, 0..8)
}

/// The rows of a child table by their `id`, in the order of `index`, each as `value` makes it.
fn children(rows: Vec<Value>, value: impl Fn(&Value) -> Value) -> BTreeMap<i64, Vec<Value>> {
    let mut by_id: BTreeMap<i64, BTreeMap<i64, Value>> = BTreeMap::new();
    for row in rows {
        let of = |name: &str| row[name].as_i64().unwrap();
        let twice = by_id.entry(of("id")).or_default().insert(of("index"), value(&row));
        assert_eq!(twice, None, "an index is there twice");
    }
    by_id.into_iter().map(|(id, elements)| (id, elements.into_values().collect())).collect()
}

/// The array that a number stands for.
fn array(id: &Value, children: &BTreeMap<i64, Vec<Value>>) -> Value {
    match id.as_i64() {
        None => Value::Null,
        Some(id) => Value::from(children.get(&id).cloned().unwrap_or_default()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_mapping_and_back_changes_nothing(rows in nested_rows()) {
        let frame = frame_of(NESTED, &rows);
        let there = ApplyMapping::new([("a", "x.y.list"), ("s.v", "`x.z`"), ("k", "x.y.key")]);
        let back = ApplyMapping::new([("x.y.key", "k"), ("`x.z`", "s.v"), ("x.y.list", "a")]);
        run(async {
            let same = back.apply(&there.apply(&frame)?)?;
            assert_eq!(json_of(&same).await, sorted(rows));
            Ok::<(), GlueError>(())
        }).unwrap();
    }

    #[test]
    fn a_cast_to_text_and_back_changes_nothing(rows in flat_rows()) {
        let frame = frame_of(FLAT, &rows);
        let there = ApplyMapping::new([("k", "long", "k", "string"), ("v", "string", "v", "string")]);
        let back = ApplyMapping::new([("k", "string", "k", "long"), ("v", "string", "v", "string")]);
        run(async {
            assert_eq!(json_of(&back.apply(&there.apply(&frame)?)?).await, sorted(rows));
            Ok::<(), GlueError>(())
        }).unwrap();
    }

    #[test]
    fn the_frames_of_split_rows_have_all_rows(rows in flat_rows(), limit in 0_i64..4) {
        let frame = frame_of(FLAT, &rows);
        let split = SplitRows::new("yes", "no").compare("k", "<", limit).compare("v", "!=", "a");
        run(async {
            let split = split.apply(&frame)?;
            let both = Union::new(split.values()[1].clone()).apply(&split.values()[0])?;
            assert_eq!(json_of(&both).await, sorted(rows));
            for row in json_of(&split.values()[0]).await {
                assert!(row["k"].as_i64().unwrap() < limit && row["v"].as_str().unwrap() != "a");
            }
            Ok::<(), GlueError>(())
        }).unwrap();
    }

    #[test]
    fn tables_of_relationalize_put_together_are_the_frame(rows in nested_rows()) {
        let frame = frame_of(NESTED, &rows);
        run(async {
            let tables = Relationalize::new("r").apply(&frame)?;
            let mut found = Vec::new();
            for table in tables.values() {
                found.push(json_of(table).await);
            }
            let texts = children(found.pop().unwrap(), |row| row["a.val.t.val"].clone());
            let elements = children(found.pop().unwrap(), |row| {
                json!({ "n": row["a.val.n"], "t": array(&row["a.val.t"], &texts) })
            });
            let whole = found.pop().unwrap().into_iter().map(|row| {
                json!({ "k": row["k"], "s": { "v": row["s.v"] }, "a": array(&row["a"], &elements) })
            });
            assert_eq!(sorted(whole.collect()), sorted(rows));
            Ok::<(), GlueError>(())
        }).unwrap();
    }

    #[test]
    fn a_merge_is_the_source_without_keys_of_the_stage_and_the_stage(source in flat_rows(), stage in flat_rows()) {
        let merge = MergeDynamicFrame::new(frame_of(FLAT, &stage), ["k"]);
        run(async {
            let merged = json_of(&merge.apply(&frame_of(FLAT, &source))?).await;
            let kept = source.iter().filter(|row| row["k"].is_null() || stage.iter().all(|new| new["k"] != row["k"]));
            assert_eq!(merged, sorted(kept.chain(&stage).cloned().collect()));
            Ok::<(), GlueError>(())
        }).unwrap();
    }

    #[test]
    fn a_filter_of_rows_keeps_what_the_expression_keeps(rows in flat_rows(), limit in 0_i64..4) {
        let frame = frame_of(FLAT, &rows);
        run(async {
            let by_expr = Filter::new(ident("k").lt(datafusion::logical_expr::lit(limit))).apply(&frame)?;
            let by_row = Filter::row(move |row| Ok(row.integer("k")? < limit)).apply(&frame)?;
            assert_eq!(shown(&by_row).await, shown(&by_expr).await);
            Ok::<(), GlueError>(())
        }).unwrap();
    }
}
