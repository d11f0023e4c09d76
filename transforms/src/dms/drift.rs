//! Objects that are wider or narrower than their table is declared, which is what DDL at the source leads to.

use std::fmt;

/// What is done with such objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriftPolicy {
    /// They are refused.
    #[default]
    Refuse,
    /// The table gets the columns that they have more, and NULL in those that they lack.
    Widen,
}

/// How far the objects of a table reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Without a header: so many columns are in the widest row, operation and undeclared timestamp column not counted.
    Width(usize),
    /// With headers: the columns in them that are not declared, in lower case, in the order in which they were found.
    Names(Vec<String>),
}

impl Extent {
    /// What reaches as far as both. The newer one counts if they are not of one kind.
    #[must_use]
    pub fn with(self, newer: Self) -> Self {
        match (self, newer) {
            (Self::Width(a), Self::Width(b)) => Self::Width(a.max(b)),
            (Self::Names(mut names), Self::Names(more)) => {
                for name in more {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                Self::Names(names)
            }
            (_, newer) => newer,
        }
    }
}

/// What a column that is added is called where no header names it: by its position, from 1.
#[must_use]
pub fn added_name(position: usize) -> String {
    format!("column_{position}")
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Width(width) => write!(f, "a row has {width} columns, more than are known"),
            Self::Names(names) => {
                write!(f, "the header has columns that are not known: `{}`", names.join("`, `"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_are_joined_to_what_reaches_as_far_as_both() {
        let names = |names: &[&str]| Extent::Names(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(Extent::Width(3).with(Extent::Width(2)), Extent::Width(3));
        assert_eq!(names(&["b", "a"]).with(names(&["a", "c"])), names(&["b", "a", "c"]));
        assert_eq!(names(&["b"]).with(Extent::Width(2)), Extent::Width(2));
    }
}
