//! What is said of a contradiction: what was seen, and which option to look at.

use crate::dms::csv::Declared;
use crate::dms::settings::{Edit, Edits};
use staged::ObjectKind;

pub(super) const RAW_QUOTES: &str =
    "DMS writes none where 'Rfc4180' is 'true', so is it false at the endpoint?";

/// The first row is a header.
pub(super) fn names(has_op: bool) -> String {
    let op = if has_op {
        ", and begins with `Op`: are AddColumnName and IncludeOpForFullLoad"
    } else {
        ": is AddColumnName"
    };
    format!("the first row holds the names of columns{op} missing?")
}

/// Two rows have `I` in the only column of the key.
pub(super) fn operation_in_key(declared: &Declared) -> String {
    let question = operation(declared);
    format!(
        "the first field of the first rows is I, in a column that is the whole key: {question}, and is a column declared that is not there?"
    )
}

/// Other settings read all of the first rows.
pub(super) fn settings(edits: &Edits, declared: &Declared) -> String {
    let seen: Vec<String> = edits.all().iter().map(|edit| seen(*edit, declared)).collect();
    format!("{}; OPTIONS ({edits}) read the first rows", seen.join("; "))
}

fn operation(declared: &Declared) -> &'static str {
    match declared.kind {
        ObjectKind::FullLoad => "was IncludeOpForFullLoad set",
        ObjectKind::Change => "was IncludeOpForFullLoad set, or CdcInsertsOnly not",
    }
}

fn seen(edit: Edit, declared: &Declared) -> String {
    let is_load = declared.kind == ObjectKind::FullLoad;
    match edit {
        Edit::IncludeOp(true) | Edit::InsertsOnly(false) => {
            let ops = if is_load { "I" } else { "I, U or D" };
            let question = operation(declared);
            format!("the first field of the first rows is {ops}, where no operation is declared: {question}?")
        }
        Edit::IncludeOp(false) | Edit::InsertsOnly(true) => {
            let question = match is_load {
                true => "is IncludeOpForFullLoad declared and not set at the endpoint?",
                false => "is CdcInsertsOnly or CdcInsertsAndUpdates missing?",
            };
            format!("the first rows do not begin with an operation: {question}")
        }
        Edit::Header(_) => "the first row holds the names of columns: is AddColumnName missing?".to_owned(),
        Edit::Rfc4180(false) => {
            format!("there are quotes inside unquoted fields of the first rows: {RAW_QUOTES}")
        }
        Edit::Rfc4180(true) => "fields of the first rows are in quotes: is Rfc4180 declared as false and true at the endpoint?".to_owned(),
        Edit::Stamp(true) => {
            let place = if is_load { "the first rows begin with" } else { "behind the operation, the first rows have" };
            format!("{place} a time as TimestampColumnName writes it: is it missing?")
        }
        Edit::Stamp(false) => "the first rows have no time where TimestampColumnName would write it: is it declared and not set at the endpoint?".to_owned(),
        Edit::Delimiter(_) => "each of the first rows is one field: is CsvDelimiter another one?".to_owned(),
        Edit::RowDelimiter(_) => "the object is one row: is CsvRowDelimiter another one?".to_owned(),
        Edit::Null(word) => {
            format!("`{word}` stands unquoted in columns of the first rows that are neither text nor binary: is CsvNullValue another one?")
        }
    }
}
