//! A table of PostgreSQL, and what its definition does to what DMS stages.

mod tls;
mod types;
mod url;

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use super::database::{Defined, Definition, Staged, large_values, missing};
use crate::doctor::finding::Finding;
use crate::error::{Error, Result};
use crate::target::name::TableName;
use types::{Type, staged};
use url::PostgresUrl;

/// How long the server may take to answer a question.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// A domain is the type that it is based on. Before PostgreSQL 12 there is no `attgenerated`.
const COLUMNS: &str = "SELECT a.attname::text, \
        CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END, \
        coalesce(b.typtype, t.typtype)::text, coalesce(b.typcategory, t.typcategory)::text, coalesce(to_jsonb(a)->>'attgenerated', '') \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
    LEFT JOIN pg_catalog.pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype \
    WHERE a.attrelid = $1::text::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
const TABLE: &str = "SELECT c.oid::text, c.relkind::text, c.relreplident::text \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = $2";
/// Key columns of the primary key, and whether that is what the log identifies rows by. Before PostgreSQL 11 an index has no others.
const KEY: &str = "SELECT a.attname::text, i.indisreplident FROM pg_catalog.pg_index i \
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place) \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
    WHERE i.indrelid = $1::text::oid AND i.indisprimary \
    AND k.place <= coalesce((to_jsonb(i)->>'indnkeyatts')::int, i.indnatts) ORDER BY k.place";

/// Asks for tables; one without schema is in `public`.
pub(super) async fn definitions(url: &str, tables: &[TableName]) -> Result<Vec<Definition>> {
    let url = PostgresUrl::parse(url)?;
    let (client, connection) = tls::connect(&url).await?;
    // It ends when the client is dropped; what fails on it is told to the client.
    let talking = tokio::spawn(connection);
    let mut found = Vec::with_capacity(tables.len());
    for table in tables {
        let asked = tokio::time::timeout(ANSWER_TIMEOUT, define(&client, table)).await;
        let asked = asked.map_err(|_| {
            Error::temporary(format!("{url} did not answer within {} s", ANSWER_TIMEOUT.as_secs()))
        })?;
        found.push(asked?);
    }
    // So that the server hears of the end; what was asked for is here.
    drop(client);
    let _goodbye = tokio::time::timeout(GOODBYE_TIMEOUT, talking).await;
    Ok(found)
}

async fn define(client: &Client, table: &TableName) -> Result<Definition> {
    let schema = table.schema().unwrap_or("public");
    let rows =
        client.query(TABLE, &[&schema, &table.name()]).await.map_err(|error| failed(&error))?;
    let row = rows.first().ok_or_else(|| missing(table))?;
    let (oid, kind, identity) = (text(row, 0), text(row, 1), text(row, 2));
    if !matches!(kind.as_str(), "r" | "p") {
        return Err(Error::usage(format!("`{table}` is not a table"))
            .hint("DMS reads changes of tables, not of views"));
    }
    let columns = client.query(COLUMNS, &[&oid]).await.map_err(|error| failed(&error))?;
    let key_rows = client.query(KEY, &[&oid]).await.map_err(|error| failed(&error))?;
    let key: Vec<String> = key_rows.iter().map(|row| text(row, 0)).collect();
    let key_is_logged = key_rows.iter().any(|row| row.try_get(1).unwrap_or(false));
    let mut findings: Vec<Finding> =
        identity_finding(table, &identity, &key, key_is_logged).into_iter().collect();
    let mut large = Vec::new();
    let mut defined = Vec::with_capacity(columns.len());
    let mut generated = Vec::new();
    for row in &columns {
        let (name, printed, class, category) =
            (text(row, 0), text(row, 1), text(row, 2), text(row, 3));
        let of = Type { printed: &printed, class: &class, category: &category };
        let Staged { sql_type, remark } = staged(of);
        if of.is_large() {
            large.push(name.clone());
        }
        if !text(row, 4).is_empty() {
            generated.push(name.clone());
        }
        defined.push(Defined { name, sql_type, remark: remark.map(str::to_owned) });
    }
    findings.extend(large_values(&large));
    if identity != "f" && !large.is_empty() {
        let message = format!(
            "{}: an update that does not change a large value logs no value for it (TOAST), so DMS may stage NULL",
            large.join(", ")
        );
        findings.push(Finding::warning("init.toast", "", message).next(format!(
            "ALTER TABLE {table} REPLICA IDENTITY FULL at the source, if values may be large"
        )));
    }
    if !generated.is_empty() {
        let message =
            format!("{}: computed columns, which a task may leave out", generated.join(", "));
        findings.push(
            Finding::warning("init.generated", "", message)
                .next("compare the number of columns with a staged object; --from does so"),
        );
    }
    Ok(Definition { schema: schema.to_owned(), columns: defined, key, findings })
}

/// What the log of the table does not tell. Pure.
fn identity_finding(
    table: &TableName,
    identity: &str,
    key: &[String],
    key_is_logged: bool,
) -> Option<Finding> {
    let (message, next) = match identity {
        _ if key.is_empty() => (
            format!("table {table} has no PRIMARY KEY: DMS does not stage its updates and deletes"),
            "give it one".to_owned(),
        ),
        "n" => (
            format!(
                "table {table} has REPLICA IDENTITY NOTHING: the server logs neither updates' nor deletes' keys"
            ),
            format!("ALTER TABLE {table} REPLICA IDENTITY DEFAULT at the source"),
        ),
        "i" if !key_is_logged => (
            format!(
                "table {table} has the REPLICA IDENTITY of an index that is not its PRIMARY KEY: rows that delete hold the index's columns alone, so their key is missing"
            ),
            format!(
                "ALTER TABLE {table} REPLICA IDENTITY DEFAULT at the source, or name the index's columns with --key"
            ),
        ),
        _ => return None,
    };
    Some(Finding::warning("init.replica_identity", "", message).next(next))
}

fn text(row: &Row, index: usize) -> String {
    row.try_get(index).unwrap_or_default()
}

/// The server's word on a question about its catalogue holds no row's value.
fn failed(error: &tokio_postgres::Error) -> Error {
    let said =
        error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
    let kind_of = match error.code() {
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => Error::usage,
        Some(_) => Error::failed,
        None => Error::temporary,
    };
    kind_of(format!("PostgreSQL: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_log_lacks_is_told() {
        let table: TableName = "public.t".parse().unwrap();
        let key = ["id".to_owned()];
        let told = |identity: &str, key: &[String], logged: bool| {
            identity_finding(&table, identity, key, logged).map(|finding| finding.message)
        };
        assert_eq!(told("d", &key, false), None);
        assert_eq!(told("f", &key, false), None);
        assert_eq!(told("i", &key, true), None);
        assert!(told("i", &key, false).unwrap().contains("not its PRIMARY KEY"));
        assert!(told("n", &key, false).unwrap().contains("NOTHING"));
        assert!(told("d", &[], false).unwrap().contains("no PRIMARY KEY"));
    }
}
