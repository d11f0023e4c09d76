//! Tables as of moments: before a statement is planned, the sources and models that it reads so are there in a schema that is
//! named by the moment ([`transforms::sql::schema_of`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Utc;
use datafusion::catalog::TableProvider;
use datafusion::execution::context::SessionContext;
use datafusion::sql::parser::Statement;
use transforms::place::DefinitionError;
use transforms::scan::SourceTable;
use transforms::session::{CATALOG, SCHEMA};
use transforms::sql::{self, moment_of, nearest};
use transforms::staging::moment::{Moment, NoPast, Point, Timeline, Timelines, utc};

use crate::error::{Error, Result};
use crate::job::Job;
use crate::survey::SourceSurvey;
use crate::target::ledger::{EntryKind, Ledger};

/// What an explorer has looked at, so that the past can be made of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    /// The job, if there is one, as its sources reach.
    pub(super) job: Option<Job>,
    /// What is staged for its sources and for declared ones.
    pub(super) surveys: Vec<SourceSurvey>,
    /// What was applied, if the target could be asked.
    pub(super) ledger: Option<Ledger>,
}

/// Schemas that are there for one statement.
#[must_use]
pub(super) struct Schemas(Vec<String>);

/// The tables that a statement reads as of one moment.
#[derive(Debug, Default)]
struct Wanted {
    names: BTreeSet<String>,
}

/// Makes the tables that a statement reads as of moments; with `all`, its other sources and models as of that one.
///
/// # Errors
/// A moment that nothing is known of, with what there is; tables that are no sources or models, with their place.
pub(super) async fn register(
    context: &SessionContext,
    looked: &Looked,
    all: Option<&str>,
    name: &str,
    statement: &Statement,
) -> Result<Schemas> {
    let mut schemas = Schemas(Vec::new());
    for (schema, wanted) in wanted(context, looked, all, name, statement)? {
        let moment = moment_of(&schema).or(all).unwrap_or_default();
        let at_clause = |error: Error| match sql::place_of(statement, moment_of(&schema)) {
            Some((line, column)) if schema != SCHEMA => {
                error.about(&format!("{name}:{line}:{column}: "))
            }
            _ => error.about("--as-of: "),
        };
        let tables = tables(context, looked, moment, &wanted).await.map_err(at_clause)?;
        add(context, &schema, tables)?;
        if schema != SCHEMA {
            schemas.0.push(schema);
        }
    }
    Ok(schemas)
}

impl Schemas {
    /// Takes the schemas away again.
    pub(super) fn remove(self, context: &SessionContext) {
        let Some(catalog) = context.catalog(CATALOG) else { return };
        for schema in self.0 {
            // What cannot be taken away is made anew by the next statement.
            let _removed = catalog.deregister_schema(&schema, true);
        }
    }
}
