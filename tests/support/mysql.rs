//! MySQL and MariaDB, initialised into a folder of their own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row, Value};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::clear_text::ClearText;
use super::process::Watched;
use super::proxy::{Fault, Moment, Proxy};

const PASSWORD: &str = "secret";
/// Options of tests: the machine is not going to lose its power, only processes are killed.
pub(crate) const FAST: [&str; 2] = ["--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0"];

/// PEM files of authorities, in a server's folder: the one of its certificate, another one, and both.
pub(crate) const TRUSTED: &str = "authority.pem";
pub(crate) const OTHER: &str = "other.pem";
pub(crate) const BUNDLE: &str = "bundle.pem";

const START_LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(20);

/// Run by the server at its start. `unglue` has what the documentation asks for and nothing else.
const USERS: &str = r"ALTER USER root@localhost IDENTIFIED BY 'secret';
DROP USER IF EXISTS root@'127.0.0.1';
CREATE USER IF NOT EXISTS root@'%' IDENTIFIED BY 'secret';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS unglue@'%' IDENTIFIED BY 'secret';
GRANT ALL ON `unglue\_%`.* TO unglue@'%';
";

#[derive(Debug, Clone, Copy)]
pub(crate) enum Flavour {
    MySql,
    MariaDb,
}

impl Flavour {
    fn name(self) -> &'static str {
        match self {
            Self::MySql => "mysql",
            Self::MariaDb => "mariadb",
        }
    }
}

/// A running server; dropping it kills it and removes its files.
///
/// Its helpers block, and must not be called from a future.
#[derive(Debug)]
pub(crate) struct MySqlServer {
    flavour: Flavour,
    port: u16,
    databases: AtomicU32,
    runtime: Arc<Runtime>,
    // The order matters: the process ends before its folder is removed.
    process: Watched,
    folder: TempDir,
}

impl MySqlServer {
    /// Starts a server with some options beside those that a private server needs.
    pub(crate) fn start(
        flavour: Flavour,
        programs: &Path,
        runtime: Arc<Runtime>,
        options: &[&str],
    ) -> Self {
        let name = flavour.name();
        let folder = tempfile::Builder::new()
            .prefix(&format!("unglue-{name}-"))
            .tempdir()
            .expect("a temporary folder can be made");
        let program = programs.join(name).join("start");
        initialise(flavour, programs, folder.path());

        // Between the choice of a port and the server's use of it, another process may take it.
        for _ in 0..3 {
            let port = free_port();
            let args = arguments(flavour, folder.path(), port, options);
            let mut process =
                Watched::start(folder.path(), Path::new("/dev/null"), &program, &args);
            match runtime.block_on(await_start(&mut process, folder.path(), port)) {
                Ok(()) => {
                    return Self {
                        flavour,
                        port,
                        databases: AtomicU32::new(0),
                        runtime,
                        process,
                        folder,
                    };
                }
                Err(_) if process.log_tail().contains("Address already in use") => {}
                Err(cause) => {
                    panic!("{name} {cause}; the end of its log:\n{}", process.log_tail())
                }
            }
        }
        panic!("{name} found no free port");
    }

    /// Names the server in messages of tests that run on each: `mysql` or `mariadb`.
    pub(crate) fn flavour(&self) -> &'static str {
        self.flavour.name()
    }

    /// Returns the target URL of a database, for an ordinary user.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("mysql://unglue:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Returns the path of a file in its folder.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Creates an empty database that no other test uses.
    pub(crate) fn fresh_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let database = format!("unglue_{number}");
        self.execute("mysql", &format!("CREATE DATABASE {database} CHARACTER SET utf8mb4"));
        database
    }

    /// Ends the server at once, as a machine that fails does.
    pub(crate) fn crash(&self) {
        self.process.crash();
    }

    /// Starts it again on what it has on disk, and waits until it answers.
    pub(crate) fn revive(&self) {
        self.process.revive();
        let deadline = Instant::now() + START_LIMIT;
        while let Err(error) = self.runtime.block_on(connect(self.port, "unglue", "")) {
            let log = || self.process.log_tail();
            assert!(Instant::now() < deadline, "{}: {error}; its log:\n{}", self.flavour(), log());
            std::thread::sleep(POLL);
        }
    }

    /// A proxy before this server that fails `times` times.
    pub(crate) fn proxy(&self, moment: Moment, fault: Fault, times: u32) -> Proxy {
        Proxy::start(&self.runtime, self.port, moment, fault, times)
    }

    /// A door before this server, at which passwords are asked for as they are.
    pub(crate) fn clear_text(&self, encrypted: bool) -> ClearText {
        let tls = encrypted.then(|| ["server.pem", "server.key"].map(|name| self.file(name)));
        ClearText::start(&self.runtime, self.port, tls)
    }

    /// A session as root, for locks that a test holds. Dropping it ends it.
    pub(crate) fn session(&self, database: &str) -> Session {
        let conn = self.runtime.block_on(connect(self.port, "root", database));
        let conn = conn.unwrap_or_else(|error| panic!("{}: {error}", self.flavour()));
        Session { conn: Some(conn), runtime: Arc::clone(&self.runtime) }
    }

    /// Runs a statement as root.
    pub(crate) fn execute(&self, database: &str, sql: &str) {
        let done = self.try_execute(database, sql);
        done.unwrap_or_else(|error| panic!("{}: {sql}: {error}", self.flavour()));
    }

    /// Runs a statement as root that may fail.
    pub(crate) fn try_execute(&self, database: &str, sql: &str) -> mysql_async::Result<()> {
        self.runtime.block_on(async {
            let mut conn = connect(self.port, "root", database).await?;
            conn.query_drop(sql).await?;
            conn.disconnect().await
        })
    }

    /// Runs a query as root and returns each value as the server's text; bytes that are not UTF-8 as `0x…`.
    pub(crate) fn query(&self, database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        let rows = self.runtime.block_on(async {
            let mut conn = connect(self.port, "root", database).await?;
            let rows: Vec<Row> = conn.query(sql).await?;
            conn.disconnect().await?;
            Ok::<_, mysql_async::Error>(rows)
        });
        rows.unwrap_or_else(|error| panic!("{}: {sql}: {error}", self.flavour()))
            .into_iter()
            .map(|row| row.unwrap().into_iter().map(text).collect())
            .collect()
    }
}

/// A connection of a test.
#[derive(Debug)]
pub(crate) struct Session {
    conn: Option<Conn>,
    runtime: Arc<Runtime>,
}

impl Session {
    pub(crate) fn execute(&mut self, sql: &str) {
        self.try_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs a statement that may fail.
    pub(crate) fn try_execute(&mut self, sql: &str) -> mysql_async::Result<()> {
        let conn = self.conn.as_mut().expect("it is there until it is dropped");
        self.runtime.block_on(conn.query_drop(sql))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            // The server of a test that failed may be gone.
            self.runtime.block_on(conn.disconnect()).ok();
        }
    }
}

/// Fills `data` in the folder with the system tables.
fn initialise(flavour: Flavour, programs: &Path, folder: &Path) {
    let installed = programs.join(flavour.name());
    let data = folder.join("data");
    let input = folder.join("initialise.sql");
    let mut args = common_arguments(&data);
    let sql = match flavour {
        Flavour::MySql => {
            args.push("--initialize-insecure".to_owned());
            String::new()
        }
        Flavour::MariaDb => {
            std::fs::create_dir(&data).expect("the data folder can be made");
            args.push("--bootstrap".to_owned());
            // What mariadb-install-db does.
            let scripts =
                ["system_tables", "performance_tables", "system_tables_data"].map(|name| {
                    let path = installed.join(format!("usr/share/mysql/mysql_{name}.sql"));
                    std::fs::read_to_string(&path)
                        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                });
            let settings = "CREATE DATABASE mysql;\nUSE mysql;\n\
                            SET @auth_root_socket = NULL;\nSET @skip_auth_anonymous = 1;\n";
            settings.to_owned() + &scripts.concat()
        }
    };
    std::fs::write(&input, sql).expect("the temporary folder can be written");
    certify(folder);
    std::fs::write(folder.join("users.sql"), USERS).expect("the temporary folder can be written");

    let mut process = Watched::start(folder, &input, &installed.join("start"), &args);
    let status = process.wait();
    assert!(
        status.success(),
        "{} cannot be initialised ({status}); the end of its log:\n{}",
        flavour.name(),
        process.log_tail(),
    );
}

/// Makes an authority and the server's certificate, which names its address and nothing else, and another authority.
pub(super) fn certify(folder: &Path) {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names are names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.self_signed(&key).expect("a certificate can be signed");
        (Issuer::new(params, key), certificate.pem())
    };
    let (issuer, trusted) = authority("the server's authority");
    let (_, other) = authority("another authority");
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("an address is a name");
    let key = KeyPair::generate().expect("a key can be made");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate can be signed");
    for (name, text) in [
        (TRUSTED, trusted.clone()),
        (OTHER, other.clone()),
        // As clouds hand them out: many authorities in one file.
        (BUNDLE, other + &trusted),
        ("server.pem", certificate.pem()),
        ("server.key", key.serialize_pem()),
    ] {
        std::fs::write(folder.join(name), text).expect("the temporary folder can be written");
    }
}

fn common_arguments(data: &Path) -> Vec<String> {
    vec![
        // Servers refuse to run as root unless told; for others this is a mere warning.
        "--user=root".to_owned(),
        format!("--datadir={}", data.display()),
        // MariaDB, when it starts, deletes what looks like a dead server's temporary tables in it, also those of a living one.
        format!("--tmpdir={}", data.with_file_name("").display()),
        // Debian's default folder does not exist here.
        "--secure-file-priv=".to_owned(),
        // Small, and no kernel resource that containers forbid or share.
        "--innodb-buffer-pool-size=64M".to_owned(),
        "--innodb-use-native-aio=OFF".to_owned(),
        "--performance-schema=OFF".to_owned(),
    ]
}

fn arguments(flavour: Flavour, folder: &Path, port: u16, options: &[&str]) -> Vec<String> {
    let mut args = common_arguments(&folder.join("data"));
    args.extend([
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        format!("--socket={}", folder.join("socket").display()),
        format!("--pid-file={}", folder.join("pid").display()),
        format!("--init-file={}", folder.join("users.sql").display()),
        "--local-infile=ON".to_owned(),
        format!("--ssl-ca={}", folder.join(TRUSTED).display()),
        format!("--ssl-cert={}", folder.join("server.pem").display()),
        format!("--ssl-key={}", folder.join("server.key").display()),
    ]);
    if let Flavour::MySql = flavour {
        args.push("--mysqlx=OFF".to_owned());
    }
    // At the end, since the last of repeated options holds.
    args.extend(options.iter().map(|option| (*option).to_owned()));
    args
}

/// A port for a server, below those that systems give to connections: a server that is down for a moment finds it free again.
pub(super) fn free_port() -> u16 {
    const PORTS: std::ops::Range<u16> = 10_000..32_000;
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let asked = ASKED.fetch_add(1, Ordering::Relaxed);
    // Test processes that run side by side begin at places of their own.
    let first = std::process::id().wrapping_mul(7919).wrapping_add(asked.wrapping_mul(17));
    let many = u32::from(PORTS.end - PORTS.start);
    (0..many)
        .filter_map(|further| u16::try_from(first.wrapping_add(further) % many).ok())
        .map(|offset| PORTS.start + offset)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a port is free")
}

async fn connect(port: u16, user: &str, database: &str) -> mysql_async::Result<Conn> {
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .prefer_socket(false)
        .user(Some(user))
        .pass(Some(PASSWORD))
        .db_name(Some(database).filter(|name| !name.is_empty()));
    Conn::new(options).await
}

/// Waits until the ordinary user can connect, the process ends, or the time is over.
async fn await_start(process: &mut Watched, folder: &Path, port: u16) -> Result<(), String> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(status) = process.ended() {
            return Err(format!("ended while starting ({status})"));
        }
        // Another server may have taken the port, so the answer must come from this one.
        let answer = async {
            let mut conn = connect(port, "unglue", "").await?;
            let data: Option<String> = conn.query_first("SELECT @@datadir").await?;
            conn.disconnect().await?;
            Ok::<_, mysql_async::Error>(data.unwrap_or_default())
        };
        let refusal = match tokio::time::timeout(Duration::from_secs(5), answer).await {
            Ok(Ok(data)) if Path::new(&data) == folder.join("data") => return Ok(()),
            Ok(Ok(data)) => format!("a server with the folder {data} answered"),
            Ok(Err(error)) => error.to_string(),
            Err(timeout) => timeout.to_string(),
        };
        if Instant::now() > deadline {
            return Err(format!("did not start within {START_LIMIT:?} ({refusal})"));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Takes a value of the text protocol, in which everything is bytes.
fn text(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8(bytes).unwrap_or_else(|error| {
            let hex: Vec<String> =
                error.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("0x{}", hex.concat())
        })),
        other => panic!("the text protocol has no {other:?}"),
    }
}
