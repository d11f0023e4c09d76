//! What all measurements stand on: the binary, the servers, the generated files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::generator::Data;
use crate::measured::{Measured, What};
use crate::support::mysql::Flavour;
use crate::support::{self, MySqlServer, S3Server};

/// As a production server: its durability is the default one, and the table is in memory.
const SERVER_OPTIONS: [&str; 1] = ["--innodb-buffer-pool-size=1G"];
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
const SETTLED_PAGES: u64 = 100;

#[derive(Debug)]
pub(crate) struct Bench {
    /// Rows of the table.
    pub(crate) rows: u64,
    /// How often is measured what does not take minutes.
    pub(crate) rounds: u64,
    pub(crate) data: Data,
    pub(crate) runner: PathBuf,
    /// Where the measured processes run.
    pub(crate) folder: PathBuf,
    /// The folder of the workspace.
    root: PathBuf,
    // The order matters: what is served ends before the runtime.
    server: OnceLock<MySqlServer>,
    s3: OnceLock<S3Server>,
    pub(crate) runtime: Arc<Runtime>,
}

/// What is measured, and the work.
pub(crate) type Way<'a> = (What, Box<dyn Fn() + 'a>);

impl Bench {
    pub(crate) fn new(root: &Path, rows: u64, rounds: u64) -> Self {
        let folder = root.join("target/bench");
        fs::create_dir_all(&folder).expect("the bench's folder can be made");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        Self {
            rows,
            rounds,
            data: Data::new(root.join("target/bench-data")),
            runner: support::binary::build(),
            folder,
            root: root.to_owned(),
            server: OnceLock::new(),
            s3: OnceLock::new(),
            runtime: Arc::new(runtime.expect("a runtime starts")),
        }
    }

    /// The MySQL server, which starts with the first measurement that needs it.
    pub(crate) fn server(&self) -> &MySqlServer {
        self.server.get_or_init(|| {
            let (programs, runtime) = (support::servers::install(), Arc::clone(&self.runtime));
            MySqlServer::start(Flavour::MySql, &programs, runtime, &SERVER_OPTIONS)
        })
    }

    /// The S3 server in this process, which starts with the first measurement that needs it.
    pub(crate) fn s3(&self) -> &S3Server {
        self.s3.get_or_init(|| S3Server::start(&self.runtime))
    }

    /// The version of the MySQL server, if there was need of one.
    pub(crate) fn server_version(&self) -> Option<String> {
        self.server.get()?.query("mysql", "SELECT VERSION()")[0][0].clone()
    }

    pub(crate) fn jobs(&self) -> PathBuf {
        self.root.join("benches/jobs")
    }

    pub(crate) fn sample_jobs(&self) -> PathBuf {
        self.root.join("sql")
    }

    /// The binary, with nothing of the environment but `PATH`.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.runner);
        command
            .args(args)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", &self.folder)
            .current_dir(&self.folder);
        command
    }

    pub(crate) fn by_hand(&self, work: impl Future<Output = mysql_async::Result<()>>) {
        self.runtime.block_on(work).expect("the baseline succeeds");
    }

    /// Measures ways to the same result, each round beginning with another one of them.
    pub(crate) fn compare(&self, measured: &mut Measured, round: u64, mut ways: Vec<Way<'_>>) {
        let turn = usize::try_from(round).expect("a number of rounds") % ways.len();
        ways.rotate_left(turn);
        for (what, way) in &ways {
            self.settle();
            let start = Instant::now();
            way();
            measured.add(*what, start.elapsed().as_secs_f64());
        }
    }

    /// Waits until the server has written what the runs before left in memory, so that none pays for another.
    fn settle(&self) {
        let Some(server) = self.server.get() else { return };
        let set = |settings: [&str; 2]| {
            for setting in settings {
                let sql = format!("SET GLOBAL innodb_max_dirty_pages_{setting}");
                server.execute("mysql", &sql);
            }
        };
        set(["pct_lwm = 0", "pct = 0"]);
        let deadline = Instant::now() + SETTLE_LIMIT;
        loop {
            let status = "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'";
            let rows = server.query("mysql", status);
            let pages = rows[0][1].as_deref().and_then(|pages| pages.parse::<u64>().ok());
            if pages.is_some_and(|pages| pages < SETTLED_PAGES) {
                break;
            }
            assert!(Instant::now() < deadline, "the server does not settle: {pages:?} pages");
            thread::sleep(Duration::from_millis(100));
        }
        set(["pct = DEFAULT", "pct_lwm = DEFAULT"]);
    }
}
