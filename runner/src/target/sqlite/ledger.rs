//! The ledger's two tables in SQLite.

use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::error::Error;
use crate::target::ledger::{
    AppliedObject, EntryKind, GONE, JOB_META, LEDGER_VERSION, Ledger, LedgerEntry, LedgerUpdate,
    Parts, RUN_KEY, check_basis, table_of,
};
use crate::target::sqlite::fault::Step;

const CREATE: &str = "
CREATE TABLE IF NOT EXISTS main.unglue_ledger (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    generation INTEGER NOT NULL,
    object TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    kind TEXT NOT NULL,
    position TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified TEXT NOT NULL,
    rows INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    applied_at TEXT NOT NULL,
    PRIMARY KEY (job, source, generation, object)
) STRICT;
CREATE TABLE IF NOT EXISTS main.unglue_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;";

const SELECT_APPLIED: &str = "
SELECT source, generation, object, fingerprint, kind, position, size, modified, rows, rejected, run_id, applied_at
FROM main.unglue_ledger WHERE job = ?";
const APPLIED_ORDER: &str = " ORDER BY source, generation, position, object";

const INSERT_APPLIED: &str = "
INSERT OR REPLACE INTO main.unglue_ledger
    (job, source, generation, object, fingerprint, kind, position, size, modified, rows, rejected, run_id, applied_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const SET_META: &str = "
INSERT INTO main.unglue_meta (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";

/// The row of `unglue_meta` that names the layout.
const VERSION: &str = "version";

/// Times as text that sorts, in microseconds as in MySQL.
const TIME: &str = "%Y-%m-%d %H:%M:%S%.6f";

/// Creates the tables that are missing; in a transaction of the caller.
pub(super) fn create(connection: &Connection) -> Step<()> {
    check_version(connection)?;
    connection.execute_batch(CREATE)?;
    connection.execute(SET_META, params![VERSION, LEDGER_VERSION.to_string()])?;
    Ok(())
}

/// Reads the applied objects of a job that are wanted; none where there is no ledger.
pub(super) fn read_applied(
    connection: &Connection,
    job: &str,
    parts: &Parts,
) -> Step<Vec<AppliedObject>> {
    if !connection.table_exists(Some("main"), "unglue_ledger")? {
        return Ok(Vec::new());
    }
    let (mut condition, mut values) = (String::new(), vec![Value::from(job.to_owned())]);
    for (source, part) in parts {
        condition.push_str(
            " AND (source <> ? OR generation > 0 AND generation <= ? AND (object = '' OR object > ?))",
        );
        values.push(Value::from(source.clone()));
        values.push(Value::from(part.generation));
        values.push(Value::from(part.behind.clone()));
    }
    let mut statement =
        connection.prepare(&format!("{SELECT_APPLIED}{condition}{APPLIED_ORDER}"))?;
    Ok(statement.query_map(params_from_iter(values), applied)?.collect::<Result<_, _>>()?)
}

/// Reads what is known of a job but its objects; nothing where there is no ledger.
pub(super) fn read_notes(connection: &Connection, job: &str) -> Step<Ledger> {
    if !connection.table_exists(Some("main"), "unglue_ledger")? {
        return Ok(Ledger::default());
    }
    check_version(connection)?;
    let mut ledger = Ledger::default();
    let prefix = model_prefix(job);
    let mut statement = connection.prepare(
        "SELECT name, value FROM main.unglue_meta
         WHERE substr(name, 1, length(?1)) = ?1 OR name LIKE 'model/%/table:%'",
    )?;
    let mut rows = statement.query([&prefix])?;
    while let Some(row) = rows.next()? {
        let (name, value): (String, String) = (row.get(0)?, row.get(1)?);
        if let Some(own) = name.strip_prefix(&prefix) {
            ledger.models.insert(own.to_owned(), value);
        } else if let Some((job, table)) = table_of(&name)
            && value != GONE
        {
            ledger.taken.insert(table.to_owned(), job.to_owned());
        }
    }
    ledger.last_run = ledger.models.remove(RUN_KEY).unwrap_or_default();
    Ok(ledger)
}

/// Writes an update; in the transaction of the data.
pub(super) fn write(connection: &Connection, update: &LedgerUpdate) -> Step<()> {
    if let Some(basis) = &update.based_on {
        check_basis(basis, &last_run(connection, &update.job)?)?;
    }
    let mut statement = connection.prepare(INSERT_APPLIED)?;
    for entry in &update.entries {
        statement.execute(params![
            update.job,
            entry.source,
            entry.generation,
            entry.object,
            entry.fingerprint,
            entry.kind.as_str(),
            entry.position,
            count(entry.size)?,
            entry.modified.format(TIME).to_string(),
            count(entry.rows)?,
            count(entry.rejected)?,
            update.run_id,
            update.applied_at.format(TIME).to_string(),
        ])?;
    }
    let mut statement = connection.prepare(SET_META)?;
    for (model, fingerprint) in &update.models {
        statement.execute(params![model_prefix(&update.job) + model, fingerprint])?;
    }
    statement.execute(params![model_prefix(&update.job) + RUN_KEY, update.run_id])?;
    Ok(())
}

fn last_run(connection: &Connection, job: &str) -> Step<String> {
    const SELECT_RUN: &str = "SELECT value FROM main.unglue_meta WHERE name = ?1";
    let name = model_prefix(job) + RUN_KEY;
    let found = connection.query_row(SELECT_RUN, [name], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// Refuses a ledger that a later version has written.
fn check_version(connection: &Connection) -> Step<()> {
    if !connection.table_exists(Some("main"), "unglue_meta")? {
        return Ok(());
    }
    let mut statement = connection.prepare("SELECT value FROM main.unglue_meta WHERE name = ?1")?;
    let mut rows = statement.query([VERSION])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    let found: String = row.get(0)?;
    if found.parse::<u32>().is_ok_and(|version| version <= LEDGER_VERSION) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the ledger has version {found}, this runner knows versions up to {LEDGER_VERSION}"
    ))
    .hint("use the runner that wrote the target last, or a later one")
    .into())
}

/// Neither a job's folder nor a model's file can have a slash in its name.
fn model_prefix(job: &str) -> String {
    format!("{JOB_META}{job}/")
}

fn count(number: u64) -> Step<i64> {
    i64::try_from(number)
        .map_err(|_| Error::failed("a count in the ledger is larger than 2^63").into())
}

fn applied(row: &Row<'_>) -> rusqlite::Result<AppliedObject> {
    let kind: String = row.get(4)?;
    let entry = LedgerEntry {
        source: row.get(0)?,
        generation: row.get(1)?,
        object: row.get(2)?,
        fingerprint: row.get(3)?,
        kind: EntryKind::parse(&kind).ok_or_else(|| unreadable(4, "kind"))?,
        position: row.get(5)?,
        size: unsigned(row, 6)?,
        modified: time(row, 7)?,
        rows: unsigned(row, 8)?,
        rejected: unsigned(row, 9)?,
    };
    Ok(AppliedObject { entry, run_id: row.get(10)?, applied_at: time(row, 11)? })
}

fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(index)?).map_err(|_| unreadable(index, "count"))
}

fn time(row: &Row<'_>, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    let text: String = row.get(index)?;
    NaiveDateTime::parse_from_str(&text, TIME)
        .map(|time| time.and_utc())
        .map_err(|_| unreadable(index, "time"))
}

fn unreadable(index: usize, what: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(index, format!("{what} of the ledger"), Type::Text)
}
