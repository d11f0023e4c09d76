//! Nodes that transform.

use super::*;

#[tokio::test]
async fn a_mapping_casts_renames_and_leaves_out() {
    let made = chain("ApplyMapping", json!({ "Mapping": [
        { "ToKey": "kind", "FromPath": ["op"], "FromType": "string", "ToType": "string" },
        { "ToKey": "id", "FromPath": ["ID"], "FromType": "long", "ToType": "bigint" },
        { "ToKey": "(right)title", "FromPath": ["title"], "FromType": "string", "ToType": "string" },
        { "ToKey": "Sold", "FromPath": ["sold"], "FromType": "int", "ToType": "decimal(12,2)" },
        { "ToKey": "live", "FromPath": ["live"], "FromType": "boolean", "ToType": "string" },
        { "ToKey": "day", "FromPath": ["day"], "FromType": "date", "ToType": "date", "Dropped": true },
    ] }))
    .await;
    insta::assert_snapshot!(carried(&made), @r"
    SELECT
        id,
        title AS `(right)title`,
        CAST(sold AS DECIMAL(12,2)) AS sold,
        CAST(live AS STRING) AS live
    FROM songs_staged
    ");
    assert_eq!(outcome(&made, "n").1, "op is DMS's operation and is left out: a run applies it");
}

#[tokio::test]
async fn a_mapping_descends_into_structures_and_makes_them() {
    let sql = json!({ "SparkSQL": { "Name": "S", "Inputs": ["a"], "SqlAliases": [],
        "SqlQuery": "SELECT id, named_struct('x', sold, 'y', title) AS s FROM songs_staged" } });
    let mapping = json!({ "ApplyMapping": { "Name": "M", "Inputs": ["s"], "Mapping": [
        { "ToKey": "x", "FromPath": ["s", "x"], "FromType": "int", "ToType": "long" },
        { "ToKey": "again", "FromPath": ["s"], "FromType": "struct", "ToType": "struct", "Children": [
            { "ToKey": "one", "FromPath": ["s", "y"], "FromType": "string", "ToType": "string" },
            { "ToKey": "two", "FromPath": ["id"], "FromType": "long", "ToType": "string" },
        ] },
    ] } });
    let nodes = json!({ "a": songs(), "s": sql, "n": mapping, "t": target("n", "t") });
    let made = made_with(&nodes, &[]).await;
    insta::assert_snapshot!(carried(&made), @r"
    SELECT
        CAST(s.x AS BIGINT) AS x,
        named_struct('one', s.y, 'two', CAST(id AS STRING)) AS again
    FROM _s
    ");
}

#[tokio::test]
async fn a_mapping_that_leaves_nothing_or_casts_to_no_value_is_to_be_written() {
    let op =
        json!([{ "ToKey": "op", "FromPath": ["Op"], "FromType": "string", "ToType": "string" }]);
    assert!(by_hand(&chain("ApplyMapping", json!({ "Mapping": op })).await).contains("no column"));
    let array =
        json!([{ "ToKey": "a", "FromPath": ["id"], "FromType": "long", "ToType": "array" }]);
    assert!(
        by_hand(&chain("ApplyMapping", json!({ "Mapping": array })).await)
            .contains("cast id to array")
    );
    let gone =
        json!([{ "ToKey": "a", "FromPath": ["nope"], "FromType": "long", "ToType": "long" }]);
    let notes = by_hand(&chain("ApplyMapping", json!({ "Mapping": gone })).await);
    assert!(notes.starts_with("this SQL is not read here: there is no column `nope`"), "{notes}");
}

#[tokio::test]
async fn columns_are_selected_dropped_and_renamed_by_name() {
    let paths = json!({ "Paths": [["day"], ["title"], ["nope"]] });
    let made = chain("SelectFields", paths.clone()).await;
    assert_eq!(carried(&made), "SELECT\n    day,\n    title\nFROM songs_staged\n");
    assert_eq!(outcome(&made, "n").1, "there is no column nope, which Glue passes over too");
    let made = chain("DropFields", paths).await;
    assert_eq!(carried(&made), "SELECT\n    id,\n    sold,\n    live\nFROM songs_staged\n");
    let made = chain("DropFields", json!({ "Paths": [["Op"]] })).await;
    assert_eq!(carried(&made), "SELECT *\nFROM songs_staged\n");
    let made =
        chain("RenameField", json!({ "SourcePath": ["sold"], "TargetPath": ["Pieces"] })).await;
    insta::assert_snapshot!(carried(&made), @r"
    SELECT
        id,
        title,
        sold AS pieces,
        live,
        day
    FROM songs_staged
    ");
    let nested = json!({ "SourcePath": ["a", "b"], "TargetPath": ["a", "c"] });
    assert_eq!(by_hand(&chain("RenameField", nested).await), "rename a.b to a.c");
    assert!(
        by_hand(&chain("SelectFields", json!({ "Paths": [["op"]] })).await).contains("no column")
    );
}

#[tokio::test]
async fn behind_sql_that_is_not_read_columns_are_left_out_by_name() {
    let sql = json!({ "SparkSQL": { "Name": "S", "Inputs": ["a"], "SqlQuery": "SELECT no_such_function(id) FROM songs", "SqlAliases": [{ "From": "a", "Alias": "songs" }] } });
    let drop = json!({ "DropFields": { "Name": "D", "Inputs": ["s"], "Paths": [["A"], ["b c"]] } });
    let rename = json!({ "RenameField": { "Name": "R", "Inputs": ["d"], "SourcePath": "x", "TargetPath": "y" } });
    let nodes = json!({ "a": songs(), "s": sql, "d": drop, "r": rename, "t": target("r", "t") });
    let made = made_with(&nodes, &[]).await;
    assert_eq!(text(&made, "_d.sql"), "SELECT * EXCEPT (a, `b c`)\nFROM _s\n");
    assert_eq!(text(&made, "t.sql"), "SELECT\n    * EXCEPT (x),\n    x AS y\nFROM _d\n");
    let (at, notes) = outcome(&made, "s");
    assert_eq!(at, Outcome::ToBeWritten);
    assert!(notes.contains("this SQL is not read here"), "{notes}");
}

fn keys(left: &str, right: &str) -> Value {
    json!([{ "From": "a", "Keys": [[left]] }, { "From": "b", "Keys": [[right]] }])
}

#[tokio::test]
async fn a_join_keeps_all_columns_of_both_sides() {
    for (kind, keyword, columns) in [
        ("equijoin", "JOIN", true),
        ("left", "LEFT JOIN", true),
        ("right", "RIGHT JOIN", true),
        ("outer", "FULL OUTER JOIN", true),
        ("leftsemi", "LEFT SEMI JOIN", false),
        ("leftanti", "LEFT ANTI JOIN", false),
    ] {
        let made = two("Join", json!({ "JoinType": kind, "Columns": keys("Title", "city") })).await;
        let columns = if columns {
            "l.*, r.id AS `(right)id`, r.title AS `(right)title`, r.city"
        } else {
            "l.*"
        };
        let sql = format!(
            "SELECT {columns}\nFROM songs_staged AS l\n{keyword} labels_staged AS r\n    ON l.title = r.city\n"
        );
        assert_eq!(carried(&made), sql);
    }
    let swapped = json!([{ "From": "b", "Keys": [["city"], ["id"]] }, { "From": "a", "Keys": [["title"], ["id"]] }]);
    let made = two("Join", json!({ "JoinType": "leftsemi", "Columns": swapped })).await;
    assert!(carried(&made).ends_with("ON l.title = r.city\n    AND l.id = r.id\n"), "{made:?}");
    assert!(
        by_hand(&two("Join", json!({ "JoinType": "cross", "Columns": keys("id", "id") })).await)
            .contains("of type cross")
    );
    assert!(
        by_hand(&two("Join", json!({ "JoinType": "left", "Columns": keys("op", "id") })).await)
            .contains("operation")
    );
    by_hand(&two("Join", json!({ "JoinType": "left", "Columns": [] })).await);
}

#[tokio::test]
async fn sql_stays_as_it_is_behind_the_names_of_its_inputs() {
    let query = "-- mine\n/* with */ WITH big AS (SELECT * FROM MySongs WHERE sold > 5)\nSELECT b.id, l.city FROM big b JOIN labels_staged l ON l.id = b.id;\n";
    let aliases =
        json!([{ "From": "a", "Alias": "MySongs" }, { "From": "b", "Alias": "Labels_Staged" }]);
    let made = two("SparkSQL", json!({ "SqlQuery": query, "SqlAliases": aliases })).await;
    insta::assert_snapshot!(carried(&made), @r"
    -- mine
    /* with */ WITH mysongs AS (
        SELECT * FROM songs_staged
    ),
    big AS (SELECT * FROM MySongs WHERE sold > 5)
    SELECT b.id, l.city FROM big b JOIN labels_staged l ON l.id = b.id
    ");
    let aliases = json!([{ "From": "a", "Alias": "order" }]);
    let made = chain(
        "SparkSQL",
        json!({ "SqlQuery": "select title from `order`", "SqlAliases": aliases }),
    )
    .await;
    assert_eq!(
        carried(&made),
        "WITH `order` AS (\n    SELECT * FROM songs_staged\n)\nselect title from `order`\n"
    );
    assert_eq!(outcome(&made, "n").0, Outcome::Carried);
}

#[tokio::test]
async fn sql_that_is_not_read_here_is_told_with_its_place() {
    let aliases = json!([{ "From": "a", "Alias": "s" }]);
    let of_op = json!({ "SqlQuery": "select id\nfrom s\nwhere op <> 'D'", "SqlAliases": aliases });
    let made = chain("SparkSQL", of_op).await;
    let notes = by_hand(&made);
    assert!(
        notes.contains("there is no column `op`") && notes.contains("take it out of the SQL"),
        "{notes}"
    );
    let node = made.nodes.iter().find(|node| node.id == "n").unwrap();
    assert_eq!((node.file.as_str(), node.line), ("t.sql", 7));
    let unknown = json!({ "SqlQuery": "select 1", "SqlAliases": [{ "From": "z", "Alias": "s" }] });
    assert!(by_hand(&chain("SparkSQL", unknown).await).contains("reads s, which is no input"));
    let open = json!({ "SqlQuery": "select id from s where sold > ${MIN}", "SqlAliases": aliases });
    let made = chain("SparkSQL", open).await;
    assert!(outcome(&made, "n").1.contains("variables have no value: MIN"), "{made:?}");
}

#[tokio::test]
async fn groups_have_the_names_of_spark() {
    let made = chain(
        "Aggregate",
        json!({ "Groups": [["live"], ["day"]], "Aggs": [
        { "Column": ["Sold"], "AggFunc": "sum" }, { "Column": ["id"], "AggFunc": "countDistinct" },
        { "Column": ["title"], "AggFunc": "max" },
    ] }),
    )
    .await;
    insta::assert_snapshot!(carried(&made), @r"
    SELECT
        live,
        day,
        sum(sold) AS `sum(sold)`,
        count(DISTINCT id) AS `count(DISTINCT id)`,
        max(title) AS `max(title)`
    FROM songs_staged
    GROUP BY live, day
    ");
    let whole = chain(
        "Aggregate",
        json!({ "Groups": [], "Aggs": [{ "Column": "id", "AggFunc": "COUNT" }] }),
    )
    .await;
    assert_eq!(carried(&whole), "SELECT\n    count(id) AS `count(id)`\nFROM songs_staged\n");
    by_hand(
        &chain(
            "Aggregate",
            json!({ "Groups": [["op"]], "Aggs": [{ "Column": "id", "AggFunc": "count" }] }),
        )
        .await,
    );
    by_hand(
        &chain(
            "Aggregate",
            json!({ "Groups": [], "Aggs": [{ "Column": "id", "AggFunc": "mode" }] }),
        )
        .await,
    );
}

#[tokio::test]
async fn of_duplicates_one_row_stays_that_all_runs_agree_on() {
    let made = chain("DropDuplicates", json!({})).await;
    assert_eq!(carried(&made), "SELECT DISTINCT *\nFROM songs_staged\n");
    let made = chain("DropDuplicates", json!({ "Columns": [["title"], ["op"]] })).await;
    insta::assert_snapshot!(carried(&made), @r"
    SELECT
        id,
        title,
        sold,
        live,
        day
    FROM (
        SELECT *, row_number() OVER (PARTITION BY title ORDER BY id, sold, live, day) AS row_of_key
        FROM songs_staged
    ) AS numbered
    WHERE row_of_key = 1
    ");
}

#[tokio::test]
async fn unions_go_by_the_places_of_columns() {
    let select = |id: &str, input: &str, paths: Value| json!({ "SelectFields": { "Name": id, "Inputs": [input], "Paths": paths } });
    for (kind, word) in [("ALL", "UNION ALL"), ("DISTINCT", "UNION")] {
        let nodes = json!({
            "a": songs(), "b": select("b", "a", json!(["id", "title"])), "c": select("c", "a", json!(["id", "title"])),
            "n": { "Union": { "Name": "U", "Inputs": ["b", "c"], "UnionType": kind } }, "t": target("n", "t"),
        });
        let made = made_with(&nodes, &[]).await;
        assert_eq!(carried(&made), format!("SELECT * FROM _b\n{word}\nSELECT * FROM _c\n"));
    }
}

#[tokio::test]
async fn a_merge_replaces_rows_by_those_of_the_staging_frame() {
    let select =
        json!({ "SelectFields": { "Name": "Old", "Inputs": ["a"], "Paths": ["title", "id"] } });
    let labels = source("labels", &[("id", "bigint"), ("title", "string")]);
    for source in ["o", "b"] {
        let nodes = json!({
            "a": songs(), "o": select, "b": labels, "t": target("n", "t"),
            "n": { "Merge": { "Name": "M", "Inputs": ["o", "b"], "Source": source, "PrimaryKeys": [["id"]] } },
        });
        let made = made_with(&nodes, &[]).await;
        let (old, new, columns) = if source == "o" {
            ("_old", "labels_staged", ["title", "id"])
        } else {
            ("labels_staged", "_old", ["id", "title"])
        };
        let [x, y] = columns;
        let sql = format!(
            "SELECT {x}, {y}\nFROM {new}\nUNION ALL\nSELECT old.{x}, old.{y}\nFROM {old} AS old\nLEFT ANTI JOIN {new} AS new\n    ON old.id = new.id\n"
        );
        assert_eq!(carried(&made), sql);
    }
    let other = two("Merge", json!({ "Source": "a", "PrimaryKeys": [["id"]] })).await;
    assert!(by_hand(&other).contains("the same columns"));
}

#[tokio::test]
async fn a_collection_is_a_file_for_each_frame_that_is_taken() {
    let take = |index: u64| json!({ "SelectFromCollection": { "Name": format!("Take {index}"), "Inputs": ["s"], "Index": index } });
    let nodes = json!({
        "a": songs(), "s": { "SplitFields": { "Name": "Split", "Inputs": ["a"], "Paths": [["id"], ["op"]] } },
        "x": take(0), "n": take(1), "z": take(7), "u": target("x", "u"), "t": target("n", "t"), "v": target("z", "v"),
    });
    let made = made_with(&nodes, &[]).await;
    assert_eq!(text(&made, "_split.sql"), "SELECT\n    id\nFROM songs_staged\n");
    assert_eq!(
        text(&made, "_split_rest.sql"),
        "SELECT\n    title,\n    sold,\n    live,\n    day\nFROM songs_staged\n"
    );
    assert_eq!(text(&made, "u.sql"), "SELECT *\nFROM _split\n");
    assert_eq!(carried(&made), "SELECT *\nFROM _split_rest\n");
    let (at, notes) = outcome(&made, "z");
    assert_eq!(at, Outcome::ToBeWritten);
    assert!(notes.contains("not carried"), "{notes}");
}

#[tokio::test]
async fn rows_pass_nodes_that_only_look_at_them_and_this_is_said() {
    for (kind, fields, said) in [
        (
            "Spigot",
            json!({ "Path": "s3://b/sample/" }),
            "the sample that the node writes to s3://b/sample/",
        ),
        ("DropNullFields", json!({}), "columns that are NULL in every row"),
        (
            "EvaluateDataQuality",
            json!({ "Ruleset": "Rules = [ RowCount > 0 ]", "Output": "PrimaryInput" }),
            "its rules are in t.dqdl",
        ),
    ] {
        let made = chain(kind, fields).await;
        assert!(carried(&made).ends_with("FROM songs_staged\n"), "{kind}");
        let (at, notes) = outcome(&made, "n");
        assert_eq!(at, Outcome::Noted, "{kind}");
        assert!(notes.contains(said), "{notes}");
    }
}

#[tokio::test]
async fn what_cannot_be_carried_is_a_select_that_fails_with_what_to_write() {
    let code = json!({ "ClassName": "X", "Code": "a = 1\n${HOME}" });
    let made = chain("CustomCode", code).await;
    by_hand(&made);
    insta::assert_snapshot!(text(&made, "t.sql"), @r"
    -- To be written: write in SQL what this Python does.
    -- It reads songs_staged.
    --   a = 1
    --   $${HOME}
    SELECT *
    FROM write_this_model
    ");
    for (kind, fields, said) in [
        ("FillMissingValues", json!({ "ImputedPath": "sold" }), "coalesce(sold, …) AS sold_filled"),
        (
            "DynamicTransform",
            json!({ "TransformName": "gs_uuid", "FunctionName": "f", "Path": "p" }),
            "gs_uuid",
        ),
        ("Route", json!({ "GroupFiltersList": [] }), "each group"),
        ("PIIDetection", json!({ "PiiType": "RowMasking" }), "personal data"),
        ("Recipe", json!({}), "DataBrew"),
        ("SomethingNew", json!({}), "kind SomethingNew"),
        (
            "EvaluateDataQuality",
            json!({ "Ruleset": "x", "Output": "EvaluationResults" }),
            "results of its rules",
        ),
    ] {
        let notes = by_hand(&chain(kind, fields).await);
        assert!(notes.contains(said), "{kind}: {notes}");
    }
}

#[tokio::test]
async fn what_reads_a_node_that_is_to_be_written_is_written_all_the_same() {
    let custom = json!({ "CustomCode": { "Name": "C", "Inputs": ["a"], "Code": "x", "OutputSchemas": [{ "Columns": [{ "Name": "k", "Type": "int" }, { "Name": "v", "Type": "int" }] }] } });
    let take = json!({ "SelectFromCollection": { "Name": "Take", "Inputs": ["c"], "Index": 0 } });
    let drop = json!({ "DropFields": { "Name": "D", "Inputs": ["f"], "Paths": [["v"]] } });
    let nodes = json!({ "a": songs(), "c": custom, "f": take, "n": drop, "t": target("n", "t") });
    let made = made_with(&nodes, &[]).await;
    assert_eq!(text(&made, "_take.sql"), "SELECT *\nFROM _c\n");
    let (at, notes) = outcome(&made, "n");
    assert_eq!(at, Outcome::Noted);
    assert!(notes.contains("not planned yet"), "{notes}");
}
