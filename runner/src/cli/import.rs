//! `runner import`.

use clap::Args;
use transforms::sql::Dialect;

use super::app::App;
use super::job_args::job_name;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::{file, write};
use crate::error::{Error, Result};
use crate::import::{FILE_BYTES_MAX, Key, Request, import};

/// Write a job from a visual job of AWS Glue Studio.
///
/// FILE is what `aws glue get-job` prints, or what the console downloads. Each node becomes SQL in a file that is called as the node. What became of each is told, and what cannot be carried stands as
/// a file that fails until you have written it. Nothing is overwritten, and values of arguments are not copied.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The file with the job, or - for stdin; at most 8 MiB
    #[arg(value_name = "FILE")]
    file: String,
    /// The new job: the name of its folder. Default: the job's name in AWS
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// The folder that holds the jobs' folders. Default: the variable UNGLUE_JOBS, else sql
    #[arg(long, value_name = "DIR")]
    jobs: Option<String>,
    /// The primary key of a source, which a job of Glue does not hold; once for each source
    #[arg(long = "key", value_name = "[SOURCE:]COLUMN[,COLUMN]", id = "keys")]
    keys: Vec<String>,
    /// The target in job.toml, its password replaced by a variable; without it the variable TARGET
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) async fn exec(args: ImportArgs, app: &App) -> Result<()> {
    let job = args.job.as_deref().map(job_name).transpose()?;
    let keys = args.keys.iter().map(|key| key.parse::<Key>()).collect::<Result<_>>()?;
    let file = file::read(&args.file, FILE_BYTES_MAX)
        .await
        .map_err(|error| Error::usage(format!("{} cannot be read", args.file)).source(error))?;
    let request =
        Request { file, job, jobs: app.jobs(args.jobs.as_ref()), keys, target: args.target };
    let engine = app.engine(Dialect::default())?;
    let report = import(request, &engine, &|name| app.variable(name)).await?;
    write::stdout(&match args.output.format() {
        OutputFormat::Text => report.to_text(args.jobs.as_deref()),
        OutputFormat::Json => to_json(&report)?,
    })
}
