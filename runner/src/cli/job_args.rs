//! The options that all commands on a job share.

use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use datafusion::execution::SessionState;

use super::app::App;
use super::fail;
use super::glue_args::{self, GlueArg};
use crate::engine;
use crate::error::{Error, Result};
use crate::job::vars::is_name;
use crate::job::{Job, JobFolder, JobName, JobText, JobsLocation, variables};
use crate::target::Target;
use crate::target::opening::Opening;

/// Which job, and where.
#[derive(Debug, Clone, Args)]
pub(super) struct JobArgs {
    /// The folder that holds the jobs' folders; may be s3://bucket/prefix. Default: the variable UNGLUE_JOBS, else sql
    #[arg(long, value_name = "DIR")]
    jobs: Option<String>,
    /// A value for ${NAME} in the job's files, before the environment's
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(super) vars: Vec<String>,
    /// The target, before the job's own: mysql://user:password@host:3306/db, secretsmanager://NAME or sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(super) target: Option<String>,
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

impl JobArgs {
    /// Loads and checks a job, and begins to connect to its target; nothing but the job's folder is read.
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
        let name: JobName = name.parse().map_err(|error| Error::usage("--job").source(error))?;
        let vars = self.variables()?;
        let used = Mutex::new(Vec::new());
        let lookup = |wanted: &str| {
            let given = vars.iter().rev().find(|(name, _)| name == wanted);
            let value = given
                .map(|(_, value)| value.clone())
                .or_else(|| glue_args::variable(glue, wanted).map(str::to_owned))
                .or_else(|| app.variable(wanted))?;
            let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
            used.push((wanted.to_owned(), value.clone()));
            Some(value)
        };
        let naming = |error: Error| {
            error.naming_variables(&used.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let folder = JobsLocation::parse(&app.jobs(self.jobs.as_ref()))?.open(&name)?;
        let files = folder.files().await?;
        let asked_for = variables(&files);
        // Before a variable is missed that was given under another name.
        glue_args::check(glue, command, &|name| asked_for.contains(name))?;
        let text = JobText::of(&folder, files, &lookup).map_err(naming)?;
        let url = match &self.target {
            Some(url) => Ok(url.clone()),
            None => text.target(&lookup).map(|of_job| {
                of_job.or_else(|| lookup("TARGET")).unwrap_or_else(|| format!("sqlite:{name}.db"))
            }),
        };
        let target = url.map(|url| Opening::begin(url, &app.environment));
        let engine = engine::engine(text.dialect(), app.cores, app.memory_bytes)?;
        let job = text.check(&engine).await.map_err(naming)?;
        // A job that is wrong is told before a target that is.
        Ok(Opened { job, folder, engine, target: target?.into() })
    }

    fn variables(&self) -> Result<Vec<(String, String)>> {
        self.vars
            .iter()
            .map(|var| match var.split_once('=') {
                Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
                _ => Err(Error::usage("--var takes NAME=VALUE")
                    .hint("NAME is made of letters, digits and `_`")),
            })
            .collect()
    }
}
