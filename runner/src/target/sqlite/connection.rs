//! Connections: opened for one operation each, since opening costs far less than a transaction.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::target::sqlite::fault::Step;

/// How long a statement waits for another connection: long enough for another job's transaction of ordinary size.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Opens the database to write, creating the file if it is missing.
pub(super) fn open_to_write(path: &Path) -> Step<Connection> {
    check_folder(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags)?;
    // Readers see the state before the transaction while it is written, and never block it.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

/// Opens the database to read, or answers `None` if there is no file.
///
/// The file is opened for writing but `query_only`, because a connection that is read-only for the operating system
/// cannot tidy up the files of the write-ahead log.
pub(super) fn open_to_read(path: &Path) -> Step<Option<Connection>> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(Some(connection))
}

fn open(path: &Path, flags: OpenFlags) -> Step<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WAIT)?;
    // Without these a misspelt column in double quotes is silently a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    Ok(connection)
}

/// Checks that a database could be created at a path.
///
/// # Errors
/// Kind `Usage` for a folder that does not exist.
pub(super) fn check_folder(path: &Path) -> Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.is_dir();
    match path.parent().filter(is_missing) {
        None => Ok(()),
        Some(folder) => {
            Err(Error::usage(format!("folder `{}` of the target does not exist", folder.display()))
                .hint("create the folder, or name another file in the target URL"))
        }
    }
}
