//! The options that all commands on a job share.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, ValueEnum};
use datafusion::execution::SessionState;
use transforms::sql::nearest;

use super::app::App;
use super::fail;
use super::glue_args::{self, GlueArg};
use crate::error::{Error, Result};
use crate::job::config;
use crate::job::vars::is_name;
use crate::job::{Job, JobFolder, JobName, JobText, JobsLocation};
use crate::target::opening::Opening;
use crate::target::{Target, url};

/// The variable that a target is taken from where the job names none.
const TARGET: &str = "TARGET";

/// Where the jobs are, and what their variables stand for.
#[derive(Debug, Clone, Args)]
pub(super) struct JobsArgs {
    /// The folder that holds the jobs' folders; may be s3://bucket/prefix. Default: the variable UNGLUE_JOBS, else sql
    #[arg(long, value_name = "DIR")]
    jobs: Option<String>,
    /// A value for ${NAME} in the job's files, before the environment's; may be repeated
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(super) vars: Vec<String>,
}

/// The options of a command on one job, beside its name.
#[derive(Debug, Clone, Args)]
pub(super) struct JobArgs {
    #[command(flatten)]
    pub(super) jobs: JobsArgs,
    /// The target, before the job's own: mysql://user:password@host:3306/db, secretsmanager://NAME or sqlite:PATH. Default:
    /// `target` of job.toml, else the variable TARGET, else sqlite:JOB.db
    #[arg(long, value_name = "URL")]
    pub(super) target: Option<String>,
}

/// As of when a command that shows rows looks at what is staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AsOf {
    /// Without what is not applied yet: what the target's tables follow from
    Applied,
}

/// The variables of a job's files: those of `--var`, else of AWS Glue's arguments, else of the environment, else of the file of
/// defaults.
struct Variables<'a> {
    given: Vec<(String, String)>,
    glue: &'a [GlueArg],
    app: &'a App,
    /// Those that were looked up, with their values.
    used: Mutex<Vec<(String, String)>>,
}

/// A job that is ready to be worked on.
pub(super) struct Opened {
    pub(super) job: Job,
    pub(super) folder: JobFolder,
    pub(super) engine: SessionState,
    target: tokio::sync::Mutex<Opening>,
}

impl Opened {
    /// Tells what in the job's models means nothing here.
    pub(super) fn tell_notes(&self) {
        for model in self.job.models.iter() {
            for note in &model.notes {
                fail::note(&format!("{}: {note}", model.file));
            }
        }
    }

    /// The target, connected. To be asked once.
    pub(super) async fn target(&self) -> Result<Arc<dyn Target>> {
        self.target.lock().await.opened().await
    }
}

impl JobsArgs {
    /// The folder of the jobs' folders.
    pub(super) fn location(&self, app: &App) -> Result<JobsLocation> {
        JobsLocation::parse(&app.jobs(self.jobs.as_ref()))
    }

    /// Reads and checks a job; its target is not looked at, and its variables need no values. Adds the names of its variables.
    pub(super) async fn load(
        &self,
        folder: &JobFolder,
        app: &App,
        asked_for: &mut BTreeSet<String>,
    ) -> Result<Job> {
        let variables = self.variables(&[], app)?;
        let files = folder.files().await?;
        asked_for.extend(crate::job::variables(&files));
        let text = JobText::of(folder, files, &|name| variables.value(name));
        let text = text.map_err(|error| variables.naming(error))?;
        Ok(Box::pin(variables.check(text)).await?.1)
    }

    /// The same, with all that is wrong: the first of each declaration and of each model.
    pub(super) async fn examine(
        &self,
        folder: &JobFolder,
        app: &App,
        asked_for: &mut BTreeSet<String>,
    ) -> std::result::Result<(Job, Option<String>), Vec<Error>> {
        let one = |error: Error| vec![error];
        let variables = self.variables(&[], app).map_err(one)?;
        let lookup = |name: &str| variables.value(name);
        let files = folder.files().await.map_err(one)?;
        asked_for.extend(crate::job::variables(&files));
        let naming = |errors: Vec<Error>| -> Vec<Error> {
            errors.into_iter().map(|error| variables.naming(error)).collect()
        };
        let text = JobText::of_each(folder, files, &lookup).map_err(naming)?;
        let engine = app.engine(text.dialect()).map_err(one)?;
        let (wrong, note) = match text.target(&lookup) {
            Ok(url) => (url.and_then(|url| url::check(&url).err()), None),
            // Where jobs are only checked, nobody may know the login.
            Err(missing) => (None, Some(missing)),
        };
        let wrong = wrong.map(|error| error.about(&format!("{}: ", config::FILE)));
        let checked = Box::pin(text.check_each(&engine)).await;
        match (checked, wrong) {
            (Ok(job), None) => Ok((job, note.map(|missing| needed(&missing)))),
            (Ok(_), Some(wrong)) => Err(naming(vec![wrong])),
            (Err(mut errors), wrong) => {
                errors.extend(wrong);
                Err(naming(errors))
            }
        }
    }

    /// Notes each `--var` that no file asks for: its name may be written wrong.
    pub(super) fn note_unused(&self, asked_for: &BTreeSet<String>) {
        let given = self.vars.iter().filter_map(|var| Some(var.split_once('=')?.0));
        for name in given.filter(|name| *name != TARGET && !asked_for.contains(*name)) {
            let next = match nearest(name, asked_for.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {near}?"),
                None if asked_for.is_empty() => "there is no variable in them".to_owned(),
                None => {
                    let names: Vec<&str> = asked_for.iter().map(String::as_str).collect();
                    format!("they have {}", names.join(", "))
                }
            };
            fail::note(&format!("--var {name}: the job's files do not use it; {next}"));
        }
    }

    fn variables<'a>(&self, glue: &'a [GlueArg], app: &'a App) -> Result<Variables<'a>> {
        let given = self.vars.iter().map(|var| match var.split_once('=') {
            Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
            _ => Err(Error::usage("--var takes NAME=VALUE")
                .hint("NAME is made of letters, digits and `_`")),
        });
        Ok(Variables { given: given.collect::<Result<_>>()?, glue, app, used: Mutex::default() })
    }
}

impl Variables<'_> {
    fn value(&self, wanted: &str) -> Option<String> {
        let given = self.given.iter().rev().find(|(name, _)| name == wanted);
        let value = given
            .map(|(_, value)| value.clone())
            .or_else(|| glue_args::variable(self.glue, wanted).map(str::to_owned))
            .or_else(|| self.app.variable(wanted))
            .or_else(|| self.app.vars.get(wanted).cloned())?;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.push((wanted.to_owned(), value.clone()));
        Some(value)
    }

    /// An error that quotes no value.
    fn naming(&self, error: Error) -> Error {
        error.naming_variables(&self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn check(&self, text: JobText<'_>) -> Result<(SessionState, Job)> {
        let engine = self.app.engine(text.dialect())?;
        let job = text.check(&engine).await.map_err(|error| self.naming(error))?;
        Ok((engine, job))
    }
}

impl JobArgs {
    /// Loads and checks a job, and begins to connect to its target; nothing but the job's folder is read. Variables that are not used
    /// are noted.
    pub(super) async fn open(&self, name: &str, app: &App) -> Result<Opened> {
        self.open_with(name, app, &[], "").await
    }

    /// The same with the arguments that a job of Glue gets, which `command` was given. What the files do not ask for is refused.
    pub(super) async fn open_with(
        &self,
        name: &str,
        app: &App,
        glue: &[GlueArg],
        command: &str,
    ) -> Result<Opened> {
        let (opened, asked_for) = Box::pin(self.open_one(name, app, glue, command)).await?;
        self.jobs.note_unused(&asked_for);
        Ok(opened)
    }

    /// The same as one of several jobs, of which each may use others of the variables; answers the names of its own.
    pub(super) async fn open_one(
        &self,
        name: &str,
        app: &App,
        glue: &[GlueArg],
        command: &str,
    ) -> Result<(Opened, BTreeSet<String>)> {
        let name = job_name(name)?;
        let variables = self.jobs.variables(glue, app)?;
        let lookup = |name: &str| variables.value(name);
        let folder = self.jobs.location(app)?.open(&name)?;
        let files = folder.files().await?;
        let asked_for = crate::job::variables(&files);
        // Before a variable is missed that was given under another name.
        glue_args::check(glue, command, &|name| asked_for.contains(name))?;
        let text = JobText::of(&folder, files, &lookup);
        let text = text.map_err(|error| variables.naming(error))?;
        let url = match &self.target {
            Some(url) => Ok(url.clone()),
            None => text.target(&lookup).map(|of_job| {
                of_job.or_else(|| lookup(TARGET)).unwrap_or_else(|| format!("sqlite:{name}.db"))
            }),
        };
        let target = url.map(|url| Opening::begin(url, &app.environment));
        let (engine, job) = Box::pin(variables.check(text)).await?;
        // A job that is wrong is told before a target that is.
        Ok((Opened { job, folder, engine, target: target?.into() }, asked_for))
    }
}

/// A variable of the target that has no value, which matters to those who write or look there.
fn needed(missing: &Error) -> String {
    let next = missing.next_step().map(|next| format!("; {next}")).unwrap_or_default();
    format!("{missing}, and `runner run` and `plan` need it{next}")
}

/// The value of `--job`.
///
/// # Errors
/// Kind `Usage` for what is no name of a folder.
pub(super) fn job_name(text: &str) -> Result<JobName> {
    text.parse().map_err(|error| {
        Error::usage(format!("--job is no name of a job: {error}"))
            .hint("--job is the name of the job's folder, --jobs the folder that it is in")
    })
}
