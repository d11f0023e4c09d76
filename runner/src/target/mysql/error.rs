//! From what the server or the driver says to the runner's error: kind, message and next step, in one place.
//!
//! Many of the server's messages quote row values (a duplicate entry, an incorrect value), so its text is passed on only
//! for the codes of which it is known that they do not.

mod meaning;
mod names;
mod said;

use std::io::ErrorKind;

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use mysql_async::{DriverError, IoError};

use crate::error::{Error, Kind};
use crate::target::culprit::{Culprit, Fault};
use crate::target::name::TableName;
use meaning::{NO_TABLE, meaning_of};
use names::index_of;
use said::{driver, io, is_of_tls, server, tls};

pub(super) use names::column_of;

/// The result of a step that talks to the server.
pub(super) type Result<T> = std::result::Result<T, Failure>;

/// A failed step. It becomes the runner's error at the border of this module; before that, the retry of transactions
/// looks at its cause.
#[derive(Debug)]
pub(super) struct Failure {
    cause: Box<Cause>,
    server: Option<String>,
    table: Option<String>,
    culprit: Option<Box<Culprit>>,
    /// A better next step than the usual one.
    advice: Option<&'static str>,
    /// Whether it may be right soon, whatever is usual.
    is_passing: bool,
}

#[derive(Debug)]
enum Cause {
    Driver(mysql_async::Error),
    Ours(Error),
    /// What the server warned of; as an error of ours, but it does not name the table.
    Warned {
        error: Error,
        column: Option<String>,
    },
}

impl Failure {
    /// The server took a value not as it is.
    pub(super) fn warned(error: Error, column: Option<String>) -> Self {
        Cause::Warned { error, column }.into()
    }

    /// Names the server that could not be connected to.
    pub(super) fn at(mut self, server: &dyn std::fmt::Display) -> Self {
        self.server.get_or_insert_with(|| server.to_string());
        self
    }

    /// Names the table that the step worked on.
    pub(super) fn about(mut self, table: &dyn std::fmt::Display) -> Self {
        self.table.get_or_insert_with(|| table.to_string());
        self
    }

    /// If the step worked on a table that stands in for another one, names that one instead.
    pub(super) fn instead_about(mut self, table: &TableName) -> Self {
        if let Some(name) = &mut self.table {
            *name = table.to_string();
        }
        if let Some(culprit) = &mut self.culprit {
            culprit.table = table.clone();
        }
        if let Cause::Ours(error) = *self.cause {
            self.cause = Box::new(Cause::Ours(error.blamed_in(table)));
        }
        self
    }

    /// A row was refused, whichever it is.
    pub(super) fn is_about_a_row(&self) -> bool {
        match self.cause.as_ref() {
            Cause::Warned { .. } => true,
            Cause::Ours(error) => error.culprit().is_some(),
            Cause::Driver(mysql_async::Error::Server(error)) => {
                error.code != NO_TABLE
                    && meaning_of(error.code).is_some_and(|known| known.kind == Kind::Refused)
            }
            Cause::Driver(_) => false,
        }
    }

    /// It is known which row was refused.
    pub(super) fn names_a_row(&self) -> bool {
        self.culprit.is_some()
            || matches!(self.cause.as_ref(), Cause::Ours(error) if error.culprit().is_some())
    }

    /// Names the row that was refused: the only one of its statement.
    pub(super) fn blaming(mut self, table: &TableName, row: RecordBatch) -> Self {
        let (column, fault) = match self.cause.as_ref() {
            Cause::Warned { column, .. } => (column.clone(), Fault::Other),
            Cause::Driver(mysql_async::Error::Server(error)) => {
                (column_of(&error.message).map(str::to_owned), fault_of(error.code))
            }
            Cause::Driver(_) | Cause::Ours(_) => (None, Fault::Other),
        };
        self.culprit = Some(Box::new(Culprit { column, fault, ..Culprit::new(table, row) }));
        self
    }

    /// Names the row that a duplicate collides with, by its key, and the columns of the index.
    pub(super) fn colliding(mut self, columns: Vec<String>, rival: Option<RecordBatch>) -> Self {
        if let Some(culprit) = &mut self.culprit {
            culprit.fault = Fault::Duplicate(columns);
            culprit.rival = rival;
        }
        self
    }

    /// Tells a better next step than the usual one.
    pub(super) fn advise(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// It may be right soon without anybody's doing.
    pub(super) fn passing(mut self) -> Self {
        self.is_passing = true;
        self
    }

    /// The unique index in which a row is a duplicate.
    pub(super) fn index(&self) -> Option<&str> {
        match self.cause.as_ref() {
            Cause::Driver(mysql_async::Error::Server(error)) => {
                index_of(error.code, &error.message)
            }
            _ => None,
        }
    }

    /// Lock wait time-out or deadlock: the transaction can be tried again.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self.code(), Some(1205 | 1213))
    }

    /// The server, or a proxy before it, does not take `LOAD DATA LOCAL`.
    pub(super) fn forbids_local_infile(&self) -> bool {
        matches!(self.code(), Some(1148 | 2068 | 3948 | 3950 | 4166))
    }

    /// A connection that was there broke off: the statement under way may have happened or not.
    pub(super) fn is_connection_lost(&self) -> bool {
        self.server.is_none() && self.is_unanswered()
    }

    /// The server could not be connected to, as while it restarts: worth another try.
    pub(super) fn is_unreachable(&self) -> bool {
        self.is_unanswered() || matches!(self.code(), Some(1040))
    }

    fn is_unanswered(&self) -> bool {
        match self.cause.as_ref() {
            Cause::Driver(mysql_async::Error::Io(IoError::Io(error))) => matches!(
                error.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::NotConnected
                    | ErrorKind::BrokenPipe
                    | ErrorKind::UnexpectedEof
                    | ErrorKind::TimedOut
            ),
            Cause::Driver(mysql_async::Error::Driver(DriverError::ConnectionClosed)) => true,
            _ => self.code().is_some_and(|code| CONNECTION_ENDED.contains(&code)),
        }
    }

    /// The server refused user and password.
    pub(super) fn is_login_refused(&self) -> bool {
        matches!(self.code(), Some(1045 | 1698))
    }

    /// The server's certificate is not trusted.
    pub(super) fn is_untrusted(&self) -> bool {
        match self.cause.as_ref() {
            Cause::Driver(mysql_async::Error::Io(IoError::Tls(_))) => true,
            Cause::Driver(mysql_async::Error::Io(IoError::Io(error))) => is_of_tls(error),
            _ => false,
        }
    }

    /// The table does not exist.
    pub(super) fn is_missing_table(&self) -> bool {
        self.code() == Some(NO_TABLE)
    }

    /// Rows of another table refer to the row that was to be deleted.
    pub(super) fn is_referenced(&self) -> bool {
        matches!(self.code(), Some(1217 | 1451))
    }

    /// The server has answered, so the statement has not happened; without an answer it may have.
    pub(super) fn is_refusal(&self) -> bool {
        self.code().is_some()
    }

    /// Whether it did not come from the server: the statement was not sent.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.cause.as_ref(), Cause::Ours(_))
    }

    fn code(&self) -> Option<u16> {
        match self.cause.as_ref() {
            Cause::Driver(mysql_async::Error::Server(error)) => Some(error.code),
            Cause::Driver(_) | Cause::Ours(_) | Cause::Warned { .. } => None,
        }
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        let cause = Box::new(cause);
        let (server, table, culprit, advice) = (None, None, None, None);
        Self { cause, server, table, culprit, advice, is_passing: false }
    }
}

impl From<mysql_async::Error> for Failure {
    fn from(error: mysql_async::Error) -> Self {
        Cause::Driver(error).into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Cause::Ours(error).into()
    }
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        Error::from(error).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let is_connection_lost = failure.is_connection_lost();
        let place = match (failure.server, failure.table) {
            (Some(server), _) => format!("{server}: "),
            (None, Some(table)) => format!("table `{table}`: "),
            (None, None) => String::new(),
        };
        let error = match *failure.cause {
            // Our own errors name their table, but for the encoder's.
            Cause::Ours(error) => match error.culprit().map(|culprit| culprit.table.clone()) {
                Some(table) => error.about(&format!("table `{table}`: ")),
                None => error,
            },
            Cause::Warned { error, .. } => error.about(&place),
            Cause::Driver(mysql_async::Error::Server(error)) => server(&place, &error),
            Cause::Driver(mysql_async::Error::Io(IoError::Io(error))) => io(&place, error),
            Cause::Driver(mysql_async::Error::Io(IoError::Tls(error))) => tls(&place, &error),
            Cause::Driver(mysql_async::Error::Driver(error)) => driver(&place, error),
            Cause::Driver(mysql_async::Error::Url(error)) => {
                Error::usage("the connection details are wrong").source(error)
            }
            Cause::Driver(mysql_async::Error::Other(_)) => {
                Error::failed(format!("{place}the MySQL driver failed"))
            }
        };
        let error = if is_connection_lost { error.connection_lost() } else { error };
        let error = if failure.is_passing { error.passing() } else { error };
        let error = match failure.culprit {
            Some(culprit) => error.blaming(*culprit),
            None => error,
        };
        match failure.advice {
            Some(advice) => error.hint(advice),
            None => error,
        }
    }
}

/// The server's last words before it ends a connection: it shuts down, somebody killed the session, or the network failed.
const CONNECTION_ENDED: [u16; 11] =
    [1053, 1077, 1079, 1158, 1159, 1160, 1161, 1184, 1927, 3169, 4031];

fn fault_of(code: u16) -> Fault {
    match code {
        1406 => Fault::TooLong,
        1264 | 1690 => Fault::OutOfRange,
        1048 | 1263 | 1364 => Fault::Null,
        1062 | 1586 => Fault::Duplicate(Vec::new()),
        _ => Fault::Other,
    }
}

#[cfg(test)]
mod tests;
