//! What a path names: the files that are there when a statement is planned.

use object_store::ObjectStoreExt;
use staged::{Classified, ObjectKind, classify};
use transforms::sql::nearest;
use transforms::staging::Listed;

use super::glob::{Glob, is_pattern, split};
use crate::error::{Error, Result};
use crate::store::{Folder, Location};
use crate::units::counted;

/// Files below a folder.
#[derive(Debug)]
pub(super) struct Place {
    /// The folder that keys are below of.
    pub(super) folder: Folder,
    /// Files by key; those that other programs hide, and folder markers, are none.
    pub(super) files: Vec<Listed>,
    /// Whether it is a whole folder that was named.
    pub(super) is_folder: bool,
}

impl Place {
    /// Looks at what a text names: a file, a folder with all below it, or a pattern.
    ///
    /// # Errors
    /// A path where nothing is, a pattern that cannot be; those of the store.
    pub(super) async fn find(text: &str) -> Result<Self> {
        if is_pattern(text) && !is_local_file(text) {
            return Self::of_pattern(text).await;
        }
        // What is named like a file is asked for first.
        let has_ending = text.rsplit('/').next().is_some_and(|name| name.contains('.'));
        if has_ending && let Some(place) = Self::of_file(text).await? {
            return Ok(place);
        }
        let folder = Folder::open(&Location::parse(text, None)?)?;
        if folder.is_local_and_missing() {
            let file = Self::of_file(text).await?;
            return file.ok_or_else(|| nothing_at(text, &folder));
        }
        let listed = folder.list(None).await?;
        let empty = listed.iter().filter(|file| file.size == 0 && !file.key.ends_with('/')).count();
        let files = visible(listed);
        if files.is_empty() {
            if let Some(place) = Self::of_file(text).await? {
                return Ok(place);
            }
            if empty > 0 {
                let files = counted(empty as u64, "file");
                return Err(Error::usage(format!("there is nothing in the {files} in {}", folder.location()))
                    .hint("of an empty table DMS stages an empty file: declare it to read it, CREATE EXTERNAL TABLE name (column TYPE, …, PRIMARY KEY (…)) STORED AS DMS LOCATION '…'"));
            }
            return Err(Error::usage(format!("there are no files in {}", folder.location()))
                .hint("check the path"));
        }
        Ok(Self { folder, files, is_folder: true })
    }

    async fn of_pattern(text: &str) -> Result<Self> {
        let (folder, pattern) = split(text);
        let glob = Glob::new(pattern).ok_or_else(|| {
            Error::usage(format!("`{text}` is not a pattern of paths")).hint(
                "`*` and `?` stand for what is in a name, `**` for folders, {a,b} for one of both",
            )
        })?;
        let folder = if folder.is_empty() { "." } else { folder };
        let folder = Folder::open(&Location::parse(folder, None)?)?;
        if folder.is_local_and_missing() {
            return Err(nothing_at(text, &folder));
        }
        let mut files = visible(folder.list(None).await?);
        let all = files.len();
        files.retain(|file| glob.fits(&file.key));
        if files.is_empty() {
            return Err(Error::usage(format!(
                "none of the {all} files in {} fits `{pattern}`",
                folder.location()
            ))
            .hint("`*` stands for what is in one name; `**` goes through folders"));
        }
        Ok(Self { folder, files, is_folder: false })
    }

    /// A text that names one file; `None` if it does not.
    async fn of_file(text: &str) -> Result<Option<Self>> {
        let (parent, name) = match text.rsplit_once('/') {
            Some((_, "")) => return Ok(None),
            Some((parent, name)) => (format!("{parent}/"), name),
            None => (".".to_owned(), text),
        };
        let is_s3 = text.contains("://") && !text.starts_with("file://");
        if !is_s3 && !is_local_file(text) || parent.ends_with("://") {
            return Ok(None);
        }
        let folder = Folder::open(&Location::parse(&parent, None)?)?;
        let found = match folder.store().head(&folder.path_of(name)?).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(folder.error(&format!("{name} cannot be looked at"), error)),
        };
        let file = Listed {
            key: name.to_owned(),
            beside: false,
            size: found.size,
            modified: found.last_modified,
            e_tag: found.e_tag,
        };
        Ok(Some(Self { folder, files: vec![file], is_folder: false }))
    }

    /// Whether this is the folder of a table that DMS stages: there is nothing else in it.
    pub(super) fn is_staged(&self) -> bool {
        self.is_folder
            && self.files.iter().all(|file| matches!(classify(&file.key), Classified::Object(_)))
    }

    /// Whether a pattern names both loads and changes that DMS stages: they are written in two ways.
    pub(super) fn is_staged_in_part(&self) -> bool {
        let kinds = self.files.iter().map(|file| {
            let name = file.key.rsplit('/').next().unwrap_or_default();
            match classify(name) {
                Classified::Object(name) => Some(name.kind),
                Classified::Foreign(_) => None,
            }
        });
        let Some(kinds) = kinds.collect::<Option<Vec<_>>>() else { return false };
        !self.is_folder && kinds.iter().any(|kind| Some(kind) != kinds.first())
    }

    /// Patterns of the loads and of the changes in it, if there are both and nothing else, below no other folder.
    pub(super) fn apart(&self) -> Option<[String; 2]> {
        let (mut loads, mut changes) = (Vec::new(), Vec::new());
        for file in &self.files {
            let Classified::Object(name) = classify(&file.key) else { return None };
            match name.kind {
                ObjectKind::FullLoad => loads.push(file.key.as_str()),
                ObjectKind::Change => changes.push(file.key.as_str()),
            }
        }
        Some([pattern_of(&loads, &changes)?, pattern_of(&changes, &loads)?])
    }

    /// Folders in it that are those of tables that DMS stages, if all in it are.
    pub(super) fn staged_tables(&self) -> Vec<String> {
        let mut folders: Vec<String> = Vec::new();
        for file in &self.files {
            let Some((folder, key)) = file.key.rsplit_once('/') else { return Vec::new() };
            if !matches!(classify(key), Classified::Object(_)) {
                return Vec::new();
            }
            if folders.last().is_none_or(|last| last != folder) {
                folders.push(folder.to_owned());
            }
        }
        folders.dedup();
        folders
    }
}

/// A pattern for names that no other fits: what they begin with, at most a word or a year, and their ending.
fn pattern_of(names: &[&str], others: &[&str]) -> Option<String> {
    const LENGTH_MAX: usize = 4;
    let (first, rest) = names.split_first()?;
    let is_in_all = |begin: &&str| rest.iter().all(|name| name.starts_with(begin));
    let begin = (1..=LENGTH_MAX).rev().filter_map(|length| first.get(..length)).find(is_in_all)?;
    let (_, ending) = first.split_once('.')?;
    let pattern = format!("{begin}*.{ending}");
    let glob = Glob::new(&pattern)?;
    let is_apart =
        names.iter().all(|name| glob.fits(name)) && !others.iter().any(|name| glob.fits(name));
    is_apart.then_some(pattern)
}

fn is_local_file(text: &str) -> bool {
    std::path::Path::new(text.strip_prefix("file://").unwrap_or(text)).is_file()
}

/// In order; without what is hidden (`_SUCCESS`, `.crc`), and the markers of folders.
fn visible(mut listing: Vec<Listed>) -> Vec<Listed> {
    listing.retain(|file| {
        let is_hidden = |part: &str| part.starts_with(['_', '.']) && !part.contains('=');
        file.size > 0 && !file.key.ends_with('/') && !file.key.split('/').any(is_hidden)
    });
    listing.sort_by(|one, other| one.key.cmp(&other.key));
    listing
}

fn nothing_at(text: &str, folder: &Folder) -> Error {
    let error = Error::usage(format!("there is no file or folder `{text}`"));
    let Location::Local(path) = folder.location() else { return error.hint("check the path") };
    let names = |path: &std::path::Path| -> Vec<String> {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    };
    let beside = path.parent().map(names).unwrap_or_default();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match nearest(name, beside.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("a relative path begins at the current folder"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "1").unwrap();
        }
        folder
    }

    async fn found(folder: &tempfile::TempDir, text: &str) -> Result<Vec<String>> {
        let place = Place::find(&format!("{}/{text}", folder.path().display())).await?;
        Ok(place.files.into_iter().map(|file| file.key).collect())
    }

    #[tokio::test]
    async fn a_path_names_a_file_a_folder_or_what_fits() {
        let folder =
            folder(&["b.csv", "a ü.csv", "x/c.csv", "x/_SUCCESS", ".hidden/d.csv", "dt=1/e.csv"]);
        assert_eq!(found(&folder, "a ü.csv").await.unwrap(), ["a ü.csv"]);
        let all = ["a ü.csv", "b.csv", "dt=1/e.csv", "x/c.csv"];
        assert_eq!(found(&folder, "").await.unwrap(), all);
        assert_eq!(found(&folder, "x").await.unwrap(), ["c.csv"]);
        assert_eq!(found(&folder, "*.csv").await.unwrap(), ["a ü.csv", "b.csv"]);
        assert_eq!(found(&folder, "**/*.csv").await.unwrap(), all);
        let error = found(&folder, "c.csv").await.unwrap_err();
        assert_eq!(error.next_step(), Some("did you mean `b.csv`?"));
        let error = found(&folder, "*.json").await.unwrap_err().to_string();
        assert!(error.starts_with("none of the 4 files in "), "{error}");
    }

    #[test]
    fn a_pattern_fits_all_of_its_names_and_none_of_the_others() {
        let loads = ["LOAD00000001.csv", "LOAD00000002.csv"];
        for (names, pattern) in [
            (&["20251231-235959999.csv", "20260101-000000000.csv"][..], Some("202*.csv")),
            (&["19991231-235959999.csv", "20260101-000000000.csv"], None),
            (&["20260101-000000000.csv", "20260101-000000001.csv.gz"], None),
        ] {
            assert_eq!(pattern_of(names, &loads).as_deref(), pattern, "{names:?}");
        }
    }

    #[tokio::test]
    async fn a_folder_of_dms_is_told_by_the_names_in_it() {
        let folder =
            folder(&["s/t/LOAD00000001.csv", "s/t/20260101-000000000.csv", "s/u/LOAD00000001.csv"]);
        let place = |text: &str| format!("{}/{text}", folder.path().display());
        assert!(Place::find(&place("s/t")).await.unwrap().is_staged());
        let pattern = Place::find(&place("s/t/*.csv")).await.unwrap();
        assert!(!pattern.is_staged() && pattern.is_staged_in_part());
        assert_eq!(pattern.apart(), Some(["LOAD*.csv", "2026*.csv"].map(str::to_owned)));
        assert!(!Place::find(&place("s/t/2026*.csv")).await.unwrap().is_staged_in_part());
        assert_eq!(Place::find(&place("s/t/2026*.csv")).await.unwrap().apart(), None);
        let above = Place::find(&place("s")).await.unwrap();
        assert_eq!(above.staged_tables(), ["t", "u"]);
    }
}
