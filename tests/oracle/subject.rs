//! The product under test: a job in a temporary folder, run in this process or by the real binary.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use datafusion::arrow::datatypes::Schema;
use datafusion::execution::SessionState;
use futures::TryStreamExt;
use runner::engine;
use runner::environment::Environment;
use runner::job::{Job, JobFolder, JobText, JobsLocation};
use runner::run::{RunOptions, run};
use runner::target::ledger::{Ledger, everything};
use runner::target::{ReadRequest, Target, url};
use runner::wishes::Wishes;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use transforms::staging::Vanished;

use super::compare::{Rows, rows_of};
use super::world::How;
use crate::support::{MySqlServer, Runner, S3Server};

pub(super) const JOB: &str = "oracle";
const MEMORY_BYTES: u64 = 1 << 30;

/// Where the tables are written.
pub(super) enum Database<'a> {
    Sqlite,
    Server(&'a MySqlServer),
}

/// A job, its staging folder and its database.
pub(super) struct Subject<'a> {
    runtime: &'a Runtime,
    folder: TempDir,
    server: Option<(&'a MySqlServer, String)>,
    bucket: Option<(&'a S3Server, String)>,
    target: String,
    cores: usize,
    batch_rows: usize,
    runs: std::cell::Cell<u32>,
    /// The URLs of the objects that events told of since the last run.
    told: std::cell::RefCell<Vec<String>>,
}

/// A run that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: i32,
    text: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit status {}: {}", self.status, self.text)
    }
}

/// Databases go with their histories: MariaDB looks into all of them to find the foreign keys that refer to one table.
impl Drop for Subject<'_> {
    fn drop(&mut self) {
        if let (Some((server, name)), false) = (&self.server, std::thread::panicking()) {
            server.execute("mysql", &format!("DROP DATABASE {name}"));
        }
    }
}

impl<'a> Subject<'a> {
    /// With the staging folder on S3 the job is run by the real binary, which finds the server in its environment.
    pub(super) fn new(
        runtime: &'a Runtime,
        database: &Database<'a>,
        s3: Option<&'a S3Server>,
        cores: u8,
        batch_rows: usize,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (server, target) = match database {
            Database::Sqlite => {
                (None, format!("sqlite:{}", folder.path().join("target.db").display()))
            }
            Database::Server(server) => {
                let name = server.fresh_database();
                let url = server.url(&name);
                (Some((*server, name)), url)
            }
        };
        let subject = Self {
            runtime,
            folder,
            server,
            bucket: s3.map(|s3| (s3, s3.fresh_bucket())),
            target,
            cores: usize::from(cores),
            batch_rows,
            runs: std::cell::Cell::new(0),
            told: std::cell::RefCell::default(),
        };
        std::fs::create_dir_all(subject.jobs().join(JOB)).unwrap();
        subject
    }

    fn jobs(&self) -> PathBuf {
        self.folder.path().join("jobs")
    }

    /// Whether times of staged objects are the store's.
    pub(super) fn has_times(&self) -> bool {
        self.bucket.is_some()
    }

    /// The folder that holds one folder for each source.
    pub(super) fn staging(&self) -> PathBuf {
        match &self.bucket {
            None => self.folder.path().join("staging"),
            Some((s3, bucket)) => s3.root().join(bucket).join("stage"),
        }
    }

    /// The same as a job names it.
    pub(super) fn location(&self, source: &str) -> String {
        match &self.bucket {
            None => format!("../../staging/{source}"),
            Some((_, bucket)) => format!("s3://{bucket}/stage/{source}/"),
        }
    }

    /// Where bad rows are kept, as a job names it.
    pub(super) fn rejects_location(&self) -> String {
        match &self.bucket {
            None => "../../rejects".to_owned(),
            Some((_, bucket)) => format!("s3://{bucket}/rejects"),
        }
    }

    /// The same for the job's files.
    pub(super) fn rejects(&self) -> PathBuf {
        let root = match &self.bucket {
            None => self.folder.path().to_owned(),
            Some((s3, bucket)) => s3.root().join(bucket),
        };
        root.join("rejects").join(JOB)
    }

    /// Writes a file of the job.
    pub(super) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.jobs().join(JOB).join(file), text).unwrap();
    }

    /// Loads the job as it is now.
    pub(super) fn load(&self) -> Result<(JobFolder, SessionState, Job), Failure> {
        let state = engine::engine(transforms::sql::Dialect::Spark, self.cores, MEMORY_BYTES)
            .map_err(failure)?;
        let config = state.config().clone().with_batch_size(self.batch_rows);
        let mut state = state;
        *state.config_mut() = config;
        self.runtime.block_on(async {
            let jobs = JobsLocation::parse(&self.jobs().display().to_string()).map_err(failure)?;
            let folder = jobs.open(&JOB.parse().unwrap()).map_err(failure)?;
            let text = JobText::read(&folder, &|_| None).await.map_err(failure)?;
            let job = text.check(&state).await.map_err(failure)?;
            Ok((folder, state, job))
        })
    }

    /// An event tells the next run that something happened to an object.
    pub(super) fn tell(&self, source: &str, key: &str) {
        let folder = match &self.bucket {
            None => self.folder.path().join("staging").join(source).display().to_string(),
            Some((_, bucket)) => format!("s3://{bucket}/stage/{source}"),
        };
        self.told.borrow_mut().push(format!("{folder}/{key}"));
    }

    /// One run; answers its report. Events come until a run succeeds.
    pub(super) fn run(&self, how: How) -> Result<Value, Failure> {
        self.runs.set(self.runs.get() + 1);
        let told = self.told.borrow().clone();
        let report = match &self.bucket {
            None => self.run_here(how, told),
            Some((s3, _)) => self.run_binary(s3, how, told),
        };
        if report.is_ok() {
            self.told.borrow_mut().clear();
        }
        report
    }

    fn run_here(&self, how: How, told: Vec<String>) -> Result<Value, Failure> {
        let (folder, state, job) = self.load()?;
        let now = SystemTime::now().into();
        let options = RunOptions {
            wishes: Wishes {
                full_refresh: how == How::Refresh,
                retry_rejected: how == How::Retry,
                vanished: match how {
                    How::Accept => Some(Vanished::Accept),
                    How::Ignore => Some(Vanished::Ignore),
                    How::Plain | How::Refresh | How::Retry => None,
                },
                ..Wishes::default()
            },
            lock_wait: Duration::from_secs(5),
            told,
            run_id: format!("run-{}", self.runs.get()),
            now,
            clock: now,
            waiting: Arc::default(),
            pinned: None,
        };
        let report = self.runtime.block_on(Box::pin(async {
            let target = url::open(&self.target, &Environment::default()).await?;
            run(&job, &folder, &state, &target, &options).await
        }));
        Ok(serde_json::to_value(report.map_err(failure)?).unwrap())
    }

    fn run_binary(&self, s3: &S3Server, how: How, told: Vec<String>) -> Result<Value, Failure> {
        let jobs = self.jobs().display().to_string();
        let args = ["run", "--job", JOB, "--jobs", &jobs, "--target", &self.target];
        let output = Runner::new()
            .args(args)
            .args(["--output", "json"])
            .args(how.args())
            .args(told.iter().flat_map(|url| ["--object", url]))
            .envs(s3.env())
            .run();
        match output.status {
            Some(0) => Ok(serde_json::from_str(&output.stdout).unwrap()),
            status => {
                let text = format!("{}{}", output.stdout, output.stderr);
                Err(Failure { status: status.unwrap_or(-1), text })
            }
        }
    }

    fn with_target<T>(
        &self,
        ask: impl AsyncFnOnce(Arc<dyn Target>) -> runner::error::Result<T>,
    ) -> Result<T, Failure> {
        self.runtime
            .block_on(Box::pin(async {
                ask(url::open(&self.target, &Environment::default()).await?).await
            }))
            .map_err(failure)
    }

    pub(super) fn ledger(&self) -> Result<Ledger, Failure> {
        self.with_target(async |target| target.ledger(JOB, &everything).await)
    }

    /// The rows of each table of the job, in the models' types.
    pub(super) fn tables(&self, job: &Job) -> Result<Vec<Rows>, Failure> {
        self.with_target(async |target| {
            let mut tables = Vec::new();
            for output in &job.outputs {
                let fields = output.schema.fields().iter();
                let fields: Vec<_> =
                    fields.map(|field| field.as_ref().clone().with_nullable(true)).collect();
                let request = ReadRequest {
                    table: output.table.clone(),
                    schema: Arc::new(Schema::new(fields)),
                    filters: Vec::new(),
                    limit: None,
                };
                let batches: Vec<_> = target.read(request).await?.try_collect().await?;
                tables.push(rows_of(&batches));
            }
            Ok(tables)
        })
    }

    /// The names of all tables that the database holds.
    pub(super) fn table_names(&self) -> BTreeSet<String> {
        match &self.server {
            Some((server, database)) => {
                let rows = server.query(database, "SHOW TABLES");
                rows.into_iter().map(|mut row| row.remove(0).unwrap()).collect()
            }
            None => {
                let connection = self.sqlite();
                let sql = "SELECT name FROM sqlite_master WHERE type = 'table'";
                let mut statement = connection.prepare(sql).unwrap();
                let names = statement.query_map([], |row| row.get(0)).unwrap();
                names.map(Result::unwrap).collect()
            }
        }
    }

    /// Drops a table if it is there.
    pub(super) fn drop_table(&self, table: &str) {
        let sql = format!("DROP TABLE IF EXISTS {table}");
        match &self.server {
            Some((server, database)) => server.execute(database, &sql),
            None => self.sqlite().execute_batch(&sql).unwrap(),
        }
    }

    /// Puts a trigger on a table, so that it cannot be exchanged; SQLite's tables always can.
    pub(super) fn obstruct(&self, table: &str) -> bool {
        if let Some((server, database)) = &self.server {
            let trigger = format!("CREATE TRIGGER of_{table} BEFORE INSERT ON {table}");
            server.execute(database, &format!("{trigger} FOR EACH ROW SET @seen = 1"));
        }
        self.server.is_some()
    }

    fn sqlite(&self) -> Connection {
        Connection::open(self.folder.path().join("target.db")).unwrap()
    }
}

/// The error with its causes.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failure(error: runner::error::Error) -> Failure {
    let status = i32::from(error.kind().exit_status());
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Failure { status, text }
}
