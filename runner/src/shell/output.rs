//! Where results go: the screen, or a file until another place is named.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::explore::Answer;
use crate::results::{FileSink, GivenUp, ResultFormat, RowLimit, Shown, Style, write_rows};

use super::pager::{Pager, Screen};
use super::terminal;
use super::turn::Turn;

/// Where results go, and how they are written.
pub(super) struct Output {
    /// How they are written on the screen.
    pub(super) style: Style,
    pager: Option<Pager>,
    /// The file.
    file: Option<Named>,
    /// What to tell if the statement that has the file does not give it back.
    lent: Option<String>,
}

/// A file with the name that it was given.
pub(super) struct Named {
    name: String,
    file: FileSink,
    /// It takes all results to the end, whatever its format is.
    is_for_all: bool,
}

/// Where the rows of one statement go.
pub(super) enum Sink {
    /// The screen.
    Screen { screen: Screen, style: Style },
    /// The file, which is given back afterwards.
    File(Named),
}

impl Output {
    /// The screen, or a file for all results.
    pub(super) fn new(style: Style, pager: Option<Pager>, file: Option<FileSink>) -> Self {
        let named = |file| Named { name: String::new(), file, is_for_all: true };
        Self { style, pager, file: file.map(named), lent: None }
    }

    /// Sends results to a file, in the format that its name says or else the screen's.
    ///
    /// # Errors
    /// A file that cannot be made, or whose name says a format that there is not; those of [`Self::show_again`].
    pub(super) fn begin_file(&mut self, name: &str) -> Result<Option<String>> {
        let format = format_of(name, self.style.format)?;
        let told = self.show_again()?;
        let style = Style { max_rows: RowLimit::All, fit: None, format, ..self.style.clone() };
        let style = Style { expanded: style.expanded && format == ResultFormat::Table, ..style };
        let file = FileSink::create(Path::new(name), style)?;
        self.file = Some(Named { name: name.to_owned(), file, is_for_all: false });
        Ok(told)
    }

    /// Ends a file, so that results are shown on the screen again; answers what to tell of it.
    ///
    /// # Errors
    /// Those of the file; kind `Usage` for one that takes all results.
    pub(super) fn show_again(&mut self) -> Result<Option<String>> {
        if self.file.as_ref().is_some_and(|file| file.is_for_all) {
            return Err(Error::usage("\\o goes without --out, which takes all results")
                .hint("leave out --out"));
        }
        self.end_file()
    }

    /// Lets a file be whole, if there is one; answers what to tell of it.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn end_file(&mut self) -> Result<Option<String>> {
        let Some(Named { name, file, is_for_all }) = self.file.take() else { return Ok(None) };
        Ok(match (file.finish()?, is_for_all) {
            (true, true) => None,
            (false, true) => Some("no statement had rows, so no file was written".to_owned()),
            (true, false) => Some(format!("{name} is written")),
            (false, false) => Some(format!("no statement had rows, so {name} was not written")),
        })
    }

    /// Where the rows of the next statement go.
    pub(super) fn take(&mut self) -> Sink {
        let Some(named) = self.file.take() else {
            return Sink::Screen { screen: self.screen(), style: self.style_now() };
        };
        let name = &named.name;
        let what = match named.file.given_up() {
            GivenUp::NotThere => format!("{name} was not written"),
            GivenUp::AsItWas => format!("{name} is as it was, and holds no result"),
            GivenUp::Begun => format!("what {name} was given is not all"),
        };
        self.lent = (!named.is_for_all).then(|| format!("{what}; results are shown here again"));
        Sink::File(named)
    }

    /// What to tell of a file that was lost with its statement.
    pub(super) fn lost(&mut self) -> Option<String> {
        self.lent.take()
    }

    /// Takes a sink back that `shown` was written to, if anything was; answers what to tell. A file that holds one result is whole
    /// with it.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn give_back(&mut self, sink: Sink, shown: Option<Shown>) -> Result<Option<String>> {
        self.lent = None;
        let Sink::File(named) = sink else { return Ok(None) };
        let is_whole = !named.is_for_all && !named.file.style().format.takes_several();
        self.file = Some(named);
        let Some(shown) = shown.filter(|_| is_whole) else { return Ok(None) };
        let told = self.end_file()?;
        Ok(told.map(|told| format!("{told}, rows: {}; results are shown here again", shown.rows)))
    }

    /// Shows a text, through the pager if it is higher than the screen.
    ///
    /// # Errors
    /// Those of stdout.
    pub(super) fn show(&self, text: &str) -> Result<()> {
        let size = terminal::size().map(|size| terminal::Size { columns: usize::MAX, ..size });
        let mut screen = Screen::new(size, self.pager.clone());
        done(screen.write_all(text.as_bytes()).and_then(|()| screen.finish()))
    }

    fn screen(&self) -> Screen {
        Screen::new(terminal::size(), self.pager.clone())
    }

    /// A terminal may have become another size.
    fn style_now(&self) -> Style {
        let fit = self.style.fit.map(|fit| terminal::size().map_or(fit, |size| size.columns));
        Style { fit, ..self.style.clone() }
    }
}

impl Sink {
    /// Whose turn the terminal is while rows are written to it.
    pub(super) fn turn(&self) -> Turn {
        match self {
            Self::Screen { screen, .. } => screen.turn(),
            Self::File(_) => Turn::default(),
        }
    }

    /// Writes the rows of a statement.
    ///
    /// # Errors
    /// Those of reading the rows and of writing them.
    pub(super) async fn write(&mut self, answer: Answer) -> Result<Shown> {
        match self {
            Self::Screen { screen, style } => write_rows(answer, style, screen).await,
            Self::File(named) => named.file.write(answer).await,
        }
    }

    /// What to tell of rows that were left out, where the format has no place for it.
    pub(super) fn told_of(&self, shown: Shown) -> Option<String> {
        let style = match self {
            Self::Screen { style, .. } => style,
            Self::File(named) => named.file.style(),
        };
        let is_untold = shown.is_cut && style.format != ResultFormat::Table;
        is_untold.then(|| style.first_of_more(shown.rows))
    }

    /// Waits until the screen has shown all of it.
    ///
    /// # Errors
    /// Those of the pager and of stdout.
    pub(super) fn finish(&mut self) -> Result<()> {
        match self {
            Self::Screen { screen, .. } => done(screen.finish()),
            Self::File(_) => Ok(()),
        }
    }
}

/// Endings of formats that are not written here, packed files among them.
const OTHERS: [&str; 29] = [
    "7z", "avro", "arrow", "br", "bz2", "db", "docx", "feather", "gz", "gzip", "htm", "html",
    "lz4", "ods", "orc", "pdf", "rar", "snappy", "sql", "sqlite", "tar", "tgz", "xls", "xlsx",
    "xml", "xz", "yaml", "zip", "zst",
];

/// The format of a file: as its name says, else the one of the screen. What is behind a dot may be no ending, as in `songs.2026-01-31`, but
/// not one that is mistyped.
fn format_of(name: &str, on_screen: ResultFormat) -> Result<ResultFormat> {
    let path = Path::new(name);
    if let Some(format) = ResultFormat::of_file(path) {
        return Ok(format);
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let Some(ending) = ending else { return Ok(on_screen) };
    let meant = ResultFormat::ending_meant(&ending);
    if meant.is_none() && !OTHERS.contains(&ending.as_str()) {
        return Ok(on_screen);
    }
    let meant = meant.map(|meant| format!("did you mean .{meant}? ")).unwrap_or_default();
    Err(Error::usage(format!("\\o writes no .{ending} files")).hint(format!(
        "{meant}the endings are {}; any other name, such as one that ends with .txt, takes the format of \\format",
        ResultFormat::endings()
    )))
}

/// A pager that was left is no error.
fn done(shown: std::io::Result<()>) -> Result<()> {
    match shown {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failed("the result cannot be shown").source(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_its_format_or_none() {
        let of = |name: &str| format_of(name, ResultFormat::Markdown);
        for (name, format) in [
            ("rows.CSV", ResultFormat::Csv),
            ("a.b/rows.jsonl", ResultFormat::Ndjson),
            ("rows", ResultFormat::Markdown),
            ("a.b/rows", ResultFormat::Markdown),
            (".rows", ResultFormat::Markdown),
            ("rows.txt", ResultFormat::Markdown),
            ("rows.log", ResultFormat::Markdown),
            ("rows.2", ResultFormat::Markdown),
            ("/dev/null", ResultFormat::Markdown),
            ("songs.2026-01-31", ResultFormat::Markdown),
            ("/tmp/out.fifo", ResultFormat::Markdown),
        ] {
            assert_eq!(of(name).unwrap(), format, "{name}");
        }
        for name in ["rows.csv.gz", "rows.zip", "rows.cvs", "rows.csvv", "rows.sql", "rows.prquet"]
        {
            assert!(of(name).is_err(), "{name}");
        }
        let error = of("rows.cvs").unwrap_err();
        assert!(error.next_step().unwrap().starts_with("did you mean .csv? "), "{error:?}");
        let error = of("rows.XLSX").unwrap_err();
        assert_eq!(error.to_string(), "\\o writes no .xlsx files");
        assert!(error.next_step().unwrap().contains("are .csv, .tsv, "), "{error:?}");
    }
}
