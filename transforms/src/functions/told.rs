//! Errors of functions that may be shown: they hold no value of a row.

use datafusion::error::DataFusionError;

use crate::cause;

/// Why a function failed on a row, without the row's values. What the engine's own errors say is not shown, since they quote values.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Told(String);

impl Told {
    /// Such an error, as the engine takes it.
    pub(crate) fn error(message: impl Into<String>) -> DataFusionError {
        DataFusionError::External(Box::new(Self(message.into())))
    }

    /// Such an error within one of the engine.
    #[must_use]
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        cause::find(error)
    }
}
