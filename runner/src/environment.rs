//! The variables of the process, read once by the command line and handed to what needs them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Names and values. `Debug` shows neither: values may be secrets.
#[derive(Clone, Default)]
pub struct Environment(Arc<BTreeMap<String, String>>);

impl Environment {
    /// That of the process; a variable that is not UTF-8 is as good as none.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        variables.collect()
    }

    /// A variable's value.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The first of some variables that has a value and is not empty: scripts set to nothing what they do not know.
    #[must_use]
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.variable(name).filter(|value| !value.is_empty()))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self(Arc::new(variables.into_iter().collect()))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}
