//! `runner history`.

use std::num::NonZero;

use clap::Args;

use super::app::App;
use super::numbers;
use super::output::{OutputFormat, to_json};
use super::row_args::RowArgs;
use super::{fail, write};
use crate::error::Result;
use crate::history::{Asked, history};

/// Show every change of a key that is staged.
///
/// Of each the object and line that it is in, what it did, when it was committed, what differed from the row before it, and the run
/// that applied it. Writes nothing.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    row: RowArgs,
    /// A source, or a model each of whose rows is made of one row of a source
    #[arg(long, value_name = "TABLE", display_order = 0)]
    table: String,
    /// Show at most this many changes, the newest
    #[arg(long, value_name = "N", value_parser = numbers::limit("changes"), display_order = 2, default_value_t = NonZero::new(100).unwrap_or(NonZero::<usize>::MIN))]
    limit: NonZero<usize>,
}

/// Runs the command.
pub(super) async fn exec(args: HistoryArgs, app: &App) -> Result<()> {
    let of = args.row.open(app).await?;
    let mut notes = Vec::new();
    let asked = Asked {
        table: &args.table,
        key: &args.row.key,
        most: args.limit.get(),
        only_applied: args.row.only_applied(),
    };
    let history = Box::pin(history(&of, &asked, &mut notes)).await;
    for note in &notes {
        fail::note(note);
    }
    let history = history?;
    write::stdout(&match args.row.format() {
        OutputFormat::Text => history.text(),
        OutputFormat::Json => to_json(&history)?,
    })
}
