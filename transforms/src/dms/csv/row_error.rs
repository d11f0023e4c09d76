use std::fmt;

/// So many bad rows of an object are told; then reading stops, since the object is refused anyway.
pub const ROW_ERRORS_MAX: usize = 20;

/// One thing wrong with one row. Never holds a value of the row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RowError {
    /// The line on which the row begins, counted from 1; of Parquet its row, and 0 if the object as a whole is wrong.
    pub line: u64,
    /// As declared; none if the row as a whole is wrong.
    pub column: Option<String>,
    pub reason: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str("the object")?,
            line => write!(f, "line {line}")?,
        }
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why reading ended before the object did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Enough is told.
    Enough,
    /// The header or the quoting is broken, so that what follows cannot be told into rows.
    Unreadable,
    /// The first rows contradict the declaration.
    Contradicted,
    /// More rows would have to be set aside than may be.
    TooMany { most: u64 },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enough => f.write_str("reading stopped here, more rows may be wrong"),
            Self::Unreadable | Self::Contradicted => f.write_str("the rest was not read"),
            Self::TooMany { most } => {
                write!(f, "more rows would be set aside than `rejected_rows` allows, {most}")
            }
        }
    }
}

/// What is wrong with an object, one line for each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RowErrors {
    /// In the order of the lines, at most [`ROW_ERRORS_MAX`].
    pub errors: Vec<RowError>,
    /// Something is wrong that DDL at the source leads to.
    pub drift: bool,
    /// Why reading stopped at the last of them, if it did.
    pub stop: Option<Stop>,
}

impl fmt::Display for RowErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        match &self.stop {
            Some(stop) => write!(f, "\n{stop}"),
            None => Ok(()),
        }
    }
}
