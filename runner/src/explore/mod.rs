//! Ad-hoc SQL: the tables that a person sees, and the one way of a statement to its rows.
//!
//! ```text
//! tables of a job (job, target, ledger) ─┐
//! declared ones (declare), files ────────┴-> statement -> names found (lookup) -> plan -> rows (execute)
//! ```

mod applied;
mod as_of;
pub(crate) mod changes;
mod cooperative;
mod declare;
mod describe;
mod execute;
mod files;
mod information;
mod job;
mod ledger;
mod listed;
mod lookup;
mod made;
mod meant;
mod target;
mod twice;
mod words;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use datafusion::sql::parser::Statement;
use transforms::dms::DriftPolicy;
use transforms::scan::{ReadCounts, ScanLog};
use transforms::session;
use transforms::sql::{self, Dialect};

use crate::engine;
use crate::error::Result;
use crate::survey::SourceSurvey;
use as_of::{Looked, Schemas};
use files::Files;
use job::Found;
use made::Made;

pub(crate) use applied::as_applied;
pub(crate) use execute::Answer;
pub(crate) use job::{OfJob, staged};
#[cfg(test)]
pub(crate) use listed::ColumnInfo;
pub(crate) use listed::{Description, TableInfo, TableKind};
pub(crate) use made::reference;

/// What tells the time.
pub(crate) type Clock = fn() -> DateTime<Utc>;

/// What to do where there is no table.
pub(crate) const NO_TABLES: &str = "there are no tables yet: declare one with CREATE EXTERNAL TABLE, or name a folder, SELECT * FROM 'folder/'; --job JOB has those of a job";

/// Tables, and what is known of their objects, for statements one after the other.
pub(crate) struct Explorer {
    context: SessionContext,
    dialect: Dialect,
    counts: Arc<ReadCounts>,
    log: Arc<ScanLog>,
    /// What a person should know of the tables before reading them.
    notes: Vec<String>,
    job: Option<Arc<OfJob>>,
    found: Option<Found>,
    files: Arc<Files>,
    /// What statements made, in their order.
    made: Mutex<Vec<Made>>,
    /// The sources that statements declared.
    declared: Mutex<Vec<Arc<SourceSurvey>>>,
    /// The moment that all sources and models are as of.
    as_of: Option<String>,
    clock: Clock,
}

impl Explorer {
    /// Without tables, but those that statements declare.
    ///
    /// # Errors
    /// Those of building the session.
    pub(crate) fn alone(engine: &SessionState, clock: Clock) -> Result<Self> {
        let (counts, log) = (Arc::default(), Arc::default());
        let state = engine::of_run(engine, Arc::clone(&counts), Arc::clone(&log));
        let (context, files) = (session::context(&state, [])?, Files::new(&state));
        files.add_to(&context)?;
        information::add_to(&context)?;
        let (job, found, as_of) = (None, None, None);
        let (dialect, notes) = (Dialect::of(engine), Vec::new());
        let (made, declared) = (Mutex::default(), Mutex::default());
        Ok(Self {
            context,
            dialect,
            counts,
            log,
            notes,
            job,
            found,
            files,
            made,
            declared,
            as_of,
            clock,
        })
    }

    /// With the sources, models and target tables of a job.
    ///
    /// # Errors
    /// A ledger that cannot be read; staged folders that are missing, empty or cannot be read.
    pub(crate) async fn of_job(job: OfJob, clock: Clock) -> Result<Self> {
        let mut explorer = Self::alone(&job.engine, clock)?;
        explorer.job = Some(Arc::new(job));
        Box::pin(explorer.look()).await?;
        Ok(explorer)
    }

    /// Finds all tables but those that statements made.
    async fn look(&mut self) -> Result<()> {
        let Some(job) = &self.job else {
            let context = session::context(&self.context.state(), [])?;
            self.files.add_to(&context)?;
            information::add_to(&context)?;
            self.context = context;
            return Ok(());
        };
        let state = engine::of_run(&job.engine, Arc::clone(&self.counts), Arc::clone(&self.log));
        let mut notes = Vec::new();
        let found = Box::pin(job::find(job, &state, &self.log, &mut notes)).await?;
        self.files.add_to(&found.context)?;
        information::add_to(&found.context)?;
        (self.context, self.notes) = (found.context.clone(), notes);
        self.found = Some(found);
        Ok(())
    }

    /// The same after another look at what is staged, for all that was declared too; views are planned anew, and tables in memory are
    /// kept. This one stays as it is: statements that still run go on with it. [`Self::notes`] are those of the new look. Beside it is
    /// the error of a declaration or a view that does not fit any more, which is not there then.
    ///
    /// # Errors
    /// Those of [`Self::of_job`].
    pub(crate) async fn refreshed(&self) -> Result<(Self, Result<()>)> {
        let mut new = Self {
            context: self.context.clone(),
            dialect: self.dialect,
            counts: Arc::clone(&self.counts),
            log: Arc::clone(&self.log),
            notes: Vec::new(),
            job: self.job.clone(),
            found: None,
            files: Arc::clone(&self.files),
            made: Mutex::default(),
            declared: Mutex::default(),
            as_of: self.as_of.clone(),
            clock: self.clock,
        };
        Box::pin(new.look()).await?;
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut first = Ok(());
        for made in made {
            let done = new.make_again(&self.context, made).await;
            first = first.and(done);
        }
        Ok((new, first))
    }

    /// What a person should know of the tables.
    #[must_use]
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the statements since the last call should tell a person of the tables that they named.
    #[must_use]
    pub(crate) fn take_notes(&self) -> Vec<String> {
        self.files.take_notes()
    }

    /// The statements of a text; `name` is what messages call it.
    ///
    /// # Errors
    /// The first syntax error, with its line and column.
    pub(crate) fn parse(&self, name: &str, text: &str) -> Result<Vec<Statement>> {
        sql::parse(self.dialect, name, text)
            .map_err(|error| meant::reworded(self.dialect, text, error))
    }

    /// Runs a statement of a text that messages call `name`. One that has no rows answers `None`.
    ///
    /// # Errors
    /// What is wrong in the statement, with its line and column; a statement that would write; those of reading, which may
    /// come with the rows too.
    pub(crate) async fn run(&self, name: &str, statement: Statement) -> Result<Option<Answer>> {
        meant::refuse(name, &statement)?;
        let lists_nothing = meant::is_show_tables(&statement) && self.tables().is_empty();
        let past = self.look_back(name, &statement).await?;
        let answer = Box::pin(self.run_over(name, statement)).await;
        past.remove(&self.context);
        if lists_nothing {
            self.files.note(NO_TABLES.to_owned());
        }
        answer.map_err(meant::helped)
    }

    /// Runs a statement over all tables that there are.
    async fn run_over(&self, name: &str, statement: Statement) -> Result<Option<Answer>> {
        let missing = self.look_up(&statement).await?;
        self.forget_dropped(name, &statement)?;
        let made = Made::by(&statement);
        if let Some(made) = &made {
            self.check_free(name, made)?;
        }
        let answer = match statement {
            Statement::CreateExternalTable(ddl) => {
                let table = made.as_ref().map(|made| made.name.table()).unwrap_or_default();
                let stays = ddl.if_not_exists && self.context.table_exist(table)?;
                let survey = declare::external(&self.context, &self.files, name, ddl);
                let survey = Box::pin(survey).await?;
                if !stays {
                    self.declare(table, survey);
                }
                None
            }
            statement => {
                let written = statement.clone();
                let holds = self.may_widen();
                let answer = execute::execute(&self.context, &self.log, name, statement, holds);
                let answer = answer.await;
                answer.map_err(|error| self.about_missing(error, &missing, name, &written))?
            }
        };
        if let Some(made) = made {
            self.remember(made);
        }
        Ok(answer)
    }

    /// Makes tables as of the moments that a statement names.
    async fn look_back(&self, name: &str, statement: &Statement) -> Result<Schemas> {
        let declared = self.declared();
        let looked = self.looked(&declared);
        as_of::register(&self.context, looked, self.as_of.as_deref(), name, statement).await
    }

    fn looked<'a>(&'a self, declared: &'a [Arc<SourceSurvey>]) -> Looked<'a> {
        Looked { found: self.found.as_ref(), declared, now: (self.clock)() }
    }

    /// The declared sources that are still there.
    fn declared(&self) -> Vec<Arc<SourceSurvey>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |survey: &&Arc<SourceSurvey>| {
            let name = &survey.source.name;
            made.iter().any(|m| m.kind == TableKind::Declared && m.name.table() == name)
        };
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.iter().filter(is_there).cloned().collect()
    }

    /// Keeps what is staged for a declared table, which is none of an older one of its name.
    fn declare(&self, table: &str, survey: Option<SourceSurvey>) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.retain(|other| other.source.name != table);
        declared.extend(survey.map(Arc::new));
    }

    /// From now on all sources and models are as of a moment, unless a statement says another one.
    ///
    /// # Errors
    /// A moment that nothing is known of.
    pub(crate) fn set_as_of(&mut self, moment: String) -> Result<()> {
        let declared = self.declared();
        as_of::check(self.looked(&declared), &moment)?;
        if self.found.is_some() {
            let note = format!(
                "sources and models are as of {moment}; tables of the target are as they are now"
            );
            self.notes.push(note);
        }
        self.as_of = Some(moment);
        Ok(())
    }

    /// Whether objects that no run has read may be wider than their source is known to be.
    fn may_widen(&self) -> bool {
        let surveys = self.found.iter().flat_map(|found| &found.surveys);
        let may = |survey: &SourceSurvey| {
            survey.source.drift == DriftPolicy::Widen && !survey.state.pending.is_empty()
        };
        surveys.into_iter().any(may)
    }

    /// Whether statements have found objects that are wider than their source is known to be, so that after another look
    /// ([`Self::refreshed`]) they can be read.
    #[must_use]
    pub(crate) fn is_too_narrow(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.reach.clone().look(&self.log))
    }

    /// Bad rows that were set aside so far.
    #[must_use]
    pub(crate) fn rejected(&self) -> u64 {
        self.counts.rejected()
    }
}

#[cfg(test)]
mod tests;
