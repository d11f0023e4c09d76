//! The first few of many rows, in the order of some columns.

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray};
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};

use crate::error::Result;

/// The first rows of all that are offered. NULL comes before all values.
#[derive(Debug)]
pub(super) struct First<T> {
    converter: RowConverter,
    order: Vec<usize>,
    most: usize,
    rows: Vec<(OwnedRow, T)>,
}

impl<T> First<T> {
    /// The first `most` rows in the order of some columns of a schema.
    pub(super) fn new(schema: &Schema, order: &[usize], most: usize) -> Result<Self> {
        let fields = order.iter().filter_map(|index| schema.fields().get(*index));
        let fields = fields.map(|field| SortField::new(field.data_type().clone()));
        let converter = RowConverter::new(fields.collect())?;
        Ok(Self { converter, order: order.to_vec(), most, rows: Vec::new() })
    }

    /// Offers rows, given as all their columns; `make` is only asked for those that are taken.
    pub(super) fn offer(
        &mut self,
        columns: &[ArrayRef],
        make: impl Fn(usize) -> Result<T>,
    ) -> Result<()> {
        let all = BooleanArray::from(vec![true; columns.first().map_or(0, Array::len)]);
        self.offer_some(columns, &all, make)
    }

    /// The same, of the rows that are chosen.
    pub(super) fn offer_some(
        &mut self,
        columns: &[ArrayRef],
        chosen: &BooleanArray,
        make: impl Fn(usize) -> Result<T>,
    ) -> Result<()> {
        if chosen.is_empty() {
            return Ok(());
        }
        let ordered = self.order.iter().filter_map(|index| columns.get(*index).cloned());
        let keys = self.converter.convert_columns(&ordered.collect::<Vec<_>>())?;
        for (index, key) in keys.iter().enumerate().filter(|(index, _)| chosen.value(*index)) {
            let at = self.rows.partition_point(|(known, _)| known.row() <= key);
            if at < self.most {
                self.rows.insert(at, (key.owned(), make(index)?));
                self.rows.truncate(self.most);
            }
        }
        Ok(())
    }

    /// The rows in their order.
    pub(super) fn finish(self) -> Vec<T> {
        self.rows.into_iter().map(|(_, row)| row).collect()
    }
}
