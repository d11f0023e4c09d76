//! Which jobs read from which folders on S3: the table that the function has which events invoke. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use staged::routes::{FOLDERS_MAX, JOBS_MAX};

use crate::error::{Error, Result};
use crate::job::Job;
use crate::store::{Location, Places};

/// Jobs by the folders of their sources, as URLs with a slash at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Routes(BTreeMap<String, BTreeSet<String>>);

impl Routes {
    /// Adds the folders of a job, relative ones below the job's own; answers what of it no event can tell of.
    ///
    /// # Errors
    /// Kind `Usage` for folders that cannot be: see [`Places::of`].
    pub fn add(&mut self, job: &Job, folder: &Location) -> Result<Vec<String>> {
        let mut sources = Vec::new();
        for source in &job.sources {
            sources.push((source.name.as_str(), Places::of(source, Some(folder))?));
        }
        Ok(self.add_places(job.name.as_str(), &sources))
    }

    fn add_places(&mut self, job: &str, sources: &[(&str, Places)]) -> Vec<String> {
        let (mut has_any, mut notes) = (false, Vec::new());
        for (source, places) in sources {
            for folder in [Some(&places.table), places.changes.as_ref()].into_iter().flatten() {
                if let Location::S3 { .. } = folder {
                    has_any = true;
                    let jobs = self.0.entry(folder.to_string()).or_default();
                    let _is_new = jobs.insert(job.to_owned());
                } else {
                    notes.push(format!("source `{source}`: {folder} is not on S3 and is left out"));
                }
            }
        }
        match has_any {
            true => notes,
            false => vec!["none of its sources is on S3, so no event is for it".to_owned()],
        }
    }

    /// The table, if the function takes it.
    ///
    /// # Errors
    /// Kind `Usage` for one that is empty or too large.
    pub fn checked(self) -> Result<Self> {
        if self.0.is_empty() {
            return Err(Error::usage("no source of a job is on S3, so there is no route")
                .hint("LOCATION in sources.sql is s3://bucket/folder/schema/table/ where events are to start jobs"));
        }
        if self.0.len() > FOLDERS_MAX {
            return Err(Error::usage(format!(
                "the jobs read from more than {FOLDERS_MAX} folders"
            ))
            .hint("name some of the jobs with --job, for a function of their own"));
        }
        match self.0.iter().find(|(_, jobs)| jobs.len() > JOBS_MAX) {
            None => Ok(self),
            Some((folder, _)) => {
                Err(Error::usage(format!("more than {JOBS_MAX} jobs read from {folder}"))
                    .hint("put models of the same sources into one job"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(table: &str, changes: Option<&str>) -> Places {
        let location = |text| Location::parse(text, None).unwrap();
        Places { changes: changes.map(location), ..Places::of_table(location(table)) }
    }

    fn written(routes: Routes) -> String {
        serde_json::to_string(&routes.checked().unwrap()).unwrap()
    }

    #[test]
    fn each_folder_is_there_once_with_all_jobs_that_read_from_it() {
        let mut routes = Routes::default();
        let sources = [
            ("o", places("s3://b/shop/orders", Some("s3://b/cdc"))),
            ("i", places("s3a://b/shop/items/", Some("s3://b/cdc/"))),
        ];
        assert!(routes.add_places("z", &sources).is_empty());
        assert!(routes.add_places("a", &[("root", places("s3://b", None))]).is_empty());
        assert!(routes.add_places("a", &sources[..1]).is_empty());
        assert_eq!(
            written(routes),
            r#"{"s3://b/":["a"],"s3://b/cdc/":["a","z"],"s3://b/shop/items/":["z"],"s3://b/shop/orders/":["a","z"]}"#
        );
    }

    #[test]
    fn what_is_on_this_machine_is_told_and_left_out() {
        let mut routes = Routes::default();
        let local = ("l", places("/data/orders", None));
        let none = routes.add_places("j", std::slice::from_ref(&local));
        assert_eq!(none, ["none of its sources is on S3, so no event is for it"]);
        let notes = routes.add_places("k", &[local, ("s", places("s3://b/t", None))]);
        assert_eq!(notes, ["source `l`: /data/orders/ is not on S3 and is left out"]);
        assert_eq!(written(routes), r#"{"s3://b/t/":["k"]}"#);
    }

    #[test]
    fn a_table_that_the_function_does_not_take_is_refused() {
        let message = |routes: Routes| routes.checked().unwrap_err().to_string();
        assert!(message(Routes::default()).contains("there is no route"));
        let mut routes = Routes::default();
        for job in 0..=JOBS_MAX {
            let _notes = routes.add_places(&job.to_string(), &[("s", places("s3://b/t", None))]);
        }
        assert_eq!(message(routes), "more than 100 jobs read from s3://b/t/");
        let mut routes = Routes::default();
        for folder in 0..=FOLDERS_MAX {
            let place = places(&format!("s3://b/{folder}"), None);
            let _notes = routes.add_places("j", &[("s", place)]);
        }
        assert_eq!(message(routes), "the jobs read from more than 10000 folders");
    }
}
