//! What is made of a text that mostly is the same in all rows.

use std::collections::HashMap;

/// How many texts are remembered at most.
const MOST: usize = 256;

/// Things made of texts, each once.
pub(super) struct Cache<T, E> {
    make: fn(&str) -> Result<T, E>,
    last: Option<(String, T)>,
    others: HashMap<String, T>,
}

impl<T, E> Cache<T, E> {
    /// A cache that is empty.
    pub(super) fn new(make: fn(&str) -> Result<T, E>) -> Self {
        Self { make, last: None, others: HashMap::new() }
    }

    /// What is made of a text.
    ///
    /// # Errors
    /// Those of making it.
    pub(super) fn get(&mut self, text: &str) -> Result<&T, E> {
        let last = match self.last.take() {
            Some((last, made)) if last == text => (last, made),
            before => {
                if let Some((text, made)) = before
                    && self.others.len() < MOST
                {
                    self.others.insert(text, made);
                }
                let made = self.others.remove(text).map_or_else(|| (self.make)(text), Ok)?;
                (text.to_owned(), made)
            }
        };
        Ok(&self.last.insert(last).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_gets_what_is_made_of_it_and_errors_are_no_end() {
        let mut lengths = Cache::new(|text| match text {
            "" => Err("empty"),
            text => Ok(text.len()),
        });
        for (text, length) in
            [("a", Ok(1)), ("bb", Ok(2)), ("a", Ok(1)), ("", Err("empty")), ("bb", Ok(2))]
        {
            assert_eq!(lengths.get(text).copied(), length, "{text}");
        }
        for count in 0..2 * MOST {
            assert_eq!(lengths.get(&"x".repeat(count + 1)).copied(), Ok(count + 1));
        }
        assert!(lengths.others.len() <= MOST);
    }
}
