use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_err;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
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
    let explorer = Explorer::alone(&engine, chrono::Utc::now).unwrap();
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

    let before = explorer;
    let (explorer, all_fit) = before.refreshed().await.unwrap();
    all_fit.unwrap();
    assert_eq!(run(&before, "SELECT c FROM `My View`").await, Some(1), "what still runs goes on");
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

/// A function that counts its calls, and fails at a number.
fn failing(explorer: &Explorer, at: i64) -> Arc<AtomicUsize> {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let counting = move |args: &[ColumnarValue]| {
        let _before = counted.fetch_add(1, Ordering::Relaxed);
        let numbers = args[0].to_array(1)?;
        match numbers.as_primitive::<Int64Type>().values().contains(&at) {
            true => exec_err!("it fails"),
            false => Ok(args[0].clone()),
        }
    };
    let types = vec![DataType::Int64];
    let function =
        create_udf("failing", types, DataType::Int64, Volatility::Volatile, Arc::new(counting));
    explorer.context.register_udf(function);
    calls
}

#[tokio::test]
async fn a_statement_runs_again_only_where_a_full_load_may_hold_a_key_twice() {
    let folder = tempfile::tempdir().unwrap();
    let engine = crate::engine::engine(Dialect::Spark, 1, 1 << 30).unwrap();
    let explorer = Explorer::alone(&engine, chrono::Utc::now).unwrap();
    let calls = failing(&explorer, 7);
    for name in ["once", "twice"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        let rows = if name == "once" { "1,1\n2,7\n" } else { "1,7\n1,2\n" };
        std::fs::write(folder.path().join(name).join("LOAD00000001.csv"), rows).unwrap();
        let ddl = format!(
            "CREATE EXTERNAL TABLE {name} (id INT PRIMARY KEY, n BIGINT) STORED AS DMS LOCATION '{}/{name}'",
            folder.path().display()
        );
        assert_eq!(run(&explorer, &ddl).await, None);
    }
    std::fs::write(folder.path().join("f.csv"), "n\n7\n").unwrap();
    for (table, expected) in [
        (format!("'{}/f.csv'", folder.path().display()), None),
        // The first time ends before the function is called; the newest row of the key does not fail.
        ("twice".to_owned(), Some(2)),
    ] {
        calls.store(0, Ordering::Relaxed);
        let text = format!("SELECT failing(n) FROM {table}");
        let statement = explorer.parse("test", &text).unwrap().remove(0);
        let answer = explorer.run("test", statement).await.unwrap().unwrap();
        let rows: datafusion::error::Result<Vec<RecordBatch>> = answer.rows.try_collect().await;
        let found = rows.ok().map(|rows| rows[0].column(0).as_primitive::<Int64Type>().value(0));
        assert_eq!(found, expected, "{table}");
        assert_eq!(calls.load(Ordering::Relaxed), 1, "{table}");
    }
    // What cannot be read is not read again.
    std::fs::remove_file(folder.path().join("once/LOAD00000001.csv")).unwrap();
    let statement = explorer.parse("test", "SELECT failing(n) FROM once").unwrap().remove(0);
    let error = explorer.run("test", statement).await.err().unwrap();
    assert!(!error.to_string().contains("it fails"), "{error}");
}
