//! What the ledger holds: one row for each applied object, and a fingerprint for each model.
//!
//! Two tables in the target database, written in the transaction of the data:
//! * `unglue_ledger`: the applied objects;
//! * `unglue_meta`: `name`, `value`: the ledger's version, the fingerprints of models, where to look next, the last runs
//!   ([`runs`](crate::target::runs)), and the marker of a swap.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// The layout of the ledger tables that this version writes; a later one upgrades what it finds, and an earlier one
/// refuses to touch what it does not know.
pub const LEDGER_VERSION: u32 = 1;

/// The longest object key, job and source name that the ledger holds, in characters.
pub const OBJECT_LENGTH_MAX: usize = 512;
/// See [`OBJECT_LENGTH_MAX`].
pub const NAME_LENGTH_MAX: usize = staged::job::NAME_LENGTH_MAX;

/// In place of the fingerprint of a model that the job no longer has.
pub const GONE: &str = "gone";

/// What the names of sources begin with among those of models, which are file names without a colon.
pub const LOCATION_KEY: &str = "source:";

/// What the names of sources begin with whose columns beyond the declaration are kept.
pub const COLUMNS_KEY: &str = "columns:";

/// What the names of sources begin with whose [`Horizon`](transforms::staging::horizon::Horizon) is kept.
pub const HORIZON_KEY: &str = "horizon:";

/// What the names of sources begin with whose newest change sequence is kept.
pub const SEQUENCE_KEY: &str = "sequence:";

/// The name under which a job's last commit is kept: the id of its run.
pub const RUN_KEY: &str = "run:";

/// What the names of tables begin with that a job writes.
pub const TABLE_KEY: &str = "table:";

/// What the names of tables begin with whose columns are kept that the job's runs have ever written, as a JSON list.
pub const WRITTEN_KEY: &str = "written:";

/// The names of `unglue_meta` that are of a job: `model/<job>/<what>`.
pub const JOB_META: &str = "model/";

/// The job and the table's name of a job's table in `unglue_meta`; a job's name has no slash there.
#[must_use]
pub fn table_of(meta_name: &str) -> Option<(&str, &str)> {
    let (job, what) = meta_name.strip_prefix(JOB_META)?.split_once('/')?;
    what.starts_with(TABLE_KEY).then_some((job, what))
}

/// The name under which they are kept.
#[must_use]
pub fn columns_key(source: &str) -> String {
    format!("{COLUMNS_KEY}{source}")
}

/// The name under which a source's horizon is kept.
#[must_use]
pub fn horizon_key(source: &str) -> String {
    format!("{HORIZON_KEY}{source}")
}

/// The name under which the newest change sequence of a source's applied changes is kept: empty if they have none.
#[must_use]
pub fn sequence_key(source: &str) -> String {
    format!("{SEQUENCE_KEY}{source}")
}

/// The newest change sequence of a source's applied changes, if it is known.
#[must_use]
pub fn newest_sequence<'a>(notes: &'a Notes, source: &str) -> Option<&'a str> {
    let known = notes.get(&sequence_key(source))?.as_str();
    known.bytes().all(|digit| digit.is_ascii_digit()).then_some(known)
}

/// The name under which a source's location is kept.
#[must_use]
pub fn location_key(source: &str) -> String {
    format!("{LOCATION_KEY}{source}")
}

/// An object that has been applied, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The source table's name in the job.
    pub source: String,
    /// The object's key relative to the source's location.
    pub object: String,
    /// What tells this object from another one of the same name: its ETag, or size and time of change.
    pub fingerprint: String,
    /// What it was.
    pub kind: EntryKind,
    /// The full load that it belongs to, counted from 1.
    pub generation: u32,
    /// The object's place in the order of application within its generation; sorts bytewise.
    pub position: String,
    /// Bytes as staged.
    pub size: u64,
    /// When it was staged.
    pub modified: DateTime<Utc>,
    /// Rows read from it.
    pub rows: u64,
    /// Rows set aside instead of applied.
    pub rejected: u64,
}

/// What an applied object was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A full-load object.
    Load,
    /// A change object.
    Change,
    /// A change object of an older generation that came too late to matter.
    Superseded,
    /// A load or change object that was applied and is staged no more; what it brought is kept.
    Gone,
    /// No object: the mark of a generation that began with nothing staged.
    Emptied,
}

impl EntryKind {
    /// The word in the ledger's column `kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Change => "change",
            Self::Superseded => "superseded",
            Self::Gone => "gone",
            Self::Emptied => "emptied",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Load, Self::Change, Self::Superseded, Self::Gone, Self::Emptied]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// An entry with the run that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedObject {
    /// What was applied.
    pub entry: LedgerEntry,
    /// The run that applied it.
    pub run_id: String,
    /// When.
    pub applied_at: DateTime<Utc>,
}

/// What the ledger keeps of a job besides its objects, by name.
pub type Notes = BTreeMap<String, String>;

/// What the ledger knows of a job, or the recent part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Applied objects by source, generation and position.
    pub applied: Vec<AppliedObject>,
    /// Of which sources only a part is in `applied`.
    pub parts: Parts,
    /// Model name to the fingerprint of the definition that its table was last written with ([`GONE`] for a model that the job
    /// had), [`location_key`] of a source to the location that its
    /// objects were read from, [`columns_key`] of a source to its columns beyond the declaration, [`horizon_key`] of a source
    /// to where the next run looks, [`sequence_key`] of a source to its newest change sequence, the tables that the job writes, and
    /// the last runs ([`RUNS_KEY`](crate::target::runs::RUNS_KEY)).
    pub models: Notes,
    /// The tables of other jobs, named as in `models`, with the job that writes each.
    pub taken: BTreeMap<String, String>,
    /// The run whose commit was the last; empty before the first.
    pub last_run: String,
}

/// Sources of which only a part is wanted, by name; at most [`PARTS_MAX`].
pub type Parts = BTreeMap<String, Part>;

/// A part of a source's ledger: the objects whose keys sort behind a key, and the marks of emptied generations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The beginning of keys; no object has it as its key.
    pub behind: String,
    /// The newest generation, at most [`GENERATIONS_MAX`]; those before it are part of the part.
    pub generation: u32,
}

/// Each takes some conditions in one statement.
pub const PARTS_MAX: usize = 100;

/// In each generation, recent objects lie in a place of their own.
pub const GENERATIONS_MAX: u32 = 50;

/// Which part of a job's ledger is wanted, after its notes ([`Ledger::models`]). Of sources that are not named, everything.
pub type Wanted<'a> = dyn Fn(&Notes) -> Parts + Sync + 'a;

/// Everything is [`Wanted`].
#[must_use]
pub fn everything(_: &Notes) -> Parts {
    Parts::new()
}

/// Compares the ledger that a run decided by (its last run) with the one that it is about to add to.
///
/// # Errors
/// Kind `Temporary` if they differ.
pub fn check_basis(decided_by: &str, found: &str) -> Result<()> {
    if decided_by == found {
        return Ok(());
    }
    Err(Error::temporary("another run of the job was faster, and nothing was written")
        .hint("run again; what is still pending is found then"))
}

/// What a run adds to the ledger, in the transaction of its data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerUpdate {
    /// The job's name.
    pub job: String,
    /// The run that writes.
    pub run_id: String,
    /// When the run began, by the runner's clock.
    pub applied_at: DateTime<Utc>,
    /// The last run of the ledger that this run decided by. If it is another one by the time of writing, a run that should have
    /// had to wait was faster (its lock was lost with a connection), and nothing may be written over its work. `None`: not asked.
    pub based_on: Option<String>,
    /// New objects. One that is there already (same source, generation and object) is replaced.
    pub entries: Vec<LedgerEntry>,
    /// Fingerprints of the models whose tables this transaction wrote, and more: see [`Ledger::models`]. Names that are not
    /// in it keep what they have.
    pub models: BTreeMap<String, String>,
}
