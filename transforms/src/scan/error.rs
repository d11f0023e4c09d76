//! What can be wrong with an object; every message names it.

use datafusion::error::DataFusionError;

use crate::dms::csv::RowErrors;

/// An object that cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Rows that are not what the source declares. Nothing of the object is used.
    #[error("{}", rejected(object, errors))]
    Rejected {
        /// The object.
        object: String,
        /// Its bad rows, as far as they were collected.
        errors: RowErrors,
    },
    /// The compressed form is broken.
    #[error("{object}: {reason}")]
    Broken {
        /// The object.
        object: String,
        /// What is wrong.
        reason: String,
    },
    /// The object is not the one that was listed.
    #[error("{object}: changed while it was read")]
    Changed {
        /// The object.
        object: String,
    },
    /// The store did not give it.
    #[error("{object}: cannot be read")]
    Store {
        /// The object.
        object: String,
        /// Why.
        #[source]
        source: object_store::Error,
    },
}

impl ScanError {
    /// Finds a scan's error in an engine's error.
    #[must_use]
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        let mut current: &(dyn std::error::Error + 'static) = error;
        loop {
            if let Some(found) = current.downcast_ref::<Self>() {
                return Some(found);
            }
            // Several consumers of one plan share its error.
            if let Some(DataFusionError::Shared(shared)) = current.downcast_ref::<DataFusionError>()
            {
                return Self::find(shared);
            }
            current = current.source()?;
        }
    }
}

impl From<ScanError> for DataFusionError {
    fn from(error: ScanError) -> Self {
        Self::External(Box::new(error))
    }
}

fn rejected(object: &str, errors: &RowErrors) -> String {
    let mut lines: Vec<String> = errors
        .errors
        .iter()
        .map(|error| match &error.column {
            Some(column) => format!("{object}:{}: column `{column}`: {}", error.line, error.reason),
            None => format!("{object}:{}: {}", error.line, error.reason),
        })
        .collect();
    if errors.more {
        lines.push(format!("{object}: more rows are wrong"));
    }
    lines.join("\n")
}
