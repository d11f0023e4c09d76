//! What a node hands to those that read it: a table's name and what is known of its columns. Pure.

use datafusion::arrow::datatypes::DataType;

use super::fields::Path;
use crate::scaffold::names::quoted;

/// The rows of a node as SQL finds them.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// The name of its source or model.
    pub(super) relation: String,
    /// Its columns in their order, if they are known.
    pub(super) columns: Option<Vec<Column>>,
    /// The names that DMS's operation (I, U, D) has in the job at this place. No column here has them: a run applies operations.
    pub(super) operation: Vec<String>,
    /// Whether it can be planned.
    pub(super) is_planned: bool,
}

/// A column of a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// What it is computed as, if that is known.
    pub(super) data_type: Option<DataType>,
    /// What it is declared as, if it is a source's.
    pub(super) declared: Option<String>,
}

impl Column {
    /// A column of which the name is known.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), data_type: None, declared: None }
    }
}

impl Frame {
    /// The relation's name in SQL.
    pub(super) fn from(&self) -> String {
        quoted(&self.relation)
    }

    /// The column of a name, regardless of case.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        let same = |column: &&Column| is_same(&column.name, name);
        self.columns.as_ref()?.iter().find(same)
    }

    /// Whether a column is known not to be there.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.columns.is_some() && self.column(name).is_none()
    }

    /// A column's name as it is here; where columns are not known it is in lower case, as sources and unquoted names are.
    pub(super) fn name(&self, name: &str) -> String {
        self.column(name).map_or_else(|| name.to_lowercase(), |column| column.name.clone())
    }

    /// A column, or a field within one, in SQL.
    pub(super) fn sql(&self, path: &Path) -> String {
        let mut parts = path.iter();
        let first = parts.next().map(|name| quoted(&self.name(name)));
        let within = parts.map(|name| quoted(name));
        first.into_iter().chain(within).collect::<Vec<_>>().join(".")
    }

    /// The names of the columns in SQL, without some.
    pub(super) fn columns_without(&self, without: &[String]) -> Option<Vec<String>> {
        let is_kept = |column: &&Column| !without.iter().any(|name| is_same(name, &column.name));
        let columns = self.columns.as_ref()?.iter();
        Some(columns.filter(is_kept).map(|column| quoted(&column.name)).collect())
    }

    /// Whether a path is that of DMS's operation.
    pub(super) fn is_operation(&self, path: &Path) -> bool {
        path.len() == 1
            && path.iter().all(|name| self.operation.iter().any(|known| is_same(known, name)))
    }
}

/// Names are compared as everywhere here: regardless of case.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
