//! A target's state set aside, to be put back as often as a test needs it.

use std::fmt::Write as _;
use std::path::Path;

use tempfile::TempDir;

use super::{Database, Site};
use crate::support::MySqlServer;

/// The files of an SQLite database: the file itself, and those of a process that died.
const SQLITE_FILES: [&str; 3] = ["target.db", "target.db-wal", "target.db-shm"];

/// A copy of a target's database: tables and rows, but no triggers.
#[derive(Debug)]
pub(crate) enum Kept<'a> {
    Files(TempDir),
    Database(Copied<'a>),
}

/// A database of a server, dropped with this.
#[derive(Debug)]
pub(crate) struct Copied<'a> {
    server: &'a MySqlServer,
    name: String,
}

impl<'a> Site<'a> {
    /// Copies the target's database.
    pub(crate) fn keep(&self) -> Kept<'a> {
        match &self.database {
            Database::Sqlite => {
                let kept = tempfile::tempdir().unwrap();
                copy_files(self.folder(), kept.path());
                Kept::Files(kept)
            }
            Database::Server { server, name } => {
                Kept::Database(Copied { server, name: copy_database(server, name) })
            }
        }
    }

    /// Puts the target into the state that was kept. On a server it gets another name.
    pub(crate) fn restore(&mut self, kept: &Kept<'a>) {
        match (kept, &mut self.database) {
            (Kept::Files(kept), Database::Sqlite) => copy_files(kept.path(), self.folder.path()),
            (Kept::Database(kept), Database::Server { server, name }) => {
                let old = std::mem::replace(name, copy_database(server, &kept.name));
                server.execute("mysql", &format!("DROP DATABASE {old}"));
            }
            _ => panic!("the state was kept at another place"),
        }
    }
}

impl Drop for Copied<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.server.execute("mysql", &format!("DROP DATABASE {}", self.name));
        }
    }
}

fn copy_files(from: &Path, to: &Path) {
    for file in SQLITE_FILES {
        let (from, to) = (from.join(file), to.join(file));
        if to.exists() {
            std::fs::remove_file(&to).unwrap();
        }
        if from.exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
}

fn copy_database(server: &MySqlServer, from: &str) -> String {
    let to = server.fresh_database();
    let mut sql = String::new();
    for row in server.query(from, "SHOW TABLES") {
        let table = row[0].as_ref().unwrap();
        writeln!(sql, "CREATE TABLE {to}.{table} LIKE {from}.{table};").unwrap();
        writeln!(sql, "INSERT INTO {to}.{table} SELECT * FROM {from}.{table};").unwrap();
    }
    if !sql.is_empty() {
        server.execute(&to, &sql);
    }
    to
}
