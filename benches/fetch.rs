//! What a network costs: objects that are asked for and dropped.

use futures::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::{GetOptions, GetRange, ObjectStore, Result};

/// As the runner asks, so that the requests are the same: bytes of one, and how many at the same time on two cores.
const PIECE_BYTES: usize = 4 << 20;
const AT_ONCE: usize = 4;

/// Gets all objects of a bucket; returns how many bytes they have.
pub(crate) async fn all(bucket: &str) -> Result<u64> {
    let store =
        &AmazonS3Builder::from_env().with_bucket_name(bucket).with_allow_http(true).build()?;
    let objects: Vec<_> = store.list(None).try_collect().await?;
    let pieces = objects.iter().flat_map(|object| {
        let starts = (0..object.size).step_by(PIECE_BYTES);
        starts.map(move |start| (object, start..object.size.min(start + PIECE_BYTES as u64)))
    });
    stream::iter(pieces)
        .map(|(object, range)| async move {
            let range = Some(GetRange::Bounded(range));
            let options = GetOptions { range, ..GetOptions::default() };
            let bytes = store.get_opts(&object.location, options).await?.bytes().await?;
            Ok(bytes.len() as u64)
        })
        .buffer_unordered(AT_ONCE)
        .try_fold(0, |sum, bytes| async move { Ok(sum + bytes) })
        .await
}
