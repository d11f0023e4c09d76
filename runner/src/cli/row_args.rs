//! The options of commands that tell of one row.

use clap::Args;

use super::app::App;
use super::job_args::{AsOf, JobArgs};
use super::output::{OutputArgs, OutputFormat};
use crate::error::Result;
use crate::explore::OfJob;
use crate::progress::Phase;

/// Which row, of what, and how it is told.
#[derive(Debug, Args)]
pub(super) struct RowArgs {
    /// The job: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: String,
    /// The row's key: its value, or COLUMN=VALUE for each column, with commas between them or in a --key each. NULL stands for
    /// NULL, 'NULL' with the quotes for the text
    #[arg(long = "key", value_name = "KEY", required = true, allow_hyphen_values = true)]
    pub(super) key: Vec<String>,
    /// Leave out what is not applied yet
    #[arg(long, value_enum, value_name = "MOMENT")]
    as_of: Option<AsOf>,
    #[command(flatten)]
    common: JobArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl RowArgs {
    /// The job, with its target as far as it can be reached.
    ///
    /// # Errors
    /// A job that is none, or is wrong.
    pub(super) async fn open(&self, app: &App) -> Result<OfJob> {
        app.begin_progress(Phase::Reading);
        let opened = self.common.open(&self.job, app).await?;
        let target = opened.target().await;
        let (job, folder, engine) = (opened.job, opened.folder, opened.engine);
        Ok(OfJob { job, folder, engine, target })
    }

    /// Whether what is not applied yet is left out.
    pub(super) fn only_applied(&self) -> bool {
        self.as_of.is_some()
    }

    pub(super) fn format(&self) -> OutputFormat {
        self.output.format()
    }
}
