//! The names in a local folder, without a question about each file: a folder of years of changes is read in milliseconds.

use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// Up to so many files are asked for one by one; for more the store lists as usual.
const NAMES_MAX: usize = 64;

/// The names of files that sort behind a key, in order. None if names alone do not tell what the store would list: folders and
/// links within the folder, names that are not written as they are, and many files.
///
/// # Errors
/// A folder that cannot be read.
pub(super) async fn names_behind(folder: &Path, behind: &str) -> Result<Option<Vec<String>>> {
    let (folder, behind) = (folder.to_owned(), behind.to_owned());
    let task = tokio::task::spawn_blocking(move || {
        read(&folder, &behind).map_err(|error| {
            Error::usage(format!("{} cannot be listed", folder.display())).source(error)
        })
    });
    task.await.map_err(|error| Error::failed("listing broke down").source(error))?
}

fn read(folder: &Path, behind: &str) -> io::Result<Option<Vec<String>>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_file() {
            return Ok(None);
        }
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_plain(name)) else { return Ok(None) };
        if name > behind {
            if names.len() == NAMES_MAX {
                return Ok(None);
            }
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(Some(names))
}

/// Whether a name is a key as it is: nothing that keys encode, and no `#`, by which the store marks files that are being written.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(folder.path().join(name), "1").unwrap();
        }
        folder
    }

    #[test]
    fn names_behind_a_key_are_found_in_order() {
        let folder = folder(&["LOAD1.csv", "20260102.csv", "20260101.csv", "20260103.csv"]);
        let found = read(folder.path(), "20260101.csv").unwrap();
        assert_eq!(found.unwrap(), ["20260102.csv", "20260103.csv", "LOAD1.csv"]);
    }

    #[test]
    fn what_names_do_not_tell_is_left_to_the_store() {
        for name in ["20260101.csv#1", "a b.csv", "ä.csv", "100%.csv"] {
            assert_eq!(read(folder(&[name]).path(), "1").unwrap(), None, "{name}");
        }
        let within = folder(&["20260101.csv"]);
        std::fs::create_dir(within.path().join("2026")).unwrap();
        assert_eq!(read(within.path(), "1").unwrap(), None);
        let linked = folder(&["20260101.csv"]);
        std::os::unix::fs::symlink("20260101.csv", linked.path().join("20260102.csv")).unwrap();
        assert_eq!(read(linked.path(), "1").unwrap(), None);
    }

    #[test]
    fn many_files_are_left_to_the_store() {
        let names: Vec<String> = (0..=NAMES_MAX).map(|number| format!("{number:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let folder = folder(&names);
        assert_eq!(read(folder.path(), "").unwrap(), None);
        assert_eq!(read(folder.path(), "000").unwrap().unwrap().len(), NAMES_MAX);
    }
}
