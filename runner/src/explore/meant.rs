//! What a person meant by a statement that is none here: one that writes, one of another program.

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;
use transforms::place::DefinitionError;
use transforms::sql::{
    Around, Dialect, around, at_statement, is_of_parameter, is_of_sample, nearest,
};

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

/// What can be made.
pub(super) const LASTING: &str =
    "CREATE VIEW, CREATE TABLE … AS and CREATE EXTERNAL TABLE last as long as this call or shell";

/// What statements there are.
const STATEMENTS: &str = "there are SELECT, EXPLAIN, DESCRIBE, SHOW TABLES, CREATE VIEW, CREATE TABLE … AS, CREATE EXTERNAL TABLE, and DROP of what these made";

/// Words that statements begin with.
const OPENING: [&str; 11] = [
    "SELECT", "WITH", "VALUES", "EXPLAIN", "DESCRIBE", "SHOW", "CREATE", "DROP", "SET", "TABLE",
    "FROM",
];

/// Refuses a statement that means nothing here, before anything that it names is looked at.
///
/// # Errors
/// Kind `Usage`.
pub(super) fn refuse(file: &str, statement: &Statement) -> Result<()> {
    let inner = match statement {
        Statement::Statement(inner) => inner.as_ref(),
        Statement::CopyTo(_) => {
            return Err(Error::usage(format!("{file}: `runner sql` only reads")).hint(COPIES));
        }
        _ => return Ok(()),
    };
    let Some((message, help)) = writing(inner).or_else(|| other(inner)) else { return Ok(()) };
    Err(Error::from(at_statement(file, statement, message).help(help)))
}

/// Of a statement that writes what is wrong, and what to do instead.
fn writing(statement: &ast::Statement) -> Option<(&'static str, &'static str)> {
    let help = match statement {
        ast::Statement::Insert(_)
        | ast::Statement::Update(_)
        | ast::Statement::Delete(_)
        | ast::Statement::Merge(_)
        | ast::Statement::Truncate(_)
        | ast::Statement::AlterTable(_)
        | ast::Statement::Grant(_)
        | ast::Statement::Revoke(_) => WRITES,
        ast::Statement::CreateIndex(_)
        | ast::Statement::CreateFunction(_)
        | ast::Statement::CreateTrigger(_)
        | ast::Statement::CreateSequence { .. }
        | ast::Statement::CreateDatabase { .. }
        | ast::Statement::CreateSchema { .. } => LASTING,
        ast::Statement::StartTransaction { .. }
        | ast::Statement::Commit { .. }
        | ast::Statement::Rollback { .. } => {
            "there are no transactions: leave it out; each statement reads by itself"
        }
        _ => return None,
    };
    Some(("`runner sql` only reads", help))
}

/// The same of one that other programs have.
fn other(statement: &ast::Statement) -> Option<(&'static str, &'static str)> {
    Some(match statement {
        ast::Statement::CreateTable(table) if table.temporary => (
            "there is no TEMPORARY here",
            "leave it out: what is made here lasts as long as this call or shell",
        ),
        ast::Statement::CreateTable(table) if table.query.is_none() => (
            "a table without rows is of no use here, where nothing is inserted",
            "write CREATE TABLE … AS SELECT …, or declare files with CREATE EXTERNAL TABLE",
        ),
        ast::Statement::ShowDatabases { .. }
        | ast::Statement::ShowSchemas { .. }
        | ast::Statement::ShowCatalogs { .. } => (
            "there are no databases here",
            "SHOW TABLES or \\d lists the tables, \\l the jobs; `runner sql --job JOB` has the tables of a job and, as target.NAME, of its target",
        ),
        ast::Statement::Use(_) => (
            "there is no database to change to",
            "`runner sql --job JOB` has the tables of a job and, as target.NAME, of its target",
        ),
        ast::Statement::ShowCreate { .. } => (
            "SHOW CREATE is not there",
            "\\d+ TABLE tells the SELECT of a model or a view, and the declared types of a source",
        ),
        ast::Statement::AttachDatabase { .. } | ast::Statement::AttachDuckDBDatabase { .. } => (
            "no database is attached here",
            "read a file by its path, SELECT * FROM 'file.parquet'; `runner sql --job JOB` has the tables of a job's target",
        ),
        _ => return None,
    })
}

/// Whether a statement lists the tables.
pub(super) fn is_show_tables(statement: &Statement) -> bool {
    let Statement::Statement(inner) = statement else { return false };
    matches!(inner.as_ref(), ast::Statement::ShowTables { .. })
}

/// What to do instead of what cannot be in a model either, but for other reasons.
fn instead(message: &str) -> Option<&'static str> {
    if is_of_sample(message) {
        Some("LIMIT 100 takes some rows, WHERE rand() < 0.1 a tenth of them")
    } else if is_of_parameter(message) {
        Some("write the value itself")
    } else {
        None
    }
}

/// An error of running a statement, with what there is instead of what the engine has not.
pub(super) fn helped(error: Error) -> Error {
    let message = error.to_string();
    if let Some(help) = instead(&message) {
        return error.hint(help);
    }
    if message.contains("unsupported SQL statement: ") {
        error.or_hint(STATEMENTS)
    } else if message.contains("is not a variable which can be viewed") {
        error.or_hint("SHOW TABLES lists the tables, SHOW ALL the settings of the engine")
    } else {
        error
    }
}

/// Whether a place is that of a sign in a path without quotes: behind FROM or JOIN, or the first word there.
fn is_in_path(text: &str, at: (u64, u64), before: &[String]) -> bool {
    let is_before_path = |word: &String| ["FROM", "JOIN"].contains(&word.to_uppercase().as_str());
    sign(text, at).is_some_and(|sign| "/.~-*".contains(sign)) && before.iter().any(is_before_path)
}

/// What stands at a line and column.
fn sign(text: &str, (line, column): (u64, u64)) -> Option<char> {
    let index = |counted: u64| usize::try_from(counted).ok()?.checked_sub(1);
    text.lines().nth(index(line)?)?.chars().nth(index(column)?)
}

/// An error of parsing a text, with what to write instead.
pub(super) fn reworded(dialect: Dialect, text: &str, error: DefinitionError) -> Error {
    if let Some(help) = instead(&error.message) {
        return error.help(help).into();
    }
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
        "ATTACH" => "read a file by its path: SELECT * FROM 'file.parquet'".to_owned(),
        "TABLE" => format!("write SELECT * FROM {table}"),
        "FROM" => format!("SELECT comes first: SELECT * FROM {table}"),
        "SUMMARIZE" => format!(
            "write DESCRIBE {table} for its columns, SELECT count(*), count(DISTINCT c), min(c), max(c) FROM {table} for their values"
        ),
        _ if before.len() == 2 && before.join(" ").eq_ignore_ascii_case("AS OF") => {
            "write FOR SYSTEM_TIME AS OF '…' behind the table's name".to_owned()
        }
        _ if sign(text, at) == Some('\\') => {
            "a statement ends with `;`, or with \\g or \\gx at the end of a line; a command as \\d stands in a line of its own behind it"
                .to_owned()
        }
        _ if before.is_empty() => match nearest(&begin, OPENING) {
            Some(near) => format!("did you mean {near}?"),
            None => STATEMENTS.to_owned(),
        },
        _ if is_in_path(text, at, &before) => {
            "a path stands in quotes: FROM 'folder/file.csv'".to_owned()
        }
        _ => return error.into(),
    };
    match error.help {
        None => error.help(help).into(),
        Some(_) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_statement_here_is_told_with_what_is() {
        for (text, message, help) in [
            ("SELECT 'a", "-c:1:8: a text in quotes is not closed", "write its quote behind"),
            ("SELECT `a", "-c:1:8: a name in backquotes is not closed", "write ` behind its end"),
            ("SELECT 1 /*", "-c:1:12: a comment is not closed", "write */ behind its end"),
            (
                "SELECT * FROM t USING SAMPLE 5",
                "-c:1:17: USING SAMPLE is not supported",
                "LIMIT 100",
            ),
            ("SELECT 1 \\gx 2", "-c:1:10: ", "\\gx at the end of a line"),
            ("SELEC 1", "-c:1:1: ", "did you mean SELECT?"),
        ] {
            let error = transforms::sql::parse(Dialect::Spark, "-c", text).unwrap_err();
            let error = reworded(Dialect::Spark, text, error);
            assert!(error.to_string().starts_with(message), "{error}");
            assert!(error.next_step().unwrap().contains(help), "{error:?}");
        }
    }
}
