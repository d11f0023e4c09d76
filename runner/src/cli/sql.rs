//! `runner sql`: the same SQL, ad hoc.

use std::io::{IsTerminal, Read};
use std::sync::atomic::Ordering;

use chrono::Utc;
use clap::Args;
use transforms::sql::Dialect;

use super::app::App;
use super::fail;
use super::job_args::JobArgs;
use super::loudness::can_colour;
use super::result_args::ResultArgs;
use super::routes;
use crate::error::{Error, Result};
use crate::explore::{Explorer, OfJob};
use crate::progress::Phase;
use crate::results::Style;
use crate::shell;

/// Run SQL over staged objects, models and target tables, or type it in a shell.
///
/// With --job its sources (as they stand after all staged objects) and its models are tables, and the tables that it
/// writes are target.NAME. Without, declare what to read: CREATE EXTERNAL TABLE … STORED AS DMS LOCATION '…'. SQL comes
/// from -c, -f or stdin; several statements are separated by semicolons, and commands as \d stand on lines of their own.
/// On a terminal, without -c and -f, a shell starts: \? tells what there is.
#[derive(Debug, Args)]
pub(super) struct SqlArgs {
    /// SQL to run, or a command as \d; may be given several times
    #[arg(short, long, value_name = "SQL", conflicts_with = "file", allow_hyphen_values = true)]
    command: Vec<String>,
    /// A file of SQL and commands to run
    #[arg(short, long, value_name = "FILE")]
    file: Option<String>,
    /// The job whose sources, models and target are there as tables: the name of its folder
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    common: JobArgs,
    /// Read sources and models as of a moment: an object's name, a time in UTC, applied, or run:ID
    #[arg(long, value_name = "MOMENT")]
    as_of: Option<String>,
    #[command(flatten)]
    results: ResultArgs,
}

/// What to do about what stands in a staged object.
pub(super) const BAD_OBJECT: &str = "correct the object or its declaration; of a job, --as-of applied leaves out what is not applied yet";

/// A text with what messages call it.
type Named = (String, String);

/// Runs the command.
pub(super) async fn exec(args: SqlArgs, app: &App) -> Result<()> {
    let is_typed = args.command.is_empty() && args.file.is_none();
    if is_typed && std::io::stdin().is_terminal() {
        return Box::pin(begin_shell(&args, app)).await;
    }
    // Before a query runs whose rows have no place to go.
    let (style, file) = args.results.sink(app)?;
    let texts = read_sql(&args)?;
    let (explorer, _) = Box::pin(open(&args, app)).await?;
    Box::pin(shell::run_texts(setup(explorer, style, &args, app), &texts, file)).await
}

/// What the shell and texts that are not typed have in common.
fn setup(explorer: Explorer, style: Style, args: &SqlArgs, app: &App) -> shell::Setup {
    let (own, location) = (app.clone(), args.common.jobs.location(app));
    let location = location.map_err(|error| error.to_string());
    shell::Setup {
        explorer,
        style,
        voice: shell::Voice {
            error: |error| {
                let _status = fail::print_of_reader(error, BAD_OBJECT);
            },
            note: fail::note,
        },
        begin: Box::new(move || own.begin_progress(Phase::Reading)),
        jobs: Box::new(move || {
            let location = location.clone().map_err(Error::usage);
            Box::pin(async move {
                let (jobs, _) = routes::every_job(&location?).await?;
                Ok(jobs.iter().map(|job| job.name().to_string()).collect())
            })
        }),
    }
}

async fn begin_shell(args: &SqlArgs, app: &App) -> Result<()> {
    if args.results.has_file() {
        return Err(Error::usage("--out goes with SQL from -c, -f or stdin")
            .hint("in the shell, \\o FILE sends results to a file"));
    }
    let style = args.results.style(app)?;
    let (explorer, target) = open(args, app).await?;
    app.ignored.iter().for_each(|ignored| fail::note(ignored));
    // Until here an interrupt ends the program.
    app.is_interrupt_taken.store(true, Ordering::Relaxed);
    let person = shell::Person {
        job: args.job.clone(),
        target,
        environment: app.environment.clone(),
        with_colour: can_colour(app),
    };
    Box::pin(shell::run(setup(explorer, style, args, app), person)).await
}

/// What there is to read, its notes told, and the job's target as it is shown.
async fn open(args: &SqlArgs, app: &App) -> Result<(Explorer, Option<String>)> {
    app.begin_progress(Phase::Opening);
    let (mut explorer, target) = Box::pin(open_now(args, app)).await?;
    if let Some(moment) = args.as_of.clone() {
        explorer.set_as_of(moment).map_err(|error| error.about("--as-of: "))?;
    }
    explorer.notes().iter().for_each(|note| fail::note(note));
    Ok((explorer, target))
}

async fn open_now(args: &SqlArgs, app: &App) -> Result<(Explorer, Option<String>)> {
    let Some(job) = &args.job else {
        return Ok((Explorer::alone(&app.engine(Dialect::default())?, Utc::now)?, None));
    };
    let opened = args.common.open(job, app).await?;
    let target = opened.target().await;
    let shown = target.as_ref().ok().map(|target| target.display_name());
    let (job, folder, engine) = (opened.job, opened.folder, opened.engine);
    let of = OfJob { job, folder, engine, target };
    let explorer = Box::pin(Explorer::of_job(of, Utc::now)).await?;
    Ok((explorer, shown))
}

/// Texts of `-c`: where there are several, messages tell which one they are about.
fn named(texts: &[String]) -> Vec<Named> {
    let name = |at: usize| match texts.len() {
        1 => "-c".to_owned(),
        _ => format!("-c {}", at + 1),
    };
    texts.iter().enumerate().map(|(at, text)| (name(at), text.clone())).collect()
}

fn read_sql(args: &SqlArgs) -> Result<Vec<Named>> {
    if !args.command.is_empty() {
        return Ok(named(&args.command));
    }
    if let Some(file) = &args.file {
        let text = std::fs::read_to_string(file).map_err(|error| shell::unreadable(file, error))?;
        return Ok(vec![(file.clone(), text)]);
    }
    let mut text = String::new();
    let _bytes = std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Error::usage("stdin cannot be read").source(error))?;
    Ok(vec![("stdin".to_owned(), text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_texts_each_is_told_by_its_number() {
        let names = |texts: &[&str]| -> Vec<String> {
            let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
            named(&texts).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(&["SELECT 1"]), ["-c"]);
        assert_eq!(names(&["SELECT 1", "SELECT 2"]), ["-c 1", "-c 2"]);
    }
}
