//! Objects to batches: bytes are pushed in, batches of Arrow arrays are taken out.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;

use super::layout::{Layout, LayoutError, Role};
use super::row_error::{ROW_ERRORS_MAX, RowError, RowErrors};
use super::split::{Record, Splitter};
use super::value::ColumnReader;
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

/// Decodes one object.
///
/// Push the bytes, cut anywhere, and take the batches after each push; the memory used is that of
/// one push and one batch. At the end call [`Self::finish`] and take what is left.
///
/// After a bad row the rest is only checked, to tell several at once, so an object with a bad row
/// always ends in an error: of [`Self::finish`], or of [`Self::push`] if there are many or the
/// quoting is broken. Batches taken before must not be applied then.
#[derive(Debug)]
pub struct Decoder {
    splitter: Splitter,
    rows: Rows,
}

impl Decoder {
    /// `projection` are the indexes of the columns to give out, none for all. The others are
    /// checked as well: whether an object is accepted must not depend on who reads it.
    pub fn new(
        layout: Arc<Layout>,
        batch_rows: usize,
        projection: Option<Vec<usize>>,
    ) -> Result<Self, LayoutError> {
        let projection = projection.unwrap_or_else(|| (0..layout.columns.len()).collect());
        layout.check(&projection)?;
        Ok(Self {
            splitter: Splitter::new(&layout.csv, layout.width()),
            rows: Rows::new(layout, batch_rows.max(1), projection),
        })
    }

    /// Takes the next bytes of the object. After an error the object cannot be continued, and every
    /// further call gives the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), RowErrors> {
        if !self.rows.stopped {
            self.splitter.push(bytes);
            self.take_records();
        }
        if self.rows.stopped { Err(self.rows.errors()) } else { Ok(()) }
    }

    /// Ends the object.
    pub fn finish(&mut self) -> Result<(), RowErrors> {
        if !self.rows.stopped {
            self.splitter.end();
            self.take_records();
        }
        if !self.rows.errors.is_empty() {
            return Err(self.rows.errors());
        }
        self.rows.end_batch();
        Ok(())
    }

    /// The next full batch, after [`Self::finish`] also the last, incomplete one; never an empty
    /// one.
    pub fn next_batch(&mut self) -> Option<Decoded> {
        self.rows.ready.pop_front()
    }

    fn take_records(&mut self) {
        while !self.rows.stopped {
            match self.splitter.next_record() {
                Ok(Some(record)) => self.rows.take(record),
                Ok(None) => return,
                Err(error) => {
                    self.rows.refuse(error.line, None, error.fault.to_string());
                    self.rows.stopped = true;
                }
            }
        }
    }
}

/// The rows of an object, gathered into batches.
struct Rows {
    layout: Arc<Layout>,
    /// What the fields are; none while the header is awaited.
    roles: Option<Vec<Role>>,
    columns: Vec<Column>,
    projection: Vec<usize>,
    batch_rows: usize,
    ops: Vec<Op>,
    bytes: usize,
    first_row: u64,
    ready: VecDeque<Decoded>,
    errors: Vec<RowError>,
    stopped: bool,
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
    fn new(layout: Arc<Layout>, batch_rows: usize, projection: Vec<usize>) -> Self {
        let column = |(index, spec)| {
            let in_key = layout.key.contains(&index);
            let kept = projection.contains(&index);
            let reader = ColumnReader::new(spec, kept, spec.nullable && !in_key, batch_rows)?;
            Some(Column { reader, identifies: in_key })
        };
        Self {
            roles: (!layout.csv.header).then(|| layout.roles()),
            columns: layout.columns.iter().enumerate().filter_map(column).collect(),
            projection,
            batch_rows,
            ops: Vec::with_capacity(batch_rows),
            bytes: 0,
            first_row: 0,
            ready: VecDeque::new(),
            errors: Vec::new(),
            stopped: false,
            layout,
        }
    }

    fn take(&mut self, record: Record<'_>) {
        let Some(roles) = &self.roles else {
            return self.take_header(record);
        };
        if record.width() != roles.len() {
            let reason = format!("expected {} fields, found {}", roles.len(), record.width());
            return self.refuse(record.line(), None, reason);
        }
        let null_value = self.layout.csv.null_value.as_deref().map(str::as_bytes);
        let mut op = Op::Insert;
        let mut faults = Vec::new();
        for (role, field) in roles.iter().zip(record.fields()) {
            match *role {
                Role::PassedOver => {}
                Role::Op => match Op::parse(field.text) {
                    // Without a key no row can be found again: only inserts have a meaning.
                    Some(found) if found != Op::Insert && self.layout.key.is_empty() => {
                        let reason = format!("{found} needs a PRIMARY KEY, the source has none");
                        return self.refuse(record.line(), Some("Op".to_owned()), reason);
                    }
                    Some(found) => op = found,
                    None => {
                        let reason = "not an operation (I, U or D expected)".to_owned();
                        return self.refuse(record.line(), Some("Op".to_owned()), reason);
                    }
                },
                Role::Column(index) => {
                    let Some(column) = self.columns.get_mut(index) else { continue };
                    // PostgreSQL logs only the key of a deleted row (its default replica identity),
                    // and DMS writes nothing for the rest: whatever stands there is not the row.
                    if op == Op::Delete && !column.identifies {
                        column.reader.append_null();
                    } else if let Err(fault) = column.reader.read(field, null_value) {
                        faults.push((index, fault));
                    }
                }
            }
        }
        for (index, fault) in faults {
            let name = self.layout.columns.get(index).map(|spec| spec.name.clone());
            self.refuse(record.line(), name, fault.to_string());
        }
        if self.errors.is_empty() {
            self.ops.push(op);
            self.bytes += record.size_bytes();
            if self.ops.len() >= self.batch_rows || self.bytes >= BATCH_BYTES_MAX {
                self.end_batch();
            }
        }
    }

    fn take_header(&mut self, record: Record<'_>) {
        let names: Vec<String> =
            record.fields().map(|field| String::from_utf8_lossy(field.text).into_owned()).collect();
        match self.layout.roles_of_header(&names) {
            Ok(roles) => self.roles = Some(roles),
            Err(reasons) => {
                for reason in reasons {
                    self.refuse(record.line(), None, reason);
                }
                self.stopped = true;
            }
        }
    }

    fn refuse(&mut self, line: u64, column: Option<String>, reason: String) {
        if self.errors.is_empty() {
            self.ops.clear();
            for column in &mut self.columns {
                column.reader.stop_keeping();
            }
        }
        if self.errors.len() < ROW_ERRORS_MAX {
            self.errors.push(RowError { line, column, reason });
        }
        self.stopped |= self.errors.len() >= ROW_ERRORS_MAX;
    }

    fn errors(&self) -> RowErrors {
        RowErrors { errors: self.errors.clone(), more: self.stopped }
    }

    fn end_batch(&mut self) {
        let len = self.ops.len();
        if len == 0 {
            return;
        }
        let built: Vec<Option<ArrayRef>> = self
            .columns
            .iter_mut()
            .map(|column| column.reader.is_kept().then(|| column.reader.finish()))
            .collect();
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

#[cfg(test)]
mod tests;
