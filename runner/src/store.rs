//! Object stores: local folders and S3, all behind `object_store`.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use datafusion::execution::object_store::ObjectStoreUrl;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore};
use transforms::staging::Listed;

use crate::error::{Error, Result};

/// A folder: on this machine, or a prefix in an S3 bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// An absolute path.
    Local(PathBuf),
    /// A bucket and a key prefix without slashes at its ends.
    S3 {
        /// The bucket.
        bucket: String,
        /// The prefix; may be empty.
        prefix: String,
    },
}

impl Location {
    /// Reads a location as users write it; a relative path is relative to `base`, else to the current folder.
    ///
    /// # Errors
    /// Kind `Usage` for an unknown scheme, a URL without bucket, or a path that cannot be made absolute.
    pub fn parse(text: &str, base: Option<&Self>) -> Result<Self> {
        let bad = |why: &str| {
            Error::usage(format!("location `{text}`: {why}"))
                .hint("write a path, file:///path/ or s3://bucket/prefix/")
        };
        if let Some(rest) = text.strip_prefix("s3://").or_else(|| text.strip_prefix("s3a://")) {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return Err(bad("there is no bucket in it"));
            }
            // Such as keys before an `@`, which other programs take: they would stand in logs and in the ledger.
            if !bucket.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
                return Err(Error::usage("a location's bucket has characters that no bucket's name has")
                    .hint("write s3://bucket/prefix/; credentials come from the environment (AWS_ACCESS_KEY_ID, …)"));
            }
            let prefix = prefix.trim_matches('/').to_owned();
            return Ok(Self::S3 { bucket: bucket.to_owned(), prefix });
        }
        let path = text.strip_prefix("file://").unwrap_or(text);
        if let Some((scheme, rest)) = path.split_once("://") {
            if rest.contains('@') {
                let scheme = scheme.escape_debug();
                return Err(Error::usage(format!("a location's scheme `{scheme}` is not known"))
                    .hint("write a path, file:///path/ or s3://bucket/prefix/"));
            }
            return Err(bad("this scheme is not known"));
        }
        if path.is_empty() {
            return Err(bad("it is empty"));
        }
        match base {
            Some(base) if FilePath::new(path).is_relative() => Ok(base.join(path)),
            _ => std::path::absolute(path)
                .map(|path| Self::Local(normalized(&path)))
                .map_err(|error| bad("it cannot be made absolute").source(error)),
        }
    }

    /// A folder below this one.
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        match self {
            Self::Local(path) => Self::Local(normalized(&path.join(relative))),
            Self::S3 { bucket, prefix } => {
                let path = normalized(&FilePath::new("/").join(prefix).join(relative));
                let prefix = path.to_string_lossy().trim_matches('/').to_owned();
                Self::S3 { bucket: bucket.clone(), prefix }
            }
        }
    }

    /// The names of the folders in a local folder, for suggestions; nothing where it cannot be read.
    #[must_use]
    pub fn local_folders(&self) -> Vec<String> {
        let Self::Local(path) = self else { return Vec::new() };
        let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
        entries
            .filter_map(std::result::Result::ok)
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    /// The key of an `s3://bucket/key` URL below this folder, if it is there.
    #[must_use]
    pub fn relative_key(&self, url: &str) -> Option<String> {
        let folder = self.to_string();
        url.strip_prefix(folder.as_str()).map(str::to_owned)
    }
}

/// `.` and `..` taken out; nothing on disk is asked.
fn normalized(path: &FilePath) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                let _at_root = out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

impl fmt::Display for Location {
    /// With a slash at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}/", path.display().to_string().trim_end_matches('/')),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}/"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}/"),
        }
    }
}

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
                    Arc::new(s3(bucket).map_err(|error| bad(error.into()))?),
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

    /// Lists everything below the folder.
    ///
    /// # Errors
    /// A missing local folder or bucket, denied access (`Usage`), and the network (`Temporary`).
    pub async fn list(&self) -> Result<Vec<Listed>> {
        if self.is_local_and_missing() {
            return Err(Error::usage(format!("there is no folder {}", self.location)).hint(
                "check LOCATION in sources.sql; DMS makes a table's folder with its first object",
            ));
        }
        let objects: Vec<_> = self
            .store
            .list(Some(&self.prefix))
            .try_collect()
            .await
            .map_err(|error| self.error("cannot be listed", error))?;
        let is_local = matches!(self.location, Location::Local(_));
        Ok(objects
            .into_iter()
            .filter_map(|object| {
                let key: Vec<String> = object
                    .location
                    .prefix_match(&self.prefix)?
                    .map(|part| part.as_ref().to_owned())
                    .collect();
                Some(Listed {
                    key: key.join("/"),
                    size: object.size,
                    modified: object.last_modified,
                    // A local file's tag holds its inode, which a copy changes; size and time are enough there.
                    e_tag: if is_local { None } else { object.e_tag },
                })
            })
            .collect())
    }

    /// An error of the store, with the next step.
    #[must_use]
    pub fn error(&self, what: &str, error: object_store::Error) -> Error {
        let message = format!("{} {what}", self.location);
        explain(message, &error)
    }
}

fn s3(bucket: &str) -> object_store::Result<object_store::aws::AmazonS3> {
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    // The container's credentials come over plain HTTP on ECS whatever the endpoint; the client allows that by itself.
    let options = ClientOptions::new()
        .with_allow_http(is_plain)
        .with_timeout(std::time::Duration::from_secs(60))
        .with_connect_timeout(std::time::Duration::from_secs(5));
    builder.with_client_options(options).with_retry(retry()).build()
}

/// A run is started again by its scheduler, so it waits only for what passes quickly.
fn retry() -> object_store::RetryConfig {
    object_store::RetryConfig {
        max_retries: 4,
        retry_timeout: std::time::Duration::from_secs(30),
        ..object_store::RetryConfig::default()
    }
}

/// Sorts a store's error into what the user can do about it. Its own text is not kept: see `Told`.
#[must_use]
pub fn explain(message: String, error: &object_store::Error) -> Error {
    use object_store::Error as Store;
    let told = Told::of(error);
    let explained = match (error, told.status) {
        (_, Some(503 | 500 | 429)) => {
            Error::temporary(message).hint("the store is busy or broken: run again")
        }
        (_, Some(301 | 307 | 400)) => Error::usage(message)
            .hint("the request does not fit the bucket: check AWS_REGION and AWS_ENDPOINT_URL"),
        (Store::NotFound { .. }, _) | (_, Some(404)) => {
            Error::usage(message).hint("check the bucket's name and the path")
        }
        (Store::PermissionDenied { .. } | Store::Unauthenticated { .. }, _)
        | (_, Some(401 | 403)) => Error::usage(message)
            .hint("check the credentials and their rights: s3:ListBucket, s3:GetObject; for a folder the right to read it"),
        (Store::Generic { store: S3, .. }, None) => Error::temporary(message)
            .hint("the store does not answer: check the network, AWS_ENDPOINT_URL and the credentials' source, then run again"),
        _ => Error::failed(message),
    };
    explained.source(told.text)
}

/// What the client calls S3 in its errors.
const S3: &str = "S3";

/// What may be told of a store's error.
///
/// The client's errors hold the whole answer of the server, and answers of S3 hold secrets: a session token
/// (`<Token-0>`), key ids, the request with its headers (`<CanonicalRequest>`). So nothing of an error's text is taken but
/// what is known to be none.
struct Told {
    /// The status of an HTTP answer.
    status: Option<u16>,
    text: String,
}

impl Told {
    fn of(error: &object_store::Error) -> Self {
        let first: &(dyn std::error::Error + 'static) = error;
        let chain = || std::iter::successors(Some(first), |error| error.source());
        if let Some(answer) = chain().find_map(|error| Self::of_answer(&error.to_string())) {
            return answer;
        }
        let text = if let Some(http) = chain().find_map(|error| error.downcast_ref::<HttpError>()) {
            no_answer(http)
        } else if is_local(error) {
            error.to_string()
        } else {
            chain()
                .map(ToString::to_string)
                .find(|text| TOKEN_FILES.iter().any(|begin| text.starts_with(begin)))
                .unwrap_or_else(|| "what the store answered cannot be understood".to_owned())
        };
        Self { status: None, text }
    }

    /// Of the text of the one error that is about an answer: its type cannot be reached. Others hold its text behind an
    /// object's key, which may say anything.
    fn of_answer(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("Server returned non-2xx status code: ") {
            let status = rest.get(..3)?.parse().ok();
            let (said, body) = rest.split_once(": ").unwrap_or((rest, ""));
            return Some(Self { status, text: format!("the store answered {said}{}", code(body)) });
        }
        if let Some(body) = text.strip_prefix("Server returned error response: ") {
            let text = format!("the store answered with an error{}", code(body));
            return Some(Self { status: None, text });
        }
        let is_redirect = text.starts_with("Received redirect without LOCATION");
        is_redirect.then(|| {
            let text = "the store redirects to nowhere: the region may be another one".to_owned();
            Self { status: None, text }
        })
    }
}

/// The code of an S3 error, behind a comma. Codes are words; what is none is not told.
fn code(body: &str) -> String {
    const LENGTH_MAX: usize = 64;
    let inner = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let is_code = |code: &str| {
        (1..=LENGTH_MAX).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphabetic())
    };
    match inner {
        Some((code, _)) if is_code(code) => format!(", {code}"),
        _ => String::new(),
    }
}

/// Why there is no whole answer. Only of connecting the cause is told: nothing was sent or read yet.
fn no_answer(error: &HttpError) -> String {
    let said = match error.kind() {
        HttpErrorKind::Connect => {
            let first: &(dyn std::error::Error + 'static) = error;
            let root = std::iter::successors(Some(first), |error| error.source()).last();
            let root = root.map(ToString::to_string).unwrap_or_default();
            return format!("the store cannot be connected to: {root}");
        }
        HttpErrorKind::Timeout => "the store did not answer in time",
        HttpErrorKind::Decode => "what the store answered cannot be read",
        _ => "the connection to the store broke off",
    };
    said.to_owned()
}

/// Whether an error is of a local file: it is about a path, and no server has said anything.
fn is_local(error: &object_store::Error) -> bool {
    use object_store::Error as Store;
    let source = match error {
        Store::Generic { store: S3, .. } => return false,
        Store::InvalidPath { .. } => return true,
        other => std::error::Error::source(other),
    };
    let mut chain = std::iter::successors(source, |error| error.source());
    chain.any(|error| {
        error.downcast_ref::<std::io::Error>().is_some_and(|io| io.raw_os_error().is_some())
    })
}

/// How errors of reading files with tokens begin; they name the file.
const TOKEN_FILES: [&str; 2] = ["Failed to read token file", "Failed to read EKS token file"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    /// As the client nests them.
    #[derive(Debug, thiserror::Error)]
    #[error("GET http://h/x404/20260403.csv in 757.404ms - {source}")]
    struct Request {
        source: Box<dyn std::error::Error + Send + Sync>,
    }

    fn explained(said: &str) -> Error {
        let source = Box::new(Request { source: said.into() });
        explain("x".to_owned(), &object_store::Error::Generic { store: "S3", source })
    }

    #[test]
    fn digits_in_a_key_are_no_status() {
        let kind = |said: &str| explained(said).kind();
        assert_eq!(kind("HTTP error: error sending request"), Kind::Temporary);
        let missing = "Server returned non-2xx status code: 404 Not Found: ";
        assert_eq!(kind(missing), Kind::Usage);
        let busy = "Server returned non-2xx status code: 503 Slow Down: ";
        assert_eq!(kind(busy), Kind::Temporary);
    }

    #[test]
    fn of_an_answer_only_status_and_code_are_told() {
        let told = |said: &str| {
            let error = explained(said);
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
            std::error::Error::source(&error).unwrap().to_string()
        };
        let status = "Server returned non-2xx status code: 400 Bad Request: ";
        let expired = "<Error><Code>ExpiredToken</Code><Message>secret</Message><Token-0>secret</Token-0></Error>";
        assert_eq!(
            told(&format!("{status}{expired}")),
            "the store answered 400 Bad Request, ExpiredToken"
        );
        for body in ["secret: 1", "<Code>secret 1</Code>", "<Code></Code>secret", "<Code>secret"] {
            let said = told(&format!("{status}{body}"));
            assert_eq!(said, "the store answered 400 Bad Request");
        }
        assert_eq!(
            told("Server returned error response: <Code>SlowDown</Code>secret"),
            "the store answered with an error, SlowDown"
        );
        assert_eq!(
            told("Got invalid list response: secret"),
            "what the store answered cannot be understood"
        );
    }

    #[test]
    fn an_error_of_a_local_file_is_told_as_it_is() {
        let source = Box::new(std::io::Error::from_raw_os_error(13));
        let error = object_store::Error::PermissionDenied { path: "/x".to_owned(), source };
        let error = explain("x".to_owned(), &error);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("/x") && cause.contains("(os error 13)"), "{cause}");
    }

    #[test]
    fn relative_locations_are_relative_to_their_base() {
        let local = Location::parse("/jobs/load", None).unwrap();
        let sample = Location::parse("./sample/../sample/", Some(&local)).unwrap();
        assert_eq!(sample.to_string(), "/jobs/load/sample/");
        let s3 = Location::parse("s3://bucket/jobs/load/", None).unwrap();
        assert_eq!(
            Location::parse("../other", Some(&s3)).unwrap().to_string(),
            "s3://bucket/jobs/other/"
        );
        let absolute = Location::parse("/x", Some(&local)).unwrap();
        assert_eq!(absolute.to_string(), "/x/");
    }

    #[test]
    fn a_bucket_alone_is_a_location() {
        let location = Location::parse("s3://bucket", None).unwrap();
        assert_eq!(location.to_string(), "s3://bucket/");
        assert_eq!(location.join("a/b").to_string(), "s3://bucket/a/b/");
    }

    #[test]
    fn unknown_schemes_and_empty_texts_are_refused() {
        for text in ["gs://x/y", "s3://", "s3:///x", ""] {
            assert!(Location::parse(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn an_event_is_matched_to_its_folder() {
        let folder = Location::parse("s3://b/sales", None).unwrap();
        assert_eq!(folder.relative_key("s3://b/sales/LOAD1.csv").as_deref(), Some("LOAD1.csv"));
        assert_eq!(folder.relative_key("s3://b/sales2/LOAD1.csv"), None);
    }
}
