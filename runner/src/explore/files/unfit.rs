//! What is wrong in a file, with its name, the row and the column; values are in none of the messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use object_store::path::Path;
use transforms::dms::csv;
use transforms::functions::type_name;

use super::csv::{self as files, Broken};
use super::format::Format;
use super::holds::{self, Types, both};
use super::json::{self, At, Fault, Is};
use super::notes::Notes;
use super::read::Names;
use super::usual::usual;
use crate::error::Error;
use crate::scaffold::names::{text as sql_text, typed};
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
    /// What is said while files are read.
    pub(super) notes: Arc<Notes>,
    /// Whether a column has been told that is none.
    pub(super) is_unknown_told: AtomicBool,
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
            _ => None,
        };
        told.map_or(error, external)
    }

    /// A record of CSV that cannot be read.
    pub(super) fn broken(&self, path: &Path, broken: Broken) -> DataFusionError {
        external(csv_broken(&self.name(path), broken, self.header))
    }

    /// A value that its column cannot have, in a row of CSV which is counted from 1 without the header.
    pub(super) fn unfit(
        &self,
        path: &Path,
        field: &Field,
        row: usize,
        fault: Option<csv::Fault>,
    ) -> DataFusionError {
        let (file, column) = (self.name(path), field.name().to_lowercase());
        let wanted = sql_type(field.data_type());
        let why = fault.map(|fault| fault.why()).unwrap_or_default();
        let error = Error::refused(format!(
            "{file}, row {row}: the value of column `{column}` is no {wanted}{why}"
        ));
        external(error.hint(self.otherwise(field.name())))
    }

    /// What is wrong in a row of JSON.
    pub(super) fn json(&self, path: &Path, at: At, fault: &Fault) -> DataFusionError {
        let file = self.name(path);
        let (told, column) = match fault {
            Fault::Unfit { path, is, wanted } => {
                let is = match is {
                    Is::Kind(kind) => format!(", but {kind}"),
                    Is::Value(fault) => fault.map(|fault| fault.why()).unwrap_or_default(),
                };
                let wanted = sql_type(wanted);
                (format!("the value of column `{path}` is no {wanted}{is}"), path.column())
            }
            Fault::Unknown(path) => {
                (format!("there is a `{path}`, which the first rows do not have"), path.column())
            }
            other => return external(json_fault(&file, at, other)),
        };
        external(Error::refused(format!("{file}, {at}: {told}")).hint(self.otherwise(column)))
    }

    /// What is wrong with a Parquet file, whose columns were `found`: not each value of those that are `read` of all `columns` is of the
    /// column's type. What is cut off of times is noted.
    ///
    /// # Errors
    /// The first such column, with both types.
    pub(super) fn parquet(
        &self,
        path: &Path,
        found: &Schema,
        read: &Schema,
        columns: &Schema,
    ) -> Result<(), Error> {
        let file = self.name(path);
        let shortened = holds::shortened(found, read);
        let found = &usual(found);
        if let Some((field, own)) = holds::respelled(found, read, columns) {
            let (name, own) = (field.name(), own.name());
            return Err(Error::refused(format!(
                "{file}: column `{name}` is written `{own}`, and otherwise in other files"
            ))
            .hint("name the files that are alike with a pattern, and put them together with UNION ALL"));
        }
        if !self.are_found {
            holds::check(&file, found, read)?;
        } else if let Some((field, own)) = holds::unfit(found, read, Types::Found) {
            let (name, (wanted, is)) = (field.name().to_lowercase(), both(field, own));
            let types = [field.data_type(), own.data_type()];
            let next = match types.iter().any(|of| of.is_nested() || **of == DataType::Binary) {
                true => String::new(),
                false => format!("declare it as a text: {}; or ", self.declaration(field.name())),
            };
            return Err(Error::refused(format!(
                "{file}: column `{name}` is {is}, and {wanted} in the files that tell the columns, the first and the last ones"
            ))
            .hint(format!("{next}name the files that are alike with a pattern, and put them together with UNION ALL")));
        }
        for field in shortened {
            self.notes.add(format!(
                "`{}` of {} has times in nanoseconds: they are read to the microsecond, the rest is cut off",
                field.name().to_lowercase(), self.location
            ));
        }
        Ok(())
    }

    /// What to do about a column whose values do not fit.
    fn otherwise(&self, column: &str) -> String {
        match self.are_found {
            true => format!(
                "types were found from the first rows; declare the column as a text: {}",
                self.declaration(column)
            ),
            false => {
                format!("declare `{}` as STRING, or correct the file", column.to_lowercase())
            }
        }
    }

    /// Tells once that a file has a column which the rows that were looked at do not have.
    pub(super) fn note_unknown(&self, path: &Path, at: At, name: &str) {
        if self.is_unknown_told.swap(true, Ordering::Relaxed) {
            return;
        }
        let (file, name) = (self.name(path), name.to_lowercase());
        self.notes.add(format!(
            "{file}, {at}: `{}` is no column, since the first rows do not have it; to read it, declare the columns: CREATE EXTERNAL TABLE t (…, {} STRING) STORED AS JSON LOCATION {}",
            name.escape_debug(), typed(&name), sql_text(&self.location)
        ));
    }

    /// The declaration of the files with one of the columns as a text.
    fn declaration(&self, text: &str) -> String {
        /// Of more columns only the one is written that matters.
        const COLUMNS_MAX: usize = 12;
        let column = |field: &Field| {
            let name = typed(&field.name().to_lowercase());
            match field.name() == text {
                true => format!("{name} STRING"),
                false => format!("{name} {}", sql_type(field.data_type())),
            }
        };
        let fields = self.schema.fields();
        let columns = match fields.len() <= COLUMNS_MAX {
            true => fields.iter().map(|field| column(field)).collect::<Vec<_>>().join(", "),
            false => format!("…, {} STRING, …", typed(&text.to_lowercase())),
        };
        let (format, location) = (self.format.word().to_uppercase(), sql_text(&self.location));
        format!("CREATE EXTERNAL TABLE t ({columns}) STORED AS {format} LOCATION {location}")
    }

    fn name(&self, path: &Path) -> String {
        self.names.get(path).cloned().unwrap_or_else(|| path.to_string())
    }
}

/// A type as it is declared.
fn sql_type(data_type: &DataType) -> String {
    match data_type {
        DataType::List(item) => format!("ARRAY<{}>", sql_type(item.data_type())),
        DataType::Struct(fields) => {
            let field = |field: &FieldRef| {
                format!("{}: {}", typed(field.name()), sql_type(field.data_type()))
            };
            format!("STRUCT<{}>", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        other => type_name(other).to_uppercase(),
    }
}

const OTHERWISE: &str = "correct the file; if it is written in another way, declare it: CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '…' OPTIONS ('delimiter' …, 'quote' …, 'header' …)";

const QUOTED: &str = "correct the file: a quote within a quoted value is written twice; if it is written in another way, declare it: CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '…' OPTIONS ('quote' …, 'escape' …)";

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
    let row = row_of(record, header);
    let (values, columns) = (counted(got as u64, "value"), counted(wanted as u64, "column"));
    Some(format!("{row} has {more}{values} for {columns}"))
}

/// A record of CSV, as people count.
fn row_of(record: usize, header: bool) -> String {
    match record.checked_sub(usize::from(header)) {
        Some(row) if row > 0 => format!("row {row}"),
        _ => "the header".to_owned(),
    }
}

/// A record of a CSV file whose quoting is broken.
pub(super) fn csv_broken(file: &str, broken: Broken, header: bool) -> Error {
    let told = match broken.fault {
        files::Fault::TextAfterQuote => "has text behind a closing quote",
        files::Fault::NotClosed => "has a quote that is not closed before the file ends",
        files::Fault::TooLong => "has more than 64 MiB: is a quote not closed?",
    };
    Error::refused(format!("{file}: {} {told}", row_of(broken.record, header))).hint(QUOTED)
}

/// What is wrong in a row of a JSON file, but for values that do not fit their columns.
pub(super) fn json_fault(file: &str, at: At, fault: &Fault) -> Error {
    let (told, next) = match fault {
        Fault::NotAnObject => (
            "it is no object".to_owned(),
            "each row is one object: on a line of its own, or in one array that is the whole file",
        ),
        Fault::TooLong => ("the row has more than 64 MiB".to_owned(), "correct the file"),
        Fault::NotAnArray => (
            "it is no array".to_owned(),
            "leave the option `multiLine` out: what a file is, is seen",
        ),
        Fault::AnArray => (
            "it is an array".to_owned(),
            "one array of objects is read with OPTIONS ('multiLine' 'true'), or without the option",
        ),
        Fault::CutOff => ("the file ends within it".to_owned(), "write the file again, as a whole"),
        Fault::TooDeep => (
            "more than 128 lists and objects are within one another".to_owned(),
            "write them flatter",
        ),
        Fault::TooManyCells => (
            format!(
                "a row with more than {} values, with those that objects of its lists leave out",
                json::CELLS_MAX
            ),
            "declare the columns that are needed, and leave out the list or declare it as STRING: CREATE EXTERNAL TABLE name (column TYPE, …) STORED AS JSON LOCATION '…'",
        ),
        Fault::Twice(path) => (
            format!("`{path}` is there twice"),
            "correct the file: which of both is meant is not told; other columns can be read",
        ),
        Fault::NotJson | Fault::Unknown(_) | Fault::Unfit { .. } => {
            ("it is no JSON".to_owned(), "each row is one object; correct the file")
        }
    };
    Error::refused(format!("{file}, {at}: {told}")).hint(next)
}
