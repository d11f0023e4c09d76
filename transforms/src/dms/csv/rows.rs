//! The rows of one object: fields to columns, columns to batches, bad rows to errors or aside.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;

use super::layout::{BadHeader, Layout, Role};
use super::reject::{BadRows, Raw, Reject};
use super::row_error::{RowError, Stop};
use super::split::{Record, SplitError};
use super::value::ColumnReader;
use super::verdict::Verdict;
use super::width::{Misfit, Widths, first_op};
use crate::dms::drift::Extent;
use crate::dms::op::Op;

/// A batch ends early when its rows take so many bytes: an Arrow text array holds at most 2 GiB,
/// and rows may be large.
const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Consecutive rows of an object.
pub struct Decoded {
    /// The projected columns, with the types of their specs.
    ///
    /// Of a row that deletes only the key is read; its other columns are NULL, even where the spec
    /// says NOT NULL.
    pub columns: Vec<ArrayRef>,
    pub ops: Vec<Op>,
    /// The number of the first row in its object, from 0; a header does not count.
    pub first_row: u64,
    pub len: usize,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the values of rows.
        f.debug_struct("Decoded")
            .field("first_row", &self.first_row)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// The rows of an object, gathered into batches.
pub(super) struct Rows {
    layout: Arc<Layout>,
    /// What the fields are; none while the header is awaited.
    roles: Option<Vec<Role>>,
    /// No row has told yet whether the object has operations.
    is_undecided: bool,
    pub(super) widths: Widths,
    /// Columns that the header does not name.
    absent: Vec<usize>,
    columns: Vec<Column>,
    projection: Vec<usize>,
    batch_rows: usize,
    ops: Vec<Op>,
    bytes: usize,
    first_row: u64,
    pub(super) ready: VecDeque<Decoded>,
    pub(super) verdict: Verdict,
    /// A row whose line is wanted, and the line.
    pub(super) watched: Option<u64>,
    pub(super) line: Option<u64>,
}

/// What came of reading a row.
enum Row {
    Good(Op),
    /// Not told into fields: no column has got a value.
    Unread(RowError),
    /// Too wide or too narrow: no column has got a value.
    Misfit(RowError, Option<Extent>),
    /// All columns have got a value, some of them in place of one that cannot be read.
    Bad(Vec<RowError>),
}

struct Column {
    reader: ColumnReader,
    /// Whether it tells which row a delete means.
    identifies: bool,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("ready", &self.ready).finish_non_exhaustive()
    }
}

impl Rows {
    pub(super) fn new(
        layout: Arc<Layout>,
        batch_rows: usize,
        projection: Vec<usize>,
        bad_rows: BadRows,
    ) -> Self {
        let column = |(index, spec)| {
            let in_key = layout.key.contains(&index);
            let kept = projection.contains(&index);
            let reader = ColumnReader::new(spec, kept, spec.nullable && !in_key, batch_rows)?;
            Some(Column { reader, identifies: in_key })
        };
        let roles = layout.roles();
        Self {
            widths: Widths::new(&layout, &roles),
            roles: (!layout.csv.header).then_some(roles),
            is_undecided: layout.op_may_lack && !layout.csv.header,
            absent: Vec::new(),
            columns: layout.columns.iter().enumerate().filter_map(column).collect(),
            projection,
            batch_rows,
            ops: Vec::with_capacity(batch_rows),
            bytes: 0,
            first_row: 0,
            ready: VecDeque::new(),
            verdict: Verdict::new(bad_rows),
            watched: None,
            line: None,
            layout,
        }
    }

    pub(super) fn take(&mut self, record: Record<'_>) {
        if self.is_undecided {
            self.look_for_op(record);
        }
        let Some(roles) = &self.roles else {
            return self.take_header(record);
        };
        let row = read(&self.layout, roles, &self.widths, &self.absent, &mut self.columns, record);
        match row {
            Row::Good(op) if !self.verdict.is_refused() => {
                self.widths.note(record.width(), op);
                if self.watched == Some(self.first_row + self.ops.len() as u64) {
                    self.line = Some(record.line());
                }
                self.ops.push(op);
                self.bytes += record.raw().len();
                if self.ops.len() >= self.batch_rows || self.bytes >= BATCH_BYTES_MAX {
                    self.end_batch();
                }
            }
            Row::Good(_) => {}
            Row::Unread(error) => self.take_bad(vec![error], record),
            Row::Misfit(error, None) => {
                self.verdict.drift = true;
                self.take_bad(vec![error], record);
            }
            Row::Misfit(RowError { line, column, reason }, Some(beyond)) => {
                self.refuse(line, column, reason);
                self.verdict.stop_at(beyond);
            }
            Row::Bad(errors) => {
                if self.may_set_aside() {
                    // Without the row's values, which are the last.
                    self.end_batch();
                }
                self.take_bad(errors, record);
            }
        }
    }

    fn take_bad(&mut self, errors: Vec<RowError>, record: Record<'_>) {
        if self.may_set_aside() {
            let raw = Raw::of(record.raw());
            self.verdict.set_aside(Reject { errors, lines: record.lines(), raw });
        } else {
            for RowError { line, column, reason } in errors {
                self.refuse(line, column, reason);
            }
        }
    }

    /// Whether the rows of an object begin with an operation, after the first row that has one of the two widths.
    fn look_for_op(&mut self, row: Record<'_>) {
        let whole = self.layout.width();
        let lacks = row.width() + 1 == whole;
        if lacks {
            self.layout = Arc::new(self.layout.without_op());
            let roles = self.layout.roles();
            self.widths = Widths::new(&self.layout, &roles);
            self.roles = Some(roles);
        }
        self.is_undecided = !lacks && (row.width() != whole || first_op(&row).is_none());
    }

    fn take_header(&mut self, record: Record<'_>) {
        if let Some(fault) = record.fault() {
            self.refuse(record.line(), None, fault.to_string());
            self.verdict.stop = Some(Stop::Unreadable);
            return;
        }
        let names: Vec<String> =
            record.fields().map(|field| String::from_utf8_lossy(field.text).into_owned()).collect();
        if self.layout.lacks_op(&names) {
            self.layout = Arc::new(self.layout.without_op());
        }
        if let Some(beyond) = self.layout.extent_of_header(&names) {
            self.refuse(record.line(), None, beyond.to_string());
            return self.verdict.stop_at(beyond);
        }
        match self.layout.roles_of_header(&names) {
            Ok(roles) => {
                self.widths = Widths::new(&self.layout, &roles);
                let is_absent = |index: &usize| !roles.contains(&Role::Column(*index));
                self.absent = (0..self.layout.columns.len()).filter(is_absent).collect();
                self.roles = Some(roles);
            }
            Err(BadHeader { reasons, drift }) => {
                self.verdict.drift = drift;
                for reason in reasons {
                    self.refuse(record.line(), None, reason);
                }
                self.verdict.stop = Some(Stop::Unreadable);
            }
        }
    }

    /// Takes a line after broken quoting; answers whether there may be more.
    pub(super) fn take_line(&mut self, line: u64, raw: Raw, error: &SplitError) -> bool {
        let reason = match line == error.line {
            true => error.fault.to_string(),
            false => format!("behind the broken quoting of line {}", error.line),
        };
        let errors = vec![RowError { line, column: None, reason }];
        self.verdict.set_aside(Reject { errors, lines: 1, raw });
        self.verdict.stop.is_none()
    }

    pub(super) fn may_set_aside(&self) -> bool {
        self.roles.is_some() && self.verdict.sets_aside()
    }

    pub(super) fn refuse(&mut self, line: u64, column: Option<String>, reason: String) {
        if !self.verdict.is_refused() {
            self.ops.clear();
            for column in &mut self.columns {
                column.reader.stop_keeping();
            }
        }
        self.verdict.refuse(RowError { line, column, reason });
    }

    /// Puts a batch of the good rows so far out; the columns may have one more value, of a bad row.
    pub(super) fn end_batch(&mut self) {
        let len = self.ops.len();
        let built: Vec<Option<ArrayRef>> = self
            .columns
            .iter_mut()
            .map(|column| column.reader.is_kept().then(|| column.reader.finish().slice(0, len)))
            .collect();
        if len == 0 {
            return;
        }
        let columns = self.projection.iter().filter_map(|index| built.get(*index)?.clone());
        let ops = std::mem::replace(&mut self.ops, Vec::with_capacity(self.batch_rows));
        self.ready.push_back(Decoded {
            columns: columns.collect(),
            ops,
            first_row: self.first_row,
            len,
        });
        self.first_row += u64::try_from(len).unwrap_or(u64::MAX);
        self.bytes = 0;
    }
}

/// Reads a row into the columns.
fn read(
    layout: &Layout,
    roles: &[Role],
    widths: &Widths,
    absent: &[usize],
    columns: &mut [Column],
    record: Record<'_>,
) -> Row {
    let error = |column, reason| RowError { line: record.line(), column, reason };
    if let Some(fault) = record.fault() {
        return Row::Unread(error(None, fault.to_string()));
    }
    if let Err(Misfit { reason, beyond }) = widths.check(&record) {
        return Row::Misfit(error(None, reason), beyond);
    }
    let null_value = layout.csv.null_value.as_deref().map(str::as_bytes);
    let mut op = Op::Insert;
    let mut errors = Vec::new();
    for (role, field) in roles.iter().zip(record.fields()) {
        match *role {
            Role::PassedOver => {}
            // The first of all, if there is one.
            Role::Op => match layout.op(field.text) {
                Ok(found) => op = found,
                Err(reason) => return Row::Unread(error(Some("Op".to_owned()), reason)),
            },
            Role::Column(index) => {
                let Some(column) = columns.get_mut(index) else { continue };
                // PostgreSQL logs only the key of a deleted row (its default replica identity),
                // and DMS writes nothing for the rest: whatever stands there is not the row.
                if op == Op::Delete && !column.identifies {
                    column.reader.append_null();
                } else if let Err(fault) = column.reader.read(field, null_value) {
                    column.reader.append_null();
                    let name = layout.columns.get(index).map(|spec| spec.name.clone());
                    errors.push(error(name, fault.to_string()));
                }
            }
        }
    }
    let narrower = roles.iter().skip(record.width()).filter_map(|role| match role {
        Role::Column(index) => Some(index),
        Role::Op | Role::PassedOver => None,
    });
    for index in narrower.chain(absent) {
        if let Some(column) = columns.get_mut(*index) {
            column.reader.append_null();
        }
    }
    if errors.is_empty() { Row::Good(op) } else { Row::Bad(errors) }
}
