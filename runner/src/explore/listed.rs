//! What there is to read, as it is listed and described to a person.

use datafusion::arrow::datatypes::Field;
use transforms::functions::type_name;
use transforms::session;
use transforms::types::declared_type;

/// A table that statements can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableInfo {
    /// The schema that it is in; tables of [`transforms::session::SCHEMA`] are named without it.
    pub(crate) schema: String,
    /// Its name, as it is written in SQL but for quotes.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: TableKind,
}

impl TableInfo {
    /// Its name as statements write it, but for quotes.
    #[must_use]
    pub(crate) fn sql_name(&self) -> String {
        match self.schema == session::SCHEMA {
            true => self.name.clone(),
            false => format!("{}.{}", self.schema, self.name),
        }
    }
}

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableKind {
    /// A source, as it stands after all that is staged.
    Source,
    /// All changes of a source, as they are staged.
    Changes,
    /// The versions of each key of a source.
    History,
    /// A model that is written.
    Model,
    /// A model that only serves others.
    Helper,
    /// A table of the target.
    Target,
    /// What the target's ledger knows of the job.
    Ledger,
    /// Staged objects or files that a statement declared.
    Declared,
    /// Files that are named by their path.
    Files,
    /// A view that a statement made.
    View,
    /// A table in memory that a statement made.
    Memory,
}

impl TableKind {
    /// What people call it.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Changes => "changes",
            Self::History => "history",
            Self::Model => "model",
            Self::Helper => "helper",
            Self::Target => "target",
            Self::Ledger => "ledger",
            Self::Declared => "declared",
            Self::Files => "files",
            Self::View => "view",
            Self::Memory => "memory",
        }
    }
}

/// A table in detail.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    /// Which one.
    pub(crate) table: TableInfo,
    /// Its columns in order.
    pub(crate) columns: Vec<ColumnInfo>,
    /// Where its objects are, or which table of which target it is.
    pub(crate) location: Option<String>,
    /// How much is staged for a source, and how much of it is applied, as far as it is known without a look at rows.
    pub(crate) staged: Option<String>,
    /// How the delta of a model is found, and why so.
    pub(crate) way: Option<(String, String)>,
    /// The SELECT of a model or a view.
    pub(crate) definition: Option<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnInfo {
    /// Its name.
    pub(crate) name: String,
    /// Its type, as `typeof` tells it.
    pub(crate) data_type: String,
    /// The SQL type that it was declared with, or that the database has for it.
    pub(crate) declared: Option<String>,
    /// Whether it may hold NULL.
    pub(crate) nullable: bool,
    /// Whether it is one of the key's columns.
    pub(crate) key: bool,
}

impl ColumnInfo {
    /// A column as the engine knows it.
    pub(super) fn of(field: &Field, key: bool) -> Self {
        Self {
            name: field.name().clone(),
            data_type: type_name(field.data_type()),
            declared: declared_type(field).map(str::to_owned),
            nullable: field.is_nullable(),
            key,
        }
    }
}
