//! S3 in this process: the protocol with its signatures, over a temporary folder.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A running server; a bucket is a folder in its root.
///
/// Unlike AWS, its listings have no `ETag`.
#[derive(Debug)]
pub(crate) struct S3Server {
    pub(crate) endpoint: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    buckets: AtomicU32,
    root: TempDir,
}

impl S3Server {
    /// Serves for as long as the runtime lives.
    pub(super) fn start(runtime: &Runtime) -> Self {
        let root = tempfile::Builder::new()
            .prefix("unglue-s3-")
            .tempdir()
            .expect("a temporary folder can be made");
        let access_key = "unglue".to_owned();
        let secret_key = "secret-of-unglue".to_owned();

        let files = s3s_fs::FileSystem::new(root.path()).expect("the temporary folder can be read");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(access_key.as_str(), secret_key.as_str()));
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        runtime.spawn(serve(listener, service.build()));

        let endpoint = format!("http://{address}");
        Self { endpoint, access_key, secret_key, buckets: AtomicU32::new(0), root }
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
