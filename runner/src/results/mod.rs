//! How rows are written out for a person or a program: one file for each format.
//!
//! ```text
//! answer -> rows up to a limit (rows) -> texts or bytes of a format -> stdout, or a whole file (file)
//! ```

mod cells;
mod csv;
mod expanded;
mod file;
mod json;
mod json_number;
mod markdown;
mod parquet;
mod rows;
mod style;
mod table;
#[cfg(test)]
mod testing;
mod write;

pub(crate) use file::{FileSink, GivenUp};
pub(crate) use style::{ResultFormat, RowLimit, Style};
pub(crate) use write::{Shown, write_rows};
