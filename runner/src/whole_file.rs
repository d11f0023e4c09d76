//! A file that is written whole or not at all.

use std::fs::{File, Permissions};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Who may read and write it: all that the process's mask leaves.
pub(crate) const ANYBODY: u32 = 0o666;
/// Who may read and write it: only its owner.
pub(crate) const OWNER: u32 = 0o600;

/// A file beside the one that it becomes. Dropped before it has, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl WholeFile {
    /// Begins a file. What is there under its name stays until [`finish`](Self::finish).
    ///
    /// # Errors
    /// The file system's, which name no path; a folder is no file.
    pub(crate) fn create(path: &Path, mode: u32) -> Result<Self> {
        // A link is not replaced, but what it leads to.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if path.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let folder = folder_of(&path);
        if !folder.metadata()?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        let file = tempfile::Builder::new()
            .prefix(".unglue-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)
            // Else it tells the name of a file that nobody asked for.
            .map_err(|error| Error::from(error.kind()))?;
        Ok(Self { path, file })
    }

    /// Where its content is written.
    pub(crate) fn content(&self) -> &File {
        self.file.as_file()
    }

    /// Lets it take its name, when its content is on the disk.
    ///
    /// # Errors
    /// The file system's.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, file } = self;
        file.as_file().sync_all()?;
        let _file = file.persist(&path).map_err(Error::from)?;
        File::open(folder_of(&path))?.sync_all()
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_as_it_was_until_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        std::fs::write(&path, "before").unwrap();
        let file = WholeFile::create(&path, OWNER).unwrap();
        file.content().write_all(b"after").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        drop(file);
        assert_eq!(names(folder.path()), ["rows"]);
        let file = WholeFile::create(&path, OWNER).unwrap();
        file.content().write_all(b"after").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(names(folder.path()), ["rows"]);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_and_a_place_that_is_missing_take_no_file() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("missing/rows")] {
            let error = WholeFile::create(&path, ANYBODY).unwrap_err().to_string();
            assert!(!error.contains(".unglue-"), "{}: {error}", path.display());
        }
        assert_eq!(names(folder.path()), [""; 0]);
    }
}
