//! The one error of the runner: what went wrong, what to do next, and the exit status that follows from its kind.

use std::fmt;

use transforms::place::Place;

use crate::caret;
use crate::job::vars::named;
use crate::quality::RuleReport;
use crate::target::culprit::Culprit;
use crate::target::name::TableName;

/// What a caller can do about an error; each kind is one exit status (docs/operations.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The run failed and trying again will not help by itself: exit status 1.
    Failed,
    /// Wrong usage, job definition or connection details: exit status 2.
    Usage,
    /// A lock, the network or the server's state: run again; exit status 3.
    Temporary,
    /// The data or the target's definition was refused, the target is as it was: exit status 4.
    Refused,
}

impl Kind {
    /// The process exit status of an error of this kind.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Temporary => 3,
            Self::Refused => 4,
        }
    }

    /// Its word in docs/operations.md, in logs and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Temporary => "temporary",
            Self::Refused => "refused",
        }
    }
}

/// An error with its kind, the next step for the user, and its cause.
///
/// `Display` says this level only; the cause is in [`std::error::Error::source`]. Neither ever holds a row's value
/// or a secret.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    culprit: Option<Box<Culprit>>,
    place: Option<Box<(Place, Option<String>)>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    quality: Vec<RuleReport>,
    connection_lost: bool,
    of_object: bool,
}

/// The runner's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A new error; `message` is a lowercase fragment without a full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let message = message.into();
        let quality = Vec::new();
        let (hint, culprit, place, source) = (None, None, None, None);
        let (connection_lost, of_object) = (false, false);
        Self { kind, message, hint, culprit, place, source, quality, connection_lost, of_object }
    }

    /// Kind [`Kind::Failed`].
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// Kind [`Kind::Usage`].
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Kind [`Kind::Temporary`].
    pub fn temporary(message: impl Into<String>) -> Self {
        Self::new(Kind::Temporary, message)
    }

    /// Kind [`Kind::Refused`].
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// Names what it is about, in front of the message; `place` ends with a colon and a blank, or is empty.
    #[must_use]
    pub fn about(mut self, place: &str) -> Self {
        self.message.insert_str(0, place);
        self
    }

    /// Says `${NAME}` for each variable's value in it, as the user's file does: a parser quotes what it cannot read.
    #[must_use]
    pub fn naming_variables(mut self, variables: &[(String, String)]) -> Self {
        self.message = named(&self.message, variables);
        self.hint = self.hint.map(|hint| named(&hint, variables));
        self
    }

    /// Adds to the end of the message.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    /// Adds the row that it is because of.
    #[must_use]
    pub fn blaming(mut self, culprit: Culprit) -> Self {
        self.culprit = Some(Box::new(culprit));
        self
    }

    /// If a row is blamed, names the table that it is of in place of one that stood in for it.
    #[must_use]
    pub fn blamed_in(mut self, table: &TableName) -> Self {
        if let Some(culprit) = &mut self.culprit {
            culprit.table = table.clone();
        }
        self
    }

    /// The row that a target refused, if it is known.
    #[must_use]
    pub fn culprit(&self) -> Option<&Culprit> {
        self.culprit.as_deref()
    }

    /// Adds where in a text it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new((place, None)));
        self
    }

    /// If it is somewhere in a text that messages call `name`, adds the line of that text, with a mark below the column.
    #[must_use]
    pub fn showing(mut self, name: &str, text: &str) -> Self {
        if let Some((place, shown)) = self.place.as_deref_mut().filter(|(of, _)| of.file == name) {
            *shown = caret::line(place, text);
        }
        self
    }

    /// The line that it is in, with a mark below the column, if it was added.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        self.place.as_deref().and_then(|(_, line)| line.as_deref())
    }

    /// Adds what came of rules, of which some failed.
    #[must_use]
    pub fn judged_by(mut self, rules: Vec<RuleReport>) -> Self {
        self.quality = rules;
        self
    }

    /// What came of the rules, if it is about them.
    #[must_use]
    pub fn quality(&self) -> &[RuleReport] {
        &self.quality
    }

    /// Adds the next step for the user.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the next step if there is none.
    #[must_use]
    pub fn or_hint(mut self, hint: &str) -> Self {
        let _next = self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same, of kind [`Kind::Temporary`]: what is wrong may be right soon without anybody's doing.
    #[must_use]
    pub fn passing(mut self) -> Self {
        self.kind = Kind::Temporary;
        self
    }

    /// Notes that a connection to the target broke off, so that the run may begin again by itself.
    #[must_use]
    pub fn connection_lost(mut self) -> Self {
        self.connection_lost = true;
        self
    }

    /// Whether a connection to the target broke off; what was under way on it may have happened or not.
    #[must_use]
    pub fn is_connection_lost(&self) -> bool {
        self.connection_lost
    }

    /// Notes that it is about what stands in a staged object.
    #[must_use]
    pub fn of_object(mut self) -> Self {
        self.of_object = true;
        self
    }

    /// Whether it is about what stands in a staged object.
    #[must_use]
    pub fn is_of_object(&self) -> bool {
        self.of_object
    }

    /// What can be done about it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The next step, if there is one to name.
    #[must_use]
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}
