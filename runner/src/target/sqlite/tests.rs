//! What is particular to SQLite; the contract of all targets is checked by the conformance suite.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::TaskContext;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::error::{Kind, Result};
use crate::target::ledger::{LedgerUpdate, everything};
use crate::target::rows::Rows;
use crate::target::sqlite::shape::Shape;
use crate::target::sqlite::{SqliteTarget, connection};
use crate::target::{Record, TableRebuild, TableSpec, Target};

const JOB: &str = "load_sales";

fn target(folder: &TempDir) -> SqliteTarget {
    SqliteTarget::open(&folder.path().join("sales.db")).unwrap()
}

struct Nothing;

#[async_trait]
impl Record for Nothing {
    fn job(&self) -> &str {
        JOB
    }

    async fn update(&self) -> Result<LedgerUpdate> {
        Ok(LedgerUpdate {
            job: JOB.into(),
            run_id: "run".into(),
            applied_at: chrono::DateTime::UNIX_EPOCH,
            based_on: None,
            entries: vec![],
            models: [].into(),
        })
    }
}

fn spec() -> TableSpec {
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
    TableSpec { table: "sales".parse().unwrap(), schema, key: vec![0], added: vec![] }
}

fn rebuild(ids: Vec<Option<i64>>) -> TableRebuild {
    let schema = spec().schema;
    let ids = Int64Array::from(ids);
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(ids)]).unwrap();
    let plan = MemorySourceConfig::try_new_exec(&[vec![batch]], schema, None).unwrap();
    TableRebuild { spec: spec(), rows: Rows::new(plan, Arc::new(TaskContext::default())) }
}

#[tokio::test]
async fn asking_a_missing_file_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder);
    target.ledger(JOB, &everything).await.unwrap();
    assert!(target.describe(&"sales".parse().unwrap()).await.unwrap().is_none());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_wrong_usage_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "this is no database, however long it may be".repeat(100)).unwrap();
    let missing = folder.path().join("nowhere/sales.db");
    for path in [&text, &missing] {
        let error = SqliteTarget::open(path).unwrap().recover(JOB).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Usage, "{error:?}");
        assert!(error.next_step().is_some());
    }
    let error = SqliteTarget::open(&text).unwrap().ledger(JOB, &everything).await.unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    let error = SqliteTarget::open(&missing).unwrap().lock(JOB, Duration::ZERO).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Usage, "{error:?}");
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[tokio::test]
async fn null_never_becomes_a_row_number() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder);
    target.recover(JOB).await.unwrap();
    Connection::open(folder.path().join("sales.db"))
        .unwrap()
        .execute_batch("CREATE TABLE sales (id INTEGER PRIMARY KEY)")
        .unwrap();
    let error = target.rebuild(&[rebuild(vec![Some(1), None])], &Nothing).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(error.to_string().contains("`id`"), "{error}");
}

#[tokio::test]
async fn a_table_of_another_schema_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder);
    target.recover(JOB).await.unwrap();
    let error = target.describe(&"shop.sales".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(target.describe(&"main.unglue_meta".parse().unwrap()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_database_in_use_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder);
    target.recover(JOB).await.unwrap();
    let other = Connection::open(folder.path().join("sales.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.execute_batch("COMMIT").unwrap();
    };
    let tables = [rebuild(vec![Some(1), None, None])];
    let (done, ()) = tokio::join!(target.rebuild(&tables, &Nothing), release);
    assert_eq!(done.unwrap()[0].upserted, 3);
}

fn shape(definition: &str) -> Shape {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(definition).unwrap();
    Shape::load(&connection, &"t".parse().unwrap()).unwrap().unwrap()
}

#[test]
fn rows_are_updated_in_place_only_where_the_key_alone_decides() {
    for (definition, expected) in [
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, x)", true),
        ("CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, x)", true),
        ("CREATE TABLE t (id TEXT PRIMARY KEY, x) WITHOUT ROWID", true),
        ("CREATE TABLE t (id TEXT PRIMARY KEY, x TEXT) STRICT", true),
        ("CREATE TABLE t (id TEXT NOT NULL UNIQUE, x)", true),
        // NULL may be there several times.
        ("CREATE TABLE t (id TEXT PRIMARY KEY, x)", false),
        ("CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, x)", false),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, x UNIQUE)", false),
        ("CREATE TABLE t (id INT NOT NULL, x, PRIMARY KEY (id, x))", false),
        ("CREATE TABLE t (id INT NOT NULL, x)", false),
        ("CREATE TABLE t (id INT NOT NULL, x); CREATE UNIQUE INDEX i ON t (id) WHERE x > 1", false),
        ("CREATE TABLE t (id INT NOT NULL, x); CREATE UNIQUE INDEX i ON t (id + 1)", false),
    ] {
        assert_eq!(shape(definition).can_upsert(&["id"]), expected, "{definition}");
    }
}

#[test]
fn only_indexes_of_columns_over_all_rows_tell_what_is_unique() {
    let shape = shape(
        "CREATE TABLE t (a INT, b TEXT, c TEXT, PRIMARY KEY (b, a), UNIQUE (c));
         CREATE UNIQUE INDEX partial ON t (a) WHERE b > '';
         CREATE UNIQUE INDEX computed ON t (a + 1);
         CREATE INDEX plain ON t (c, a);",
    );
    assert_eq!(shape.def.unique, [vec!["b", "a"], vec!["c"]]);
}

#[test]
fn a_key_is_looked_up_by_its_index() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT); CREATE INDEX i ON t (code)",
        )
        .unwrap();
    for column in ["id", "code"] {
        let plan: String = connection
            .query_row(
                &format!("EXPLAIN QUERY PLAN DELETE FROM t WHERE \"{column}\" COLLATE BINARY IS ?"),
                [1],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.starts_with("SEARCH"), "{plan}");
    }
}

#[test]
fn a_misspelt_column_is_an_error_and_not_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join("sales.db");
    let connection = connection::open_to_write(path).unwrap();
    assert!(connection.prepare("SELECT \"nowhere\"").is_err());
}
