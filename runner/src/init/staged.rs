//! The beginnings of staged objects: which are read, and how much of them.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt, StreamExt};
use object_store::{GetOptions, GetRange};
use staged::Format;
use transforms::dms::gunzip::{Gunzip, GunzipError};
use transforms::dms::{CsvFormat, ObjectKind};
use transforms::staging::{Naming, Staged, sort_listing};

use super::csv::{self, COLUMNS_MAX, Text};
use super::grid::Grid;
use super::header::Evidence;
use super::parquet;
use crate::error::{Error, Result};
use crate::store::{Folder, Location};
use crate::units::counted;

/// Rows of each kind of objects that are looked at.
pub(super) const ROWS_MAX: usize = 10_000;
/// Full-load objects, the first; change objects, the newest.
const LOADS_MAX: usize = 3;
const CHANGES_MAX: usize = 10;
/// Bytes of CSV of each kind, unpacked: 10,000 rows of 400 bytes.
const BYTES_MAX: usize = 4 << 20;

/// What was read of a folder.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) grids: Vec<Grid>,
    /// None: the objects are Parquet.
    pub(super) csv: Option<(CsvFormat, Evidence)>,
}

/// Reads the first full-load objects and the newest change objects of a folder.
///
/// # Errors
/// A folder with no object of DMS, or with objects of both formats; an object that cannot be read.
pub(super) async fn read(location: &Location) -> Result<Read> {
    let folder = Folder::open(location)?;
    if folder.is_local_and_missing() {
        let is_file = matches!(location, Location::Local(path) if path.is_file());
        let what = if is_file { "this is a file:" } else { "there is no folder" };
        return Err(Error::usage(format!("--from: {what} {location}")).hint(
            "name the folder with LOAD00000001.csv in it; DMS makes it with its first object",
        ));
    }
    let (staged, foreign) = sort_listing(folder.list(None).await?, Naming::default())
        .map_err(|_| Error::refused(format!("the objects in {location} cannot be put in order")))?;
    if staged.is_empty() {
        let message = match foreign.len() as u64 {
            0 => format!("there is nothing in {location}"),
            count => format!(
                "{location} has no object of a table that DMS staged, but {}",
                counted(count, "other object")
            ),
        };
        return Err(Error::usage(message).hint("--from names the folder with LOAD00000001.csv in it; a folder of several tables has one for each"));
    }
    let is_parquet = |object: &&Staged| object.name.format == Format::Parquet;
    let parquet = staged.iter().filter(is_parquet).count();
    if parquet > 0 && parquet < staged.len() {
        let message = format!("{location} has objects of both formats, CSV and Parquet");
        return Err(Error::usage(message).hint("write sources.sql by hand: see docs/jobs.md"));
    }
    let chosen = choose(&staged);
    if parquet > 0 {
        let mut grids = Vec::with_capacity(chosen.len());
        for object in chosen {
            grids.push(parquet_grid(&folder, object).await?);
        }
        return Ok(Read { grids, csv: None });
    }
    let texts = texts(&folder, &chosen).await?;
    let csv::Found { format, header, mut grids } = csv::read(&texts, ROWS_MAX);
    if let Some(grid) = grids.iter().find(|grid| grid.width() > COLUMNS_MAX) {
        let message =
            format!("{location}{}: its rows have more than {COLUMNS_MAX} fields", grid.key);
        return Err(Error::refused(message));
    }
    bound_rows(&mut grids);
    Ok(Read { grids, csv: Some((format, header)) })
}

/// The first full-load objects and the newest changes, in the order of application.
fn choose(staged: &[Staged]) -> Vec<&Staged> {
    let of = |kind: ObjectKind| staged.iter().filter(move |object| object.name.kind == kind);
    let mut changes: Vec<&Staged> = of(ObjectKind::Change).rev().take(CHANGES_MAX).collect();
    changes.reverse();
    of(ObjectKind::FullLoad).take(LOADS_MAX).chain(changes).collect()
}

/// The first rows of the full load, and of changes the newest objects first.
fn bound_rows(grids: &mut [Grid]) {
    let mut left = ROWS_MAX;
    for grid in grids.iter_mut().filter(|grid| grid.kind == ObjectKind::FullLoad) {
        grid.records.truncate(left);
        left -= grid.records.len();
    }
    let mut left = ROWS_MAX;
    for grid in grids.iter_mut().rev().filter(|grid| grid.kind == ObjectKind::Change) {
        grid.records.truncate(left);
        left -= grid.records.len();
    }
}

/// The beginnings of CSV objects: of the first full-load objects and the newest changes, until there is enough of each.
async fn texts(folder: &Folder, chosen: &[&Staged]) -> Result<Vec<Text>> {
    let of = |kind: ObjectKind| chosen.iter().filter(move |object| object.name.kind == kind);
    let mut texts = Vec::with_capacity(chosen.len());
    let mut bytes = 0;
    for object in of(ObjectKind::FullLoad) {
        if bytes >= BYTES_MAX {
            break;
        }
        let text = text(folder, object).await?;
        bytes += text.bytes.len();
        texts.push(text);
    }
    let loads = texts.len();
    let mut bytes = 0;
    for object in of(ObjectKind::Change).rev() {
        if bytes >= BYTES_MAX {
            break;
        }
        let text = text(folder, object).await?;
        bytes += text.bytes.len();
        texts.insert(loads, text);
    }
    Ok(texts)
}

/// The beginning of a CSV object.
async fn text(folder: &Folder, object: &Staged) -> Result<Text> {
    let key = &object.listed.key;
    let failed = |error| folder.error(&format!("{key} cannot be read"), error);
    let wanted = object.listed.size.min(BYTES_MAX as u64);
    let mut text = Text {
        key: key.clone(),
        kind: object.name.kind,
        bytes: Vec::new(),
        is_whole: wanted == object.listed.size,
    };
    if wanted == 0 {
        return Ok(text);
    }
    let options = GetOptions { range: Some(GetRange::Bounded(0..wanted)), ..GetOptions::default() };
    let path = folder.path_of(key)?;
    let got = folder.store().get_opts(&path, options).await.map_err(failed)?;
    let mut pieces = got.into_stream();
    let mut gunzip = (object.name.format == Format::GzippedCsv).then(Gunzip::new);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(failed)?;
        let taken = match &mut gunzip {
            Some(gunzip) => gunzip.push(&piece, &mut |bytes| add(&mut text, bytes)),
            None => add(&mut text, &piece).map_err(GunzipError::Refused),
        };
        if enough(folder, key, taken)? {
            text.is_whole = false;
            return Ok(text);
        }
    }
    // The last bytes are unpacked at the end.
    if let Some(gunzip) = gunzip.filter(|_| text.is_whole) {
        let taken = gunzip.finish(&mut |bytes| add(&mut text, bytes));
        text.is_whole = !enough(folder, key, taken)?;
    }
    Ok(text)
}

fn add(text: &mut Text, bytes: &[u8]) -> std::result::Result<(), Enough> {
    text.bytes.extend_from_slice(bytes);
    if text.bytes.len() > BYTES_MAX { Err(Enough) } else { Ok(()) }
}

/// Whether more is not needed.
fn enough(
    folder: &Folder,
    key: &str,
    taken: std::result::Result<(), GunzipError<Enough>>,
) -> Result<bool> {
    match taken {
        Ok(()) => Ok(false),
        Err(GunzipError::Refused(Enough)) => Ok(true),
        Err(damaged) => {
            let message = format!("{}{key} cannot be unpacked", folder.location());
            Err(Error::refused(message).source(damaged))
        }
    }
}

/// More is not read.
#[derive(Debug, thiserror::Error)]
#[error("enough was read")]
struct Enough;

/// The reader of Parquet takes much of what stands in an object for granted, and panics where that is damaged.
async fn parquet_grid(folder: &Folder, object: &Staged) -> Result<Grid> {
    let reading = AssertUnwindSafe(parquet::read(folder, object, ROWS_MAX)).catch_unwind();
    reading.await.unwrap_or_else(|_| {
        let key = &object.listed.key;
        let message = format!("{}{key} is not readable as Parquet", folder.location());
        Err(Error::refused(format!("{message}: its own parts contradict each other")))
    })
}
