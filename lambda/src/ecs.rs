//! Amazon ECS: the tasks of a job, and one more.

mod error;

use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::primitives::DateTime as EcsTime;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, Container,
    ContainerOverride, DesiredStatus, Failure, KeyValuePair, LaunchType, NetworkConfiguration,
    Task as EcsTask, TaskOverride,
};
use chrono::{DateTime, Utc};
use staged::job::JobName;

use crate::command::{self, ATTEMPT, Override};
use crate::decide::Task;
use crate::restart::Started;
use crate::settings::Launch;

pub use error::{EcsError, EcsErrorKind};

/// Tasks that ECS describes at once. Of more that have stopped, some are not looked at, which at worst starts one more.
const TASKS_MAX: i32 = 100;
/// How often `RunTask` is asked when there is no capacity.
const CAPACITY_TRIES: u32 = 3;

/// A cluster, and how tasks are started in it.
#[derive(Debug)]
pub struct Ecs {
    client: Client,
    launch: Launch,
    /// Before the second try where there is no capacity; twice as long before the third.
    pause: Duration,
}

impl Ecs {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(client: Client, launch: Launch, pause: Duration) -> Self {
        Self { client, launch, pause }
    }

    /// How tasks are started.
    #[must_use]
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// The tasks of a job: those that are to run, else those that stopped, of which ECS knows the last hour's.
    ///
    /// # Errors
    /// What ECS refuses, or does not answer.
    pub async fn tasks_of(&self, job: &JobName) -> Result<Vec<Task>, EcsError> {
        let running = self.list(job, DesiredStatus::Running).await?;
        if !running.is_empty() {
            return Ok(running);
        }
        self.list(job, DesiredStatus::Stopped).await
    }

    async fn list(&self, job: &JobName, status: DesiredStatus) -> Result<Vec<Task>, EcsError> {
        let listed = self
            .client
            .list_tasks()
            .cluster(&self.launch.cluster)
            .started_by(command::started_by(job))
            .desired_status(status)
            .max_results(TASKS_MAX)
            .send()
            .await
            .map_err(|error| EcsError::of("ecs:ListTasks", &error))?;
        let arns = listed.task_arns.unwrap_or_default();
        let tasks = self.describe(arns).await?;
        Ok(tasks.into_iter().filter_map(|task| self.read(task)).collect())
    }

    async fn describe(&self, arns: Vec<String>) -> Result<Vec<EcsTask>, EcsError> {
        const ACTION: &str = "ecs:DescribeTasks";
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let described = self
            .client
            .describe_tasks()
            .cluster(&self.launch.cluster)
            .set_tasks(Some(arns))
            .send()
            .await
            .map_err(|error| EcsError::of(ACTION, &error))?;
        // A task that is gone meanwhile covers nothing, and is none that runs.
        let is_gone = |failure: &&Failure| failure.reason.as_deref() == Some("MISSING");
        if let Some(failure) = described.failures().iter().find(|failure| !is_gone(failure)) {
            return Err(EcsError::of_failure(ACTION, failure));
        }
        Ok(described.tasks.unwrap_or_default())
    }

    fn container<'a>(&self, task: &'a EcsTask) -> Option<&'a Container> {
        let is_ours = |one: &&Container| one.name.as_deref() == Some(&self.launch.container);
        task.containers().iter().find(is_ours)
    }

    fn read(&self, task: EcsTask) -> Option<Task> {
        Some(Task {
            is_stopped: task.last_status.as_deref() == Some("STOPPED"),
            exit: self.container(&task).and_then(|one| one.exit_code),
            created: task.created_at.as_ref().and_then(time),
            pulled: task.pull_stopped_at.as_ref().and_then(time),
            told: self
                .overridden(&task)
                .map(|one| command::told(one.command()))
                .unwrap_or_default(),
            arn: task.task_arn?,
        })
    }

    /// How a task was started; none if it is gone, or was not started here.
    ///
    /// # Errors
    /// What ECS refuses, or does not answer.
    pub async fn started(&self, arn: &str) -> Result<Option<Started>, EcsError> {
        let tasks = self.describe(vec![arn.to_owned()]).await?;
        Ok(tasks.first().and_then(|task| self.read_started(task)))
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

    /// Starts a task, and tells its ARN. The same `token` starts it once.
    ///
    /// # Errors
    /// What ECS refuses or does not answer, after tries. No capacity, and `failures` of any kind, are errors.
    pub async fn run(
        &self,
        job: &JobName,
        with: &Override,
        token: &str,
    ) -> Result<String, EcsError> {
        let mut pause = self.pause;
        for _ in 1..CAPACITY_TRIES {
            match self.run_once(job, with, token).await {
                Err(error) if error.kind == EcsErrorKind::Capacity => {
                    tracing::warn!(%job, %error, "no capacity; asked again");
                }
                done => return done,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.run_once(job, with, token).await
    }

    async fn run_once(
        &self,
        job: &JobName,
        with: &Override,
        token: &str,
    ) -> Result<String, EcsError> {
        const ACTION: &str = "ecs:RunTask";
        let request = self
            .client
            .run_task()
            .cluster(&self.launch.cluster)
            .task_definition(&self.launch.task_definition)
            .count(1)
            .started_by(command::started_by(job))
            .client_token(token)
            .network_configuration(self.network())
            .overrides(TaskOverride::builder().container_overrides(overrides(with)).build());
        let request = match &self.launch.capacity_provider {
            None => request.launch_type(LaunchType::Fargate),
            Some(provider) => {
                let item = CapacityProviderStrategyItem::builder().capacity_provider(provider);
                let item = item.weight(1).build();
                request.capacity_provider_strategy(
                    item.map_err(|error| EcsError::request(ACTION, &error))?,
                )
            }
        };
        let answer = request.send().await.map_err(|error| EcsError::of(ACTION, &error))?;
        if let Some(failure) = answer.failures().first() {
            return Err(EcsError::of_failure(ACTION, failure));
        }
        let task = answer.tasks().first().and_then(|task| task.task_arn());
        task.map(str::to_owned).ok_or_else(|| EcsError::nothing(ACTION))
    }

    fn network(&self) -> NetworkConfiguration {
        let public_ip = match self.launch.has_public_ip {
            true => AssignPublicIp::Enabled,
            false => AssignPublicIp::Disabled,
        };
        let vpc = AwsVpcConfiguration::builder()
            .set_subnets(Some(self.launch.subnets.clone()))
            .set_security_groups(Some(self.launch.security_groups.clone()))
            .assign_public_ip(public_ip)
            .build();
        // It fails without subnets only, and the settings have some.
        NetworkConfiguration::builder().set_awsvpc_configuration(vpc.ok()).build()
    }
}

fn overrides(with: &Override) -> ContainerOverride {
    let attempt = KeyValuePair::builder().name(ATTEMPT).value(with.attempt.to_string()).build();
    ContainerOverride::builder()
        .name(&with.container)
        .set_command(Some(with.command.clone()))
        .environment(attempt)
        .build()
}

fn time(time: &EcsTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(time.to_millis().ok()?)
}
