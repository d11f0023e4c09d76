//! Names of target tables.

use std::fmt;
use std::str::FromStr;

/// A table's name: `table` or `schema.table`.
///
/// * neither part is empty or holds a control character;
/// * it is not quoted: quoting is the business of each target's one quoting function.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    schema: Option<String>,
    name: String,
}

/// Why a text is not a table's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a table name: `table` or `schema.table` expected")]
pub struct TableNameError(String);

impl TableName {
    /// The schema (MySQL: database), if it is named.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The table's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A table of another name in the same schema.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }
}

impl FromStr for TableName {
    type Err = TableNameError;

    fn from_str(text: &str) -> Result<Self, TableNameError> {
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let bad = |part: &str| {
            part.trim().is_empty() || part.contains('.') || part.contains(char::is_control)
        };
        if bad(name) || schema.is_some_and(bad) {
            return Err(TableNameError(text.escape_default().to_string()));
        }
        Ok(Self { schema: schema.map(str::to_owned), name: name.to_owned() })
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_prints_as_it_was_parsed() {
        for text in ["sales", "shop.sales", "shop.sal es`; drop"] {
            assert_eq!(text.parse::<TableName>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn empty_parts_and_control_characters_are_refused() {
        for text in ["", ".", "a.", ".a", "a.b.c", "a\n", " "] {
            assert!(text.parse::<TableName>().is_err(), "{text:?}");
        }
    }
}
