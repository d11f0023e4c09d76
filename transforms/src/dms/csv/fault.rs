/// Why a field is not a value of its column. Never holds the text of the field: row values do not
/// belong into errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// With an article and, where it helps, the form expected.
    #[error("not {0}")]
    Not(&'static str),
    #[error("out of range for {0}")]
    OutOfRange(&'static str),
    #[error("out of range for DECIMAL({precision},{scale})")]
    Precision { precision: u8, scale: i8 },
    #[error("more than {0} digits after the point")]
    Scale(i8),
    /// A date as it is to be written, of a day that no calendar has.
    #[error("there is no such day")]
    NoSuchDay,
    #[error("a time of day in a DATE")]
    TimeOfDay,
    #[error("more than microseconds")]
    Nanoseconds,
    #[error("empty text")]
    Empty,
    #[error("NULL in a column that is NOT NULL")]
    Null,
    /// `CsvNoSupValue` in a column that must be there.
    #[error("missing from the source's log")]
    NotLogged,
    #[error("before the change, a part of the key is NULL and another is not")]
    HalfAKey,
    #[error("not a change sequence (35 digits expected)")]
    NotAChangeSequence,
    #[error("not valid UTF-8")]
    NotUtf8,
}

impl Fault {
    /// What is to be added to "is no INT": nothing, or the form that is expected, or what else is wrong, behind a colon.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::Not(what) => what
                .split_once('(')
                .map(|(_, form)| format!(": {}", form.trim_end_matches(')')))
                .unwrap_or_default(),
            other => format!(": {other}"),
        }
    }
}
