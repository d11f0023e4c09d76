//! A row is made again of its lineage alone; and what leaves rows out is told.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, ScalarValue};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::lit;
use proptest::prelude::*;

use super::*;
use crate::model::{ModelFile, Models};
use crate::scan::{POSITION, SourceTable};
use crate::testing::Staging;

mod absent;

const SOURCES: &str = "
    CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, g INT, n INT) STORED AS DMS LOCATION 't';
    CREATE EXTERNAL TABLE u (id INT PRIMARY KEY, m INT) STORED AS DMS LOCATION 'u'";

/// Models whose column `k` tells their rows apart, more or less.
const MODELS: [&str; 26] = [
    "SELECT id AS k, n FROM t",
    "SELECT id AS k, n FROM t WHERE n > 2 AND g < 3",
    "SELECT t.id AS k, u.m FROM t JOIN u ON t.g = u.id",
    "SELECT a.id AS k, b.n FROM t AS a, t AS b WHERE a.g = b.id",
    "SELECT t.id AS k, u.m FROM t LEFT JOIN u ON t.g = u.id AND u.m > 1",
    "SELECT coalesce(t.g, u.id) AS k, t.n, u.m FROM t FULL JOIN u ON t.g = u.id",
    "SELECT g AS k, sum(n) AS s, count(*) AS c FROM t GROUP BY g",
    "SELECT g + 1 AS k, max(n) AS s FROM t WHERE n > 0 GROUP BY g HAVING count(*) > 1",
    "SELECT sum(n) AS k, g FROM t GROUP BY g",
    "SELECT count(*) AS k, sum(n) AS s FROM t",
    "SELECT DISTINCT g AS k, n FROM t",
    "SELECT id AS k, n FROM t UNION ALL SELECT id + 2 AS k, m FROM u",
    "SELECT g AS k FROM t UNION SELECT m FROM u",
    "SELECT g AS k FROM t INTERSECT SELECT id FROM u",
    "SELECT g AS k FROM t EXCEPT SELECT id FROM u",
    "SELECT id AS k, row_number() OVER (PARTITION BY g ORDER BY n, id) AS r FROM t",
    "SELECT k, g FROM (SELECT id AS k, g, row_number() OVER (PARTITION BY g ORDER BY n, id) AS r FROM t) WHERE r = 1",
    "SELECT id AS k, sum(n) OVER (ORDER BY id) AS s, count(*) OVER (PARTITION BY g) AS c FROM t",
    "SELECT g AS k, max(r) AS r FROM (SELECT g, rank() OVER (PARTITION BY g, n ORDER BY id) AS r FROM t) GROUP BY g",
    "SELECT g AS k, max(s) AS s FROM (SELECT g, n, sum(id) AS s FROM t GROUP BY g, n) GROUP BY g",
    "WITH big AS (SELECT g, sum(n) AS s FROM t GROUP BY g HAVING sum(n) > 2) \
     SELECT u.id AS k, big.s, u.m FROM u LEFT JOIN big ON u.id = big.g",
    "SELECT u.id AS k, count(t.id) AS c FROM u LEFT JOIN t ON t.g = u.id GROUP BY u.id",
    "SELECT id AS k, e FROM t LATERAL VIEW explode(array(g, n)) v AS e",
    "SELECT id AS k, n FROM t ORDER BY n DESC, id LIMIT 3",
    "SELECT g AS k, n, sum(id) AS s FROM t GROUP BY ROLLUP (g, n)",
    "SELECT t.g AS k, sum(u.m) AS s FROM t JOIN u ON t.n = u.id GROUP BY t.g ORDER BY s",
];

/// Rows of `t` and of `u`.
type Tables = (Vec<(i32, Option<i32>, i32)>, Vec<(i32, i32)>);

fn tables() -> impl Strategy<Value = Tables> {
    let of_t = (prop::option::weighted(0.9, 0..4_i32), 0..5_i32);
    let of_t = prop::collection::vec(of_t, 0..7);
    let of_u = prop::collection::vec(0..4_i32, 0..4);
    (of_t, of_u).prop_map(|(t, u)| {
        let t = (0..).zip(t).map(|(id, (g, n))| (id, g, n)).collect();
        (t, (0..).zip(u).collect())
    })
}

/// The full load of the table that has so many columns beside its key.
fn load_of((t, u): &Tables, width: usize) -> String {
    let text = |value: &Option<i32>| value.map_or(String::new(), |value| value.to_string());
    match width {
        2 => t.iter().map(|(id, g, n)| format!("{id},{},{n}\n", text(g))).collect(),
        _ => u.iter().map(|(id, m)| format!("{id},{m}\n")).collect(),
    }
}

async fn staged(staging: &Staging, tables: &Tables) -> Vec<FrozenTable> {
    let sources = staging.sources(SOURCES).await;
    let [t, u] = [2, 1].map(|width| load_of(tables, width));
    vec![
        staging.freeze(&sources[0], &[("LOAD00000001.csv", t.as_bytes())]).await,
        staging.freeze(&sources[1], &[("LOAD00000001.csv", u.as_bytes())]).await,
    ]
}

fn key_is(plan: &LogicalPlan, value: &ScalarValue) -> Expr {
    let key = Expr::Column(Column::from(plan.schema().qualified_field(0)));
    if value.is_null() { key.is_null() } else { key.eq(lit(value.clone())) }
}

async fn rows_of(staging: &Staging, plan: &LogicalPlan, key: &ScalarValue) -> Vec<String> {
    let plan = LogicalPlanBuilder::from(plan.clone()).filter(key_is(plan, key)).unwrap();
    let mut rows = staging.rows(&plan.build().unwrap()).await;
    rows.sort();
    rows
}

/// The plan of a model over some rows of each table.
async fn over(staging: &Staging, sql: &str, of: &[(FrozenTable, BTreeSet<u64>)]) -> LogicalPlan {
    let mut providers: Vec<(String, Arc<dyn TableProvider>)> = Vec::new();
    for (table, positions) in of {
        let all = Arc::new(SourceTable::new(Arc::new(table.clone())).with_positions());
        let schema = Arc::clone(&table.source.schema);
        let all = LogicalPlanBuilder::scan("all", provider_as_source(all), None).unwrap();
        let positions = positions.iter().map(|position| lit(*position)).collect();
        let columns = schema.fields().iter().map(|field| column(field.name()));
        let some = all.filter(column(POSITION).in_list(positions, false)).unwrap();
        let some = some.project(columns).unwrap().build().unwrap();
        let batches = staging.batches(&some).await.unwrap();
        let table_of = MemTable::try_new(schema, vec![batches]).unwrap();
        providers.push((table.source.name.clone(), Arc::new(table_of)));
    }
    let file = ModelFile { file: "m.sql".to_owned(), text: sql.to_owned() };
    let names = of.iter().map(|(table, _)| table.source.name.clone()).collect();
    let models = Models::parse(&staging.state, vec![file], &names).unwrap();
    let mut planned = models.plan(&staging.state, providers).await.unwrap();
    planned.plans.remove("m").unwrap()
}

async fn found(staging: &Staging, lineage: &Lineage, condition: Expr) -> Found {
    let plan = lineage.rows(condition).unwrap();
    let mut found = Found::new(lineage);
    let batches = match staging.batches(&plan).await {
        Ok(batches) => batches,
        Err(error) => panic!("{error}\n{}", plan.display_indent()),
    };
    batches.iter().for_each(|batch| found.add(batch));
    found
}

async fn check(staging: &Staging, sql: &str, tables: &[FrozenTable]) -> Result<(), TestCaseError> {
    let plan = staging.plan(sql, tables).await;
    let lineage = Lineage::of(&plan).unwrap();
    let batches = staging.batches(&plan).await.unwrap();
    let mut keys = BTreeMap::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let key = ScalarValue::try_from_array(batch.column(0), row).unwrap();
            let _same = keys.insert(key.to_string(), key);
        }
    }
    for key in keys.values() {
        let found = found(staging, &lineage, key_is(&plan, key)).await;
        let mut of: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for (failed, rows) in found.ways() {
            prop_assert!(failed.is_empty());
            for (index, scan) in lineage.scans.iter().enumerate() {
                of.entry(scan.table.source.name.clone()).or_default().extend(rows.positions(index));
            }
        }
        let some: Vec<_> = tables
            .iter()
            .map(|table| (table.clone(), of.remove(&table.source.name).unwrap_or_default()))
            .collect();
        let again = over(staging, sql, &some).await;
        let (whole, again) =
            (rows_of(staging, &plan, key).await, rows_of(staging, &again, key).await);
        prop_assert_eq!(again, whole, "{} at {}", sql, key);
    }
    // A key that is not there is made of nothing.
    let none = found(staging, &lineage, key_is(&plan, &absent(&batches))).await;
    prop_assert_eq!(none.ways().count(), 0, "{}", sql);
    Ok(())
}

fn absent(batches: &[RecordBatch]) -> ScalarValue {
    let data_type = batches.first().map(|batch| batch.column(0).data_type().clone());
    ScalarValue::Int32(Some(12_345)).cast_to(&data_type.unwrap_or(DataType::Int32)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.min(64)))]

    #[test]
    fn the_rows_that_made_a_row_make_it_again(
        tables in tables(),
        models in prop::sample::subsequence(MODELS.to_vec(), 3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let staging = Staging::of_partitions(1);
            let tables = staged(&staging, &tables).await;
            for sql in models {
                check(&staging, sql, &tables).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

/// The rows of each scan as `name: row+row`, with what leaves them out before.
async fn told(
    staging: &Staging,
    sql: &str,
    tables: &[FrozenTable],
    absent: bool,
    key: i64,
) -> String {
    let plan = staging.plan(sql, tables).await;
    let lineage = if absent { Lineage::of_absent(&plan) } else { Lineage::of(&plan) }.unwrap();
    let found = found(staging, &lineage, key_is(&plan, &ScalarValue::Int64(Some(key)))).await;
    let mut told = Vec::new();
    for (failed, rows) in found.ways() {
        told.extend(failed.iter().map(|index| lineage.conditions[*index].to_string()));
        for (index, scan) in lineage.scans.iter().enumerate() {
            // An object's ordinal, then the row in it.
            let place = |position: u64| format!("{}.{}", position >> 40, position & 0xFF);
            let rows: Vec<String> = rows.positions(index).map(place).collect();
            let name = if scan.alias.is_empty() { &scan.table.source.name } else { &scan.alias };
            told.push(format!("{name}: {}", rows.join("+")));
        }
    }
    told.extend(lineage.notes.iter().map(|note| format!("({note})")));
    told.join("; ")
}

#[tokio::test]
async fn a_row_is_made_of_the_newest_rows_that_it_takes() {
    let staging = Staging::new();
    let sources = staging.sources(SOURCES).await;
    let tables = [
        staging
            .freeze(
                &sources[0],
                &[
                    ("LOAD00000001.csv", b"1,7,10\n2,7,20\n3,8,30\n"),
                    ("20260101-000000000.csv", b"U,2,7,21\nI,4,8,40\nD,3,,\n"),
                ],
            )
            .await,
        staging.freeze(&sources[1], &[("LOAD00000001.csv", b"7,1\n9,2\n")]).await,
    ];
    for (sql, key, expected) in [
        ("SELECT id, n FROM t", 2, "t: 1.0"),
        ("SELECT id, n FROM t", 3, ""),
        ("SELECT g, sum(n) AS s FROM t GROUP BY g", 7, "t: 0.0+1.0"),
        ("SELECT sum(n) AS s, g FROM t GROUP BY g", 31, "t: 0.0+1.0"),
        ("SELECT g, max(n) AS s FROM t GROUP BY g HAVING count(*) > 1", 8, ""),
        ("SELECT t.id, u.m FROM t JOIN u ON t.g = u.id", 1, "t: 0.0; u: 0.0"),
        ("SELECT t.id, u.m FROM t LEFT JOIN u ON t.g = u.id", 4, "t: 1.1; u: "),
        ("SELECT a.id, b.n FROM t a JOIN t b ON a.g = b.g", 4, "a: 1.1; b: 1.1"),
        ("SELECT id FROM t UNION ALL SELECT id FROM u", 9, "t: ; u: 1"),
        ("WITH big AS (SELECT * FROM t AS x) SELECT id FROM big", 4, "big.x: 1.1"),
        (
            "SELECT id FROM t WHERE g IN (SELECT id FROM u)",
            1,
            "t: 0.0; (rows of u that a subquery reads are not traced)",
        ),
        (
            "SELECT id, sum(n) OVER (PARTITION BY g) AS s FROM t",
            1,
            "t: 0.0+1.0; (a row that a window function sees is listed with all rows of the same t.g, as it sees these too)",
        ),
    ] {
        let expected = expected.replace("u: 1", "u: 0.1");
        assert_eq!(told(&staging, sql, &tables, false, key).await, expected, "{sql}");
    }
}
