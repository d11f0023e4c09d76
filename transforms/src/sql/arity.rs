//! Calls with more arguments than their functions take, which the engine tells of by types only.

use std::ops::ControlFlow;

use datafusion::execution::SessionState;
use datafusion::logical_expr_common::signature::Arity;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, FunctionArguments, Spanned, Visit, Visitor};

use super::{Dialect, seek, spark};
use crate::place::DefinitionError;

/// The first such call of a statement that cannot be planned.
pub(super) fn wrong(
    file: &str,
    statement: &Statement,
    state: &SessionState,
) -> Option<DefinitionError> {
    if Dialect::of(state) != Dialect::Spark {
        return None;
    }
    let mut calls = Calls { file, state };
    seek::inner(statement)?.visit(&mut calls).break_value()
}

struct Calls<'a> {
    file: &'a str,
    state: &'a SessionState,
}

impl Visitor for Calls<'_> {
    type Break = DefinitionError;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Self::Break> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let FunctionArguments::List(list) = &function.args else {
            return ControlFlow::Continue(());
        };
        let Some(answers) = spark::answering(function) else { return ControlFlow::Continue(()) };
        let Some(known) = self.state.scalar_functions().get(answers) else {
            return ControlFlow::Continue(());
        };
        let given = list.args.len();
        match known.signature().type_signature.arity() {
            Arity::Fixed(most) if given > most => {
                let name = function.name.to_string().to_lowercase();
                let arguments = if most == 1 { "argument" } else { "arguments" };
                let error = DefinitionError::in_file(
                    self.file,
                    format!("`{name}` takes {most} {arguments}, not {given}"),
                );
                let start = function.name.span().start;
                ControlFlow::Break(error.at(start.line, start.column))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
