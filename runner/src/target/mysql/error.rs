//! From what the server or the driver says to the runner's error: kind, message and next step, in one place.
//!
//! Many of the server's messages quote row values (a duplicate entry, an incorrect value), so its text is passed on only
//! for the codes of which it is known that they do not.

mod meaning;

use std::io::ErrorKind;

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use mysql_async::{DriverError, IoError, ServerError};

use crate::error::{Error, Kind};
use crate::target::culprit::{Culprit, Fault};
use crate::target::name::TableName;
use meaning::{Meaning, NO_TABLE, PACKET, UNKNOWN, meaning_of, text_is_safe};

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

fn server(place: &str, error: &ServerError) -> Error {
    let ServerError { code, message, state } = error;
    // MariaDB's "can't create table" has the reason in its text only.
    let is_full =
        *code == 1005 && ["errno: 28 ", "errno: 135 "].iter().any(|no| message.contains(no));
    let means = if is_full { 1114 } else { *code };
    let &Meaning { kind, message: text, hint, .. } = meaning_of(means).unwrap_or(&UNKNOWN);
    let within = match (index_of(*code, message), column_of(message)) {
        (Some(index), _) => format!("index `{index}`: "),
        (None, Some(column)) => format!("column `{column}`: "),
        (None, None) => String::new(),
    };
    let said = if text_is_safe(*code) { format!(": {message}") } else { String::new() };
    let error =
        Error::new(kind, format!("{place}{within}{text} (error {code}, state {state}){said}"));
    if hint.is_empty() { error } else { error.hint(hint) }
}

fn fault_of(code: u16) -> Fault {
    match code {
        1406 => Fault::TooLong,
        1264 | 1690 => Fault::OutOfRange,
        1048 | 1263 | 1364 => Fault::Null,
        1062 | 1586 => Fault::Duplicate(Vec::new()),
        _ => Fault::Other,
    }
}

/// The index that a message about a duplicate names at its end, after the values. MySQL puts the table's name before it.
fn index_of(code: u16, message: &str) -> Option<&str> {
    if !matches!(code, 1062 | 1586) {
        return None;
    }
    let (_, name) = message.strip_suffix('\'')?.rsplit_once("for key '")?;
    Some(name.rsplit_once('.').map_or(name, |(_, index)| index))
}

/// The column that a message names. Values come before it, so the last mention is the server's own.
pub(super) fn column_of(message: &str) -> Option<&str> {
    let lower = message.to_ascii_lowercase();
    let (begin, _) = lower.rmatch_indices("column ").next()?;
    let rest = &message[begin + "column ".len()..];
    let (name, after) = match rest.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        // MariaDB writes `db`.`table`.`column`.
        None if rest.starts_with('`') => {
            let full =
                rest.split_once(" at ").or_else(|| rest.split_once(' ')).unwrap_or((rest, ""));
            return full.0.rsplit('.').next().map(|name| name.trim_matches('`'));
        }
        None => return None,
    };
    let known =
        matches!(after, "" | ".") || after.starts_with(" at ") || after.starts_with(" cannot");
    // MySQL names a JSON column with its table.
    let name = if after == "." { name.rsplit('.').next().unwrap_or(name) } else { name };
    known.then_some(name)
}

fn io(place: &str, error: std::io::Error) -> Error {
    if is_of_tls(&error) {
        return tls(place, &error);
    }
    // So the driver reports a packet that it does not even send.
    if error.to_string().contains("max_allowed_packet") {
        return Error::new(PACKET.kind, format!("{place}{}", PACKET.message)).hint(PACKET.hint);
    }
    let message = match error.kind() {
        ErrorKind::ConnectionRefused => "nothing answers at the server's address",
        ErrorKind::TimedOut => "the server did not answer in time",
        _ => "the connection to the server was lost or could not be made",
    };
    Error::temporary(format!("{place}{message}"))
        .source(error)
        .hint("check host and port, and that the server runs; then run again")
}

/// So the TLS library reports a certificate that it does not trust.
fn is_of_tls(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::InvalidData
}

fn tls(place: &str, error: &dyn std::error::Error) -> Error {
    Error::usage(format!("{place}no trusted TLS connection to the server: {error}")).hint(
        "name the authority's certificate by ssl-ca=/path.pem in the server's URL; ssl-mode=REQUIRED trusts any certificate",
    )
}

fn driver(place: &str, error: DriverError) -> Error {
    match error {
        DriverError::ConnectionClosed | DriverError::PoolDisconnected => {
            Error::temporary(format!("{place}the connection to the server was lost"))
                .hint("run again")
        }
        DriverError::PacketTooLarge => {
            Error::new(PACKET.kind, format!("{place}{}", PACKET.message)).hint(PACKET.hint)
        }
        DriverError::NoClientSslFlagFromServer => Error::usage(format!("{place}the server offers no TLS"))
            .hint("ssl-mode=DISABLED in the server's URL does without"),
        DriverError::CleartextPluginDisabled => {
            Error::usage(format!("{place}the server asks for the password as it is"))
                .hint("write iam=true in the server's URL if the user logs in by IAM authentication of RDS; else ALTER USER … IDENTIFIED WITH caching_sha2_password")
        }
        error @ (DriverError::UnknownAuthPlugin { .. } | DriverError::MysqlOldPasswordDisabled) => {
            Error::usage(format!("{place}the user's way of logging in is not supported"))
                .source(error)
                .hint("check the user's name, since MySQL answers so for one that it does not have; else ALTER USER … IDENTIFIED WITH caching_sha2_password")
        }
        // Their texts may hold packets, rows or values.
        DriverError::CantParseServerVersion { .. }
        | DriverError::FromValue { .. }
        | DriverError::FromRow { .. }
        | DriverError::Params(_)
        | DriverError::MixedParams
        | DriverError::NestedTransaction
        | DriverError::PacketOutOfOrder
        | DriverError::ReadOnlyTransNotSupported
        | DriverError::StmtParamsMismatch { .. }
        | DriverError::StmtParamsNumberExceedsLimit { .. }
        | DriverError::UnexpectedPacket { .. }
        | DriverError::BadCompressedPacketHeader
        | DriverError::NamedPipesDisabled
        | DriverError::LocalInfile(_)
        | DriverError::NoKeyFound
        | DriverError::InvalidParsecSalt
        | DriverError::BulkExecute(_) => Error::failed(format!("{place}the MySQL driver failed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::mysql::tls::RDS_ADVICE;

    fn said(code: u16, message: &str) -> Error {
        let error = ServerError { code, state: "23000".to_owned(), message: message.to_owned() };
        Failure::from(mysql_async::Error::Server(error)).about(&"shop.sales").into()
    }

    #[test]
    fn values_in_the_servers_text_are_not_passed_on() {
        for (code, message) in [
            (1062, "Duplicate entry 's3cret-1' for key 'sales.PRIMARY'"),
            (1366, "Incorrect integer value: 's3cret' for column 'amount' at row 1"),
            (1292, "Incorrect datetime value: 's3cret' for column 'at' at row 1"),
            (1644, "a trigger says s3cret"),
            (1526, "Table has no partition for value s3cret"),
        ] {
            let error = said(code, message);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
            assert!(error.to_string().contains(&code.to_string()));
        }
    }

    #[test]
    fn the_index_of_a_duplicate_is_named_and_never_its_value() {
        for (message, index) in [
            ("Duplicate entry 'x' for key 'sales.one_title'", Some("one_title")),
            ("Duplicate entry 'x' for key 'PRIMARY'", Some("PRIMARY")),
            ("Duplicate entry 'for key 's3cret'' for key 'k'", Some("k")),
            ("something else", None),
        ] {
            assert_eq!(index_of(1062, message), index, "{message}");
            assert_eq!(index_of(1406, message), None, "{message}");
        }
    }

    #[test]
    fn the_column_is_named() {
        for (message, column) in [
            ("Data too long for column 'na me' at row 7", Some("na me")),
            (
                "Incorrect integer value: 'for column 'x' at' for column 'amount' at row 1",
                Some("amount"),
            ),
            (
                "Incorrect integer value: 'x' for column `shop`.`sales`.`amount` at row 1",
                Some("amount"),
            ),
            ("Column 'id' cannot be null", Some("id")),
            (
                "Invalid JSON text: \"Invalid value.\" at position 0 in value for column 'sales.doc'.",
                Some("doc"),
            ),
            ("Duplicate entry 'column 'x' ' for key 'k'", None),
            ("Deadlock found", None),
        ] {
            assert_eq!(column_of(message), column, "{message}");
        }
    }

    #[test]
    fn kinds_say_what_the_user_can_do() {
        for (code, kind) in [
            (1045, Kind::Usage),
            (1049, Kind::Usage),
            (1142, Kind::Usage),
            (1205, Kind::Temporary),
            (1213, Kind::Temporary),
            (1290, Kind::Temporary),
            (1836, Kind::Temporary),
            (1114, Kind::Temporary),
            (1005, Kind::Failed),
            (1062, Kind::Refused),
            (1406, Kind::Refused),
            (1264, Kind::Refused),
            (3819, Kind::Refused),
            (1452, Kind::Refused),
            (1153, Kind::Failed),
            (9999, Kind::Failed),
        ] {
            assert_eq!(said(code, "text").kind(), kind, "{code}");
        }
    }

    #[test]
    fn a_table_that_finds_no_room_is_a_full_storage() {
        let text = "Can't create table `shop`.`t` (errno: 135 \"No more room in record file\")";
        assert_eq!(said(1005, text).kind(), Kind::Temporary);
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_apart() {
        let failed =
            |kind: ErrorKind| Failure::from(mysql_async::Error::from(std::io::Error::from(kind)));
        assert!(failed(ErrorKind::InvalidData).is_untrusted());
        assert!(!failed(ErrorKind::ConnectionReset).is_untrusted());
        let error = Error::from(failed(ErrorKind::InvalidData).advise(RDS_ADVICE));
        assert_eq!(error.kind(), Kind::Usage);
        let next = error.next_step().unwrap();
        assert!(next.contains("global-bundle.pem") && next.contains("UNGLUE_RDS_CA"), "{next}");
    }

    #[test]
    fn a_server_that_does_not_answer_is_temporary() {
        let refused = std::io::Error::from(ErrorKind::ConnectionRefused);
        let error = Error::from(Failure::from(mysql_async::Error::from(refused)));
        assert_eq!(error.kind(), Kind::Temporary);
    }
}
