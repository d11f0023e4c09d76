//! `runner explain-row`.

use std::num::NonZero;

use clap::Args;

use super::app::App;
use super::numbers;
use super::output::{OutputFormat, to_json};
use super::row_args::RowArgs;
use super::{fail, write};
use crate::error::Result;
use crate::explain::{Asked, explain};

/// Show why a row of a table is as it is, and the staged rows that it is made of.
///
/// The row in the table, the row that the model gives now, how and why they differ, and the rows of sources that it is made of, each
/// with its object and line. Of a row that is not there: what leaves it out. Writes nothing.
#[derive(Debug, Args)]
pub(super) struct ExplainRowArgs {
    #[command(flatten)]
    row: RowArgs,
    /// A model, or the table that it is written to
    #[arg(long, value_name = "TABLE", display_order = 0)]
    table: String,
    /// Show at most this many rows of each source
    #[arg(long, value_name = "N", value_parser = numbers::limit("rows"), display_order = 2, default_value_t = NonZero::new(20).unwrap_or(NonZero::<usize>::MIN))]
    limit: NonZero<usize>,
}

/// Runs the command.
pub(super) async fn exec(args: ExplainRowArgs, app: &App) -> Result<()> {
    let of = args.row.open(app).await?;
    let asked = Asked {
        table: &args.table,
        key: &args.row.key,
        most: args.limit.get(),
        only_applied: args.row.only_applied(),
    };
    let mut notes = Vec::new();
    let explained = Box::pin(explain(&of, asked, &mut notes)).await;
    for note in &notes {
        fail::note(note);
    }
    let explained = explained?;
    write::stdout(&match args.row.format() {
        OutputFormat::Text => explained.text(),
        OutputFormat::Json => to_json(&explained)?,
    })
}
