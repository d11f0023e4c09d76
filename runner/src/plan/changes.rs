//! What a run would change in a table: numbers, and the first few rows of each kind. Pure.

use datafusion::arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::{and, filter_record_batch, not, or};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use schemars::JsonSchema;
use serde::Serialize;

use super::first::First;
use super::sample::{Cell, Changed, Fields, Printed, Update};
use crate::error::{Error, Result};

/// Rows of each kind that are shown.
const SAMPLE_ROWS: usize = 5;

/// What a run would change in a table.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Changes {
    /// Rows that the table does not have yet.
    pub(crate) insert: u64,
    /// Rows that it has, with another value in some column.
    pub(crate) update: u64,
    /// Rows that it has, and that go.
    pub(crate) delete: u64,
    /// Of these, rows whose key the table has several times, and has once then.
    pub(crate) repeated: u64,
    /// Rows that it has just so, written or not.
    pub(crate) unchanged: u64,
    /// Keys that would be deleted, and that it does not have.
    pub(crate) absent: u64,
    /// Of the rows to update, how many differ in each column, in the table's order.
    pub(crate) columns: Vec<ColumnChanges>,
    /// The first few rows by key.
    pub(crate) samples: Samples,
}

/// How many rows to update differ in a column.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ColumnChanges {
    /// Its name.
    pub(crate) column: String,
    /// The rows.
    pub(crate) rows: u64,
}

/// The first few rows of each kind.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Samples {
    /// Rows to insert.
    pub(crate) insert: Vec<Fields>,
    /// What changes in rows to update.
    pub(crate) update: Vec<Update>,
    /// Rows to delete.
    pub(crate) delete: Vec<Fields>,
}

/// Collects [`Changes`] from batches, whose rows may come in any order.
#[derive(Debug)]
pub(super) struct Collector {
    schema: SchemaRef,
    key: Vec<usize>,
    counts: Changes,
    columns: Vec<u64>,
    insert: First<Fields>,
    update: First<Update>,
    delete: First<Fields>,
}

impl Collector {
    /// For a table with these columns and indices of key columns; without any, rows are ordered by all their columns.
    pub(super) fn new(schema: SchemaRef, key: &[usize]) -> Result<Self> {
        let ordered: Vec<usize> = match key {
            [] => (0..schema.fields().len()).collect(),
            key => key.to_vec(),
        };
        Ok(Self {
            columns: vec![0; schema.fields().len()],
            insert: First::new(&schema, &ordered, SAMPLE_ROWS)?,
            update: First::new(&schema, &ordered, SAMPLE_ROWS)?,
            delete: First::new(&schema, &ordered, SAMPLE_ROWS)?,
            counts: Changes::default(),
            key: key.to_vec(),
            schema,
        })
    }

    /// Takes rows of which the table has none.
    pub(super) fn add_new(&mut self, batch: &RecordBatch) -> Result<()> {
        self.counts.insert += batch.num_rows() as u64;
        let printed = Printed::of(&self.schema, batch.columns())?;
        self.insert.offer(batch.columns(), |row| printed.fields(row))
    }

    /// Takes rows as [`transforms::delta::beside`] lays them out.
    pub(super) fn add_beside(&mut self, batch: &RecordBatch) -> Result<()> {
        let width = self.schema.fields().len();
        let is_new = flags(batch, 3 * width)?;
        let is_old = flags(batch, 3 * width + 1)?;
        self.counts.repeated += flags(batch, 3 * width + 2)?.true_count() as u64;
        let both = and(&is_new, &is_old)?;
        let mut differs = not(&both)?;
        for index in 0..width {
            let in_column = and(&flags(batch, 2 * width + index)?, &both)?;
            if let Some(count) = self.columns.get_mut(index) {
                *count += in_column.true_count() as u64;
            }
            differs = or(&differs, &in_column)?;
        }
        self.counts.unchanged += not(&differs)?.true_count() as u64;
        let inserted = filter_record_batch(batch, &and(&is_new, &not(&is_old)?)?)?;
        self.add_new(&part(&inserted, 0, width)?)?;
        let deleted = filter_record_batch(batch, &and(&is_old, &not(&is_new)?)?)?;
        self.add_gone(&part(&deleted, width, width)?)?;
        self.add_updates(&filter_record_batch(batch, &and(&differs, &both)?)?)
    }

    /// Takes rows as [`transforms::delta::doomed`] lays them out.
    pub(super) fn add_doomed(&mut self, batch: &RecordBatch) -> Result<()> {
        let width = self.schema.fields().len();
        let there = flags(batch, width)?;
        self.counts.absent += not(&there)?.true_count() as u64;
        self.add_gone(&part(&filter_record_batch(batch, &there)?, 0, width)?)
    }

    /// Takes rows as [`transforms::delta::as_bags`] lays them out.
    pub(super) fn add_bags(&mut self, batch: &RecordBatch) -> Result<()> {
        let width = self.schema.fields().len();
        let rows = part(batch, 0, width)?;
        let printed = Printed::of(&self.schema, rows.columns())?;
        let [new, old] = [counts(batch, width)?, counts(batch, width + 1)?];
        let more = |a: &Int64Array, b: &Int64Array, row: usize| {
            u64::try_from(a.value(row).saturating_sub(b.value(row))).unwrap_or_default()
        };
        let kept = |row: usize| u64::try_from(new.value(row).min(old.value(row))).unwrap_or(0);
        for row in 0..batch.num_rows() {
            self.counts.insert += more(new, old, row);
            self.counts.delete += more(old, new, row);
            self.counts.unchanged += kept(row);
        }
        for (a, b, first) in [(new, old, &mut self.insert), (old, new, &mut self.delete)] {
            let is_more: BooleanArray =
                (0..batch.num_rows()).map(|row| Some(more(a, b, row) > 0)).collect();
            first.offer_some(rows.columns(), &is_more, |row| printed.fields(row))?;
        }
        Ok(())
    }

    /// What was found.
    pub(super) fn finish(self) -> Changes {
        let columns = self.schema.fields().iter().zip(self.columns);
        let columns = columns
            .filter(|(_, rows)| *rows > 0)
            .map(|(field, rows)| ColumnChanges { column: field.name().clone(), rows });
        let samples = Samples {
            insert: self.insert.finish(),
            update: self.update.finish(),
            delete: self.delete.finish(),
        };
        Changes { columns: columns.collect(), samples, ..self.counts }
    }

    fn add_gone(&mut self, batch: &RecordBatch) -> Result<()> {
        self.counts.delete += batch.num_rows() as u64;
        let printed = Printed::of(&self.schema, batch.columns())?;
        self.delete.offer(batch.columns(), |row| printed.fields(row))
    }

    fn add_updates(&mut self, batch: &RecordBatch) -> Result<()> {
        self.counts.update += batch.num_rows() as u64;
        let width = self.schema.fields().len();
        let [new, old] = [part(batch, 0, width)?, part(batch, width, width)?];
        let differs: Vec<BooleanArray> =
            (0..width).map(|index| flags(batch, 2 * width + index)).collect::<Result<_>>()?;
        let printed =
            [Printed::of(&self.schema, new.columns())?, Printed::of(&self.schema, old.columns())?];
        let [new_texts, old_texts] = &printed;
        let key = &self.key;
        self.update.offer(new.columns(), |row| {
            let of = |index: &usize| new_texts.cell(*index, row);
            let key: Vec<(String, Cell)> = key.iter().map(of).collect::<Result<_>>()?;
            let mut changed = Vec::new();
            for (index, differs) in differs.iter().enumerate() {
                if differs.value(row) {
                    let (column, new) = new_texts.cell(index, row)?;
                    changed.push((column, Changed { old: old_texts.cell(index, row)?.1, new }));
                }
            }
            Ok(Update { key: Fields(key), changed: changed.into() })
        })
    }
}

/// Columns of a batch, as many from one on.
fn part(batch: &RecordBatch, from: usize, count: usize) -> Result<RecordBatch> {
    let indices: Vec<usize> = (from..from + count).collect();
    Ok(batch.project(&indices)?)
}

fn flags(batch: &RecordBatch, index: usize) -> Result<BooleanArray> {
    let column = batch.columns().get(index).and_then(|column| column.as_boolean_opt());
    column.cloned().ok_or_else(misshapen)
}

fn counts(batch: &RecordBatch, index: usize) -> Result<&Int64Array> {
    let column = batch.columns().get(index).and_then(|column| column.as_primitive_opt());
    column.filter(|column| column.null_count() == 0).ok_or_else(misshapen)
}

fn misshapen() -> Error {
    Error::failed("a comparison has other columns than it was asked for")
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Self {
        Self::failed("rows cannot be compared").source(error)
    }
}

#[cfg(test)]
mod tests;
