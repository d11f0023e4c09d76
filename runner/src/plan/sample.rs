//! Rows as a plan shows them: columns and values, as text.

use std::collections::BTreeMap;
use std::fmt;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::error::Result;
use crate::target::condition::is_flag;

/// What is shown of a column that the model lacks, where it has another value than its default.
const SET: &str = "set";
/// The same, where it has its default.
const DEFAULT: &str = "default";

/// Of a longer value only so many characters are shown to people.
const CHARACTERS_MAX: usize = 60;

/// A value as text.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "Option<String>")]
pub(crate) struct Cell {
    /// `None` is NULL.
    text: Option<String>,
    /// Whether it was a text.
    is_text: bool,
}

/// Columns and values of one row, in the columns' order.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "BTreeMap<String, Option<String>>")]
pub(crate) struct Fields(pub(crate) Vec<(String, Cell)>);

/// What changes in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Update {
    /// Its key.
    pub(crate) key: Fields,
    /// The columns that change.
    pub(crate) changed: ChangedFields,
}

/// The columns of a row that change, in their order.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "BTreeMap<String, Changed>")]
pub(crate) struct ChangedFields(Vec<(String, Changed)>);

/// A value that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// What is there.
    pub(crate) old: Cell,
    /// What will be there.
    pub(crate) new: Cell,
}

impl From<Vec<(String, Changed)>> for ChangedFields {
    fn from(changed: Vec<(String, Changed)>) -> Self {
        Self(changed)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, cell)| (name, cell)))
    }
}

impl Serialize for ChangedFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, changed)| (name, changed)))
    }
}

/// Texts are quoted and escaped, so that a terminal has nothing to obey; long values are cut.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = &self.text else { return f.write_str("NULL") };
        let end = text.char_indices().nth(CHARACTERS_MAX).map(|(end, _)| end);
        let shown = end.and_then(|end| text.get(..end)).unwrap_or(text);
        let more = if end.is_some() { "…" } else { "" };
        match self.is_text {
            true => write!(f, "{shown:?}{more}"),
            false => write!(f, "{}{more}", shown.escape_debug()),
        }
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, cell)) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { ", " };
            write!(f, "{between}{name} {cell}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        for (index, (name, Changed { old, new })) in self.changed.0.iter().enumerate() {
            let between = if index == 0 { "  " } else { ", " };
            write!(f, "{between}{name}: {old} -> {new}")?;
        }
        Ok(())
    }
}

/// Columns that can be printed value by value.
pub(super) struct Printed<'a> {
    schema: &'a SchemaRef,
    arrays: &'a [ArrayRef],
    formatters: Vec<ArrayFormatter<'a>>,
}

impl<'a> Printed<'a> {
    pub(super) fn of(schema: &'a SchemaRef, arrays: &'a [ArrayRef]) -> Result<Self> {
        let formatter = |array: &'a ArrayRef| ArrayFormatter::try_new(array, &OPTIONS);
        let formatters = arrays.iter().map(formatter).collect::<std::result::Result<_, _>>()?;
        Ok(Self { schema, arrays, formatters })
    }

    /// A column's name and its value in a row.
    pub(super) fn cell(&self, index: usize, row: usize) -> Result<(String, Cell)> {
        let field = self.schema.field(index);
        let is_null = self.arrays.get(index).is_none_or(|array| array.is_null(row));
        let text = self.formatters.get(index).filter(|_| !is_null);
        let text = text.map(|formatter| formatter.value(row).try_to_string()).transpose()?;
        // Of a column that the model lacks it is only known whether it is set.
        let text = match is_flag(field) {
            true => text.map(|flag| if flag == "true" { SET } else { DEFAULT }.to_owned()),
            false => text,
        };
        let is_text = *field.data_type() == DataType::Utf8;
        Ok((field.name().clone(), Cell { text, is_text }))
    }

    /// A row.
    pub(super) fn fields(&self, row: usize) -> Result<Fields> {
        let cells = (0..self.arrays.len()).map(|index| self.cell(index, row));
        Ok(Fields(cells.collect::<Result<_>>()?))
    }
}

const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_display_error(false);
