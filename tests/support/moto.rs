//! moto, which plays AWS: one server for one test, since everything in it is of one account.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::mysql::free_port;
use super::process::Watched;

/// The region in which everything happens.
const REGION: &str = "eu-central-1";

const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// A running server; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Moto {
    pub(crate) endpoint: String,
    programs: PathBuf,
    /// Before the folder, so that it ends first.
    _process: Watched,
    _folder: TempDir,
}

impl Moto {
    /// Starts a server with nothing in it but what each account has, such as the default network.
    pub(crate) fn start(programs: &Path) -> Self {
        let programs = programs.join("aws");
        let folder = tempfile::Builder::new()
            .prefix("unglue-moto-")
            .tempdir()
            .expect("a temporary folder can be made");
        // Between the choice of a port and the server's use of it, another process may take it.
        for _ in 0..3 {
            let port = free_port();
            let args = ["-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned);
            let null = Path::new("/dev/null");
            let mut process = Watched::start(folder.path(), null, &programs.join("moto"), &args);
            match await_start(&mut process, port) {
                Ok(()) => {
                    let endpoint = format!("http://127.0.0.1:{port}");
                    return Self { endpoint, programs, _process: process, _folder: folder };
                }
                Err(_) if process.log_tail().contains("in use") => {}
                Err(cause) => panic!("moto {cause}; the end of its log:\n{}", process.log_tail()),
            }
        }
        panic!("no port stays free");
    }

    /// Returns the environment with which a process finds this server instead of AWS.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "moto"),
            ("AWS_SECRET_ACCESS_KEY", "secret-of-moto"),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ALLOW_HTTP", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Runs a script for boto3, AWS's library for Python, against this server, and returns what it printed, which has to be JSON.
    pub(crate) fn script(&self, script: &str, args: &[&str]) -> serde_json::Value {
        let output = Command::new(self.programs.join("python"))
            .args(["-P", "-c", script])
            .args(args)
            .envs(self.env())
            .output()
            .expect("the private Python starts");
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the script failed: {stderr}");
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"))
    }
}

/// Waits until the server takes connections.
fn await_start(process: &mut Watched, port: u16) -> Result<(), String> {
    let deadline = Instant::now() + START_LIMIT;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if let Some(status) = process.ended() {
            return Err(format!("ended with {status}"));
        }
        if Instant::now() > deadline {
            return Err(format!("does not answer within {START_LIMIT:?}"));
        }
        std::thread::sleep(POLL);
    }
    Ok(())
}
