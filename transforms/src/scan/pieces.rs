//! The bytes of objects, asked for before they are needed.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, GetResult, GetResultPayload, ObjectStore};

use super::error::ScanError;
use super::meter::ObjectMeter;
use super::object::Frozen;
use staged::Format;

/// Bytes asked for at once, of an object that is not small. A partition holds at most [`READ_AHEAD`] such pieces and
/// as many small objects as it asks for ahead.
///
/// A request to a store over the network takes long before its first byte. A file gives small pieces as fast, and the threads
/// that read it keep less memory: an allocator gives back what is as large as what it has given before.
const PIECE_BYTES: u64 = 4 * 1024 * 1024;
const FILE_PIECE_BYTES: u64 = 1024 * 1024;
const READ_AHEAD: usize = 2;
/// Objects up to this size are asked for before it is their turn: a request to S3 takes longer than what such an object holds.
const SMALL_BYTES: u64 = 1024 * 1024;

/// So much of the end of a Parquet object is asked for first: what describes it is there.
const FOOTER_BYTES: usize = 64 * 1024;

/// A store, and how it is read.
#[derive(Debug, Clone)]
pub(super) struct PieceStore {
    store: Arc<dyn ObjectStore>,
    piece_bytes: u64,
    meter: ObjectMeter,
}

impl PieceStore {
    /// The store that is known by `url`.
    pub(super) fn new(url: &ObjectStoreUrl, store: Arc<dyn ObjectStore>) -> Self {
        let is_local = *url == ObjectStoreUrl::local_filesystem();
        let piece_bytes = if is_local { FILE_PIECE_BYTES } else { PIECE_BYTES };
        Self { store, piece_bytes, meter: ObjectMeter::default() }
    }

    /// The same for one object whose bytes are counted.
    pub(super) fn metered(self, meter: ObjectMeter) -> Self {
        Self { meter, ..self }
    }
}

/// Begins to read an object, if it is small, in a task: between two batches nobody polls a stream, and a request that nobody polls
/// runs into its time-out. The task ends with the future.
pub(super) fn begin(
    store: PieceStore,
    object: &Frozen,
) -> impl Future<Output = Result<Opened, ScanError>> + use<> {
    let whole = if object.size <= SMALL_BYTES {
        let pieces = pieces(store.clone(), object);
        Some(SpawnedTask::spawn(pieces.try_collect::<Vec<Bytes>>()))
    } else {
        None
    };
    let object = object.clone();
    async move {
        let is_parquet = object.format == Format::Parquet;
        let Some(task) = whole else {
            return Ok(if is_parquet {
                Opened::Reader(ObjectReader::new(store, object, None))
            } else {
                Opened::Pieces(pieces(store, &object))
            });
        };
        let read = task.join_unwind().await.map_err(|error| ScanError::Broken {
            object: object.label.clone(),
            reason: error.to_string(),
        })??;
        Ok(if is_parquet {
            let bytes = Bytes::from(read.concat());
            Opened::Reader(ObjectReader::new(store, object, Some(bytes)))
        } else {
            Opened::Pieces(stream::iter(read.into_iter().map(Ok)).boxed())
        })
    }
}

/// How the bytes of an object are got.
pub(super) enum Opened {
    /// One after the other.
    Pieces(Pieces),
    /// As they are asked for: Parquet.
    Reader(ObjectReader),
}

/// The bytes of an object.
pub(super) type Pieces = BoxStream<'static, Result<Bytes, ScanError>>;

/// The object's bytes in order, a bounded number of pieces under way; each is checked to be of the listed object.
pub(super) fn pieces(store: PieceStore, object: &Frozen) -> Pieces {
    let object = object.clone();
    let starts = (0..object.size).step_by(usize::try_from(store.piece_bytes).unwrap_or(usize::MAX));
    stream::iter(starts)
        .map(move |start| piece(store.clone(), object.clone(), start))
        .buffered(READ_AHEAD)
        .map_ok(|parts| stream::iter(parts.into_iter().map(Ok)))
        .try_flatten()
        .boxed()
}

/// A piece, in the parts in which it comes: joined, each byte would be copied once more.
async fn piece(store: PieceStore, object: Frozen, start: u64) -> Result<Vec<Bytes>, ScanError> {
    let end = object.size.min(start + store.piece_bytes);
    let result = get(&store, &object, start..end).await?;
    // A file would be cut into parts.
    let parts = match result.payload {
        GetResultPayload::File(..) => {
            let whole = result.bytes().await.map(|bytes| vec![bytes]);
            whole.inspect(|parts| store.meter.add(parts.iter().map(Bytes::len).sum()))
        }
        GetResultPayload::Stream(parts) => {
            parts.inspect_ok(|part| store.meter.add(part.len())).try_collect().await
        }
    };
    parts.map_err(|error| failed(error, &object.label))
}

/// Some bytes of an object, joined.
async fn bytes_of(
    store: &PieceStore,
    object: &Frozen,
    range: Range<u64>,
) -> Result<Bytes, ScanError> {
    let result = get(store, object, range).await?;
    let bytes = result.bytes().await.map_err(|error| failed(error, &object.label))?;
    store.meter.add(bytes.len());
    Ok(bytes)
}

/// Some bytes of an object, if it is the listed one.
async fn get(
    store: &PieceStore,
    object: &Frozen,
    range: Range<u64>,
) -> Result<GetResult, ScanError> {
    let options = GetOptions {
        range: Some(GetRange::Bounded(range)),
        if_match: object.e_tag.clone(),
        ..GetOptions::default()
    };
    let got = store.store.get_opts(&object.path, options).await;
    let result = got.map_err(|error| failed(error, &object.label))?;
    let is_listed = result.meta.size == object.size
        && result.meta.last_modified.timestamp() == object.modified.timestamp();
    if is_listed { Ok(result) } else { Err(ScanError::Changed { object: object.label.clone() }) }
}

fn failed(error: object_store::Error, label: &str) -> ScanError {
    let object = label.to_owned();
    match error {
        object_store::Error::Precondition { .. } => ScanError::Changed { object },
        source => ScanError::Store { object, source },
    }
}

/// Bytes of an object in any order, for Parquet: columns of a row group lie side by side, and row groups behind each other.
pub(super) struct ObjectReader {
    store: PieceStore,
    object: Frozen,
    /// What was got last, and where it begins; of a small object all of it.
    window: (u64, Bytes),
}

impl ObjectReader {
    /// `whole` are the object's bytes, if they have been read.
    fn new(store: PieceStore, object: Frozen, whole: Option<Bytes>) -> Self {
        Self { store, object, window: (0, whole.unwrap_or_default()) }
    }

    fn within(&self, range: &Range<u64>) -> Option<Bytes> {
        let (start, bytes) = &self.window;
        let begin = usize::try_from(range.start.checked_sub(*start)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(*start)?).ok()?;
        (begin <= end && end <= bytes.len()).then(|| bytes.slice(begin..end))
    }

    /// Gets a range and what is behind it, which is likely to be asked for next.
    async fn get(&mut self, range: Range<u64>) -> Result<Bytes, ScanError> {
        if let Some(found) = self.within(&range) {
            return Ok(found);
        }
        let end = range.end.max(range.start.saturating_add(PIECE_BYTES)).min(self.object.size);
        let bytes = bytes_of(&self.store, &self.object, range.start..end).await?;
        self.window = (range.start, bytes);
        self.within(&range).ok_or_else(|| ScanError::Broken {
            object: self.object.label.clone(),
            reason: "it ends before its own parts".to_owned(),
        })
    }
}

fn external(error: ScanError) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for ObjectReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        async move { self.get(range).await.map_err(external) }.boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        async move {
            let begin = ranges.iter().map(|range| range.start).min().unwrap_or_default();
            let end = ranges.iter().map(|range| range.end).max().unwrap_or_default();
            // Together, unless most of it would be columns that nobody wants.
            if end.saturating_sub(begin) <= PIECE_BYTES {
                let _all = self.get(begin..end).await.map_err(external)?;
            }
            let mut found = Vec::with_capacity(ranges.len());
            for range in ranges {
                found.push(self.get(range).await.map_err(external)?);
            }
            Ok(found)
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        let size = self.object.size;
        async move {
            let reader = ParquetMetaDataReader::new()
                .with_arrow_reader_options(options)
                .with_prefetch_hint(Some(FOOTER_BYTES));
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}
