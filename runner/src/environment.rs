//! The variables of the process, read once by the command line and handed to what needs them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Names and values. `Debug` shows neither: values may be secrets.
#[derive(Clone, std::default::Default)]
pub struct Environment {
    variables: Arc<BTreeMap<String, String>>,
    defaults: Arc<BTreeMap<String, Default>>,
}

/// The value of a variable where it is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Default {
    /// The value.
    pub value: String,
    /// What a person knows it by.
    pub named: String,
}

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
        let default = || self.defaults.get(name).map(|default| default.value.as_str());
        self.variables.get(name).map(String::as_str).or_else(default)
    }

    /// The same, with these values where a variable is not set.
    #[must_use]
    pub fn with_defaults(self, defaults: BTreeMap<String, Default>) -> Self {
        Self { defaults: Arc::new(defaults), ..self }
    }

    /// What a person knows a variable's value by: where it was said.
    #[must_use]
    pub fn name_of(&self, name: &str) -> String {
        match self.defaults.get(name).filter(|_| !self.variables.contains_key(name)) {
            Some(default) => default.named.clone(),
            None => format!("the variable {name}"),
        }
    }

    /// The first of some variables that has a value and is not empty: scripts set to nothing what they do not know.
    #[must_use]
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.variable(name).filter(|value| !value.is_empty()))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self { variables: Arc::new(variables.into_iter().collect()), defaults: Arc::default() }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}
