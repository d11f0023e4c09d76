//! What is made of a text that mostly is the same in all rows.

use std::collections::HashMap;

use datafusion::error::Result;

/// How many texts are remembered at most.
const MOST: usize = 256;

/// Things made of texts, each once.
pub(super) struct Cache<T> {
    make: fn(&str) -> Result<T>,
    last: Option<(String, T)>,
    others: HashMap<String, T>,
}

impl<T> Cache<T> {
    /// A cache that is empty.
    pub(super) fn new(make: fn(&str) -> Result<T>) -> Self {
        Self { make, last: None, others: HashMap::new() }
    }

    /// What is made of a text.
    ///
    /// # Errors
    /// Those of making it.
    pub(super) fn get(&mut self, text: &str) -> Result<&T> {
        if self.last.as_ref().is_none_or(|(last, _)| last != text) {
            let known = self.others.remove(text);
            let made = known.map_or_else(|| (self.make)(text), Ok)?;
            if let Some((text, before)) = self.last.replace((text.to_owned(), made))
                && self.others.len() < MOST
            {
                self.others.insert(text, before);
            }
        }
        match &self.last {
            Some((_, made)) => Ok(made),
            None => datafusion::common::internal_err!("nothing was made"),
        }
    }
}
