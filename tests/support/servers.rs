//! The servers of one run of the suite.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, OnceLock};

use tokio::runtime::Runtime;

use super::moto::Moto;
use super::mysql::{FAST, Flavour, MySqlServer};
use super::postgres::PostgresServer;
use super::s3::S3Server;

/// Servers that start with the first test that uses them, and stop when the last owner is gone.
///
/// If they cannot start, the first test fails with the cause and every other one that needs them fails at once.
pub(crate) type Shared = Arc<LazyLock<Servers>>;

/// MySQL, MariaDB, PostgreSQL and S3, private to this process.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) mysql: MySqlServer,
    pub(crate) mariadb: MySqlServer,
    pub(crate) s3: S3Server,
    postgres: OnceLock<PostgresServer>,
    programs: PathBuf,
    runtime: Arc<Runtime>,
}

impl Servers {
    /// Returns servers that are started when they are needed.
    pub(crate) fn shared() -> Shared {
        Arc::new(LazyLock::new(Self::start))
    }

    /// Starts all servers but PostgreSQL; both database servers at the same time, since their initialisation is the longest step.
    pub(crate) fn start() -> Self {
        let programs = install();
        let runtime = Arc::new(
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime starts"),
        );
        let database =
            |flavour| MySqlServer::start(flavour, &programs, Arc::clone(&runtime), &FAST);
        let (mysql, mariadb) = std::thread::scope(|scope| {
            let mysql = scope.spawn(|| database(Flavour::MySql));
            let mariadb = scope.spawn(|| database(Flavour::MariaDb));
            (mysql.join(), mariadb.join())
        });
        let unwound = |panic| std::panic::resume_unwind(panic);
        Self {
            mysql: mysql.unwrap_or_else(unwound),
            mariadb: mariadb.unwrap_or_else(unwound),
            s3: S3Server::start(&runtime),
            postgres: OnceLock::new(),
            programs,
            runtime,
        }
    }

    /// Returns PostgreSQL, which few tests need, so that it is started with the first of them.
    pub(crate) fn postgres(&self) -> &PostgresServer {
        let start = || PostgresServer::start(&self.programs, Arc::clone(&self.runtime));
        self.postgres.get_or_init(start)
    }

    /// Starts a server that plays AWS, for the caller alone.
    pub(crate) fn fresh_moto(&self) -> Moto {
        Moto::start(&self.programs)
    }

    /// Returns where the programs are that `tests/servers/install` put there.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// Returns both database servers, for tests of what has to hold on each.
    pub(crate) fn databases(&self) -> [&MySqlServer; 2] {
        [&self.mysql, &self.mariadb]
    }

    /// Runs a future to its end. Must not be called from a future.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

/// Makes sure that the servers are installed, so that a plain `cargo test` works too, and returns their folder.
pub(crate) fn install() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("UNGLUE_SERVERS")
        .map_or_else(|| tests.join("../target/servers"), PathBuf::from);
    let output = Command::new(tests.join("servers/install"))
        .env("UNGLUE_SERVERS", &folder)
        .output()
        .expect("bash runs tests/servers/install");
    assert!(
        output.status.success(),
        "the database servers cannot be installed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    folder
}
