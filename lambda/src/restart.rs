//! What to do about a task that stopped.

use chrono::{DateTime, Utc};
use staged::job::JobName;

use crate::told::Told;

/// A task of a job that stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Its ARN.
    pub arn: String,
    /// Whose it is.
    pub job: JobName,
    /// When it stopped; none if the event does not say it, and then the message was sent later.
    pub at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// The exit status of its container; none if it never started, or was killed with its machine.
    pub exit: Option<i32>,
    /// ECS's code and words for why it stopped.
    pub reason: String,
    /// What it was told, and its number of [`crate::command::ATTEMPT`]; none if the event does not say it.
    pub started: Option<Started>,
}

impl Stopped {
    /// Whether it was killed for memory: ECS's `OutOfMemoryError: Container killed due to memory usage`.
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        let words = ["OutOfMemory", "memory usage"];
        self.exit == Some(137) && words.iter().any(|words| self.reason.contains(words))
    }
}

/// How a task was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What it was told.
    pub told: Told,
    /// Counted from 1.
    pub attempt: u32,
}

/// What follows from how a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It did its work.
    Done,
    /// It was killed, never started, or says itself that it is temporary: again.
    Again,
    /// A person has to look.
    Failed,
}

/// Judges an exit status of the runner: 3 is temporary; 130 and 143 are signals that it obeyed, 137 one that nobody can
/// disobey, such as that for too much memory.
#[must_use]
pub fn judge(exit: Option<i32>) -> Verdict {
    match exit {
        Some(0) => Verdict::Done,
        None | Some(3 | 130 | 137 | 143) => Verdict::Again,
        Some(_) => Verdict::Failed,
    }
}

/// How often a task may be started again by itself that ended for want of memory: the same work most likely takes as much again.
pub const OUT_OF_MEMORY_ATTEMPTS_MAX: u32 = 1;

/// The number of the next attempt; none after the last one.
#[must_use]
pub fn next_attempt(attempt: u32, attempts_max: u32) -> Option<u32> {
    // The first attempt is none that started by itself.
    (attempt <= attempts_max).then(|| attempt.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_is_started_again() {
        assert_eq!(judge(Some(0)), Verdict::Done);
        for exit in [None, Some(3), Some(130), Some(137), Some(143)] {
            assert_eq!(judge(exit), Verdict::Again, "{exit:?}");
        }
        // A mistake, a refusal, a panic, an abort, a fault.
        for exit in [1, 2, 4, 101, 134, 139, 255] {
            assert_eq!(judge(Some(exit)), Verdict::Failed, "{exit}");
        }
    }

    #[test]
    fn attempts_have_an_end() {
        assert_eq!(next_attempt(1, 10), Some(2));
        assert_eq!(next_attempt(10, 10), Some(11));
        assert_eq!(next_attempt(11, 10), None);
        assert_eq!(next_attempt(1, 0), None);
    }
}
