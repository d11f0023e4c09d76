//! What a person asked for: the format of rows, and how much of them.

use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use strsim::osa_distance;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ResultFormat {
    /// A table for people
    #[default]
    Table,
    /// CSV with a header
    Csv,
    /// The same with tabs
    Tsv,
    /// A JSON array of objects
    Json,
    /// A JSON object on each line
    #[value(alias = "jsonl")]
    Ndjson,
    /// A table in Markdown
    #[value(alias = "md")]
    Markdown,
    /// Apache Parquet; to a file only
    Parquet,
}

/// The ends of files' names, and the formats that they say.
const ENDINGS: [(&str, ResultFormat); 7] = [
    ("csv", ResultFormat::Csv),
    ("tsv", ResultFormat::Tsv),
    ("json", ResultFormat::Json),
    ("ndjson", ResultFormat::Ndjson),
    ("jsonl", ResultFormat::Ndjson),
    ("md", ResultFormat::Markdown),
    ("parquet", ResultFormat::Parquet),
];

impl ResultFormat {
    /// The format that the end of a file's name says.
    #[must_use]
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        let known = ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known));
        known.map(|(_, format)| *format)
    }

    /// The end of a file's name that is meant by one with a mistake in it.
    #[must_use]
    pub(crate) fn ending_meant(ending: &str) -> Option<&'static str> {
        // In two letters one mistake makes any other word.
        const LENGTH_MIN: usize = 3;
        let is_near = |known: &str| {
            known.len().min(ending.len()) >= LENGTH_MIN && osa_distance(ending, known) == 1
        };
        ENDINGS.iter().map(|(known, _)| *known).find(|known| is_near(known))
    }

    /// The ends of files' names that say a format, for a message.
    #[must_use]
    pub(crate) fn endings() -> String {
        let endings: Vec<String> = ENDINGS.iter().map(|(ending, _)| format!(".{ending}")).collect();
        match endings.split_last() {
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// Whether the rows of two statements one after the other are still of this format.
    #[must_use]
    pub(crate) fn takes_several(self) -> bool {
        matches!(self, Self::Table | Self::Ndjson | Self::Markdown)
    }
}

/// The most rows that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowLimit {
    /// No limit.
    All,
    /// So many.
    Rows(usize),
}

impl RowLimit {
    /// What is usual on a terminal: about a screen, as the shells of DuckDB and DataFusion have it.
    pub(crate) const ON_A_TERMINAL: Self = Self::Rows(40);
}

impl FromStr for RowLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            _ if text.eq_ignore_ascii_case("all") => Ok(Self::All),
            _ => text.parse().map(Self::Rows).map_err(|_| "it is a number of rows, or all"),
        }
    }
}

/// How rows are shown.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    /// The format.
    pub(crate) format: ResultFormat,
    /// A table is written as a line for each value, a block for each row.
    pub(crate) expanded: bool,
    /// The most rows that are written; the query ends when they are.
    pub(crate) max_rows: RowLimit,
    /// The width of a terminal, if long texts of a table are to be cut so that it fits.
    pub(crate) fit: Option<usize>,
    /// What stands for NULL, if it is not what is usual in the format; JSON and Parquet have their own.
    pub(crate) null: Option<String>,
    /// What a person is told to do for the rows that a limit left out.
    pub(crate) more: &'static str,
}

impl Style {
    /// A format with nothing left out and nothing cut.
    #[must_use]
    pub(crate) fn whole(format: ResultFormat) -> Self {
        let (expanded, max_rows, fit) = (false, RowLimit::All, None);
        Self { format, expanded, max_rows, fit, null: None, more: "more with --max-rows all" }
    }

    /// What stands for NULL. An empty text and a NULL are two things, which CSV does not tell apart by itself.
    #[must_use]
    pub(super) fn null(&self) -> &str {
        let usual = match self.format {
            ResultFormat::Csv | ResultFormat::Tsv => "",
            _ => "NULL",
        };
        self.null.as_deref().unwrap_or(usual)
    }

    /// What is said of rows that were left out.
    #[must_use]
    pub(crate) fn first_of_more(&self, rows: usize) -> String {
        match rows {
            1 => format!("first row; {}", self.more),
            _ => format!("first {rows} rows; {}", self.more),
        }
    }
}
