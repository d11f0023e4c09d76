//! Text for people, line by line.

use std::fmt::{Arguments, Write as _};

/// Appends a line.
pub(crate) fn push_line(out: &mut String, line: Arguments<'_>) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(out, "{line}");
}
