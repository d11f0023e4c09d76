//! How rows are written out for a person or a program.

mod format;

pub(crate) use format::{ResultFormat, write_rows};
