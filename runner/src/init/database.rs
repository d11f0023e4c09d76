//! A table's definition in its own database, whichever it is.

use url::Url;

use super::{mysql, postgres};
use crate::doctor::finding::Finding;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::target::name::TableName;

/// A table as its database defines it.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// The schema that the table is in; MySQL: the database.
    pub(super) schema: String,
    pub(super) columns: Vec<Defined>,
    /// Names of the primary key's columns, in its order.
    pub(super) key: Vec<String>,
    /// What the definition does to what DMS stages.
    pub(super) findings: Vec<Finding>,
}

/// A column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Defined {
    pub(super) name: String,
    /// The type that its values have in staged objects.
    pub(super) sql_type: String,
    pub(super) remark: Option<String>,
}

/// What DMS makes of a column's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staged {
    pub(super) sql_type: String,
    pub(super) remark: Option<&'static str>,
}

impl Staged {
    pub(super) fn plain(sql_type: impl Into<String>) -> Self {
        Self { sql_type: sql_type.into(), remark: None }
    }

    pub(super) fn because(sql_type: impl Into<String>, remark: &'static str) -> Self {
        Self { sql_type: sql_type.into(), remark: Some(remark) }
    }
}

/// Asks a database for the definitions of tables. A password that the URL lacks is that of `PGPASSWORD` or `MYSQL_PWD`.
///
/// # Errors
/// Kind `Usage` for a wrong URL or login and for a table that is not there, `Temporary` for a server that does not answer.
pub(super) async fn definitions(
    url: &str,
    tables: &[TableName],
    environment: &Environment,
) -> Result<Vec<Definition>> {
    match url.split_once("://").map(|(scheme, _)| scheme) {
        Some("postgres" | "postgresql") => {
            let url = with_password(url, environment.variable("PGPASSWORD"));
            postgres::definitions(&url, tables).await
        }
        Some("mysql") => {
            let url = with_password(url, environment.variable("MYSQL_PWD"));
            mysql::definitions(&url, tables, environment).await
        }
        _ => Err(Error::usage("--database is the URL of neither PostgreSQL nor MySQL").hint(
            "write postgres://user@host:5432/database or mysql://user@host:3306/database, the password in PGPASSWORD or MYSQL_PWD",
        )),
    }
}

/// The URL with a password, if it has none. One that cannot be parsed is told of by whoever uses it.
fn with_password(url: &str, password: Option<&str>) -> String {
    let (Ok(mut parsed), Some(password)) = (Url::parse(url), password) else {
        return url.to_owned();
    };
    if parsed.password().is_some() || parsed.set_password(Some(password)).is_err() {
        return url.to_owned();
    }
    parsed.into()
}

/// A table that is not there, or that this user may not see.
pub(super) fn missing(table: &TableName) -> Error {
    Error::usage(format!("there is no table `{table}` in the database of --database"))
        .hint("write --table schema.table, in the letters of the database; the user needs the right to see it")
}

/// What is open about large values: both databases log and stage them alike.
pub(super) fn large_values(columns: &[String]) -> Option<Finding> {
    (!columns.is_empty()).then(|| {
        let columns = columns.join(", ");
        Finding::note(
            "init.lob",
            "",
            format!("{columns}: values longer than the task's LobMaxSize are staged cut off"),
        )
        .next("set LobMaxSize of the task above the longest value")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_of_the_environment_fills_in_for_one_that_is_not_in_the_url() {
        let with = |url: &str| with_password(url, Some("s/3"));
        assert_eq!(with("postgres://me@h/db"), "postgres://me:s%2F3@h/db");
        assert_eq!(with("mysql://me:own@h/db"), "mysql://me:own@h/db");
        assert_eq!(with("no url"), "no url");
        assert_eq!(with_password("mysql://me@h/db", None), "mysql://me@h/db");
    }
}
