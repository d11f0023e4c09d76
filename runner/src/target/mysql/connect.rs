//! Connections: every one is made here and gets the same session.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Value};

use crate::aws::region::is_rds;
use crate::backoff::pause;
use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::mysql::decode;
use crate::target::mysql::error::{Failure, Result};
use crate::target::mysql::login::Logins;
use crate::target::mysql::tls::RDS_ADVICE;
use crate::target::mysql::url::MySqlUrl;

/// How long the server may take to answer and to log us in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a server that refuses connections is tried again: it may be restarting.
const RESTART_PATIENCE: Duration = Duration::from_secs(10);
/// How often the first question to the server is asked again.
const LOSSES_MAX: u32 = 3;
/// `wait_timeout` of our sessions.
const WAIT_TIMEOUT_SECONDS: usize = 28_800;
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Finds a dead peer while a statement runs for long; and how often a connection that only holds a lock says something, since
/// servers and proxies close idle ones.
pub(super) const KEEPALIVE: Duration = Duration::from_secs(60);

/// The session that everything here relies on, whatever the server's defaults are.
///
/// * strict, so that a value that does not fit is an error, and `sql_notes` so that a cut DECIMAL is counted as a warning;
/// * a key of 0 is a value, not "the next number";
/// * the server waits an hour for our next rows, since a join upstream may take that long, but not for table locks: a rename
///   that waits behind a long query makes everyone else wait behind it.
///
/// One text, as each statement alone would be one more way to the server and back.
const SESSION: [&str; 3] = [
    "SET NAMES utf8mb4",
    "SET SESSION time_zone = '+00:00', \
     sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,\
     NO_ENGINE_SUBSTITUTION', \
     autocommit = 1, sql_notes = 1, foreign_key_checks = 1, unique_checks = 1, sql_safe_updates = 0, \
     net_read_timeout = 3600, net_write_timeout = 3600, wait_timeout = 28800, lock_wait_timeout = 30",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
];

/// Opens connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    url: MySqlUrl,
    logins: Logins,
    options: Opts,
    server: Server,
    local_infile: Arc<AtomicBool>,
    /// A connection on which nothing has failed and nothing is open.
    idle: Arc<Mutex<Option<Conn>>>,
}

/// What the server is and what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) flavour: Flavour,
    pub(super) version: (u16, u16, u16),
    /// `max_allowed_packet`: the most bytes of a statement or a row.
    pub(super) packet_bytes_max: usize,
}

/// The two dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    MySql,
    MariaDb,
}

impl Server {
    /// A collation that compares text exactly: case, accents and trailing blanks.
    pub(super) fn exact_collation(&self) -> &'static str {
        match self.flavour {
            Flavour::MySql => "utf8mb4_0900_bin",
            Flavour::MariaDb => "utf8mb4_nopad_bin",
        }
    }

    /// Whether `INSERT … VALUES … AS alias` is known; the older `VALUES(column)` is deprecated there.
    pub(super) fn knows_row_alias(&self) -> bool {
        self.flavour == Flavour::MySql && self.version >= (8, 0, 19)
    }
}

impl Connector {
    /// Connects once, to learn about the server.
    pub(super) async fn new(url: MySqlUrl, logins: Logins) -> Result<Self> {
        url.check_files()?;
        let options: Opts =
            OptsBuilder::from_opts(url.options()).tcp_keepalive(Some(KEEPALIVE)).into();
        let mut losses = 0;
        let (conn, server, local_infile) = loop {
            match first(&options, &url, &logins).await {
                Err(failure) if failure.is_connection_lost() && losses < LOSSES_MAX => losses += 1,
                inspected => break inspected?,
            }
        };
        tracing::debug!(target = %url, ?server, local_infile, "connected");
        // The driver asks for what it is not told.
        let options = OptsBuilder::from_opts(options)
            .max_allowed_packet(Some(server.packet_bytes_max))
            .wait_timeout(Some(WAIT_TIMEOUT_SECONDS))
            .into();
        let local_infile = Arc::new(AtomicBool::new(local_infile));
        let idle = Arc::new(Mutex::new(Some(conn)));
        Ok(Self { url, logins, options, server, local_infile, idle })
    }

    /// A new connection with our session.
    pub(super) async fn open(&self) -> Result<Conn> {
        let mut conn = connect(&self.options, &self.url, &self.logins).await?;
        prepare(&mut conn, self.server.flavour).await?;
        Ok(conn)
    }

    /// The idle connection, if there is one, else a new one.
    pub(super) async fn take(&self) -> Result<Conn> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        match idle {
            Some(conn) => Ok(conn),
            None => self.open().await,
        }
    }

    /// Gives a connection back on which nothing has failed, and no transaction, lock or table is left.
    pub(super) fn give(&self, conn: Conn) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(conn);
    }

    pub(super) fn url(&self) -> &MySqlUrl {
        &self.url
    }

    /// Where the logins come from.
    pub(super) fn logins(&self) -> &Logins {
        &self.logins
    }

    pub(super) fn server(&self) -> Server {
        self.server
    }

    /// Whether `LOAD DATA LOCAL` can be used, as far as is known.
    pub(super) fn takes_local_infile(&self) -> bool {
        self.local_infile.load(Ordering::Relaxed)
    }

    /// Notes that `LOAD DATA LOCAL` was refused; rows are inserted from now on.
    pub(super) fn forgo_local_infile(&self) {
        self.local_infile.store(false, Ordering::Relaxed);
        tracing::info!(target = %self.url, "the server does not take LOAD DATA LOCAL, rows are inserted instead");
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The driver's options would print the password.
        f.debug_struct("Connector")
            .field("url", &self.url)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Connects and looks at the server.
async fn first(options: &Opts, url: &MySqlUrl, logins: &Logins) -> Result<(Conn, Server, bool)> {
    let mut conn = connect(options, url, logins).await?;
    let (server, local_infile) = inspect(&mut conn).await?;
    prepare(&mut conn, server.flavour).await?;
    Ok((conn, server, local_infile))
}

/// A connection to a server that nothing is written to: of any version, and with no session of ours but UTF-8.
pub(super) async fn plain(url: &MySqlUrl, logins: &Logins) -> Result<Conn> {
    let mut conn = connect(&url.options(), url, logins).await?;
    conn.query_drop("SET NAMES utf8mb4").await?;
    Ok(conn)
}

async fn prepare(conn: &mut Conn, flavour: Flavour) -> Result<()> {
    failpoint!("mysql.session.before");
    let statements: Vec<_> = SESSION.into_iter().chain(limits(flavour)).collect();
    Ok(conn.query_drop(statements.join("; ")).await?)
}

async fn connect(options: &Opts, url: &MySqlUrl, logins: &Logins) -> Result<Conn> {
    let patience_ends = Instant::now() + RESTART_PATIENCE;
    let (mut refusals, mut renewed) = (0, false);
    loop {
        let login = logins.next(url).await?;
        let with_login = login.as_ref().map(|login| login.on(options));
        match connect_once(with_login.as_ref().unwrap_or(options), url).await {
            Err(failure) if failure.is_login_refused() => {
                // Once, so that an account is not locked by us.
                if renewed || !logins.renewed(login.as_ref()).await? {
                    return Err(logins.refused(failure));
                }
                renewed = true;
            }
            Err(failure) if failure.is_untrusted() && is_rds(url.host()) => {
                return Err(failure.advise(RDS_ADVICE));
            }
            Err(failure) if failure.is_unreachable() && Instant::now() < patience_ends => {
                refusals += 1;
                if refusals == 1 {
                    let seconds = RESTART_PATIENCE.as_secs();
                    tracing::warn!(target = %url, seconds, "the server takes no connection; trying again for a while");
                }
                tokio::time::sleep(pause(refusals).min(PAUSE_MAX)).await;
            }
            result => return result,
        }
    }
}

async fn connect_once(options: &Opts, url: &MySqlUrl) -> Result<Conn> {
    match tokio::time::timeout(CONNECT_TIMEOUT, Conn::new(options.clone())).await {
        Ok(conn) => conn.map_err(|error| Failure::from(error).at(url)),
        Err(_) => {
            let message = format!("{url} did not answer within {} s", CONNECT_TIMEOUT.as_secs());
            Err(Error::temporary(message)
                .hint("check host, port and firewall; then run again")
                .into())
        }
    }
}

fn limits(flavour: Flavour) -> Option<&'static str> {
    Some(match flavour {
        Flavour::MySql => "SET SESSION max_execution_time = 0",
        Flavour::MariaDb => "SET SESSION max_statement_time = 0",
    })
}

async fn inspect(conn: &mut Conn) -> Result<(Server, bool)> {
    let sql = "SELECT VERSION(), @@max_allowed_packet, @@local_infile";
    let row = decode::rows(conn, sql, Vec::new()).await?.into_iter().next().unwrap_or_default();
    let version = row.first().and_then(decode::text).unwrap_or_default();
    let packet =
        row.get(1).and_then(decode::unsigned).and_then(|bytes| usize::try_from(bytes).ok());
    let local_infile = row.get(2).and_then(decode::unsigned) == Some(1);
    let mariadb = version.to_ascii_lowercase().contains("mariadb");
    let server = Server {
        flavour: if mariadb { Flavour::MariaDb } else { Flavour::MySql },
        version: parse_version(&version),
        packet_bytes_max: packet.unwrap_or(1 << 20),
    };
    supported(server, &version)?;
    Ok((server, local_infile))
}

fn parse_version(text: &str) -> (u16, u16, u16) {
    // Old MariaDB servers put a fake version before their own.
    let text = text.strip_prefix("5.5.5-").unwrap_or(text);
    let digits = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse().unwrap_or(0)
    };
    let mut parts = text.splitn(3, '.').map(digits);
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

fn supported(server: Server, version: &str) -> Result<()> {
    let (name, oldest) = match server.flavour {
        Flavour::MySql => ("MySQL", (8, 0, 17)),
        Flavour::MariaDb => ("MariaDB", (10, 6, 0)),
    };
    if server.version >= oldest {
        return Ok(());
    }
    let (major, minor, patch) = oldest;
    let message = format!(
        "the server's version {version} is too old: {name} {major}.{minor}.{patch} is needed"
    );
    Err(Error::usage(message).into())
}

/// Awaits work that another connection does, and keeps this one from being closed as idle, with the locks that it holds.
///
/// # Errors
/// Those of the work, and of a connection that is lost.
pub(super) async fn kept_alive<T>(
    conn: &mut Conn,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(KEEPALIVE, &mut work).await {
            Ok(done) => return done,
            Err(_) => conn.ping().await?,
        }
    }
}

/// Starts a transaction.
pub(super) async fn begin(conn: &mut Conn) -> Result<()> {
    conn.query_drop("START TRANSACTION").await?;
    failpoint!("mysql.begin.after");
    Ok(())
}

/// Commits. When the answer is lost, nobody knows here whether it happened: see [`Failure::is_connection_lost`].
pub(super) async fn commit(conn: &mut Conn) -> Result<()> {
    failpoint!("mysql.commit.before");
    conn.query_drop("COMMIT").await?;
    failpoint!("mysql.commit.after");
    Ok(())
}

/// Executes a statement and gives the number of rows that it changed.
///
/// # Errors
/// Also for a warning: the server cut a value, which strict mode forgives for the digits of a DECIMAL.
pub(super) async fn change(conn: &mut Conn, sql: &str, parameters: Vec<Value>) -> Result<u64> {
    failpoint!("mysql.change.before");
    conn.exec_drop(sql, parameters).await?;
    failpoint!("mysql.change.after");
    let affected = conn.affected_rows();
    if conn.get_warnings() > 0 {
        return Err(warned(conn).await);
    }
    Ok(affected)
}

/// The error for a statement that ended with warnings. Only codes and columns are told: the texts hold values.
pub(super) async fn warned(conn: &mut Conn) -> Failure {
    let rows: Vec<mysql_async::Row> = conn.query("SHOW WARNINGS LIMIT 1").await.unwrap_or_default();
    let first = rows.into_iter().next().map(mysql_async::Row::unwrap_raw).unwrap_or_default();
    let code = first.get(1).and_then(Option::as_ref).and_then(decode::unsigned).unwrap_or(0);
    let text = first.get(2).and_then(Option::as_ref).and_then(decode::text).unwrap_or_default();
    let column = super::error::column_of(&text).map(str::to_owned);
    let within = column.as_ref().map(|name| format!("column `{name}`: ")).unwrap_or_default();
    let message = format!("{within}the server did not take a value as it is (warning {code})");
    let error = Error::refused(message)
        .hint("compare the model's types with the table's; key values must be unique");
    Failure::warned(error, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_both_flavours_are_read() {
        for (text, version) in [
            ("8.0.36", (8, 0, 36)),
            ("9.7.0-1-debug", (9, 7, 0)),
            ("10.11.6-MariaDB-0+deb12u1", (10, 11, 6)),
            ("5.5.5-10.6.12-MariaDB", (10, 6, 12)),
            ("8.4.3-google", (8, 4, 3)),
            ("nonsense", (0, 0, 0)),
        ] {
            assert_eq!(parse_version(text), version, "{text}");
        }
    }

    #[test]
    fn older_servers_are_refused() {
        let server = |flavour, version| Server { flavour, version, packet_bytes_max: 1 };
        assert!(supported(server(Flavour::MySql, (5, 7, 44)), "5.7.44").is_err());
        assert!(supported(server(Flavour::MySql, (8, 0, 17)), "8.0.17").is_ok());
        assert!(supported(server(Flavour::MariaDb, (10, 5, 9)), "10.5.9").is_err());
        assert!(supported(server(Flavour::MariaDb, (10, 6, 0)), "10.6.0").is_ok());
    }
}
