//! The first rows of an object against its declaration: whether the settings in it are those of the endpoint.
//!
//! Rows that are merely bad are judged one by one elsewhere. Here a wrong declaration is told from them: other settings read what
//! these do not, or the rows say themselves that the settings are wrong. What can be read as declared is refused only where nothing
//! else can be meant; of an object that is refused anyway, the more likely reason is told. Nothing that stands in a row is told but
//! the words of settings: operations, NULL, declared names.

mod before_image;
mod proof;
mod sample;
mod told;

use std::sync::Arc;

use super::layout::{Declared, Layout, Role, same_name};
use super::row_error::RowError;
use super::split::{Record, SplitError, SplitFault};
use super::value::ColumnSpec;
use crate::dms::drift::DriftPolicy;
use crate::dms::op::Op;
use crate::dms::settings::{Edit, Edits};
use proof::Proof;
use sample::Sample;
use staged::ObjectKind;

/// So many rows are looked at, as long as they have no more bytes than [`BYTES_MAX`].
const ROWS_MAX: usize = 20;
const BYTES_MAX: usize = 64 * 1024;

/// How the first rows came to their end.
#[derive(Clone, Copy)]
pub(super) enum End<'a> {
    /// Enough of them, or reading stopped at the last.
    Rows,
    /// That of the object.
    Object,
    /// What follows cannot be told into rows; `rest` is what is known of it.
    Broken { error: &'a SplitError, rest: &'a [u8] },
}

/// The first rows while they are read.
pub(super) struct FirstLook {
    layout: Arc<Layout>,
    declared: Arc<Declared>,
    /// The rows as they stand in the object.
    text: Vec<u8>,
    rows: usize,
    /// Those that cannot be read as declared, and whether the first is one of them.
    bad: usize,
    is_first_bad: bool,
    /// Those that lack fields and can be read all the same.
    narrow: usize,
    /// The first row is the names of columns.
    names: Option<Names>,
    /// The line of the first one, and of the first one behind a header.
    line: u64,
    /// A row is not kept as a whole.
    is_cut: bool,
}

/// How far the first row is the names of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Names {
    /// It has all of them in their order, and nothing else.
    is_exact: bool,
    /// It begins with that of the operation.
    has_op: bool,
}

impl FirstLook {
    /// None if the rows are not to be compared with anything.
    pub(super) fn new(layout: &Arc<Layout>) -> Option<Self> {
        let declared = Arc::clone(layout.first_look.as_ref()?);
        Some(Self {
            layout: Arc::clone(layout),
            declared,
            text: Vec::new(),
            rows: 0,
            bad: 0,
            is_first_bad: false,
            narrow: 0,
            names: None,
            line: 1,
            is_cut: false,
        })
    }

    /// Takes a row before it is read.
    pub(super) fn note(&mut self, record: &Record<'_>) {
        let is_header = self.layout.csv.header && self.rows == 0;
        if self.rows == 0 && !is_header && self.layout.of_table.is_none() {
            self.names = names(&self.layout, record);
        }
        if self.rows == usize::from(self.layout.csv.header) || is_header {
            self.line = record.line();
        }
        self.rows += 1;
        let room = BYTES_MAX.saturating_sub(self.text.len());
        let raw = record.raw();
        self.is_cut |= raw.len() > room;
        self.text.extend_from_slice(raw.get(..room).unwrap_or(raw));
        let is_delete =
            || record.fields().next().is_some_and(|f| Op::parse(f.text) == Some(Op::Delete));
        if record.width() < self.layout.width() && !(self.layout.has_op && is_delete()) {
            self.narrow += 1;
        }
    }

    /// The row that was taken last cannot be read as declared.
    pub(super) fn note_bad(&mut self) {
        self.bad += 1;
        self.is_first_bad |= self.rows == 1;
    }

    pub(super) fn is_over(&self) -> bool {
        self.rows >= ROWS_MAX || self.is_cut
    }

    /// What of the declaration is wrong, if anything is for sure; of an object that is refused anyway, if anything fits.
    pub(super) fn contradiction(mut self, sets_aside: bool, end: End<'_>) -> Option<RowError> {
        if let Some(reason) = self.names.and_then(|names| self.of_names(names)) {
            return Some(self.error(self.line, reason));
        }
        match end {
            End::Broken { error, rest } if error.fault == SplitFault::TooLong && self.rows == 0 => {
                (self.rows, self.bad) = (1, 1);
                self.text = rest.get(..BYTES_MAX).unwrap_or(rest).to_vec();
            }
            End::Rows | End::Object | End::Broken { .. } => {}
        }
        let reason = if self.bad == 0 && !self.is_narrow() {
            self.of_operation_in_key()
        } else {
            self.of_bad_rows(sets_aside, end)
        };
        reason.map(|reason| self.error(self.line, reason))
    }

    /// What may be said of quotes that are broken in a row behind these: DMS writes none where fields are quoted.
    pub(super) fn of_broken_quotes(&self, fault: SplitFault) -> Option<&'static str> {
        let is_of_quotes = matches!(fault, SplitFault::BareQuote | SplitFault::TextAfterQuote);
        let is_told = is_of_quotes && !self.is_cut && self.sample()?.quoted == 0;
        is_told.then_some(told::RAW_QUOTES)
    }

    /// Whether all rows lack fields and are read nevertheless.
    fn is_narrow(&self) -> bool {
        let may_lack = self.layout.drift == DriftPolicy::Widen && !self.layout.csv.header;
        may_lack && self.narrow == self.rows && self.rows > 1
    }

    /// Where the only column of the key comes first and is a text, rows of one column less than declared can be read with their
    /// operation in it. It would be there once.
    fn of_operation_in_key(&self) -> Option<String> {
        let Layout { has_op, csv, key, .. } = self.layout.as_ref();
        // Inserts may come twice, after a restart.
        let least = if self.declared.kind == ObjectKind::FullLoad { 2 } else { 3 };
        if *has_op || csv.header || self.is_cut || self.rows < least {
            return None;
        }
        let first = self.layout.roles().first().copied();
        let is_key =
            matches!((first, key.as_slice()), (Some(Role::Column(first)), [key]) if first == *key);
        let is_told = is_key && self.sample()?.is_all_one_insert();
        is_told.then(|| told::operation_in_key(&self.declared))
    }

    fn of_bad_rows(&self, sets_aside: bool, end: End<'_>) -> Option<String> {
        let seen = self.sample()?;
        let is_all_bad = self.is_all_bad();
        // A header that does not fit is always refused.
        let sets_aside = sets_aside && !self.is_header_alone();
        let proof = Proof { sets_aside, is_readable: self.bad == 0, is_all_bad };
        let of_before_image = || {
            let is_refused = !sets_aside || is_all_bad && seen.rows > 1;
            let is_told = self.bad > 0 && is_refused && !self.is_cut;
            is_told
                .then(|| before_image::contradiction(&self.layout, &self.declared, &self.text))?
        };
        self.of_settings(&seen, proof, end).or_else(of_before_image)
    }

    fn is_header_alone(&self) -> bool {
        self.layout.csv.header && self.rows == 1
    }

    fn is_all_bad(&self) -> bool {
        // A header is no row.
        self.bad > 0 && self.bad + usize::from(self.layout.csv.header) >= self.rows
    }

    fn of_names(&self, Names { is_exact, has_op }: Names) -> Option<String> {
        let columns = &self.layout.columns;
        let is_sure = match self.is_first_bad {
            true => columns.len() > 1 || has_op || columns.iter().any(|column| !is_text(column)),
            // Nothing but texts, or it would be bad; one of them may well be a name.
            false => is_exact && columns.len() > 1,
        };
        is_sure.then(|| told::names(has_op && !self.layout.has_op))
    }

    fn of_settings(&self, seen: &Sample, proof: Proof, end: End<'_>) -> Option<String> {
        let is_whole = match end {
            End::Rows => !self.text.ends_with(&[self.layout.csv.row_delimiter]),
            End::Object | End::Broken { .. } => true,
        };
        let Declared { settings, kind, .. } = self.declared.as_ref();
        Edits::of(settings, *kind).into_iter().find_map(|edits| {
            let is_end = matches!(edits.all(), [Edit::RowDelimiter(_)]);
            // A row that is not kept as a whole is no row; another end may make many of it.
            if (self.is_cut && !is_end) || (is_end && !(is_whole && self.rows == 1)) {
                return None;
            }
            if self.is_header_alone()
                && !edits.all().iter().any(|edit| matches!(edit, Edit::Delimiter(_)))
            {
                return None;
            }
            let layout = self.layout.with_settings(&edits.apply(settings), *kind);
            let layout = Layout { drift: DriftPolicy::Refuse, first_look: None, ..layout };
            let other = sample::read(&layout, self.whole_rows(&layout))?;
            let proven =
                |edit: &Edit| proof.is_proven(*edit, (&self.layout, seen), (&layout, &other));
            if !edits.all().iter().all(proven) || !proof.is_enough(edits.all(), seen, &other) {
                return None;
            }
            Some(told::settings(&edits, &self.declared))
        })
    }

    /// What is kept, up to where a row by that layout ends.
    fn whole_rows(&self, layout: &Layout) -> &[u8] {
        if self.text.len() < BYTES_MAX {
            return &self.text;
        }
        let end = self.text.iter().rposition(|byte| *byte == layout.csv.row_delimiter);
        self.text.get(..end.map_or(0, |end| end + 1)).unwrap_or_default()
    }

    fn sample(&self) -> Option<Sample> {
        sample::split(&self.layout, &self.text)
    }

    fn error(&self, line: u64, reason: String) -> RowError {
        RowError { line, column: None, reason }
    }
}

/// Whether the fields of a row are the names of columns.
fn names(layout: &Layout, record: &Record<'_>) -> Option<Names> {
    let mut found: Vec<&str> = Vec::new();
    for field in record.fields() {
        found.push(std::str::from_utf8(field.text).ok()?);
    }
    let has_op = found.first().is_some_and(|name| same_name(name, "Op"));
    let rest = found.get(usize::from(has_op)..).unwrap_or_default();
    let stamp = layout.timestamp_column.as_deref();
    let is_known = |name: &&str| {
        let mut columns = layout.columns.iter().map(|column| column.name.as_str());
        columns.any(|column| same_name(name, column))
            || stamp.is_some_and(|stamp| same_name(name, stamp))
    };
    let has = |column: &ColumnSpec| rest.iter().any(|name| same_name(name, &column.name));
    // A row that is cut off may be one word; tables get columns, and lose some.
    let are_many = rest.len() > 1 && 2 * rest.len() >= layout.columns.len();
    let is_header = layout.columns.iter().all(has) || are_many && rest.iter().all(is_known);
    let expected: Vec<&str> = layout
        .roles()
        .iter()
        .filter_map(|role| match role {
            Role::Op => Some("Op"),
            Role::PassedOver => stamp,
            Role::Column(index) => layout.columns.get(*index).map(|column| column.name.as_str()),
        })
        .collect();
    let is_exact = found.len() == expected.len()
        && found.iter().zip(expected).all(|(name, expected)| same_name(name, expected));
    is_header.then_some(Names { is_exact, has_op })
}

fn is_text(column: &ColumnSpec) -> bool {
    use datafusion::arrow::datatypes::DataType::{Binary, Utf8, Utf8View};
    matches!(column.data_type, Utf8 | Utf8View | Binary)
}

#[cfg(test)]
mod tests;
