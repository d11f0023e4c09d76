//! What statements made: views, tables in memory and declarations, which outlive a look at what is staged.

use std::sync::PoisonError;

use datafusion::common::TableReference;
use datafusion::execution::context::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;

use super::Explorer;
use super::listed::{TableInfo, TableKind};
use crate::error::{Error, Result};
use transforms::session;

/// Something that a statement made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) name: TableReference,
    pub(super) kind: TableKind,
    pub(super) statement: Statement,
    /// Whether there may be one of its name already.
    may_be_there: bool,
}

impl Made {
    /// What a statement makes, if it makes something.
    pub(super) fn by(statement: &Statement) -> Option<Self> {
        let (name, kind, may_be_there) = match statement {
            Statement::CreateExternalTable(ddl) => {
                (&ddl.name, TableKind::Declared, ddl.or_replace || ddl.if_not_exists)
            }
            Statement::Statement(inner) => match inner.as_ref() {
                ast::Statement::CreateView(view) => {
                    (&view.name, TableKind::View, view.or_replace || view.if_not_exists)
                }
                ast::Statement::CreateTable(table) => {
                    (&table.name, TableKind::Memory, table.or_replace || table.if_not_exists)
                }
                _ => return None,
            },
            _ => return None,
        };
        let statement = statement.clone();
        Some(Self { name: reference(name), kind, statement, may_be_there })
    }

    /// As it is listed.
    pub(super) fn info(&self) -> TableInfo {
        TableInfo {
            schema: self.name.schema().unwrap_or(session::SCHEMA).to_owned(),
            name: self.name.table().to_owned(),
            kind: self.kind,
        }
    }
}

/// What a statement drops, and whether it says that it may not be there.
fn dropped(statement: &Statement) -> (Vec<TableReference>, bool) {
    match statement {
        Statement::Statement(inner) => match inner.as_ref() {
            ast::Statement::Drop { names, if_exists, .. } => {
                (names.iter().map(reference).collect(), *if_exists)
            }
            _ => (Vec::new(), false),
        },
        _ => (Vec::new(), false),
    }
}

/// A name as the planner takes it: what is not quoted is in lower case.
pub(crate) fn reference(name: &ast::ObjectName) -> TableReference {
    let parts = name.0.iter().filter_map(|part| part.as_ident());
    let mut parts = parts.map(|ident| match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    });
    match (parts.next(), parts.next(), parts.next()) {
        (Some(table), None, _) => TableReference::bare(table),
        (Some(schema), Some(table), None) => TableReference::partial(schema, table),
        (Some(catalog), Some(schema), Some(table)) => TableReference::full(catalog, schema, table),
        _ => TableReference::bare(name.to_string()),
    }
}

impl Explorer {
    /// Checks that a name is free for what a statement makes.
    ///
    /// # Errors
    /// Kind `Usage` if it is not.
    pub(super) fn check_free(&self, file: &str, made: &Made) -> Result<()> {
        let is_known = self.context.table_exist(made.name.clone()).unwrap_or(false);
        if !is_known || made.may_be_there {
            return Ok(());
        }
        Err(Error::usage(format!("{file}: there is a table `{}` already", made.name))
            .hint("give it another name, or write CREATE OR REPLACE"))
    }

    /// Keeps what a statement made, in place of an older one of the name.
    pub(super) fn remember(&self, made: Made) {
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| other.name != made.name);
        all.push(made);
    }

    /// Checks that a statement drops nothing but what statements made, and forgets that.
    ///
    /// # Errors
    /// Kind `Usage` for another table, and for one that is not there.
    pub(super) fn forget_dropped(&self, file: &str, statement: &Statement) -> Result<()> {
        let (dropped, may_be_missing) = dropped(statement);
        let is_there = |name: &TableReference| {
            let mut made = self.tables().into_iter();
            made.any(|table| table.name == name.table())
                || self.context.table_exist(name.clone()).unwrap_or(false)
        };
        if !may_be_missing && let Some(missing) = dropped.iter().find(|name| !is_there(name)) {
            return Err(self.unknown(&missing.to_string()).about(&format!("{file}: ")));
        }
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let is_made = |name: &&TableReference| all.iter().any(|made| made.name == **name);
        let is_other = |name: &&TableReference| {
            !is_made(name) && self.context.table_exist((*name).clone()).unwrap_or(false)
        };
        if let Some(other) = dropped.iter().find(is_other) {
            return Err(Error::usage(format!("{file}: `{other}` was not made here, and stays"))
                .hint("DROP takes away what CREATE VIEW, CREATE TABLE and CREATE EXTERNAL TABLE made in this call or shell"));
        }
        all.retain(|made| !dropped.contains(&made.name));
        Ok(())
    }

    /// Makes something again in the present context; rows in memory are taken over from the one before.
    pub(super) async fn make_again(&self, before: &SessionContext, made: Made) -> Result<()> {
        if made.kind == TableKind::Memory {
            let table = before.table_provider(made.name.clone()).await?;
            let _previous = self.context.register_table(made.name.clone(), table)?;
            self.remember(made);
            return Ok(());
        }
        let name = made.name.to_string();
        let _no_rows = Box::pin(self.run(&name, made.statement)).await?;
        Ok(())
    }
}
