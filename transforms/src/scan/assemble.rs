//! Decoded rows to the rows of a scan.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch, RecordBatchOptions,
    UInt64Array, new_null_array,
};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{interleave, max};
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use datafusion::arrow::error::ArrowError;

use super::exec::ROW_BITS;
use super::object::Frozen;
use super::raw::Added;
use crate::dms::Op;
use crate::dms::csv::Decoded;
use crate::source::Source;
use staged::ObjectKind;

/// How the rows of one object become those of a scan.
#[derive(Debug)]
pub(super) struct Assembly {
    schema: SchemaRef,
    /// What the columns of `schema` are.
    columns: Vec<Column>,
    /// The source's columns that are decoded, in this order.
    wanted: Vec<usize>,
    /// For each column of the key the one that holds what it was, as places in `wanted`; none in a full load.
    moves: Vec<(usize, usize)>,
    /// The place of the change sequence in `wanted`; none in a full load.
    sequence: Option<usize>,
    /// The place of the time of the commit in `wanted`, if it is decoded at all; none in a full load, where it is another time.
    commit: Option<usize>,
    /// The position of a row with the number 0.
    first: u64,
}

#[derive(Debug, Clone, Copy)]
enum Column {
    /// A place among the decoded columns.
    Decoded(usize),
    Added(Added),
}

/// Rows of a scan.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) batch: RecordBatch,
    /// The change sequences, of changes that have such.
    pub(super) sequences: Option<ArrayRef>,
    /// The newest commit of the rows, in microseconds since 1970, of changes that tell it.
    pub(super) committed: Option<i64>,
    /// Whether a row leaves columns out.
    pub(super) has_gaps: bool,
}

impl Assembly {
    /// `projection` are columns of the raw schema, of which `schema` is made.
    pub(super) fn new(
        source: &Source,
        object: &Frozen,
        schema: SchemaRef,
        projection: &[usize],
    ) -> Self {
        let width = source.schema.fields().len();
        let added: Vec<Added> = Added::of(source).collect();
        let mut wanted: Vec<usize> =
            projection.iter().copied().filter(|column| *column < width).collect();
        let mut place = |column: usize| {
            wanted.iter().position(|other| *other == column).unwrap_or_else(|| {
                wanted.push(column);
                wanted.len() - 1
            })
        };
        let columns = projection.iter().filter_map(|column| match column.checked_sub(width) {
            None => Some(Column::Decoded(place(*column))),
            Some(index) => added.get(index).copied().map(Column::Added),
        });
        let columns = columns.collect();
        let is_change = object.kind == ObjectKind::Change;
        let pairs = source.key.iter().zip(&source.before_key).filter(|_| is_change);
        let moves = pairs.map(|(key, before)| (place(*key), place(*before))).collect();
        let sequence = source.change_sequence.filter(|_| is_change).map(place);
        let commit = source.commit_column().filter(|_| is_change);
        let commit = commit.and_then(|commit| wanted.iter().position(|column| *column == commit));
        let first = u64::from(object.ordinal) << ROW_BITS;
        Self { schema, columns, wanted, moves, sequence, commit, first }
    }

    /// The columns of the source to decode, in this order.
    pub(super) fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    pub(super) fn rows(&self, decoded: Decoded) -> Result<Assembled, ArrowError> {
        let order = self.order(&decoded)?;
        let Decoded { columns, ops, absent, first_row, len, has_op: _ } = decoded;
        let rows = order.as_ref().map_or(len, Vec::len);
        let first = self.first | first_row;
        let positions = |row: usize| first + row as u64;
        let arrays = self.columns.iter().map(|column| match column {
            Column::Decoded(place) => self.column(&columns, *place, order.as_deref()),
            Column::Added(Added::Deleted) => {
                let is_delete = |row: usize| ops.get(row) == Some(&Op::Delete);
                let deleted: BooleanArray = match &order {
                    None => (0..len).map(|row| Some(is_delete(row))).collect(),
                    Some(order) => order
                        .iter()
                        .map(|(is_before, row)| Some(*is_before == 1 || is_delete(*row)))
                        .collect(),
                };
                Ok(Arc::new(deleted) as ArrayRef)
            }
            Column::Added(Added::Position) => {
                let positions = match &order {
                    None => UInt64Array::from_iter_values((0..len).map(positions)),
                    Some(order) => {
                        UInt64Array::from_iter_values(order.iter().map(|(_, row)| positions(*row)))
                    }
                };
                Ok(Arc::new(positions) as ArrayRef)
            }
            Column::Added(Added::Sequence) => match self.sequence.and_then(|at| columns.get(at)) {
                None => Ok(new_null_array(&DataType::Utf8, rows)),
                Some(sequence) => either(sequence, sequence, order.as_deref()),
            },
            Column::Added(Added::Absent) => {
                let all: ArrayRef = Arc::new(BinaryArray::new_null(len));
                let absent = absent.as_ref().map_or_else(
                    || Arc::clone(&all),
                    |absent| Arc::new(absent.clone()) as ArrayRef,
                );
                either(&absent, &all, order.as_deref())
            }
        });
        let arrays = arrays.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        let sequences = self.sequence.and_then(|place| columns.get(place).cloned());
        let commits = self.commit.and_then(|place| columns.get(place));
        let commits = commits.and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let committed = commits.and_then(max);
        Ok(Assembled { batch, sequences, committed, has_gaps: absent.is_some() })
    }

    /// The rows as they are given out, each with whether (1) it is the key that a row had before, or (0) the row; none if no row
    /// moves to another key.
    fn order(&self, decoded: &Decoded) -> Result<Option<Vec<(usize, usize)>>, ArrowError> {
        if self.moves.is_empty() {
            return Ok(None);
        }
        let mut is_moved: Vec<bool> = (0..decoded.len)
            .map(|row| !decoded.has_op || decoded.ops.get(row) == Some(&Op::Update))
            .collect();
        let mut differs = vec![false; decoded.len];
        for (key, before) in &self.moves {
            let (Some(key), Some(before)) =
                (decoded.columns.get(*key), decoded.columns.get(*before))
            else {
                continue;
            };
            let distinct = distinct(key, before)?;
            for (row, (is_moved, differs)) in is_moved.iter_mut().zip(&mut differs).enumerate() {
                // Of a key before a change all parts are there, or none: else the row is a bad one.
                *is_moved &= before.is_valid(row);
                *differs |= distinct.value(row);
            }
        }
        let both = is_moved.into_iter().zip(differs).enumerate();
        let mut moved =
            both.filter(|(_, (is_moved, differs))| *is_moved && *differs).map(|(row, _)| row);
        let Some(mut next) = moved.next() else { return Ok(None) };
        let mut order = Vec::with_capacity(decoded.len + 1);
        for row in 0..decoded.len {
            if row == next {
                order.push((1, row));
                next = moved.next().unwrap_or(decoded.len);
            }
            order.push((0, row));
        }
        Ok(Some(order))
    }

    /// A decoded column: of a key that a row had before, what it was, and nothing else.
    fn column(
        &self,
        columns: &[ArrayRef],
        place: usize,
        order: Option<&[(usize, usize)]>,
    ) -> Result<ArrayRef, ArrowError> {
        let missing = || ArrowError::ComputeError("a column was not decoded".to_owned());
        let column = columns.get(place).ok_or_else(missing)?;
        let before = self.moves.iter().find(|(key, _)| *key == place);
        let before = match before {
            Some((_, before)) => Arc::clone(columns.get(*before).ok_or_else(missing)?),
            None if order.is_some() => new_null_array(column.data_type(), column.len()),
            None => Arc::clone(column),
        };
        either(column, &before, order)
    }
}

/// The rows of `now` and of `before`, as `order` says; without it those of `now`.
fn either(
    now: &ArrayRef,
    before: &ArrayRef,
    order: Option<&[(usize, usize)]>,
) -> Result<ArrayRef, ArrowError> {
    match order {
        None => Ok(Arc::clone(now)),
        Some(order) => interleave(&[now.as_ref(), before.as_ref()], order),
    }
}
