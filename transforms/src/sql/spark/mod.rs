//! What Spark SQL has and DataFusion's planner lacks or takes for something else, rewritten in the syntax tree.
//!
//! What depends on the types of values is done later: operators when they are planned ([`crate::planner`]), casts and functions when they
//! run ([`crate::functions`]).

mod calls;
mod names;
mod syntax;
mod times;

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Select, VisitMut, VisitorMut};

use crate::place::DefinitionError;

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

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        // Names are told by what was written, so before anything in it is rewritten.
        names::name_columns(select);
        syntax::ignore_distribution(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        syntax::as_calls(expr);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        let answered =
            times::rewrite(self.file, expr).and_then(|()| calls::answer(self.file, expr));
        match answered {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(Box::new(error)),
        }
    }
}
