//! The rows of one object, whatever its format.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::{
    ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder,
};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::ParquetMetaData;
use futures::{FutureExt, StreamExt};

use super::error::ScanError;
use super::object::{Frozen, FrozenTable};
use super::pieces::{ObjectReader, Opened, Pieces};
use crate::dms::csv::{Decoded, Decoder, Reject, RowError, RowErrors};
use crate::dms::drift::{DriftPolicy, Extent};
use crate::dms::gunzip::{Gunzip, GunzipError};
use crate::dms::parquet;
use staged::Format;

/// Bytes decoded at once: the decoder keeps the batches of one push.
const CHUNK_BYTES: usize = 256 * 1024;
/// A batch of Parquet holds about so many bytes: an Arrow text array holds at most 2 GiB, and rows may be large.
const BATCH_BYTES: u64 = 64 * 1024 * 1024;

/// What is wanted of an object.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Indexes of the declared columns.
    pub(super) columns: Vec<usize>,
    pub(super) batch_rows: usize,
    /// [`Decoded::lines`].
    pub(super) lines: bool,
    /// The column with the time of the commit, which rows that delete have as well.
    pub(super) commit: Option<usize>,
}

/// An object while it is read.
pub(super) enum Content {
    Text(Box<Text>),
    Parquet(Box<Columns>),
}

impl Content {
    /// Begins to read.
    ///
    /// # Errors
    /// An object that cannot be read at all. One that does not fit the declaration is told by [`Self::next`].
    pub(super) async fn open(
        table: &FrozenTable,
        object: &Frozen,
        opened: Opened,
        wanted: Wanted,
    ) -> Result<Self, ScanError> {
        let label = object.label.clone();
        let is_parquet = object.format == Format::Parquet;
        let refused = |reason: String| {
            let errors = vec![RowError { line: 0, column: None, reason }];
            rejected(&label, RowErrors { errors, drift: false, stop: None })
        };
        let widens = table.source.drift == DriftPolicy::Widen;
        if is_parquet && widens && !table.source.settings.names_columns() {
            return Err(refused("it is Parquet, and drift = \"widen\" in job.toml needs to know that: declare 'DataFormat' 'parquet', or 'AddColumnName' 'true' where there is CSV with headers too".to_owned()));
        }
        // Changes in transaction order are CSV, whatever the full load is.
        let declared = table.source.settings.is_parquet.filter(|_| !object.of_tables);
        if declared.is_some_and(|declared| declared != is_parquet) {
            let (found, declared) =
                if is_parquet { ("Parquet", "csv") } else { ("CSV", "parquet") };
            let reason = format!("it is {found}, and DataFormat is declared as {declared}");
            return Err(refused(reason));
        }
        let layout = Arc::new(table.layout(object));
        let broken = |reason: String| ScanError::Broken { object: label.clone(), reason };
        match opened {
            Opened::Pieces(pieces) => {
                let Wanted { columns, batch_rows, lines, commit } = wanted;
                let decoder = Decoder::new(layout, batch_rows, Some(columns), table.bad_rows)
                    .map_err(|error| broken(error.to_string()))?;
                let decoder = if lines { decoder.with_lines() } else { decoder };
                let decoder = commit.into_iter().fold(decoder, Decoder::with_commit);
                let gunzip = (object.format == Format::GzippedCsv).then(Gunzip::new);
                let rest = Bytes::new();
                let text = Text { pieces, rest, gunzip, decoder, ended: false, label };
                Ok(Self::Text(Box::new(text)))
            }
            Opened::Reader(reader) => {
                let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
                let builder = ParquetRecordBatchStreamBuilder::new_with_options(reader, options);
                let builder =
                    guarded(&label, builder).await?.map_err(|error| unreadable(&label, error))?;
                let decoder = parquet::Decoder::new(
                    layout,
                    builder.schema(),
                    Some(wanted.columns),
                    table.bad_rows,
                );
                let decoder = decoder.map_err(|error| broken(error.to_string()))?;
                let decoder = if wanted.lines { decoder.with_lines() } else { decoder };
                let commit = wanted.commit.into_iter();
                let decoder = commit.fold(decoder, parquet::Decoder::with_commit);
                let mask = ProjectionMask::roots(builder.parquet_schema(), decoder.wanted());
                let batch_rows = wanted.batch_rows.min(rows_of_a_batch(builder.metadata())).max(1);
                let batches = builder.with_projection(mask).with_batch_size(batch_rows).build();
                let batches = batches.map_err(|error| unreadable(&label, error))?;
                Ok(Self::Parquet(Box::new(Columns { batches, decoder, ended: false, label })))
            }
        }
    }

    /// The next rows; none at the end of the object.
    ///
    /// # Errors
    /// What is wrong with it. Batches taken before must not be applied then.
    pub(super) async fn next(&mut self) -> Result<Option<Decoded>, ScanError> {
        loop {
            let (decoded, ended) = match self {
                Self::Text(text) => (text.decoder.next_batch(), text.ended),
                Self::Parquet(columns) => (columns.decoder.next_batch(), columns.ended),
            };
            if decoded.is_some() || ended {
                return Ok(decoded);
            }
            match self {
                Self::Text(text) => text.read_on().await?,
                Self::Parquet(columns) => columns.read_on().await?,
            }
        }
    }

    /// The rows that were set aside; to be asked at the end.
    pub(super) fn take_rejects(&mut self) -> Vec<Reject> {
        match self {
            Self::Text(text) => text.decoder.take_rejects(),
            Self::Parquet(columns) => columns.decoder.take_rejects(),
        }
    }

    /// How far the object reaches beyond the declaration; reading has stopped there.
    pub(super) fn beyond(&self) -> Option<&Extent> {
        match self {
            Self::Text(text) => text.decoder.beyond(),
            Self::Parquet(columns) => columns.decoder.beyond(),
        }
    }

    /// See [`Decoder::widths`].
    pub(super) fn widths(&self) -> Option<(usize, usize)> {
        match self {
            Self::Text(text) => text.decoder.widths(),
            Self::Parquet(_) => None,
        }
    }
}

/// CSV.
pub(super) struct Text {
    pieces: Pieces,
    /// What is left of the newest piece.
    rest: Bytes,
    gunzip: Option<Gunzip>,
    decoder: Decoder,
    ended: bool,
    label: String,
}

impl Text {
    async fn read_on(&mut self) -> Result<(), ScanError> {
        if self.rest.is_empty() {
            match self.pieces.next().await {
                Some(piece) => self.rest = piece?,
                None => self.finish()?,
            }
            return Ok(());
        }
        let chunk = self.rest.split_to(self.rest.len().min(CHUNK_BYTES));
        self.feed(&chunk)
    }

    fn feed(&mut self, piece: &[u8]) -> Result<(), ScanError> {
        let decoder = &mut self.decoder;
        match &mut self.gunzip {
            None => decoder.push(piece).map_err(|errors| rejected(&self.label, errors)),
            Some(gunzip) => gunzip
                .push(piece, &mut |text: &[u8]| decoder.push(text))
                .map_err(|error| unzip(&self.label, error)),
        }
    }

    fn finish(&mut self) -> Result<(), ScanError> {
        self.ended = true;
        let decoder = &mut self.decoder;
        if let Some(gunzip) = self.gunzip.take() {
            gunzip
                .finish(&mut |text: &[u8]| decoder.push(text))
                .map_err(|error| unzip(&self.label, error))?;
        }
        decoder.finish().map_err(|errors| rejected(&self.label, errors))
    }
}

/// Parquet.
pub(super) struct Columns {
    batches: ParquetRecordBatchStream<ObjectReader>,
    decoder: parquet::Decoder,
    ended: bool,
    label: String,
}

impl Columns {
    async fn read_on(&mut self) -> Result<(), ScanError> {
        let rejected = |errors| rejected(&self.label, errors);
        // Of an object that does not fit nothing has to be read to say so.
        self.decoder.check().map_err(rejected)?;
        let Some(batch) = guarded(&self.label, self.batches.next()).await? else {
            self.ended = true;
            return self.decoder.finish().map_err(rejected);
        };
        let batch = batch.map_err(|error| unreadable(&self.label, error))?;
        // The engine's own words may hold a value.
        let pushed = self.decoder.push(&batch).map_err(|_| ScanError::Broken {
            object: self.label.clone(),
            reason: "its columns cannot be brought to the declared types".to_owned(),
        })?;
        pushed.map_err(rejected)
    }
}

/// The reader of Parquet takes much of what stands in an object for granted, and panics where that is damaged.
async fn guarded<T>(label: &str, reading: impl Future<Output = T>) -> Result<T, ScanError> {
    AssertUnwindSafe(reading).catch_unwind().await.map_err(|_| ScanError::Broken {
        object: label.to_owned(),
        reason: "not readable as Parquet: its own parts contradict each other".to_owned(),
    })
}

/// Rows of the widest row group, on average, that fit into a batch.
fn rows_of_a_batch(metadata: &ParquetMetaData) -> usize {
    let rows = metadata.row_groups().iter().filter_map(|group| {
        let rows = u64::try_from(group.num_rows()).ok()?;
        let bytes = u64::try_from(group.total_byte_size()).ok()?;
        BATCH_BYTES.saturating_mul(rows).checked_div(bytes)
    });
    rows.min().map_or(usize::MAX, |rows| usize::try_from(rows).unwrap_or(usize::MAX))
}

fn rejected(label: &str, errors: RowErrors) -> ScanError {
    ScanError::Rejected { object: label.to_owned(), errors }
}

fn unzip(label: &str, error: GunzipError<RowErrors>) -> ScanError {
    match error {
        GunzipError::Refused(errors) => rejected(label, errors),
        other => ScanError::Broken { object: label.to_owned(), reason: other.to_string() },
    }
}

/// The reader's error, or that of its store.
fn unreadable(label: &str, error: ParquetError) -> ScanError {
    let reason = match error {
        ParquetError::External(source) => match source.downcast::<ScanError>() {
            Ok(error) => return *error,
            Err(other) => other.to_string(),
        },
        other => other.to_string(),
    };
    ScanError::Broken {
        object: label.to_owned(),
        reason: format!("not readable as Parquet: {reason}"),
    }
}
