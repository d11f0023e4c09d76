//! Samples of tables, which the engine would pass over.

use datafusion::sql::sqlparser::ast::{Spanned, TableFactor};

use crate::place::DefinitionError;

pub(super) const NOT_SUPPORTED: &str = "is not supported";

/// What a model does instead.
pub(super) const HELP: &str =
    "a table cannot be kept equal to a sample; filter by a hash of the key";

/// Whether an error is that a statement takes a sample.
#[must_use]
pub fn is_of_sample(error: &str) -> bool {
    let what = error.strip_suffix(NOT_SUPPORTED).map(str::trim_end);
    what.is_some_and(|what| what.ends_with("TABLESAMPLE") || what.ends_with("USING SAMPLE"))
}

/// Refuses TABLESAMPLE.
///
/// # Errors
/// That of a table with one, at the table.
pub(super) fn check(file: &str, table: &TableFactor) -> Result<(), DefinitionError> {
    let (TableFactor::Table { sample, .. } | TableFactor::Derived { sample, .. }) = table else {
        return Ok(());
    };
    if sample.is_none() {
        return Ok(());
    }
    let start = table.span().start;
    let error = DefinitionError::in_file(file, format!("TABLESAMPLE {NOT_SUPPORTED}")).help(HELP);
    Err(if start.line > 0 { error.at(start.line, start.column) } else { error })
}
