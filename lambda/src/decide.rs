//! Whether a task has to be started for what was told of a job.
//!
//! A task applies all that is staged when it looks, so an event needs no task of its own: it needs one that looks after it. How far
//! a task has come cannot be asked for, since its status lags behind; but it cannot have looked before it was created, nor
//! before its image was there, and these times never change. What a task that fails leaves behind is the work of [`crate::restart`].

#[cfg(test)]
mod model;

use chrono::{DateTime, TimeDelta, Utc};

use crate::told::Told;

/// How far the clocks of S3, SQS and ECS may be apart, and the second that EventBridge leaves out.
pub const CLOCKS: TimeDelta = TimeDelta::seconds(5);

/// What is known of a task of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// It has ended: its last status is STOPPED, or its only container has an exit status.
    pub is_stopped: bool,
    /// The exit status of its container; none if there is none yet, or never was.
    pub exit: Option<i32>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When its image was there; none if it has several containers, since ECS tells when the last image was there.
    pub pulled: Option<DateTime<Utc>>,
    /// What it was told.
    pub told: Told,
}

impl Task {
    /// Whether it is not over, as far as is known.
    fn may_run(&self) -> bool {
        !self.is_stopped
    }

    /// Whether it did all of its work, or may still do it.
    fn has_not_failed(&self) -> bool {
        self.may_run() || self.exit == Some(0)
    }

    /// Whether it looks only after a time.
    fn looks_after(&self, time: DateTime<Utc>) -> bool {
        self.created.max(self.pulled).is_some_and(|begun| begun - CLOCKS >= time)
    }
}

/// Something told that a task must see.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// When it was told: nothing of it is newer.
    pub newest: DateTime<Utc>,
    /// What a task finds only if it is told, see [`Told::must_be_told`].
    pub must_be_told: &'a Told,
    /// A task that does not count, since it is known to be over.
    pub except: Option<&'a str>,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A task sees it, or has seen it: nothing.
    Covered,
    /// A task runs that may have looked before: ask again later. One task of a job runs at a time, so that none waits for
    /// another's lock while it costs money.
    Wait,
    /// Start a task.
    Start,
}

/// Decides from the tasks of the job. Tasks that are missing lead to one task more, not to one less.
#[must_use]
pub fn decide(tasks: &[Task], question: Question<'_>) -> Decision {
    let others = || tasks.iter().filter(|task| question.except != Some(task.arn.as_str()));
    let sees = |task: &Task| {
        task.looks_after(question.newest) && task.told.includes(question.must_be_told)
    };
    if others().any(|task| task.has_not_failed() && sees(task)) {
        return Decision::Covered;
    }
    if others().any(Task::may_run) {
        return Decision::Wait;
    }
    Decision::Start
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWEST: i64 = 100;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn running(created: i64, pulled: Option<i64>) -> Task {
        Task {
            arn: format!("task/{created}"),
            is_stopped: false,
            exit: None,
            created: Some(at(created)),
            pulled: pulled.map(at),
            told: Told::default(),
        }
    }

    fn told(object: &str) -> Told {
        Told { objects: [object.to_owned()].into(), list_all: false }
    }

    fn stopped(created: i64, exit: Option<i32>) -> Task {
        Task { is_stopped: true, exit, ..running(created, Some(created)) }
    }

    fn decided(tasks: &[Task]) -> Decision {
        let must_be_told = &Told::default();
        decide(tasks, Question { newest: at(NEWEST), must_be_told, except: None })
    }

    #[test]
    fn without_a_task_one_is_started() {
        assert_eq!(decided(&[]), Decision::Start);
        assert_eq!(decided(&[stopped(200, None), stopped(200, Some(3))]), Decision::Start);
        assert_eq!(decided(&[stopped(104, Some(0))]), Decision::Start);
    }

    #[test]
    fn a_task_that_begins_after_the_event_covers_it() {
        assert_eq!(decided(&[running(105, None)]), Decision::Covered);
        assert_eq!(decided(&[running(50, Some(105))]), Decision::Covered);
        assert_eq!(decided(&[stopped(105, Some(0))]), Decision::Covered);
        assert_eq!(decided(&[stopped(300, Some(1)), running(105, None)]), Decision::Covered);
    }

    #[test]
    fn a_task_that_may_have_looked_before_is_waited_for() {
        assert_eq!(decided(&[running(104, None)]), Decision::Wait);
        assert_eq!(decided(&[running(50, Some(104))]), Decision::Wait);
        let unknown = Task { created: None, ..running(0, None) };
        assert_eq!(decided(&[unknown]), Decision::Wait);
        assert_eq!(decided(&[stopped(300, Some(1)), running(50, None)]), Decision::Wait);
    }

    #[test]
    fn what_must_be_told_is_covered_by_a_task_that_was_told() {
        let decided = |tasks: &[Task]| {
            let must_be_told = &told("late");
            decide(tasks, Question { newest: at(NEWEST), must_be_told, except: None })
        };
        let of = |task: Task, object: &str| Task { told: told(object), ..task };
        assert_eq!(decided(&[of(running(200, None), "other")]), Decision::Wait);
        assert_eq!(decided(&[stopped(200, Some(0))]), Decision::Start);
        assert_eq!(decided(&[of(running(200, None), "late")]), Decision::Covered);
        assert_eq!(decided(&[of(running(104, None), "late")]), Decision::Wait);
        assert_eq!(decided(&[of(stopped(200, Some(3)), "late")]), Decision::Start);
    }

    #[test]
    fn the_task_that_is_over_does_not_count() {
        let decided = |tasks: &[Task]| {
            let except = Some("task/200");
            let must_be_told = &Told::default();
            decide(tasks, Question { newest: at(NEWEST), must_be_told, except })
        };
        assert_eq!(decided(&[running(200, None)]), Decision::Start);
        assert_eq!(decided(&[running(200, None), running(201, None)]), Decision::Covered);
    }
}
