//! Of a row that is not there it is told what leaves it out, and nothing that is not so.

use super::*;

/// Models that leave rows out in more ways than [`MODELS`] do.
const LEAVING_OUT: [&str; 16] = [
    "SELECT id AS k FROM t WHERE g IN (SELECT id FROM u)",
    "SELECT id AS k FROM t WHERE g NOT IN (SELECT id FROM u WHERE m > 1)",
    "SELECT id AS k FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.g AND u.m > 1)",
    "SELECT id AS k FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id = t.g) AND n > 1",
    "SELECT id AS k FROM t WHERE n > (SELECT min(m) FROM u) OR g = 2",
    "SELECT g AS k, count(*) AS c FROM t GROUP BY g HAVING count(*) > (SELECT count(*) FROM u) - 1",
    "SELECT g AS k, count(*) AS c FROM t WHERE n > 1 GROUP BY g HAVING max(n) < 4",
    "SELECT t.id AS k FROM t JOIN u ON t.g = u.id WHERE u.m > 1 AND t.n > 1",
    "SELECT t.id AS k FROM t, u WHERE t.g = u.id AND u.m < 3",
    "SELECT t.id AS k FROM t CROSS JOIN u WHERE u.m < 2",
    "SELECT t.id AS k FROM t LEFT JOIN u ON t.g = u.id WHERE u.m IS NULL OR u.m > 2",
    "SELECT coalesce(t.id, u.id) AS k FROM t FULL JOIN u ON t.g = u.id WHERE u.m IS NULL OR t.n > 2",
    "SELECT id AS k FROM t WHERE n > 2 UNION SELECT id FROM u WHERE m > 2",
    "SELECT k FROM (SELECT id AS k, n + g AS s FROM t) WHERE s > 4",
    "SELECT id AS k FROM t QUALIFY row_number() OVER (PARTITION BY g ORDER BY id DESC) = 1",
    "SELECT DISTINCT g AS k FROM t WHERE n > 3",
];

/// The tables, and the rows of each that are deleted.
async fn staged_with_deletes(
    staging: &Staging,
    tables: &Tables,
    gone: &[bool],
) -> Vec<FrozenTable> {
    let mut frozen = Vec::new();
    for (table, width) in staged(staging, tables).await.into_iter().zip([2, 1]) {
        let count = if width == 2 { tables.0.len() } else { tables.1.len() };
        let gone = (0..count).zip(gone).filter(|(_, gone)| **gone);
        let deletes = gone.map(|(id, _)| format!("D,{id}{}\n", ",".repeat(width)));
        let deletes: String = deletes.collect();
        let load = load_of(tables, width);
        let objects: [(&str, &[u8]); 2] =
            [("LOAD00000001.csv", load.as_bytes()), ("20260101-000000000.csv", deletes.as_bytes())];
        frozen.push(staging.freeze(&table.source, &objects).await);
    }
    frozen
}

/// A row is there if, and only if, nothing is said to leave it out.
async fn check_absent(
    staging: &Staging,
    sql: &str,
    tables: &[FrozenTable],
) -> Result<(), TestCaseError> {
    let plan = staging.plan(sql, tables).await;
    let lineage = Lineage::of_absent(&plan).unwrap();
    for key in 0..5 {
        let key = ScalarValue::Int64(Some(key));
        let is_there = !rows_of(staging, &plan, &key).await.is_empty();
        let found = found(staging, &lineage, key_is(&plan, &key)).await;
        let is_left_out = found.ways().all(|(failed, _)| !failed.is_empty());
        let told: Vec<_> = found.ways().map(|(failed, _)| failed.to_vec()).collect();
        let conditions: Vec<_> = lineage.conditions.iter().map(ToString::to_string).collect();
        prop_assert_eq!(is_there, !is_left_out, "{} at {}: {:?} {:?}", sql, key, told, conditions);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.min(8)))]

    #[test]
    fn what_is_told_to_leave_a_row_out_is_what_leaves_it_out(
        tables in tables(),
        gone in prop::collection::vec(prop::bool::weighted(0.3), 7),
        models in prop::sample::subsequence([&MODELS[..], &LEAVING_OUT[..]].concat(), 2),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let staging = Staging::of_partitions(1);
            let tables = staged_with_deletes(&staging, &tables, &gone).await;
            for sql in models {
                check_absent(&staging, sql, &tables).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

/// Of `t` rows 1, 2, 3, and a delete of 3 and of 9, which never was there; of `u` 8 and 9.
async fn with_deletes(staging: &Staging) -> [FrozenTable; 2] {
    let sources = staging.sources(SOURCES).await;
    let load: &[u8] = b"1,7,10\n2,7,20\n3,8,30\n";
    let objects = [("LOAD00000001.csv", load), ("20260101-000000000.csv", b"D,3,,\nD,9,,\n")];
    [
        staging.freeze(&sources[0], &objects).await,
        staging.freeze(&sources[1], &[("LOAD00000001.csv", b"8,1\n9,2\n")]).await,
    ]
}

#[tokio::test]
async fn of_a_row_that_is_not_there_it_is_told_what_leaves_it_out() {
    let staging = Staging::new();
    let tables = with_deletes(&staging).await;
    let out = "left out by the condition";
    for (sql, key, expected) in [
        ("SELECT id FROM t WHERE n > 15 AND g = 7", 1, format!("{out} t.n > 15; t: 0.0")),
        ("SELECT id FROM t WHERE n > 15 AND g = 7", 5, String::new()),
        (
            "SELECT t.id, u.m FROM t JOIN u ON t.g = u.id",
            1,
            "no row of `u` meets it by t.g = u.id; t: 0.0; u: ".to_owned(),
        ),
        // What a row that is missing would be is not known, what the other is is.
        (
            "SELECT t.id FROM t JOIN u ON t.g = u.id WHERE u.m > 1 AND t.n > 10",
            1,
            format!("no row of `u` meets it by t.g = u.id; {out} t.n > 10; t: 0.0; u: "),
        ),
        (
            "SELECT t.id FROM t, u WHERE t.g = u.id AND t.n > 5",
            1,
            format!("{out} t.g = u.id; t: 0.0; u: 0.0+0.1"),
        ),
        (
            "SELECT g, sum(n) AS s FROM t GROUP BY g HAVING count(*) > 2",
            7,
            format!("{out} count(*) > 2; t: 0.0+0.1"),
        ),
        // Of a group that is not there its values are not known.
        (
            "SELECT g, sum(n) AS s FROM t WHERE n > 50 GROUP BY g HAVING count(*) > 2 AND g < 5",
            7,
            format!("{out} t.n > 50; {out} t.g < 5; t: 0.0+0.1"),
        ),
        (
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY g ORDER BY id) AS r FROM t) WHERE r = 1",
            2,
            format!(
                "{out} r = 1; t: 0.0+0.1; (a row that a window function sees is listed with all rows of the same t.g, as it sees these too)"
            ),
        ),
        (
            "SELECT g FROM t EXCEPT SELECT id - 1 FROM u",
            7,
            "a row of `u` meets it by t.g = (id - 1); t: 0.0+0.1".to_owned(),
        ),
        (
            "SELECT g FROM t INTERSECT SELECT id FROM u",
            7,
            "no row of `u` meets it by t.g = u.id; t: 0.0+0.1; u: ".to_owned(),
        ),
        (
            "SELECT id FROM t WHERE n > 5 ORDER BY id LIMIT 1",
            2,
            "LIMIT 1 does not take it; t: 0.1".to_owned(),
        ),
        // It would not have been in the way of what is left out before.
        ("SELECT id FROM t WHERE n > 15 ORDER BY id LIMIT 1", 1, format!("{out} t.n > 15; t: 0.0")),
    ] {
        assert_eq!(told(&staging, sql, &tables, true, key).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_row_that_is_deleted_is_judged_as_it_was_before() {
    let staging = Staging::new();
    let tables = with_deletes(&staging).await;
    for (sql, key, expected) in [
        ("SELECT id, g FROM t", 3, "t: 0.2+1.0"),
        ("SELECT id FROM t WHERE n > 15 AND g IS NOT NULL", 3, "t: 0.2+1.0"),
        ("SELECT id FROM t WHERE n > 35", 3, "left out by the condition t.n > 35; t: 0.2+1.0"),
        ("SELECT t.id, u.m FROM t JOIN u ON t.g = u.id", 3, "t: 0.2+1.0; u: 0.0"),
        ("SELECT g, count(*) AS c FROM t GROUP BY g HAVING count(*) > 4", 8, "t: 0.2+1.0"),
        ("SELECT DISTINCT g FROM t", 8, "t: 0.2+1.0"),
        // A subquery does not see it any more.
        (
            "SELECT id FROM t WHERE n > 35 AND id IN (SELECT id FROM t)",
            3,
            "left out by the condition t.n > 35; t: 0.2+1.0; (rows of t that a subquery reads are not traced)",
        ),
        // What it was is not known but its key.
        ("SELECT id FROM t WHERE n IS NOT NULL AND coalesce(g, 0) > 1", 9, "t: 1.1"),
        ("SELECT id FROM t WHERE id > 9", 9, "left out by the condition t.id > 9; t: 1.1"),
        ("SELECT t.id, u.m FROM t JOIN u ON t.g = u.id", 9, "t: 1.1; u: "),
    ] {
        let expected = format!("it was deleted; {expected}");
        assert_eq!(told(&staging, sql, &tables, true, key).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_row_of_an_outer_join_is_not_left_out_by_what_it_meets() {
    let staging = Staging::new();
    let [t, u] = with_deletes(&staging).await;
    let changes = ("20260101-000000000.csv", b"D,8,\n".as_slice());
    let u = staging.freeze(&u.source, &[("LOAD00000001.csv", b"7,1\n8,1\n"), changes]).await;
    let tables = [t, u];
    let out = "left out by the condition";
    for (join, condition, key, expected) in [
        ("t LEFT JOIN u ON t.g + 1 = u.id", "n > 15", 1, "t: 0.0; u: "),
        ("u RIGHT JOIN t ON t.g + 1 = u.id", "n > 15", 1, "u: ; t: 0.0"),
        ("t FULL JOIN u ON t.g + 1 = u.id", "n > 15", 1, "t: 0.0; u: "),
        ("t LEFT JOIN u ON t.g = u.id", "n > 15", 1, "t: 0.0; u: 0.0"),
    ] {
        let sql = format!("SELECT t.id FROM {join} WHERE {condition}");
        let expected = format!("{out} t.{condition}; {expected}");
        assert_eq!(told(&staging, &sql, &tables, true, key).await, expected, "{sql}");
    }
    for (sql, key, expected) in [
        (
            "SELECT t.id FROM t LEFT JOIN u ON t.g = u.id WHERE n > 35",
            3,
            format!("it was deleted; {out} t.n > 35; t: 0.2+1.0; u: "),
        ),
        (
            "SELECT u.id FROM t LEFT JOIN u ON t.g + 1 = u.id",
            8,
            "it was deleted; t: 0.0+0.1; u: 0.1+1.0".to_owned(),
        ),
    ] {
        assert_eq!(told(&staging, sql, &tables, true, key).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_subquery_that_leaves_a_row_out_is_told() {
    let staging = Staging::new();
    let tables = with_deletes(&staging).await;
    for (condition, expected) in [
        ("n > 5 AND id IN (SELECT id FROM u)", "t.id IN (SELECT u.id FROM u)"),
        ("n > 5 AND g + 1 NOT IN (SELECT id FROM u)", "(t.g + 1) NOT IN (SELECT u.id FROM u)"),
        (
            "EXISTS (SELECT id FROM u WHERE u.id = t.g)",
            "EXISTS (SELECT u.id FROM u WHERE u.id = t.g)",
        ),
        ("n > (SELECT max(m) + 20 FROM u)", "t.n > (SELECT max(u.m) + 20 FROM u)"),
    ] {
        let sql = format!("SELECT id FROM t WHERE {condition}");
        let expected = format!(
            "left out by the condition {expected}; t: 0.0; (rows of u that a subquery reads are not traced)"
        );
        assert_eq!(told(&staging, &sql, &tables, true, 1).await, expected, "{sql}");
        // One that meets it is left out by nothing else.
        let sql = format!("SELECT id FROM t WHERE n > 100 AND ({condition} OR true)");
        let told = told(&staging, &sql, &tables, true, 2).await;
        let expected = "left out by the condition t.n > 100; t: 0.1; ";
        assert!(told.starts_with(expected), "{sql}: {told}");
    }
}

/// What leaves rows out of a model, the last of several.
async fn last_condition(staging: &Staging, files: &[(&str, &str)], table: &FrozenTable) -> String {
    let model = |(file, text): &(&str, &str)| ModelFile {
        file: (*file).to_owned(),
        text: (*text).to_owned(),
    };
    let names = BTreeSet::from([table.source.name.clone()]);
    let files = files.iter().map(model).collect();
    let models = Models::parse(&staging.state, files, &names).unwrap();
    let provider: Arc<dyn TableProvider> = Arc::new(SourceTable::new(Arc::new(table.clone())));
    let sources = vec![(table.source.name.clone(), provider)];
    let planned = models.plan(&staging.state, sources).await.unwrap();
    let mut lineage = Lineage::of_absent(&planned.plans["m"]).unwrap();
    lineage.in_words_of(&models, "m");
    lineage.conditions.last().unwrap().to_string()
}

async fn cities(staging: &Staging) -> FrozenTable {
    let ddl = "CREATE EXTERNAL TABLE c (id INT PRIMARY KEY, city VARCHAR(20), day DATE, `a b` DOUBLE) \
               STORED AS DMS LOCATION 'c'";
    let sources = staging.sources(ddl).await;
    staging.freeze(&sources[0], &[("LOAD00000001.csv", b"1,Ulm,2021-01-01,1\n")]).await
}

#[tokio::test]
async fn conditions_are_told_in_the_words_of_the_file_with_their_place() {
    let staging = Staging::new();
    let table = cities(&staging).await;
    let of_valid =
        ("_valid.sql", "SELECT id, city, day\nFROM c WHERE id > 0 AND day > '2021-08-20'");
    for (sql, expected) in [
        (
            "SELECT id FROM c\n WHERE id > 0 AND (day > DATE '2021-08-20' AND city = 'Ulm')",
            "city = 'Ulm' (m.sql:2:48)",
        ),
        ("SELECT id FROM c WHERE day > DATE '2021-08-20'", "day > DATE '2021-08-20' (m.sql:1:24)"),
        ("SELECT id FROM c WHERE c.city LIKE 'B%'", "c.city LIKE 'B%' (m.sql:1:24)"),
        (
            "SELECT id FROM c WHERE right(city, 1) = 'x' OR CAST(city AS INT) = 3",
            "right(city, 1) = 'x' OR CAST(city AS INT) = 3 (m.sql:1:24)",
        ),
        (
            "SELECT id FROM c WHERE id IN (SELECT max(id) FROM c WHERE day > '2021-01-01')",
            "id IN (SELECT max(id) FROM c WHERE day > '2021-01-01') (m.sql:1:24)",
        ),
        (
            "SELECT id FROM c WHERE NOT EXISTS (SELECT 1 FROM c AS o WHERE o.city = c.city AND o.id > 1)",
            "NOT EXISTS (SELECT 1 FROM c AS o WHERE o.city = c.city AND o.id > 1) (m.sql:1:36)",
        ),
        (
            "SELECT city, count(*) AS n FROM c GROUP BY city HAVING count(*) > 4",
            "count(*) > 4 (m.sql:1:56)",
        ),
        (
            "SELECT city, max(day) FROM c GROUP BY city HAVING max(day) > DATE '2021-01-01'",
            "max(day) > DATE '2021-01-01' (m.sql:1:51)",
        ),
        (
            "SELECT id FROM c QUALIFY row_number() OVER (PARTITION BY city ORDER BY id) = 1",
            "row_number() OVER (PARTITION BY city ORDER BY id) = 1 (m.sql:1:26)",
        ),
        ("SELECT v.id FROM _valid AS v", "day > '2021-08-20' (_valid.sql:2:25)"),
        ("SELECT id FROM _valid WHERE city <> 'Ulm'", "city <> 'Ulm' (m.sql:1:29)"),
    ] {
        let told = last_condition(&staging, &[of_valid, ("m.sql", sql)], &table).await;
        assert_eq!(told, format!("left out by the condition {expected}"), "{sql}");
    }
    let sql = "SELECT a.id FROM c AS a JOIN c AS b ON a.id = b.id + 1";
    let told = last_condition(&staging, &[("m.sql", sql)], &table).await;
    assert_eq!(told, "no row of `b` meets it by a.id = b.id + 1 (m.sql:1:40)");
}

#[tokio::test]
async fn conditions_whose_place_is_not_known_are_told_as_a_select_has_them() {
    let staging = Staging::new();
    let table = cities(&staging).await;
    for (condition, expected) in [
        ("day > '2021-08-20'", "c.day > DATE '2021-08-20'"),
        ("day > DATE '2021-08-20'", "c.day > DATE '2021-08-20'"),
        ("city = 'Boston'", "c.city = 'Boston'"),
        ("upper(city) LIKE 'B%' OR day IS NULL", "upper(c.city) LIKE 'B%' OR c.day IS NULL"),
        ("(id + 1) * 2 > 7.5", "(c.id + 1) * 2 > 7.5"),
        ("`a b` BETWEEN 5 AND 7", "c.`a b` <= 7"),
        ("city NOT IN ('Ulm', 'Linz')", "c.city NOT IN ('Ulm', 'Linz')"),
        ("CAST(city AS INT) = 3", "CAST(c.city AS INT) = 3"),
        ("right(city, 1) = 'x'", "right(c.city, 1) = 'x'"),
    ] {
        let sql = format!("SELECT id FROM c WHERE {condition}");
        assert_eq!(told_alone(&staging, &sql, &table).await, expected);
    }
    for (having, expected) in [
        ("count(*) > 4", "count(*) > 4"),
        ("sum(id) > 1 AND max(day) > '2021-01-01'", "max(c.day) > DATE '2021-01-01'"),
        ("avg(id + 1) > 7", "avg(c.id + 1) > 7"),
    ] {
        let sql = format!("SELECT city FROM c GROUP BY city HAVING {having}");
        assert_eq!(told_alone(&staging, &sql, &table).await, expected);
    }
}

/// The last condition of a model, whose file is not looked at.
async fn told_alone(staging: &Staging, sql: &str, table: &FrozenTable) -> String {
    let plan = staging.plan(sql, std::slice::from_ref(table)).await;
    let lineage = Lineage::of_absent(&plan).unwrap();
    let told = lineage.conditions.last().unwrap().to_string();
    told.strip_prefix("left out by the condition ").unwrap().to_owned()
}
