//! The server's error codes: what each means for the user, and which texts may be passed on.
//!
//! Codes and texts: "Server Error Message Reference" of MySQL, "MariaDB Error Codes".

use crate::error::Kind;

/// What a server's error code means for us.
pub(super) struct Meaning {
    codes: &'static [u16],
    pub(super) kind: Kind,
    pub(super) message: &'static str,
    /// Empty where there is nothing to advise.
    pub(super) hint: &'static str,
}

const fn meaning(
    codes: &'static [u16],
    kind: Kind,
    message: &'static str,
    hint: &'static str,
) -> Meaning {
    Meaning { codes, kind, message, hint }
}

pub(super) const PACKET: Meaning = meaning(
    &[1153],
    Kind::Failed,
    "a row is larger than the server's max_allowed_packet",
    "raise max_allowed_packet on the server",
);

/// ER_NO_SUCH_TABLE: refused, but not because of a row.
pub(super) const NO_TABLE: u16 = 1146;

const MEANINGS: [Meaning; 24] = [
    meaning(
        &[1045, 1698],
        Kind::Usage,
        "the server refused the login",
        "check user, password and the user's host in the server's URL",
    ),
    meaning(
        &[1044],
        Kind::Usage,
        "the user may not use the database",
        "grant the user privileges on it; for large changes also CREATE TEMPORARY TABLES",
    ),
    meaning(
        &[1049],
        Kind::Usage,
        "the database does not exist",
        "create it, or correct the server's URL",
    ),
    meaning(
        &[1142, 1143, 1227, 1370, 1410, 1419],
        Kind::Usage,
        "the user lacks a privilege",
        "grant it; a job needs SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE TEMPORARY TABLES and TRIGGER",
    ),
    meaning(&[1205], Kind::Temporary, "another session held a lock for too long", "run again"),
    meaning(&[1213], Kind::Temporary, "deadlock with another session", "run again"),
    meaning(
        &[1040, 1203, 1226],
        Kind::Temporary,
        "the server takes no more connections",
        "run again",
    ),
    meaning(
        &[
            1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1189, 1190, 1317, 1927, 1969,
            3024, 3058, 3169, 4031,
        ],
        Kind::Temporary,
        "the server ended the statement or the connection",
        "run again",
    ),
    meaning(
        &[1290, 1792, 1836],
        Kind::Temporary,
        "the server is read-only",
        "run again when it is writable, or correct the server's URL",
    ),
    meaning(
        &[3, 1021, 1026, 1114],
        Kind::Temporary,
        "the server's storage is full",
        "make room, then run again",
    ),
    PACKET,
    meaning(
        &[1062, 1169, 1586, 1761, 1762],
        Kind::Refused,
        "a row duplicates another one in a unique index",
        "the model's key must be unique, and agree with every unique index of the table",
    ),
    meaning(
        &[1406],
        Kind::Refused,
        "a value is too long for its column",
        "widen the column, or shorten the value in the model",
    ),
    meaning(
        &[1264, 1690],
        Kind::Refused,
        "a value is out of its column's range",
        "widen the column",
    ),
    meaning(
        &[1265, 1292, 1365, 1366, 1367, 1411, 3140, 3141, 3903, 4078],
        Kind::Refused,
        "a value does not fit its column",
        "compare the model's types with the table's",
    ),
    meaning(
        &[1048, 1263, 1364],
        Kind::Refused,
        "a column that is NOT NULL got no value",
        "change the model or the column",
    ),
    meaning(
        &[3819, 4025],
        Kind::Refused,
        "a row violates a check constraint",
        "leave such rows out in the model, or change the constraint",
    ),
    meaning(
        &[1216, 1217, 1451, 1452],
        Kind::Refused,
        "a row violates a foreign key",
        "a job's tables are written in the order of their names: keep foreign keys to tables that it does not write, or drop them",
    ),
    meaning(
        &[1526, 1591],
        Kind::Refused,
        "no partition of the table takes a row",
        "add a partition for it",
    ),
    meaning(
        &[1644],
        Kind::Refused,
        "a trigger of the table refused a row",
        "leave such rows out in the model, or change the trigger",
    ),
    meaning(
        &[1442],
        Kind::Usage,
        "a trigger of the table changes the table itself",
        "drop or change the trigger",
    ),
    meaning(&[NO_TABLE], Kind::Refused, "the table does not exist", "a full refresh creates it"),
    meaning(
        &[1071, 1118],
        Kind::Usage,
        "the table's rows or keys would be too long",
        "declare shorter VARCHAR columns",
    ),
    meaning(
        &[1173, 3750],
        Kind::Usage,
        "the server wants a primary key for every table (sql_require_primary_key, in MariaDB innodb_force_primary_key)",
        "give the model a key that cannot be NULL, or switch the setting off for the user",
    ),
];

pub(super) const UNKNOWN: Meaning =
    meaning(&[], Kind::Failed, "the server refused a statement", "");

/// Codes whose text names objects, users and settings, but never holds a value of a row.
pub(super) fn text_is_safe(code: u16) -> bool {
    matches!(
        code,
        1044 | 1045 | 1049 | 1051 | 1054 | 1064 | 1068
            ..=1073
                | 1103
                | 1118
                | 1142
                | 1143
                | 1146
                | 1205
                | 1213
                | 1227
                | 1235
                | 1273
                | 1290
                | 1370
                | 1410
                | 1419
                | 1665
                | 1698
                | 1792
                | 1836
                | 1442
                | 1451
                | 1452
                | 3750
                | 3819
                | 4025
    )
}

/// What a code means, if it is known.
pub(super) fn meaning_of(code: u16) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.codes.contains(&code))
}
