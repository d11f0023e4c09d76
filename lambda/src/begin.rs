//! What the binaries begin with: settings become a function that serves.

use std::process::ExitCode;

use emf::{Namespace, NamespaceError};
use lambda_runtime::Error;

use crate::ecs::{Ecs, Patience};
use crate::handler::Function;
use crate::inline::{Inline, RunJob};
use crate::route_source::RouteSource;
use crate::settings::{CONTAINER, InlineSettings, Launch, Settings};
use crate::start::Starter;
use crate::{aws, serve};

/// The end of the process; tells why it came, if the function cannot begin or go on.
#[must_use]
pub fn ended(served: Result<(), Error>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the function is not set up");
            ExitCode::FAILURE
        }
    }
}

/// Starts tasks, as the variables say that `variable` looks up.
///
/// # Errors
/// What is wrong with the variables, and a Runtime API that does not answer.
pub async fn tasks(variable: &dyn Fn(&str) -> Option<String>) -> Result<(), Error> {
    let settings = Settings::read(variable)?;
    let routes = RouteSource::open(settings.routes)?;
    let container = settings.launch.container.clone();
    let starter = starter(settings.launch, settings.attempts_max).await;
    let metrics = namespace(settings.metrics);
    serve::serve(&Function::new(routes, container, starter), &metrics).await
}

/// Runs jobs by `runner`, or starts tasks, as the variables say that `variable` looks up.
///
/// # Errors
/// See [`tasks`].
pub async fn inline(
    runner: impl RunJob,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Error> {
    let settings = InlineSettings::read(variable)?;
    let routes = RouteSource::open(settings.routes)?;
    let (container, starter) = match settings.tasks {
        Some(tasks) => {
            let container = tasks.launch.container.clone();
            (container, Some(starter(tasks.launch, tasks.attempts_max).await))
        }
        None => (CONTAINER.to_owned(), None),
    };
    let worker = Inline::new(runner, settings.bytes_max, starter);
    let metrics = namespace(settings.metrics);
    serve::serve(&Function::new(routes, container, worker), &metrics).await
}

/// A wrong one is no reason not to work.
fn namespace(metrics: Result<Namespace, NamespaceError>) -> Namespace {
    metrics.unwrap_or_else(|error| {
        tracing::warn!("{error}");
        Namespace::default()
    })
}

async fn starter(launch: Launch, attempts_max: u32) -> Starter {
    let client = aws_sdk_ecs::Client::new(&aws::config().await);
    Starter::new(Ecs::new(client, launch, Patience::default()), attempts_max)
}
