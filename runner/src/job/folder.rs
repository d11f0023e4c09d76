//! Where jobs are: a local folder or a prefix on S3.

use std::collections::BTreeMap;

use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStoreExt};
use transforms::quality::EXTENSION;
use transforms::sql::nearest;

use super::JobName;
use super::text::SOURCES;
use crate::error::{Error, Result};
use crate::store::{Folder, Location};

/// The most jobs that are named to one who named another.
const NAMES_MAX: usize = 12;

/// The most bytes of one file of a job; more is not a job.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The folder that holds one folder for each job.
#[derive(Debug, Clone)]
pub struct JobsLocation(Location);

/// The folder of one job.
#[derive(Debug, Clone)]
pub struct JobFolder {
    name: JobName,
    location: Location,
    folder: Folder,
}

impl JobsLocation {
    /// Takes a path, relative to the current folder, or an `s3://` URL.
    ///
    /// # Errors
    /// Kind `Usage` for what is neither.
    pub fn parse(text: &str) -> Result<Self> {
        Location::parse(text, None).map(Self)
    }

    /// Opens a job's folder.
    ///
    /// # Errors
    /// Kind `Usage` where there is none, naming the jobs that there are.
    pub fn open(&self, name: &JobName) -> Result<JobFolder> {
        let location = self.0.join(name.as_str());
        let folder = Folder::open(&location)?;
        if folder.is_local_and_missing() {
            let missing = Error::usage(format!("there is no job `{name}` in {}", self.0));
            return Err(missing.hint(self.hint(name.as_str())));
        }
        Ok(JobFolder { name: name.clone(), location, folder })
    }

    /// The folders in it, by name: none for a name that no job has.
    ///
    /// # Errors
    /// Kind `Usage` for a local folder that is missing, and those of listing.
    pub async fn folders(&self) -> Result<BTreeMap<String, Option<JobFolder>>> {
        let whole = Folder::open(&self.0)?;
        if whole.is_local_and_missing() {
            return Err(self.without_jobs());
        }
        let listed = whole.store().list_with_delimiter(Some(whole.prefix())).await;
        let listed = listed.map_err(|error| whole.error("cannot be listed", error))?;
        let names = listed.common_prefixes.iter().filter_map(Path::filename);
        let folder = |text: &str| {
            let name: JobName = text.parse().ok()?;
            let folder = whole.join(text);
            Some(JobFolder { name, location: folder.location().clone(), folder })
        };
        Ok(names.map(|name| (name.to_owned(), folder(name))).collect())
    }

    /// That there is no job in it.
    #[must_use]
    pub fn without_jobs(&self) -> Error {
        Error::usage(format!("there is no job in {}", self.0))
            .hint("--jobs names the folder that holds the jobs' folders, each with a sources.sql")
    }

    /// What may help one who named a job that is not there.
    fn hint(&self, wrong: &str) -> String {
        let mut names = self.0.local_folders();
        names.sort();
        let near = nearest(wrong, names.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        match names.len() {
            1 if !near.is_empty() => format!("{near}--jobs names another folder"),
            0 => "--jobs names the folder that holds the jobs' folders (default: sql)".to_owned(),
            1 => format!("{near}there is {}; --jobs names another folder", names.join(", ")),
            2..=NAMES_MAX => {
                format!("{near}there are {}; --jobs names another folder", names.join(", "))
            }
            count => format!("{near}there are {count} jobs; --jobs names another folder"),
        }
    }
}

impl JobFolder {
    /// The job's name.
    #[must_use]
    pub fn name(&self) -> &JobName {
        &self.name
    }

    /// Where the folder is: relative locations in it are relative to this.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The store that holds the folder.
    #[must_use]
    pub fn store_url(&self) -> &ObjectStoreUrl {
        self.folder.store_url()
    }

    /// Whether there is a `sources.sql`, as every job has one.
    ///
    /// # Errors
    /// A folder that cannot be looked into.
    pub async fn declares_sources(&self) -> Result<bool> {
        let path = self.folder.prefix().clone().join(SOURCES);
        match self.folder.store().head(&path).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.folder.error(&format!("{SOURCES} cannot be looked at"), error)),
        }
    }

    /// The `.sql`, `.dqdl` and `.json` files and `job.toml` directly in the folder: name and text.
    ///
    /// # Errors
    /// A folder that cannot be listed or holds no such file, a file that cannot be read, is too large or not UTF-8.
    pub async fn files(&self) -> Result<Vec<(String, String)>> {
        let store = self.folder.store();
        let listed = store
            .list_with_delimiter(Some(self.folder.prefix()))
            .await
            .map_err(|error| self.folder.error("cannot be listed", error))?;
        let mut files = Vec::new();
        for object in listed.objects {
            let Some(name) = object.location.filename() else { continue };
            let extension = name.rsplit_once('.').map(|(_, extension)| extension);
            if name.starts_with('.')
                || !(matches!(extension, Some("sql" | "json" | EXTENSION))
                    || name == super::config::FILE)
            {
                continue;
            }
            if object.size > FILE_BYTES_MAX {
                // Someone's data beside the job.
                if extension == Some("json") {
                    continue;
                }
                return Err(Error::usage(format!("{name} is larger than {FILE_BYTES_MAX} bytes")));
            }
            let read = async { store.get(&object.location).await?.bytes().await };
            let bytes = read
                .await
                .map_err(|error| self.folder.error(&format!("{name} cannot be read"), error))?;
            match String::from_utf8(bytes.into()) {
                Ok(text) => files.push((name.to_owned(), text)),
                Err(_) if extension == Some("json") => {}
                Err(_) => return Err(Error::usage(format!("{name} is not UTF-8"))),
            }
        }
        if files.is_empty() {
            return Err(Error::usage(format!("there is no job in {}", self.location))
                .hint("a job is a folder with sources.sql and one .sql file for each model"));
        }
        Ok(files)
    }
}
