//! Which jobs an object is for: a table from folders to jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::Deserialize;
use staged::job::{JobName, JobNameError};
use staged::routes::{FOLDERS_MAX, JOBS_MAX};
use staged::{Classified, classify};

/// A table from the folders of staged tables to the jobs that read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    /// Folders as URLs with a slash at the end.
    by_folder: BTreeMap<String, BTreeSet<JobName>>,
}

/// Where a file of routes is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The name of its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
}

/// Why routes cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RoutesError {
    /// No JSON object of texts and lists of texts.
    #[error("not a JSON object from folders to jobs: line {line}, column {column}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A folder that is no URL of S3.
    #[error("{0:?} is not a folder: write s3://bucket/folder/")]
    Folder(String),
    /// A job that cannot be one.
    #[error("{folder}: {error}")]
    Job {
        /// The folder whose job it is.
        folder: String,
        /// What is wrong.
        error: JobNameError,
    },
    /// No folder, or a folder without jobs.
    #[error("there is no route: write at least one folder with its job")]
    Empty,
    /// See [`FOLDERS_MAX`] and [`JOBS_MAX`].
    #[error("more than {FOLDERS_MAX} folders, or {JOBS_MAX} jobs of one")]
    TooMany,
    /// A location that is no URL of an object.
    #[error("not an object: write s3://bucket/key")]
    Location,
}

impl FromStr for Location {
    type Err = RoutesError;

    fn from_str(text: &str) -> Result<Self, RoutesError> {
        let rest = text.strip_prefix("s3://").ok_or(RoutesError::Location)?;
        match rest.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            _ => Err(RoutesError::Location),
        }
    }
}

/// A job, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Jobs {
    One(String),
    Several(Vec<String>),
}

impl FromStr for Routes {
    type Err = RoutesError;

    /// Parses the JSON object. A folder needs no slash at its end: `s3://b/orders` does not stand for `s3://b/orders_old/`.
    fn from_str(text: &str) -> Result<Self, RoutesError> {
        let given: BTreeMap<String, Jobs> = serde_json::from_str(text)
            .map_err(|error| RoutesError::Json { line: error.line(), column: error.column() })?;
        if given.len() > FOLDERS_MAX {
            return Err(RoutesError::TooMany);
        }
        let mut by_folder: BTreeMap<String, BTreeSet<JobName>> = BTreeMap::new();
        for (folder, jobs) in given {
            let jobs = match jobs {
                Jobs::One(job) => vec![job],
                Jobs::Several(jobs) => jobs,
            };
            if jobs.len() > JOBS_MAX {
                return Err(RoutesError::TooMany);
            }
            let bucket = folder.strip_prefix("s3://").filter(|rest| !rest.starts_with('/'));
            if bucket.is_none_or(str::is_empty) {
                return Err(RoutesError::Folder(folder));
            }
            let key = format!("{}/", folder.trim_end_matches('/'));
            for job in jobs {
                let job = job
                    .parse()
                    .map_err(|error| RoutesError::Job { folder: folder.clone(), error })?;
                by_folder.entry(key.clone()).or_default().insert(job);
            }
        }
        if by_folder.is_empty() { Err(RoutesError::Empty) } else { Ok(Self { by_folder }) }
    }
}

/// Why most objects are for no job: they are of no table.
pub const OUTSIDE: &str = "it is in no folder of UNGLUE_ROUTES";

impl Routes {
    /// The jobs of an object, by its URL with the key as it is.
    ///
    /// # Errors
    /// Why it is for none: no folder of the table holds it, or its name there is none that DMS gives.
    pub fn jobs(&self, url: &str) -> Result<BTreeSet<&JobName>, &'static str> {
        let mut found = BTreeSet::new();
        let mut reason = OUTSIDE;
        // Every folder around it, the nearest one last, so that the reason is that one's.
        for (end, _) in url.match_indices('/') {
            let Some((folder, key)) = url.split_at_checked(end + 1) else { continue };
            let Some(jobs) = self.by_folder.get(folder) else { continue };
            match classify(key) {
                Classified::Object(_) => found.extend(jobs),
                Classified::Foreign(why) => reason = why,
            }
        }
        if found.is_empty() { Err(reason) } else { Ok(found) }
    }

    /// All jobs, each once.
    #[must_use]
    pub fn all(&self) -> BTreeSet<&JobName> {
        self.by_folder.values().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let text = r#"{
            "s3://b/shop/public/orders/": ["load_sales", "load_orders"],
            "s3://b/shop/public": "load_partitions",
            "s3://b/": "load_root",
            "s3://b/cdc": "load_sales"
        }"#;
        text.parse().unwrap()
    }

    fn jobs(key: &str) -> Result<Vec<String>, &'static str> {
        let jobs = routes();
        let jobs = jobs.jobs(&format!("s3://{key}"))?;
        Ok(jobs.into_iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_folder_counts_in_which_the_name_is_one_of_dms() {
        assert_eq!(jobs("b/LOAD00000001.csv").unwrap(), ["load_root"]);
        let changes = jobs("b/shop/public/orders/20260327-081500000.csv").unwrap();
        assert_eq!(changes, ["load_orders", "load_sales"]);
        let load = jobs("b/shop/public/orders/LOAD00000001.csv").unwrap();
        assert_eq!(load, ["load_orders", "load_partitions", "load_sales"], "a parallel load");
        assert_eq!(jobs("b/cdc/CDC_TXN-20260327081500000.csv").unwrap(), ["load_sales"]);
        let dated = jobs("b/cdc/2026/03/27/20260327-081500000.csv.gz").unwrap();
        assert_eq!(dated, ["load_sales"]);
    }

    #[test]
    fn what_is_for_no_job_has_a_reason() {
        let none = "it is in no folder of UNGLUE_ROUTES";
        assert_eq!(jobs("other/cdc/20260327-081500000.csv"), Err(none));
        assert_eq!(jobs("b2/20260327-081500000.csv"), Err(none));
        // Without the slash it would be in `cdc`.
        let beside = jobs("b/cdc_old/20260327-081500000.csv");
        assert_eq!(beside, Err("a change in a folder that is not a date"));
        assert_eq!(jobs("b/cdc/awsdms_status/x.csv"), Err("a control table of DMS"));
        assert_eq!(jobs("b/cdc/"), Err("a folder marker"));
    }

    #[test]
    fn all_jobs_are_told_once() {
        let routes = routes();
        let all: Vec<_> = routes.all().into_iter().map(JobName::as_str).collect();
        assert_eq!(all, ["load_orders", "load_partitions", "load_root", "load_sales"]);
    }

    #[test]
    fn what_is_no_table_of_routes_is_refused() {
        for (text, said) in [
            ("{", "line 1"),
            (r#"{"s3://b/": 1}"#, "line 1"),
            (r#"["s3://b/"]"#, "line 1"),
            ("{}", "no route"),
            (r#"{"s3://b/": []}"#, "no route"),
            (r#"{"b/t/": "j"}"#, "\"b/t/\" is not a folder"),
            (r#"{"s3:///t/": "j"}"#, "is not a folder"),
            (r#"{"s3://b/": "a b"}"#, "s3://b/: a job's name has"),
        ] {
            let error = text.parse::<Routes>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        for text in ["s3://b", "s3://b/", "s3:///k", "b/k"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }
}
