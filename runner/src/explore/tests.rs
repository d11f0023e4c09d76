use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use transforms::sql::Dialect;

use super::*;

/// The only number of the last statement's rows, if there is one.
async fn run(explorer: &Explorer, text: &str) -> Option<i64> {
    let mut last = None;
    for statement in explorer.parse("test", text).unwrap() {
        let Some(answer) = explorer.run("test", statement).await.unwrap() else { continue };
        let batches: Vec<RecordBatch> = answer.rows.try_collect().await.unwrap();
        let number = |batch: &RecordBatch| batch.column(0).as_primitive::<Int64Type>().value(0);
        last = batches.first().map(number);
    }
    last
}

#[tokio::test]
async fn a_second_look_sees_what_came_and_keeps_what_was_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "Id,name\n1,x\n").unwrap();
    let engine = crate::engine::engine(Dialect::Spark, 1, 1 << 30).unwrap();
    let mut explorer = Explorer::alone(&engine, chrono::Utc::now).unwrap();
    let place = folder.path().display();
    let made = format!(
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{place}';
         CREATE VIEW `My View` AS SELECT count(*) AS c FROM t;
         CREATE TABLE m AS SELECT count(*) AS c FROM t"
    );
    assert_eq!(run(&explorer, &made).await, None);
    std::fs::write(folder.path().join("b.csv"), "Id,name\n2,y\n").unwrap();
    assert_eq!(run(&explorer, "SELECT c FROM `My View`").await, Some(1), "as it was declared");
    let by_path = format!("SELECT count(*) FROM '{place}/'");
    assert_eq!(run(&explorer, &by_path).await, Some(2), "as it is");

    explorer.refresh().await.unwrap();
    assert_eq!(run(&explorer, "SELECT c FROM `My View`").await, Some(2));
    assert_eq!(run(&explorer, "SELECT c FROM m").await, Some(1), "rows in memory stay");
    assert_eq!(run(&explorer, &by_path).await, Some(2));

    let tables = explorer.tables();
    let told: Vec<_> = tables.iter().map(|table| (table.sql_name(), table.kind.as_str())).collect();
    let expected = [("t", "declared"), ("My View", "view"), ("m", "memory")];
    assert_eq!(told, expected.map(|(name, kind)| (name.to_owned(), kind)));
    let described = explorer.describe("t").await.unwrap();
    let columns: Vec<_> =
        described.columns.iter().map(|column| (&*column.name, &*column.data_type)).collect();
    assert_eq!(columns, [("id", "bigint"), ("name", "string")]);
    let location = described.location.unwrap();
    assert!(location.starts_with("2 csv files in "), "{location}");
    let unknown = explorer.describe("tt").await.unwrap_err();
    assert_eq!(unknown.next_step(), Some("did you mean `t`?"));

    assert_eq!(run(&explorer, "DROP VIEW `My View`; DROP TABLE m").await, None);
    assert_eq!(explorer.tables().len(), 1);
}
