//! `runner sql`: the same SQL, ad hoc.

use std::io::{IsTerminal, Read};

use clap::Args;
use transforms::sql::Dialect;

use super::app::App;
use super::fail;
use super::job_args::JobArgs;
use crate::engine;
use crate::error::{Error, Result};
use crate::explore::{Explorer, OfJob};
use crate::results::{ResultFormat, write_rows};

/// Run SQL over staged objects, models and target tables.
///
/// With --job its sources (as they stand after all staged objects) and its models are tables, and the tables that it
/// writes are target.NAME. Without, declare what to read: CREATE EXTERNAL TABLE … STORED AS DMS LOCATION '…'. SQL comes
/// from -c, -f or stdin; several statements are separated by semicolons.
#[derive(Debug, Args)]
pub(super) struct SqlArgs {
    /// SQL to run
    #[arg(short, long, value_name = "SQL", conflicts_with = "file", allow_hyphen_values = true)]
    command: Option<String>,
    /// A file of SQL to run
    #[arg(short, long, value_name = "FILE")]
    file: Option<String>,
    /// The job whose sources, models and target are there as tables
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    common: JobArgs,
    /// How results are printed on stdout
    #[arg(long, value_enum, default_value_t = ResultFormat::Table)]
    format: ResultFormat,
}

/// Runs the command.
pub(super) async fn exec(args: SqlArgs, app: &App) -> Result<()> {
    let (name, text) = read_sql(&args)?;
    let explorer = Box::pin(open(&args, app)).await?;
    for note in explorer.notes() {
        fail::note(note);
    }
    for statement in explorer.parse(&name, &text)? {
        if let Some(answer) = explorer.run(&name, statement).await? {
            let _rows = write_rows(answer, args.format, &mut std::io::stdout()).await?;
        }
    }
    if explorer.rejected() > 0 {
        fail::note(&format!("{} bad rows were set aside and are not in it", explorer.rejected()));
    }
    Ok(())
}

async fn open(args: &SqlArgs, app: &App) -> Result<Explorer> {
    let Some(job) = &args.job else {
        return Explorer::alone(&engine::engine(Dialect::default(), app.cores, app.memory_bytes)?);
    };
    let opened = args.common.open(job, app).await?;
    let target = opened.target().await;
    let (job, folder, engine) = (opened.job, opened.folder, opened.engine);
    Explorer::of_job(OfJob { job, folder, engine, target }).await
}

fn read_sql(args: &SqlArgs) -> Result<(String, String)> {
    if let Some(text) = &args.command {
        return Ok(("-c".to_owned(), text.clone()));
    }
    if let Some(file) = &args.file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::usage(format!("{file} cannot be read")).source(error))?;
        return Ok((file.clone(), text));
    }
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Error::usage("there is no SQL to run").hint("give it with -c, -f or on stdin"));
    }
    let mut text = String::new();
    let _bytes = stdin
        .read_to_string(&mut text)
        .map_err(|error| Error::usage("stdin cannot be read").source(error))?;
    Ok(("stdin".to_owned(), text))
}
