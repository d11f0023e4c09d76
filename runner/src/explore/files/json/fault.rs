//! What can be wrong in a JSON file. No value is in it.

use std::fmt;

use datafusion::arrow::datatypes::DataType;
use transforms::dms::csv;

/// Where a row stands, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum At {
    /// The line on which it begins.
    Line(u64),
    /// Which of an array's elements it is.
    Element(u64),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Element(element) => write!(f, "element {element}"),
        }
    }
}

/// Why a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Fault {
    /// It is no JSON.
    NotJson,
    /// It is JSON, and no object.
    NotAnObject,
    /// It has more bytes than are held.
    TooLong,
    /// The file is to be an array, and is none.
    NotAnArray,
    /// The file is an array, and is said to be none.
    AnArray,
    /// The file ends within it.
    CutOff,
    /// Objects or lists in it are too deep in one another.
    TooDeep,
    /// Objects of lists in it leave out more fields than are held as NULL.
    TooManyCells,
    /// An object names one thing twice.
    Twice(Path),
    /// An object has a field that its column's type lacks.
    Unknown(Path),
    /// A value is none of its type: what it is instead, and the type.
    Unfit { path: Path, is: Is, wanted: DataType },
}

/// What a value is that is none of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Is {
    /// One of another kind: `a text`.
    Kind(&'static str),
    /// One that the type does not hold, and why not, if that is known.
    Value(Option<csv::Fault>),
}

/// The names that lead to a value, the innermost first while it is on its way out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Item(usize),
}

impl Path {
    pub(super) fn of(name: &str) -> Self {
        Self(vec![Step::Name(name.to_owned())])
    }

    /// The column that the value is in.
    pub(in super::super) fn column(&self) -> &str {
        match self.0.last() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }
}

impl fmt::Display for Path {
    /// As a statement names the value: `s.deep`, `tags[0]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().rev().enumerate() {
            match step {
                Step::Name(name) if index == 0 => {
                    write!(f, "{}", name.to_lowercase().escape_debug())?;
                }
                Step::Name(name) => write!(f, ".{}", name.escape_debug())?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

impl Fault {
    /// The same in a field of this name.
    pub(super) fn within(self, name: &str) -> Self {
        self.under(Step::Name(name.to_owned()))
    }

    /// The same in an item of a list, counted from 0.
    pub(super) fn in_item(self, item: usize) -> Self {
        self.under(Step::Item(item))
    }

    fn under(mut self, step: Step) -> Self {
        if let Self::Twice(path) | Self::Unknown(path) | Self::Unfit { path, .. } = &mut self {
            path.0.push(step);
        }
        self
    }
}
