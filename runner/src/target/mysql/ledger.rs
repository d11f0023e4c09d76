//! The ledger tables: creating, reading and writing them. What they mean is in [`crate::target::ledger`].

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike, Utc};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};

use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::ledger::{
    AppliedObject, EntryKind, GONE, JOB_META, LEDGER_VERSION, Ledger, LedgerEntry, LedgerUpdate,
    Parts, RUN_KEY, Wanted, table_of,
};
use crate::target::mysql::connect::{self, Server};
use crate::target::mysql::decode;
use crate::target::mysql::error::Result;

const VERSION: &str = "version";
const CREATE_META: &str = "INSERT IGNORE INTO `unglue_meta` (`name`, `value`) VALUES (?, ?)";
/// Rows of one statement.
const ROWS_MAX: usize = 500;

const READ_OBJECTS: &str = "SELECT `source`, `object`, `fingerprint`, `kind`, `generation`, `position`, `size`, `modified`, \
    `rows`, `rejected`, `run_id`, `applied_at` FROM `unglue_ledger` WHERE `job` = ?";
const OBJECTS_ORDER: &str = " ORDER BY `source`, `generation`, `position`, `object`";
const WRITE_OBJECTS: &str = "REPLACE INTO `unglue_ledger` (`job`, `source`, `generation`, `object`, `fingerprint`, `kind`, \
    `position`, `size`, `modified`, `rows`, `rejected`, `run_id`, `applied_at`) VALUES ";
const OBJECT_COLUMNS: usize = 13;

fn create_statements(server: Server) -> [String; 2] {
    let collation = server.exact_collation();
    [
        format!(
            "CREATE TABLE IF NOT EXISTS `unglue_ledger` (
  `job` VARCHAR(64) NOT NULL,
  `source` VARCHAR(64) NOT NULL,
  `generation` INT UNSIGNED NOT NULL,
  `object` VARCHAR(512) NOT NULL,
  `fingerprint` VARCHAR(255) NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `position` VARCHAR(1024) NOT NULL,
  `size` BIGINT UNSIGNED NOT NULL,
  `modified` DATETIME(6) NOT NULL,
  `rows` BIGINT UNSIGNED NOT NULL,
  `rejected` BIGINT UNSIGNED NOT NULL,
  `run_id` VARCHAR(64) NOT NULL,
  `applied_at` DATETIME(6) NOT NULL,
  PRIMARY KEY (`job`, `source`, `generation`, `object`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={collation}"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS `unglue_meta` (
  `name` VARCHAR(191) NOT NULL PRIMARY KEY,
  `value` LONGTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={collation}"
        ),
    ]
}

/// Creates what is missing.
///
/// # Errors
/// Kind `Refused` if a newer version made the ledger.
pub(super) async fn create(conn: &mut Conn, server: Server, job: &str) -> Result<()> {
    if let Ok(Some(found)) = version(conn).await {
        check_version(found)?;
        return create_last_run(conn, job).await;
    }
    for statement in create_statements(server) {
        failpoint!("mysql.ledger.before_create");
        conn.query_drop(statement).await?;
    }
    failpoint!("mysql.ledger.created");
    // Two jobs may come here at once.
    let row = vec![Value::from(VERSION), Value::from(LEDGER_VERSION.to_string())];
    conn.exec_drop(CREATE_META, row).await?;
    let found = version(conn).await?;
    check_version(found.ok_or_else(|| Error::failed("the ledger has no layout number"))?)?;
    create_last_run(conn, job).await
}

/// Makes the row that commits of the job lock: the lock of a row that is not there is one of the gap, which other jobs write into.
async fn create_last_run(conn: &mut Conn, job: &str) -> Result<()> {
    let name = model_name(job, RUN_KEY);
    if meta(conn, &name).await?.is_none() {
        conn.exec_drop(CREATE_META, vec![Value::from(name), Value::from("")]).await?;
    }
    Ok(())
}

async fn version(conn: &mut Conn) -> Result<Option<u32>> {
    let value = meta(conn, VERSION).await?;
    Ok(value.and_then(|text| text.parse().ok()))
}

fn check_version(found: u32) -> Result<()> {
    if found <= LEDGER_VERSION {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the ledger has layout {found}, made by a newer version of this program, which knows layouts up to {LEDGER_VERSION}"
    ))
    .hint("use the newer version")
    .into())
}

/// What the ledger tables hold of a job, as far as it is wanted; empty where there are none. Writes nothing.
pub(super) async fn read(conn: &mut Conn, job: &str, wanted: &Wanted<'_>) -> Result<Ledger> {
    match version(conn).await {
        Err(failure) if failure.is_missing_table() => return Ok(Ledger::default()),
        Err(failure) => return Err(failure),
        Ok(None) => return Ok(Ledger::default()),
        Ok(Some(found)) => check_version(found)?,
    }
    let prefix = model_name(job, "");
    let sql = "SELECT `name`, `value` FROM `unglue_meta` \
        WHERE LEFT(`name`, CHAR_LENGTH(?)) = ? OR `name` LIKE 'model/%/table:%'";
    let names = vec![Value::from(&prefix), Value::from(&prefix)];
    let mut ledger = Ledger::default();
    for row in decode::rows(conn, sql, names).await? {
        let [name, value] =
            [0, 1].map(|index| row.get(index).and_then(decode::text).unwrap_or_default());
        if let Some(own) = name.strip_prefix(&prefix) {
            ledger.models.insert(own.to_owned(), value);
        } else if let Some((job, table)) = table_of(&name)
            && value != GONE
        {
            ledger.taken.insert(table.to_owned(), job.to_owned());
        }
    }
    ledger.last_run = ledger.models.remove(RUN_KEY).unwrap_or_default();
    ledger.parts = wanted(&ledger.models);
    let (condition, values) = condition(job, &ledger.parts);
    let sql = format!("{READ_OBJECTS}{condition}{OBJECTS_ORDER}");
    let rows = decode::rows(conn, &sql, values).await?;
    let applied: Option<Vec<_>> = rows.iter().map(|row| applied_object(row)).collect();
    ledger.applied =
        applied.ok_or_else(|| Error::failed("a row of unglue_ledger is not one of ours"))?;
    Ok(ledger)
}

/// The condition of what is wanted, in terms of the primary key: one range for each generation of a source.
fn condition(job: &str, wanted: &Parts) -> (String, Vec<Value>) {
    let mut values = vec![Value::from(job)];
    if wanted.is_empty() {
        return (String::new(), values);
    }
    let marks = |count: usize| vec!["?"; count].join(", ");
    let mut parts = vec![format!("`source` NOT IN ({})", marks(wanted.len()))];
    values.extend(wanted.keys().map(Value::from));
    for (source, part) in wanted {
        let generations: Vec<Value> = (1..=part.generation).map(Value::from).collect();
        let marks = marks(generations.len());
        parts.push(format!("(`source` = ? AND `generation` IN ({marks}) AND `object` > ?)"));
        // The marks of emptied generations.
        parts.push(format!("(`source` = ? AND `generation` IN ({marks}) AND `object` = '')"));
        values.push(Value::from(source));
        values.extend(generations.iter().cloned());
        values.push(Value::from(&part.behind));
        values.push(Value::from(source));
        values.extend(generations);
    }
    (format!(" AND ({})", parts.join(" OR ")), values)
}

fn applied_object(row: &[Value]) -> Option<AppliedObject> {
    let text = |index: usize| row.get(index).and_then(decode::text);
    let number = |index: usize| row.get(index).and_then(decode::unsigned);
    let moment = |index: usize| row.get(index).and_then(decode::moment);
    Some(AppliedObject {
        entry: LedgerEntry {
            source: text(0)?,
            object: text(1)?,
            fingerprint: text(2)?,
            kind: EntryKind::parse(&text(3)?)?,
            generation: u32::try_from(number(4)?).ok()?,
            position: text(5)?,
            size: number(6)?,
            modified: moment(7)?,
            rows: number(8)?,
            rejected: number(9)?,
        },
        run_id: text(10)?,
        applied_at: moment(11)?,
    })
}

/// Adds an update; belongs into the transaction of its data.
pub(super) async fn write(conn: &mut Conn, update: &LedgerUpdate) -> Result<()> {
    check_basis(conn, update).await?;
    for entries in update.entries.chunks(ROWS_MAX) {
        let row = format!("({})", vec!["?"; OBJECT_COLUMNS].join(", "));
        let sql = format!("{WRITE_OBJECTS}{}", vec![row; entries.len()].join(", "));
        let values = entries.iter().flat_map(|entry| object_values(update, entry)).collect();
        connect::change(conn, &sql, values)
            .await
            .map_err(|failure| failure.about(&"unglue_ledger"))?;
    }
    let run = std::iter::once((RUN_KEY, update.run_id.as_str()));
    let notes = update.models.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let notes: Vec<_> =
        notes.chain(run).map(|(name, value)| (model_name(&update.job, name), value)).collect();
    for notes in notes.chunks(ROWS_MAX) {
        set_metas(conn, notes).await?;
    }
    Ok(())
}

/// Checks, within the transaction that writes, that the run still knows the ledger. The row of the last run stays locked until
/// its end; a locking read sees what is committed, not the transaction's older snapshot.
///
/// # Errors
/// Kind `Temporary` if another run has written.
pub(super) async fn check_basis(conn: &mut Conn, update: &LedgerUpdate) -> Result<()> {
    check(conn, update, " FOR UPDATE").await
}

/// The same outside of a transaction; nothing is locked.
pub(super) async fn look_at_basis(conn: &mut Conn, update: &LedgerUpdate) -> Result<()> {
    check(conn, update, "").await
}

async fn check(conn: &mut Conn, update: &LedgerUpdate, lock: &str) -> Result<()> {
    let Some(basis) = &update.based_on else { return Ok(()) };
    let sql = format!("SELECT `value` FROM `unglue_meta` WHERE `name` = ?{lock}");
    let rows =
        decode::rows(conn, &sql, vec![Value::from(model_name(&update.job, RUN_KEY))]).await?;
    let found = rows.first().and_then(|row| row.first()).and_then(decode::text);
    Ok(crate::target::ledger::check_basis(basis, &found.unwrap_or_default())?)
}

fn object_values(update: &LedgerUpdate, entry: &LedgerEntry) -> [Value; OBJECT_COLUMNS] {
    [
        Value::from(&update.job),
        Value::from(&entry.source),
        Value::from(entry.generation),
        Value::from(&entry.object),
        Value::from(&entry.fingerprint),
        Value::from(entry.kind.as_str()),
        Value::from(&entry.position),
        Value::from(entry.size),
        moment_value(entry.modified),
        Value::from(entry.rows),
        Value::from(entry.rejected),
        Value::from(&update.run_id),
        moment_value(update.applied_at),
    ]
}

fn moment_value(at: DateTime<Utc>) -> Value {
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(at.year()).unwrap_or(0);
    let micros = at.timestamp_subsec_micros();
    let (hour, minute, second) = (small(at.hour()), small(at.minute()), small(at.second()));
    Value::Date(year, small(at.month()), small(at.day()), hour, minute, second, micros)
}

fn model_name(job: &str, model: &str) -> String {
    format!("{JOB_META}{}/{model}", escaped(job))
}

/// A job's name as one part of a name in `unglue_meta`.
pub(super) fn escaped(job: &str) -> String {
    job.replace('%', "%25").replace('/', "%2F")
}

/// A value of `unglue_meta`.
pub(super) async fn meta(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    let sql = "SELECT `value` FROM `unglue_meta` WHERE `name` = ?";
    let rows = decode::rows(conn, sql, vec![Value::from(name)]).await?;
    Ok(rows.first().and_then(|row| row.first()).and_then(decode::text))
}

/// The same within a transaction: what is committed now, and it stays so until the transaction's end.
pub(super) async fn locked_meta(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    let sql = "SELECT `value` FROM `unglue_meta` WHERE `name` = ? LOCK IN SHARE MODE";
    let rows = decode::rows(conn, sql, vec![Value::from(name)]).await?;
    Ok(rows.first().and_then(|row| row.first()).and_then(decode::text))
}

/// All values of `unglue_meta` whose names begin with `prefix`, by name.
pub(super) async fn metas(conn: &mut Conn, prefix: &str) -> Result<BTreeMap<String, String>> {
    let sql = "SELECT `name`, `value` FROM `unglue_meta` WHERE LEFT(`name`, CHAR_LENGTH(?)) = ?";
    let rows = decode::rows(conn, sql, vec![Value::from(prefix), Value::from(prefix)]).await?;
    let text =
        |row: &[Value], index: usize| row.get(index).and_then(decode::text).unwrap_or_default();
    let found = rows.iter().map(|row| (text(row, 0), text(row, 1)));
    Ok(found.filter(|(name, _)| name.starts_with(prefix)).collect())
}

/// Sets a value of `unglue_meta`.
pub(super) async fn set_meta(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    set_metas(conn, &[(name.to_owned(), value)]).await
}

/// Sets values of `unglue_meta` by one statement.
async fn set_metas(conn: &mut Conn, metas: &[(String, &str)]) -> Result<()> {
    let rows = vec!["(?, ?)"; metas.len()].join(", ");
    let sql = format!("REPLACE INTO `unglue_meta` (`name`, `value`) VALUES {rows}");
    let values = metas.iter().flat_map(|(name, value)| [Value::from(name), Value::from(*value)]);
    connect::change(conn, &sql, values.collect())
        .await
        .map_err(|failure| failure.about(&"unglue_meta"))?;
    Ok(())
}

/// Removes a value of `unglue_meta`, and with it those of its parts: `name/…`.
///
/// Each by its key, and only what is there: anything else locks rows and gaps that other jobs are about to write.
pub(super) async fn remove_meta(conn: &mut Conn, name: &str) -> Result<()> {
    let parts = format!("{name}/");
    let sql =
        "SELECT `name` FROM `unglue_meta` WHERE `name` = ? OR LEFT(`name`, CHAR_LENGTH(?)) = ?";
    let values = vec![Value::from(name), Value::from(&parts), Value::from(&parts)];
    for row in decode::rows(conn, sql, values).await? {
        let Some(found) = row.first().and_then(decode::text) else { continue };
        let sql = "DELETE FROM `unglue_meta` WHERE `name` = ?";
        connect::change(conn, sql, vec![Value::from(found)])
            .await
            .map_err(|failure| failure.about(&"unglue_meta"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_name_cannot_be_taken_for_another_ones() {
        assert_ne!(model_name("a/b", "c"), model_name("a", "b/c"));
        assert_ne!(model_name("a%2Fb", "c"), model_name("a/b", "c"));
    }

    #[test]
    fn the_longest_names_fit() {
        let name = "x".repeat(crate::target::ledger::NAME_LENGTH_MAX);
        assert!(model_name(&name, &name).len() <= 191);
    }
}
