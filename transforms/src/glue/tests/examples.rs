//! One example for each transform. docs/glue.md shows them: [`super::docs`] compares the two.

use std::sync::Arc;

use datafusion::logical_expr::{ident, lit};
use datafusion::scalar::ScalarValue;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;

use super::{failure, frame, shown, told};
use crate::glue::*;

#[tokio::test]
async fn apply_mapping_names_casts_and_nests_columns() -> Result<()> {
    let people =
        frame("SELECT * FROM (VALUES (1, 'Ann', '34'), (2, 'Bo', 'x')) t(id, name, age)").await;
    let mapped = ApplyMapping::new([
        ("ID", "int", "key", "long"),
        ("name", "string", "person.name", "string"),
        ("age", "string", "person.age", "int"),
    ])
    .apply(&people)?;
    assert_eq!(
        shown(&mapped).await,
        ["key|person", "1|{name: Ann, age: 34}", "2|{name: Bo, age: NULL}",]
    );
    Ok(())
}

#[tokio::test]
async fn select_fields_takes_columns_in_the_order_of_the_list() -> Result<()> {
    let people = frame("SELECT 1 AS id, 'Ann' AS name, 34 AS age").await;
    let selected = SelectFields::new(["name", "id"]).apply(&people)?;
    assert_eq!(shown(&selected).await, ["name|id", "Ann|1"]);
    Ok(())
}

#[tokio::test]
async fn drop_fields_drops_fields_of_structs_and_arrays_too() -> Result<()> {
    let orders = frame(
        "SELECT 1 AS id, named_struct('street', 'A 1', 'zip', 10) AS address,
            make_array(named_struct('sku', 'x', 'note', 'n')) AS lines",
    )
    .await;
    let dropped = DropFields::new(["id", "address.zip", "lines.note"]).apply(&orders)?;
    assert_eq!(shown(&dropped).await, ["address|lines", "{street: A 1}|[{sku: x}]"]);
    Ok(())
}

#[tokio::test]
async fn rename_field_renames_where_the_field_is() -> Result<()> {
    let people = frame("SELECT 1 AS `this.old.name`, named_struct('state', 'NE') AS address").await;
    let renamed = RenameField::new("`this.old.name`", "id").apply(&people)?;
    let renamed = RenameField::new("address.state", "address.state_code").apply(&renamed)?;
    assert_eq!(shown(&renamed).await, ["id|address", "1|{state_code: NE}"]);
    Ok(())
}

#[tokio::test]
async fn split_fields_gives_two_frames() -> Result<()> {
    let people = frame("SELECT 1 AS id, 'Ann' AS name, 34 AS age").await;
    let split = SplitFields::new(["id", "age"], "numbers", "rest").apply(&people)?;
    assert_eq!(split.keys().collect::<Vec<_>>(), ["numbers", "rest"]);
    assert_eq!(shown(&split.values()[0]).await, ["id|age", "1|34"]);
    assert_eq!(shown(&split.values()[1]).await, ["name", "Ann"]);
    Ok(())
}

#[tokio::test]
async fn drop_null_fields_drops_columns_without_a_value() -> Result<()> {
    let rows =
        "SELECT * FROM (VALUES (1, '', -1, 'a'), (2, 'null', -1, NULL)) t(id, remark, code, name)";
    let people = frame(&format!("SELECT *, NULL AS nothing FROM ({rows}) t")).await;
    let by_type = DropNullFields::new().apply(&people)?;
    assert_eq!(shown(&by_type).await[0], "id|remark|code|name");
    let by_value = DropNullFields::new().is_empty(true).is_null_string(true).is_neg_one(true);
    let by_value = by_value.apply_to_data(&people).await?;
    assert_eq!(shown(&by_value).await, ["id|name", "1|a", "2|NULL"]);
    Ok(())
}

#[tokio::test]
async fn resolve_choice_gives_columns_of_several_types_one_type() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES ('7'), ('seven'), (NULL)) t(n)").await;
    let resolve = |action: &str| {
        ResolveChoice::specs([("n", action)]).text_of("n", ["int", "string"]).apply(&rows)
    };
    assert_eq!(
        shown(&resolve("make_cols")?).await,
        ["n_int|n_string", "7|NULL", "NULL|NULL", "NULL|seven"]
    );
    assert_eq!(shown(&resolve("cast:long")?).await, ["n", "7", "NULL", "NULL"]);
    assert_eq!(shown(&resolve("project:string")?).await, ["n", "NULL", "NULL", "seven"]);
    assert_eq!(
        shown(&resolve("make_struct")?).await,
        ["n", "NULL", "{int: 7, string: NULL}", "{int: NULL, string: seven}"]
    );
    Ok(())
}

#[tokio::test]
async fn relationalize_makes_a_frame_of_each_array() -> Result<()> {
    let people = frame(
        "SELECT * FROM (VALUES
            ('Nancy', named_struct('zip', 10), make_array(named_struct('n', 'Fred'), named_struct('n', 'Yao'))),
            ('Nathan', named_struct('zip', 20), make_array(named_struct('n', 'Karen'))))
            t(name, address, friends)",
    )
    .await;
    let tables = Relationalize::new("people").apply(&people)?;
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["people", "people_friends"]);
    assert_eq!(
        shown(&tables.values()[0]).await,
        ["name|address.zip|friends", "Nancy|10|1", "Nathan|20|2",]
    );
    assert_eq!(
        shown(&tables.values()[1]).await,
        ["id|index|friends.val.n", "1|0|Fred", "1|1|Yao", "2|0|Karen",]
    );
    Ok(())
}

#[tokio::test]
async fn unnest_frame_makes_columns_of_fields() -> Result<()> {
    let people = frame(
        "SELECT 1 AS id, named_struct('zip', 10, 'at', named_struct('x', 1.5)) AS address,
            make_array(1, 2) AS marks",
    )
    .await;
    let flat = UnnestFrame::new().apply(&people)?;
    assert_eq!(shown(&flat).await, ["id|address.zip|address.at.x|marks", "1|10|1.5|[1, 2]"]);
    Ok(())
}

#[tokio::test]
async fn unbox_reads_records_in_text() -> Result<()> {
    let people = frame(
        r#"SELECT * FROM (VALUES ('Sally', '{"state": "NE", "zip": 68001}'), ('Bo', '{"state":')) t(name, address)"#,
    )
    .await;
    let unboxed =
        Unbox::new("address", "json").with_schema("struct<state:string,zip:int>").apply(&people)?;
    assert_eq!(shown(&unboxed).await, ["name|address", "Sally|{state: NE, zip: 68001}"]);
    assert_eq!(unboxed.errors_count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn filter_takes_an_expression_or_a_function() -> Result<()> {
    let people =
        frame("SELECT * FROM (VALUES ('Ann', 34), ('Bo', 12), ('Cy', NULL)) t(name, age)").await;
    let adults = Filter::new(ident("age").gt_eq(lit(18))).apply(&people)?;
    assert_eq!(shown(&adults).await, ["name|age", "Ann|34"]);
    // NULL is not an integer: a `TypeError` in Python, and the row is dropped.
    let adults = Filter::row(|row| Ok(row.integer("age")? >= 18)).apply(&people)?;
    assert_eq!(shown(&adults).await, ["name|age", "Ann|34"]);
    Ok(())
}

#[tokio::test]
async fn map_takes_expressions_or_a_function_with_a_schema() -> Result<()> {
    let people = frame("SELECT * FROM (VALUES ('Ann', 34), ('Bo', NULL)) t(name, age)").await;
    let next = Map::new([ident("name"), (ident("age") + lit(1)).alias("next")]).apply(&people)?;
    assert_eq!(shown(&next).await, ["name|next", "Ann|35", "Bo|NULL"]);
    let next = Map::row("struct<name:string,next:long>", |row| {
        Ok(vec![row.value("name")?, ScalarValue::from(row.integer("age")? + 1)])
    });
    let next = next.apply(&people)?;
    assert_eq!(shown(&next).await, ["name|next", "Ann|35"]);
    assert_eq!(next.stage_errors_count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn join_keeps_both_keys() -> Result<()> {
    let orders =
        frame("SELECT * FROM (VALUES (1, 7, 'new'), (2, 9, 'old')) t(id, customer, state)").await;
    let customers =
        frame("SELECT * FROM (VALUES (7, 'Ann', 'NE'), (8, 'Bo', 'TX')) t(id, name, state)").await;
    let joined = Join::new(customers.clone(), ["customer"], ["id"]).apply(&orders)?;
    assert_eq!(shown(&joined).await, ["id|customer|state|.id|name|.state", "1|7|new|7|Ann|NE"]);
    let without =
        Join::new(customers, ["customer"], ["id"]).kind(JoinKind::LeftAnti).apply(&orders)?;
    assert_eq!(shown(&without).await, ["id|customer|state", "2|9|old"]);
    Ok(())
}

#[tokio::test]
async fn union_puts_columns_together_by_name() -> Result<()> {
    let old = frame("SELECT 1 AS id, 'Ann' AS name").await;
    let new = frame("SELECT 'Bo' AS name, 2 AS id, 12 AS age").await;
    let both = Union::new(new).apply(&old)?;
    assert_eq!(shown(&both).await, ["id|name|age", "1|Ann|NULL", "2|Bo|12"]);
    let tables = frame("SELECT 'Bo' AS name, 'Cy' AS id").await;
    let stacked =
        Union::new(tables).by_position().apply(&frame("SELECT '1' AS id, 'Ann' AS name").await)?;
    assert_eq!(shown(&stacked).await, ["id|name", "1|Ann", "Bo|Cy"]);
    Ok(())
}

#[tokio::test]
async fn merge_dynamic_frame_replaces_rows_by_key() -> Result<()> {
    let source = frame("SELECT * FROM (VALUES (1, 'Ann'), (2, 'Bo')) t(id, name)").await;
    let staged = frame("SELECT * FROM (VALUES (2, 'Bob'), (3, 'Cy')) t(id, name)").await;
    let merged = MergeDynamicFrame::new(staged, ["id"]).apply(&source)?;
    assert_eq!(shown(&merged).await, ["id|name", "1|Ann", "2|Bob", "3|Cy"]);
    Ok(())
}

#[tokio::test]
async fn split_rows_gives_two_frames() -> Result<()> {
    let people = frame("SELECT * FROM (VALUES (5), (15), (25), (NULL)) t(age)").await;
    let split = SplitRows::new("teens", "others").compare("age", ">", 10).compare("age", "<", 20);
    let split = split.apply(&people)?;
    assert_eq!(shown(&split.values()[0]).await, ["age", "15"]);
    assert_eq!(shown(&split.values()[1]).await, ["age", "25", "5", "NULL"]);
    Ok(())
}

#[tokio::test]
async fn spigot_writes_a_sample() -> Result<()> {
    let people =
        frame("SELECT * FROM (VALUES ('Ann', 34), ('Bo', NULL)) t(name, age) ORDER BY name").await;
    let store = Arc::new(InMemory::new());
    let path = Path::from("samples/people.json");
    let same = Spigot::new(Arc::clone(&store) as _, path.clone()).topk(1).apply(&people).await?;
    let written = store.get(&path).await?.bytes().await?;
    assert_eq!(written, "{\"name\":\"Ann\",\"age\":34}\n");
    assert_eq!(shown(&same).await, ["name|age", "Ann|34", "Bo|NULL"]);
    Ok(())
}

#[tokio::test]
async fn select_from_collection_gives_an_empty_frame_for_a_missing_key() -> Result<()> {
    let people = frame("SELECT 1 AS id, 'Ann' AS name").await;
    let split = SplitFields::new(["id"], "ids", "rest").apply(&people)?;
    assert_eq!(shown(&SelectFromCollection::new("rest").apply(&split)?).await, ["name", "Ann"]);
    assert_eq!(shown(&SelectFromCollection::by_index(0).apply(&split)?).await, ["id", "1"]);
    let missing = SelectFromCollection::new("others").apply(&split)?;
    assert_eq!(shown(&missing).await, [""]);
    Ok(())
}

#[tokio::test]
async fn map_to_collection_calls_a_function_for_each_frame() -> Result<()> {
    let people = frame("SELECT * FROM (VALUES (5), (15)) t(age)").await;
    let split = SplitRows::new("teens", "others").compare("age", ">", 10).apply(&people)?;
    let renamed = MapToCollection::new(|frame: &Frame, context: &str| {
        RenameField::new("age", "years").transformation_ctx(context).apply(frame)
    });
    let renamed = renamed.transformation_ctx("rename").apply(&split)?;
    assert_eq!(shown(&renamed.values()[1]).await, ["years", "5"]);
    assert_eq!(renamed.values()[1].transformation_ctx(), "rename:others");
    Ok(())
}

#[tokio::test]
async fn flat_map_applies_a_transform_to_each_frame() -> Result<()> {
    let people = frame("SELECT * FROM (VALUES (5), (15)) t(age)").await;
    let split = SplitRows::new("teens", "others").compare("age", ">", 10).apply(&people)?;
    let renamed = FlatMap::new(RenameField::new("age", "years")).apply(&split)?;
    assert_eq!(renamed.keys().collect::<Vec<_>>(), ["teens", "others"]);
    assert_eq!(shown(&renamed.values()[0]).await, ["years", "15"]);
    Ok(())
}

#[tokio::test]
async fn errors_as_dynamic_frame_tells_the_rows_that_failed() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (6, 3), (1, 0)) t(a, b)").await;
    let divided = Map::row("struct<c:long>", |row| {
        let divided = row.integer("a")?.checked_div(row.integer("b")?);
        let divided = divided.ok_or_else(|| RecordError::Value("b is 0".to_owned()))?;
        Ok(vec![ScalarValue::from(divided)])
    });
    let divided = divided.transformation_ctx("divide").info("a / b").apply(&rows)?;
    assert_eq!(shown(&divided).await, ["c", "2"]);
    let errors = ErrorsAsDynamicFrame::new().apply(&divided)?;
    assert_eq!(
        shown(&errors).await,
        ["transformation_ctx|info|error|record", r#"divide|a / b|b is 0|{"a":1,"b":0}"#,]
    );
    Ok(())
}

#[tokio::test]
async fn a_threshold_fails_the_execution() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1), (NULL), (NULL)) t(a)").await;
    let same = Map::row("struct<a:long>", |row| Ok(vec![ScalarValue::from(row.integer("a")?)]));
    let allowed = same.clone().stage_threshold(2).apply(&rows)?;
    assert_eq!(shown(&allowed).await, ["a", "1"]);
    let refused = same.stage_threshold(1).apply(&rows)?;
    assert_eq!(failure(&refused).await, "2 error records, but stageThreshold allows 1");
    Ok(())
}

#[tokio::test]
async fn drop_duplicates_keeps_one_row() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1, NULL), (1, NULL), (1, 'a')) t(id, name)").await;
    let distinct = DropDuplicates::new().apply(&rows)?;
    assert_eq!(shown(&distinct).await, ["id|name", "1|NULL", "1|a"]);
    let by_id = DropDuplicates::new().columns(["id"]).apply(&rows)?;
    assert_eq!(shown(&by_id).await, ["id|name", "1|NULL"]);
    Ok(())
}

#[tokio::test]
async fn fill_missing_values_is_refused() -> Result<()> {
    let people = frame("SELECT * FROM (VALUES (34), (NULL)) t(age)").await;
    let refused = FillMissingValues::new("age").apply(&people);
    assert_eq!(
        told(refused),
        "FillMissingValues: Glue predicts `age` with a model that is not public [write what is to stand \
         there, such as `coalesce(age, avg(age) OVER ()) AS age_filled` in SQL, or FillNulls with a constant]"
    );
    let filled = FillNulls::new(["age"], 0).apply(&people)?;
    assert_eq!(shown(&filled).await, ["age", "0", "34"]);
    Ok(())
}

#[tokio::test]
async fn repartition_and_coalesce_change_nothing() -> Result<()> {
    let people = frame("SELECT * FROM (VALUES (1), (2)) t(id)").await;
    let spread = Repartition::new(10).apply(&people)?;
    let gathered = Coalesce::new(1).apply(&spread)?;
    assert_eq!(shown(&gathered).await, ["id", "1", "2"]);
    Ok(())
}

#[tokio::test]
async fn aggregate_names_columns_as_spark_does() -> Result<()> {
    let sales =
        frame("SELECT * FROM (VALUES ('a', 1), ('a', 3), ('b', NULL)) t(shop, amount)").await;
    let totals =
        Aggregate::new(["shop"], [("amount", AggFunc::Sum), ("amount", AggFunc::CountDistinct)]);
    let totals = totals.apply(&sales)?;
    assert_eq!(
        shown(&totals).await,
        ["shop|sum(amount)|count(DISTINCT amount)", "a|4|2", "b|NULL|0",]
    );
    Ok(())
}
