//! LIMIT and what other databases write for it.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, LimitClause, Query, Select, Spanned, UnaryOperator, Value, Visit,
    Visitor, visit_expressions,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::seek::inner;
use crate::place::DefinitionError;

/// Refuses a LIMIT that is no number, and FETCH and TOP.
///
/// # Errors
/// The first of them, at its place.
pub(super) fn check(file: &str, statement: &Statement) -> Result<(), DefinitionError> {
    let found = inner(statement).and_then(|inner| inner.visit(&mut Limits { file }).break_value());
    found.map_or(Ok(()), |error| Err(*error))
}

struct Limits<'a> {
    file: &'a str,
}

impl Limits<'_> {
    fn error(&self, span: Span, message: String, help: &str) -> Box<DefinitionError> {
        let error = DefinitionError::in_file(self.file, message).help(help);
        let start = span.start;
        Box::new(if start.line > 0 { error.at(start.line, start.column) } else { error })
    }

    fn check(&self, clause: &str, value: &Expr) -> ControlFlow<Box<DefinitionError>> {
        let is_query = visit_expressions(value, |expr| match expr {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        })
        .is_break();
        if is_query {
            return ControlFlow::Break(self.error(
                value.span(),
                format!("{clause} takes a number, not a subquery"),
                "write the number; or filter by row_number() OVER (ORDER BY …) in a subquery, which may be compared with one",
            ));
        }
        let is_column = visit_expressions(value, |expr| match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .is_break();
        if is_column {
            return ControlFlow::Break(self.error(
                value.span(),
                format!("{clause} takes a number, and `{value}` is a column"),
                "to keep some rows of each group, filter by row_number() OVER (PARTITION BY … ORDER BY …) in a subquery",
            ));
        }
        if whole(value).is_some_and(|value| value < 0) {
            let help = match clause {
                "LIMIT" => "write how many rows there may be, or LIMIT ALL",
                _ => "write how many rows are left out",
            };
            return ControlFlow::Break(self.error(
                value.span(),
                format!("{clause} cannot be {value}"),
                help,
            ));
        }
        ControlFlow::Continue(())
    }
}

/// What an expression of whole numbers is, if it is small and one.
fn whole(value: &Expr) -> Option<i64> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        Expr::Nested(inner) => whole(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => whole(expr)?.checked_neg(),
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } => whole(expr),
        Expr::BinaryOp { left, op, right } => {
            let (left, right) = (whole(left)?, whole(right)?);
            match op {
                BinaryOperator::Plus => left.checked_add(right),
                BinaryOperator::Minus => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}

impl Visitor for Limits<'_> {
    type Break = Box<DefinitionError>;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        if let Some(fetch) = &query.fetch {
            let count = fetch.quantity.as_ref().map_or_else(|| "1".to_owned(), ToString::to_string);
            let span = fetch.quantity.as_ref().map_or_else(Span::empty, Spanned::span);
            let help = format!("write LIMIT {count} at the end");
            return ControlFlow::Break(self.error(
                span,
                "FETCH is not supported".to_owned(),
                &help,
            ));
        }
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                if let Some(limit) = limit {
                    self.check("LIMIT", limit)?;
                }
                match offset {
                    Some(offset) => self.check("OFFSET", &offset.value),
                    None => ControlFlow::Continue(()),
                }
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                self.check("LIMIT", limit)?;
                self.check("OFFSET", offset)
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        match &select.top {
            Some(top) => {
                let count = top.to_string();
                let help = format!("write LIMIT{} at the end", count.trim_start_matches("TOP"));
                let span = select.select_token.0.span;
                ControlFlow::Break(self.error(span, "TOP is not supported".to_owned(), &help))
            }
            None => ControlFlow::Continue(()),
        }
    }
}
