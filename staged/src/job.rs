//! A job's name, which the runner and whoever starts it check alike.

use std::fmt;
use std::str::FromStr;

/// The longest name.
pub const NAME_LENGTH_MAX: usize = 64;

/// The name of a job, which is the name of its folder.
///
/// * 1 to 64 letters, digits, `_`, `-` and `.`, so that it is the same in a path, a URL, a lock and the ledger;
/// * it does not begin with `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobName(String);

/// Why a text is not a job's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a job's name has 1 to {NAME_LENGTH_MAX} letters, digits, `_`, `-` or `.`")]
pub struct JobNameError;

impl JobName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobName {
    type Err = JobNameError;

    fn from_str(text: &str) -> Result<Self, JobNameError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let fits = (1..=NAME_LENGTH_MAX).contains(&text.len()) && !text.starts_with('.');
        if fits && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(JobNameError)
        }
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_a_name() {
        for text in ["", ".", "..", "a/b", "../a", "a b", &"x".repeat(65)] {
            assert!(text.parse::<JobName>().is_err(), "{text:?}");
        }
        assert_eq!("load_sales-2.x".parse::<JobName>().unwrap().as_str(), "load_sales-2.x");
    }
}
