//! The bytes of objects, asked for before they are needed.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::object_store::ObjectStoreUrl;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, ObjectStore};

use super::error::ScanError;
use super::object::Frozen;

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

/// A store, and how it is read.
#[derive(Debug, Clone)]
pub(super) struct PieceStore {
    store: Arc<dyn ObjectStore>,
    piece_bytes: u64,
}

impl PieceStore {
    /// The store that is known by `url`.
    pub(super) fn new(url: &ObjectStoreUrl, store: Arc<dyn ObjectStore>) -> Self {
        let is_local = *url == ObjectStoreUrl::local_filesystem();
        Self { store, piece_bytes: if is_local { FILE_PIECE_BYTES } else { PIECE_BYTES } }
    }
}

/// Begins to read an object, if it is small, in a task: between two batches nobody polls a stream, and a request that nobody polls
/// runs into its time-out. The task ends with the future.
pub(super) fn begin(
    store: PieceStore,
    object: &Frozen,
    label: String,
) -> impl Future<Output = Result<Pieces, ScanError>> + use<> {
    let whole = if object.size <= SMALL_BYTES {
        let (store, object, label) = (store.clone(), object.clone(), label.clone());
        Some(SpawnedTask::spawn(pieces(store, &object, label).try_collect::<Vec<Bytes>>()))
    } else {
        None
    };
    let object = object.clone();
    async move {
        let Some(task) = whole else { return Ok(pieces(store, &object, label)) };
        let read = task
            .join_unwind()
            .await
            .map_err(|error| ScanError::Broken { object: label, reason: error.to_string() })??;
        Ok(stream::iter(read.into_iter().map(Ok)).boxed())
    }
}

/// The bytes of an object.
pub(super) type Pieces = BoxStream<'static, Result<Bytes, ScanError>>;

/// The object's bytes in order, a bounded number of pieces under way; each is checked to be of the listed object.
pub(super) fn pieces(store: PieceStore, object: &Frozen, label: String) -> Pieces {
    let object = object.clone();
    let starts = (0..object.size).step_by(usize::try_from(store.piece_bytes).unwrap_or(usize::MAX));
    stream::iter(starts)
        .map(move |start| piece(store.clone(), object.clone(), start, label.clone()))
        .buffered(READ_AHEAD)
        .boxed()
}

async fn piece(
    store: PieceStore,
    object: Frozen,
    start: u64,
    label: String,
) -> Result<Bytes, ScanError> {
    let end = object.size.min(start + store.piece_bytes);
    let options = GetOptions {
        range: Some(GetRange::Bounded(start..end)),
        if_match: object.e_tag.clone(),
        ..GetOptions::default()
    };
    let failed = |source: object_store::Error| match source {
        object_store::Error::Precondition { .. } => ScanError::Changed { object: label.clone() },
        source => ScanError::Store { object: label.clone(), source },
    };
    let result = store.store.get_opts(&object.path, options).await.map_err(failed)?;
    let is_listed = result.meta.size == object.size
        && result.meta.last_modified.timestamp() == object.modified.timestamp();
    if !is_listed {
        return Err(ScanError::Changed { object: label });
    }
    result.bytes().await.map_err(failed)
}
