//! Starts tasks of ECS for what is needed of a job.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use staged::job::JobName;

use crate::command::Override;
use crate::decide::{Decision, Question, decide};
use crate::ecs::{Ecs, EcsError, Seen};
use crate::need::Need;
use crate::restart::{OUT_OF_MEMORY_ATTEMPTS_MAX, Started, Stopped, Verdict, judge, next_attempt};
use crate::settings::Launch;
use crate::told::Told;
use crate::work::{Outcome, Worker};

const MORE_MEMORY: &str = "give the tasks more memory (TaskMemoryGb of the template, or the task definition's own), then send {\"jobs\": [the job]}";
const LOOK: &str = "see the log of the task; when it is repaired, send {\"jobs\": [the job]}";

/// Starts tasks in a cluster.
#[derive(Debug)]
pub struct Starter {
    ecs: Ecs,
    attempts_max: u32,
}

/// A need that may take a task.
struct Wish<'a> {
    /// Where its outcome belongs.
    index: usize,
    newest: DateTime<Utc>,
    must_be_told: Told,
    except: Option<&'a str>,
    told: Told,
    attempt: u32,
    identity: String,
}

impl Wish<'_> {
    fn question(&self) -> Question<'_> {
        let Self { newest, must_be_told, except, .. } = self;
        Question { newest: *newest, must_be_told, except: *except }
    }
}

impl Starter {
    /// `attempts_max`: how often a task is started again by itself.
    #[must_use]
    pub fn new(ecs: Ecs, attempts_max: u32) -> Self {
        Self { ecs, attempts_max }
    }

    /// What a need wishes for, or what came of it already.
    async fn wish<'a>(&self, index: usize, need: &'a Need) -> Result<Wish<'a>, Outcome> {
        let Some(stopped) = &need.stopped else {
            return Ok(Wish {
                index,
                newest: need.newest,
                must_be_told: need.must_be_told.clone(),
                except: None,
                told: need.told.clone(),
                attempt: 1,
                identity: need.identity.clone(),
            });
        };
        let Stopped { arn, job, exit, reason, .. } = stopped.as_ref();
        match judge(*exit) {
            Verdict::Done => return Err(Outcome::Done),
            Verdict::Failed => {
                tracing::error!(%job, task = arn, exit, reason, "a task failed");
                return Err(Outcome::GaveUp);
            }
            Verdict::Again => {}
        }
        let started = match &stopped.started {
            Some(started) => Some(started.clone()),
            None => self.ecs.started(arn).await.map_err(|error| told_failure(job, &error))?,
        };
        let (most, todo) = match stopped.is_out_of_memory() {
            true => (self.attempts_max.min(OUT_OF_MEMORY_ATTEMPTS_MAX), MORE_MEMORY),
            false => (self.attempts_max, LOOK),
        };
        let next = started
            .and_then(|Started { told, attempt }| Some((told, next_attempt(attempt, most)?)));
        let Some((told, attempt)) = next else {
            tracing::error!(%job, task = arn, exit, reason, todo, "a task is not started again: it had its attempts, or nobody knows how many");
            return Err(Outcome::GaveUp);
        };
        let must_be_told = told.must_be_told(stopped.created.unwrap_or(need.newest));
        Ok(Wish {
            index,
            newest: need.newest,
            must_be_told,
            except: Some(arn),
            // Told twice, it is started again once, whichever message tells it.
            identity: format!("{arn} {attempt}"),
            told,
            attempt,
        })
    }

    /// Tasks that stopped are asked for only if those that run neither cover it nor are waited for.
    async fn decision(
        &self,
        job: &JobName,
        wish: &Wish<'_>,
        seen: &Seen,
    ) -> Result<Decision, EcsError> {
        match decide(self.ecs.running(seen, job).await?, wish.question()) {
            Decision::Start => Ok(decide(self.ecs.stopped(seen, job).await?, wish.question())),
            decided => Ok(decided),
        }
    }

    /// Starts one task for all of them.
    async fn start(&self, job: &JobName, wishes: &[Wish<'_>]) -> Outcome {
        let mut told = Told::default();
        for wish in wishes {
            told.add(&wish.told);
        }
        let attempt = wishes.iter().map(|wish| wish.attempt).max().unwrap_or(1);
        let launch = self.ecs.launch();
        let with = Override::new(job, &told, attempt, &launch.container, launch.arguments);
        let token = token(job, &with, launch, wishes.iter().map(|wish| wish.identity.as_str()));
        match self.ecs.run(job, &with, &token).await {
            Ok(task) => {
                let objects = told.objects.len();
                tracing::info!(%job, task, objects, attempt, "a task was started");
                Outcome::Started { again: attempt > 1 }
            }
            Err(error) => told_failure(job, &error),
        }
    }
}

impl Worker for Starter {
    /// A call takes a moment, and ECS takes 20 in a second for long ("Request throttling" in its API reference).
    const AT_ONCE: usize = 8;

    async fn work(
        &self,
        job: &JobName,
        needs: &[Need],
        _left: Duration,
        seen: &Seen,
    ) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::Covered; needs.len()];
        let (mut to_start, mut failure) = (Vec::new(), None);
        for (index, (need, outcome)) in needs.iter().zip(&mut outcomes).enumerate() {
            let wish = match self.wish(index, need).await {
                Ok(wish) => wish,
                Err(done) => {
                    *outcome = done;
                    continue;
                }
            };
            match self.decision(job, &wish, seen).await {
                Ok(Decision::Covered) => {}
                Ok(Decision::Wait) => *outcome = Outcome::Waits,
                Ok(Decision::Start) => to_start.push(wish),
                Err(error) => {
                    let told = failure.get_or_insert_with(|| told_failure(job, &error));
                    outcome.clone_from(told);
                }
            }
        }
        if !to_start.is_empty() {
            let outcome = self.start(job, &to_start).await;
            for wish in to_start {
                if let Some(place) = outcomes.get_mut(wish.index) {
                    place.clone_from(&outcome);
                }
            }
        }
        outcomes
    }
}

fn told_failure(job: &JobName, error: &EcsError) -> Outcome {
    tracing::error!(%job, %error, "no task was started");
    Outcome::from(error)
}

/// What ECS knows a request by, so that one whose answer was lost is not obeyed twice. Another request must have another token, else ECS
/// refuses it: so all that may change of it is part.
fn token<'a>(
    job: &JobName,
    with: &Override,
    launch: &Launch,
    identities: impl Iterator<Item = &'a str>,
) -> String {
    let mut identities: Vec<&str> = identities.collect();
    identities.sort_unstable();
    identities.dedup();
    let launch = format!("{launch:?}");
    let attempt = with.attempt.to_string();
    let mut hash = Sha256::new();
    for part in [job.as_str(), &launch, &attempt]
        .into_iter()
        .chain(with.command.iter().map(String::as_str))
        .chain(identities)
    {
        // No part holds it, so that two lists never read the same.
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Arguments;

    #[test]
    fn a_token_is_that_of_a_request_and_of_who_asks() {
        let launch = Launch {
            cluster: "c".to_owned(),
            task_definition: "d".to_owned(),
            container: "runner".to_owned(),
            subnets: vec!["s".to_owned()],
            security_groups: vec!["g".to_owned()],
            has_public_ip: false,
            capacity_provider: None,
            arguments: Arguments::Runner,
        };
        let job: JobName = "j".parse().unwrap();
        let with = |attempt: u32| {
            Override::new(&job, &Told::default(), attempt, "runner", Arguments::Runner)
        };
        let of =
            |attempt: u32, ids: &[&str]| token(&job, &with(attempt), &launch, ids.iter().copied());
        let one = of(1, &["m1", "m2"]);
        assert!(one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
        assert_eq!(one, of(1, &["m2", "m1"]), "in another order");
        let others = [of(2, &["m1", "m2"]), of(1, &["m1"]), of(1, &["m1m2"])];
        assert!(!others.contains(&one));
    }
}
