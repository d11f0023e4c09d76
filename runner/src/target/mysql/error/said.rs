//! What is passed on of what the server, the driver, the network and TLS say.

use std::io::ErrorKind;

use mysql_async::{DriverError, ServerError};

use super::meaning::{Meaning, PACKET, UNKNOWN, meaning_of, text_is_safe};
use super::names::{column_of, index_of};
use crate::error::Error;

pub(super) fn server(place: &str, error: &ServerError) -> Error {
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

pub(super) fn io(place: &str, error: std::io::Error) -> Error {
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
pub(super) fn is_of_tls(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::InvalidData
}

pub(super) fn tls(place: &str, error: &dyn std::error::Error) -> Error {
    Error::usage(format!("{place}no trusted TLS connection to the server: {error}")).hint(
        "name the authority's certificate by ssl-ca=/path.pem in the server's URL; ssl-mode=REQUIRED trusts any certificate",
    )
}

pub(super) fn driver(place: &str, error: DriverError) -> Error {
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
