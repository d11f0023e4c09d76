//! Objects to batches: bytes are pushed in, batches of Arrow arrays are taken out.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;

use super::layout::{Layout, LayoutError, Role};
use super::reject::{BadRows, Lines, Raw, Reject};
use super::row_error::{ROW_ERRORS_MAX, RowError, RowErrors, Stop};
use super::split::{Record, SplitError, Splitter};
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
/// one push, one batch and the rows that are set aside. At the end call [`Self::finish`] and take
/// what is left.
///
/// With [`BadRows::Refuse`], after a bad row the rest is only checked, to tell several at once, so
/// an object with a bad row always ends in an error: of [`Self::finish`], or of [`Self::push`] if
/// there are many or the quoting is broken. Batches taken before must not be applied then.
///
/// With [`BadRows::SetAside`], the batches are those of the object without its bad rows. A quote
/// inside an unquoted field is taken for text to find the end of its row. After other broken quoting
/// nothing tells where the next row begins, so all lines from there on are set aside. A header that
/// does not fit is no bad row, and always an error.
#[derive(Debug)]
pub struct Decoder {
    splitting: Splitting,
    rows: Rows,
}

/// How the object is told apart.
#[derive(Debug)]
enum Splitting {
    Records(Splitter),
    /// After broken quoting.
    Lines {
        lines: Lines,
        error: SplitError,
    },
}

impl Decoder {
    /// `projection` are the indexes of the columns to give out, none for all. The others are
    /// checked as well: whether a row is accepted must not depend on who reads it.
    pub fn new(
        layout: Arc<Layout>,
        batch_rows: usize,
        projection: Option<Vec<usize>>,
        bad_rows: BadRows,
    ) -> Result<Self, LayoutError> {
        let projection = projection.unwrap_or_else(|| (0..layout.columns.len()).collect());
        layout.check(&projection)?;
        let splitter = Splitter::new(&layout.csv, layout.width());
        Ok(Self {
            splitting: Splitting::Records(match bad_rows {
                BadRows::Refuse => splitter,
                BadRows::SetAside { .. } => splitter.past_bare_quotes(),
            }),
            rows: Rows::new(layout, batch_rows.max(1), projection, bad_rows),
        })
    }

    /// Takes the next bytes of the object. After an error the object cannot be continued, and every
    /// further call gives the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), RowErrors> {
        if self.rows.stop.is_none() {
            match &mut self.splitting {
                Splitting::Records(splitter) => {
                    splitter.push(bytes);
                    self.take_records();
                }
                Splitting::Lines { .. } => self.take_lines(bytes),
            }
        }
        if self.rows.stop.is_some() { Err(self.rows.errors()) } else { Ok(()) }
    }

    /// Ends the object.
    pub fn finish(&mut self) -> Result<(), RowErrors> {
        if self.rows.stop.is_none()
            && let Splitting::Records(splitter) = &mut self.splitting
        {
            splitter.end();
            self.take_records();
        }
        if self.rows.stop.is_none()
            && let Splitting::Lines { lines, error } = &mut self.splitting
        {
            lines.end(&mut |line, raw| self.rows.take_line(line, raw, error));
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

    /// The rows that were set aside; to be asked after [`Self::finish`].
    pub fn take_rejects(&mut self) -> Vec<Reject> {
        std::mem::take(&mut self.rows.rejects)
    }

    fn take_records(&mut self) {
        while let Splitting::Records(splitter) = &mut self.splitting {
            if self.rows.stop.is_some() {
                return;
            }
            match splitter.next_record() {
                Ok(Some(record)) => self.rows.take(record),
                Ok(None) => return,
                Err(error) if self.rows.may_set_aside() => self.go_on_by_lines(error),
                Err(error) => {
                    self.rows.refuse(error.line, None, error.fault.to_string());
                    self.rows.stop = Some(Stop::Unreadable);
                }
            }
        }
    }

    fn go_on_by_lines(&mut self, error: SplitError) {
        let lines = Lines::new(error.line);
        let before = std::mem::replace(&mut self.splitting, Splitting::Lines { lines, error });
        if let Splitting::Records(splitter) = before {
            self.take_lines(&splitter.into_rest());
        }
    }

    fn take_lines(&mut self, bytes: &[u8]) {
        if let Splitting::Lines { lines, error } = &mut self.splitting {
            lines.push(bytes, &mut |line, raw| self.rows.take_line(line, raw, error));
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
    bad_rows: BadRows,
    rejects: Vec<Reject>,
    /// The lines of `rejects`.
    rejected: u64,
    /// Why the object is refused.
    errors: Vec<RowError>,
    stop: Option<Stop>,
}

/// What came of reading a row.
enum Row {
    Good(Op),
    /// Not told into fields: no column has got a value.
    Unread(RowError),
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
    fn new(
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
        Self {
            roles: (!layout.csv.header).then(|| layout.roles()),
            columns: layout.columns.iter().enumerate().filter_map(column).collect(),
            projection,
            batch_rows,
            ops: Vec::with_capacity(batch_rows),
            bytes: 0,
            first_row: 0,
            ready: VecDeque::new(),
            bad_rows,
            rejects: Vec::new(),
            rejected: 0,
            errors: Vec::new(),
            stop: None,
            layout,
        }
    }

    fn take(&mut self, record: Record<'_>) {
        let Some(roles) = &self.roles else {
            return self.take_header(record);
        };
        match read(&self.layout, roles, &mut self.columns, record) {
            Row::Good(op) if self.errors.is_empty() => {
                self.ops.push(op);
                self.bytes += record.raw().len();
                if self.ops.len() >= self.batch_rows || self.bytes >= BATCH_BYTES_MAX {
                    self.end_batch();
                }
            }
            Row::Good(_) => {}
            Row::Unread(error) => self.take_bad(vec![error], record),
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
            self.set_aside(Reject { errors, lines: record.lines(), raw: Raw::of(record.raw()) });
        } else {
            for RowError { line, column, reason } in errors {
                self.refuse(line, column, reason);
            }
        }
    }

    fn take_header(&mut self, record: Record<'_>) {
        if let Some(fault) = record.fault() {
            self.refuse(record.line(), None, fault.to_string());
            self.stop = Some(Stop::Unreadable);
            return;
        }
        let names: Vec<String> =
            record.fields().map(|field| String::from_utf8_lossy(field.text).into_owned()).collect();
        match self.layout.roles_of_header(&names) {
            Ok(roles) => self.roles = Some(roles),
            Err(reasons) => {
                for reason in reasons {
                    self.refuse(record.line(), None, reason);
                }
                self.stop = Some(Stop::Unreadable);
            }
        }
    }

    /// Takes a line after broken quoting; answers whether there may be more.
    fn take_line(&mut self, line: u64, raw: Raw, error: &SplitError) -> bool {
        let reason = match line == error.line {
            true => error.fault.to_string(),
            false => format!("behind the broken quoting of line {}", error.line),
        };
        let errors = vec![RowError { line, column: None, reason }];
        self.set_aside(Reject { errors, lines: 1, raw });
        self.stop.is_none()
    }

    fn may_set_aside(&self) -> bool {
        self.roles.is_some() && self.bad_rows != BadRows::Refuse
    }

    fn set_aside(&mut self, reject: Reject) {
        let BadRows::SetAside { most } = self.bad_rows else { return };
        self.rejected += reject.lines;
        self.rejects.push(reject);
        if self.rejected > most {
            let errors = self.rejects.drain(..).flat_map(|reject| reject.errors);
            self.errors = errors.take(ROW_ERRORS_MAX).collect();
            self.stop = Some(Stop::TooMany { most });
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
        if self.errors.len() >= ROW_ERRORS_MAX {
            self.stop = Some(Stop::Enough);
        }
    }

    fn errors(&self) -> RowErrors {
        RowErrors { errors: self.errors.clone(), stop: self.stop }
    }

    /// Puts a batch of the good rows so far out; the columns may have one more value, of a bad row.
    fn end_batch(&mut self) {
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
fn read(layout: &Layout, roles: &[Role], columns: &mut [Column], record: Record<'_>) -> Row {
    let error = |column, reason| RowError { line: record.line(), column, reason };
    if let Some(fault) = record.fault() {
        return Row::Unread(error(None, fault.to_string()));
    }
    if record.width() != roles.len() {
        let reason = format!("expected {} fields, found {}", roles.len(), record.width());
        return Row::Unread(error(None, reason));
    }
    let null_value = layout.csv.null_value.as_deref().map(str::as_bytes);
    let mut op = Op::Insert;
    let mut errors = Vec::new();
    for (role, field) in roles.iter().zip(record.fields()) {
        match *role {
            Role::PassedOver => {}
            // The first of all, if there is one.
            Role::Op => match Op::parse(field.text) {
                // Without a key no row can be found again: only inserts have a meaning.
                Some(found) if found != Op::Insert && layout.key.is_empty() => {
                    let reason = format!("{found} needs a PRIMARY KEY, the source has none");
                    return Row::Unread(error(Some("Op".to_owned()), reason));
                }
                Some(found) => op = found,
                None => {
                    let reason = "not an operation (I, U or D expected)".to_owned();
                    return Row::Unread(error(Some("Op".to_owned()), reason));
                }
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
    if errors.is_empty() { Row::Good(op) } else { Row::Bad(errors) }
}

#[cfg(test)]
mod tests;
