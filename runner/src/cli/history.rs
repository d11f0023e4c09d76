//! `runner history`.

use std::num::NonZero;

use clap::Args;

use super::app::App;
use super::job_args::{AsOf, JobArgs};
use super::numbers;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::{fail, write};
use crate::error::Result;
use crate::explore::OfJob;
use crate::history::{Asked, history};
use crate::progress::Phase;

/// Show every change of a key that is staged.
///
/// Of each the object and line that it is in, what it did, when it was committed, what differed from the row before it, and the run
/// that applied it. Writes nothing.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: String,
    /// A source, or a model each of whose rows is made of one row of a source
    #[arg(long, value_name = "TABLE")]
    table: String,
    /// The key: its value, or COLUMN=VALUE for each column, with commas between them or in a --key each. NULL stands for NULL,
    /// 'NULL' with the quotes for the text
    #[arg(long = "key", value_name = "KEY", required = true, allow_hyphen_values = true)]
    key: Vec<String>,
    /// Show at most this many changes, the newest
    #[arg(long, value_name = "N", value_parser = numbers::limit("changes"), default_value_t = NonZero::new(100).unwrap_or(NonZero::<usize>::MIN))]
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
pub(super) async fn exec(args: HistoryArgs, app: &App) -> Result<()> {
    app.begin_progress(Phase::Reading);
    let opened = args.common.open(&args.job, app).await?;
    let target = opened.target().await;
    let (job, folder, engine) = (opened.job, opened.folder, opened.engine);
    let of = OfJob { job, folder, engine, target };
    let mut notes = Vec::new();
    let asked = Asked {
        table: &args.table,
        key: &args.key,
        most: args.limit.get(),
        only_applied: args.as_of.is_some(),
    };
    let history = Box::pin(history(&of, &asked, &mut notes)).await;
    for note in &notes {
        fail::note(note);
    }
    let history = history?;
    write::stdout(&match args.output.format() {
        OutputFormat::Text => history.text(),
        OutputFormat::Json => to_json(&history)?,
    })
}
