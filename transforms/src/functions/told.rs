//! Errors of functions that may be shown: they hold no value of a row.

use datafusion::error::DataFusionError;

use crate::cause;
use crate::place::Place;

/// Why a function failed on a row, without the row's values. What the engine's own errors say is not shown, since they quote values.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Told {
    message: String,
    place: Option<Place>,
}

impl Told {
    /// Such an error, as the engine takes it.
    pub(crate) fn error(message: impl Into<String>) -> DataFusionError {
        Self { message: message.into(), place: None }.into()
    }

    /// The same of a call that stands at a place of a file, as `m.sql:1:8`.
    pub(crate) fn error_at(place: &str, message: impl Into<String>) -> DataFusionError {
        let mut parts = place.rsplitn(3, ':');
        let (column, line, file) = (parts.next(), parts.next(), parts.next());
        let number = |text: Option<&str>| text?.parse::<u64>().ok();
        let place =
            file.map(|file| Place { file: file.to_owned(), at: number(line).zip(number(column)) });
        Self { message: message.into(), place }.into()
    }

    /// Such an error within one of the engine.
    #[must_use]
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        cause::find(error)
    }

    /// Where the call stands, if that is known.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }
}

impl From<Told> for DataFusionError {
    fn from(told: Told) -> Self {
        Self::External(Box::new(told))
    }
}
