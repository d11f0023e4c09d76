//! S3 in this process: the protocol with its signatures, over a temporary folder.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, ETag,
    ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput, Range, StreamingBlob,
};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A running server; a bucket is a folder in its root.
#[derive(Debug)]
pub(crate) struct S3Server {
    pub(crate) endpoint: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    buckets: AtomicU32,
    swaps: Arc<Swaps>,
    root: TempDir,
}

/// What becomes of an object behind the back of those who have just seen it in a listing.
#[derive(Debug)]
struct Swap {
    file: PathBuf,
    /// Nothing: it goes.
    content: Option<Vec<u8>>,
}

/// One for each bucket, at most.
type Swaps = Mutex<HashMap<String, Swap>>;

/// Files as objects, and what AWS has beyond that: an `ETag` in listings, and `If-Match` for reads.
struct Objects {
    files: FileSystem,
    root: PathBuf,
    swaps: Arc<Swaps>,
}

impl S3Server {
    /// Serves for as long as the runtime lives.
    pub(crate) fn start(runtime: &Runtime) -> Self {
        let root = tempfile::Builder::new()
            .prefix("unglue-s3-")
            .tempdir()
            .expect("a temporary folder can be made");
        let access_key = "unglue".to_owned();
        let secret_key = "secret-of-unglue".to_owned();

        let files = FileSystem::new(root.path()).expect("the temporary folder can be read");
        let swaps = Arc::default();
        let objects = Objects { files, root: root.path().to_owned(), swaps: Arc::clone(&swaps) };
        let mut service = S3ServiceBuilder::new(objects);
        service.set_auth(SimpleAuth::from_single(access_key.as_str(), secret_key.as_str()));
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        runtime.spawn(serve(listener, service.build()));

        let endpoint = format!("http://{address}");
        Self { endpoint, access_key, secret_key, buckets: AtomicU32::new(0), swaps, root }
    }

    /// Returns the folder that holds the buckets.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Creates an empty bucket that no other test uses.
    pub(crate) fn fresh_bucket(&self) -> String {
        let bucket = format!("bucket-{}", self.buckets.fetch_add(1, Ordering::Relaxed));
        std::fs::create_dir(self.root().join(&bucket)).expect("a bucket can be made");
        bucket
    }

    /// After the next listing of a bucket an object of it gets another content, and keeps its time; without content it goes.
    pub(crate) fn swap_after_listing(&self, bucket: &str, key: &str, content: Option<&str>) {
        let file = self.root().join(bucket).join(key);
        let content = content.map(|content| content.as_bytes().to_vec());
        self.swaps.lock().unwrap().insert(bucket.to_owned(), Swap { file, content });
    }

    /// Returns the environment with which a process finds this server instead of AWS.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", &self.access_key),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_key),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ALLOW_HTTP", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}

impl Swap {
    fn happen(self) {
        let Some(content) = self.content else {
            return std::fs::remove_file(self.file).unwrap();
        };
        let modified = std::fs::metadata(&self.file).unwrap().modified().unwrap();
        std::fs::write(&self.file, content).unwrap();
        let file = std::fs::File::options().append(true).open(&self.file).unwrap();
        file.set_modified(modified).unwrap();
    }
}

impl Objects {
    /// The tag of an object as a request for it alone tells it.
    async fn e_tag(&self, bucket: &str, key: &str) -> S3Result<Option<ETag>> {
        let input = HeadObjectInput {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            ..HeadObjectInput::default()
        };
        let head = S3Request {
            input,
            method: Default::default(),
            uri: Default::default(),
            headers: Default::default(),
            extensions: Default::default(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        };
        Ok(self.files.head_object(head).await?.output.e_tag)
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let bucket = request.input.bucket.clone();
        let mut listed = self.files.list_objects_v2(request).await?;
        for object in listed.output.contents.iter_mut().flatten() {
            let key = object.key.clone().unwrap_or_default();
            object.e_tag = self.e_tag(&bucket, &key).await?;
        }
        let swap = self.swaps.lock().unwrap().remove(&bucket);
        if let Some(swap) = swap {
            swap.happen();
        }
        Ok(listed)
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, if_match, range, .. } = &request.input;
        if let Some(ETagCondition::ETag(expected)) = if_match
            && !self.e_tag(bucket, key).await?.is_some_and(|tag| tag.strong_cmp(expected))
        {
            return Err(s3_error!(PreconditionFailed));
        }
        let (file, range) = (self.root.join(bucket).join(key), *range);
        let mut response = self.files.get_object(request).await?;
        if let Some(range) = range {
            let bytes = read(&file, range).map_err(|error| s3_error!(error, InternalError))?;
            response.output.body = Some(StreamingBlob::from(Body::from(bytes)));
        }
        Ok(response)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        self.files.put_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.files.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.files.delete_objects(request).await
    }
}

/// Reads a part at once: `FileSystem` sends 4 KiB after the other, and a bench would measure nothing else.
fn read(file: &Path, range: Range) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(file)?;
    let part = range.check(file.metadata()?.len()).map_err(std::io::Error::other)?;
    let length = usize::try_from(part.end - part.start).map_err(std::io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, part.start)?;
    Ok(bytes)
}

async fn serve(listener: TcpListener, service: S3Service) {
    let http = Builder::new(TokioExecutor::new());
    loop {
        let (socket, _) = listener.accept().await.expect("connections can be accepted");
        let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
        tokio::spawn(async move {
            // A client that goes away is its own affair.
            connection.await.ok();
        });
    }
}
