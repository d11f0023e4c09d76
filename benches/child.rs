//! Processes that are measured.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// The kernel keeps the high-water mark, so only what a process grows by in its last moment goes unseen.
const POLL: Duration = Duration::from_millis(2);

/// Executes a command to its end; returns its stdout.
pub(crate) fn exec(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the binary starts");
    stdout(command, &output)
}

/// Executes a command to its end; returns its stdout, and the bytes of memory that it had at most.
pub(crate) fn exec_watched(command: &mut Command) -> (String, u64) {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let status = format!("/proc/{}/status", child.id());
    // It ends by itself: a process that has ended has no memory any more, though it may not have been waited for.
    let watcher = thread::spawn(move || {
        let mut peak = 0;
        while let Some(bytes) = high_water_mark(Path::new(&status)) {
            peak = bytes;
            thread::sleep(POLL);
        }
        peak
    });
    let output = child.wait_with_output().expect("a child can be waited for");
    let peak = watcher.join().expect("the watcher does not panic");
    assert!(peak > 0, "the memory of a process is read from /proc, which only Linux has");
    (stdout(command, &output), peak)
}

fn stdout(command: &Command, output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn high_water_mark(status: &Path) -> Option<u64> {
    let status = std::fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
