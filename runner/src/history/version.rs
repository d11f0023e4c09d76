//! A row of a table of versions, and what differs from the one before it.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use transforms::source::Source;

/// A change of a key.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Version {
    /// L, I, U, D, or M if the key moved away.
    pub(crate) op: String,
    /// Where it stands in the order of application.
    pub(crate) position: String,
    /// When it was committed, in UTC, if that is known.
    pub(crate) commit_time: Option<String>,
    /// The object's key.
    pub(crate) object: String,
    /// Where the row begins in it: its line, of Parquet its row.
    pub(crate) line: i64,
    /// Whether the target has it.
    pub(crate) applied: bool,
    /// The run that applied it.
    pub(crate) run_id: Option<String>,
    /// When, in UTC.
    pub(crate) applied_at: Option<String>,
    /// Whether it is what the source has now.
    pub(crate) is_current: bool,
    /// The key that it moved to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_to: Option<Values>,
    /// The key that it moved from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_from: Option<Values>,
    /// The columns that are others than before, of a row that is new all of them; empty for one that deletes.
    pub(crate) differs: Vec<Difference>,
}

/// A column that is another one than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// The column.
    pub(crate) column: String,
    /// What it was, as a text; none for NULL, and for a row that is new.
    pub(crate) old: Option<String>,
    /// What it is.
    pub(crate) new: Option<String>,
}

/// Columns with their values, in order.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub(crate) struct Values(
    #[schemars(with = "BTreeMap<String, Option<String>>")] pub(crate) Vec<(String, Option<String>)>,
);

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// With the mark of the zone, as other times in reports have it.
fn in_utc(time: String) -> String {
    if time.ends_with('Z') { time } else { time + "Z" }
}

/// Reads versions one after the other.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    source: &'a Source,
    /// The source's columns whose differences are worth telling.
    compared: Vec<usize>,
    /// The row before, of all columns; none if there was no row.
    before: Option<Vec<Option<String>>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        // The key is the same in all of them; the others tell of the change and not of the row.
        let is_of_change = |at: &usize| {
            source.key.contains(at)
                || source.before_key.contains(at)
                || source.change_sequence == Some(*at)
                || source.commit_column() == Some(*at)
        };
        let compared = (0..source.schema.fields().len()).filter(|at| !is_of_change(at));
        Self { source, compared: compared.collect(), before: None }
    }

    /// The versions of a batch of [`transforms::scan::HistoryTable`], whose columns are known by their places.
    pub(super) fn read(&mut self, batch: &RecordBatch) -> Result<Vec<Version>, ArrowError> {
        /// `_op`, `_valid_from`, `_valid_to`, `_is_current`.
        const FRONT: usize = 4;
        let width = self.source.schema.fields().len();
        let options = FormatOptions::default();
        let columns = batch.columns().iter();
        let columns = columns.map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let text = |at: usize, row: usize| {
            let is_there = batch.columns().get(at).is_some_and(|column| column.is_valid(row));
            let column = columns.get(at).filter(|_| is_there)?;
            Some(column.value(row).to_string())
        };
        let back = FRONT + width;
        let line = |row: usize| {
            let lines = batch.columns().get(back + 3)?.as_primitive_opt::<Int64Type>()?;
            Some(lines.value(row))
        };
        let is = |at: usize, row: usize| text(at, row).as_deref() == Some("true");
        let versions = (0..batch.num_rows()).map(|row| {
            let values: Vec<_> = (0..width).map(|at| text(FRONT + at, row)).collect();
            let op = text(0, row).unwrap_or_default();
            Version {
                differs: self.differs(&op, &values),
                moved_from: self.moved_from(&values),
                moved_to: None,
                position: text(back, row).unwrap_or_default(),
                commit_time: text(1, row).map(in_utc),
                object: text(back + 2, row).unwrap_or_default(),
                line: line(row).unwrap_or_default(),
                applied: is(back + 5, row),
                run_id: text(back + 6, row),
                applied_at: text(back + 7, row).map(in_utc),
                is_current: is(3, row),
                op,
            }
        });
        Ok(versions.collect())
    }

    fn differs(&mut self, op: &str, values: &[Option<String>]) -> Vec<Difference> {
        if matches!(op, "D" | "M") {
            self.before = None;
            return Vec::new();
        }
        let before = self.before.replace(values.to_vec());
        let difference = |at: &usize| {
            let new = values.get(*at).cloned().flatten();
            let old = before.as_ref().and_then(|before| before.get(*at).cloned().flatten());
            let column = self.source.schema.field(*at).name().clone();
            (before.is_none() || old != new).then_some(Difference { column, old, new })
        };
        self.compared.iter().filter_map(difference).collect()
    }

    fn moved_from(&self, values: &[Option<String>]) -> Option<Values> {
        let source = self.source;
        let pairs = || source.key.iter().zip(&source.before_key);
        let value = |at: usize| values.get(at).cloned().flatten();
        let is_moved = pairs().next().is_some()
            && pairs().all(|(_, before)| value(*before).is_some())
            && pairs().any(|(key, before)| value(*key) != value(*before));
        let name = |at: usize| source.schema.field(at).name().clone();
        is_moved.then(|| Values(pairs().map(|(key, b)| (name(*key), value(*b))).collect()))
    }
}
