//! What is wrong in a file, with its name, the row and the column; values are in none of the messages.

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use object_store::path::Path;
use transforms::functions::type_name;

use super::format::Format;
use super::read::Names;
use crate::error::Error;
use crate::scaffold::names::typed;
use crate::units::counted;

/// What messages about files say of them.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) format: Format,
    /// What the path was written as.
    pub(super) location: String,
    /// The files' names.
    pub(super) names: Names,
    /// Their columns.
    pub(super) schema: Schema,
    /// Whether the first line of each has the columns' names.
    pub(super) header: bool,
    /// Whether types were found from some of the values.
    pub(super) are_found: bool,
}

impl Told {
    /// An error of the engine's reader.
    pub(super) fn explain(&self, path: &Path, error: DataFusionError) -> DataFusionError {
        let root = match error.find_root() {
            DataFusionError::ArrowError(root, _) => root.as_ref(),
            _ => return error,
        };
        let file = self.name(path);
        let told = match root {
            ArrowError::CsvError(text) => csv_fault(text, self.header)
                .map(|fault| Error::refused(format!("{file}: {fault}")).hint(OTHERWISE)),
            ArrowError::JsonError(text) => {
                let field = field_of(text).and_then(|name| self.schema.field_with_name(name).ok());
                return match field {
                    Some(field) => self.unfit(path, field, None),
                    None => external(
                        Error::refused(format!("{file}: not each of its lines is one JSON object"))
                            .hint(OF_JSON),
                    ),
                };
            }
            _ => None,
        };
        told.map_or(error, external)
    }

    /// A value that its column cannot have, in a row which is counted from 1 without the header.
    pub(super) fn unfit(&self, path: &Path, field: &Field, row: Option<usize>) -> DataFusionError {
        let (file, column) = (self.name(path), field.name().to_lowercase());
        let wanted = type_name(field.data_type()).to_uppercase();
        let row = row.map(|row| format!(", row {row}")).unwrap_or_default();
        let error =
            Error::refused(format!("{file}{row}: the value of column `{column}` is no {wanted}"));
        if self.format == Format::Json && (is_text_or_nested(field) || !self.are_found) {
            return external(
                Error::refused(format!(
                    "{file}: column `{column}` is {wanted}, and a value of it is something else"
                ))
                .hint("write its values in one way: `1` is a number, `\"1\"` a text"),
            );
        }
        external(match self.are_found {
            true => error.hint(format!(
                "types were found from the first rows; declare the column as a text: {}",
                self.declaration(field.name())
            )),
            false => error.hint(format!("declare `{column}` as STRING, or correct the file")),
        })
    }

    /// The declaration of the files with one of the columns as a text.
    fn declaration(&self, text: &str) -> String {
        /// Of more columns only the one is written that matters.
        const COLUMNS_MAX: usize = 12;
        let column = |field: &Field| {
            let name = typed(&field.name().to_lowercase());
            match field.name() == text {
                true => format!("{name} STRING"),
                false => format!("{name} {}", type_name(field.data_type()).to_uppercase()),
            }
        };
        let fields = self.schema.fields();
        let columns = match fields.len() <= COLUMNS_MAX {
            true => fields.iter().map(|field| column(field)).collect::<Vec<_>>().join(", "),
            false => format!("…, {} STRING, …", typed(&text.to_lowercase())),
        };
        let (format, location) = (self.format.word().to_uppercase(), &self.location);
        format!("CREATE EXTERNAL TABLE t ({columns}) STORED AS {format} LOCATION '{location}'")
    }

    fn name(&self, path: &Path) -> String {
        self.names.get(path).cloned().unwrap_or_else(|| path.to_string())
    }
}

/// Whether a declaration as a text would not help: a text of JSON stands in quotes.
fn is_text_or_nested(field: &Field) -> bool {
    *field.data_type() == DataType::Utf8 || field.data_type().is_nested()
}

const OTHERWISE: &str = "correct the file; if it is written in another way, declare it: CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '…' OPTIONS ('delimiter' …, 'quote' …, 'header' …)";
const OF_JSON: &str = "one array of objects is read with OPTIONS ('multiLine' 'true')";

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// What the engine's reader says of a CSV file, which is numbers only; `None` if it is something else.
pub(super) fn csv_fault(text: &str, header: bool) -> Option<String> {
    let number = |text: &str| text.split([' ', ',']).next()?.parse::<usize>().ok();
    if text.contains("UTF-8") || text.contains("utf-8") {
        return Some("it is not written in UTF-8".to_owned());
    }
    let (_, rest) = text.split_once("incorrect number of fields for line ")?;
    let (_, wanted) = rest.split_once("expected ")?;
    let (_, got) = rest.split_once("got ")?;
    let (more, got) = match got.strip_prefix("more than ") {
        Some(got) => ("more than ", got),
        None => ("", got),
    };
    let (record, wanted, got) = (number(rest)?, number(wanted)?, number(got)?);
    let row = match record.checked_sub(usize::from(header)) {
        Some(row) if row > 0 => format!("row {row}"),
        _ => "the header".to_owned(),
    };
    let (values, columns) = (counted(got as u64, "value"), counted(wanted as u64, "column"));
    Some(format!("{row} has {more}{values} for {columns}"))
}

/// The column that an error of the JSON reader is about.
fn field_of(text: &str) -> Option<&str> {
    text.split_once("decoding field '")?.1.split_once('\'').map(|(name, _)| name)
}
