//! Where results go: the screen, or a file until another place is named.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::explore::Answer;
use crate::results::{FileSink, ResultFormat, RowLimit, Shown, Style, write_rows};

use super::pager::{Pager, Screen};
use super::terminal;

/// Where results go, and how they are written.
pub(super) struct Output {
    /// How they are written on the screen.
    pub(super) style: Style,
    pager: Option<Pager>,
    /// The file, with the name that it was given.
    file: Option<(String, FileSink)>,
}

/// Where the rows of one statement go.
pub(super) enum Sink {
    /// The screen.
    Screen { screen: Screen, style: Style },
    /// The file, which is given back afterwards.
    File { name: String, file: FileSink },
}

impl Output {
    pub(super) fn new(style: Style, pager: Option<Pager>) -> Self {
        Self { style: Style { more: "all with \\rows all", ..style }, pager, file: None }
    }

    /// Sends results to a file, in the format that its name says or else the screen's.
    ///
    /// # Errors
    /// A file that cannot be made; those of [`Self::end_file`].
    pub(super) fn begin_file(&mut self, name: &str) -> Result<Option<String>> {
        let told = self.end_file()?;
        let format = ResultFormat::of_file(Path::new(name)).unwrap_or(self.style.format);
        let style = Style { max_rows: RowLimit::All, fit: None, format, ..self.style.clone() };
        let style = Style { expanded: style.expanded && format == ResultFormat::Table, ..style };
        self.file = Some((name.to_owned(), FileSink::create(Path::new(name), style)?));
        Ok(told)
    }

    /// Lets a file be whole, if there is one; answers what to tell of it.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn end_file(&mut self) -> Result<Option<String>> {
        let Some((name, file)) = self.file.take() else { return Ok(None) };
        Ok(Some(match file.finish()? {
            true => format!("{name} is written"),
            false => format!("no statement had rows, so {name} was not written"),
        }))
    }

    /// Where the rows of the next statement go.
    pub(super) fn take(&mut self) -> Sink {
        match self.file.take() {
            Some((name, file)) => Sink::File { name, file },
            None => Sink::Screen { screen: self.screen(), style: self.style_now() },
        }
    }

    /// Takes a sink back that `shown` was written to, if anything was; answers what to tell. A file that holds one result is whole
    /// with it.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn give_back(&mut self, sink: Sink, shown: Option<Shown>) -> Result<Option<String>> {
        let Sink::File { name, file } = sink else { return Ok(None) };
        let is_whole = !file.style().format.takes_several();
        self.file = Some((name, file));
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
    /// Writes the rows of a statement.
    ///
    /// # Errors
    /// Those of reading the rows and of writing them.
    pub(super) async fn write(&mut self, answer: Answer) -> Result<Shown> {
        match self {
            Self::Screen { screen, style } => write_rows(answer, style, screen).await,
            Self::File { file, .. } => file.write(answer).await,
        }
    }

    /// What to tell of rows that were left out, where the format has no place for it.
    pub(super) fn told_of(&self, shown: Shown) -> Option<String> {
        let style = match self {
            Self::Screen { style, .. } => style,
            Self::File { file, .. } => file.style(),
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
            Self::File { .. } => Ok(()),
        }
    }
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
