//! SQLite: the embedded target, a file that needs no server.
//!
//! Everything of a run is one SQLite transaction, DDL included, so nothing is ever half done and [`Target::recover`] has
//! only the ledger's tables to create. Calls block, so they run on threads of their own; each opens a connection.
//!
//! | arrow | in tables that we create |
//! |---|---|
//! | Boolean, integers | INTEGER (a UInt64 above 2^63-1 is refused) |
//! | Float32, Float64 | REAL (NaN is refused, for which SQLite stores NULL) |
//! | Decimal | TEXT with all digits of its scale |
//! | Utf8 | TEXT |
//! | Binary | BLOB |
//! | Date32, Timestamp, Time64 | TEXT as of SQLite's own functions, a fraction of six digits if there is one |

mod connection;
mod ddl;
mod decode;
mod encode;
mod fault;
mod fit;
mod ledger;
mod link;
mod lock;
mod quote;
mod read;
mod rows;
mod shape;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use rusqlite::{Connection, TransactionBehavior};

use crate::doctor::finding::Finding;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::target::ledger::{Ledger, Wanted};
use crate::target::name::TableName;
use crate::target::{
    Counts, Lock, Mismatch, PlannedChange, ReadRequest, Record, TableChange, TableDef,
    TableRebuild, TableSpec, Target,
};
use fault::Step;
use shape::Shape;
use write::Work;

/// Batches read ahead of the reader.
const BATCHES_AHEAD: usize = 2;

/// SQLite itself has no limit but the length of a statement.
const IDENTIFIER_LENGTH_MAX: usize = 1024;

/// A database file.
#[derive(Debug, Clone)]
pub struct SqliteTarget {
    path: PathBuf,
    name: String,
}

impl SqliteTarget {
    /// Names the database file. Nothing is opened yet; [`Target::recover`] creates a file that is missing.
    ///
    /// # Errors
    /// `Usage` if the path can never be a database file.
    pub fn open(path: &Path) -> Result<Self> {
        let wrong = if path.as_os_str() == ":memory:" {
            "names a database in memory, which would be gone after the run"
        } else if path.is_dir() {
            "is a folder"
        } else {
            let name = format!("sqlite:{}", path.display());
            return Ok(Self { path: path.to_path_buf(), name });
        };
        Err(Error::usage(format!("path `{}` of the target {wrong}", path.display()))
            .hint("name a database file, as in `sqlite:sales.db`"))
    }

    /// Checks that there is, or can be, such a file, so that who only reads is told what a run would be.
    ///
    /// # Errors
    /// Kind `Usage` for a folder that does not exist.
    pub fn check_folder(&self) -> Result<()> {
        connection::check_folder(&self.path)
    }

    /// Runs `step` on a thread where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Path) -> Step<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || step(&path))
            .await
            .map_err(|error| {
                Error::failed("the thread that uses the target broke off").source(error)
            })?
            .map_err(|fault| fault.into_error(&self.name))
    }

    async fn write(&self, work: Work, record: &dyn Record) -> Result<Vec<Counts>> {
        let path = self.path.clone();
        link::run(record, move |mut link| write::run(&path, &work, &mut link))
            .await?
            .map_err(|fault| fault.into_error(&self.name))
    }
}

#[async_trait]
impl Target for SqliteTarget {
    fn display_name(&self) -> String {
        self.name.clone()
    }

    fn identifier_length_max(&self) -> usize {
        IDENTIFIER_LENGTH_MAX
    }

    async fn lock(&self, job: &str, wait: Duration) -> Result<Box<dyn Lock>> {
        lock::take(&self.path, job, wait).await
    }

    async fn is_locked(&self, job: &str) -> Result<bool> {
        let job = job.to_owned();
        self.blocking(move |path| Ok(lock::is_held(path, &job)?)).await
    }

    async fn ledger(&self, job: &str, wanted: &Wanted<'_>) -> Result<Ledger> {
        let name = job.to_owned();
        let notes = self.blocking(move |path| match connection::open_to_read(path)? {
            Some(connection) => ledger::read_notes(&connection, &name),
            None => Ok(Ledger::default()),
        });
        let mut ledger = notes.await?;
        ledger.parts = wanted(&ledger.models);
        let (name, parts) = (job.to_owned(), ledger.parts.clone());
        let applied = self.blocking(move |path| match connection::open_to_read(path)? {
            Some(connection) => ledger::read_applied(&connection, &name, &parts),
            None => Ok(Vec::new()),
        });
        Ok(Ledger { applied: applied.await?, ..ledger })
    }

    async fn recover(&self, _job: &str) -> Result<()> {
        self.blocking(|path| {
            let mut connection = connection::open_to_write(path)?;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            failpoint!("sqlite.recover.begun");
            ledger::create(&transaction)?;
            failpoint!("sqlite.recover.before_commit");
            transaction.commit()?;
            failpoint!("sqlite.recover.committed");
            Ok(())
        })
        .await
    }

    async fn describe(&self, table: &TableName) -> Result<Option<TableDef>> {
        let table = table.clone();
        self.blocking(move |path| match connection::open_to_read(path)? {
            Some(connection) => Ok(Shape::load(&connection, &table)?.map(|shape| shape.def)),
            None => Ok(None),
        })
        .await
    }

    async fn tables(&self) -> Result<Vec<TableName>> {
        self.blocking(move |path| match connection::open_to_read(path)? {
            Some(connection) => shape::tables(&connection),
            None => Ok(Vec::new()),
        })
        .await
    }

    fn check(&self, spec: &TableSpec, def: &TableDef) -> Vec<Mismatch> {
        fit::check(spec, def)
    }

    fn create_statement(&self, spec: &TableSpec) -> Result<String> {
        ddl::create_table(spec)
    }

    async fn statements(&self, spec: &TableSpec, planned: PlannedChange) -> Result<Vec<String>> {
        let spec = spec.clone();
        self.blocking(move |path| match connection::open_to_read(path)? {
            Some(connection) => rows::Table::planned(&connection, &spec, planned),
            // The file will be created.
            None => rows::Table::planned(&Connection::open_in_memory()?, &spec, planned),
        })
        .await
    }

    async fn examine(&self, _tables: &[TableSpec]) -> Result<Vec<Finding>> {
        let name = self.name.clone();
        self.blocking(move |path| {
            let Some(connection) = connection::open_to_read(path)? else {
                let message = "the file does not exist: the first run creates it";
                return Ok(vec![Finding::note("target.file", name, message)]);
            };
            let state: String =
                connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            Ok(if state == "ok" {
                Vec::new()
            } else {
                vec![
                    Finding::error("target.file", name, "the database file is damaged")
                        .next("restore it, or remove it and run with --full-refresh"),
                ]
            })
        })
        .await
    }

    async fn read(&self, request: ReadRequest) -> Result<SendableRecordBatchStream> {
        let mut stream =
            RecordBatchReceiverStream::builder(Arc::clone(&request.schema), BATCHES_AHEAD);
        let (output, target) = (stream.tx(), self.clone());
        stream.spawn_blocking(move || {
            read::run(&target.path, &request, &output).map_err(|fault| {
                DataFusionError::External(Box::new(fault.into_error(&target.name)))
            })
        });
        Ok(stream.build())
    }

    async fn apply(&self, changes: &[TableChange], record: &dyn Record) -> Result<Vec<Counts>> {
        self.write(Work::Apply(changes.to_vec()), record).await
    }

    async fn rebuild(&self, tables: &[TableRebuild], record: &dyn Record) -> Result<Vec<Counts>> {
        self.write(Work::Rebuild(tables.to_vec()), record).await
    }
}
