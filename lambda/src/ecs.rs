//! Amazon ECS: the tasks that are there, and one more.

mod error;
mod tasks;

use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerOverride,
    KeyValuePair, LaunchType, NetworkConfiguration, TaskOverride,
};
use staged::job::JobName;

use crate::command::{self, ATTEMPT, Override};
use crate::settings::Launch;

pub use error::{EcsError, EcsErrorKind};
pub use tasks::Seen;

/// How often `RunTask` is asked when there is no capacity.
const CAPACITY_TRIES: u32 = 3;
const RUN: &str = "ecs:RunTask";

/// A cluster, and how tasks are started in it.
#[derive(Debug)]
pub struct Ecs {
    client: Client,
    launch: Launch,
    patience: Patience,
}

/// How long ECS is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Before the second try where there is no capacity; twice as long before the third.
    pub pause: Duration,
    /// For one job, and for each list of tasks: what hangs must not take the time of all other jobs.
    pub limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { pause: Duration::from_secs(1), limit: Duration::from_secs(10) }
    }
}

impl Ecs {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(client: Client, launch: Launch, patience: Patience) -> Self {
        Self { client, launch, patience }
    }

    /// How tasks are started.
    #[must_use]
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// Starts a task, and tells its ARN. The same `token` starts it once.
    ///
    /// # Errors
    /// What ECS refuses or does not answer, after tries, and what takes too long. No capacity, and `failures` of any kind, are errors.
    pub async fn run(
        &self,
        job: &JobName,
        with: &Override,
        token: &str,
    ) -> Result<String, EcsError> {
        self.within_limit(RUN, self.try_to_run(job, with, token)).await
    }

    /// `call`, but not for longer than it may take.
    async fn within_limit<T>(
        &self,
        action: &'static str,
        call: impl Future<Output = Result<T, EcsError>>,
    ) -> Result<T, EcsError> {
        let called = tokio::time::timeout(self.patience.limit, Box::pin(call)).await;
        called.unwrap_or_else(|_| Err(EcsError::late(action)))
    }

    async fn try_to_run(
        &self,
        job: &JobName,
        with: &Override,
        token: &str,
    ) -> Result<String, EcsError> {
        let mut pause = self.patience.pause;
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
                    item.map_err(|error| EcsError::request(RUN, &error))?,
                )
            }
        };
        let answer = request.send().await.map_err(|error| EcsError::of(RUN, &error))?;
        if let Some(failure) = answer.failures().first() {
            return Err(EcsError::of_failure(RUN, failure));
        }
        let task = answer.tasks().first().and_then(|task| task.task_arn());
        task.map(str::to_owned).ok_or_else(|| EcsError::nothing(RUN))
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
