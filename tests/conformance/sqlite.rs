//! SQLite under test.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use runner::target::sqlite::SqliteTarget;
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use crate::conformance::{Native, Subject};

pub(super) fn subject() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("target.db");
    Subject {
        target: Arc::new(SqliteTarget::open(&path).unwrap()),
        other: Arc::new(SqliteTarget::open(&path).unwrap()),
        native: Arc::new(Client { path, _folder: folder }),
        unsigned_max: i64::MAX as u64,
    }
}

struct Client {
    path: PathBuf,
    _folder: TempDir,
}

#[async_trait]
impl Native for Client {
    async fn execute(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }

    async fn value(&self, sql: &str) -> Option<String> {
        let connection = Connection::open(&self.path).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        match rows.next().unwrap()?.get(0).unwrap() {
            Value::Null => None,
            Value::Integer(number) => Some(number.to_string()),
            Value::Real(number) => Some(number.to_string()),
            Value::Text(text) => Some(text),
            Value::Blob(_) => panic!("{sql} answers a blob"),
        }
    }

    async fn drop_index(&self, index: &str, _table: &str) {
        self.execute(&format!("DROP INDEX {index}")).await;
    }
}
