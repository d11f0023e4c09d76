//! Rows that leave columns out: the newest row of each key, with the values that it leaves out from the rows before it.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, RecordBatch, UInt64Array, new_null_array,
};
use datafusion::arrow::compute::{concat, interleave, partition, take};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use futures::stream::{self, Stream, StreamExt};

/// Where it stands which columns a row leaves out.
#[derive(Debug, Clone)]
pub(super) struct Gaps {
    /// The column that says it, as [`crate::dms::csv::Decoded::absent`].
    pub(super) absent: usize,
    /// For each column its number there; none for those that are never left out.
    pub(super) numbers: Vec<Option<usize>>,
}

/// Of rows sorted by key, newest first, one of each key. A row that inserts or deletes has all columns, so that nothing is taken
/// from behind it; what no row has is NULL.
pub(super) fn fill(
    rows: SendableRecordBatchStream,
    key: Vec<usize>,
    gaps: Gaps,
) -> impl Stream<Item = Result<RecordBatch>> {
    let mut filling = Filling { schema: rows.schema(), key, gaps, open: None };
    let ended = rows.map(|batch| batch.map(Some)).chain(stream::iter([Ok(None)]));
    ended.map(move |batch| match batch? {
        Some(batch) => Ok(filling.take(&batch)?),
        None => Ok(filling.end()),
    })
}

struct Filling {
    schema: SchemaRef,
    key: Vec<usize>,
    gaps: Gaps,
    open: Option<Open>,
}

/// The row of the last key so far, of which more rows may follow.
struct Open {
    row: RecordBatch,
    /// Columns that all rows of the key left out so far.
    missing: Vec<usize>,
}

impl Filling {
    /// The rows of all keys but the last.
    fn take(&mut self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        if batch.num_rows() == 0 {
            return Ok(batch.clone());
        }
        let open = self.open.take();
        let absent = batch.column(self.gaps.absent).as_binary_opt::<i32>();
        let rows = Rows { open: open.as_ref(), batch, absent, gaps: &self.gaps };
        let key: Vec<ArrayRef> =
            self.key.iter().map(|column| rows.column(*column)).collect::<Result<_, _>>()?;
        let keys = partition(&key)?.ranges();
        let mut missing = Vec::new();
        let mut columns = Vec::with_capacity(batch.num_columns());
        for place in 0..batch.num_columns() {
            let found: Vec<Option<usize>> = keys
                .iter()
                .map(|rows_of_key| rows_of_key.clone().find(|row| rows.has(*row, place)))
                .collect();
            if found.last().is_some_and(Option::is_none) {
                missing.push(place);
            }
            columns.push(rows.pick(place, &found)?);
        }
        let filled = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        let last = filled.num_rows() - 1;
        self.open = Some(Open { row: own(&filled, last)?, missing });
        Ok(filled.slice(0, last))
    }

    fn end(&mut self) -> RecordBatch {
        let open = self.open.take().map(|open| open.row);
        open.unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&self.schema)))
    }
}

/// The open row, if there is one, and behind it those of a batch.
struct Rows<'a> {
    open: Option<&'a Open>,
    batch: &'a RecordBatch,
    absent: Option<&'a BinaryArray>,
    gaps: &'a Gaps,
}

impl Rows<'_> {
    fn column(&self, place: usize) -> Result<ArrayRef, ArrowError> {
        let column = self.batch.column(place);
        match self.open {
            None => Ok(Arc::clone(column)),
            Some(open) => concat(&[open.row.column(place).as_ref(), column.as_ref()]),
        }
    }

    /// Whether a row has a column.
    fn has(&self, row: usize, place: usize) -> bool {
        let Some(number) = self.gaps.numbers.get(place).copied().flatten() else { return true };
        match self.open {
            // What it left out has been filled in, as far as there was something.
            Some(open) if row == 0 => !open.missing.contains(&place),
            open => {
                let row = row - usize::from(open.is_some());
                !self.absent.is_some_and(|absent| leaves_out(absent, row, number))
            }
        }
    }

    /// One value for each of `rows`.
    fn pick(&self, place: usize, rows: &[Option<usize>]) -> Result<ArrayRef, ArrowError> {
        let column = self.batch.column(place);
        let none = new_null_array(column.data_type(), 1);
        let open = self.open.map_or(&none, |open| open.row.column(place));
        let shift = usize::from(self.open.is_some());
        let at = |row: &Option<usize>| match row {
            None => (0, 0),
            Some(row) if *row < shift => (1, 0),
            Some(row) => (2, row - shift),
        };
        let places: Vec<(usize, usize)> = rows.iter().map(at).collect();
        interleave(&[none.as_ref(), open.as_ref(), column.as_ref()], &places)
    }
}

/// Whether a row leaves a column out.
pub(super) fn leaves_out(absent: &BinaryArray, row: usize, column: usize) -> bool {
    absent.is_valid(row)
        && absent.value(row).get(column / 8).is_some_and(|bits| bits & (1 << (column % 8)) != 0)
}

/// One row, copied: a slice would keep its batch.
pub(super) fn own(batch: &RecordBatch, row: usize) -> Result<RecordBatch, ArrowError> {
    let row = u64::try_from(row).map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
    let row = UInt64Array::from(vec![row]);
    let columns = batch.columns().iter().map(|column| take(column, &row, None));
    RecordBatch::try_new(batch.schema(), columns.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Int32Array, StringArray};
    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
    use futures::TryStreamExt;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::texts;

    /// A row: key, two values, and the bits of those that it leaves out.
    type Row = (i32, &'static str, &'static str, u8);

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("id", DataType::Int32, false),
            Field::new("a", DataType::Utf8, true),
            Field::new("b", DataType::Utf8, true),
            Field::new("absent", DataType::Binary, true),
        ]))
    }

    fn batch(rows: &[Row]) -> RecordBatch {
        let text = |value: fn(&Row) -> &'static str, bit: u8| -> ArrayRef {
            let is_there = |row: &&Row| row.3 & bit == 0;
            let texts = rows.iter().map(|row| Some(row).filter(is_there).map(value));
            Arc::new(texts.collect::<StringArray>())
        };
        let absent = rows.iter().map(|row| (row.3 != 0).then(|| vec![row.3]));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()),
            text(|row| row.1, 2),
            text(|row| row.2, 4),
            Arc::new(BinaryArray::from_iter(absent)),
        ];
        RecordBatch::try_new(schema(), columns).unwrap()
    }

    async fn filled(batches: &[&[Row]]) -> Vec<String> {
        let batches: Vec<_> = batches.iter().map(|rows| Ok(batch(rows))).collect();
        let rows = RecordBatchStreamAdapter::new(schema(), stream::iter(batches));
        let gaps = Gaps { absent: 3, numbers: vec![Some(0), Some(1), Some(2), None] };
        let filled: Vec<RecordBatch> =
            fill(Box::pin(rows), vec![0], gaps).try_collect().await.unwrap();
        let filled: Vec<RecordBatch> =
            filled.iter().map(|batch| batch.project(&[0, 1, 2]).unwrap()).collect();
        texts(&filled)
    }

    #[tokio::test]
    async fn what_a_row_leaves_out_is_what_it_was_before() {
        let rows: &[Row] = &[
            (1, "", "b9", 2),
            (1, "", "", 6),
            (1, "a7", "b7", 0),
            (1, "a6", "b6", 0),
            (2, "", "b5", 2),
        ];
        assert_eq!(filled(&[rows]).await, ["1|a7|b9", "2|NULL|b5"]);
        for cut in 0..=rows.len() {
            let (first, second) = rows.split_at(cut);
            assert_eq!(filled(&[first, &[], second]).await, ["1|a7|b9", "2|NULL|b5"], "{cut}");
        }
        assert_eq!(filled(&[]).await, Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_cuts_give_what_a_fold_gives(
            rows in prop::collection::vec((0..4_i32, 0..4_u8), 0..20),
            cuts in prop::collection::vec(0..20_usize, 0..6),
        ) {
            const VALUES: [&str; 5] = ["p", "q", "r", "s", "t"];
            let mut rows: Vec<Row> = rows
                .into_iter()
                .enumerate()
                .map(|(n, (id, absent))| (id, VALUES[n % 5], VALUES[n % 3], absent << 1))
                .collect();
            rows.sort_by_key(|row| row.0);
            let mut expected: Vec<(i32, [Option<&str>; 2])> = Vec::new();
            for (id, a, b, absent) in &rows {
                if expected.last().is_none_or(|last| last.0 != *id) {
                    expected.push((*id, [None, None]));
                }
                let last = &mut expected.last_mut().unwrap().1;
                for (index, (value, bit)) in [(a, 2), (b, 4)].into_iter().enumerate() {
                    if absent & bit == 0 && last[index].is_none() {
                        last[index] = Some(value);
                    }
                }
            }
            let expected: Vec<String> = expected
                .into_iter()
                .map(|(id, [a, b])| format!("{id}|{}|{}", a.unwrap_or("NULL"), b.unwrap_or("NULL")))
                .collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
            cuts.sort_unstable();
            let mut parts: Vec<&[Row]> = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([rows.len()]) {
                parts.push(&rows[from..cut]);
                from = cut;
            }
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            prop_assert_eq!(runtime.block_on(filled(&parts)), expected);
        }
    }
}
