//! The lock of a job: an operating system lock on a file beside the database, so that death releases it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::digest;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::target::Lock;
use crate::target::sqlite::connection::check_folder;

/// How often a held lock is looked at again.
const POLL: Duration = Duration::from_millis(50);
/// A lock that is held for less is that of someone who only looks ([`is_held`]).
const GLANCE: Duration = Duration::from_millis(100);

/// A held lock. Closing the file releases it.
#[derive(Debug)]
struct Held {
    _file: File,
}

impl Lock for Held {}

/// Takes the job's lock, looking at it until `wait` is over.
pub(super) async fn take(database: &Path, job: &str, wait: Duration) -> Result<Box<dyn Lock>> {
    let deadline = Instant::now() + wait.max(GLANCE);
    let path = lock_path(database, job);
    let file = open(&path)?;
    loop {
        match file.try_lock() {
            Ok(()) => {
                failpoint!("sqlite.lock.taken");
                return Ok(Box::new(Held { _file: file }));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(&path, error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(Error::temporary(format!("another run of job `{job}` holds its lock"))
                    .hint("wait for the other run to end, then run again"));
            }
            Err(TryLockError::WouldBlock) => sleep(POLL).await,
        }
    }
}

/// Whether somebody holds the job's lock. It is taken for a moment, side by side with others who look; a run waits that long.
pub(super) fn is_held(database: &Path, job: &str) -> Result<bool> {
    let path = lock_path(database, job);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unusable(&path, error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(unusable(&path, error)),
    }
}

/// Jobs may share a database, so each has a lock file; its name is a hash because a job's name may not suit a file.
fn lock_path(database: &Path, job: &str) -> PathBuf {
    let resolved = database.canonicalize().unwrap_or_else(|_| database.to_path_buf());
    let hash = digest::hex(job.as_bytes(), 6);
    let mut path = resolved.into_os_string();
    path.push(format!(".{hash}.lock"));
    path.into()
}

/// The file stays when the lock is released: to remove it would let two runs lock two files of the same name.
fn open(path: &Path) -> Result<File> {
    check_folder(path)?;
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::usage(format!("lock file `{}` cannot be used", path.display()))
        .hint("check the rights to the folder of the target")
        .source(error)
}
