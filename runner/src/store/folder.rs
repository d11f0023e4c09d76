//! A location with its store: listed and read.

use std::sync::Arc;

use datafusion::execution::object_store::ObjectStoreUrl;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredentialProvider};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt};
use transforms::staging::Listed;

use super::{Location, explain, local};
use crate::error::{Error, Result};

/// A location with the store that holds it.
#[derive(Debug, Clone)]
pub struct Folder {
    location: Location,
    store: Arc<dyn ObjectStore>,
    store_url: ObjectStoreUrl,
    prefix: Path,
}

impl Folder {
    /// Connects a location with its store. S3 is configured from the environment (`AWS_…`: keys, region, endpoint, web
    /// identity, ECS and instance credentials); nothing is asked yet.
    ///
    /// # Errors
    /// Kind `Usage` for a path or configuration that cannot be.
    pub fn open(location: &Location) -> Result<Self> {
        let bad = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::usage(format!("{location} cannot be opened")).source(error)
        };
        let (store, url, prefix): (Arc<dyn ObjectStore>, String, Path) = match location {
            Location::Local(path) => {
                let prefix = Path::from_absolute_path(path).map_err(|error| bad(error.into()))?;
                (Arc::new(LocalFileSystem::new()), "file://".to_owned(), prefix)
            }
            Location::S3 { bucket, prefix } => {
                let prefix = Path::parse(prefix).map_err(|error| bad(error.into()))?;
                (
                    Arc::new(s3(bucket).build().map_err(|error| bad(error.into()))?),
                    format!("s3://{bucket}"),
                    prefix,
                )
            }
        };
        let store_url = ObjectStoreUrl::parse(&url).map_err(|error| bad(error.into()))?;
        Ok(Self { location: location.clone(), store, store_url, prefix })
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// What the engine knows the store by.
    #[must_use]
    pub fn store_url(&self) -> &ObjectStoreUrl {
        &self.store_url
    }

    /// The folder's path in the store.
    #[must_use]
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// A folder in this one, of the same store.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let (location, prefix) = (self.location.join(name), self.prefix.clone().join(name));
        Self { location, prefix, ..self.clone() }
    }

    /// The path of a key below the folder.
    ///
    /// # Errors
    /// A key that cannot be one.
    pub fn path_of(&self, key: &str) -> Result<Path> {
        let whole = if self.prefix.as_ref().is_empty() {
            key.to_owned()
        } else {
            format!("{}/{key}", self.prefix)
        };
        Path::parse(&whole).map_err(|error| {
            Error::failed(format!("{}{key}: not a key", self.location)).source(error)
        })
    }

    /// Whether this is a local folder that is not there. On S3 there are no folders.
    #[must_use]
    pub fn is_local_and_missing(&self) -> bool {
        matches!(&self.location, Location::Local(path) if !path.is_dir())
    }

    /// Lists everything below the folder, or what sorts behind a key.
    ///
    /// # Errors
    /// A missing local folder or bucket, denied access (`Usage`), and the network (`Temporary`).
    pub async fn list(&self, behind: Option<&str>) -> Result<Vec<Listed>> {
        if self.is_local_and_missing() {
            return Err(Error::usage(format!("there is no folder {}", self.location)).hint(
                "check LOCATION in sources.sql; DMS makes a table's folder with its first object",
            ));
        }
        if let (Location::Local(folder), Some(behind)) = (&self.location, behind)
            && let Some(names) = local::names_behind(folder, behind).await?
        {
            return self.ask(names).await;
        }
        let listing = match behind {
            Some(key) => self.store.list_with_offset(Some(&self.prefix), &self.path_of(key)?),
            None => self.store.list(Some(&self.prefix)),
        };
        let objects: Vec<_> =
            listing.try_collect().await.map_err(|error| self.error("cannot be listed", error))?;
        let listed = objects.into_iter().filter_map(|object| self.listed(object));
        // Not every store that calls itself S3 knows where a listing is to begin.
        Ok(listed.filter(|found| behind.is_none_or(|behind| found.key.as_str() > behind)).collect())
    }

    /// The objects of some keys, without those that are gone.
    async fn ask(&self, keys: Vec<String>) -> Result<Vec<Listed>> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            match self.store.head(&self.path_of(&key)?).await {
                Ok(object) => found.extend(self.listed(object)),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(self.error(&format!("{key} cannot be looked at"), error)),
            }
        }
        Ok(found)
    }

    /// An object as it is listed; none if it is not below the folder.
    fn listed(&self, object: ObjectMeta) -> Option<Listed> {
        let parts = object.location.prefix_match(&self.prefix)?;
        let key: Vec<String> = parts.map(|part| part.as_ref().to_owned()).collect();
        let is_local = matches!(self.location, Location::Local(_));
        Some(Listed {
            key: key.join("/"),
            beside: false,
            size: object.size,
            modified: object.last_modified,
            // A local file's tag holds its inode, which a copy changes; size and time are enough there.
            e_tag: if is_local { None } else { object.e_tag },
        })
    }

    /// An error of the store, with the next step.
    #[must_use]
    pub fn error(&self, what: &str, error: object_store::Error) -> Error {
        let message = format!("{} {what}", self.location);
        explain(message, &error)
    }
}

fn s3(bucket: &str) -> AmazonS3Builder {
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
        .iter()
        .find_map(|key| builder.get_config_value(key));
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    // The container's credentials come over plain HTTP on ECS whatever the endpoint; the client allows that by itself.
    let options = ClientOptions::new()
        .with_allow_http(is_plain)
        .with_timeout(std::time::Duration::from_secs(60))
        .with_connect_timeout(std::time::Duration::from_secs(5));
    builder.with_client_options(options).with_retry(retry())
}

/// Where the credentials of S3 come from; nothing is asked yet.
///
/// # Errors
/// Kind `Usage` for variables that do not go together.
pub(crate) fn credentials() -> Result<AwsCredentialProvider> {
    // A client belongs to a bucket; this one is never asked for anything.
    let client = s3("credentials").with_s3_express(false).build().map_err(|error| {
        Error::usage("the variables AWS_… of the environment do not fit together").source(error)
    })?;
    Ok(Arc::clone(client.credentials()))
}

/// A run is started again by its scheduler, so it waits only for what passes quickly.
fn retry() -> object_store::RetryConfig {
    object_store::RetryConfig {
        max_retries: 4,
        retry_timeout: std::time::Duration::from_secs(30),
        ..object_store::RetryConfig::default()
    }
}
