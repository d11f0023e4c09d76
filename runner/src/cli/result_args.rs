//! The options of what rows are written as.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;

use super::app::App;
use crate::error::{Error, Result};
use crate::results::{FileSink, ResultFormat, RowLimit, Style};

/// How the rows of statements are written, and where to.
#[derive(Debug, Args)]
pub(super) struct ResultArgs {
    /// How rows are written. Default: as the name of --out says, else the variable UNGLUE_FORMAT, else table
    #[arg(long, value_enum)]
    format: Option<ResultFormat>,
    /// The file that rows are written to, whole or not at all; .csv .tsv .json .ndjson .jsonl .md .parquet say the format
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The most rows of a statement that are shown: a number, or all. Default: of a table on a terminal the variable
    /// UNGLUE_MAX_ROWS, else 40; elsewhere all
    #[arg(long, value_name = "N|all")]
    max_rows: Option<RowLimit>,
    /// A table as a line for each value, a block for each row
    #[arg(short = 'x', long)]
    expanded: bool,
    /// Do not cut long texts of a table to fit the terminal
    #[arg(long)]
    wide: bool,
    /// What stands for NULL. Default: NULL, in CSV and TSV nothing
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    null: Option<String>,
}

impl ResultArgs {
    /// How rows are shown on stdout.
    ///
    /// # Errors
    /// Options that do not go together.
    pub(super) fn style(&self, app: &App) -> Result<Style> {
        let format = self.format(app)?;
        let is_table = format == ResultFormat::Table;
        if self.expanded && !is_table {
            return Err(Error::usage("--expanded is a way to write tables")
                .hint("leave out --expanded, or --format"));
        }
        let is_seen = self.out.is_none() && is_table && std::io::stdout().is_terminal();
        let usual = if is_seen { on_a_terminal(app)? } else { RowLimit::All };
        let columns = || Some(usize::from(terminal_size::terminal_size()?.0.0));
        Ok(Style {
            expanded: self.expanded,
            max_rows: self.max_rows.unwrap_or(usual),
            fit: if is_seen && !self.wide { columns() } else { None },
            null: self.null.clone(),
            ..Style::whole(format)
        })
    }

    /// Whether rows go to a file.
    pub(super) fn has_file(&self) -> bool {
        self.out.is_some()
    }

    /// How rows are written, and the file that takes all of them; without one they go to stdout.
    ///
    /// # Errors
    /// Those of [`style`](Self::style) and of beginning the file.
    pub(super) fn sink(&self, app: &App) -> Result<(Style, Option<FileSink>)> {
        let style = self.style(app)?;
        match &self.out {
            Some(path) => Ok((style.clone(), Some(FileSink::create(path, style)?))),
            None if style.format == ResultFormat::Parquet => {
                Err(Error::usage("Parquet is written to a file only")
                    .hint("name the file with --out FILE"))
            }
            None => Ok((style, None)),
        }
    }

    fn format(&self, app: &App) -> Result<ResultFormat> {
        match (self.format, &self.out) {
            (Some(format), _) => Ok(format),
            (None, None) if self.expanded => Ok(ResultFormat::Table),
            (None, None) => app.choice("UNGLUE_FORMAT"),
            (None, Some(path)) => ResultFormat::of_file(path).ok_or_else(|| {
                Error::usage(format!("--out {}: its name does not say the format", path.display()))
                    .hint(format!(
                        "give --format; the endings that say one are {}",
                        ResultFormat::endings()
                    ))
            }),
        }
    }
}

/// The most rows of a table on a terminal.
fn on_a_terminal(app: &App) -> Result<RowLimit> {
    const VARIABLE: &str = "UNGLUE_MAX_ROWS";
    let Some(text) = app.variable(VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(RowLimit::ON_A_TERMINAL);
    };
    text.parse().map_err(|what| {
        Error::usage(format!("{} has a value that is not known", app.environment.name_of(VARIABLE)))
            .hint(what)
    })
}
