//! A file of rows: whole, or as it was.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::parquet;
use super::rows::Rows;
use super::style::{ResultFormat, Style};
use super::write::{Shown, check_names, write_rows};
use crate::error::{Error, Result};
use crate::explore::Answer;
use crate::whole_file::{ANYBODY, WholeFile};

/// Takes the rows of statements, and becomes the file when all are written.
#[derive(Debug)]
pub(crate) struct FileSink {
    path: PathBuf,
    style: Style,
    destination: Destination,
    has_rows: bool,
}

#[derive(Debug)]
enum Destination {
    /// A file beside it that takes its name at the end.
    Beside(WholeFile),
    /// A pipe or a device cannot be replaced.
    Direct(File),
}

/// What becomes of a file whose rows break off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenUp {
    /// There is none.
    NotThere,
    /// There was one of its name already, which stays.
    AsItWas,
    /// It is a pipe or a device, which takes rows as they come.
    Begun,
}

impl FileSink {
    /// Begins a file. What is there under its name stays until [`finish`](Self::finish).
    ///
    /// # Errors
    /// Kind `Usage` if no file can be made there.
    pub(crate) fn create(path: &Path, style: Style) -> Result<Self> {
        let bad = |error: std::io::Error| {
            let told = Error::usage(format!("{} cannot be written", path.display()));
            match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            {
                Some(folder) => told.hint(format!(
                    "there is no folder {}: make it, or name another",
                    folder.display()
                )),
                None => told.hint("name another file").source(error),
            }
        };
        let destination = match path.metadata() {
            Ok(there) if !there.is_file() && !there.is_dir() => {
                Destination::Direct(File::options().write(true).open(path).map_err(bad)?)
            }
            _ => Destination::Beside(WholeFile::create(path, ANYBODY).map_err(bad)?),
        };
        Ok(Self { path: path.to_owned(), style, destination, has_rows: false })
    }

    /// How its rows are written.
    #[must_use]
    pub(crate) fn style(&self) -> &Style {
        &self.style
    }

    /// What becomes of the file if it is given up now.
    #[must_use]
    pub(crate) fn given_up(&self) -> GivenUp {
        match self.destination {
            Destination::Direct(_) => GivenUp::Begun,
            Destination::Beside(_) if self.path.exists() => GivenUp::AsItWas,
            Destination::Beside(_) => GivenUp::NotThere,
        }
    }

    /// Writes the rows of a statement.
    ///
    /// # Errors
    /// Those of [`write_rows`]; kind `Usage` for a second statement with rows in a format that holds one.
    pub(crate) async fn write(&mut self, answer: Answer) -> Result<Shown> {
        let format = self.style.format;
        if self.has_rows && !format.takes_several() {
            return Err(Error::usage(format!(
                "{} would hold the rows of two statements",
                self.path.display()
            ))
            .hint("run them one by one with a file each, or choose --format ndjson, markdown or table"));
        }
        self.has_rows = true;
        let mut file = match &self.destination {
            Destination::Beside(file) => file.content(),
            Destination::Direct(file) => file,
        };
        if format != ResultFormat::Parquet {
            return write_rows(answer, &self.style, &mut file).await;
        }
        check_names(format, &answer.schema)?;
        let mut rows = Rows::new(answer.rows, self.style.max_rows);
        parquet::write(answer.schema, &mut rows, file).await?;
        Ok(Shown { rows: rows.count, is_cut: rows.is_cut })
    }

    /// Lets the file take its name; answers whether there is one: without a statement that has rows there is none.
    ///
    /// # Errors
    /// Kind `Failed` for the file system's.
    pub(crate) fn finish(self) -> Result<bool> {
        let Self { path, destination, has_rows, .. } = self;
        if let (Destination::Beside(file), true) = (destination, has_rows) {
            file.finish().map_err(|error| {
                Error::failed(format!("{} cannot be written", path.display())).source(error)
            })?;
        }
        Ok(has_rows)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::super::testing::{answer, broken, lists, songs, twice};
    use super::*;
    use crate::error::Kind;

    fn sink(path: &Path, format: ResultFormat) -> FileSink {
        FileSink::create(path, Style::whole(format)).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn parquet_is_read_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        for (name, batch) in [("songs.parquet", songs()), ("lists.parquet", lists())] {
            let path = folder.path().join(name);
            let mut file = sink(&path, ResultFormat::Parquet);
            assert_eq!(
                file.write(answer(std::slice::from_ref(&batch))).await.unwrap().rows,
                batch.num_rows()
            );
            assert!(!path.exists(), "before it is whole");
            assert!(file.finish().unwrap());
            let reader =
                ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
            let read: Vec<_> = reader.build().unwrap().map(std::result::Result::unwrap).collect();
            assert_eq!(read, [batch]);
        }
    }

    #[tokio::test]
    async fn a_file_stays_as_it_was_if_the_rows_end_in_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for format in [ResultFormat::Csv, ResultFormat::Table, ResultFormat::Parquet] {
            let path = folder.path().join("rows");
            std::fs::write(&path, "before").unwrap();
            let mut file = sink(&path, format);
            let _error = file.write(broken()).await.unwrap_err();
            assert_eq!(file.given_up(), GivenUp::AsItWas);
            drop(file);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
            assert_eq!(names(folder.path()), ["rows"]);
        }
    }

    #[tokio::test]
    async fn a_format_of_one_table_takes_one_statement() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        for (format, takes) in [
            (ResultFormat::Csv, false),
            (ResultFormat::Parquet, false),
            (ResultFormat::Json, false),
            (ResultFormat::Ndjson, true),
        ] {
            let mut file = sink(&path, format);
            let _shown = file.write(answer(&[songs()])).await.unwrap();
            let second = file.write(answer(&[lists()])).await;
            assert_eq!(second.is_ok(), takes, "{format:?}");
        }
        let mut file = sink(&path, ResultFormat::Parquet);
        assert_eq!(file.write(answer(&[twice()])).await.unwrap_err().kind(), Kind::Usage);
    }

    #[tokio::test]
    async fn links_and_devices_are_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("rows.csv"), folder.path().join("link"));
        std::fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut file = sink(&link, ResultFormat::Csv);
        let _shown = file.write(answer(&[lists()])).await.unwrap();
        assert!(file.finish().unwrap());
        assert!(link.is_symlink());
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("many\n"));
        let mut null = sink(Path::new("/dev/null"), ResultFormat::Parquet);
        assert_eq!(null.given_up(), GivenUp::Begun);
        let _shown = null.write(answer(&[songs()])).await.unwrap();
        assert!(null.finish().unwrap());
        assert!(!Path::new("/dev/null").is_file());
    }

    #[test]
    fn without_rows_there_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let file = sink(&path, ResultFormat::Csv);
        assert_eq!(file.given_up(), GivenUp::NotThere);
        assert!(!file.finish().unwrap());
        assert_eq!(names(folder.path()), [""; 0]);
        let missing = folder.path().join("none/rows.csv");
        let error = FileSink::create(&missing, Style::whole(ResultFormat::Csv)).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        let next = error.next_step().unwrap();
        assert!(next.starts_with("there is no folder ") && next.contains("/none: "), "{next}");
    }
}
