//! Commands of a session.

use std::sync::Arc;

use clap::ValueEnum;

use super::commands::{self, Command};
use super::session::{Flow, Session, Stop, told};
use super::turn::Turn;
use super::{describe, names};
use crate::error::{Error, Kind, Result};
use crate::results::{ResultFormat, RowLimit};
use crate::units::{counted, counted_are};

/// A file that runs itself would never end.
const INCLUDED_MAX: usize = 16;

/// What a command has to say.
enum Said {
    /// What was asked for.
    Asked(String),
    /// What has changed, which only one who types wants to read.
    Changed(String),
}
use Said::{Asked, Changed};

impl Session {
    /// Runs the line of a command.
    pub(super) async fn command(&mut self, line: &str, depth: usize) -> Flow {
        let done = match commands::parse(line) {
            Ok(Command::Quit) => return Flow::Break(Stop::Leave),
            Ok(Command::Include(file)) if depth < INCLUDED_MAX => {
                match std::fs::read_to_string(&file) {
                    Ok(text) => return self.take(&file, &text, depth + 1).await,
                    Err(error) => Err(unreadable(&file, error)),
                }
            }
            Ok(Command::Include(file)) => {
                Err(Error::usage(format!("{file} is run by a file that it runs")))
            }
            Ok(command) => self.obey(command).await,
            Err(error) => Err(error.into()),
        };
        told(done)
    }

    async fn obey(&mut self, command: Command) -> Result<()> {
        let said = match command {
            Command::List { pattern, is_of_views } => {
                let tables = self.explorer.tables();
                Asked(describe::matching(tables, pattern.as_deref(), is_of_views)?)
            }
            Command::Describe { table, is_full } => self.describe(table, is_full).await?,
            Command::Functions(text) => {
                Asked(describe::functions(&self.explorer.functions(), text.as_deref()))
            }
            Command::Jobs => {
                let finding = (self.jobs)();
                Asked(describe::jobs(&self.unless_interrupted("\\l", finding).await??))
            }
            Command::Timing(on) => {
                self.is_timing = on.unwrap_or(!self.is_timing);
                Changed(format!("timing is {}\n", on_or_off(self.is_timing)))
            }
            Command::Expanded(on) => {
                let style = &mut self.output.style;
                style.expanded = on.unwrap_or(!style.expanded);
                Changed(format!("expanded display is {}\n", on_or_off(style.expanded)))
            }
            Command::Format(name) => self.format(name.as_deref())?,
            Command::Rows(limit) => self.rows(limit.as_deref())?,
            Command::Output(file) => self.send_results(file.as_deref())?,
            Command::Refresh => self.refresh().await?,
            Command::Print if self.begun.is_empty() => Asked("no statement is begun\n".to_owned()),
            Command::Print => Asked(self.begun.clone()),
            Command::Reset => {
                self.begun.clear();
                Changed("no statement is begun\n".to_owned())
            }
            Command::Help => Asked(describe::help()),
            // Elsewhere.
            Command::Include(_) | Command::Quit => return Ok(()),
        };
        match said {
            Asked(text) => self.output.show(&text),
            Changed(text) if self.is_typed => self.output.show(&text),
            Changed(_) => Ok(()),
        }
    }

    /// Waits for what a command does, until an interrupt.
    async fn unless_interrupted<T: Send + 'static>(
        &mut self,
        what: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        let done = self.interrupts.or(work, &Turn::default()).await;
        done.map_err(|stopped| stopped.error(what))
    }

    async fn describe(&mut self, table: String, is_full: bool) -> Result<Said> {
        let explorer = Arc::clone(&self.explorer);
        // Messages name tables as they are typed, in quotes of any dialect.
        let describing = async move { explorer.describe(&table.replace('`', "\"")).await };
        let described = self.unless_interrupted("\\d", describing).await?;
        self.explorer.take_notes().iter().for_each(|note| (self.voice.note)(note));
        let described = described.map_err(|error| match (error.kind(), error.next_step()) {
            (Kind::Usage, Some(next)) if next.ends_with('?') => {
                let next = format!("{next} \\d lists what there is");
                error.hint(next)
            }
            (Kind::Usage, _) => error.or_hint("\\d lists what there is"),
            _ => error,
        })?;
        Ok(Asked(describe::details(&described, is_full)))
    }

    fn format(&mut self, name: Option<&str>) -> Result<Said> {
        let style = &mut self.output.style;
        if let Some(name) = name {
            style.format = format_named(name)?;
        }
        let format = style.format.to_possible_value();
        let text = format!("format is {}\n", format.as_ref().map_or("", |value| value.get_name()));
        Ok(if name.is_some() { Changed(text) } else { Asked(text) })
    }

    fn rows(&mut self, limit: Option<&str>) -> Result<Said> {
        let style = &mut self.output.style;
        if let Some(limit) = limit {
            style.max_rows = limit
                .parse()
                .map_err(|error: &str| Error::usage(format!("\\rows {limit}: {error}")))?;
        }
        let text = match style.max_rows {
            RowLimit::All => "all rows are shown\n".to_owned(),
            RowLimit::Rows(rows) => {
                format!("of a result at most {} shown\n", counted_are(rows as u64, "row"))
            }
        };
        Ok(if limit.is_some() { Changed(text) } else { Asked(text) })
    }

    fn send_results(&mut self, file: Option<&str>) -> Result<Said> {
        let (told, now) = match file {
            Some(file) => (self.output.begin_file(file)?, format!("results go to {file}\n")),
            None => (self.output.show_again()?, "results are shown here\n".to_owned()),
        };
        told.iter().for_each(|told| (self.voice.note)(told));
        Ok(Changed(now))
    }

    /// Looks anew at all that there is; beside it the error of what does not fit any more.
    pub(super) async fn replace_explorer(&mut self, what: &'static str) -> Result<Result<()>> {
        let before = Arc::clone(&self.explorer);
        let looking = async move { Box::pin(before.refreshed()).await };
        let (explorer, all_fit) = self.unless_interrupted(what, looking).await??;
        // Statements that were interrupted and still run go on with the one before.
        self.explorer = Arc::new(explorer);
        self.collected.forget();
        Ok(all_fit)
    }

    async fn refresh(&mut self) -> Result<Said> {
        let all_fit = self.replace_explorer("\\refresh").await?;
        self.explorer.notes().iter().for_each(|note| (self.voice.note)(note));
        all_fit?;
        Ok(Changed(format!("{}\n", counted(self.explorer.tables().len() as u64, "table"))))
    }
}

/// A file of SQL that cannot be read.
pub(crate) fn unreadable(file: &str, error: std::io::Error) -> Error {
    Error::usage(format!("{file} cannot be read"))
        .hint("name a file that is there; a path begins at the current folder")
        .source(error)
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn format_named(name: &str) -> Result<ResultFormat> {
    ResultFormat::from_str(name, true).map_err(|_| {
        let formats = names::formats();
        let near = transforms::sql::nearest(name, formats.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        Error::usage(format!("there is no format `{name}`"))
            .hint(format!("{near}there are {}", formats.join(", ")))
    })
}

impl From<commands::NoCommand> for Error {
    fn from(error: commands::NoCommand) -> Self {
        Self::usage(error.message).hint(error.help)
    }
}
