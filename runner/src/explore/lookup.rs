//! The tables that a statement names, looked at before it is planned: what is wrong with one is told as what it is.

use datafusion::common::TableReference;
use datafusion::sql::parser::Statement;
use transforms::place::Place;
use transforms::sql::relation_at;

use super::Explorer;
use super::made::Made;
use crate::error::{Error, Kind, Result};

impl Explorer {
    /// Opens what a statement names: files, tables of the target. Answers the names that are none.
    ///
    /// # Errors
    /// Those of looking at files and tables.
    pub(super) async fn look_up(&self, statement: &Statement) -> Result<Vec<TableReference>> {
        if let Some(found) = &self.found {
            found.target.forget();
        }
        self.files.forget();
        let state = self.context.state();
        // What cannot be told apart here is told by the planner.
        let named = state.resolve_table_references(statement).unwrap_or_default();
        let made = Made::by(statement).map(|made| made.name);
        let mut missing = Vec::new();
        for reference in named.into_iter().filter(|name| made.as_ref() != Some(name)) {
            let table = match state.schema_for_ref(reference.clone()) {
                Ok(schema) => schema.table(reference.table()).await?,
                Err(_) => None,
            };
            if table.is_none() {
                missing.push(reference);
            }
        }
        Ok(missing)
    }

    /// An error of planning, which is about a name that is no table if there is one.
    pub(super) fn about_missing(
        &self,
        error: Error,
        missing: &[TableReference],
        file: &str,
        statement: &Statement,
    ) -> Error {
        let is_about = error.kind() == Kind::Usage && error.to_string().contains("not found");
        let Some(reference) = missing.first().filter(|_| is_about) else { return error };
        let at = relation_at(statement, reference.table());
        let place = Place { file: file.to_owned(), at };
        self.unknown(&reference.to_string()).about(&format!("{place}: "))
    }
}
