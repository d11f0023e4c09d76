//! `runner routes`.

use std::collections::BTreeSet;

use clap::Args;

use super::app::App;
use super::job_args::{JobsArgs, job_name};
use super::output::to_json;
use super::{fail, write};
use crate::error::{Error, Result};
use crate::job::{JobFolder, JobName, JobsLocation};
use crate::routes::Routes;

/// Print which jobs read from which folders on S3, for the function that events invoke.
///
/// One JSON object: each folder with the names of its jobs, see docs/aws.md. Only the jobs' files are read. No target is connected to, and its variables need no values.
#[derive(Debug, Args)]
pub(super) struct RoutesArgs {
    /// The job: the name of its folder; may be repeated. Default: every folder that has a sources.sql
    #[arg(long = "job", value_name = "JOB")]
    names: Vec<String>,
    #[command(flatten)]
    jobs: JobsArgs,
}

/// Runs the command.
pub(super) async fn exec(args: RoutesArgs, app: &App) -> Result<()> {
    let location = args.jobs.location(app)?;
    let folders = wanted(&location, &args.names).await?;
    let (mut routes, mut asked_for) = (Routes::default(), BTreeSet::new());
    for folder in folders {
        let name = folder.name();
        let told = |error: Error| error.about(&format!("job `{name}`: "));
        let job = Box::pin(args.jobs.load(&folder, app, &mut asked_for)).await.map_err(told)?;
        for note in routes.add(&job, folder.location()).map_err(told)? {
            fail::note(&format!("job `{name}`: {note}"));
        }
    }
    args.jobs.note_unused(&asked_for);
    write::stdout(&to_json(&routes.checked()?)?)
}

/// The folders of these jobs; of all, if none is named.
///
/// # Errors
/// A job that is not there, and those of listing.
pub(super) async fn wanted(location: &JobsLocation, names: &[String]) -> Result<Vec<JobFolder>> {
    match names.is_empty() {
        true => told_jobs(location).await,
        false => named(location, names),
    }
}

/// All jobs; what is none is noted.
async fn told_jobs(location: &JobsLocation) -> Result<Vec<JobFolder>> {
    let (jobs, others) = every_job(location).await?;
    note_others(&others);
    Ok(jobs)
}

/// Notes which folders are no jobs.
pub(super) fn note_others(names: &[String]) {
    for name in names {
        fail::note(&format!("the folder `{name}` is no job: it has no sources.sql"));
    }
}

/// All jobs in the folder of jobs, and the names of the folders in it that are none.
///
/// # Errors
/// Kind `Usage` if there is no job, and those of listing.
pub(super) async fn every_job(location: &JobsLocation) -> Result<(Vec<JobFolder>, Vec<String>)> {
    let (mut jobs, mut others) = (Vec::new(), Vec::new());
    for (name, folder) in location.folders().await? {
        match folder {
            Some(folder) if folder.declares_sources().await? => jobs.push(folder),
            _ => others.push(name),
        }
    }
    match jobs.is_empty() {
        true => {
            note_others(&others);
            Err(location.without_jobs())
        }
        false => Ok((jobs, others)),
    }
}

fn named(location: &JobsLocation, names: &[String]) -> Result<Vec<JobFolder>> {
    let names: BTreeSet<JobName> =
        names.iter().map(|name| job_name(name)).collect::<Result<_>>()?;
    names.iter().map(|name| location.open(name)).collect()
}
