//! How many fields the rows of an object have.

use super::layout::{Layout, Role};
use super::split::Record;
use crate::dms::drift::{DriftPolicy, Extent};
use crate::dms::op::Op;

/// Checks the width of each row against the layout and the rows before it.
#[derive(Debug)]
pub(super) struct Widths {
    /// Fields of a row that has all columns.
    expected: usize,
    /// Fields of the narrowest row that is read.
    least: usize,
    /// Fields that are no columns.
    beside: usize,
    policy: DriftPolicy,
    has_op: bool,
    has_header: bool,
    /// Fields of the narrowest and of the widest row, deletes left out: of those only the key is read.
    seen: Option<(usize, usize)>,
}

/// A row that has too many fields, or too few.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) reason: String,
    /// How far the row reaches, if it may.
    pub(super) beyond: Option<Extent>,
}

impl Widths {
    /// `roles` are those of a whole row; under a header those that it names.
    pub(super) fn new(layout: &Layout, roles: &[Role]) -> Self {
        let has_header = layout.csv.header;
        let is_beside = |role: &&Role| !matches!(role, Role::Column(_));
        Self {
            expected: roles.len(),
            least: if has_header { roles.len() } else { layout.least_width() },
            beside: roles.iter().filter(is_beside).count(),
            policy: layout.drift,
            has_op: layout.has_op,
            has_header,
            seen: None,
        }
    }

    /// The number of columns in the narrowest and in the widest row so far. None where nothing depends on it.
    pub(super) fn seen(&self) -> Option<(usize, usize)> {
        self.seen.map(|(least, most)| (least - self.beside, most - self.beside))
    }

    pub(super) fn check(&self, record: &Record<'_>) -> Result<(), Misfit> {
        let width = record.width();
        if width == self.expected {
            return Ok(());
        }
        if self.policy == DriftPolicy::Refuse
            || self.has_header
            || width > self.expected
            || width < self.least
        {
            return Err(self.misfit(record));
        }
        let most = self.seen.map_or(0, |(_, most)| most);
        if width < most && !(self.has_op && first_op(record) == Some(Op::Delete)) {
            // Columns are only added behind the others, so one of them was dropped.
            let reason = format!(
                "expected {most} fields as in rows before, found {width}: a column was dropped at the source, and without a header nothing tells which"
            );
            return Err(Misfit { reason, beyond: None });
        }
        Ok(())
    }

    /// Takes a good row into account.
    pub(super) fn note(&mut self, width: usize, op: Op) {
        if self.policy == DriftPolicy::Refuse || self.has_header || op == Op::Delete {
            return;
        }
        let (least, most) = self.seen.unwrap_or((width, width));
        self.seen = Some((least.min(width), most.max(width)));
    }

    fn misfit(&self, record: &Record<'_>) -> Misfit {
        let (expected, width) = (self.expected, record.width());
        let found = format!("expected {expected} fields, found {width}");
        let mut beyond = None;
        let reason = if self.has_header {
            format!("{found}: not as many as the header")
        } else if width < expected {
            format!("{found}: narrower than declared")
        } else if !self.has_op && first_op(record).is_some() {
            format!("{found}, and the first may be an operation: is IncludeOpForFullLoad missing?")
        } else {
            if self.policy == DriftPolicy::Widen {
                beyond = Some(Extent::Width(width - self.beside));
            }
            format!("{found}: wider than declared")
        };
        Misfit { reason, beyond }
    }
}

pub(super) fn first_op(record: &Record<'_>) -> Option<Op> {
    record.fields().next().and_then(|field| Op::parse(field.text))
}
