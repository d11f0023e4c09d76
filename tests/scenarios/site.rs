//! A user's place: a folder with jobs, a staging folder or bucket, and a target database.

mod kept;
mod report;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use flate2::write::GzEncoder;
use libtest_mimic::Trial;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

use crate::support::{MySqlServer, Output, Runner, S3Server, Servers, Shared};
pub(crate) use kept::Kept;
pub(crate) use report::Report;

/// The job of most scenarios.
pub(crate) const JOB: &str = "shop";

/// Seconds since 1970 of the first staged object.
const STAGED_FROM: u64 = 1_767_225_600;

/// Where a scenario plays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct On {
    database: DatabaseKind,
    s3: bool,
}

#[derive(Debug, Clone, Copy)]
enum DatabaseKind {
    Sqlite,
    MySql,
    MariaDb,
}

pub(crate) const SQLITE: On = On { database: DatabaseKind::Sqlite, s3: false };
pub(crate) const MYSQL: On = On { database: DatabaseKind::MySql, s3: false };
pub(crate) const MARIADB: On = On { database: DatabaseKind::MariaDb, s3: false };

/// Each database, staging on both sides.
pub(crate) const EACH: [On; 3] = [SQLITE, MYSQL, MARIADB.with_s3()];
/// Each database with each kind of staging.
pub(crate) const ALL: [On; 6] =
    [SQLITE, SQLITE.with_s3(), MYSQL, MYSQL.with_s3(), MARIADB, MARIADB.with_s3()];

impl On {
    pub(crate) const fn with_s3(self) -> Self {
        Self { s3: true, ..self }
    }

    pub(crate) fn name(self) -> &'static str {
        match (self.database, self.s3) {
            (DatabaseKind::Sqlite, false) => "sqlite",
            (DatabaseKind::Sqlite, true) => "sqlite_s3",
            (DatabaseKind::MySql, false) => "mysql",
            (DatabaseKind::MySql, true) => "mysql_s3",
            (DatabaseKind::MariaDb, false) => "mariadb",
            (DatabaseKind::MariaDb, true) => "mariadb_s3",
        }
    }
}

/// One trial for each place, named `scenarios::MODULE::SCENARIO::PLACE`.
pub(crate) fn each(servers: &Shared, places: &[On], name: &str, test: fn(&Site<'_>)) -> Vec<Trial> {
    let name = name.strip_prefix("e2e::").unwrap_or(name);
    let trial = |on: &On| {
        let (servers, on) = (Shared::clone(servers), *on);
        Trial::test(format!("{name}::{}", on.name()), move || {
            test(&Site::new(&servers, on));
            Ok(())
        })
    };
    places.iter().map(trial).collect()
}

/// Makes trials of functions `fn(&Site)` of the calling module, one for each of the places.
macro_rules! scenarios {
    ($servers:expr, $places:expr; $($test:ident),+ $(,)?) => {
        [$($crate::scenarios::site::each(
            $servers,
            &$places,
            concat!(module_path!(), "::", stringify!($test)),
            $test,
        )),+]
        .into_iter()
        .flatten()
    };
}
pub(crate) use scenarios;

#[derive(Debug)]
enum Database<'a> {
    Sqlite,
    Server { server: &'a MySqlServer, name: String },
}

#[derive(Debug)]
pub(crate) struct Site<'a> {
    folder: TempDir,
    database: Database<'a>,
    staging: PathBuf,
    staging_url: String,
    s3: Option<&'a S3Server>,
    staged: AtomicU64,
}

impl<'a> Site<'a> {
    /// Servers are only started if the place needs them.
    pub(crate) fn new(servers: &'a Shared, on: On) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = |pick: fn(&Servers) -> &MySqlServer| {
            let server = pick(servers);
            Database::Server { server, name: server.fresh_database() }
        };
        let database = match on.database {
            DatabaseKind::Sqlite => Database::Sqlite,
            DatabaseKind::MySql => server(|servers| &servers.mysql),
            DatabaseKind::MariaDb => server(|servers| &servers.mariadb),
        };
        if !on.s3 {
            return Self::local(folder, database);
        }
        let bucket = servers.s3.fresh_bucket();
        let staging = servers.s3.root().join(&bucket);
        Self::staged(folder, database, staging, format!("s3://{bucket}"), Some(&servers.s3))
    }

    /// A fresh database of this server, staging in a local folder.
    pub(crate) fn at(server: &'a MySqlServer) -> Self {
        let database = Database::Server { server, name: server.fresh_database() };
        Self::local(tempfile::tempdir().unwrap(), database)
    }

    /// SQLite, staging in a local folder.
    pub(crate) fn sqlite_alone() -> Self {
        Self::local(tempfile::tempdir().unwrap(), Database::Sqlite)
    }

    fn local(folder: TempDir, database: Database<'a>) -> Self {
        let staging = folder.path().join("staging");
        let url = staging.display().to_string();
        Self::staged(folder, database, staging, url, None)
    }

    fn staged(
        folder: TempDir,
        database: Database<'a>,
        staging: PathBuf,
        staging_url: String,
        s3: Option<&'a S3Server>,
    ) -> Self {
        std::fs::create_dir_all(&staging).unwrap();
        std::fs::create_dir(folder.path().join("sql")).unwrap();
        Self { folder, database, staging, staging_url, s3, staged: AtomicU64::new(0) }
    }

    /// The current folder of all commands.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the variable TARGET holds.
    pub(crate) fn target(&self) -> String {
        match &self.database {
            Database::Sqlite => "sqlite:target.db".to_owned(),
            Database::Server { server, name } => server.url(name),
        }
    }

    /// The server and the name of the database.
    pub(crate) fn server(&self) -> (&'a MySqlServer, &str) {
        match &self.database {
            Database::Sqlite => panic!("SQLite has no server"),
            Database::Server { server, name } => (*server, name.as_str()),
        }
    }

    /// What the variable STAGING holds.
    pub(crate) fn staging_url(&self) -> &str {
        &self.staging_url
    }

    /// Whether the target is MySQL or MariaDB.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.database, Database::Server { .. })
    }

    /// Whether objects are staged in S3.
    pub(crate) fn is_s3(&self) -> bool {
        self.s3.is_some()
    }

    /// Writes a job's files; those that are there keep their content if they are not named.
    pub(crate) fn job(&self, files: &[(&str, &str)]) {
        self.job_named(JOB, files);
    }

    pub(crate) fn job_named(&self, job: &str, files: &[(&str, &str)]) {
        let folder = self.folder().join("sql").join(job);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    /// Copies a job of the repository.
    pub(crate) fn copy_job(&self, job: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sql").join(job);
        copy(&from, &self.folder().join("sql").join(job));
    }

    /// The file of a staged object.
    pub(crate) fn object(&self, key: &str) -> PathBuf {
        self.staging.join(key)
    }

    /// Stages an object. Each one is a second younger than the one before.
    pub(crate) fn stage(&self, key: &str, content: impl AsRef<[u8]>) {
        let path = self.object(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        let age = self.staged.fetch_add(1, Ordering::Relaxed);
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(STAGED_FROM + age);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    }

    /// Writes an object anew: as long as before, and with the same time.
    pub(crate) fn restage(&self, key: &str, content: impl AsRef<[u8]>) {
        let path = self.object(key);
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!(metadata.len(), content.as_ref().len() as u64);
        std::fs::write(&path, content).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(metadata.modified().unwrap()).unwrap();
    }

    /// Lets an object in S3 get another content, or go, when the next run has listed the bucket.
    pub(crate) fn swap_after_listing(&self, key: &str, content: Option<&str>) {
        let bucket = self.staging_url.strip_prefix("s3://").unwrap();
        self.s3.unwrap().swap_after_listing(bucket, key, content);
    }

    /// Removes a staged object.
    pub(crate) fn unstage(&self, key: &str) {
        std::fs::remove_file(self.object(key)).unwrap();
    }

    /// A command in this place.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Runner {
        self.place(Runner::new().args(args))
    }

    /// The same, of the binary that can be told to kill itself.
    pub(crate) fn command_with_failpoints<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Runner {
        self.place(Runner::with_failpoints().args(args))
    }

    fn place(&self, runner: Runner) -> Runner {
        runner.current_dir(self.folder()).envs(self.environment())
    }

    /// The variables of a command in this place.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let own = [("TARGET", self.target()), ("STAGING", self.staging_url.clone())];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        own.into_iter().chain(self.s3.map(S3Server::env).unwrap_or_default()).collect()
    }

    /// Runs the job and answers its report.
    pub(crate) fn run(&self) -> Report {
        self.run_with(&[])
    }

    pub(crate) fn run_with(&self, more: &[&str]) -> Report {
        let args = ["run", "--job", JOB, "--output", "json"];
        let output = self.command(args.iter().chain(more)).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        Report::read(&output)
    }

    /// Runs the job, which fails.
    pub(crate) fn fail(&self) -> Output {
        self.command(["run", "--job", JOB]).run()
    }

    /// Runs a statement on the target.
    pub(crate) fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite => self.sqlite().execute_batch(sql).unwrap(),
            Database::Server { server, name } => server.execute(name, sql),
        }
    }

    /// Rows of the target, values separated by `|`.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let rows = match &self.database {
            Database::Sqlite => query(&self.sqlite(), sql),
            Database::Server { server, name } => server.query(name, sql),
        };
        let text = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
        rows.into_iter()
            .map(|row| row.into_iter().map(text).collect::<Vec<_>>().join("|"))
            .collect()
    }

    /// Everything in the target: definitions and rows of all tables, the ledger's among them.
    pub(crate) fn dump(&self) -> String {
        let definition: fn(&str) -> String = match &self.database {
            Database::Sqlite if !self.folder().join("target.db").exists() => {
                return "no database".to_owned();
            }
            Database::Sqlite => |table| {
                format!("SELECT sql FROM sqlite_master WHERE tbl_name = '{table}' ORDER BY 1")
            },
            Database::Server { .. } => |table| format!("SHOW CREATE TABLE `{table}`"),
        };
        let mut dump = String::new();
        for table in self.table_names() {
            let mut rows = self.rows(&format!("SELECT * FROM `{table}`"));
            rows.sort();
            for line in self.rows(&definition(&table)).into_iter().chain(rows) {
                writeln!(dump, "{line}").unwrap();
            }
        }
        dump
    }

    /// The names of all tables in the target, sorted.
    pub(crate) fn table_names(&self) -> Vec<String> {
        self.rows(match &self.database {
            Database::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            Database::Server { .. } => "SHOW TABLES",
        })
    }

    /// The names of all files below the current folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(self.folder(), &mut files);
        files.sort();
        files
    }

    fn sqlite(&self) -> Connection {
        Connection::open(self.folder().join("target.db")).unwrap()
    }
}

fn query(connection: &Connection, sql: &str) -> Vec<Vec<Option<String>>> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        found.push((0..columns).map(|index| text(row.get_ref(index).unwrap())).collect());
    }
    found
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
        ValueRef::Blob(bytes) => {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("0x{}", hex.concat()))
        }
    }
}

/// Asserts that both hold the same rows, in any order.
pub(crate) fn assert_same(mut found: Vec<String>, mut expected: Vec<String>) {
    found.sort();
    expected.sort();
    if let Some(index) =
        (0..found.len().max(expected.len())).find(|&i| found.get(i) != expected.get(i))
    {
        let (found, expected) = (found.get(index), expected.get(index));
        panic!("of the sorted rows, number {index} is {found:?} instead of {expected:?}");
    }
}

/// Compresses as `CompressionType=GZIP` does.
pub(crate) fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        files.push(entry.path().display().to_string());
        if entry.path().is_dir() {
            collect(&entry.path(), files);
        }
    }
}
