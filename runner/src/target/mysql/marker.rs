//! What a swap leaves behind for the run after a crash: rows of `unglue_meta`.
//!
//! DDL commits by itself, so an exchange of tables cannot be part of a transaction. These rows say how far it has come:
//!
//! * `fill/<job>-<id>`: tables that are being filled, or that were left over from an exchange. A run that fills holds the lock of
//!   the same name as long as it lives; what nobody holds, recovery drops.
//! * `swap/<job>`, phase `rename`: all are full; the one rename has happened if the shadow tables are gone. The rows for the
//!   ledger are in `swap/<job>/<n>`, since they count only from the rename on.
//! * `swap/<job>`, phase `undo`: the rename has not happened and will not; the shadow tables are to be dropped.
//! * `swap/<job>`, phase `drop`: the ledger is written; the old tables are to be dropped.

use std::collections::BTreeMap;

use chrono::DateTime;
use mysql_async::Conn;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::digest;
use crate::error::Error;
use crate::target::ledger::{EntryKind, LedgerEntry, LedgerUpdate};
use crate::target::mysql::error::{Failure, Result};
use crate::target::mysql::ledger;
use crate::target::name::TableName;

pub(super) const FILL: &str = "fill/";
/// Of a job's name in that of a fill, and of what makes it unique.
const JOB_BYTES: usize = 4;
const ID_BYTES: usize = 8;
/// Ledger entries in one row; with the longest names they stay below a megabyte.
const ENTRIES_MAX: usize = 400;

/// The name of a fill that begins now.
pub(super) fn new_fill(job: &str) -> String {
    fills_of(job) + &digest::hex(Uuid::now_v7().to_string().as_bytes(), ID_BYTES)
}

/// What the names of a job's fills begin with.
pub(super) fn fills_of(job: &str) -> String {
    format!("{FILL}{}-", digest::hex(job.as_bytes(), JOB_BYTES))
}

/// Tables to be exchanged. Names are written as they print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    /// The table that readers know.
    pub(super) target: String,
    /// The new content, under its temporary name.
    pub(super) shadow: String,
    /// The name for the old content.
    pub(super) retired: String,
}

/// How far a swap has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Rename,
    Undo,
    Drop,
}

/// The marker of a job's swap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marker {
    pub(super) phase: Phase,
    pub(super) tables: Vec<Exchange>,
    run_id: String,
    applied_at: i64,
    models: BTreeMap<String, String>,
}

/// An entry of the ledger as it is kept in the marker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    source: String,
    object: String,
    fingerprint: String,
    kind: String,
    generation: u32,
    position: String,
    size: u64,
    modified: i64,
    rows: u64,
    rejected: u64,
}

pub(super) fn name(job: &str) -> String {
    format!("swap/{}", ledger::escaped(job))
}

/// Notes that tables are about to be exchanged; belongs into one transaction.
pub(super) async fn write(
    conn: &mut Conn,
    tables: Vec<Exchange>,
    update: &LedgerUpdate,
) -> Result<()> {
    let name = name(&update.job);
    for (index, entries) in update.entries.chunks(ENTRIES_MAX).enumerate() {
        let entries: Vec<_> = entries.iter().map(EntryText::new).collect();
        ledger::set_meta(conn, &format!("{name}/{index:06}"), &print(&entries)?).await?;
    }
    let marker = Marker {
        phase: Phase::Rename,
        tables,
        run_id: update.run_id.clone(),
        applied_at: update.applied_at.timestamp_micros(),
        models: update.models.clone(),
    };
    set(conn, &update.job, &marker).await
}

/// Overwrites a job's marker.
pub(super) async fn set(conn: &mut Conn, job: &str, marker: &Marker) -> Result<()> {
    ledger::set_meta(conn, &name(job), &print(marker)?).await
}

/// A job's marker, if there is one.
pub(super) async fn read(conn: &mut Conn, job: &str) -> Result<Option<Marker>> {
    match ledger::meta(conn, &name(job)).await? {
        Some(text) => Ok(Some(parse(&text)?)),
        None => Ok(None),
    }
}

/// Checks, within a transaction that is about to commit under the fence, that no other run of the job is exchanging tables: what
/// is written to them now would be lost.
///
/// # Errors
/// Kind `Temporary` if one is.
pub(super) async fn check_none(conn: &mut Conn, job: &str) -> Result<()> {
    let Some(text) = ledger::locked_meta(conn, &name(job)).await? else { return Ok(()) };
    match parse::<Marker>(&text)?.phase {
        Phase::Drop => Ok(()),
        Phase::Rename | Phase::Undo => Err(is_exchanging()),
    }
}

/// For a run whose lock was lost with its connection, so that another run could begin.
pub(super) fn is_exchanging() -> Failure {
    let message = "another run of the job is exchanging its tables, and nothing was written";
    Error::temporary(message).hint("run again when it has ended").into()
}

/// The update that a job's marker keeps.
pub(super) async fn update(conn: &mut Conn, job: &str, marker: &Marker) -> Result<LedgerUpdate> {
    let mut entries = Vec::new();
    for text in ledger::metas(conn, &format!("{}/", name(job))).await?.values() {
        let texts: Vec<EntryText> = parse(text)?;
        for text in texts {
            entries.push(text.entry().ok_or_else(damaged)?);
        }
    }
    Ok(LedgerUpdate {
        job: job.to_owned(),
        run_id: marker.run_id.clone(),
        applied_at: DateTime::from_timestamp_micros(marker.applied_at).ok_or_else(damaged)?,
        // Asked when the marker was written; from then on the exchange is decided.
        based_on: None,
        entries,
        models: marker.models.clone(),
    })
}

/// Reads a table's name back.
pub(super) fn table(name: &str) -> Result<TableName> {
    Ok(name.parse().map_err(|_| damaged())?)
}

pub(super) fn print(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(value)
        .map_err(|error| Error::failed("a marker cannot be printed").source(error))?)
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    Ok(serde_json::from_str(text).map_err(|error| damaged().source(error))?)
}

fn damaged() -> Error {
    Error::failed("a marker in unglue_meta is damaged")
        .hint("see docs/operations.md on interrupted full loads")
}

impl EntryText {
    fn new(entry: &LedgerEntry) -> Self {
        Self {
            source: entry.source.clone(),
            object: entry.object.clone(),
            fingerprint: entry.fingerprint.clone(),
            kind: entry.kind.as_str().to_owned(),
            generation: entry.generation,
            position: entry.position.clone(),
            size: entry.size,
            modified: entry.modified.timestamp_micros(),
            rows: entry.rows,
            rejected: entry.rejected,
        }
    }

    fn entry(self) -> Option<LedgerEntry> {
        Some(LedgerEntry {
            kind: EntryKind::parse(&self.kind)?,
            modified: DateTime::from_timestamp_micros(self.modified)?,
            source: self.source,
            object: self.object,
            fingerprint: self.fingerprint,
            generation: self.generation,
            position: self.position,
            size: self.size,
            rows: self.rows,
            rejected: self.rejected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let entry = LedgerEntry {
            source: "sales".to_owned(),
            object: "LOAD00000001.csv".to_owned(),
            fingerprint: "\"etag\"".to_owned(),
            kind: EntryKind::Load,
            generation: 3,
            position: "00000001".to_owned(),
            size: u64::MAX,
            modified: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            rows: 7,
            rejected: 1,
        };
        let text = print(&EntryText::new(&entry)).unwrap();
        assert_eq!(parse::<EntryText>(&text).unwrap().entry(), Some(entry));
    }

    #[test]
    fn a_markers_text_is_stable() {
        let marker = Marker {
            phase: Phase::Rename,
            tables: vec![Exchange {
                target: "shop.sales".to_owned(),
                shadow: "shop.unglue_shadow_1".to_owned(),
                retired: "shop.unglue_retired_1".to_owned(),
            }],
            run_id: "r".to_owned(),
            applied_at: 1,
            models: BTreeMap::new(),
        };
        let text = print(&marker).unwrap();
        insta::assert_snapshot!(text, @r#"{"phase":"rename","tables":[{"target":"shop.sales","shadow":"shop.unglue_shadow_1","retired":"shop.unglue_retired_1"}],"run_id":"r","applied_at":1,"models":{}}"#);
        assert_eq!(parse::<Marker>(&text).unwrap(), marker);
    }
}
