//! Which field of an object's rows is what.

use datafusion::arrow::datatypes::DataType;

use super::value::{ColumnSpec, is_supported};
use crate::dms::settings::CsvFormat;

/// The fields expected in an object: `[Op] [timestamp column] columns…`, in this order unless a
/// header tells another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub columns: Vec<ColumnSpec>,
    /// Indexes of the key's columns. They are NOT NULL whatever their specs say.
    pub key: Vec<usize>,
    /// Rows begin with an operation: all changes, and full loads with `IncludeOpForFullLoad`.
    pub has_op: bool,
    /// `TimestampColumnName`. If a column of this name is declared the field is read into it, else
    /// passed over.
    pub timestamp_column: Option<String>,
    pub csv: CsvFormat,
}

/// A layout that cannot be read by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("column `{column}` has the type {data_type}, which cannot be read from DMS objects")]
    Type { column: String, data_type: DataType },
    #[error("column {index} is asked for, but there are {count}")]
    NoSuchColumn { index: usize, count: usize },
}

/// What a field of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Op,
    PassedOver,
    Column(usize),
}

impl Layout {
    /// The number of fields in a row.
    pub fn width(&self) -> usize {
        self.roles().len()
    }

    pub(super) fn check(&self, projection: &[usize]) -> Result<(), LayoutError> {
        if let Some(spec) = self.columns.iter().find(|spec| !is_supported(&spec.data_type)) {
            let (column, data_type) = (spec.name.clone(), spec.data_type.clone());
            return Err(LayoutError::Type { column, data_type });
        }
        let count = self.columns.len();
        match self.key.iter().chain(projection).find(|index| **index >= count) {
            Some(index) => Err(LayoutError::NoSuchColumn { index: *index, count }),
            None => Ok(()),
        }
    }

    /// The roles of the fields of an object without a header.
    pub(super) fn roles(&self) -> Vec<Role> {
        let stamp = self.timestamp_column.as_deref();
        let stamped = stamp.and_then(|name| self.find(name));
        let op = self.has_op.then_some(Role::Op);
        let stamp = stamp.map(|_| stamped.map_or(Role::PassedOver, Role::Column));
        let columns = (0..self.columns.len()).filter(|index| Some(*index) != stamped);
        op.into_iter().chain(stamp).chain(columns.map(Role::Column)).collect()
    }

    /// The roles of the fields under a header; names match without regard to case, in any order,
    /// but the operation comes first. On error a reason for each thing wrong.
    pub(super) fn roles_of_header(&self, header: &[String]) -> Result<Vec<Role>, Vec<String>> {
        let known: Vec<Option<Role>> =
            header.iter().enumerate().map(|(index, name)| self.role_of(index, name)).collect();
        // Its texts are those of a row, then, and must not be told.
        if !known.iter().flatten().any(|role| matches!(role, Role::Column(_))) {
            return Err(vec!["first row names none of the declared columns".to_owned()]);
        }
        let mut wrong = Vec::new();
        for (index, (name, role)) in header.iter().zip(&known).enumerate() {
            if role.is_none() {
                wrong.push(format!("header has column `{name}` which is not declared"));
            } else if header.iter().take(index).any(|earlier| same(earlier, name)) {
                wrong.push(format!("header has column `{name}` twice"));
            }
        }
        for name in self.names() {
            if !header.iter().any(|found| same(found, name)) {
                wrong.push(format!("header does not have column `{name}`"));
            }
        }
        if self.has_op && known.first().is_some_and(|role| *role != Some(Role::Op)) {
            wrong.push("header does not begin with `Op`".to_owned());
        }
        if wrong.is_empty() { Ok(known.into_iter().flatten().collect()) } else { Err(wrong) }
    }

    fn role_of(&self, index: usize, name: &str) -> Option<Role> {
        if index == 0 && self.has_op && same(name, "Op") {
            return Some(Role::Op);
        }
        let stamp = self.timestamp_column.as_deref().filter(|stamp| same(stamp, name));
        self.find(name).map(Role::Column).or(stamp.map(|_| Role::PassedOver))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let stamp = self.timestamp_column.as_deref().filter(|stamp| self.find(stamp).is_none());
        stamp.into_iter().chain(self.columns.iter().map(|spec| spec.name.as_str()))
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|spec| same(&spec.name, name))
    }
}

/// Column names of MySQL, and of our SQL, do not distinguish case.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}
