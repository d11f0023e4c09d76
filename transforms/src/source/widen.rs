//! Columns that a source has beyond its declaration, since its objects have them.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema};

use super::Source;
use crate::dms::csv::same_name;
use crate::dms::drift::{DriftPolicy, Extent, added_name};
use crate::types::SQL_TYPE;

/// So many columns are added to a source at most: more are not DDL but something else than a table in its objects.
pub const COLUMNS_ADDED_MAX: usize = 100;

/// The longest name of a column that is added, in characters: MySQL's longest.
const NAME_LENGTH_MAX: usize = 64;

/// What the names of columns that scans add begin with.
const OURS: &str = "__unglue_";

/// Why columns cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WidenError {
    #[error("{0} columns more than declared, at most {COLUMNS_ADDED_MAX} are added")]
    TooMany(usize),
    #[error("column {position} would be named `{name}`, and that is declared already")]
    Taken { name: String, position: usize },
    #[error("a column of its header has a name that cannot be taken over")]
    Name,
}

impl Source {
    /// The source with all columns of the extent: those that are not declared are TEXT and nullable, behind the
    /// declared ones. Without a header they are named by their position, `column_4`.
    ///
    /// # Errors
    /// Too many columns, or names that cannot be.
    pub fn widened(&self, extent: &Extent) -> Result<Self, WidenError> {
        let declared = &self.schema.fields()[..self.declared];
        let is_declared = |name: &str| declared.iter().any(|field| same_name(field.name(), name));
        let names: Vec<String> = match extent {
            Extent::Width(width) => {
                let more = width.saturating_sub(self.declared);
                if more > COLUMNS_ADDED_MAX {
                    return Err(WidenError::TooMany(more));
                }
                let named = (self.declared + 1..=*width).map(|position| {
                    let name = added_name(position);
                    if is_declared(&name) {
                        return Err(WidenError::Taken { name, position });
                    }
                    Ok(name)
                });
                named.collect::<Result<_, _>>()?
            }
            Extent::Names(names) => {
                names.iter().filter(|name| !is_declared(name)).cloned().collect()
            }
        };
        if names.len() > COLUMNS_ADDED_MAX {
            return Err(WidenError::TooMany(names.len()));
        }
        if !names.iter().all(|name| is_name(name)) {
            return Err(WidenError::Name);
        }
        let added = names.into_iter().map(|name| Arc::new(added(name)));
        let fields: Vec<Arc<Field>> = declared.iter().cloned().chain(added).collect();
        Ok(Self { schema: Arc::new(Schema::new(fields)), ..self.clone() })
    }

    /// The same source under a policy.
    #[must_use]
    pub fn with_drift(self, drift: DriftPolicy) -> Self {
        Self { drift, ..self }
    }

    /// Whether a column that is added to the table would be read as one of those that say something about their row: rules put these
    /// behind the table's own, and without names nothing tells the one from the other.
    #[must_use]
    pub fn may_be_shifted(&self) -> bool {
        let has_such = !self.before_key.is_empty() || self.change_sequence.is_some();
        has_such && self.drift == DriftPolicy::Widen && !self.settings.names_columns()
    }

    /// Names of the columns beyond the declaration.
    pub fn added(&self) -> impl Iterator<Item = &str> {
        self.schema.fields().iter().skip(self.declared).map(|field| field.name().as_str())
    }
}

fn added(name: String) -> Field {
    let declared = HashMap::from([(SQL_TYPE.to_owned(), "TEXT".to_owned())]);
    Field::new(name, DataType::Utf8, true).with_metadata(declared)
}

fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    (1..=NAME_LENGTH_MAX).contains(&length)
        && name.trim() == name
        && !name.starts_with(OURS)
        && !name.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Staging;

    async fn source(columns: &str) -> Source {
        let ddl = format!("CREATE EXTERNAL TABLE t ({columns}) STORED AS DMS LOCATION 't'");
        Staging::new().sources(&ddl).await[0].as_ref().clone()
    }

    fn names(names: &[&str]) -> Extent {
        Extent::Names(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[tokio::test]
    async fn columns_beyond_the_declaration_are_nullable_text_named_by_their_position() {
        let source = source("id INT PRIMARY KEY, n INT").await;
        let wide = source.widened(&Extent::Width(4)).unwrap();
        assert_eq!(wide.added().collect::<Vec<_>>(), ["column_3", "column_4"]);
        let field = wide.schema.field(3);
        assert_eq!((field.data_type(), field.is_nullable()), (&DataType::Utf8, true));
        assert_eq!(wide.widened(&Extent::Width(5)).unwrap().added().count(), 3);
        assert_eq!(wide.widened(&Extent::Width(1)).unwrap().added().count(), 0);
        assert_eq!(wide.definition, source.definition);
    }

    #[tokio::test]
    async fn a_name_of_a_header_that_is_declared_is_not_added() {
        let source = source("id INT PRIMARY KEY, `Note` INT").await;
        let wide = source.widened(&names(&["note", "more"])).unwrap();
        assert_eq!(wide.added().collect::<Vec<_>>(), ["more"]);
    }

    #[tokio::test]
    async fn names_that_cannot_be_and_too_many_columns_are_refused() {
        let plain = source("id INT PRIMARY KEY").await;
        let long = "x".repeat(65);
        for name in ["", " a", "a\nb", "__unglue_deleted", "\u{fffd}", &long] {
            assert_eq!(plain.widened(&names(&[name])).unwrap_err(), WidenError::Name, "{name:?}");
        }
        assert_eq!(plain.widened(&Extent::Width(101)).unwrap().added().count(), 100);
        assert_eq!(
            plain.widened(&Extent::Width(usize::MAX)).unwrap_err(),
            WidenError::TooMany(usize::MAX - 1)
        );
        let taken = source("id INT PRIMARY KEY, `Column_3` INT").await;
        let error = taken.widened(&Extent::Width(3)).unwrap_err();
        assert_eq!(error, WidenError::Taken { name: "column_3".to_owned(), position: 3 });
    }
}
