//! What a person meant by a statement that is none here: one that writes, one of another program's SQL.

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;
use transforms::place::DefinitionError;
use transforms::sql::{Around, Dialect, around, at_statement};

use crate::error::{Error, Result};

/// What to do instead of writing.
pub(super) const WRITES: &str = "what a job writes is the SELECT of its models: change that, look with `runner plan`, write with `runner run`; for anything else use the database's own client";

/// What to do instead of writing a file.
pub(super) const COPIES: &str =
    "write the rows of a SELECT to a file with --out, in the shell with \\o";

/// Words that statements which write begin with.
const WRITING: [&str; 11] = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT", "TRUNCATE", "ALTER", "GRANT",
    "REVOKE", "RENAME",
];

/// Refuses a statement that writes, before anything that it names is looked at.
///
/// # Errors
/// Kind `Usage`.
pub(super) fn refuse_writing(file: &str, statement: &Statement) -> Result<()> {
    let Statement::Statement(inner) = statement else { return Ok(()) };
    let help = match inner.as_ref() {
        ast::Statement::Insert(_)
        | ast::Statement::Update(_)
        | ast::Statement::Delete(_)
        | ast::Statement::Merge(_)
        | ast::Statement::Truncate(_)
        | ast::Statement::AlterTable(_)
        | ast::Statement::Grant(_)
        | ast::Statement::Revoke(_) => WRITES,
        ast::Statement::StartTransaction { .. }
        | ast::Statement::Commit { .. }
        | ast::Statement::Rollback { .. } => {
            "there are no transactions: leave it out; each statement reads by itself"
        }
        _ => return Ok(()),
    };
    Err(Error::from(at_statement(file, statement, "`runner sql` only reads").help(help)))
}

/// An error of parsing a text, with what to write instead.
pub(super) fn reworded(dialect: Dialect, text: &str, error: DefinitionError) -> Error {
    let Some(at) = error.place.at else { return error.into() };
    let Around { first, before } = around(dialect, text, at);
    let word = |at: usize| first.get(at).map(String::as_str).unwrap_or_default();
    let begin = word(0).to_uppercase();
    if WRITING.contains(&begin.as_str()) {
        let message = format!("`runner sql` only reads, and this is {begin}");
        return DefinitionError { message, ..error }.help(WRITES).into();
    }
    let is_name = |word: &str| word.starts_with(|c: char| c.is_alphabetic() || "_`\"'".contains(c));
    let is_query = |word: &str| ["SELECT", "WITH"].contains(&word.to_uppercase().as_str());
    let table = Some(word(1)).filter(|word| is_name(word) && !is_query(word)).unwrap_or("TABLE");
    let help = match begin.as_str() {
        "COPY" => COPIES.to_owned(),
        "FROM" => format!("SELECT comes first: SELECT * FROM {table}"),
        "SUMMARIZE" => format!(
            "write DESCRIBE {table} for its columns, SELECT count(*), count(DISTINCT c), min(c), max(c) FROM {table} for their values"
        ),
        _ if before.len() == 2 && before.join(" ").eq_ignore_ascii_case("AS OF") => {
            "write FOR SYSTEM_TIME AS OF '…' behind the table's name".to_owned()
        }
        _ => return error.into(),
    };
    match error.help {
        None => error.help(help).into(),
        Some(_) => error.into(),
    }
}
