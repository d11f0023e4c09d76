//! The tasks that are there, of all jobs at once.
//!
//! `startedBy` must be the only filter of a list ("ListTasks" in the ECS API reference), and a list for each job would take too many
//! calls; so all tasks of the task definition's family are listed, and told apart here.

use std::collections::HashMap;

use aws_sdk_ecs::primitives::DateTime as EcsTime;
use aws_sdk_ecs::types::{Container, ContainerOverride, DesiredStatus, Failure, Task as EcsTask};
use chrono::{DateTime, Utc};
use staged::job::JobName;
use tokio::sync::OnceCell;

use super::{Ecs, EcsError};
use crate::command::{self, ATTEMPT};
use crate::decide::Task;
use crate::restart::Started;

/// Tasks that run, of all jobs. Of more, some are not looked at, which at worst starts a task more for each.
const RUNNING_MAX: usize = 1000;
/// The same of tasks that stopped, which ECS knows for an hour.
const STOPPED_MAX: usize = 500;
/// Tasks that ECS lists on a page, and describes at once.
const PAGE: usize = 100;
const LIST: &str = "ecs:ListTasks";
const DESCRIBE: &str = "ecs:DescribeTasks";

/// What an invocation has seen of the tasks. Each list is read once, when the first job asks for it; so is its failure.
///
/// Being older than other calls does no harm: a task that is missing in it leads to one more, and the times of those that it holds do not
/// change. One that fails later is told of by its own event.
#[derive(Debug, Default)]
pub struct Seen {
    running: OnceCell<Read>,
    stopped: OnceCell<Read>,
}

/// By `startedBy`.
type Read = Result<HashMap<String, Vec<Task>>, EcsError>;

impl Ecs {
    /// The tasks of a job that are to run.
    ///
    /// # Errors
    /// What ECS refuses, or does not answer.
    pub async fn running<'a>(&self, seen: &'a Seen, job: &JobName) -> Result<&'a [Task], EcsError> {
        let read = || self.read_all(DesiredStatus::Running, RUNNING_MAX);
        of_job(seen.running.get_or_init(read).await, job)
    }

    /// The tasks of a job that stopped, or are to stop.
    ///
    /// # Errors
    /// See [`Ecs::running`].
    pub async fn stopped<'a>(&self, seen: &'a Seen, job: &JobName) -> Result<&'a [Task], EcsError> {
        let read = || self.read_all(DesiredStatus::Stopped, STOPPED_MAX);
        of_job(seen.stopped.get_or_init(read).await, job)
    }

    /// How a task was started; none if it is gone, or was not started here.
    ///
    /// # Errors
    /// See [`Ecs::running`].
    pub async fn started(&self, arn: &str) -> Result<Option<Started>, EcsError> {
        let tasks = self.within_limit(DESCRIBE, self.describe(&[arn.to_owned()])).await?;
        Ok(tasks.first().and_then(|task| self.read_started(task)))
    }

    async fn read_all(&self, status: DesiredStatus, most: usize) -> Read {
        let read = async {
            let arns = self.list(status, most).await?;
            let mut by_job: HashMap<String, Vec<Task>> = HashMap::new();
            for arns in arns.chunks(PAGE) {
                for mut task in self.describe(arns).await? {
                    let Some(started_by) = task.started_by.take() else { continue };
                    by_job.entry(started_by).or_default().extend(self.read(task));
                }
            }
            Ok(by_job)
        };
        self.within_limit(LIST, read).await
    }

    async fn list(&self, status: DesiredStatus, most: usize) -> Result<Vec<String>, EcsError> {
        let mut arns = Vec::new();
        let mut next = None;
        while arns.len() < most {
            let page = self
                .client
                .list_tasks()
                .cluster(&self.launch.cluster)
                .family(self.launch.family())
                .desired_status(status.clone())
                .max_results(i32::try_from(PAGE).unwrap_or(i32::MAX))
                .set_next_token(next)
                .send()
                .await
                .map_err(|error| EcsError::of(LIST, &error))?;
            arns.extend(page.task_arns.unwrap_or_default());
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(arns);
            }
        }
        tracing::warn!(%status, most, "there are more tasks than are looked at");
        Ok(arns)
    }

    async fn describe(&self, arns: &[String]) -> Result<Vec<EcsTask>, EcsError> {
        let described = self
            .client
            .describe_tasks()
            .cluster(&self.launch.cluster)
            .set_tasks(Some(arns.to_vec()))
            .send()
            .await
            .map_err(|error| EcsError::of(DESCRIBE, &error))?;
        // A task that is gone meanwhile covers nothing, and is none that runs.
        let is_gone = |failure: &&Failure| failure.reason.as_deref() == Some("MISSING");
        if let Some(failure) = described.failures().iter().find(|failure| !is_gone(failure)) {
            return Err(EcsError::of_failure(DESCRIBE, failure));
        }
        Ok(described.tasks.unwrap_or_default())
    }

    fn read(&self, task: EcsTask) -> Option<Task> {
        let is_ours = |one: &&Container| one.name.as_deref() == Some(&self.launch.container);
        let exit = task.containers().iter().find(is_ours).and_then(|one| one.exit_code);
        // Others may be there that the definition does not name, such as the agent of GuardDuty.
        let is_alone = task.containers().len() == 1;
        let pulled = task.pull_stopped_at.as_ref().filter(|_| is_alone);
        Some(Task {
            // ECS takes its time to clear away what has ended.
            is_stopped: task.last_status.as_deref() == Some("STOPPED")
                || is_alone && exit.is_some(),
            exit,
            created: task.created_at.as_ref().and_then(time),
            pulled: pulled.and_then(time),
            told: self
                .overridden(&task)
                .map(|one| command::told(one.command()))
                .unwrap_or_default(),
            arn: task.task_arn?,
        })
    }

    fn overridden<'a>(&self, task: &'a EcsTask) -> Option<&'a ContainerOverride> {
        let is_ours = |one: &&ContainerOverride| one.name() == Some(&self.launch.container);
        task.overrides()?.container_overrides().iter().find(is_ours)
    }

    fn read_started(&self, task: &EcsTask) -> Option<Started> {
        let one = self.overridden(task)?;
        let attempt = one.environment().iter().find(|pair| pair.name() == Some(ATTEMPT))?;
        Some(Started {
            told: command::told(one.command()),
            attempt: attempt.value()?.parse().ok()?,
        })
    }
}

fn of_job<'a>(read: &'a Read, job: &JobName) -> Result<&'a [Task], EcsError> {
    let by_job = read.as_ref().map_err(EcsError::clone)?;
    Ok(by_job.get(&command::started_by(job)).map_or(&[], Vec::as_slice))
}

fn time(time: &EcsTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(time.to_millis().ok()?)
}
