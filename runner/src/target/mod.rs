//! The one seam of our own: the database that models are written to.
//!
//! [`Target`] is its contract; MySQL and SQLite keep it, and `tests/conformance.rs` holds both to it.

pub mod condition;
pub mod culprit;
pub mod ledger;
pub mod mismatch;
pub mod mysql;
pub mod name;
pub mod opening;
pub mod rows;
pub mod runs;
pub mod sqlite;
pub mod table;
pub mod url;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;

use crate::doctor::finding::Finding;
use crate::error::Result;
use ledger::{Ledger, LedgerUpdate, Wanted};
use name::TableName;
use rows::Rows;

pub(crate) use condition::Asked;
pub use condition::{Comparison, Condition, Filter};
pub use mismatch::{Mismatch, MismatchKind};

/// A database that holds target tables and their ledger.
///
/// # The contract
///
/// * [`lock`](Target::lock) is taken once for a run, before anything else but `describe`, `ledger`, `read` and `is_locked`.
/// * [`recover`](Target::recover) comes next: it creates or upgrades the ledger tables and finishes or undoes what an
///   interrupted run left. After it, the state is the one before or the one after that run, never between.
/// * [`apply`](Target::apply) is one transaction: all changes of all tables, then the ledger update, then commit. If it
///   fails, nothing has happened. Lock wait time-outs and deadlocks repeat the whole transaction, a bounded number of
///   times, for which [`Rows`] can be read again.
/// * [`rebuild`](Target::rebuild) replaces the content of all named tables by the given rows, creating the tables that
///   do not exist, and writes the ledger update; readers see all old tables or all new ones. A crash at any point is
///   healed by `recover`.
/// * The update is asked for ([`Record::allow`], [`Record::update`]) after all rows have been read and written and before the commit. An
///   error from it rolls everything back.
/// * A commit whose answer was lost is an error of kind `Temporary` for which [`crate::error::Error::is_connection_lost`] holds; the ledger
///   tells whether it happened. [`Record::commits`] is called before each commit whose answer can be lost.
/// * Columns of [`TableSpec::added`] that the table lacks are added as nullable. Where the tables are exchanged they
///   appear with the exchange, else within the transaction, or before it in a database whose DDL commits by itself.
/// * Values are written exactly or refused (kind `Refused`): never cut, rounded, wrapped or replaced by a default.
/// * A refusal because of one row names it ([`crate::error::Error::culprit`]) where that can be found out in bounded time.
/// * No message holds a row's value or a password.
#[async_trait]
pub trait Target: fmt::Debug + Send + Sync {
    /// The target's URL without its password, for messages.
    fn display_name(&self) -> String;

    /// The longest name of a table or column, in characters.
    fn identifier_length_max(&self) -> usize;

    /// Takes the job's lock, waiting at most `wait`; `Temporary` when another run holds it. It is released when the guard
    /// is dropped and when the process dies.
    async fn lock(&self, job: &str, wait: Duration) -> Result<Box<dyn Lock>>;

    /// Whether a run of the job holds its lock at this moment. Does not wait, and keeps no run from taking it.
    async fn is_locked(&self, job: &str) -> Result<bool>;

    /// Reads what the ledger knows of a job, as far as it is wanted ([`ledger::everything`] is all). Writes nothing: where
    /// there is no ledger yet, it is empty. An unfinished swap of an interrupted run is reported as it would be after
    /// recovery, and then everything is.
    async fn ledger(&self, job: &str, wanted: &Wanted<'_>) -> Result<Ledger>;

    /// Creates or upgrades the ledger tables, then finishes or undoes what an interrupted run of the job left.
    async fn recover(&self, job: &str) -> Result<()>;

    /// The definition of a table, or `None` if there is no such table (kind `Refused` for a view).
    async fn describe(&self, table: &TableName) -> Result<Option<TableDef>>;

    /// The tables of the target's own database, which are named without a schema, as [`describe`](Target::describe) takes them; no views.
    async fn tables(&self) -> Result<Vec<TableName>>;

    /// Compares a model's columns with an existing table's: every column of the model that the table does not have or
    /// whose type cannot hold the model's values, and every other column that an INSERT would have to name.
    fn check(&self, spec: &TableSpec, def: &TableDef) -> Vec<Mismatch>;

    /// The `CREATE TABLE` statement for a model, for `plan` and for messages. Errors for a column that no type fits.
    fn create_statement(&self, spec: &TableSpec) -> Result<String>;

    /// The statements that would make a planned change, in their order: without values, which are placeholders, and as for one row
    /// where a statement takes many. Writes nothing.
    async fn statements(&self, spec: &TableSpec, planned: PlannedChange) -> Result<Vec<String>>;

    /// Looks for what usually goes wrong with such a target and these tables (`runner doctor`). Writes nothing.
    async fn examine(&self, tables: &[TableSpec]) -> Result<Vec<Finding>>;

    /// Reads a table. Rows may be more than the filters ask for (they are a help, not a promise), never fewer; the limit
    /// is exact for the rows that are given. The columns come in the request's types.
    async fn read(&self, request: ReadRequest) -> Result<SendableRecordBatchStream>;

    /// Applies changes to existing tables and the ledger update in one transaction. Answers counts in the order of `changes`.
    async fn apply(&self, changes: &[TableChange], record: &dyn Record) -> Result<Vec<Counts>>;

    /// Replaces the content of whole tables, creating those that are missing, together with the ledger update.
    /// Answers counts in the order of `tables`.
    async fn rebuild(&self, tables: &[TableRebuild], record: &dyn Record) -> Result<Vec<Counts>>;
}

/// Holds a job's lock until it is dropped.
pub trait Lock: fmt::Debug + Send + Sync {}

/// Gives the ledger update of a run at the moment when everything has been read.
#[async_trait]
pub trait Record: Send + Sync {
    /// The name of the run's job.
    fn job(&self) -> &str;

    /// The rows for the ledger. May be asked again when a transaction is repeated.
    async fn update(&self) -> Result<LedgerUpdate>;

    /// Hears what is about to be committed, for the case that the commit's answer is lost.
    fn commits(&self, _update: &LedgerUpdate, _counts: &[Counts]) {}

    /// Whether the tables may lose so many rows; one loss for each change or table, in their order. Asked before `update`,
    /// and as it is when a transaction is repeated.
    ///
    /// # Errors
    /// Kind `Refused` if one may not; everything is rolled back then.
    fn allow(&self, _losses: &[Loss]) -> Result<()> {
        Ok(())
    }
}

/// What a table loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loss {
    /// Rows that were there. Of a merge only those that it deletes and at most `kept_counted_times` as many others;
    /// of an append 0, since it takes nothing away.
    pub before: u64,
    /// Of these, rows that are gone. Of a rebuild and a replacement it is by how much the table gets smaller, whichever rows
    /// those are.
    pub gone: u64,
    /// Rows inserted or updated, as given.
    pub written: u64,
}

impl Loss {
    /// The loss of a table whose content is replaced.
    #[must_use]
    pub fn of_whole(before: u64, written: u64) -> Self {
        Self { before, gone: before.saturating_sub(written), written }
    }
}

/// A model's output as a target sees it.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// Where it is written.
    pub table: TableName,
    /// Columns in the model's order. Types are only these (others are cast or refused before): Boolean, Int8 to Int64,
    /// UInt8 to UInt64, Float32, Float64, Decimal128, Decimal256, Utf8, Binary, Date32, Timestamp(Microsecond, None)
    /// and Time64(Microsecond). A field may carry the SQL type that its source column was declared with as metadata
    /// [`transforms::types::SQL_TYPE`], such as `VARCHAR(20)`.
    pub schema: SchemaRef,
    /// Indices of the key columns, in key order; empty for a table without a key.
    pub key: Vec<usize>,
    /// Indices of columns that a table which is there may lack: it gets them. None of the key.
    pub added: Vec<usize>,
}

impl TableSpec {
    /// The columns that a table lacks and gets.
    pub fn lacking<'a>(
        &'a self,
        has: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Field> {
        let added = self.added.iter().filter_map(|index| self.schema.fields().get(*index));
        added.map(AsRef::as_ref).filter(move |field| !has(field.name()))
    }
}

impl TableSpec {
    /// Takes the columns that a table only lacks out of what is wrong with it, and answers their indices. A key cannot be
    /// added.
    #[must_use]
    pub fn take_lacking(&self, mismatches: &mut Vec<Mismatch>) -> Vec<usize> {
        let mut lacking = Vec::new();
        mismatches.retain(|mismatch| {
            let index = self.schema.index_of(&mismatch.column).ok();
            let index = index.filter(|index| {
                mismatch.kind == MismatchKind::Missing && !self.key.contains(index)
            });
            lacking.extend(index);
            index.is_none()
        });
        lacking
    }
}

/// How one table changes within a transaction.
#[derive(Debug, Clone)]
pub struct TableChange {
    /// The table and its columns.
    pub spec: TableSpec,
    /// What happens to it.
    pub change: Change,
}

/// What happens to a table.
#[derive(Debug, Clone)]
pub enum Change {
    /// Deletes by key, then inserts or updates by key. No key is in both, none is there twice. Keys are compared exactly
    /// (case, accents, trailing blanks), and NULL equals NULL.
    Merge {
        /// The key columns, in key order.
        deletes: Rows,
        /// All columns of the spec.
        upserts: Rows,
        /// How many of the rows that are left are counted at most, as a multiple of the deleted ones: see [`Loss`].
        kept_counted_times: u64,
    },
    /// Inserts; for a source without a key.
    Append {
        /// All columns of the spec.
        rows: Rows,
    },
    /// Deletes everything and inserts; for a table without a key, or one that cannot be exchanged.
    Replace {
        /// All columns of the spec.
        rows: Rows,
    },
}

/// What is known of a table's change before its rows go their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedChange {
    /// See [`Change::Merge`].
    Merge {
        /// How many keys.
        deletes: u64,
        /// How many rows.
        upserts: u64,
    },
    /// See [`Change::Append`].
    Append {
        /// How many rows.
        rows: u64,
    },
    /// See [`Change::Replace`].
    Replace {
        /// How many rows.
        rows: u64,
    },
    /// See [`TableRebuild`].
    Rebuild,
}

/// A table to be filled anew.
#[derive(Debug, Clone)]
pub struct TableRebuild {
    /// The table and its columns.
    pub spec: TableSpec,
    /// All its rows.
    pub rows: Rows,
}

/// What was done to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows inserted or updated, as given.
    pub upserted: u64,
    /// Rows that were there and are gone. A rebuild and a replacement do not count the old rows.
    pub deleted: u64,
    /// Of a rebuild and a replacement, the rows that were there before: all went, also those that came again.
    pub replaced: Option<u64>,
}

impl Counts {
    /// Those of a table whose content is replaced.
    #[must_use]
    pub fn of_whole(before: u64, written: u64) -> Self {
        Self { upserted: written, replaced: Some(before), ..Self::default() }
    }
}

/// An existing table.
#[derive(Debug, Clone)]
pub struct TableDef {
    /// Its name.
    pub table: TableName,
    /// Its columns in order.
    pub columns: Vec<ColumnDef>,
    /// The columns of every unique index, the primary key first.
    pub unique: Vec<Vec<String>>,
    /// Why the table cannot be exchanged for a rebuilt one (triggers, foreign keys): it is then changed in place.
    pub swap_obstacle: Option<String>,
}

/// A column of an existing table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDef {
    /// Its name as the database spells it.
    pub name: String,
    /// The SQL type in full, as the database prints it.
    pub sql_type: String,
    /// The arrow type that it is read as (one of those of [`TableSpec::schema`]); `None` if it cannot be read.
    pub data_type: Option<DataType>,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// Whether an INSERT may leave it out (a default, NULL-able, auto-increment or generated).
    pub optional: bool,
    /// Whether the database computes it, so that it cannot be written.
    pub generated: bool,
    /// The collation of a text column.
    pub collation: Option<String>,
    /// A condition in the database's SQL: it holds in each row that has another value here than one has whose INSERT leaves the
    /// column out. `None` if the database makes that value up (a time, a number, a computation), so that it cannot be told.
    pub is_set: Option<String>,
}

/// What to read from a table.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The table.
    pub table: TableName,
    /// The columns and the arrow types they are wanted in; may be empty (only the number of rows matters).
    pub schema: SchemaRef,
    /// Conditions that all wanted rows meet.
    pub filters: Vec<Condition>,
    /// At most so many rows.
    pub limit: Option<usize>,
}
