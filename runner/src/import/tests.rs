//! What each kind of node becomes: the whole way from JSON to the text of a file.

mod filters;
mod quality;
mod sources;
mod transforms;

use ::transforms::session::session_state;
use serde_json::{Value, json};

use super::make::{Made, make};
use super::planner::Planner;
use super::report::Outcome;
use super::request::Key;
use super::{document, job_toml};

/// Makes a job of nodes, with keys for its sources.
async fn made_with(nodes: &Value, keys: &[&str]) -> Made {
    let state = session_state(::transforms::sql::Dialect::Spark, 1, std::sync::Arc::default());
    let no_variables = |_: &str| None;
    let keys: Vec<Key> = keys.iter().map(|key| key.parse().unwrap()).collect();
    let document = document::parse(nodes.to_string().as_bytes()).unwrap();
    make(document, &keys, Planner::new(&state, &no_variables)).await.unwrap()
}

/// A chain: songs, what is tested, a target `t`.
async fn chain(kind: &str, fields: Value) -> Made {
    let mut node = json!({ kind: fields });
    node[kind]["Inputs"] = json!(["a"]);
    node[kind]["Name"] = json!("Step");
    made_with(&json!({ "a": songs(), "n": node, "t": target("n", "t") }), &[]).await
}

/// Two tables, what is tested, a target `t`.
async fn two(kind: &str, fields: Value) -> Made {
    let mut node = json!({ kind: fields });
    node[kind]["Inputs"] = json!(["a", "b"]);
    node[kind]["Name"] = json!("Step");
    let labels = source("labels", &[("id", "bigint"), ("title", "string"), ("city", "string")]);
    made_with(&json!({ "a": songs(), "b": labels, "n": node, "t": target("n", "t") }), &[]).await
}

fn songs() -> Value {
    source(
        "songs",
        &[
            ("Op", "string"),
            ("id", "bigint"),
            ("Title", "string"),
            ("sold", "int"),
            ("live", "boolean"),
            ("day", "date"),
        ],
    )
}

fn source(table: &str, columns: &[(&str, &str)]) -> Value {
    let column = |(name, glue): &(&str, &str)| json!({ "Name": name, "Type": glue });
    let columns: Vec<Value> = columns.iter().map(column).collect();
    json!({ "S3CsvSource": {
        "Name": table, "Paths": [format!("s3://lake/shop/{table}/")], "Separator": "comma", "QuoteChar": "quote",
        "WithHeader": true, "OutputSchemas": [{ "Columns": columns }],
    } })
}

fn target(input: &str, table: &str) -> Value {
    json!({ "MySQLCatalogTarget": { "Name": table, "Inputs": [input], "Database": "shop", "Table": table } })
}

/// The text of a file, without the line that names the node.
fn text<'a>(made: &'a Made, file: &str) -> &'a str {
    let found = made.files.iter().find(|(name, _)| name == file);
    let (_, text) = found.unwrap_or_else(|| panic!("{file}: {:?}", made.files));
    text.split_once('\n').unwrap().1
}

fn outcome(made: &Made, id: &str) -> (Outcome, String) {
    let node = made.nodes.iter().find(|node| node.id == id).unwrap();
    (node.outcome, node.notes.join("\n"))
}

/// Asserts that the node of a chain is carried, and answers its SQL.
fn carried(made: &Made) -> &str {
    let (outcome, notes) = outcome(made, "n");
    assert_ne!(outcome, Outcome::ToBeWritten, "{notes}\n{}", text(made, "t.sql"));
    text(made, "t.sql")
}

/// Asserts that the node of a chain is to be written, and answers why.
fn by_hand(made: &Made) -> String {
    let (outcome, notes) = outcome(made, "n");
    assert_eq!(outcome, Outcome::ToBeWritten, "{notes}\n{}", text(made, "t.sql"));
    notes
}

#[tokio::test]
async fn a_node_that_only_a_target_reads_is_the_model_and_any_other_a_helper() {
    let filter = |input: &str, name: &str| json!({ "Filter": { "Name": name, "Inputs": [input], "Filters": [] } });
    let nodes = json!({
        "a": songs(), "b": filter("a", "All of It!"), "c": filter("b", "All of it"),
        "t": target("b", "first"), "u": target("c", "second"), "v": target("a", "third"),
    });
    let made = made_with(&nodes, &["id"]).await;
    let names: Vec<&str> = made.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["sources.sql", "_all_of_it.sql", "second.sql", "third.sql", "first.sql"]);
    assert_eq!(text(&made, "first.sql"), "SELECT *\nFROM _all_of_it\n");
    assert_eq!(text(&made, "third.sql"), "SELECT *\nFROM songs_staged\n");
    assert!(made.files[1].1.starts_with("-- Filter b: All of It!\n"), "{}", made.files[1].1);
}

#[tokio::test]
async fn two_targets_of_one_table_are_two_models_and_said() {
    let nodes = json!({ "a": songs(), "t": target("a", "Shop.Songs"), "u": target("a", "songs") });
    let made = made_with(&nodes, &[]).await;
    assert_eq!(made.tables["songs"], "Shop.Songs");
    assert_eq!(made.tables["songs_2"], "songs");
    let toml = job_toml("${TARGET}", &["min-total".to_owned()], &made.tables, &made.only_told);
    insta::assert_snapshot!(toml, @r#"
    # Written by `runner import`; docs/jobs.md lists what may stand here.
    target = "${TARGET}"

    # Arguments of the Glue job are variables of this one, as ${NAME} in its SQL. A run takes them as
    # Glue passes them (--NAME value), as --var NAME=value, or from the environment. Values were not copied.
    #   --min-total is ${min_total}

    [model.songs]
    table = "Shop.Songs"

    [model.songs_2]
    table = "songs"
    "#);
    crate::job::config::parse(&toml).unwrap();
}

#[tokio::test]
async fn names_of_a_job_are_never_more_than_text() {
    let name = "x\n; DROP TABLE t -- ${HOME} `'\"";
    let mapping = json!([
        { "ToKey": name, "FromPath": ["id"], "FromType": "long", "ToType": "long" },
        { "ToKey": "ok", "FromPath": ["Title"], "FromType": "string", "ToType": "string" },
    ]);
    let filters = json!([{ "Operation": "EQ", "Values": [
        { "Type": "COLUMNEXTRACTED", "Value": ["ok"] }, { "Type": "CONSTANT", "Value": [name] },
    ] }]);
    let nodes = json!({
        "a": songs(),
        "b": { "ApplyMapping": { "Name": name, "Inputs": ["a"], "Mapping": mapping } },
        "n": { "Filter": { "Name": name, "Inputs": ["b"], "LogicalOperator": "AND", "Filters": filters } },
        "t": target("n", "t"),
    });
    let made = made_with(&nodes, &[]).await;
    assert!(carried(&made).contains("WHERE ok = 'x\n; drop".replace("drop", "DROP").as_str()));
    assert!(made.nodes.iter().all(|node| node.outcome != Outcome::ToBeWritten), "{made:?}");
}

/// Every value of a document, by its path.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in children {
        pointers(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
    }
}

#[tokio::test]
async fn a_document_with_anything_in_place_of_a_value_is_read_or_refused() {
    let job: Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/glue_job/get-job.json"))
            .unwrap();
    let mut places = Vec::new();
    pointers(&job, "", &mut places);
    let others =
        [json!(null), json!(7), json!("`'\n${"), json!([[["a"]], {}]), json!({ "From": [] })];
    let state = session_state(::transforms::sql::Dialect::Spark, 1, std::sync::Arc::default());
    let (mut read, mut refused) = (0, 0);
    // One after the other, so that each place gets one of them and all are tried somewhere; each third place is enough.
    for (index, place) in places.iter().enumerate().step_by(3) {
        let mut broken = job.clone();
        *broken.pointer_mut(place).unwrap() = others[index / 3 % others.len()].clone();
        let Ok(document) = document::parse(broken.to_string().as_bytes()) else {
            refused += 1;
            continue;
        };
        match make(document, &[], Planner::new(&state, &|_| None)).await {
            Ok(made) => {
                read += 1;
                let named = |node: &super::report::NodeReport| {
                    made.files.iter().any(|(file, _)| *file == node.file)
                };
                assert!(made.nodes.iter().all(named), "{place}: {:?}", made.nodes);
            }
            Err(error) => {
                refused += 1;
                assert_eq!(error.kind(), crate::error::Kind::Usage, "{place}: {error}");
            }
        }
    }
    assert!(read > 50 && refused > 10, "{read} {refused}");
}
