//! What is asked of `runner import`.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::job::JobName;
use crate::scaffold::names;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The text of the file.
    pub file: Vec<u8>,
    /// The job's name; without it that of the file's job.
    pub job: Option<JobName>,
    /// The folder of jobs.
    pub jobs: String,
    /// The keys of sources, which a job of Glue does not hold.
    pub keys: Vec<Key>,
    /// The target's URL.
    pub target: Option<String>,
}

/// The key of a source: `[SOURCE:]COLUMN[,COLUMN]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The source's name with or without `_staged`; without any it is of the only source.
    pub source: Option<String>,
    /// Names of columns.
    pub columns: Vec<String>,
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (source, columns) = match text.split_once(':') {
            Some((source, columns)) => (Some(source.to_lowercase()), columns),
            None => (None, text),
        };
        let columns: Vec<String> = columns.split(',').map(|name| name.trim().to_owned()).collect();
        if columns.iter().any(String::is_empty) {
            return Err(Error::usage("--key takes [SOURCE:]COLUMN[,COLUMN]"));
        }
        Ok(Self { source, columns })
    }
}

impl Key {
    /// Whether it is of a source.
    pub(super) fn is_of(&self, source: &str) -> bool {
        self.source.as_deref().is_none_or(|name| name == source || names::source(name) == source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_name_its_source() {
        let key: Key = "Orders:id, line".parse().unwrap();
        assert_eq!(key.columns, ["id", "line"]);
        assert!(key.is_of("orders_staged") && key.is_of("orders") && !key.is_of("lines_staged"));
        assert!("id".parse::<Key>().unwrap().is_of("anything"));
        for wrong in ["", "orders:", "a,,b"] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }
}
