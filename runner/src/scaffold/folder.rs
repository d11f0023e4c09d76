//! The job's folder: written whole, or not at all, and never over anything.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::job::{JobName, JobsLocation};
use crate::store::Location;

/// Files of a job: names and texts.
pub(crate) type Files = Vec<(String, String)>;

/// A job's folder beside its place, until it is put there. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Prepared {
    around: TempDir,
    folder: PathBuf,
    place: PathBuf,
    /// The folder of jobs, if it was made for this.
    made: Option<PathBuf>,
    names: Vec<String>,
}

/// Where a job is going to be.
///
/// # Errors
/// Kind `Usage` for a folder of jobs on S3, and for a job that is there already.
pub(crate) fn place(jobs: &str, name: &JobName) -> Result<PathBuf> {
    let Location::Local(jobs) = Location::parse(jobs, None)? else {
        return Err(Error::usage("--jobs is not a local folder")
            .hint("write the job to a local folder, look at it, then copy it"));
    };
    let place = jobs.join(name.as_str());
    let is_jobs = |name: &str| {
        name == crate::job::config::FILE
            || Path::new(name).extension().is_some_and(|extension| extension == "sql")
    };
    let entries = match fs::read_dir(&place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(place),
        Err(error) => return Err(unwritable(&place, error)),
        Ok(entries) => entries,
    };
    for entry in entries {
        let entry = entry.map_err(|error| unwritable(&place, error))?;
        if entry.file_name().to_str().is_some_and(is_jobs) {
            let file = entry.file_name().to_string_lossy().into_owned();
            return Err(Error::usage(format!(
                "the job `{name}` is there already: {}/{file}",
                place.display()
            ))
            .hint("take another name with --job, or move the job away; nothing is overwritten"));
        }
    }
    Ok(place)
}

impl Prepared {
    /// Writes the files into a folder beside their place.
    ///
    /// # Errors
    /// Kind `Usage` for a place that cannot be written.
    pub(crate) fn new(place: &Path, files: &Files) -> Result<Self> {
        let bad = |error: std::io::Error| unwritable(place, error);
        let (Some(jobs), Some(name)) = (place.parent(), place.file_name()) else {
            return Err(Error::usage("the job has no place"));
        };
        let made = (!jobs.exists()).then(|| jobs.to_owned());
        fs::create_dir_all(jobs).map_err(bad)?;
        let around =
            tempfile::Builder::new().prefix(".unglue-init-").tempdir_in(jobs).map_err(bad)?;
        let folder = around.path().join(name);
        fs::create_dir(&folder).map_err(bad)?;
        for (file, text) in files {
            fs::write(folder.join(file), text).map_err(bad)?;
        }
        let names = files.iter().map(|(name, _)| name.clone()).collect();
        Ok(Self { around, folder, place: place.to_owned(), made, names })
    }

    /// Where its job can be loaded from.
    ///
    /// # Errors
    /// A path that cannot be one.
    pub(crate) fn jobs(&self) -> Result<JobsLocation> {
        JobsLocation::parse(&self.around.path().display().to_string())
    }

    /// Puts the files in their place. A file that came there meanwhile stays as it is.
    ///
    /// # Errors
    /// Kind `Usage`; nothing of the job is there then.
    pub(crate) fn put(mut self) -> Result<()> {
        // A rename takes the place of an empty folder, and of nothing else.
        match fs::rename(&self.folder, &self.place) {
            Ok(()) => {}
            Err(_) if self.place.is_dir() => self.link()?,
            Err(error) => return Err(unwritable(&self.place, error)),
        }
        self.made = None;
        Ok(())
    }

    /// Beside files that are none of a job's: a link never takes the place of a file.
    fn link(&self) -> Result<()> {
        for (index, name) in self.names.iter().enumerate() {
            if let Err(error) = fs::hard_link(self.folder.join(name), self.place.join(name)) {
                for linked in self.names.iter().take(index) {
                    let _gone_already = fs::remove_file(self.place.join(linked));
                }
                return Err(unwritable(&self.place, error));
            }
        }
        Ok(())
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if let Some(made) = &self.made {
            let _not_there = fs::remove_dir_all(self.around.path());
            // Someone else may have put a job there.
            let _not_empty = fs::remove_dir(made);
        }
    }
}

fn unwritable(place: &Path, error: std::io::Error) -> Error {
    Error::usage(format!("{} cannot be written", place.display())).source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        vec![("sources.sql".to_owned(), "1".to_owned()), ("a.sql".to_owned(), "2".to_owned())]
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_job_is_put_into_a_folder_that_is_new_empty_or_has_other_files() {
        let root = tempfile::tempdir().unwrap();
        let jobs = root.path().join("sql");
        let name: JobName = "shop".parse().unwrap();
        let path = jobs.display().to_string();
        for beside in [None, Some("sample.txt")] {
            let place = place(&path, &name).unwrap();
            if let Some(beside) = beside {
                fs::create_dir_all(&place).unwrap();
                fs::write(place.join(beside), "x").unwrap();
            }
            Prepared::new(&place, &files()).unwrap().put().unwrap();
            let mut expected: Vec<&str> = vec!["a.sql"];
            expected.extend(beside);
            expected.push("sources.sql");
            assert_eq!(names(&place), expected);
            assert_eq!(names(&jobs), ["shop"], "nothing is left beside it");
            fs::remove_dir_all(&place).unwrap();
        }
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_half_written() {
        let root = tempfile::tempdir().unwrap();
        let name: JobName = "shop".parse().unwrap();
        let path = root.path().display().to_string();
        let place_of = || place(&path, &name);
        let free = place_of().unwrap();
        let prepared = Prepared::new(&free, &files()).unwrap();
        fs::create_dir(&free).unwrap();
        fs::write(free.join("a.sql"), "mine").unwrap();
        assert!(prepared.put().is_err(), "it came meanwhile");
        assert_eq!(names(&free), ["a.sql"]);
        assert_eq!(fs::read_to_string(free.join("a.sql")).unwrap(), "mine");
        assert_eq!(names(root.path()), ["shop"]);
        assert!(place_of().unwrap_err().to_string().contains("shop/a.sql"));
    }

    #[test]
    fn a_folder_of_jobs_that_was_made_goes_with_a_job_that_was_not_put() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("sql/shop");
        drop(Prepared::new(&place, &files()).unwrap());
        assert_eq!(names(root.path()), [""; 0]);
    }
}
