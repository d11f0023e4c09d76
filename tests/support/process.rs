//! A server process that cannot outlive the test process.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A process that is asked to end has so much time before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Runs `$4…` with input from `$2` and output to `$3`, until it ends or the own stdin is closed, which the kernel does
/// even if the test process is killed. Then the process is killed, and its folder `$1` removed. If it ends while there is a
/// file `$1/down`, it is started again when that file is gone.
const WATCHDOG: &str = r#"
folder=$1 input=$2 log=$3
shift 3
exec 3<&0
serve() {
    "$@" <"$input" >>"$log" 2>&1 3<&- &
    process=$!
    echo "$process" >"$folder/process"
}
serve "$@"
exec 2>/dev/null
{
    cat <&3
    touch "$folder/over"
    kill -9 "$(cat "$folder/process")"
    sleep 0.1
    rm -rf "$folder"
} >/dev/null 2>&1 &
guard=$!
while wait "$process"; status=$?; [ -e "$folder/down" ]; do
    while [ -e "$folder/down" ] && [ ! -e "$folder/over" ]; do sleep 0.02; done
    [ -d "$folder" ] && [ ! -e "$folder/over" ] || break
    serve "$@"
done
# 137: killed, most likely by the guard, which has to finish.
[ "$status" = 137 ] || kill "$guard"
exit "$status"
"#;

/// A running process with its log; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Watched {
    watchdog: Child,
    /// Held open for as long as the process may run.
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

impl Watched {
    /// Starts a program that keeps all its files in `folder`.
    pub(crate) fn start(folder: &Path, input: &Path, program: &Path, args: &[String]) -> Self {
        let log = folder.join("log");
        let mut watchdog = Command::new("sh")
            .arg("-c")
            .arg(WATCHDOG)
            .arg("watchdog")
            .args([folder.as_os_str(), input.as_os_str(), log.as_os_str(), program.as_os_str()])
            .args(args.iter().map(OsStr::new))
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let lifeline = watchdog.stdin.take();
        Self { watchdog, lifeline, log }
    }

    /// Waits for the end of a process that is expected to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        // `Child::wait` would close stdin, had it not been taken.
        self.watchdog.wait().expect("the watchdog can be waited for")
    }

    /// Tells whether the process has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.watchdog.try_wait().expect("the watchdog can be waited for")
    }

    /// Asks the process to end with a signal, and waits until it has.
    pub(crate) fn stop(&mut self, signal: &str) {
        let Ok(id) = std::fs::read_to_string(self.file("process")) else { return };
        let sent = Command::new("kill").args([signal, id.trim()]).stderr(Stdio::null()).status();
        if sent.is_ok_and(|sent| sent.success()) {
            let deadline = Instant::now() + STOP_LIMIT;
            while self.ended().is_none() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Kills the process, as a machine that fails does, and keeps it down until [`Watched::revive`].
    pub(crate) fn crash(&self) {
        std::fs::write(self.file("down"), "").expect("the temporary folder can be written");
        let id = std::fs::read_to_string(self.file("process")).expect("the watchdog wrote it");
        let signal = |signal: &str| {
            let sent =
                Command::new("kill").args([signal, id.trim()]).stderr(Stdio::null()).status();
            sent.expect("kill starts").success()
        };
        assert!(signal("-9"), "the process has ended before");
        while signal("-0") {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts the process again.
    pub(crate) fn revive(&self) {
        std::fs::remove_file(self.file("down")).expect("the process is down");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.log.with_file_name(name)
    }

    /// Returns the last lines that the process wrote.
    pub(crate) fn log_tail(&self) -> String {
        const LINES: usize = 25;
        let text = match std::fs::read(&self.log) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => error.to_string(),
        };
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        if let Err(error) = self.watchdog.wait() {
            assert!(std::thread::panicking(), "a server is left running: {error}");
        }
    }
}
