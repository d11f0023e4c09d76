//! The bytes of a file, piece by piece.

use std::fs::File;
use std::io::Read;

use bytes::Bytes;
use datafusion::error::Result;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{GetResultPayload, ObjectStore, ObjectStoreExt};

/// What is read of a local file at once.
const PIECE_BYTES: usize = 1 << 20;

/// A file that is being read.
pub(super) enum Input {
    Local(File),
    Stored(BoxStream<'static, object_store::Result<Bytes>>),
}

impl Input {
    /// Asks a store for a file.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn open(store: &dyn ObjectStore, path: &Path) -> Result<Self> {
        Ok(match store.get(path).await?.payload {
            GetResultPayload::File(file, _) => Self::Local(file),
            GetResultPayload::Stream(stream) => Self::Stored(stream),
        })
    }

    /// The next bytes, and none at the end.
    ///
    /// # Errors
    /// Those of reading.
    pub(super) async fn piece(&mut self) -> Result<Bytes> {
        match self {
            Self::Local(file) => {
                let mut piece = Vec::with_capacity(PIECE_BYTES);
                file.take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
                Ok(piece.into())
            }
            Self::Stored(stream) => loop {
                match stream.next().await.transpose()? {
                    Some(piece) if piece.is_empty() => {}
                    piece => return Ok(piece.unwrap_or_default()),
                }
            },
        }
    }
}
