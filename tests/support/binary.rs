//! The real `runner`, run as an operator runs it.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::terminal;

/// No command of the suite takes nearly as long; one that does hangs.
const TIME_LIMIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(5);

/// One invocation, with nothing of the environment of the tests but `PATH`.
#[derive(Debug)]
#[must_use = "nothing happens before `run` or `spawn`"]
pub(crate) struct Runner {
    command: Command,
    home: TempDir,
}

/// What an invocation left behind.
#[derive(Debug)]
#[must_use = "a failure of the binary would go unseen"]
pub(crate) struct Output {
    /// The exit status; none if a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// An invocation under way; dropping it kills it.
#[derive(Debug)]
#[must_use = "it is killed when dropped"]
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    _home: TempDir,
}

impl Runner {
    pub(crate) fn new() -> Self {
        Self::of(Self::path())
    }

    /// Returns where the program is.
    pub(crate) fn path() -> &'static Path {
        static BINARY: OnceLock<PathBuf> = OnceLock::new();
        BINARY.get_or_init(build)
    }

    /// The same program with the points at which it can be told to kill itself: `runner/src/failpoint.rs`.
    pub(crate) fn with_failpoints() -> Self {
        static BINARY: OnceLock<PathBuf> = OnceLock::new();
        Self::of(BINARY.get_or_init(build_with_failpoints))
    }

    pub(crate) fn of(binary: &Path) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", home.path())
            .env("TZ", "UTC")
            .env("RUST_BACKTRACE", "1")
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { command, home }
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs(mut self, variables: Vec<(String, String)>) -> Self {
        self.command.envs(variables);
        self
    }

    pub(crate) fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Lets it read a file as its input; without, it reads nothing.
    pub(crate) fn stdin(mut self, file: impl AsRef<Path>) -> Self {
        self.command.stdin(std::fs::File::open(file).expect("the input can be read"));
        self
    }

    /// Lets it write to a file, which can be read meanwhile.
    pub(crate) fn stdout(mut self, file: impl AsRef<Path>) -> Self {
        self.command.stdout(std::fs::File::create(file).expect("the output can be written"));
        self
    }

    /// Runs it on a terminal of its own, of a kind that `TERM` names: what that shows is stdout.
    pub(crate) fn on_terminal(self, kind: &str) -> Self {
        let Self { command, home } = self.env("TERM", kind).env("SHELL", "/bin/sh");
        let mut command = terminal::on_terminal(&command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, home }
    }

    /// Starts it on a terminal, from whose keys signals come. The folder is its home.
    pub(crate) fn at_keyboard(self, terminal: &OwnedFd) -> (Child, TempDir) {
        let stdio = || Stdio::from(terminal.try_clone().expect("a descriptor can be copied"));
        let variables = self.command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(self.command.get_program())
            .args(self.command.get_args())
            .env_clear()
            .envs(variables)
            .current_dir(self.command.get_current_dir().unwrap_or(self.home.path()))
            .stdin(stdio())
            .stdout(stdio())
            .stderr(stdio());
        (command.spawn().expect("setsid of util-linux starts"), self.home)
    }

    /// Runs to the end; panics if that takes longer than two minutes.
    pub(crate) fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts without waiting for the end.
    pub(crate) fn spawn(mut self) -> Running {
        let mut child = self.command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().map(read_all);
        let stderr = child.stderr.take().map(read_all);
        Running { child, stdout, stderr, _home: self.home }
    }
}

impl Running {
    /// Waits for the end; panics if that takes longer than two minutes.
    pub(crate) fn wait(mut self) -> Output {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                let [stdout, stderr] = [&mut self.stdout, &mut self.stderr].map(|reader| {
                    reader.take().map(|reader| reader.join().unwrap()).unwrap_or_default()
                });
                return Output { status: status.code(), stdout, stderr };
            }
            if Instant::now() > deadline {
                let output = self.kill();
                panic!("the binary did not end within {TIME_LIMIT:?}: {output:?}");
            }
            std::thread::sleep(POLL);
        }
    }

    /// Asks it to end, as a container's scheduler does, and waits until it has.
    pub(crate) fn terminate(self) -> Output {
        self.signal("TERM");
        self.wait()
    }

    /// Sends a signal; nothing happens if it has ended.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent =
            Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &id]).status();
        assert!(sent.expect("sh starts").success());
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How many threads it has now.
    pub(crate) fn threads(&self) -> usize {
        let folder = format!("/proc/{}/task", self.child.id());
        std::fs::read_dir(folder).expect("it lives, on Linux").count()
    }

    /// Ends it after some time, if it has not ended by itself.
    pub(crate) fn kill_after(mut self, time: Duration) -> Output {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            if self.child.try_wait().expect("a child can be waited for").is_some() {
                break;
            }
            std::thread::sleep(POLL.min(time));
        }
        self.kill()
    }

    /// Ends it at once, as a machine that fails does.
    pub(crate) fn kill(mut self) -> Output {
        self.child.kill().expect("a child can be killed");
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless a test failed in between.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Reads on a thread, so that a full pipe never blocks the binary.
fn read_all(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Builds the binary with the profile and target folder of the tests, unless `$UNGLUE_RUNNER` names another one.
///
/// The test target is named too, so that cargo resolves the same features as for the tests and compiles nothing twice.
pub(crate) fn build() -> PathBuf {
    if let Some(binary) = std::env::var_os("UNGLUE_RUNNER") {
        return binary.into();
    }
    cargo_build("runner", &["--workspace", "--test", "e2e"])
}

/// The same for the binary with failpoints; the variable is `$UNGLUE_RUNNER_FAILPOINTS`.
///
/// As a binary of its own it never takes the place of `runner`, and only the package `runner` is compiled a second time.
fn build_with_failpoints() -> PathBuf {
    if let Some(binary) = std::env::var_os("UNGLUE_RUNNER_FAILPOINTS") {
        return binary.into();
    }
    cargo_build("runner-failpoints", &["--package", "runner", "--features", "failpoints"])
}

pub(crate) fn cargo_build(binary: &str, args: &[&str]) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its file");
    let profile = test.ancestors().nth(2).expect("cargo puts tests into TARGET/PROFILE/deps");
    let target = profile.parent().expect("cargo puts tests into TARGET/PROFILE/deps");
    let name = match profile.file_name() {
        Some(name) if name != "debug" => name.to_owned(),
        _ => OsString::from("dev"),
    };
    let mut cargo = Command::new(env!("CARGO"));
    for (variable, _) in std::env::vars_os() {
        // Set by cargo for this process. Build scripts that watch them would run again, and once more for the tests.
        let own = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];
        if variable.to_str().is_some_and(|name| own.iter().any(|prefix| name.starts_with(prefix))) {
            cargo.env_remove(variable);
        }
    }
    let output = cargo
        .args(["build", "--quiet", "--bin", binary])
        .args(args)
        .arg("--profile")
        .arg(name)
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "the binary cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    profile.join(binary).with_extension(std::env::consts::EXE_EXTENSION)
}
