//! Transforms that choose, name and count columns of one frame.

use datafusion::logical_expr::lit;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use std::sync::Arc;

use super::super::{frame, session, shown, told};
use crate::glue::*;
use crate::testing::assert_all;

const PEOPLE: &str = "SELECT 1 AS id, 'x' AS Name, named_struct('zip', 10, 'a.b', 2) AS address, make_array(1) AS marks";

#[tokio::test]
async fn mappings_have_two_three_or_four_parts() -> Result<()> {
    let people = frame("SELECT '7' AS a, named_struct('x', '8') AS s").await;
    let two = ApplyMapping::new([("s.x", "x"), ("a", "`b.c`")]).apply(&people)?;
    assert_eq!(shown(&two).await, ["x|b.c", "8|7"]);
    let three = ApplyMapping::new([("a", "a", "int"), ("s", "s", "struct")]).apply(&people)?;
    assert_eq!(shown(&three).await, ["a|s", "7|{x: 8}"]);
    Ok(())
}

#[tokio::test]
async fn a_mapping_casts_as_spark_does() -> Result<()> {
    let texts = frame("SELECT '12.7' AS a, ' yes ' AS b, '2026-1-5' AS c, CAST(-7.5 AS DECIMAL(4,2)) AS d, CAST('1e10' AS DOUBLE) AS e, 'x' AS f").await;
    let mapped = ApplyMapping::new([
        ("a", "a", "int"),
        ("b", "b", "boolean"),
        ("c", "c", "date"),
        ("d", "d", "long"),
        ("e", "e", "string"),
        ("f", "f", "decimal(5,1)"),
    ])
    .apply(&texts)?;
    assert_eq!(shown(&mapped).await, ["a|b|c|d|e|f", "12|true|2026-01-05|-7|1.0E10|NULL"]);
    let nested = frame("SELECT make_array('7.5', 'x') AS a, named_struct('b c', '1') AS s").await;
    let types = [("a", "a", "array<int>"), ("s", "s", "struct<`b c`:long>")];
    let nested = ApplyMapping::new(types).apply(&nested)?;
    assert_eq!(shown(&nested).await, ["a|s", "[7, NULL]|{b c: 1}"]);
    Ok(())
}

#[tokio::test]
async fn of_equal_rows_the_first_by_the_other_columns_stays() -> Result<()> {
    let rows = "SELECT * FROM (VALUES (2, 'b', 'x'), (1, 'b', 'y'), (1, 'a', 'x'), (NULL, 'a', 'z')) t(a, b, c)";
    let distinct = DropDuplicates::new().columns(["b"]).apply(&frame(rows).await)?;
    assert_eq!(shown(&distinct).await, ["a|b|c", "1|b|y", "NULL|a|z"]);
    let nested = format!("SELECT named_struct('b', b) AS s FROM ({rows}) t");
    let distinct = DropDuplicates::new().columns(["s"]).apply(&frame(&nested).await)?;
    assert_eq!(shown(&distinct).await, ["s", "{b: a}", "{b: b}"]);
    Ok(())
}

#[tokio::test]
async fn a_source_of_a_mapping_may_differ_in_case_if_it_is_the_only_one() -> Result<()> {
    let both = frame("SELECT 1 AS `Id`, 2 AS `id`").await;
    let exact = ApplyMapping::new([("id", "a"), ("Id", "b")]).apply(&both)?;
    assert_eq!(shown(&exact).await, ["a|b", "2|1"]);
    assert_eq!(
        told(ApplyMapping::new([("ID", "a")]).apply(&both)),
        "ApplyMapping: several fields are called `ID`, in another case"
    );
    let sensitive = ApplyMapping::new([("NAME", "a")]).case_sensitive(true);
    assert_eq!(
        told(sensitive.apply(&frame("SELECT 1 AS name").await)),
        "ApplyMapping: there is no field `NAME` [did you mean `name`?]"
    );
    Ok(())
}

#[tokio::test]
async fn a_mapping_that_cannot_be_is_told() {
    let people = frame(PEOPLE).await;
    let cases = [
        (
            ("nam", "int", "a", "int"),
            "ApplyMapping: there is no field `nam` [did you mean `name`?]",
        ),
        (("id", "int", "a", "integr"), "ApplyMapping: `integr` is not a type of Glue"),
        (("id", "itn", "a", "int"), "ApplyMapping: `itn` is not a type of Glue"),
        (
            ("marks[]", "int", "a", "int"),
            "ApplyMapping: `marks[]` leads into an array, which this transform does not",
        ),
        (
            ("id.x", "int", "a", "int"),
            "ApplyMapping: `id` is of type long, which has no such fields",
        ),
        (("id", "int", "s", "struct"), "ApplyMapping: `id` is of type long, not struct"),
        (("id", "int", "a.", "int"), "ApplyMapping: `a.` is not a path of fields"),
    ];
    assert_all(cases.map(|(mapping, expected)| {
        let found = told(ApplyMapping::new([mapping]).apply(&people));
        (format!("{mapping:?}"), found, expected.to_owned())
    }));
    for targets in [["a", "a"], ["a", "a.b"], ["a.b", "a"], ["a.b", "a.b"]] {
        let twice = ApplyMapping::new(targets.map(|target| ("id", target))).apply(&people);
        assert!(told(twice).ends_with("is a target twice, or within another one"), "{targets:?}");
    }
    let none: [(&str, &str); 0] = [];
    assert_eq!(told(ApplyMapping::new(none).apply(&people)), "ApplyMapping: there are no mappings");
}

#[tokio::test]
async fn fields_that_are_not_there_are_told() {
    let people = frame(PEOPLE).await;
    let cases = [
        (
            told(SelectFields::new(["address.zip"]).apply(&people)),
            "SelectFields: `address.zip` is not a column but a field within one [ApplyMapping takes fields out of structs; back-ticks quote a name with a dot]",
        ),
        (
            told(SelectFields::new(["ID"]).apply(&people)),
            "SelectFields: there is no field `ID` [did you mean `id`?]",
        ),
        (
            told(DropFields::new(["address.zap"]).apply(&people)),
            "DropFields: there is no field `zap` [did you mean `zip`?]",
        ),
        (
            told(DropFields::new(["id", "name", "address", "marks"]).apply(&people)),
            "DropFields: no columns are left",
        ),
        (
            told(SplitFields::new(["address", "address.zip"], "a", "b").apply(&people)),
            "SplitFields: there is no field `address`",
        ),
        (
            told(RenameField::new("id", "name").apply(&people)),
            "RenameField: there would be two fields `name` [RenameField gives one of them another name]",
        ),
        (
            told(RenameField::new("id", "address.id").apply(&people)),
            "RenameField: `address.id` is in another place than `id` [ApplyMapping moves fields between structs]",
        ),
        (
            told(DropDuplicates::new().columns(["ids"]).apply(&people)),
            "DropDuplicates: there is no field `ids` [did you mean `id`?]",
        ),
        (
            told(FillNulls::new(["id"], "x").apply(&people)),
            "FillNulls: the value is not of the type of `id`",
        ),
        (
            told(SplitRows::new("a", "b").compare("id", "==", 1).apply(&people)),
            "SplitRows: `==` is not a comparison [there are !=, =, <=, <, >= and >]",
        ),
        (told(SplitRows::new("a", "b").apply(&people)), "SplitRows: there are no comparisons"),
    ];
    assert_all(
        cases
            .into_iter()
            .enumerate()
            .map(|(n, (found, expected))| (n.to_string(), found, expected.to_owned())),
    );
}

#[tokio::test]
async fn a_field_becomes_a_column_and_an_empty_struct_goes() -> Result<()> {
    let people = frame("SELECT 1 AS id, named_struct('zip', 10) AS address").await;
    let moved = RenameField::new("address.zip", "zip").apply(&people)?;
    assert_eq!(shown(&moved).await, ["id|zip", "1|10"]);
    Ok(())
}

#[tokio::test]
async fn splitting_off_a_field_of_a_struct_leaves_the_others() -> Result<()> {
    let split = SplitFields::new(["address.zip", "id"], "a", "b").apply(&frame(PEOPLE).await)?;
    assert_eq!(shown(&split.values()[0]).await, ["address.zip|id", "10|1"]);
    assert_eq!(shown(&split.values()[1]).await, ["name|address|marks", "x|{a.b: 2}|[1]"]);
    Ok(())
}

#[tokio::test]
async fn a_frame_has_each_name_once_and_no_tables() -> Result<()> {
    let twice =
        session().sql("SELECT * FROM (SELECT 1 AS a) x CROSS JOIN (SELECT 2 AS a) y").await?;
    assert_eq!(
        told(Frame::new(twice, "f")),
        "DynamicFrame: there are two columns `a` [give one of them another name with AS]"
    );
    let qualified =
        frame("SELECT x.a, y.b FROM (SELECT 1 AS a) x CROSS JOIN (SELECT 2 AS b) y").await;
    assert!(qualified.to_df().schema().iter().all(|(table, _)| table.is_none()));
    Ok(())
}

#[tokio::test]
async fn comparisons_split_rows_and_null_is_with_the_others() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (1), (2), (3), (NULL)) t(n)").await;
    for (operator, chosen, others) in [
        ("=", "2", "1,3,NULL"),
        ("!=", "1,3", "2,NULL"),
        ("<", "1", "2,3,NULL"),
        ("<=", "1,2", "3,NULL"),
        (">", "3", "1,2,NULL"),
        (">=", "2,3", "1,NULL"),
    ] {
        let split = SplitRows::new("a", "b").compare("n", operator, 2).apply(&rows)?;
        assert_eq!(shown(&split.values()[0]).await[1..].join(","), chosen, "{operator}");
        assert_eq!(shown(&split.values()[1]).await[1..].join(","), others, "{operator}");
    }
    let nested =
        SplitRows::new("a", "b").compare("address.zip", "=", 10).apply(&frame(PEOPLE).await)?;
    assert_eq!(nested.values()[0].to_df().count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn each_function_of_an_aggregate_gives_what_spark_gives() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (2), (4), (4), (10), (NULL)) t(x)").await;
    // By the definitions of Spark's functions.
    for (name, column, value) in [
        ("avg", "avg(x)", 5.0),
        ("countDistinct", "count(DISTINCT x)", 3.0),
        ("count", "count(x)", 4.0),
        ("kurtosis", "kurtosis(x)", 177.0 / 81.0 - 3.0),
        ("max", "max(x)", 10.0),
        ("min", "min(x)", 2.0),
        ("skewness", "skewness(x)", 24.0 / 27.0),
        ("stddev_samp", "stddev_samp(x)", 12.0_f64.sqrt()),
        ("stddev_pop", "stddev_pop(x)", 3.0),
        ("sum", "sum(x)", 20.0),
        ("sumDistinct", "sum(DISTINCT x)", 16.0),
        ("var_samp", "var_samp(x)", 12.0),
        ("var_pop", "var_pop(x)", 9.0),
    ] {
        let none: [&str; 0] = [];
        let result = Aggregate::new(none, [("x", name.parse()?)]).apply(&rows)?;
        let found = shown(&result).await;
        assert_eq!(found[0], column);
        let value_found: f64 = found[1].parse().unwrap();
        assert!((value_found - value).abs() < 1e-9, "{name}: {value_found} instead of {value}");
    }
    Ok(())
}

#[tokio::test]
async fn moments_are_those_of_the_group_and_null_without_spread() -> Result<()> {
    let rows = frame(
        "SELECT * FROM (VALUES ('a', 1000000000.0), ('a', 1000000001.0), ('a', 1000000004.0), ('b', 5.0), ('b', 5.0)) t(g, x)",
    )
    .await;
    let skewness = Aggregate::new(["g"], [("x", AggFunc::Skewness)]).apply(&rows)?;
    let found = shown(&skewness).await;
    let of_a: f64 = found[1].strip_prefix("a|").unwrap().parse().unwrap();
    // That of 0, 1 and 4: no digits are lost to the size of the values.
    assert!((of_a - 0.528_004_979).abs() < 1e-6, "{of_a}");
    assert_eq!(found[2], "b|NULL");
    Ok(())
}

#[tokio::test]
async fn first_and_last_are_values_of_the_group() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES (3)) t(x)").await;
    let none: [&str; 0] = [];
    let both =
        Aggregate::new(none, [("x", "first".parse()?), ("x", "last".parse()?)]).apply(&rows)?;
    assert_eq!(shown(&both).await, ["first(x)|last(x)", "3|3"]);
    assert_eq!(told("median".parse::<AggFunc>()), "Aggregate: `median` is not a function of it");
    let twice = Aggregate::new(none, [("x", AggFunc::Sum), ("x", AggFunc::Sum)]).apply(&rows);
    assert_eq!(
        told(twice),
        "Aggregate: there would be two fields `sum(x)` [RenameField gives one of them another name]"
    );
    Ok(())
}

#[tokio::test]
async fn a_sample_is_bounded_by_its_options() -> Result<()> {
    let rows = frame("SELECT unnest(range(0, 1000)) AS n").await;
    let store = Arc::new(InMemory::new());
    let path = Path::from("s.json");
    let lines = async |spigot: Spigot| -> Result<usize> {
        spigot.apply(&rows).await?;
        let bytes = store.get(&path).await?.bytes().await?;
        Ok(bytes.iter().filter(|byte| **byte == b'\n').count())
    };
    let spigot = Spigot::new(Arc::clone(&store) as _, path.clone());
    assert_eq!(lines(spigot.clone()).await?, 100);
    assert_eq!(lines(spigot.clone().topk(2000)).await?, 1000);
    assert_eq!(lines(spigot.clone().prob(0.0)).await?, 0);
    // Of 1000 rows: 2.7 standard deviations would be 43.
    let half = lines(spigot.clone().topk(2000).prob(0.5)).await?;
    assert!((350..650).contains(&half), "{half}");
    let wrong = spigot.prob(f64::NAN).apply(&rows).await;
    assert_eq!(told(wrong), "Spigot: `prob` is not between 0 and 1");
    Ok(())
}

#[tokio::test]
async fn nothing_is_kept_of_a_missing_frame_of_an_empty_collection() -> Result<()> {
    let empty = SelectFromCollection::by_index(0).apply(&FrameCollection::default())?;
    assert_eq!(empty.to_df().count().await?, 0);
    assert_eq!(empty.name(), "0");
    Ok(())
}

#[tokio::test]
async fn two_results_of_one_name_are_refused() -> Result<()> {
    let rows = frame("SELECT make_array(1) AS a").await;
    let both = FrameCollection::new([rows.clone().with_name("x"), rows.with_name("y")]);
    assert_eq!(
        told(FlatMap::new(Relationalize::default()).apply(&both)),
        "FlatMap: two results are called `roottable` [apply the transform to each frame, with a name for each]"
    );
    Ok(())
}

#[tokio::test]
async fn a_condition_that_is_no_boolean_is_told_when_it_is_planned() {
    let refused = Filter::new(lit("x")).apply(&frame(PEOPLE).await);
    assert!(refused.is_err());
}
