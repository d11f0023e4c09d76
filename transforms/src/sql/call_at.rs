//! Where a statement calls a function.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Spanned, visit_expressions};

use super::seek::inner;
use super::spark::answering;

/// The first call that the engine's function `name` answers: as it is written, with its line and column.
#[must_use]
pub fn call_at(statement: &Statement, name: &str) -> Option<(String, (u64, u64))> {
    let found = visit_expressions(inner(statement)?, |expr| {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let written = function.name.to_string();
        let is_answer = written.eq_ignore_ascii_case(name)
            || answering(function) == Some(name)
            || (name == "random" && written.eq_ignore_ascii_case("rand"));
        if is_answer {
            ControlFlow::Break((written, function.name.span().start))
        } else {
            ControlFlow::Continue(())
        }
    });
    let (written, start) = found.break_value()?;
    (start.line > 0).then_some((written, (start.line, start.column)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Dialect, parse_select};

    #[test]
    fn a_call_is_found_as_it_is_written() {
        for (text, name, found) in [
            ("SELECT a,\n  Rand() AS r FROM t", "random", Some(("Rand", (2, 3)))),
            ("SELECT a FROM (SELECT uuid() AS a FROM t)", "uuid", Some(("uuid", (1, 23)))),
            ("SELECT rand FROM t", "random", None),
        ] {
            let statement = parse_select(Dialect::Spark, "m.sql", text).unwrap();
            let expected = found.map(|(name, at)| (name.to_owned(), at));
            assert_eq!(call_at(&statement, name), expected, "{text}");
        }
    }
}
