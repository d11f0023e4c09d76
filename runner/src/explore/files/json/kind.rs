//! What the values of a column are read as.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};

use super::super::convert::Exact;
use crate::error::{Error, Result};
use transforms::functions::type_name;

/// How a value of JSON becomes one of a column.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Kind {
    /// A text, and anything else as it is written: STRING as it is declared, and as it is found where nothing else holds all values.
    Any,
    /// A text: STRING as it is found where all values are texts.
    Text,
    /// A value of a type that was found, kept as it is written.
    Found(DataType),
    /// A value of a type that was declared.
    Declared(DataType),
    List {
        item: FieldRef,
        of: Box<Kind>,
    },
    Structure {
        fields: Vec<(FieldRef, Kind)>,
        is_found: bool,
    },
}

impl Kind {
    /// A list that was found.
    pub(super) fn list(of: Self) -> Self {
        Self::List { item: Arc::new(Field::new_list_field(of.data_type(), true)), of: Box::new(of) }
    }

    /// A structure that was found.
    pub(super) fn structure(fields: Vec<(String, Self)>) -> Self {
        let field =
            |(name, of): (String, Self)| (Arc::new(Field::new(name, of.data_type(), true)), of);
        Self::Structure { fields: fields.into_iter().map(field).collect(), is_found: true }
    }

    /// The type of its values.
    pub(in super::super) fn data_type(&self) -> DataType {
        match self {
            Self::Any | Self::Text => DataType::Utf8,
            Self::Found(data_type) | Self::Declared(data_type) => data_type.clone(),
            Self::List { item, .. } => DataType::List(FieldRef::clone(item)),
            Self::Structure { fields, .. } => {
                DataType::Struct(fields.iter().map(|(field, _)| FieldRef::clone(field)).collect())
            }
        }
    }

    /// A declared type; `None` if there is no way to write its values in JSON.
    fn of_declared(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Utf8 => Self::Any,
            DataType::List(item) => {
                let of = Box::new(Self::of_declared(item.data_type())?);
                Self::List { item: FieldRef::clone(item), of }
            }
            DataType::Struct(fields) if !fields.is_empty() => {
                let field = |field: &FieldRef| {
                    Some((FieldRef::clone(field), Self::of_declared(field.data_type())?))
                };
                let fields = fields.iter().map(field).collect::<Option<_>>()?;
                Self::Structure { fields, is_found: false }
            }
            other => {
                Exact::new(other)?;
                Self::Declared(other.clone())
            }
        })
    }
}

/// How the columns of a declaration are read.
///
/// # Errors
/// A type whose values cannot be written in JSON.
pub(in super::super) fn declared(columns: &Schema) -> Result<Vec<Kind>> {
    let kind = |field: &FieldRef| {
        Kind::of_declared(field.data_type()).ok_or_else(|| {
            let (name, wanted) = (field.name(), type_name(field.data_type()).to_uppercase());
            Error::usage(format!("column `{name}` of a JSON file cannot be {wanted}"))
                .hint(format!("declare `{name}` as STRING, and take it apart in the SELECT"))
        })
    };
    columns.fields().iter().map(kind).collect()
}
