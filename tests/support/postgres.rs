//! PostgreSQL, initialised into a folder of its own: what tables are defined in before DMS stages them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Config, NoTls};

use super::mysql::{TRUSTED, certify, free_port};
use super::process::Watched;

const PASSWORD: &str = "secret";
const START_LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(20);

/// A running server; dropping it stops it and removes its files.
///
/// Its helpers block, and must not be called from a future.
#[derive(Debug)]
pub(crate) struct PostgresServer {
    port: u16,
    databases: AtomicU32,
    runtime: Arc<Runtime>,
    // The order matters: the process ends before its folder is removed.
    process: Watched,
    folder: TempDir,
}

impl PostgresServer {
    pub(crate) fn start(programs: &Path, runtime: Arc<Runtime>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("unglue-postgres-")
            // Where tests are root, the server is not, and has to enter it.
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .expect("a temporary folder can be made");
        let program = programs.join("postgres/start");
        initialise(&program, folder.path());
        // Between the choice of a port and the server's use of it, another process may take it.
        for _ in 0..3 {
            let port = free_port();
            let args = arguments(folder.path(), port);
            let mut process =
                Watched::start(folder.path(), Path::new("/dev/null"), &program, &args);
            match await_start(&runtime, &mut process, port) {
                Ok(()) => {
                    let databases = AtomicU32::new(0);
                    let server = Self { port, databases, runtime, process, folder };
                    // Who may log in and do nothing: definitions can be seen by everyone.
                    server.execute("postgres", "CREATE USER reader PASSWORD 'secret'");
                    return server;
                }
                Err(_) if process.log_tail().contains("Address already in use") => {}
                Err(cause) => {
                    panic!("postgres {cause}; the end of its log:\n{}", process.log_tail())
                }
            }
        }
        panic!("postgres found no free port");
    }

    /// Returns the URL of a database, for an ordinary user; without the password.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://reader@127.0.0.1:{}/{database}", self.port)
    }

    /// Returns the same with the parameters of a connection that is encrypted and verified.
    pub(crate) fn tls_url(&self, database: &str) -> String {
        let authority = self.folder.path().join(TRUSTED);
        format!("{}?sslmode=verify-full&sslrootcert={}", self.url(database), authority.display())
    }

    /// Creates an empty database that no other test uses.
    pub(crate) fn fresh_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let database = format!("unglue_{number}");
        self.execute("postgres", &format!("CREATE DATABASE {database}"));
        database
    }

    /// Runs statements as the administrator.
    pub(crate) fn execute(&self, database: &str, sql: &str) {
        let done = self.runtime.block_on(execute(self.port, database, sql));
        done.unwrap_or_else(|error| panic!("postgres: {sql}: {error:?}"));
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // One that is killed leaves its shared memory to the machine.
        self.process.stop("-INT");
    }
}

async fn execute(port: u16, database: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let mut config = Config::new();
    config.host("127.0.0.1").port(port).user("postgres").password(PASSWORD).dbname(database);
    let (client, connection) = config.connect(NoTls).await?;
    let talking = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    talking.abort();
    done
}

fn initialise(program: &Path, folder: &Path) {
    let password = folder.join("password");
    std::fs::write(&password, PASSWORD).expect("the temporary folder can be written");
    let args = [
        "initdb".to_owned(),
        folder.join("data").display().to_string(),
        "--username=postgres".to_owned(),
        format!("--pwfile={}", password.display()),
        "--auth=scram-sha-256".to_owned(),
        "--encoding=UTF8".to_owned(),
        "--locale=C".to_owned(),
        "--no-sync".to_owned(),
    ];
    let mut process = Watched::start(folder, Path::new("/dev/null"), program, &args);
    let status = process.wait();
    assert!(
        status.success(),
        "postgres cannot be initialised ({status}); the end of its log:\n{}",
        process.log_tail(),
    );
    certify(folder);
    // The server takes a key only from the folder's owner, who alone may read it.
    let key = folder.join("data/server.key");
    std::fs::copy(folder.join("server.key"), &key).expect("the temporary folder can be written");
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("the key is ours");
}

fn arguments(folder: &Path, port: u16) -> Vec<String> {
    let setting = |text: String| ["-c".to_owned(), text];
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", folder.join("server.pem").display()),
        "ssl_key_file=server.key".to_owned(),
        // Small, and the machine is not going to lose its power.
        "shared_buffers=16MB".to_owned(),
        "fsync=off".to_owned(),
    ];
    let settings = settings.into_iter().flat_map(setting);
    std::iter::once(folder.join("data").display().to_string()).chain(settings).collect()
}

/// Waits until the administrator can connect, the process ends, or the time is over.
fn await_start(runtime: &Runtime, process: &mut Watched, port: u16) -> Result<(), String> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(status) = process.ended() {
            return Err(format!("ended while starting ({status})"));
        }
        match runtime.block_on(execute(port, "postgres", "SELECT 1")) {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > deadline => {
                return Err(format!("did not start within {START_LIMIT:?} ({error})"));
            }
            Err(_) => std::thread::sleep(POLL),
        }
    }
}
