//! `runner init`.

use clap::Args;
use transforms::sql::Dialect;

use super::app::App;
use super::job_args::job_name;
use super::output::{OutputArgs, OutputFormat, to_json};
use super::write;
use crate::error::{Error, Result};
use crate::init::{Request, init};
use crate::target::name::TableName;

/// Write a job from staged folders, or from tables of PostgreSQL or MySQL.
///
/// Columns, types, key and settings of the endpoint that are inferred are said, here and in sources.sql, with from how many rows.
/// Where --from and --jobs are relative paths, so is LOCATION. The job selects all columns of each table, and runs. Nothing is overwritten, and no password is written. Objects are read as
/// they are declared before the job is put in place.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The new job: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: String,
    /// A staged folder of one table, the one with LOAD00000001.csv in it: s3://bucket/folder/schema/table/ or a path; one for
    /// each source
    #[arg(long, value_name = "LOCATION")]
    from: Vec<String>,
    /// The folder that holds the jobs' folders. Default: the variable UNGLUE_JOBS, else sql
    #[arg(long, value_name = "DIR")]
    jobs: Option<String>,
    /// Where the tables are defined: postgres://user@host:5432/db or mysql://user@host:3306/db, the password in PGPASSWORD or
    /// MYSQL_PWD
    #[arg(long, value_name = "URL", requires = "tables")]
    database: Option<String>,
    /// A table in --database, one for each source and in the order of --from; without --from it is expected below ${STAGING}
    #[arg(long = "table", value_name = "SCHEMA.TABLE", id = "tables", requires = "database")]
    tables: Vec<String>,
    /// The key, for a job of one source
    #[arg(long, value_name = "COLUMN[,COLUMN]", value_delimiter = ',')]
    key: Vec<String>,
    /// The target in job.toml, its password replaced by a variable; without it the variable TARGET, else sqlite:JOB.db
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) async fn exec(args: InitArgs, app: &App) -> Result<()> {
    let job = job_name(&args.job)?;
    let table = |text: &String| {
        text.parse::<TableName>().map_err(|error| Error::usage("--table").source(error))
    };
    let request = Request {
        job,
        jobs: app.jobs(args.jobs.as_ref()),
        from: args.from,
        database: args.database,
        tables: args.tables.iter().map(table).collect::<Result<_>>()?,
        key: (!args.key.is_empty()).then_some(args.key),
        target: args.target,
    };
    let engine = app.engine(Dialect::default())?;
    let report = init(&request, &engine, &app.environment).await?;
    write::stdout(&match args.output.format() {
        OutputFormat::Text => report.to_text(args.jobs.as_deref()),
        OutputFormat::Json => to_json(&report)?,
    })
}
