//! Calls with more or fewer arguments than their functions take, which the engine tells of by types only.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::execution::SessionState;
use datafusion::logical_expr_common::signature::{Arity, TypeSignature};
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
        // The parser has a syntax for it, without which it would be a call as others are.
        if let Expr::Substring { expr, substring_from: None, shorthand, .. } = expr {
            let name = if *shorthand { "substr" } else { "substring" };
            let message = format!("`{name}` takes 2 or 3 arguments, not 1");
            let start = expr.span().start;
            let error = DefinitionError::in_file(self.file, message);
            return ControlFlow::Break(error.at(start.line, start.column));
        }
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let FunctionArguments::List(list) = &function.args else {
            return ControlFlow::Continue(());
        };
        let Some(answers) = spark::answering(function) else { return ControlFlow::Continue(()) };
        let Some(known) = self.state.scalar_functions().get(answers) else {
            return ControlFlow::Continue(());
        };
        let given = list.args.len();
        let name = function.name.to_string().to_lowercase();
        let Some(mut taken) = counts(&known.signature().type_signature) else {
            return ControlFlow::Continue(());
        };
        taken.extend(spark::also_taken(&name));
        if taken.contains(&given) {
            return ControlFlow::Continue(());
        }
        let told: Vec<String> = taken.iter().map(ToString::to_string).collect();
        let arguments = if taken.last() == Some(&1) { "argument" } else { "arguments" };
        let message = format!("`{name}` takes {} {arguments}, not {given}", told.join(" or "));
        let start = function.name.span().start;
        ControlFlow::Break(
            DefinitionError::in_file(self.file, message).at(start.line, start.column),
        )
    }
}

/// How many arguments a function takes; `None` if any number.
fn counts(signature: &TypeSignature) -> Option<BTreeSet<usize>> {
    match signature {
        TypeSignature::OneOf(variants) => {
            let each: Option<Vec<_>> = variants.iter().map(counts).collect();
            Some(each?.into_iter().flatten().collect())
        }
        other => match other.arity() {
            Arity::Fixed(count) => Some(BTreeSet::from([count])),
            Arity::Variable => None,
        },
    }
}
