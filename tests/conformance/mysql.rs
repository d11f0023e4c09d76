//! MySQL and MariaDB under test.

use std::sync::Arc;

use async_trait::async_trait;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Value};
use runner::environment::Environment;
use runner::target::url;

use crate::conformance::{Native, Subject};
use crate::support::MySqlServer;

/// `url` is that of an empty database.
pub(super) async fn subject(url: String) -> Subject {
    Subject {
        target: url::open(&url, &Environment::default()).await.unwrap(),
        other: url::open(&url, &Environment::default()).await.unwrap(),
        native: Arc::new(Client(url)),
        unsigned_max: u64::MAX,
    }
}

/// The URL of a new database, whose own character set is `charset`.
pub(super) fn fresh_url(server: &MySqlServer, charset: &str) -> String {
    let database = server.fresh_database();
    server.execute(&database, &format!("ALTER DATABASE {database} CHARACTER SET {charset}"));
    server.url(&database)
}

struct Client(String);

impl Client {
    async fn connect(&self) -> Conn {
        Conn::new(Opts::from_url(&self.0).unwrap()).await.unwrap()
    }
}

#[async_trait]
impl Native for Client {
    async fn execute(&self, sql: &str) {
        let mut conn = self.connect().await;
        conn.query_drop(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        conn.disconnect().await.unwrap();
    }

    async fn value(&self, sql: &str) -> Option<String> {
        let mut conn = self.connect().await;
        let row = conn.query_first(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        conn.disconnect().await.unwrap();
        let row: mysql_async::Row = row?;
        match row.unwrap().into_iter().next()? {
            Value::NULL => None,
            Value::Bytes(text) => Some(String::from_utf8(text).unwrap()),
            other => panic!("the text protocol has no {other:?}"),
        }
    }

    async fn drop_index(&self, index: &str, table: &str) {
        self.execute(&format!("DROP INDEX {index} ON {table}")).await;
    }
}
