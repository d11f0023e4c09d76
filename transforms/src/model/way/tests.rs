use super::*;
use crate::scan::FrozenTable;
use crate::testing::Staging;

mod cases;
mod replayed;

use cases::*;

/// `t` is what most models follow; `d` and `c` are joined to it; `log` has no key.
const SOURCES: &str = "
CREATE EXTERNAL TABLE t (id BIGINT, did BIGINT, a BIGINT, b BIGINT, x VARCHAR(20), v DOUBLE, PRIMARY KEY (id))
  STORED AS DMS LOCATION 't';
CREATE EXTERNAL TABLE d (id BIGINT, name VARCHAR(20), grp BIGINT, PRIMARY KEY (id)) STORED AS DMS LOCATION 'd';
CREATE EXTERNAL TABLE c (a BIGINT, b BIGINT, note VARCHAR(20), PRIMARY KEY (a, b)) STORED AS DMS LOCATION 'c';
CREATE EXTERNAL TABLE s (code VARCHAR(10) PRIMARY KEY, label VARCHAR(20)) STORED AS DMS LOCATION 's';
CREATE EXTERNAL TABLE log (did BIGINT, msg VARCHAR(20), at TIMESTAMP) STORED AS DMS LOCATION 'log';
";

async fn empty_tables(staging: &Staging) -> Vec<FrozenTable> {
    let mut tables = Vec::new();
    for source in staging.sources(SOURCES).await {
        tables.push(staging.freeze(&source, &[]).await);
    }
    tables
}

/// Plans `sql` as model `m`, beside a helper and another model that it may read.
async fn plan(staging: &Staging, tables: &[FrozenTable], sql: &str) -> LogicalPlan {
    let files = [
        ("_recent.sql", "SELECT id AS rid, did, x FROM t WHERE a > 0"),
        ("per_d.sql", "SELECT did, count(*) AS n FROM t GROUP BY did"),
        ("m.sql", sql),
    ];
    match staging.models(&files, tables).await {
        Ok(mut planned) => planned.plans.remove("m").unwrap(),
        Err(error) => panic!("{sql}: {error} {:?}", error.help),
    }
}

fn key_of_names(plan: &LogicalPlan, names: &[&str]) -> Vec<usize> {
    let fields = plan.schema().fields();
    let place = |name: &&str| fields.iter().position(|field| field.name() == name).unwrap();
    names.iter().map(place).collect()
}

/// An analysis in one line: `way driver + references | key column = driver's column | reason`.
fn told(plan: &LogicalPlan, analysis: &Analysis, tables: &[FrozenTable]) -> String {
    let mut text = analysis.way.to_string();
    let mut origins = Vec::new();
    if let Way::RowWise { driver, references } | Way::Append { driver, references } = &analysis.way
    {
        text = format!("{text} {driver}");
        for reference in references {
            text = format!("{text} + {reference}");
        }
        let source = &tables.iter().find(|table| table.source.name == *driver).unwrap().source;
        origins = analysis
            .key_origin
            .iter()
            .map(|column| format!(" = {driver}.{}", source.schema.field(*column).name()))
            .collect();
    }
    let key = match &analysis.key {
        None => "no key".to_owned(),
        Some(key) => {
            let names = key.iter().enumerate().map(|(place, column)| {
                let name = plan.schema().field(*column).name();
                format!("{name}{}", origins.get(place).map_or("", String::as_str))
            });
            format!("key {}", names.collect::<Vec<_>>().join(", "))
        }
    };
    let volatile = match &analysis.volatile {
        Some(function) => format!(" | {function} is volatile"),
        None => String::new(),
    };
    format!("{text} | {key} | {}{volatile}", analysis.reason)
}

async fn check(cases: &[(&str, &str)]) {
    let staging = Staging::new();
    let tables = empty_tables(&staging).await;
    let mut wrong = String::new();
    for (sql, expected) in cases {
        let plan = plan(&staging, &tables, sql).await;
        let analysis = analyze(&plan, None).unwrap();
        let found = told(&plan, &analysis, &tables);
        if found != *expected {
            wrong = format!("{wrong}{sql}\n  expected {expected}\n  found    {found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn projections_renames_and_filters_are_row_wise() {
    check(MAPPINGS).await;
}

#[tokio::test]
async fn a_model_that_loses_its_key_is_replayed() {
    check(LOST_KEYS).await;
}

#[tokio::test]
async fn subqueries_in_from_and_ctes_are_looked_through() {
    check(NESTED).await;
}

#[tokio::test]
async fn subqueries_in_expressions_are_replayed() {
    check(SUBQUERIES).await;
}

#[tokio::test]
async fn a_join_to_a_whole_key_is_row_wise() {
    check(JOINS_BY_KEY).await;
}

#[tokio::test]
async fn using_joins_by_the_named_columns() {
    check(USING).await;
}

#[tokio::test]
async fn a_join_that_may_find_several_rows_is_replayed() {
    check(JOINS_OF_MANY).await;
}

#[tokio::test]
async fn keys_of_other_types_are_not_compared_one_to_one() {
    check(JOINS_OF_TYPES).await;
    // The text is read as a number, which the data below would not stand.
    check(&[(
        "SELECT t.id, d.name FROM t JOIN d ON t.x = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    )])
    .await;
}

#[tokio::test]
async fn outer_and_semi_joins_of_other_kinds_are_replayed() {
    check(OTHER_JOINS).await;
}

#[tokio::test]
async fn a_self_join_is_replayed() {
    check(SELF_JOINS).await;
}

#[tokio::test]
async fn grouping_and_sets_are_replayed() {
    check(SETS).await;
}

#[tokio::test]
async fn windows_and_unnest_are_replayed() {
    check(WINDOWS).await;
}

#[tokio::test]
async fn a_source_without_key_is_appended() {
    check(APPENDED).await;
}

#[tokio::test]
async fn functions_of_time_are_replayed_and_random_ones_are_told() {
    check(FUNCTIONS).await;
}

#[tokio::test]
async fn a_named_key_is_row_wise_only_if_it_is_the_key_of_the_driver() {
    let staging = Staging::new();
    let tables = empty_tables(&staging).await;
    for (sql, named, expected) in [
        (
            "SELECT id, x FROM t",
            vec!["id"],
            "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
        ),
        (
            "SELECT id AS one, id AS two FROM t",
            vec!["two"],
            "row-wise t | key two = t.id | it keeps the key of `t` and maps each of its rows",
        ),
        ("SELECT id, x FROM t", vec!["x"], "replay | key x | its key is not the key of `t`"),
        (
            "SELECT id, x FROM t",
            vec!["id", "x"],
            "replay | key id, x | its key is not the key of `t`",
        ),
        (
            "SELECT id, x FROM t",
            vec!["id", "id"],
            "replay | key id, id | its key is not the key of `t`",
        ),
        ("SELECT id, x FROM t", vec![], "replay | key  | its key is not the key of `t`"),
        (
            "SELECT * FROM c",
            vec!["a", "b"],
            "row-wise c | key a = c.a, b = c.b | it keeps the key of `c` and maps each of its rows",
        ),
        (
            "SELECT * FROM c",
            vec!["b", "a"],
            "row-wise c | key b = c.b, a = c.a | it keeps the key of `c` and maps each of its rows",
        ),
        ("SELECT * FROM c", vec!["a"], "replay | key a | its key is not the key of `c`"),
        (
            "SELECT a, a AS a2, b FROM c",
            vec!["a", "a2"],
            "replay | key a, a2 | its key is not the key of `c`",
        ),
        (
            "SELECT a + 0 AS a, b FROM c",
            vec!["a", "b"],
            "replay | key a, b | its key is not the key of `c`",
        ),
        ("SELECT * FROM log", vec!["did"], "replay | key did | a key is named, but `log` has none"),
        ("SELECT * FROM log", vec![], "append log | key  | it follows `log`, which has no key"),
        (
            "SELECT did, count(*) AS n FROM t GROUP BY did",
            vec!["n"],
            "replay | key n | it groups rows",
        ),
    ] {
        let plan = plan(&staging, &tables, sql).await;
        let named = key_of_names(&plan, &named);
        let analysis = analyze(&plan, Some(&named)).unwrap();
        assert_eq!(told(&plan, &analysis, &tables), expected, "{sql}");
    }
}

#[tokio::test]
async fn a_key_is_proven_if_it_holds_a_unique_one() {
    let staging = Staging::new();
    let tables = empty_tables(&staging).await;
    for (sql, key, expected) in [
        ("SELECT * FROM c", vec!["a", "b"], true),
        ("SELECT * FROM c", vec!["b", "note", "a"], true),
        ("SELECT * FROM c", vec!["a"], false),
        ("SELECT * FROM log", vec!["did"], false),
        ("SELECT did, count(*) AS n FROM t GROUP BY did", vec!["did"], true),
        ("SELECT did, count(*) AS n FROM t GROUP BY did", vec!["n"], false),
        ("SELECT did, b, count(*) AS n FROM t GROUP BY did, b", vec!["did"], false),
        ("SELECT id, unnest(make_array(a, b)) AS e FROM t", vec!["id"], false),
        ("SELECT id FROM t UNION ALL SELECT id FROM d", vec!["id"], false),
        ("SELECT t.id, d.name FROM t JOIN d ON t.did = d.grp", vec!["id"], false),
        ("SELECT t.id, d.id AS did FROM t FULL JOIN d ON t.did = d.id", vec!["id"], false),
    ] {
        let plan = plan(&staging, &tables, sql).await;
        let key = key_of_names(&plan, &key);
        assert_eq!(is_proven(&plan, &key).unwrap(), expected, "{sql}");
    }
}

#[tokio::test]
async fn sources_are_found_wherever_they_are_read() {
    let staging = Staging::new();
    let tables = empty_tables(&staging).await;
    for (sql, expected) in [
        ("SELECT id FROM t", vec!["t"]),
        ("SELECT t.id FROM t JOIN d x ON t.did = x.id", vec!["d", "t"]),
        (
            "SELECT id FROM t WHERE did IN (SELECT id FROM d WHERE EXISTS (SELECT 1 FROM c WHERE c.a = d.id))",
            vec!["c", "d", "t"],
        ),
        ("SELECT id, (SELECT max(label) FROM s) AS l FROM t", vec!["s", "t"]),
        (
            "WITH q AS (SELECT * FROM d) SELECT id FROM q UNION ALL SELECT did FROM log",
            vec!["d", "log"],
        ),
        ("SELECT * FROM _recent JOIN per_d USING (did)", vec!["t"]),
        ("SELECT 1 AS one", vec![]),
    ] {
        let found = analyze(&plan(&staging, &tables, sql).await, None).unwrap().sources;
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{sql}");
    }
}
