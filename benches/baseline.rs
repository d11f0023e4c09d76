//! What a careful person writes by hand for the same effect, given the finished rows.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use futures::{StreamExt, stream};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Result};

use crate::order::COLUMNS;

const CHUNK_BYTES: usize = 256 << 10;
const COLUMN_TYPES: &str = "order_id BIGINT NOT NULL PRIMARY KEY, customer_id INT, quantity INT, \
     unit_price DECIMAL(12,2), amount DECIMAL(14,2), order_date DATE, updated_at DATETIME(6), \
     currency VARCHAR(3), customer VARCHAR(60), product VARCHAR(60), note VARCHAR(100)";

/// The table that all ways fill.
pub(crate) fn create_table() -> String {
    format!("CREATE TABLE orders ({COLUMN_TYPES})")
}

/// Loads files one after the other with one connection.
pub(crate) async fn load(url: &str, files: &[impl AsRef<Path>]) -> Result<()> {
    let mut conn = connect(url).await?;
    load_into(&mut conn, "orders", files).await?;
    conn.disconnect().await
}

/// Loads two files at the same time.
pub(crate) async fn load_both(url: &str, [first, second]: &[impl AsRef<Path>; 2]) -> Result<()> {
    // Tasks, so that both cores read and send.
    let [first, second] = [first, second].map(|file| {
        let (url, file) = (url.to_owned(), file.as_ref().to_owned());
        tokio::spawn(async move { load(&url, &[file]).await })
    });
    first.await.expect("a load does not panic")?;
    second.await.expect("a load does not panic")
}

/// Merges net changes: into a temporary table, then one DELETE and one INSERT, in one transaction.
pub(crate) async fn merge(url: &str, net_changes: &Path) -> Result<()> {
    let mut conn = connect(url).await?;
    conn.query_drop(format!("CREATE TEMPORARY TABLE net ({COLUMN_TYPES}, deleted TINYINT)"))
        .await?;
    conn.query_drop("START TRANSACTION").await?;
    load_into(&mut conn, "net", &[net_changes]).await?;
    conn.query_drop("DELETE orders FROM net JOIN orders USING (order_id) WHERE net.deleted = 1")
        .await?;
    let assignments = COLUMNS.map(|column| format!("{column} = net.{column}"));
    conn.query_drop(format!(
        "INSERT INTO orders SELECT {} FROM net WHERE deleted = 0 ON DUPLICATE KEY UPDATE {}",
        COLUMNS.join(", "),
        assignments[1..].join(", "),
    ))
    .await?;
    conn.query_drop("COMMIT").await?;
    conn.disconnect().await
}

/// Executes the statements of a file, one a line, as one transaction.
pub(crate) async fn execute(url: &str, file: &str) -> Result<()> {
    let statements = std::fs::read_to_string(file).expect("the statements are there");
    let mut conn = connect(url).await?;
    conn.query_drop("START TRANSACTION").await?;
    for statement in statements.lines() {
        conn.query_drop(statement).await?;
    }
    conn.query_drop("COMMIT").await?;
    conn.disconnect().await
}

async fn connect(url: &str) -> Result<Conn> {
    let opts = OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false);
    Conn::new(opts).await
}

async fn load_into(conn: &mut Conn, table: &str, files: &[impl AsRef<Path>]) -> Result<()> {
    let files: Vec<File> = files
        .iter()
        .map(|path| File::open(path.as_ref()))
        .collect::<io::Result<_>>()
        .expect("the generated files are there");
    // Reading here holds up a thread of the runtime, but the files are in the page cache.
    let chunks = files.into_iter().flat_map(chunks);
    conn.set_infile_handler(async move { Ok(stream::iter(chunks).boxed()) });
    conn.query_drop(format!(
        "LOAD DATA LOCAL INFILE 'rows' INTO TABLE {table} CHARACTER SET utf8mb4"
    ))
    .await?;
    let account = conn.info().into_owned();
    assert!(account.ends_with("Deleted: 0  Skipped: 0  Warnings: 0"), "{account}");
    Ok(())
}

fn chunks(mut file: File) -> impl Iterator<Item = io::Result<Bytes>> {
    std::iter::from_fn(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        match file.read(&mut chunk) {
            Ok(0) => None,
            Ok(length) => {
                chunk.truncate(length);
                Some(Ok(Bytes::from(chunk)))
            }
            Err(error) => Some(Err(error)),
        }
    })
}
