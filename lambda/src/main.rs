//! `lambda`: the function that events invoke. See docs/aws.md.

use std::time::Duration;

use emf::Namespace;
use lambda::ecs::Ecs;
use lambda::handler::Function;
use lambda::route_source::RouteSource;
use lambda::settings::Settings;
use lambda::start::Starter;
use lambda::{aws, serve};

/// Before ECS is asked again for capacity.
const CAPACITY_PAUSE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve::init_logs();
    let settings = Settings::read(&|name| std::env::var(name).ok())
        .inspect_err(|error| tracing::error!(%error, "the function is not set up"))?;
    let routes = RouteSource::open(settings.routes)?;
    let container = settings.launch.container.clone();
    let client = aws_sdk_ecs::Client::new(&aws::config().await);
    let ecs = Ecs::new(client, settings.launch, CAPACITY_PAUSE);
    let starter = Starter::new(ecs, settings.attempts_max);
    let metrics = settings.metrics.unwrap_or_else(|error| {
        tracing::warn!("{error}");
        Namespace::default()
    });
    serve::serve(&Function::new(routes, container, starter), &metrics).await
}
