//! Where staged objects and jobs are: a path, or a bucket with a prefix.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};

use transforms::dms::csv::TableName;

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
        if text.starts_with("s3:/") || text.starts_with("s3a:/") {
            return Err(bad("there is one slash behind `s3:`, and two are meant"));
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

    /// The way to it from another local folder: a relative path. `None` for one on S3.
    #[must_use]
    pub fn way_from(&self, folder: &FilePath) -> Option<String> {
        let Self::Local(path) = self else { return None };
        let folder = normalized(folder);
        let common = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
        let up = folder.components().skip(common).map(|_| "..".to_owned());
        let down = path.components().skip(common);
        let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
        let parts: Vec<String> = up.chain(down).collect();
        Some(if parts.is_empty() { "./".to_owned() } else { parts.join("/") + "/" })
    }

    /// The last two names of the folder, which are those of a schema and a table where DMS writes one.
    #[must_use]
    pub fn schema_and_table(&self) -> Option<TableName> {
        let whole = match self {
            Self::Local(path) => path.to_str()?,
            Self::S3 { prefix, .. } => prefix.as_str(),
        };
        let mut names = whole.rsplit('/').filter(|name| !name.is_empty());
        let (table, schema) = (names.next()?.to_owned(), names.next()?.to_owned());
        Some(TableName { schema, table })
    }

    /// Whether both are in one store.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(_), Self::Local(_)) => true,
            (Self::S3 { bucket: one, .. }, Self::S3 { bucket: other, .. }) => one == other,
            _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;

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
