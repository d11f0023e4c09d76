//! Ad-hoc SQL: the tables that a person sees, and the one way of a statement to its rows.
//!
//! ```text
//! tables of a job (job), declared ones (declare) -> statement -> plan -> rows (execute)
//! ```

mod declare;
mod execute;
mod job;

use std::sync::Arc;

use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use datafusion::sql::parser::Statement;
use transforms::scan::{ReadCounts, ScanLog};
use transforms::session;
use transforms::source::FILE_TYPE;
use transforms::sql::{self, Dialect};

use crate::engine;
use crate::error::Result;

pub(crate) use execute::Answer;
pub(crate) use job::OfJob;

/// Tables, and what is known of their objects, for statements one after the other.
pub(crate) struct Explorer {
    context: SessionContext,
    dialect: Dialect,
    counts: Arc<ReadCounts>,
    log: Arc<ScanLog>,
    /// What a person should know of the tables before reading them.
    notes: Vec<String>,
}

impl Explorer {
    /// Without tables, but those that statements declare.
    ///
    /// # Errors
    /// Those of building the session.
    pub(crate) fn alone(engine: &SessionState) -> Result<Self> {
        let (counts, log) = (Arc::default(), Arc::default());
        let state = engine::of_run(engine, Arc::clone(&counts), Arc::clone(&log));
        let context = session::context(&state, [])?;
        Ok(Self { context, dialect: Dialect::of(engine), counts, log, notes: Vec::new() })
    }

    /// With the sources, models and target tables of a job.
    ///
    /// # Errors
    /// A ledger that cannot be read; staged folders that are missing, empty or cannot be read.
    pub(crate) async fn of_job(job: OfJob<'_>) -> Result<Self> {
        let (counts, log) = (Arc::default(), Arc::default());
        let state = engine::of_run(job.engine, Arc::clone(&counts), Arc::clone(&log));
        let mut notes = Vec::new();
        let context = job::context(&job, &state, &mut notes).await?;
        Ok(Self { context, dialect: Dialect::of(job.engine), counts, log, notes })
    }

    /// What a person should know of the tables.
    #[must_use]
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The statements of a text; `name` is what messages call it.
    ///
    /// # Errors
    /// The first syntax error, with its line and column.
    pub(crate) fn parse(&self, name: &str, text: &str) -> Result<Vec<Statement>> {
        Ok(sql::parse(self.dialect, name, text)?)
    }

    /// Runs a statement of a text that messages call `name`. One that has no rows answers `None`.
    ///
    /// # Errors
    /// What is wrong in the statement, with its line and column; a statement that would write; those of reading, which may
    /// come with the rows too.
    pub(crate) async fn run(&self, name: &str, statement: Statement) -> Result<Option<Answer>> {
        match statement {
            Statement::CreateExternalTable(ddl)
                if ddl.file_type.eq_ignore_ascii_case(FILE_TYPE) =>
            {
                declare::staged(&self.context, name, ddl).await?;
                Ok(None)
            }
            statement => execute::execute(&self.context, &self.log, name, statement).await,
        }
    }

    /// Bad rows that were set aside so far.
    #[must_use]
    pub(crate) fn rejected(&self) -> u64 {
        self.counts.rejected()
    }
}
