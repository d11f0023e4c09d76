//! Whether other settings explain the first rows, and how sure that is.

use super::super::layout::Layout;
use super::sample::Sample;
use crate::dms::settings::Edit;

/// So many rows with a quote in the middle are no accident any more: DMS writes none where it quotes.
const BARE_QUOTES_MIN: usize = 4;

/// What must be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    /// Bad rows are set aside, so that an object with some is not refused anyway.
    pub(super) sets_aside: bool,
    /// All rows can be read as declared.
    pub(super) is_readable: bool,
    /// None can.
    pub(super) is_all_bad: bool,
}

impl Proof {
    /// Whether the rows show what an edit says. That the other layout reads all of them is known.
    pub(super) fn is_proven(
        self,
        edit: Edit,
        (layout, seen): (&Layout, &Sample),
        (other_layout, other): (&Layout, &Sample),
    ) -> bool {
        match edit {
            Edit::IncludeOp(true) | Edit::InsertsOnly(false) => {
                !layout.has_op && other_layout.has_op && other.rows > 0
            }
            Edit::IncludeOp(false) | Edit::InsertsOnly(true) => {
                layout.has_op && !other_layout.has_op && other.ops == 0 && other.rows > 0
            }
            // Names are looked for in the first row; behind another delimiter they are read by the other layout.
            Edit::Header(is_on) => is_on && other.rows > 0,
            Edit::Rfc4180(false) => seen.bare_quotes > 0 && seen.quoted == 0,
            Edit::Rfc4180(true) => other.quoted > 0,
            Edit::Stamp(true) => other.rows > 0 && other.stamps == other.rows,
            Edit::Stamp(false) => other.rows > 0 && other.stamps == 0,
            Edit::Delimiter(_) => seen.single == seen.rows && other_layout.width() > 1,
            Edit::RowDelimiter(_) => seen.rows <= 1 && other.rows > 1,
            Edit::Null(word) => seen.words.contains_key(word.as_bytes()),
        }
    }

    /// Whether that is enough to refuse the object.
    pub(super) fn is_enough(self, edits: &[Edit], seen: &Sample, other: &Sample) -> bool {
        if self.is_readable {
            let is_of_narrow = |edit: &Edit| {
                matches!(edit, Edit::Stamp(false) | Edit::Delimiter(_) | Edit::RowDelimiter(_))
            };
            return edits.len() == 1 && edits.iter().all(is_of_narrow) && other.rows > 1;
        }
        if !self.sets_aside {
            return true;
        }
        match edits {
            [Edit::Null(word)] => seen.words.get(word.as_bytes()).is_some_and(|count| *count > 1),
            [Edit::Rfc4180(false)] => seen.bare_quotes >= BARE_QUOTES_MIN,
            // A text with a delimiter in it may stand in quotes of its own.
            [Edit::Rfc4180(true)] => false,
            // What they show is in the row itself.
            [Edit::IncludeOp(true) | Edit::InsertsOnly(false) | Edit::Stamp(true)] => {
                self.is_all_bad
            }
            _ => self.is_all_bad && other.rows > 1,
        }
    }
}
