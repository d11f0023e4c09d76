//! Where in a job's files something is wrong.

use std::fmt;

/// A place in a file of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name relative to the job's folder.
    pub file: String,
    /// Line and column, counted from 1, where they are known.
    pub at: Option<(u64, u64)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Something in a job's definition that cannot be; found before anything is read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct DefinitionError {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl DefinitionError {
    /// An error that concerns a whole file.
    pub fn in_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            place: Place { file: file.to_owned(), at: None },
            message: message.into(),
            help: None,
        }
    }

    /// Adds a line and column.
    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.place.at = Some((line, column));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
