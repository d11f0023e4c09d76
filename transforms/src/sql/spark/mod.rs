//! What Spark SQL has and DataFusion's planner lacks or takes for something else, rewritten in the syntax tree.
//!
//! What depends on the types of values is done later: operators when they are planned ([`crate::planner`]), casts and functions when they
//! run ([`crate::functions`]).

mod calls;
mod generators;
mod groups;
mod like;
mod names;
mod resolve;
mod syntax;
mod tables;
mod times;

pub(crate) use calls::taken;
pub(super) use calls::{answering, parameters};
pub(crate) use like::{ilike, like};

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Query, Select, TableFactor, VisitMut, VisitorMut};

use super::sample;
use crate::place::DefinitionError;
pub(crate) use names::column as column_name;
pub(super) use names::name_columns;
pub(super) use resolve::{NAMES_MAX, correct};
pub(super) use times::also_taken;

/// Rewrites a statement in place.
///
/// # Errors
/// Functions of Spark that are not there, with their place.
pub(super) fn rewrite(file: &str, statement: &mut Statement) -> Result<(), DefinitionError> {
    let Statement::Statement(inner) = statement else { return Ok(()) };
    match inner.visit(&mut Rewriter { file }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Rewriter<'a> {
    file: &'a str,
}

impl VisitorMut for Rewriter<'_> {
    type Break = Box<DefinitionError>;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        broken(tables::name_set_operations(self.file, query))
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Self::Break> {
        generators::as_table(table);
        tables::name_columns(table);
        broken(sample::check(self.file, table))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        // Names are told by what was written, so before anything in it is rewritten.
        generators::as_tables(select);
        names::name_columns(select);
        groups::expand(select);
        syntax::ignore_distribution(select);
        broken(tables::name_joins(self.file, select))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        syntax::as_calls(expr);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        let answered = times::rewrite(self.file, expr);
        broken(answered.and_then(|()| calls::answer(self.file, expr)))
    }
}

fn broken(done: Result<(), DefinitionError>) -> ControlFlow<Box<DefinitionError>> {
    match done {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(Box::new(error)),
    }
}
