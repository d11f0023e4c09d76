//! Where the routes come from: the environment, or an object that is read again when it is old.

use std::sync::Arc;
use std::time::{Duration, Instant};

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::sync::Mutex;

use crate::routes::{Location, Routes, RoutesError};
use crate::settings::RoutesFrom;

/// How old what was read may be.
const FRESH: Duration = Duration::from_secs(60);
/// The largest file of routes.
const BYTES_MAX: u64 = 1024 * 1024;

/// The routes, wherever they are.
#[derive(Debug)]
pub enum RouteSource {
    /// In the environment.
    Fixed(Arc<Routes>),
    /// In an object.
    Object(Box<RouteObject>),
}

/// An object that holds routes.
#[derive(Debug)]
pub struct RouteObject {
    store: Arc<dyn ObjectStore>,
    location: Location,
    path: Path,
    read: Mutex<Option<(Instant, Arc<Routes>)>>,
}

/// Why there are no routes.
#[derive(Debug, thiserror::Error)]
pub enum RouteSourceError {
    /// The store cannot be set up.
    #[error("s3://{bucket}/{key} cannot be opened: {error}", bucket = .location.bucket, key = .location.key)]
    Open {
        /// Where they should be.
        location: Location,
        /// What the store says.
        error: object_store::Error,
    },
    /// The object cannot be read.
    #[error("s3://{bucket}/{key} cannot be read{}: {error}", hint(error), bucket = .location.bucket, key = .location.key)]
    Read {
        /// Where they should be.
        location: Location,
        /// What the store says.
        error: object_store::Error,
    },
    /// The object is no table of routes.
    #[error("s3://{bucket}/{key}: {error}", bucket = .location.bucket, key = .location.key)]
    Routes {
        /// Where they should be.
        location: Location,
        /// What is wrong.
        error: RoutesError,
    },
    /// The object is too large.
    #[error("s3://{bucket}/{key} is longer than {BYTES_MAX} bytes", bucket = .0.bucket, key = .0.key)]
    TooLong(Location),
}

impl RouteSource {
    /// Nothing is read yet. S3 is configured from the environment (`AWS_…`).
    ///
    /// # Errors
    /// A configuration that cannot be.
    pub fn open(from: RoutesFrom) -> Result<Self, RouteSourceError> {
        match from {
            RoutesFrom::Here(routes) => Ok(Self::Fixed(Arc::new(routes))),
            RoutesFrom::Object(location) => {
                let store = s3(&location.bucket).map_err(|error| RouteSourceError::Open {
                    location: location.clone(),
                    error,
                })?;
                Self::in_store(Arc::new(store), location)
            }
        }
    }

    /// In an object of a store.
    ///
    /// # Errors
    /// A key that cannot be.
    pub fn in_store(
        store: Arc<dyn ObjectStore>,
        location: Location,
    ) -> Result<Self, RouteSourceError> {
        let path = Path::parse(&location.key).map_err(|error| RouteSourceError::Open {
            location: location.clone(),
            error: error.into(),
        })?;
        let read = Mutex::new(None);
        Ok(Self::Object(Box::new(RouteObject { store, location, path, read })))
    }

    /// The routes, at most a minute old.
    ///
    /// # Errors
    /// An object that cannot be read. Older routes are not used in its place: they may be for other jobs.
    pub async fn get(&self) -> Result<Arc<Routes>, RouteSourceError> {
        match self {
            Self::Fixed(routes) => Ok(Arc::clone(routes)),
            Self::Object(object) => object.get().await,
        }
    }
}

impl RouteObject {
    async fn get(&self) -> Result<Arc<Routes>, RouteSourceError> {
        let mut read = self.read.lock().await;
        if let Some((_, routes)) = read.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(Arc::clone(routes));
        }
        let routes = Arc::new(self.read().await?);
        *read = Some((Instant::now(), Arc::clone(&routes)));
        Ok(routes)
    }

    async fn read(&self) -> Result<Routes, RouteSourceError> {
        let location = || self.location.clone();
        let failed = |error| RouteSourceError::Read { location: location(), error };
        let found = self.store.get(&self.path).await.map_err(failed)?;
        if found.meta.size > BYTES_MAX {
            return Err(RouteSourceError::TooLong(location()));
        }
        let bytes = found.bytes().await.map_err(failed)?;
        String::from_utf8_lossy(&bytes)
            .parse()
            .map_err(|error| RouteSourceError::Routes { location: location(), error })
    }
}

/// S3 tells who may not list a bucket that he may not read what is missing.
fn hint(error: &object_store::Error) -> &'static str {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    match error {
        NotFound { .. } | PermissionDenied { .. } | Unauthenticated { .. } => {
            ": it is missing, or the function's role has no right to it (s3:GetObject)"
        }
        _ => "",
    }
}

fn s3(bucket: &str) -> object_store::Result<object_store::aws::AmazonS3> {
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    // That of S3 alone is the stronger one.
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
        .iter()
        .find_map(|key| builder.get_config_value(key));
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let options = ClientOptions::new()
        .with_allow_http(is_plain)
        .with_timeout(Duration::from_secs(10))
        .with_connect_timeout(Duration::from_secs(3));
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: Duration::from_secs(15),
        ..RetryConfig::default()
    };
    builder.with_client_options(options).with_retry(retry).build()
}

#[cfg(test)]
mod tests {
    use object_store::PutPayload;
    use object_store::memory::InMemory;

    use super::*;

    fn routes(source: &Arc<InMemory>) -> RouteSource {
        let location = "s3://config/routes.json".parse().unwrap();
        let store: Arc<dyn ObjectStore> = Arc::<InMemory>::clone(source);
        RouteSource::in_store(store, location).unwrap()
    }

    async fn put(store: &InMemory, text: &'static str) {
        let _put = store
            .put(&Path::from("routes.json"), PutPayload::from_static(text.as_bytes()))
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn an_object_is_read_once_a_minute() {
        let store = Arc::new(InMemory::new());
        let source = routes(&store);
        let error = source.get().await.unwrap_err().to_string();
        assert!(error.contains("it is missing, or the function's role has no right"), "{error}");
        put(&store, r#"{"s3://b/": "first"}"#).await;
        let first = source.get().await.unwrap();
        put(&store, r#"{"s3://b/": "second"}"#).await;
        assert_eq!(source.get().await.unwrap(), first);
        let RouteSource::Object(object) = &source else { panic!("an object") };
        let minute_ago = Instant::now().checked_sub(FRESH).unwrap();
        *object.read.lock().await = Some((minute_ago, first));
        let second = source.get().await.unwrap();
        assert!(second.all().iter().any(|job| job.as_str() == "second"));
    }

    #[tokio::test]
    async fn an_object_that_holds_no_routes_is_named() {
        let store = Arc::new(InMemory::new());
        put(&store, "{}").await;
        let error = routes(&store).get().await.unwrap_err().to_string();
        assert!(error.starts_with("s3://config/routes.json: there is no route"), "{error}");
    }
}
