//! How lists are taken apart and put together.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, new_null_array};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{SortOptions, interleave};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;

use super::super::common_type::comparable_type;
use super::super::type_name::type_name;

/// The type of an array's items.
///
/// # Errors
/// A type that is no array.
pub(super) fn item_type(data_type: &DataType) -> Result<DataType> {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            Ok(item.data_type().clone())
        }
        DataType::Null => Ok(DataType::Null),
        other => plan_err!("an array is needed, not {}", type_name(other)),
    }
}

/// The type of an array of such items.
pub(super) fn list_type(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

/// The argument at an index.
///
/// # Errors
/// There is none.
pub(super) fn at<T>(values: &[T], index: usize) -> Result<&T> {
    match values.get(index) {
        Some(value) => Ok(value),
        None => plan_err!("an argument is missing"),
    }
}

/// One array, and what else there is as it is.
pub(super) fn takes_list(types: &[DataType]) -> Result<Vec<DataType>> {
    let [list, others @ ..] = types else { return plan_err!("an array is needed") };
    Ok([&[list_type(item_type(list)?)], others].concat())
}

/// An array and a value that is brought to the type of its items.
pub(super) fn takes_list_and_item(types: &[DataType]) -> Result<Vec<DataType>> {
    let [list, value, others @ ..] = types else {
        return plan_err!("an array and a value are needed");
    };
    let item = comparable_type(&[item_type(list)?, value.clone()])?;
    Ok([&[list_type(item.clone()), item], others].concat())
}

/// Arrays of one type.
pub(super) fn takes_lists(types: &[DataType]) -> Result<Vec<DataType>> {
    let items: Vec<DataType> = types.iter().map(item_type).collect::<Result<_>>()?;
    Ok(vec![list_type(comparable_type(&items)?); types.len()])
}

/// The items of all rows of a list, and where those of a row are; none for a row that is NULL.
pub(super) struct Items<'a> {
    list: &'a ListArray,
}

impl<'a> Items<'a> {
    /// The items of a column of arrays.
    pub(super) fn of(column: &'a ArrayRef) -> Result<Self> {
        match column.as_list_opt::<i32>() {
            Some(list) => Ok(Self { list }),
            None => exec_err!("an array is needed, not {}", type_name(column.data_type())),
        }
    }

    pub(super) fn values(&self) -> &'a ArrayRef {
        self.list.values()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Where the items of a row are.
    pub(super) fn row(&self, row: usize) -> Option<Range<usize>> {
        if self.list.is_null(row) {
            return None;
        }
        let offsets = self.list.value_offsets();
        let place = |at: usize| offsets.get(at).and_then(|offset| usize::try_from(*offset).ok());
        Some(place(row)?..place(row + 1)?)
    }
}

/// Builds lists out of the items of others.
pub(super) struct Picks {
    sources: Vec<ArrayRef>,
    picks: Vec<(usize, usize)>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
    started: usize,
}

/// Stands for an item that is NULL.
const NOTHING: usize = 0;

impl Picks {
    /// The items are of these arrays, which are of one type.
    pub(super) fn of(item: &DataType, sources: &[&ArrayRef]) -> Self {
        let sources = std::iter::once(new_null_array(item, 1))
            .chain(sources.iter().map(|source| Arc::clone(source)))
            .collect();
        Self { sources, picks: vec![], lengths: vec![], valid: vec![], started: 0 }
    }

    /// Adds an item of a source to the row.
    pub(super) fn push(&mut self, source: usize, index: usize) {
        self.picks.push((source + 1, index));
    }

    /// Adds items of a source to the row.
    pub(super) fn extend(&mut self, source: usize, indices: impl IntoIterator<Item = usize>) {
        self.picks.extend(indices.into_iter().map(|index| (source + 1, index)));
    }

    /// Adds NULL to the row.
    pub(super) fn push_null(&mut self) {
        self.picks.push((NOTHING, 0));
    }

    /// How many items the row has.
    pub(super) fn in_row(&self) -> usize {
        self.picks.len() - self.started
    }

    /// Ends the row.
    pub(super) fn end(&mut self) {
        self.lengths.push(self.in_row());
        self.valid.push(true);
        self.started = self.picks.len();
    }

    /// Ends a row that is NULL.
    pub(super) fn end_null(&mut self) {
        self.picks.truncate(self.started);
        self.lengths.push(0);
        self.valid.push(false);
    }

    /// The picked items, where each row ends, and which rows are NULL.
    pub(super) fn parts(self) -> Result<(ArrayRef, OffsetBuffer<i32>, NullBuffer)> {
        let sources: Vec<&dyn Array> = self.sources.iter().map(AsRef::as_ref).collect();
        if i32::try_from(self.picks.len()).is_err() {
            return exec_err!("arrays of one batch have more than 2147483647 items");
        }
        let values = interleave(&sources, &self.picks)?;
        Ok((values, OffsetBuffer::from_lengths(self.lengths), NullBuffer::from(self.valid)))
    }

    /// The arrays of all rows.
    pub(super) fn finish(self) -> Result<ArrayRef> {
        let (values, offsets, nulls) = self.parts()?;
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        Ok(Arc::new(ListArray::try_new(item, offsets, values, Some(nulls))?))
    }
}

/// Values as bytes that are equal and ordered as the values are; NULL equals NULL.
pub(super) fn rows(columns: &[&ArrayRef], options: SortOptions) -> Result<Vec<Rows>> {
    let Some(first) = columns.first() else { return Ok(vec![]) };
    let field = SortField::new_with_options(first.data_type().clone(), options);
    let converter = RowConverter::new(vec![field])?;
    columns.iter().map(|column| Ok(converter.convert_columns(&[Arc::clone(column)])?)).collect()
}
