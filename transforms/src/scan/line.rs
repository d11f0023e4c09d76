//! From a row's position back to its line, for messages.

use std::fmt;
use std::sync::Arc;

use object_store::ObjectStore;

use super::content::{Content, Wanted};
use super::error::ScanError;
use super::exec::ROW_BITS;
use super::object::{Frozen, FrozenTable};
use super::pieces::{PieceStore, begin};
use crate::dms::Op;
use staged::ObjectKind;

/// Rows that are decoded before they are thrown away.
const BATCH_ROWS: usize = 8192;

/// Where a row is; it prints as `OBJECT:LINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The object as the user knows it.
    pub object: String,
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// What it does; none in a full load, and where nothing tells.
    pub op: Option<Op>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.object, self.line)
    }
}

/// Reads the object of a position ([`super::POSITION`]) again, as far as its row; `None` if the table has no such object
/// or the object no such row.
///
/// # Errors
/// Those of reading the object.
pub async fn line_of(
    table: &FrozenTable,
    store: Arc<dyn ObjectStore>,
    position: u64,
) -> Result<Option<Line>, ScanError> {
    let row = position & ((1 << ROW_BITS) - 1);
    match object_of(table, position) {
        None => Ok(None),
        Some(object) => line_in(table, store, object, row).await,
    }
}

/// The object of a position; `None` if the table has no such object.
#[must_use]
pub fn object_of(table: &FrozenTable, position: u64) -> Option<&Frozen> {
    let ordinal = position >> ROW_BITS;
    table.objects.iter().find(|object| u64::from(object.ordinal) == ordinal)
}

async fn line_in(
    table: &FrozenTable,
    store: Arc<dyn ObjectStore>,
    object: &Frozen,
    row: u64,
) -> Result<Option<Line>, ScanError> {
    let store = PieceStore::new(&table.store, store);
    let opened = begin(store, object).await?;
    let wanted = Wanted { columns: Vec::new(), batch_rows: BATCH_ROWS, watched: Some(row) };
    let mut content = Content::open(table, object, opened, wanted).await?;
    let (mut op, mut is_read) = (None, false);
    while !is_read || content.line().is_none() {
        let Some(rows) = content.next().await? else { break };
        let place = row.checked_sub(rows.first_row).and_then(|place| usize::try_from(place).ok());
        let Some(place) = place.filter(|place| *place < rows.len) else { continue };
        is_read = true;
        let tells = rows.has_op && object.kind == ObjectKind::Change;
        op = rows.ops.get(place).copied().filter(|_| tells);
    }
    Ok(content.line().map(|line| Line { object: object.label.clone(), line, op }))
}
