//! The numbers of an invocation, as lines of CloudWatch's Embedded Metric Format.
//!
//! A line on stdout is enough: Lambda hands it to CloudWatch Logs, which makes metrics of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use emf::{Emf, Namespace, Unit};
use serde_json::json;
use staged::job::JobName;

use crate::work::Outcome;

/// The only dimension, as the runner's metrics have it.
const JOB: &str = "Job";

/// What happened in an invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    by_job: BTreeMap<JobName, JobCounts>,
    /// Objects for no job, and records that are of something else.
    pub ignored: usize,
    /// Messages that are of nobody who may ask.
    pub not_understood: usize,
    /// Messages that come again since a task of their job runs.
    pub deferred: usize,
    /// How long ago the oldest message of a queue was sent that comes again, in seconds; 0 if none does.
    pub oldest: u64,
    /// Jobs of which no task was started that should have been, and invocations without routes.
    pub start_failures: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct JobCounts {
    started: usize,
    restarted: usize,
    failed: usize,
}

impl Counts {
    /// Adds what came of the needs of a job. One task is started for all of them.
    pub fn add(&mut self, job: &JobName, outcomes: &[Outcome]) {
        let has = |wanted: &dyn Fn(&Outcome) -> bool| outcomes.iter().any(wanted);
        let gave_up = outcomes.iter().filter(|one| **one == Outcome::GaveUp).count();
        // One run is made for all of them.
        let runs =
            usize::from(has(&|one| matches!(one, Outcome::RunFailed(_)) && one.has_failed()));
        let counts = JobCounts {
            started: usize::from(has(&|one| matches!(one, Outcome::Started { .. }))),
            restarted: usize::from(has(&|one| matches!(one, Outcome::Started { again: true }))),
            failed: gave_up + runs,
        };
        self.start_failures += usize::from(has(&|one| matches!(one, Outcome::Failed(_))));
        if counts != JobCounts::default() {
            self.by_job.insert(job.clone(), counts);
        }
    }

    /// One line for each job of which there is something to say, and one for all others. Zeros are said of the latter only, so
    /// that alarms see that it is alive.
    #[must_use]
    pub fn lines(&self, namespace: &Namespace, now: DateTime<Utc>) -> Vec<String> {
        let mut lines = Vec::new();
        for (job, counts) in &self.by_job {
            let numbers = [
                ("TasksStarted", counts.started),
                ("TasksRestarted", counts.restarted),
                ("TasksFailed", counts.failed),
            ];
            let numbers: Vec<_> = numbers.into_iter().filter(|(_, count)| *count > 0).collect();
            let mut of_job = emf_of(namespace, Some(job), now);
            count_all(&mut of_job, &numbers);
            lines.push(of_job.to_json());
        }
        let numbers = [
            ("EventsIgnored", self.ignored),
            ("EventsNotUnderstood", self.not_understood),
            ("EventsDeferred", self.deferred),
            ("StartFailures", self.start_failures),
        ];
        let mut rest = emf_of(namespace, None, now);
        count_all(&mut rest, &numbers);
        rest.metric("OldestEvent", Unit::Seconds, self.oldest);
        lines.push(rest.to_json());
        lines
    }
}

fn emf_of(namespace: &Namespace, job: Option<&JobName>, now: DateTime<Utc>) -> Emf {
    let dimensions: &[&[&str]] = if job.is_some() { &[&[JOB], &[]] } else { &[&[]] };
    let mut emf = Emf::new(namespace, now.timestamp_millis(), dimensions);
    if let Some(job) = job {
        emf.property(JOB, json!(job.as_str()));
    }
    emf
}

fn count_all(emf: &mut Emf, numbers: &[(&str, usize)]) {
    for (name, count) in numbers {
        emf.metric(name, Unit::Count, u64::try_from(*count).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_a_person_has_to_look_at_is_counted_once_and_one_that_comes_again_is_not() {
        let job: JobName = "load_sales".parse().unwrap();
        let of = |status: u8| {
            let mut counts = Counts::default();
            counts.add(&job, &[Outcome::RunFailed(status), Outcome::RunFailed(status)]);
            counts.by_job.get(&job).map(|counts| counts.failed)
        };
        assert_eq!([1, 2, 4, 101].map(of), [Some(1); 4]);
        assert_eq!([3, 130, 143].map(of), [None; 3]);
    }

    #[test]
    fn each_job_has_a_line_and_all_others_have_one() {
        let mut counts = Counts { ignored: 2, deferred: 1, oldest: 90, ..Counts::default() };
        let job: JobName = "load_sales".parse().unwrap();
        let started = Outcome::Started { again: true };
        counts.add(&job, &[started.clone(), started, Outcome::GaveUp]);
        let quiet: JobName = "quiet".parse().unwrap();
        counts.add(&quiet, &[Outcome::Covered, Outcome::Failed("x".to_owned())]);
        let now = DateTime::from_timestamp_millis(1_774_599_300_000).unwrap();
        let lines = counts.lines(&Namespace::default(), now);
        for line in &lines {
            let _document = emf::read(line).unwrap();
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"Job":"load_sales","TasksFailed":1,"TasksRestarted":1,"TasksStarted":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Job"],[]],"Metrics":[{"Name":"TasksStarted","Unit":"Count"},{"Name":"TasksRestarted","Unit":"Count"},{"Name":"TasksFailed","Unit":"Count"}],"Namespace":"Unglue"}],"Timestamp":1774599300000}}
        {"EventsDeferred":1,"EventsIgnored":2,"EventsNotUnderstood":0,"OldestEvent":90,"StartFailures":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[[]],"Metrics":[{"Name":"EventsIgnored","Unit":"Count"},{"Name":"EventsNotUnderstood","Unit":"Count"},{"Name":"EventsDeferred","Unit":"Count"},{"Name":"StartFailures","Unit":"Count"},{"Name":"OldestEvent","Unit":"Seconds"}],"Namespace":"Unglue"}],"Timestamp":1774599300000}}
        "#);
    }
}
