//! `runner explain-row`.

use std::num::NonZero;

use clap::Args;

use super::app::App;
use super::job_args::{AsOf, JobArgs};
use super::numbers;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::{fail, write};
use crate::error::Result;
use crate::explain::{Asked, explain};
use crate::explore::OfJob;
use crate::progress::Phase;

/// Show why a row of a table is as it is, and the staged rows that it is made of.
///
/// The row in the table, the row that the model gives now, how and why they differ, and the rows of sources that it is made of, each
/// with its object and line. Of a row that is not there: what leaves it out. Writes nothing.
#[derive(Debug, Args)]
pub(super) struct ExplainRowArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: String,
    /// A model, or the table that it is written to
    #[arg(long, value_name = "TABLE")]
    table: String,
    /// The row's key: its value, or COLUMN=VALUE for each column, with commas between them or in a --key each. NULL stands for
    /// NULL, 'NULL' with the quotes for the text
    #[arg(long = "key", value_name = "KEY", required = true, allow_hyphen_values = true)]
    key: Vec<String>,
    /// Show at most this many rows of each source
    #[arg(long, value_name = "N", value_parser = numbers::limit("rows"), default_value_t = NonZero::new(20).unwrap_or(NonZero::<usize>::MIN))]
    limit: NonZero<usize>,
    /// Leave out what is not applied yet
    #[arg(long, value_enum, value_name = "MOMENT")]
    as_of: Option<AsOf>,
    #[command(flatten)]
    common: JobArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) async fn exec(args: ExplainRowArgs, app: &App) -> Result<()> {
    app.begin_progress(Phase::Reading);
    let opened = args.common.open(&args.job, app).await?;
    let target = opened.target().await;
    let (job, folder, engine) = (opened.job, opened.folder, opened.engine);
    let of = OfJob { job, folder, engine, target };
    let asked = Asked {
        table: &args.table,
        key: &args.key,
        most: args.limit.get(),
        only_applied: args.as_of.is_some(),
    };
    let mut notes = Vec::new();
    let explained = Box::pin(explain(&of, asked, &mut notes)).await;
    for note in &notes {
        fail::note(note);
    }
    let explained = explained?;
    write::stdout(&match args.output.format() {
        OutputFormat::Text => explained.text(),
        OutputFormat::Json => to_json(&explained)?,
    })
}
