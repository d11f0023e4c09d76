//! `ResolveChoice`, `DropNullFields` and `Unbox`.

use super::super::{frame, shown, told};
use crate::glue::*;
use crate::testing::assert_all;

const CHOICE: &str = "SELECT 1 AS id, named_struct('c', named_struct('int', 5, 'string', CAST(NULL AS STRING))) AS s,
    make_array(named_struct('int', 6, 'string', CAST(NULL AS STRING)), named_struct('int', CAST(NULL AS INT), 'string', 'x')) AS a";

/// Integers of SQL literals are long.
async fn choice() -> Frame {
    let sql = CHOICE.replace("5", "CAST(5 AS INT)").replace("6", "CAST(6 AS INT)");
    frame(&sql).await
}

#[tokio::test]
async fn one_action_resolves_all_choices_however_deep() -> Result<()> {
    let resolved = ResolveChoice::choice("cast:string").apply(&choice().await)?;
    assert_eq!(shown(&resolved).await, ["id|s|a", "1|{c: 5}|[6, x]"]);
    let projected = ResolveChoice::choice("project:int").apply(&choice().await)?;
    assert_eq!(shown(&projected).await, ["id|s|a", "1|{c: 5}|[6, NULL]"]);
    let none_is_double = ResolveChoice::choice("project:double").apply(&choice().await)?;
    assert_eq!(shown(&none_is_double).await, ["id|s|a", "1|{c: NULL}|[NULL, NULL]"]);
    Ok(())
}

#[tokio::test]
async fn a_choice_in_a_struct_becomes_fields_of_the_struct() -> Result<()> {
    let resolved =
        ResolveChoice::specs([("s.c", "make_cols"), ("a[]", "cast:int")]).apply(&choice().await)?;
    assert_eq!(shown(&resolved).await, ["id|s|a", "1|{c_int: 5, c_string: NULL}|[6, NULL]"]);
    Ok(())
}

#[tokio::test]
async fn every_column_can_be_cast_and_elements_of_arrays_too() -> Result<()> {
    let rows = frame("SELECT '7' AS n, make_array(named_struct('price', '1.5'), named_struct('price', '$1')) AS list").await;
    let cast =
        ResolveChoice::specs([("n", "cast:long"), ("list[].price", "cast:double")]).apply(&rows)?;
    assert_eq!(shown(&cast).await, ["n|list", "7|[{price: 1.5}, {price: NULL}]"]);
    Ok(())
}

#[tokio::test]
async fn text_is_of_the_first_type_that_it_can_be_cast_to() -> Result<()> {
    let rows = frame("SELECT * FROM (VALUES ('7'), ('7.5'), ('x'), ('')) t(n)").await;
    let resolved =
        ResolveChoice::specs([("n", "make_cols")]).text_of("n", ["int", "double"]).apply(&rows)?;
    assert_eq!(
        shown(&resolved).await,
        ["n_int|n_double", "7|NULL", "NULL|7.5", "NULL|NULL", "NULL|NULL"]
    );
    Ok(())
}

#[tokio::test]
async fn an_action_that_cannot_be_is_told() {
    let rows = frame("SELECT 1 AS n").await;
    let spec = |action: &str| told(ResolveChoice::specs([("n", action)]).apply(&rows));
    let cases = [
        (spec("cast:strng"), "ResolveChoice: `strng` is not a type of Glue"),
        (spec("cast:struct"), "ResolveChoice: `struct` does not say what is in it"),
        (
            spec("drop"),
            "ResolveChoice: `drop` is not an action [there are cast:type, project:type, make_cols and make_struct]",
        ),
        (
            spec("project:string"),
            "ResolveChoice: all values of `n` are of type long, so that none would be left [cast: keeps the values]",
        ),
        (spec("project:long"), "nothing is wrong"),
        (
            told(ResolveChoice::choice("match_catalog").apply(&rows)),
            "ResolveChoice: there is no catalog for `match_catalog` [name the columns with specs, such as (\"id\", \"cast:long\")]",
        ),
        (
            told(ResolveChoice::default().apply(&rows)),
            "ResolveChoice: there are neither specs nor a choice",
        ),
        (
            told(ResolveChoice::choice("make_cols").text_of("n", ["int"]).apply(&rows)),
            "ResolveChoice: `n` is not a text",
        ),
        (
            told(ResolveChoice::specs([("a[]", "make_cols")]).apply(&choice().await)),
            "ResolveChoice: the elements of `a` cannot become several columns",
        ),
    ];
    assert_all(
        cases
            .into_iter()
            .enumerate()
            .map(|(n, (found, expected))| (n.to_string(), found, expected.to_owned())),
    );
}

#[tokio::test]
async fn columns_without_a_type_go_from_structs_and_arrays_too() -> Result<()> {
    let rows = frame(
        "SELECT 1 AS id, NULL AS a, named_struct('x', NULL, 'y', 2) AS s, named_struct('x', NULL) AS only,
            make_array(named_struct('x', NULL, 'y', 3)) AS list",
    )
    .await;
    let dropped = DropNullFields::new().apply(&rows)?;
    assert_eq!(shown(&dropped).await, ["id|s|list", "1|{y: 2}|[{y: 3}]"]);
    Ok(())
}

#[tokio::test]
async fn columns_go_in_which_all_values_count_as_null() -> Result<()> {
    let rows = frame(
        "SELECT * FROM (VALUES ('', 'N/A', -1, NULL), (NULL, 'N/A', 0, NULL)) t(empty, na, one, nothing)",
    )
    .await;
    let rows = ApplyMapping::new([
        ("empty", "empty"),
        ("na", "na"),
        ("one", "s.one"),
        ("nothing", "s.nothing"),
        ("one", "id"),
    ])
    .apply(&rows)?;
    let plain = DropNullFields::new().apply_to_data(&rows).await?;
    assert_eq!(shown(&plain).await[0..2], ["empty|na|s|id", "NULL|N/A|{one: 0}|0"]);
    let all = DropNullFields::new()
        .is_empty(true)
        .is_neg_one(true)
        .null_text("N/A", "string")
        .null_text("0", "long");
    let refused = all.clone().apply_to_data(&SelectFields::new(["na"]).apply(&rows)?).await;
    assert_eq!(told(refused), "DropNullFields: no columns are left");
    let number = DropNullFields::new().null_text("0", "long").apply_to_data(&rows).await?;
    assert_eq!(shown(&number).await[0], "empty|na|s|id");
    let text = all.apply_to_data(&rows).await;
    assert_eq!(told(text), "DropNullFields: no columns are left");
    let wrong = DropNullFields::new().null_text("x", "array").apply_to_data(&rows).await;
    assert_eq!(told(wrong), "DropNullFields: values of type `array` cannot count as NULL");
    Ok(())
}

#[tokio::test]
async fn a_frame_without_rows_keeps_its_columns() -> Result<()> {
    let none = frame("SELECT 1 AS id, 'x' AS name WHERE false").await;
    assert_eq!(shown(&DropNullFields::new().apply_to_data(&none).await?).await, ["id|name"]);
    Ok(())
}

#[tokio::test]
async fn json_is_unboxed_by_its_schema() -> Result<()> {
    let rows = |json: &str| format!("SELECT {json} AS j");
    for (json, schema, expected) in [
        ("NULL", "struct<a:int>", "NULL"),
        ("'null'", "struct<a:int>", "NULL"),
        ("'{}'", "struct<a:int>", "{a: NULL}"),
        ("'{\"a\": 1, \"b\": 2}'", "struct<a:int>", "{a: 1}"),
        ("'{\"a\": 1}'", "struct<a:string>", "{a: 1}"),
        ("'{\"a\": \"2026-01-02\"}'", "struct<a:date>", "{a: 2026-01-02}"),
        ("'[1, null]'", "array<int>", "[1, NULL]"),
        ("'{\"a\": {\"b\": [true]}}'", "struct<a:struct<b:array<boolean>>>", "{a: {b: [true]}}"),
        ("'{\"x\": 1, \"y\": 2}'", "map<string,int>", "{x: 1, y: 2}"),
    ] {
        let row = frame(&rows(&format!("CAST({json} AS STRING)"))).await;
        let unboxed = Unbox::new("j", "json").with_schema(schema).apply(&row)?;
        assert_eq!(shown(&unboxed).await, ["j", expected], "{json}");
    }
    for (json, schema) in [
        ("''", "struct<a:int>"),
        ("'{\"a\": 1'", "struct<a:int>"),
        ("'[1]'", "struct<a:int>"),
        ("'{\"a\": {}}'", "struct<a:int>"),
        ("'{\"a\": \"one\"}'", "struct<a:int>"),
    ] {
        let unboxed =
            Unbox::new("j", "json").with_schema(schema).apply(&frame(&rows(json)).await)?;
        assert_eq!(shown(&unboxed).await, ["j"], "{json}");
        assert_eq!(unboxed.errors_count().await?, 1, "{json}");
    }
    Ok(())
}

#[tokio::test]
async fn csv_is_unboxed_by_place_or_by_header() -> Result<()> {
    let row = |text: &str| format!("SELECT 1 AS id, named_struct('t', '{text}') AS s");
    let unbox = || Unbox::new("s.t", "csv").with_schema("struct<a:int,b:string>");
    for (unbox, text, expected) in [
        (unbox(), "7,x", "{t: {a: 7, b: x}}"),
        (unbox(), "seven,", "{t: {a: NULL, b: NULL}}"),
        (unbox(), "7,\"x, y\"", "{t: {a: 7, b: x, y}}"),
        (unbox().separator(b'|'), "7|x", "{t: {a: 7, b: x}}"),
        (unbox().escaper(b'\\'), "7,\"x \\\" y\"", "{t: {a: 7, b: x \" y}}"),
        (unbox().skip_first(true), "no,record\n7,x", "{t: {a: 7, b: x}}"),
        (unbox().with_header(true), "b,c,a\nx,y,7", "{t: {a: 7, b: x}}"),
        (unbox().with_header(true), "b\nx", "{t: {a: NULL, b: x}}"),
        (unbox(), "7,x\n8,y", "{t: {a: 7, b: x}}"),
    ] {
        let unboxed = unbox.apply(&frame(&row(text)).await)?;
        assert_eq!(shown(&unboxed).await, ["id|s".to_owned(), format!("1|{expected}")], "{text}");
    }
    for text in ["7", "7,x,y", ""] {
        let unboxed = unbox().apply(&frame(&row(text)).await)?;
        assert_eq!(unboxed.errors_count().await?, 1, "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_unboxed_is_told() {
    let rows = frame("SELECT 1 AS n, 'x' AS t").await;
    let cases = [
        (
            told(Unbox::new("t", "json").apply(&rows)),
            "Unbox: the schema of `t` is not told [give it with with_schema, such as struct<name:string,age:int>]",
        ),
        (
            told(Unbox::new("n", "json").with_schema("struct<a:int>").apply(&rows)),
            "Unbox: `n` is not a text",
        ),
        (
            told(Unbox::new("t", "avro").with_schema("struct<a:int>").apply(&rows)),
            "Unbox: the format `avro` is not read [there are json and csv]",
        ),
        (
            told(Unbox::new("t", "csv").with_schema("int").apply(&rows)),
            "Unbox: the schema of CSV is not a struct",
        ),
        (
            told(Unbox::new("t", "json").with_schema("{}").apply(&rows)),
            "Unbox: the schema is not what `StructType.json()` gives",
        ),
    ];
    assert_all(
        cases
            .into_iter()
            .enumerate()
            .map(|(n, (found, expected))| (n.to_string(), found, expected.to_owned())),
    );
}
