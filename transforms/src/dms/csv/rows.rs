//! The rows of one object: fields to columns, columns to batches, bad rows to errors or aside.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;

use super::decoded::Decoded;
use super::first_look::{End, FirstLook};
use super::layout::{BadHeader, Layout, Owner, Role};
use super::left_out::LeftOut;
use super::reject::{BadRows, Raw, Reject};
use super::row::{Column, Into, Row, read};
use super::row_error::{RowError, Stop};
use super::split::{Record, SplitError};
use super::value::{ColumnReader, ColumnSpec};
use super::verdict::Verdict;
use super::width::{Widths, first_op};
use crate::dms::op::Op;
use crate::dms::settings::CsvFormat;

/// A batch ends early when its rows take so many bytes: an Arrow text array holds at most 2 GiB,
/// and rows may be large.
const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The rows of an object, gathered into batches.
pub(super) struct Rows {
    layout: Arc<Layout>,
    /// What the fields are; none while the header is awaited.
    roles: Option<Vec<Role>>,
    /// No row has told yet whether the object has operations.
    is_undecided: bool,
    pub(super) widths: Widths,
    /// None once it is over.
    first_look: Option<FirstLook>,
    /// Columns that the header does not name.
    absent: Vec<usize>,
    columns: Vec<Column>,
    projection: Vec<usize>,
    batch_rows: usize,
    ops: Vec<Op>,
    /// Of the rows of `ops`.
    left_out: LeftOut,
    bytes: usize,
    first_row: u64,
    pub(super) ready: VecDeque<Decoded>,
    pub(super) verdict: Verdict,
    /// Of the rows of `ops`, if they are wanted.
    lines: Option<Vec<u64>>,
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
        let column = |(index, spec): (usize, &ColumnSpec)| {
            let is_of_deletes = layout.is_of_deletes(index);
            let kept = projection.contains(&index);
            let nullable = spec.nullable && !is_of_deletes;
            let reader = ColumnReader::new(spec, kept, nullable, batch_rows)?;
            let is_sequence = layout.change_sequence == Some(index);
            let is_before = layout.before_key.contains(&index);
            Some(Column { reader, is_of_deletes, is_sequence, is_before, is_commit: false })
        };
        let roles = layout.roles();
        Self {
            first_look: FirstLook::new(&layout),
            widths: Widths::new(&layout, &roles),
            roles: (!layout.csv.header).then_some(roles),
            is_undecided: layout.op_may_lack && !layout.csv.header,
            absent: Vec::new(),
            columns: layout.columns.iter().enumerate().filter_map(column).collect(),
            projection,
            batch_rows,
            ops: Vec::with_capacity(batch_rows),
            left_out: LeftOut::default(),
            bytes: 0,
            first_row: 0,
            ready: VecDeque::new(),
            verdict: Verdict::new(bad_rows),
            lines: None,
            layout,
        }
    }

    /// See [`super::Decoder::with_lines`].
    pub(super) fn keep_lines(&mut self) {
        self.lines = Some(Vec::new());
    }

    /// See [`super::Decoder::with_commit`].
    pub(super) fn keep_commit(&mut self, index: usize) {
        if let Some(column) = self.columns.get_mut(index) {
            column.is_commit = true;
        }
    }

    pub(super) fn take(&mut self, record: Record<'_>) {
        match self.layout.of_table.as_ref().map(|table| table.owner(&record)) {
            None | Some(Owner::This) => {}
            Some(Owner::Other) => return,
            // There may be two tables whose names differ so; who knows it says so.
            Some(Owner::Misspelt) if self.layout.first_look.is_none() => return,
            Some(Owner::Misspelt) => {
                let reason = "the row's schema and table are those that LOCATION ends in, but for their case: write LOCATION as DMS writes it, or, if these are two tables, declare 'CheckFirstRows' 'false'";
                return self.refuse(record.line(), None, reason.to_owned());
            }
        }
        if let Some(look) = &mut self.first_look {
            look.note(&record);
        }
        let is_bad = self.take_own(record);
        if let Some(look) = &mut self.first_look {
            if is_bad {
                look.note_bad();
            }
            if look.is_over() || self.verdict.stop.is_some() {
                self.end_first_look(End::Rows);
            }
        }
    }

    /// Compares the first rows with the declaration, unless that has been done.
    pub(super) fn end_first_look(&mut self, end: End<'_>) {
        let Some(look) = self.first_look.take() else { return };
        if let Some(error) = look.contradiction(self.verdict.sets_aside(), end) {
            let RowError { line, column, reason } = error.clone();
            self.refuse(line, column, reason);
            self.verdict.contradict(error);
        }
    }

    /// Takes broken quoting; answers whether reading may go on by lines. `rest` is what is known of the object from there on.
    pub(super) fn take_broken(&mut self, error: &SplitError, rest: &[u8]) -> bool {
        let look = self.first_look.as_ref();
        let more = look.and_then(|look| look.of_broken_quotes(error.fault));
        self.end_first_look(End::Broken { error, rest });
        if self.verdict.stop.is_some() {
            return false;
        }
        if self.may_set_aside() {
            return true;
        }
        let reason = match more {
            Some(more) => format!("{}: {more}", error.fault),
            None => error.fault.to_string(),
        };
        self.refuse(error.line, None, reason);
        self.verdict.stop = Some(Stop::Unreadable);
        false
    }

    /// Answers whether the row is a bad one.
    fn take_own(&mut self, record: Record<'_>) -> bool {
        if self.is_undecided {
            self.look_for_op(record);
        }
        let Some(roles) = &self.roles else {
            self.take_header(record);
            return self.verdict.is_refused();
        };
        let into = Into { columns: &mut self.columns, left_out: &mut self.left_out };
        let row = read(&self.layout, roles, &self.widths, &self.absent, into, record);
        match row {
            Row::Good(op) if !self.verdict.is_refused() => {
                self.widths.note(record.width(), op);
                if let Some(lines) = &mut self.lines {
                    lines.push(record.line());
                }
                self.left_out.end_row(self.layout.has_op.then_some(op));
                self.ops.push(op);
                self.bytes += record.raw().len();
                if self.ops.len() >= self.batch_rows || self.bytes >= BATCH_BYTES_MAX {
                    self.end_batch();
                }
                return false;
            }
            Row::Good(_) => return false,
            Row::Unread(error) => self.take_bad(vec![error], record),
            Row::Misfit(error) => {
                self.verdict.drift = true;
                self.take_bad(vec![error], record);
            }
            Row::Wider(RowError { line, column, reason }, beyond) => {
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
        true
    }

    fn take_bad(&mut self, errors: Vec<RowError>, record: Record<'_>) {
        if self.may_set_aside() {
            let raw = Raw::of(record.raw(), &self.layout.csv);
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

    pub(super) fn format(&self) -> &CsvFormat {
        &self.layout.csv
    }

    pub(super) fn may_set_aside(&self) -> bool {
        self.roles.is_some() && self.verdict.sets_aside()
    }

    pub(super) fn refuse(&mut self, line: u64, column: Option<String>, reason: String) {
        if !self.verdict.is_refused() {
            self.ops.clear();
            let _rows = self.left_out.take(0);
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
        let absent = self.left_out.take(len);
        let ops = std::mem::replace(&mut self.ops, Vec::with_capacity(self.batch_rows));
        self.ready.push_back(Decoded {
            columns: columns.collect(),
            ops,
            has_op: self.layout.has_op,
            absent,
            lines: self.lines.as_mut().map(std::mem::take),
            first_row: self.first_row,
            len,
        });
        self.first_row += u64::try_from(len).unwrap_or(u64::MAX);
        self.bytes = 0;
    }
}
