//! From a row's position back to its line, for messages.

use std::fmt;
use std::sync::Arc;

use futures::StreamExt;
use object_store::ObjectStore;

use super::error::ScanError;
use super::exec::{CHUNK_BYTES, ROW_BITS, rejected, unzip};
use super::object::{Frozen, FrozenTable};
use super::pieces::{PieceStore, pieces};
use crate::dms::csv::Decoder;
use crate::dms::gunzip::Gunzip;
use crate::dms::name::Compression;

/// Rows that are decoded before they are thrown away.
const BATCH_ROWS: usize = 8192;

/// Where a row is; it prints as `OBJECT:LINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The object as the user knows it.
    pub object: String,
    /// The line on which the row begins, counted from 1.
    pub line: u64,
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
    let (ordinal, row) = (position >> ROW_BITS, position & ((1 << ROW_BITS) - 1));
    let Some(object) = table.objects.iter().find(|object| u64::from(object.ordinal) == ordinal)
    else {
        return Ok(None);
    };
    let label = format!("{}{}", table.folder, object.key);
    let line = line_in(table, store, object, &label, row).await?;
    Ok(line.map(|line| Line { object: label, line }))
}

async fn line_in(
    table: &FrozenTable,
    store: Arc<dyn ObjectStore>,
    object: &Frozen,
    label: &str,
    row: u64,
) -> Result<Option<u64>, ScanError> {
    let layout = Arc::new(table.layout(object.kind));
    let decoder =
        Decoder::new(layout, BATCH_ROWS, Some(Vec::new()), table.bad_rows).map_err(|error| {
            ScanError::Broken { object: label.to_owned(), reason: error.to_string() }
        })?;
    let mut decoder = decoder.watching(row);
    let mut gunzip = (object.compression == Compression::Gzip).then(Gunzip::new);
    let store = PieceStore::new(&table.store, store);
    let mut pieces = pieces(store, object, label.to_owned());
    while let Some(piece) = pieces.next().await {
        for chunk in piece?.chunks(CHUNK_BYTES) {
            match &mut gunzip {
                None => decoder.push(chunk).map_err(|errors| rejected(label, errors))?,
                Some(gunzip) => gunzip
                    .push(chunk, &mut |text: &[u8]| decoder.push(text))
                    .map_err(|error| unzip(label, error))?,
            }
            while decoder.next_batch().is_some() {}
            if decoder.line().is_some() {
                return Ok(decoder.line());
            }
        }
    }
    if let Some(gunzip) = gunzip {
        gunzip
            .finish(&mut |text: &[u8]| decoder.push(text))
            .map_err(|error| unzip(label, error))?;
    }
    decoder.finish().map_err(|errors| rejected(label, errors))?;
    Ok(decoder.line())
}
