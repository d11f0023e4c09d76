//! Runs jobs within the function that have little to do, and leaves the others to tasks, if there are tasks.
//!
//! A run applies all that is staged when it looks, so what was told before it began is done when it has ended well. If a task of the job
//! runs at the same time, or another invocation, the job's lock decides, as between tasks: who does not get it ends with status 3.

use std::time::Duration;

use staged::job::JobName;

use crate::command::command;
use crate::ecs::Seen;
use crate::need::Need;
use crate::restart::{Stopped, Verdict, judge};
use crate::settings::Arguments;
use crate::told::Told;
use crate::work::{Outcome, Worker};

/// Kept of the time that is left: for a run that is interrupted to end in order (5 s), and for a task to be started instead.
const KEPT: Duration = Duration::from_secs(8);
/// With less time than this no run begins.
const LEAST: Duration = Duration::from_secs(5);
const LOOK: &str = "see the error above; when it is repaired, send {\"jobs\": [the job]}, or wait for the next event or schedule";
/// The status of a run whose time was over.
const INTERRUPTED: u8 = 143;

/// The runner.
pub trait RunJob: Sync {
    /// Does what the program `runner` does with these arguments, and answers its exit status. What is not done within `limit` is
    /// interrupted, status 143.
    fn run(&self, args: Vec<String>, limit: Duration) -> impl Future<Output = u8> + Send;
}

/// Runs jobs by `R`, and leaves them to `T`.
#[derive(Debug)]
pub struct Inline<R, T> {
    runner: R,
    bytes_max: u64,
    tasks: Option<T>,
}

impl<R, T> Inline<R, T> {
    /// `bytes_max`: the objects of a job, as they are told in one invocation, for which it is run here if there are tasks.
    pub fn new(runner: R, bytes_max: u64, tasks: Option<T>) -> Self {
        Self { runner, bytes_max, tasks }
    }

    /// A task that stopped is a matter of tasks.
    fn is_small(&self, needs: &[Need]) -> bool {
        let bytes = needs.iter().fold(0, |sum: u64, need| sum.saturating_add(need.bytes));
        bytes <= self.bytes_max && needs.iter().all(|need| need.stopped.is_none())
    }
}

impl<R: RunJob, T: Worker> Worker for Inline<R, T> {
    /// The engine has the function's memory to itself.
    const AT_ONCE: usize = 1;

    async fn work(
        &self,
        job: &JobName,
        needs: &[Need],
        left: Duration,
        seen: &Seen,
    ) -> Vec<Outcome> {
        let tasks = self.tasks.as_ref();
        if let Some(tasks) = tasks.filter(|_| !self.is_small(needs)) {
            return tasks.work(job, needs, left, seen).await;
        }
        // Without tasks, a task that stopped was started by somebody else.
        let ended: Vec<Option<Outcome>> = needs.iter().map(ended).collect();
        let mut told = Told::default();
        for (need, _) in needs.iter().zip(&ended).filter(|(_, ended)| ended.is_none()) {
            told.add(&wanted(need));
        }
        if ended.iter().all(Option::is_some) {
            return ended.into_iter().flatten().collect();
        }
        let limit = left.saturating_sub(KEPT);
        let outcome = match limit < LEAST {
            true => {
                tracing::error!(%job, left = left.as_secs(), "there is no time for a run: give the function more, or smaller batches");
                Outcome::Failed("there is no time for a run".to_owned())
            }
            false => {
                let objects = told.objects.len();
                tracing::info!(%job, objects, "runs within the function");
                let args = command(job, &told, Arguments::Runner);
                match self.runner.run(args, limit).await {
                    0 => Outcome::Ran,
                    status => Outcome::RunFailed(status),
                }
            }
        };
        if let (Outcome::RunFailed(INTERRUPTED), Some(tasks)) = (&outcome, tasks) {
            tracing::warn!(%job, "the run takes longer than the function may: a task does it");
            return tasks.work(job, needs, KEPT, seen).await;
        }
        if let Outcome::RunFailed(status) = outcome {
            let todo =
                if outcome.has_failed() { LOOK } else { "nothing: what asked for it comes again" };
            tracing::error!(%job, status, todo, "the run within the function failed");
        }
        ended.into_iter().map(|ended| ended.unwrap_or_else(|| outcome.clone())).collect()
    }
}

/// What came of a task that stopped and need not run again.
fn ended(need: &Need) -> Option<Outcome> {
    let Stopped { arn, job, exit, reason, .. } = need.stopped.as_deref()?;
    match judge(*exit) {
        Verdict::Again => None,
        Verdict::Done => Some(Outcome::Done),
        Verdict::Failed => {
            tracing::error!(%job, task = arn, exit, reason, "a task failed");
            Some(Outcome::GaveUp)
        }
    }
}

/// What a run is to be told.
fn wanted(need: &Need) -> Told {
    let Some(stopped) = &need.stopped else { return need.told.clone() };
    match &stopped.started {
        Some(started) => started.told.clone(),
        None => Told { list_all: true, ..Told::default() },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use chrono::DateTime;

    use super::*;
    use crate::restart::Started;

    /// Answers a status, and keeps what it was given.
    #[derive(Default)]
    struct Runs {
        status: u8,
        seen: Mutex<Vec<(Vec<String>, Duration)>>,
    }

    impl RunJob for &Runs {
        async fn run(&self, args: Vec<String>, limit: Duration) -> u8 {
            self.seen.lock().unwrap().push((args, limit));
            self.status
        }
    }

    /// Starts a task for everything.
    struct Tasks;

    impl Worker for Tasks {
        const AT_ONCE: usize = 8;

        async fn work(&self, _: &JobName, needs: &[Need], _: Duration, _: &Seen) -> Vec<Outcome> {
            vec![Outcome::Started { again: false }; needs.len()]
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);
    const STARTED: Outcome = Outcome::Started { again: false };

    fn need(url: &str, bytes: u64) -> Need {
        Need {
            message: 0,
            identity: "m".to_owned(),
            newest: DateTime::UNIX_EPOCH,
            told: Told { objects: BTreeSet::from([url.to_owned()]), list_all: false },
            must_be_told: Told::default(),
            bytes,
            stopped: None,
        }
    }

    fn stopped(exit: i32, started: Option<&str>) -> Need {
        let told = |url| Told { objects: BTreeSet::from([String::from(url)]), list_all: false };
        let stopped = Stopped {
            arn: "arn".to_owned(),
            job: "j".parse().unwrap(),
            at: Some(DateTime::UNIX_EPOCH),
            created: None,
            exit: Some(exit),
            reason: String::new(),
            started: started.map(|url| Started { told: told(url), attempt: 1 }),
        };
        Need { told: Told::default(), stopped: Some(Box::new(stopped)), ..need("", 0) }
    }

    async fn work(
        runs: &Runs,
        tasks: Option<Tasks>,
        needs: &[Need],
        left: Duration,
    ) -> Vec<Outcome> {
        let inline = Inline::new(runs, 100, tasks);
        inline.work(&"j".parse().unwrap(), needs, left, &Seen::default()).await
    }

    #[tokio::test]
    async fn one_run_is_told_of_all_objects() {
        let runs = Runs::default();
        let needs = [need("s3://b/1", 60), need("s3://b/2", 40)];
        assert_eq!(work(&runs, Some(Tasks), &needs, MINUTE).await, [Outcome::Ran, Outcome::Ran]);
        let (args, limit) = runs.seen.lock().unwrap().pop().unwrap();
        let expected = ["run", "--job", "j", "--object", "s3://b/1", "--object", "s3://b/2"]
            .map(str::to_owned);
        assert_eq!((args.as_slice(), limit), (&expected[..], Duration::from_secs(52)));
    }

    #[tokio::test]
    async fn what_is_large_and_what_is_of_tasks_is_left_to_tasks_if_there_are_any() {
        let runs = Runs::default();
        let large = [need("s3://b/1", 60), need("s3://b/2", 41)];
        assert_eq!(work(&runs, Some(Tasks), &large, MINUTE).await, [STARTED, STARTED]);
        assert_eq!(work(&runs, Some(Tasks), &[stopped(0, None)], MINUTE).await, [STARTED]);
        assert!(runs.seen.lock().unwrap().is_empty());
        assert_eq!(work(&runs, None, &large, MINUTE).await, [Outcome::Ran, Outcome::Ran]);
    }

    #[tokio::test]
    async fn a_run_comes_again_if_that_helps_and_one_that_takes_too_long_becomes_a_task() {
        let needs = [need("s3://b/1", 1)];
        for (status, with_tasks, comes_again) in [
            (1, Outcome::RunFailed(1), false),
            (2, Outcome::RunFailed(2), false),
            (4, Outcome::RunFailed(4), false),
            (3, Outcome::RunFailed(3), true),
            (130, Outcome::RunFailed(130), true),
            (INTERRUPTED, STARTED, true),
        ] {
            let alone = Outcome::RunFailed(status);
            let runs = Runs { status, ..Runs::default() };
            assert_eq!(work(&runs, None, &needs, MINUTE).await, vec![alone.clone()]);
            assert_eq!(work(&runs, Some(Tasks), &needs, MINUTE).await, [with_tasks]);
            assert_eq!((alone.left().is_some(), alone.has_failed()), (comes_again, !comes_again));
        }
        let runs = Runs::default();
        let outcomes = work(&runs, None, &needs, Duration::from_secs(12)).await;
        assert_eq!(outcomes, [Outcome::Failed("there is no time for a run".to_owned())]);
        assert!(runs.seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn without_tasks_the_work_of_one_that_stopped_is_done_here() {
        let runs = Runs::default();
        let needs = [stopped(0, None), stopped(1, None), stopped(137, Some("s3://b/1"))];
        let expected = [Outcome::Done, Outcome::GaveUp, Outcome::Ran];
        assert_eq!(work(&runs, None, &needs, MINUTE).await, expected);
        assert_eq!(work(&runs, None, &needs[..2], MINUTE).await, expected[..2]);
        assert_eq!(work(&runs, None, &[stopped(137, None)], MINUTE).await, [Outcome::Ran]);
        let seen = runs.seen.lock().unwrap();
        let words: Vec<&str> = seen.iter().map(|(args, _)| args.last().unwrap().as_str()).collect();
        assert_eq!(words, ["s3://b/1", "--list-all"]);
    }
}
