use super::*;

const FIELDS: [&str; 3] = ["k", "l", "x"];

fn scan(table: Arc<dyn TableProvider>) -> LogicalPlanBuilder {
    LogicalPlanBuilder::scan("target", provider_as_source(table), None).unwrap()
}

fn key() -> Vec<String> {
    vec!["k".to_owned()]
}

/// `new row / old row / which columns differ`, a side that is not there as `-`; `again` before an old row whose key stays.
async fn pairs(staging: &Staging, new: &str, old: &str, which: Beside) -> Vec<String> {
    let once = pairs_of(staging, new, old, which, Keys::Unique).await;
    assert_eq!(pairs_of(staging, new, old, which, Keys::Repeated).await, once, "{new} {old}");
    once
}

async fn pairs_of(
    staging: &Staging,
    new: &str,
    old: &str,
    which: Beside,
    keys: Keys,
) -> Vec<String> {
    let old = scan(target(staging, &rows_of(old)).await);
    let new = model(staging, &rows_of(new)).await;
    let plan = beside(&new, &key(), old, &BTreeSet::new(), which, keys).unwrap();
    let line = |row: String| {
        let cells: Vec<&str> = row.split('|').collect();
        let side = |from: usize, is_there: &str| match is_there {
            "true" => cells[from..from + 3].join("|"),
            _ => "-".to_owned(),
        };
        let differs = FIELDS.iter().zip(&cells[6..9]).filter(|(_, differs)| **differs == "true");
        let differs: Vec<&str> = differs.map(|(name, _)| *name).collect();
        let both = cells[9] == "true" && cells[10] == "true";
        let differs = if both { differs.join(",") } else { String::new() };
        let again = if cells[11] == "true" { "again " } else { "" };
        format!("{again}{} / {} / {differs}", side(0, cells[9]), side(3, cells[10]))
    };
    let mut lines: Vec<String> = staging.rows(&plan).await.into_iter().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn rows_stand_beside_those_with_their_keys() {
    let staging = Staging::new();
    let new = "(1, 1, 'a'), (2, 2, NULL), (NULL, 3, 'c'), (5, 5, 'e')";
    let old = "(1, 1, 'a'), (2, 9, 'b'), (NULL, 3, 'd'), (4, 4, 'd')";
    let written =
        ["1|1|a / 1|1|a / ", "2|2|NULL / 2|9|b / l,x", "5|5|e / - / ", "NULL|3|c / NULL|3|d / x"];
    assert_eq!(pairs(&staging, new, old, Beside::Some).await, written);
    let mut all = written.map(str::to_owned).to_vec();
    all.push("- / 4|4|d / ".to_owned());
    all.sort();
    assert_eq!(pairs(&staging, new, old, Beside::All).await, all);
    assert_eq!(pairs(&staging, "", old, Beside::Some).await, [""; 0]);
    assert_eq!(pairs(&staging, "", "(1, 1, 'a')", Beside::All).await, ["- / 1|1|a / "]);
    assert_eq!(pairs(&staging, "(1, 1, 'a')", "", Beside::All).await, ["1|1|a / - / "]);
}

#[tokio::test]
async fn a_row_stands_beside_one_of_several_and_an_equal_one_first() {
    let staging = Staging::new();
    let new = "(1, 1, 'a'), (2, 2, 'b'), (NULL, 3, 'c'), (5, 5, 'e')";
    let old = "(1, 6, 'z'), (1, 1, 'a'), (1, 1, 'a'), (2, 8, 'b'), (2, 7, 'b'), (NULL, 3, 'c'),
        (NULL, 4, 'c'), (4, 4, 'd'), (4, 4, 'd')";
    let written = [
        "1|1|a / 1|1|a / ",
        "2|2|b / 2|7|b / l",
        "5|5|e / - / ",
        "NULL|3|c / NULL|3|c / ",
        "again - / 1|1|a / ",
        "again - / 1|6|z / ",
        "again - / 2|8|b / ",
        "again - / NULL|4|c / ",
    ];
    let found = pairs_of(&staging, new, old, Beside::Some, Keys::Repeated).await;
    assert_eq!(found, written);
    let mut all = written.map(str::to_owned).to_vec();
    all.extend(["- / 4|4|d / ", "- / 4|4|d / "].map(str::to_owned));
    all.sort();
    assert_eq!(pairs_of(&staging, new, old, Beside::All, Keys::Repeated).await, all);
}

#[tokio::test]
async fn what_is_written_by_a_comparison_is_what_differs_beside_it() {
    let staging = Staging::new();
    let new = "(1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')";
    let old = "(1, 1, 'b'), (2, 2, 'b'), (4, 4, 'd')";
    let delta = compare(
        &model(&staging, &rows_of(new)).await,
        &key(),
        target(&staging, &rows_of(old)).await,
        &BTreeSet::new(),
        Keys::Unique,
    );
    let delta = delta.unwrap();
    assert_eq!(staging.rows(&delta.upserts).await, ["1|1|a", "3|3|c"]);
    assert_eq!(staging.rows(&delta.deletes).await, ["4"]);
    let beside = pairs(&staging, new, old, Beside::All).await;
    assert_eq!(beside, ["- / 4|4|d / ", "1|1|a / 1|1|b / x", "2|2|b / 2|2|b / ", "3|3|c / - / "]);
}

#[tokio::test]
async fn a_column_that_the_target_lacks_is_null_beside() {
    let staging = Staging::new();
    let old = scan(target(&staging, "SELECT 1 AS k, 'a' AS x").await);
    let new = model(&staging, "SELECT 1 AS k, 'a' AS x, 5 AS more").await;
    let plan = beside(&new, &key(), old, &BTreeSet::new(), Beside::All, Keys::Unique).unwrap();
    assert_eq!(staging.rows(&plan).await, ["1|a|5|1|a|NULL|false|false|true|true|true|false"]);
}

#[tokio::test]
async fn keys_to_delete_come_with_the_rows_that_have_them() {
    let staging = Staging::new();
    let old = scan(target(&staging, &rows_of("(1, 1, 'a'), (2, 2, 'b'), (NULL, 3, 'c')")).await);
    let keys = model(&staging, "SELECT k FROM (VALUES (1), (3), (NULL)) AS q(k)").await;
    let keys = LogicalPlanBuilder::from(keys)
        .project([cast(column(None, "k"), DataType::Int64).alias("k")])
        .unwrap()
        .build()
        .unwrap();
    let all = model(&staging, &rows_of("")).await;
    let mut found = staging.rows(&doomed(&keys, &key(), old, &all).unwrap()).await;
    found.sort();
    assert_eq!(found, ["1|1|a|true", "NULL|3|c|true", "NULL|NULL|NULL|false"]);
}

#[tokio::test]
async fn rows_without_a_key_are_counted_on_both_sides() {
    let staging = Staging::new();
    let new =
        model(&staging, &rows_of("(1, 1, 'a'), (1, 1, 'a'), (2, 2, NULL), (4, 4, 'd')")).await;
    let old = rows_of("(1, 1, 'a'), (2, 2, NULL), (2, 2, NULL), (3, 3, 'c'), (4, 4, 'd')");
    let old = scan(target(&staging, &old).await);
    let mut found = staging.rows(&as_bags(&new, old, &BTreeSet::new()).unwrap()).await;
    found.sort();
    assert_eq!(found, ["1|1|a|2|1", "2|2|NULL|1|2", "3|3|c|0|1", "4|4|d|1|1"]);
}

#[tokio::test]
async fn documents_are_the_same_beside_and_in_bags() {
    let staging = Staging::new();
    let json = BTreeSet::from(["x".to_owned()]);
    let new = model(&staging, r#"SELECT 1 AS k, '{"a": 1, "b": 2}' AS x"#).await;
    let old = || target(&staging, r#"SELECT 1 AS k, '{"b":2,"a":1}' AS x"#);
    let plan = beside(&new, &key(), scan(old().await), &json, Beside::Some, Keys::Unique).unwrap();
    let rows = staging.rows(&plan).await;
    assert!(rows[0].ends_with("|false|false|true|true|false"), "{rows:?}");
    let bags = staging.rows(&as_bags(&new, scan(old().await), &json).unwrap()).await;
    assert!(bags.len() == 1 && bags[0].ends_with("|1|1"), "{bags:?}");
}
