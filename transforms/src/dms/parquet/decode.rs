//! Batches of a Parquet object to batches of the declared columns.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, new_null_array,
};
use datafusion::arrow::compute::{cast, filter, nullif};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::error::ArrowError;

use super::convert::{Conversion, Converted, printed};
use crate::dms::csv::layout::{BadHeader, Role, is_change_sequence};
use crate::dms::csv::verdict::Verdict;
use crate::dms::csv::{
    BadRows, Decoded, Fault, Layout, LayoutError, Raw, Reject, RowError, RowErrors, Stop,
};
use crate::dms::drift::Extent;
use crate::dms::op::Op;

/// Decodes one object.
///
/// Ask for the columns that [`Self::wanted`] names, push their batches, and take the batches of rows after each push. Bad rows,
/// refused or set aside, are those of [`crate::dms::csv::Decoder`], with rows for lines, counted from 1; what is wrong with the
/// object's columns is told with row 0.
#[derive(Debug)]
pub struct Decoder {
    layout: Arc<Layout>,
    columns: Vec<Column>,
    projection: Vec<usize>,
    /// Declared columns that the object does not have.
    absent: Vec<usize>,
    /// Rows of the object so far, and the good ones among them.
    rows: u64,
    good_rows: u64,
    verdict: Verdict,
    ready: VecDeque<Decoded>,
    has_lines: bool,
    commit: Option<usize>,
}

/// A column of the object that is read.
#[derive(Debug)]
struct Column {
    /// Its place in the object.
    place: usize,
    role: Role,
    conversion: Conversion,
}

impl Decoder {
    /// `schema` are the object's columns. `projection` are the indexes of the declared columns to give out, none for all; of the
    /// others those are read that a row may be refused for: whether it is accepted must not depend on who reads it.
    ///
    /// # Errors
    /// A layout that no object can be read by. A schema that does not fit it is told by [`Self::push`] and [`Self::finish`].
    pub fn new(
        layout: Arc<Layout>,
        schema: &Schema,
        projection: Option<Vec<usize>>,
        bad_rows: BadRows,
    ) -> Result<Self, LayoutError> {
        let projection = projection.unwrap_or_else(|| (0..layout.columns.len()).collect());
        layout.check(&projection)?;
        let mut decoder = Self {
            layout,
            columns: Vec::new(),
            projection,
            absent: Vec::new(),
            rows: 0,
            good_rows: 0,
            verdict: Verdict::new(bad_rows),
            ready: VecDeque::new(),
            has_lines: false,
            commit: None,
        };
        decoder.find_columns(schema);
        Ok(decoder)
    }

    /// The places of the object's columns that are to be read, ascending.
    pub fn wanted(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|column| column.place)
    }

    /// Gives out [`Decoded::lines`].
    #[must_use]
    pub fn with_lines(mut self) -> Self {
        self.has_lines = true;
        self
    }

    /// See [`crate::dms::csv::Decoder::with_commit`].
    #[must_use]
    pub fn with_commit(mut self, column: usize) -> Self {
        self.commit = Some(column);
        self
    }

    /// Whether the object can be read on.
    ///
    /// # Errors
    /// What is wrong, if it cannot.
    pub fn check(&self) -> Result<(), RowErrors> {
        if self.verdict.stop.is_some() { Err(self.verdict.errors()) } else { Ok(()) }
    }

    /// Takes the next rows: the wanted columns. After an error the object cannot be continued.
    ///
    /// # Errors
    /// Bad rows; and what the engine could not do with the columns at all.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<Result<(), RowErrors>, ArrowError> {
        if self.verdict.stop.is_none() {
            self.take(batch)?;
        }
        Ok(self.check())
    }

    /// Ends the object.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn finish(&mut self) -> Result<(), RowErrors> {
        if self.verdict.is_refused() { Err(self.verdict.errors()) } else { Ok(()) }
    }

    /// Batches in the order of the rows, never an empty one.
    pub fn next_batch(&mut self) -> Option<Decoded> {
        self.ready.pop_front()
    }

    /// The rows that were set aside; to be asked after [`Self::finish`].
    pub fn take_rejects(&mut self) -> Vec<Reject> {
        std::mem::take(&mut self.verdict.rejects)
    }

    /// How far the object reaches beyond the layout; reading has stopped there.
    pub fn beyond(&self) -> Option<&Extent> {
        self.verdict.beyond.as_ref()
    }

    fn find_columns(&mut self, schema: &Schema) {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        if self.layout.lacks_op(&names) {
            self.layout = Arc::new(self.layout.without_op());
        }
        if let Some(beyond) = self.layout.extent_of_header(&names) {
            self.refuse_object(None, beyond.to_string());
            return self.verdict.stop_at(beyond);
        }
        let roles = match self.layout.roles_of_header(&names) {
            Ok(roles) => roles,
            Err(BadHeader { reasons, drift }) => {
                self.verdict.drift = drift;
                for reason in reasons {
                    self.refuse_object(None, reason);
                }
                return;
            }
        };
        let has = |index: &usize| roles.contains(&Role::Column(*index));
        self.absent = (0..self.layout.columns.len()).filter(|index| !has(index)).collect();
        for (place, (role, field)) in roles.iter().zip(schema.fields()).enumerate() {
            let conversion = match self.conversion(*role, field.data_type()) {
                Ok(conversion) => conversion,
                Err((column, reason)) => {
                    self.refuse_object(Some(column), reason);
                    continue;
                }
            };
            let is_wanted = self.verdict.sets_aside()
                || match *role {
                    Role::Op => true,
                    Role::PassedOver => false,
                    Role::Column(index) => {
                        self.projection.contains(&index)
                            || self.layout.change_sequence == Some(index)
                            || self.layout.before_key.contains(&index)
                            || conversion != Conversion::Exact
                            || (!self.may_be_null(index) && field.is_nullable())
                    }
                };
            if is_wanted {
                self.columns.push(Column { place, role: *role, conversion });
            }
        }
    }

    fn conversion(&self, role: Role, from: &DataType) -> Result<Conversion, (String, String)> {
        let Role::Column(index) = role else { return Ok(Conversion::Exact) };
        let Some(spec) = self.layout.columns.get(index) else { return Ok(Conversion::Exact) };
        Conversion::of(from, spec).ok_or_else(|| {
            let reason = format!(
                "the object has values of type {from}, which are not read as the declared {}",
                spec.data_type
            );
            (spec.name.clone(), reason)
        })
    }

    /// Nothing of the object can be read.
    fn refuse_object(&mut self, column: Option<String>, reason: String) {
        self.verdict.refuse(RowError { line: 0, column, reason });
        self.verdict.stop = Some(Stop::Unreadable);
    }

    fn may_be_null(&self, index: usize) -> bool {
        let spec = self.layout.columns.get(index);
        spec.is_some_and(|spec| spec.nullable) && !self.layout.is_of_deletes(index)
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let first_line = self.rows + 1;
        self.rows += batch.num_rows() as u64;
        let mut bad = BadRowsOf::new(first_line);
        let ops = self.ops(batch, &mut bad)?;
        let deletes = BooleanArray::from_iter(ops.iter().map(|op| Some(*op == Op::Delete)));
        let mut built: BTreeMap<usize, ArrayRef> = BTreeMap::new();
        for (column, array) in self.columns.iter().zip(batch.columns()) {
            let Role::Column(index) = column.role else { continue };
            let Some(spec) = self.layout.columns.get(index) else { continue };
            let Converted { mut values, faults } = column.conversion.convert(array, spec)?;
            // PostgreSQL logs only the key of a deleted row: whatever stands in the other columns is not the row.
            let is_of_deletes = self.layout.is_of_deletes(index);
            let is_read = |row: usize| is_of_deletes || !deletes.value(row);
            // Logical ones: a column may consist of NULL alone, or have it in its dictionary.
            if let Some(nulls) = array.logical_nulls().filter(|_| !self.may_be_null(index)) {
                let nulls = (0..array.len()).filter(|row| nulls.is_null(*row) && is_read(*row));
                nulls.for_each(|row| bad.note(row, &spec.name, Fault::Null));
            }
            let faults = faults.into_iter().filter(|(row, _)| is_read(*row));
            faults.for_each(|(row, fault)| bad.note(row, &spec.name, fault));
            if self.layout.change_sequence == Some(index) {
                let texts = cast(&values, &DataType::Utf8)?;
                let texts = texts.as_string::<i32>().iter().enumerate();
                let wrong = texts.filter(|(_, text)| {
                    text.is_some_and(|text| !is_change_sequence(text.as_bytes()))
                });
                wrong.for_each(|(row, _)| bad.note(row, &spec.name, Fault::NotAChangeSequence));
            }
            if !is_of_deletes && deletes.has_true() && self.commit != Some(index) {
                values = nullif(&values, &deletes)?;
            }
            let _none = built.insert(index, values);
        }
        for index in &self.absent {
            if let Some(spec) = self.layout.columns.get(*index) {
                let _none = built.insert(*index, new_null_array(&spec.data_type, batch.num_rows()));
            }
        }
        let parts: Vec<ArrayRef> =
            (self.layout.before_key.iter()).filter_map(|index| built.get(index).cloned()).collect();
        for (row, _) in ops.iter().enumerate().filter(|(_, op)| self.layout.may_move(**op)) {
            let there = parts.iter().filter(|part| part.is_valid(row)).count();
            if there > 0 && there < parts.len() {
                bad.note_row(row, Fault::HalfAKey);
            }
        }
        let columns = self.projection.iter().filter_map(|index| built.remove(index)).collect();
        self.sort_out(batch, Batch { columns, ops }, bad)
    }

    /// The operations; a row whose operation cannot be told is bad.
    fn ops(&self, batch: &RecordBatch, bad: &mut BadRowsOf) -> Result<Vec<Op>, ArrowError> {
        let column = self.columns.iter().position(|column| column.role == Role::Op);
        let Some(column) = column else { return Ok(vec![Op::Insert; batch.num_rows()]) };
        let texts = cast(batch.column(column), &DataType::Utf8)?;
        let ops = texts.as_string::<i32>().iter().enumerate().map(|(row, text)| {
            self.layout.op(text.unwrap_or_default().as_bytes()).unwrap_or_else(|reason| {
                bad.unread(row, reason);
                Op::Insert
            })
        });
        Ok(ops.collect())
    }

    /// Puts the good rows out, and judges the others.
    fn sort_out(
        &mut self,
        batch: &RecordBatch,
        rows: Batch,
        bad: BadRowsOf,
    ) -> Result<(), ArrowError> {
        let mut good = vec![true; rows.ops.len()];
        for (row, errors) in bad.rows {
            if let Some(is_good) = good.get_mut(row) {
                *is_good = false;
            }
            if self.verdict.stop.is_some() {
                break;
            }
            if self.verdict.sets_aside() {
                let raw = Raw::of(&printed(batch.columns(), row), &self.layout.csv);
                self.verdict.set_aside(Reject { errors, lines: 1, raw });
            } else {
                errors.into_iter().for_each(|error| self.verdict.refuse(error));
            }
        }
        if self.verdict.is_refused() {
            return Ok(());
        }
        let rows = rows.only(&good)?;
        let lines = (bad.first_line..).zip(&good).filter(|(_, is_good)| **is_good);
        let lines = self.has_lines.then(|| lines.map(|(line, _)| line).collect());
        let len = rows.ops.len();
        if len > 0 {
            let Batch { columns, ops } = rows;
            let (absent, has_op) = (None, self.layout.has_op);
            self.ready.push_back(Decoded {
                columns,
                ops,
                has_op,
                absent,
                lines,
                first_row: self.good_rows,
                len,
            });
            self.good_rows += len as u64;
        }
        Ok(())
    }
}

/// Converted rows.
struct Batch {
    columns: Vec<ArrayRef>,
    ops: Vec<Op>,
}

impl Batch {
    /// The good ones.
    fn only(self, good: &[bool]) -> Result<Self, ArrowError> {
        if good.iter().all(|is_good| *is_good) {
            return Ok(self);
        }
        let mask = BooleanArray::from(good.to_vec());
        let columns = self.columns.iter().map(|column| filter(column, &mask));
        let ops = self.ops.iter().zip(good).filter(|(_, is_good)| **is_good).map(|(op, _)| *op);
        Ok(Self { columns: columns.collect::<Result<_, _>>()?, ops: ops.collect() })
    }
}

/// What is wrong with the rows of a batch.
struct BadRowsOf {
    first_line: u64,
    rows: BTreeMap<usize, Vec<RowError>>,
}

impl BadRowsOf {
    fn new(first_line: u64) -> Self {
        Self { first_line, rows: BTreeMap::new() }
    }

    fn error(&self, row: usize, column: &str, reason: String) -> RowError {
        RowError { line: self.first_line + row as u64, column: Some(column.to_owned()), reason }
    }

    /// A row whose operation is not known has no values to judge.
    fn unread(&mut self, row: usize, reason: String) {
        let error = self.error(row, "Op", reason);
        let _none = self.rows.insert(row, vec![error]);
    }

    /// What is wrong with a row that is good otherwise.
    fn note_row(&mut self, row: usize, fault: Fault) {
        let line = self.first_line + row as u64;
        let error = RowError { line, column: None, reason: fault.to_string() };
        let _errors = self.rows.entry(row).or_insert_with(|| vec![error]);
    }

    fn note(&mut self, row: usize, column: &str, fault: Fault) {
        let error = self.error(row, column, fault.to_string());
        let errors = self.rows.entry(row).or_default();
        if errors.first().is_none_or(|first| first.column.as_deref() != Some("Op")) {
            errors.push(error);
        }
    }
}

#[cfg(test)]
mod tests;
