//! A target that is being opened while its job is read.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::url;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::target::Target;

/// Connects early to servers, which take a while to answer. A database that is a file is opened only when it is asked for, since
/// that creates it.
#[derive(Debug)]
pub enum Opening {
    /// The task ends when this is dropped.
    Server(JoinSet<Result<Arc<dyn Target>>>),
    /// The URL of anything else.
    Later(String, Environment),
}

impl Opening {
    /// Begins to open the target that a URL names; see [`url::open`]. What is wrong is told by [`Opening::opened`].
    #[must_use]
    pub fn begin(url: String, environment: &Environment) -> Self {
        let environment = environment.clone();
        if !["mysql:", "secretsmanager:"].iter().any(|scheme| url.starts_with(scheme)) {
            return Self::Later(url, environment);
        }
        let mut task = JoinSet::new();
        task.spawn(async move { url::open(&url, &environment).await });
        Self::Server(task)
    }

    /// The target, once it is open. To be asked once.
    ///
    /// # Errors
    /// Those of [`url::open`].
    pub async fn opened(&mut self) -> Result<Arc<dyn Target>> {
        match self {
            Self::Later(url, environment) => url::open(url, environment).await,
            Self::Server(task) => match task.join_next().await {
                Some(Ok(opened)) => opened,
                Some(Err(error)) => Err(Error::failed("connecting broke down").source(error)),
                None => Err(Error::failed("the target was already taken")),
            },
        }
    }
}
