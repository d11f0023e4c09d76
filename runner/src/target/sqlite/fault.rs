//! What can go wrong in a SQLite operation, and what it means to the caller.

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use rusqlite::ErrorCode;
use rusqlite::ffi::{
    SQLITE_CONSTRAINT_NOTNULL, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_TRIGGER,
    SQLITE_CONSTRAINT_UNIQUE,
};

use crate::error::{Error, Kind};
use crate::target::culprit::{Culprit, Fault as RowFault};
use crate::target::name::TableName;

/// A failure inside an operation, before it is known whether the operation is repeated.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite said no.
    Sqlite {
        /// Its answer.
        error: rusqlite::Error,
        /// The table at work.
        table: Option<TableName>,
        /// The row that it is because of.
        culprit: Option<Box<Culprit>>,
    },
    /// Anything that already is an error of the runner.
    Other(Error),
}

/// The result of a step inside an operation.
pub(super) type Step<T> = Result<T, Fault>;

impl Fault {
    /// Names the table at work, unless an inner step did.
    pub(super) fn at(self, at: &TableName) -> Self {
        match self {
            Self::Sqlite { error, table, culprit } => {
                Self::Sqlite { error, table: Some(table.unwrap_or_else(|| at.clone())), culprit }
            }
            other @ Self::Other(_) => other,
        }
    }

    /// Names the row that was being written.
    pub(super) fn blaming(self, at: &TableName, row: RecordBatch) -> Self {
        let culprit = Culprit::new(at, row);
        match self {
            Self::Sqlite { error, table, .. } => {
                let refused = matches!(
                    error.sqlite_error_code(),
                    Some(
                        ErrorCode::ConstraintViolation
                            | ErrorCode::TypeMismatch
                            | ErrorCode::TooBig
                    )
                );
                let culprit = refused.then(|| Box::new(explain_row(&error, culprit)));
                Self::Sqlite { error, table, culprit }
            }
            Self::Other(error) => Self::Other(error.blaming(culprit)),
        }
    }

    /// Whether another connection was in the way, so that the whole transaction may be tried again.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite { error, .. } if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        ))
    }

    /// The runner's error; `database` is the target's display name.
    pub(super) fn into_error(self, database: &str) -> Error {
        match self {
            Self::Other(error) => error,
            Self::Sqlite { error, table, culprit } => {
                let error = explain(error, table.as_ref(), database);
                match culprit {
                    Some(culprit) => error.blaming(*culprit),
                    None => error,
                }
            }
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite { error, table: None, culprit: None }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<DataFusionError> for Fault {
    fn from(error: DataFusionError) -> Self {
        Self::Other(Error::from(error))
    }
}

/// `NOT NULL constraint failed: songs.title`, `UNIQUE constraint failed: codes.a, codes.b`: names only.
fn explain_row(error: &rusqlite::Error, culprit: Culprit) -> Culprit {
    let rusqlite::Error::SqliteFailure(code, Some(text)) = error else { return culprit };
    let names: Vec<String> = text
        .rsplit_once("failed: ")
        .map(|(_, names)| names.split(", ").filter_map(|name| name.rsplit('.').next()))
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect();
    match code.extended_code {
        SQLITE_CONSTRAINT_NOTNULL => {
            Culprit { column: names.into_iter().next(), fault: RowFault::Null, ..culprit }
        }
        SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY => {
            Culprit { fault: RowFault::Duplicate(names), ..culprit }
        }
        _ => culprit,
    }
}

fn explain(error: rusqlite::Error, table: Option<&TableName>, database: &str) -> Error {
    let place = match table {
        Some(table) => format!("table `{table}` of `{database}`"),
        None => format!("`{database}`"),
    };
    let (kind, what, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            Kind::Temporary,
            "is locked by another program",
            "run again when the other program has finished",
        ),
        Some(ErrorCode::DiskFull) => {
            (Kind::Temporary, "cannot grow: the disk is full", "free disk space and run again")
        }
        Some(ErrorCode::NotADatabase) => (
            Kind::Usage,
            "is not an SQLite database",
            "name another file in the target URL, or remove this one",
        ),
        Some(ErrorCode::CannotOpen) => (
            Kind::Usage,
            "cannot be opened",
            "check the path in the target URL and the rights to its folder",
        ),
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => (
            Kind::Usage,
            "is not writable",
            "check the rights to the file and its folder, or name another file in the target URL",
        ),
        Some(ErrorCode::ConstraintViolation) => (
            Kind::Refused,
            "refuses a row because of a constraint",
            "correct the model or the data, or change the table",
        ),
        Some(ErrorCode::TypeMismatch | ErrorCode::TooBig) => (
            Kind::Refused,
            "cannot hold a value",
            "correct the model or the data, or change the table",
        ),
        Some(ErrorCode::DatabaseCorrupt) => (
            Kind::Failed,
            "is damaged",
            "restore the file, or remove it and run with --full-refresh",
        ),
        _ => return Error::failed(format!("{place} answered with an error")).source(error),
    };
    let described = Error::new(kind, format!("{place} {what}")).hint(hint);
    // The text of RAISE in a trigger is the user's and may hold values; SQLite's own texts do not.
    if error.sqlite_error().is_some_and(|error| error.extended_code == SQLITE_CONSTRAINT_TRIGGER) {
        return described;
    }
    described.source(error)
}
