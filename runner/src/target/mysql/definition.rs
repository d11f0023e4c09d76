//! Definitions of tables that DMS reads: this server is a source then, and nothing is written.

use crate::environment::Environment;
use crate::error::Result;
use crate::target::mysql::{connect, decode, describe, login};
use crate::target::name::TableName;

const COLUMNS: &str = "SELECT COLUMN_NAME, COLUMN_TYPE, EXTRA FROM information_schema.COLUMNS \
    WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} ORDER BY ORDINAL_POSITION";
const KEY: &str = "SELECT COLUMN_NAME FROM information_schema.STATISTICS \
    WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX";

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    /// The database that it is in.
    pub(crate) schema: String,
    /// In the table's order.
    pub(crate) columns: Vec<Column>,
    /// Names of the primary key's columns, in its order.
    pub(crate) key: Vec<String>,
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As the server prints it: `int(11) unsigned`.
    pub(crate) sql_type: String,
    /// `auto_increment`, `VIRTUAL GENERATED` and the like.
    pub(crate) extra: String,
}

/// Reads definitions, of tables in the URL's database unless they name another; none for a table that is not there.
///
/// # Errors
/// `Usage` for a wrong URL, login or database, `Temporary` for a server that does not answer.
pub(crate) async fn tables(
    url: &str,
    tables: &[TableName],
    environment: &Environment,
) -> Result<Vec<Option<Table>>> {
    let (url, logins) = login::of_url(url, environment).await?;
    url.check_files()?;
    let mut conn = connect::plain(&url, &logins).await?;
    let mut found = Vec::with_capacity(tables.len());
    for table in tables {
        let columns = decode::only_answer(&mut conn, &describe::of_table(COLUMNS, table)).await?;
        let key = decode::only_answer(&mut conn, &describe::of_table(KEY, table)).await?;
        let field = describe::field;
        let columns: Vec<Column> = columns
            .iter()
            .map(|row| Column {
                name: field(row, 0),
                sql_type: field(row, 1),
                extra: field(row, 2),
            })
            .collect();
        let key = key.iter().map(|row| field(row, 0)).collect();
        let schema = table.schema().unwrap_or(url.database()).to_owned();
        found.push((!columns.is_empty()).then_some(Table { schema, columns, key }));
    }
    // What was asked for is here; that the server says goodbye is not needed.
    let _goodbye = conn.disconnect().await;
    Ok(found)
}
