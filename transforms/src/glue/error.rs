//! What can be wrong with a transform.

use datafusion::error::DataFusionError;

/// Why a transform cannot be applied, found before any row is read, or what the engine said when one was.
#[derive(Debug, thiserror::Error)]
pub enum GlueError {
    /// A parameter that cannot be.
    #[error("{transform}: {message}")]
    Parameter {
        /// The transform's name in Glue.
        transform: &'static str,
        /// What is wrong, as a lowercase fragment.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// An error of the engine.
    #[error(transparent)]
    Engine(#[from] DataFusionError),
    /// A sample that cannot be written.
    #[error("Spigot: the sample cannot be written")]
    Write(#[from] object_store::Error),
}

/// The result of a transform.
pub type Result<T> = std::result::Result<T, GlueError>;

impl GlueError {
    pub(super) fn new(transform: &'static str, message: impl Into<String>) -> Self {
        Self::Parameter { transform, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Parameter { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }
}
