//! Parameters, which clients of databases put values in for. There are none here, where nobody gives the values.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Value, visit_expressions};

use super::seek::inner;
use crate::place::DefinitionError;

/// What is told of each; messages begin with its name.
const THERE_ARE_NONE: &str = "is a parameter, and there are no parameters";

/// Whether an error is that a statement has a parameter.
#[must_use]
pub fn is_of_parameter(error: &str) -> bool {
    error.ends_with(THERE_ARE_NONE)
}

/// Refuses `?`, `$1`, `:name` and `@name`: else they would only be missed when rows are computed.
///
/// # Errors
/// The first of them, at its place.
pub(super) fn check(file: &str, statement: &Statement) -> Result<(), DefinitionError> {
    let Some(inner) = inner(statement) else { return Ok(()) };
    let found = visit_expressions(inner, |expr| match expr {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => ControlFlow::Break((name.clone(), value.span.start)),
            _ => ControlFlow::Continue(()),
        },
        _ => ControlFlow::Continue(()),
    });
    let ControlFlow::Break((name, start)) = found else { return Ok(()) };
    let error = DefinitionError::in_file(file, format!("`{name}` {THERE_ARE_NONE}"))
        .help("write ${NAME}, and give its value with --var NAME=…");
    Err(if start.line > 0 { error.at(start.line, start.column) } else { error })
}
