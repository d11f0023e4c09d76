//! `runner status`.

mod table;
mod text;
mod watch;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use schemars::JsonSchema;
use serde::Serialize;

use super::app::App;
use super::fail::{self, Told};
use super::job_args::JobArgs;
use super::numbers;
use super::output::{OutputArgs, OutputFormat, to_json, to_json_line};
use super::{routes, write};
use crate::error::{Error, Kind, Result};
use crate::job::JobName;
use crate::report::SCHEMA_VERSION;
use crate::status::{JobStatus, Known, Looked, State, look};

/// So many jobs are looked at side by side.
const JOBS_AT_ONCE: usize = 8;

/// Show what is applied and what is pending, of one job or of all.
///
/// For each source its generation, applied and pending objects, rejected rows, the newest position, and how far the target is behind
/// what is staged; then the last runs. Without --job a line for each job. Writes nothing. The exit status is that of the worst one: what a run of it would end with before it reads rows.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The job: the name of its folder. Default: every folder that has a sources.sql
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    common: JobArgs,
    /// How many of the last runs to show
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = numbers::within::<u16>("runs", 0..=1_000))]
    runs: u16,
    /// Look again and again, each so many seconds, until Ctrl-C, which is status 0. A terminal is drawn anew; elsewhere, and
    /// with --output json, one report follows the other
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", value_parser = numbers::within::<u64>("seconds", 1..=86_400))]
    watch: Option<u64>,
    #[command(flatten)]
    output: OutputArgs,
}

impl StatusArgs {
    /// Whether it goes on until it is interrupted, so that this is its end and no failure.
    pub(super) fn is_watching(&self) -> bool {
        self.watch.is_some()
    }
}

/// A job that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Entry {
    Known {
        #[serde(flatten)]
        status: JobStatus,
        /// Why a run would be refused, or why what is staged cannot be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Told>,
    },
    /// Its files are wrong, or its target is away.
    Unknown { schema_version: u32, job: String, state: State, error: Told },
}

impl Entry {
    fn error(&self) -> Option<&Told> {
        match self {
            Self::Known { error, .. } => error.as_ref(),
            Self::Unknown { error, .. } => Some(error),
        }
    }
}

/// A job that was looked at, with the names of its variables.
type LookedAt = (Looked, BTreeSet<String>);

/// All that was looked at.
struct Round {
    entries: Vec<Entry>,
    /// What it comes to.
    error: Option<Error>,
    at: DateTime<Utc>,
}

/// Runs the command.
pub(super) async fn exec(args: StatusArgs, app: &App) -> Result<()> {
    if let Some(seconds) = args.watch {
        return watch::watch(&args, app, Duration::from_secs(seconds)).await;
    }
    let round = args.look(app, true).await?;
    let text = match args.output.format() {
        OutputFormat::Text => args.text(&round),
        OutputFormat::Json => args.json(&round, false)?,
    };
    write::stdout(&text)?;
    round.error.map_or(Ok(()), Err)
}

impl StatusArgs {
    /// Looks once. `notes` are told of folders that are no jobs.
    ///
    /// # Errors
    /// A job that cannot be looked at at all, if it is the only one; a folder of jobs that cannot be listed.
    async fn look(&self, app: &App, notes: bool) -> Result<Round> {
        let at = Utc::now();
        if let Some(name) = &self.job {
            let (Looked { status, trouble }, asked_for) = Box::pin(self.look_at(name, app)).await?;
            if notes {
                self.common.jobs.note_unused(&asked_for);
            }
            let error = trouble.as_ref().map(Told::of);
            return Ok(Round { entries: vec![Entry::Known { status, error }], error: trouble, at });
        }
        let (folders, others) = routes::every_job(&self.common.jobs.location(app)?).await?;
        if notes {
            routes::note_others(&others);
        }
        let names: Vec<JobName> = folders.iter().map(|folder| folder.name().clone()).collect();
        let looks: Vec<BoxFuture<'_, Result<LookedAt>>> =
            names.iter().map(|name| self.look_at(name.as_str(), app).boxed()).collect();
        let found: Vec<Result<LookedAt>> =
            futures::stream::iter(looks).buffered(JOBS_AT_ONCE).collect().await;
        let mut entries = Vec::with_capacity(names.len());
        let mut errors = Vec::new();
        for (name, found) in names.iter().zip(found) {
            let (entry, error) = match found {
                Ok((Looked { status, trouble }, _)) => {
                    let error = trouble.as_ref().map(Told::of);
                    (Entry::Known { status, error }, trouble)
                }
                Err(error) => (unknown(name.as_str(), &error), Some(error)),
            };
            entries.push(entry);
            errors.extend(error.map(|error| (name.as_str(), error)));
        }
        Ok(Round { entries, error: worst(errors), at })
    }

    /// Looks at a job; answers the names of its variables too.
    async fn look_at(&self, name: &str, app: &App) -> Result<LookedAt> {
        let (opened, asked_for) = self.common.open_one(name, app, &[], "status").await?;
        let target = opened.target().await?;
        let looked = look(Known {
            job: &opened.job,
            folder: &opened.folder,
            engine: &opened.engine,
            target: &target,
            runs: self.runs.into(),
        });
        Ok((looked.await?, asked_for))
    }

    fn text(&self, round: &Round) -> String {
        match (&self.job, round.entries.as_slice()) {
            (Some(_), [Entry::Known { status, .. }]) => text::text(status, round.at),
            _ => table::table(&round.entries, round.at),
        }
    }

    /// One object for one job, a list for all.
    fn json(&self, round: &Round, on_one_line: bool) -> Result<String> {
        match (&self.job, round.entries.as_slice()) {
            (Some(_), [entry]) if on_one_line => to_json_line(entry),
            (Some(_), [entry]) => to_json(entry),
            (_, entries) if on_one_line => to_json_line(&entries),
            (_, entries) => to_json(&entries),
        }
    }
}

fn unknown(job: &str, error: &Error) -> Entry {
    Entry::Unknown {
        schema_version: SCHEMA_VERSION,
        job: job.to_owned(),
        state: error.kind().into(),
        error: Told::of(error),
    }
}

/// The error of the only job that has one, or one that names them all; of the kind that waits longest for a person.
fn worst(mut errors: Vec<(&str, Error)>) -> Option<Error> {
    const ORDER: [Kind; 4] = [Kind::Temporary, Kind::Usage, Kind::Refused, Kind::Failed];
    if let [(name, _)] = errors.as_slice() {
        let place = format!("job `{name}`: ");
        return errors.pop().map(|(_, error)| error.about(&place));
    }
    let kinds = || errors.iter().map(|(_, error)| error.kind());
    let kind = ORDER.into_iter().rev().find(|kind| kinds().any(|found| found == *kind))?;
    let names: Vec<&str> = errors.iter().map(|(name, _)| *name).collect();
    let (count, names) = (errors.len(), names.join(", "));
    let error = Error::new(kind, format!("{count} jobs have an error: {names}"));
    Some(error.hint("`runner status --job JOB` tells more of each"))
}

/// How far back a time is, for people.
fn ago(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    // A clock that goes before ours is no reason to tell of the future.
    let past = (now - time).to_std().unwrap_or_default();
    format!("{} ago", crate::units::duration(past))
}

/// How far a target is behind, for people; `None` if a source has never been read.
fn behind(lag_seconds: Option<i64>) -> String {
    match lag_seconds.map(|seconds| u64::try_from(seconds).unwrap_or_default()) {
        None => "-".to_owned(),
        Some(0) => "not behind".to_owned(),
        Some(seconds) => {
            format!("{} behind", crate::units::duration(Duration::from_secs(seconds)))
        }
    }
}

/// What is told of an error where there is one line for it.
fn in_a_line(told: &Told) -> String {
    let line = told.message().lines().next().unwrap_or_default();
    fail::plain(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_that_waits_longest_for_a_person_is_the_one_of_all() {
        let told = |errors: Vec<(&str, Error)>| {
            worst(errors).map(|error| (error.kind(), error.to_string()))
        };
        assert_eq!(told(Vec::new()), None);
        let one = vec![("a", Error::temporary("it is away"))];
        assert_eq!(told(one), Some((Kind::Temporary, "job `a`: it is away".to_owned())));
        let many =
            [("a", Error::temporary("")), ("b", Error::refused("")), ("c", Error::usage(""))];
        let expected = "3 jobs have an error: a, b, c".to_owned();
        assert_eq!(told(many.into()), Some((Kind::Refused, expected)));
    }

    #[test]
    fn times_are_told_in_words() {
        let now = DateTime::from_timestamp(10_000, 0).unwrap();
        let then = |seconds| ago(DateTime::from_timestamp(seconds, 0).unwrap(), now);
        assert_eq!(
            [then(9_990), then(2_500), then(10_005)],
            ["10 s ago", "2 h 5 min ago", "0 s ago"]
        );
        let lags = [None, Some(0), Some(185), Some(-3)].map(behind);
        assert_eq!(lags, ["-", "not behind", "3 min behind", "not behind"]);
    }
}
