//! The one encoder of values: arrow cells as parameters of prepared statements and as fields of `LOAD DATA`.
//!
//! Both go through [`Cell`], so a value is the same whichever way it takes. What the server would change without a word (a
//! padded BINARY, a rounded second, an ENUM matched without regard to case) is refused here.

mod cell;
mod direct;
mod members;
mod text;

use datafusion::arrow::array::{Array, RecordBatch};
use mysql_async::Value;

use crate::error::{Error, Result};
use crate::target::ColumnDef;
use crate::target::culprit::Culprit;
use crate::target::mysql::document;
use crate::target::mysql::types::{FRACTION_MAX, SqlType};
use crate::target::name::TableName;
use cell::Cell;
use direct::{Write, direct};
use members::members;
use text::{NULL, write_hex};

/// A column of a table that is written to.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    form: Form,
}

/// What the column's type does to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Takes the value as it is.
    Plain,
    /// Takes bytes, which go through `LOAD DATA` in hexadecimal, up to the given number or exactly that.
    Bytes { exactly: Option<usize> },
    /// Takes a number that `LOAD DATA` would read as characters.
    Bit,
    /// Drops trailing blanks.
    Char,
    /// Takes one of these texts, and others that look like one of them.
    Enum(Vec<String>),
    /// Keeps so many digits of a second and rounds.
    Fraction(u32),
    /// Makes a DOUBLE of most numbers in a document.
    Document,
}

impl Column {
    /// The column of an existing table that takes a field's values.
    pub(super) fn new(def: &ColumnDef) -> Self {
        let sql = SqlType::parse(&def.sql_type);
        let form = match sql.name.as_str() {
            "BINARY" => Form::Bytes {
                exactly: sql.length().and_then(|length| usize::try_from(length).ok()),
            },
            "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => {
                Form::Bytes { exactly: None }
            }
            "BIT" => Form::Bit,
            "CHAR" => Form::Char,
            "JSON" => Form::Document,
            "ENUM" => Form::Enum(members(&def.sql_type)),
            "DATETIME" | "TIMESTAMP" | "TIME" => Form::Fraction(sql.argument().unwrap_or(0)),
            _ => Form::Plain,
        };
        Self { name: def.name.clone(), form }
    }

    /// The expression by which `LOAD DATA` turns a field into the column's value; `None` if it takes it as it is.
    pub(super) fn load_expression(&self, variable: &str) -> Option<String> {
        match self.form {
            Form::Bytes { .. } => Some(format!("UNHEX({variable})")),
            Form::Bit => Some(format!("CAST({variable} AS UNSIGNED)")),
            Form::Plain | Form::Char | Form::Enum(_) | Form::Fraction(_) | Form::Document => None,
        }
    }

    /// The values of a column of rows as fields of `LOAD DATA`.
    pub(super) fn fields<'a>(&'a self, array: &'a dyn Array) -> Fields<'a> {
        let is_taken_as_it_is = matches!(self.form, Form::Plain | Form::Fraction(FRACTION_MAX));
        let write = if is_taken_as_it_is { direct(array) } else { None };
        Fields { column: self, array, write }
    }

    fn write_field(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let cell = self.cell(array, row)?;
        match (&self.form, cell) {
            (Form::Bytes { .. }, Cell::Bytes(bytes)) => write_hex(bytes, out),
            (_, cell) => cell.write(out),
        }
        Ok(())
    }

    /// The value as a parameter.
    pub(super) fn parameter(
        &self,
        batch: &RecordBatch,
        column: usize,
        row: usize,
    ) -> Result<Value> {
        Ok(self.cell(batch.column(column).as_ref(), row)?.into_value())
    }

    /// Names the row whose value was refused.
    pub(super) fn blame(
        &self,
        error: Error,
        table: &TableName,
        batch: &RecordBatch,
        row: usize,
    ) -> Error {
        let column = Some(self.name.clone());
        error.blaming(Culprit { column, ..Culprit::new(table, batch.slice(row, 1)) })
    }

    fn cell<'a>(&self, array: &'a dyn Array, row: usize) -> Result<Cell<'a>> {
        let cell = Cell::of(array, row).map_err(|reason| self.refused(reason))?;
        match self.objection(&cell) {
            None => Ok(cell),
            Some(reason) => Err(self.refused(reason)),
        }
    }

    fn objection(&self, cell: &Cell<'_>) -> Option<&'static str> {
        match (&self.form, cell) {
            (Form::Bytes { exactly: Some(length) }, Cell::Bytes(bytes))
                if bytes.len() != *length =>
            {
                Some(
                    "holds a value of another length than its BINARY column, which would be padded or cut",
                )
            }
            (Form::Char, Cell::Text(text)) if text.ends_with(' ') => {
                Some("holds a value with trailing blanks, which a CHAR column drops")
            }
            (Form::Enum(members), Cell::Text(text))
                if !members.iter().any(|member| member == text) =>
            {
                Some("holds a value that is not in its ENUM column's list")
            }
            (Form::Document, Cell::Text(text)) if !document::keeps_numbers(text) => {
                Some("holds a document with a number of more digits than MySQL's JSON keeps")
            }
            (Form::Fraction(digits), Cell::Moment { micros, .. } | Cell::Time(micros)) => {
                let unit = 10_i64.pow(FRACTION_MAX.saturating_sub(*digits));
                (micros % unit != 0)
                    .then_some("holds a value with more digits of a second than its column")
            }
            _ => None,
        }
    }

    fn refused(&self, reason: &str) -> Error {
        Error::refused(format!("column `{}` {reason}", self.name))
            .hint("change the model or the table's column")
    }
}

/// The values of a column of rows as fields of `LOAD DATA`: what depends on the column alone is decided once, and most values
/// take a way without [`Cell`], on which nothing is allocated.
pub(super) struct Fields<'a> {
    column: &'a Column,
    array: &'a dyn Array,
    write: Option<Write<'a>>,
}

impl Fields<'_> {
    /// Appends a row's field.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        match &self.write {
            None => self.column.write_field(self.array, row, out),
            Some(_) if self.array.is_null(row) => {
                out.extend_from_slice(NULL);
                Ok(())
            }
            Some(write) => write(row, out).map_err(|reason| self.column.refused(reason)),
        }
    }
}

/// The value of a literal in a filter.
///
/// # Errors
/// For a value that MySQL has no place for.
pub(super) fn parameter(array: &dyn Array) -> std::result::Result<Value, &'static str> {
    Ok(Cell::of(array, 0)?.into_value())
}

#[cfg(test)]
mod tests;
