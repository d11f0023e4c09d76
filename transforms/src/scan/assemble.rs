//! Decoded rows to the rows of a scan.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, UInt64Array, new_null_array,
};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{interleave, max, take};
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use datafusion::arrow::error::ArrowError;

use super::commit::Commits;
use super::content::Wanted;
use super::exec::ROW_BITS;
use super::object::Frozen;
use super::place::Places;
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
    /// How it is told when a row was committed, if that is asked for.
    commits: Option<Commits>,
    /// The position of a row with the number 0.
    first: u64,
    is_load: bool,
    places: Places,
    /// What is known of the object, a row.
    facts: RecordBatch,
}

/// What a scan adds to the columns of a source.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    /// The columns.
    pub(super) added: &'a [Added],
    /// What is known of the object, a row.
    pub(super) facts: RecordBatch,
    /// The number of digits that count all objects.
    pub(super) digits: usize,
}

#[derive(Debug, Clone, Copy)]
enum Column {
    /// A place among the decoded columns.
    Decoded(usize),
    Added(Added),
}

impl Column {
    fn is(&self, added: Added) -> bool {
        matches!(self, Self::Added(own) if *own == added)
    }
}

/// What a row does, as a letter; one that moves its key away is no row of DMS's.
fn letter(is_before: bool, op: Op, is_load: bool) -> &'static str {
    match (is_before, op) {
        (true, _) => "M",
        (false, Op::Insert) if is_load => "L",
        (false, Op::Insert) => "I",
        (false, Op::Update) => "U",
        (false, Op::Delete) => "D",
    }
}

/// Rows as they are given out.
#[derive(Clone, Copy)]
struct Ordered<'a> {
    order: Option<&'a [(usize, usize)]>,
    len: usize,
}

impl<'a> Ordered<'a> {
    fn len(self) -> usize {
        self.order.map_or(self.len, <[_]>::len)
    }

    /// One value for each, from whether it is the key that a row had before, and the number of the row.
    fn map<T>(self, value: impl Fn(bool, usize) -> T + 'a) -> impl Iterator<Item = T> + 'a {
        (0..self.len()).map(move |index| match self.order.and_then(|order| order.get(index)) {
            Some((is_before, row)) => value(*is_before == 1, *row),
            None => value(false, index),
        })
    }
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
        Raw { added, facts, digits }: Raw<'_>,
    ) -> Self {
        let width = source.schema.fields().len();
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
        let columns: Vec<Column> = columns.collect();
        let is_change = object.kind == ObjectKind::Change;
        let pairs = source.key.iter().zip(&source.before_key).filter(|_| is_change);
        let moves = pairs.map(|(key, before)| (place(*key), place(*before))).collect();
        let sequence = source.change_sequence.filter(|_| is_change).map(&mut place);
        // Whoever may ask for the time gets it in its own column as well: what a column holds must not depend on the others.
        let commits = Commits::of(source).filter(|commits| {
            let is_asked = columns.iter().any(|column| column.is(Added::Commit));
            let is_there = projection.contains(&commits.place);
            is_change && added.contains(&Added::Commit) && (is_asked || is_there)
        });
        let commits = commits.map(|commits| commits.at(place));
        let commit = source.commit_column().filter(|_| is_change);
        let commit = commit.and_then(|commit| wanted.iter().position(|column| *column == commit));
        Self {
            schema,
            columns,
            wanted,
            moves,
            sequence,
            commit,
            commits,
            first: u64::from(object.ordinal) << ROW_BITS,
            is_load: !is_change,
            places: Places {
                ordinal: object.ordinal,
                digits,
                sequenced: source.change_sequence.is_some(),
            },
            facts,
        }
    }

    /// What is to be decoded, the columns in the order in which they are expected.
    pub(super) fn wanted(&self, batch_rows: usize) -> Wanted {
        let lines = self.columns.iter().any(|column| column.is(Added::Line));
        let commit = self.commits.as_ref().and_then(|commits| self.wanted.get(commits.place));
        Wanted { columns: self.wanted.clone(), batch_rows, lines, commit: commit.copied() }
    }

    pub(super) fn rows(&self, decoded: Decoded) -> Result<Assembled, ArrowError> {
        let order = self.order(&decoded)?;
        let rows = order.as_ref().map_or(decoded.len, Vec::len);
        let arrays = self.columns.iter().map(|column| match column {
            Column::Decoded(place) => self.column(&decoded.columns, *place, order.as_deref()),
            Column::Added(added) => self.added(*added, &decoded, order.as_deref()),
        });
        let arrays = arrays.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        let Decoded { columns, absent, .. } = decoded;
        let sequences = self.sequence.and_then(|place| columns.get(place).cloned());
        let commits = self.commit.and_then(|place| columns.get(place));
        let commits = commits.and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let committed = commits.and_then(max);
        Ok(Assembled { batch, sequences, committed, has_gaps: absent.is_some() })
    }

    /// A column that is none of the source's.
    fn added(
        &self,
        added: Added,
        decoded: &Decoded,
        order: Option<&[(usize, usize)]>,
    ) -> Result<ArrayRef, ArrowError> {
        let Decoded { columns, ops, absent, lines, first_row, len, .. } = decoded;
        // Whether a row is the key that one had before, and the number of that one.
        let rows = Ordered { order, len: *len };
        let first = self.first | first_row;
        let position = |row: usize| first + row as u64;
        let op = |row: usize| ops.get(row).copied().unwrap_or(Op::Insert);
        let sequence = self.sequence.and_then(|at| columns.get(at));
        Ok(match added {
            Added::Deleted => {
                let deleted = rows.map(|is_before, row| is_before || op(row) == Op::Delete);
                Arc::new(deleted.map(Some).collect::<BooleanArray>())
            }
            Added::Position => {
                Arc::new(UInt64Array::from_iter_values(rows.map(|_, row| position(row))))
            }
            Added::Op => {
                let letter = |is_before, row| letter(is_before, op(row), self.is_load);
                Arc::new(StringArray::from_iter_values(rows.map(letter)))
            }
            Added::Line => {
                let line = |row: usize| lines.as_ref().and_then(|lines| lines.get(row));
                let line = |row: usize| line(row).and_then(|line| i64::try_from(*line).ok());
                Arc::new(rows.map(|_, row| line(row)).collect::<Int64Array>())
            }
            Added::Place => {
                let sequences = sequence.and_then(|texts| texts.as_string_opt::<i32>());
                let text = |_: bool, row: usize| {
                    let sequence = sequences.filter(|texts| texts.is_valid(row));
                    self.places.text(first_row + row as u64, sequence.map(|texts| texts.value(row)))
                };
                Arc::new(StringArray::from_iter_values(rows.map(text)))
            }
            Added::Sequence => match sequence {
                None => new_null_array(&DataType::Utf8, rows.len()),
                Some(sequence) => either(sequence, sequence, order)?,
            },
            Added::Commit => match self.commits.as_ref() {
                None => new_null_array(&Commits::TYPE, rows.len()),
                Some(commits) => {
                    let times = commits.times(columns)?;
                    either(&times, &times, order)?
                }
            },
            Added::Absent => {
                let all: ArrayRef = Arc::new(BinaryArray::new_null(*len));
                let some = absent.clone().map(|absent| Arc::new(absent) as ArrayRef);
                either(some.as_ref().unwrap_or(&all), &all, order)?
            }
            Added::Fact(index) => {
                take(self.facts.column(index), &UInt64Array::from(vec![0; rows.len()]), None)?
            }
        })
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
