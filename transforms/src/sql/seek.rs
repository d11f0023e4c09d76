//! Where in a statement something stands that a message names.

use std::ops::ControlFlow;

use datafusion::sql::parser::{ExplainStatement, Statement};
use datafusion::sql::sqlparser::ast::{
    DataType, Expr, Function, Ident, JoinConstraint, JoinOperator, ObjectName, OrderByKind, Query,
    Select, SelectItem, Spanned, Value, Visit, Visitor, visit_expressions,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::spark::parameters;
use crate::place::DefinitionError;

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A column, without its table.
    Column(String),
    /// A field of a structure, as `column.field`.
    Field(String),
    /// A function.
    Function(String),
    /// A type.
    Type(String),
    /// A number in ORDER BY or GROUP BY.
    Number(String),
    /// An argument where this type is taken.
    Taking(String),
    /// `*` in SELECT.
    Star,
    /// The condition of WHERE.
    Where,
}

/// Line and column of a subject, if it is in a statement once.
pub(super) fn place(statement: &Statement, subject: &Subject) -> Option<(u64, u64)> {
    let mut finder = Finder { subject, found: Vec::new() };
    let _all_visited = inner(statement)?.visit(&mut finder);
    match finder.found.as_slice() {
        [one] if one.start.line > 0 => Some((one.start.line, one.start.column)),
        _ => None,
    }
}

/// Whether a part of a statement begins at a place that has a text in it.
pub(super) fn is_at(statement: &Statement, place: (u64, u64), text: &str) -> bool {
    let is_one = |expr: &Expr| {
        let start = expr.span().start;
        (start.line, start.column) == place && expr.to_string().contains(text)
    };
    inner(statement).is_some_and(|inner| {
        visit_expressions(inner, |expr| match is_one(expr) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
        .is_break()
    })
}

/// The statement that the SQL parser knows, if it is one.
pub(super) fn inner(statement: &Statement) -> Option<&datafusion::sql::sqlparser::ast::Statement> {
    match statement {
        Statement::Statement(inner) => Some(inner),
        Statement::Explain(ExplainStatement { statement, .. }) => inner(statement),
        _ => None,
    }
}

/// Line and column of the second column of a name in the select list of a statement, or of the `*` that gives one of them.
pub(super) fn second(statement: &Statement, name: &str) -> Option<(u64, u64)> {
    use datafusion::sql::sqlparser::ast::{SetExpr, Statement as Inner};
    let Inner::Query(query) = inner(statement)? else { return None };
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let is_named = |ident: &Ident| ident.value.eq_ignore_ascii_case(name);
    let spans = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(Expr::Identifier(ident)) if is_named(ident) => Some(ident.span),
        SelectItem::UnnamedExpr(expr @ Expr::CompoundIdentifier(parts)) => {
            parts.last().is_some_and(is_named).then(|| expr.span())
        }
        SelectItem::ExprWithAlias { alias, .. } if is_named(alias) => Some(alias.span),
        _ => None,
    };
    let of_star = |item: &SelectItem| match item {
        SelectItem::Wildcard(star) => Some(star.wildcard_token.0.span),
        SelectItem::QualifiedWildcard(name, _) => Some(name.span()),
        _ => None,
    };
    let named: Vec<Span> = select.projection.iter().filter_map(spans).collect();
    let found = match named.as_slice() {
        [_, second, ..] => Some(*second),
        few => {
            let star = select.projection.iter().find_map(of_star);
            few.first().copied().or(star)
        }
    };
    found.filter(|span| span.start.line > 0).map(|span| (span.start.line, span.start.column))
}

struct Finder<'a> {
    subject: &'a Subject,
    found: Vec<Span>,
}

impl Finder<'_> {
    fn add(&mut self, span: Span) {
        self.found.push(span);
    }

    fn named(&mut self, name: &ObjectName, wanted: &str) {
        let ident = name.0.last().and_then(|part| part.as_ident());
        if ident.is_some_and(|ident| ident.value.eq_ignore_ascii_case(wanted)) {
            self.add(name.span());
        }
    }

    /// The arguments of a call that take a type.
    fn taking(&mut self, function: &Function, wanted: &str) {
        for (argument, takes) in parameters(function) {
            if takes == wanted {
                self.add(argument.span());
            }
        }
    }

    fn number(&mut self, expr: &Expr, wanted: &str) {
        if let Expr::Value(value) = expr
            && matches!(&value.value, Value::Number(number, _) if *number == *wanted)
        {
            self.add(value.span);
        }
    }
}

impl Visitor for Finder<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let Subject::Number(number) = self.subject
            && let Some(order) = &query.order_by
            && let OrderByKind::Expressions(expressions) = &order.kind
        {
            expressions.iter().for_each(|order| self.number(&order.expr, number));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        match self.subject {
            Subject::Star => {
                for item in &select.projection {
                    match item {
                        SelectItem::Wildcard(star) => self.add(star.wildcard_token.0.span),
                        SelectItem::QualifiedWildcard(name, _) => self.add(name.span()),
                        _ => {}
                    }
                }
            }
            Subject::Where => {
                select.selection.iter().for_each(|condition| self.add(condition.span()));
            }
            Subject::Number(number) => {
                use datafusion::sql::sqlparser::ast::GroupByExpr;
                if let GroupByExpr::Expressions(expressions, _) = &select.group_by {
                    expressions.iter().for_each(|expr| self.number(expr, number));
                }
            }
            Subject::Column(wanted) => {
                let joins = select.from.iter().flat_map(|from| &from.joins);
                for join in joins {
                    let (JoinOperator::Join(constraint)
                    | JoinOperator::Inner(constraint)
                    | JoinOperator::Left(constraint)
                    | JoinOperator::LeftOuter(constraint)
                    | JoinOperator::Right(constraint)
                    | JoinOperator::RightOuter(constraint)
                    | JoinOperator::FullOuter(constraint)) = &join.join_operator
                    else {
                        continue;
                    };
                    if let JoinConstraint::Using(names) = constraint {
                        names.iter().for_each(|name| self.named(name, wanted));
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match (self.subject, expr) {
            (Subject::Column(wanted), Expr::Identifier(ident))
                if ident.value.eq_ignore_ascii_case(wanted) =>
            {
                self.add(ident.span);
            }
            (Subject::Column(wanted), Expr::CompoundIdentifier(parts))
                if parts.last().is_some_and(|part| part.value.eq_ignore_ascii_case(wanted)) =>
            {
                self.add(expr.span());
            }
            (Subject::Field(wanted), Expr::CompoundIdentifier(parts))
                if parts.len() > 1 && parts.iter().any(|part| part.value == *wanted) =>
            {
                self.add(expr.span());
            }
            (Subject::Function(wanted), Expr::Function(function)) => {
                self.named(&function.name, wanted);
            }
            (Subject::Taking(wanted), Expr::Function(function)) => self.taking(function, wanted),
            (Subject::Type(wanted), Expr::Cast { data_type: DataType::Custom(name, _), .. }) => {
                self.named(name, wanted);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Refuses functions over windows in WHERE, which the engine would only when it runs.
///
/// # Errors
/// The first of them, at its place.
pub(super) fn refuse_windows(file: &str, statement: &Statement) -> Result<(), DefinitionError> {
    let mut windows = Windows { found: None };
    let _all_visited = inner(statement).map(|inner| inner.visit(&mut windows));
    let Some((name, span)) = windows.found else { return Ok(()) };
    let error =
        DefinitionError::in_file(file, format!("`{name}` over a window cannot be in WHERE"))
            .help("compute it in a subquery and filter that, or write QUALIFY in place of WHERE");
    let start = span.start;
    Err(if start.line > 0 { error.at(start.line, start.column) } else { error })
}

struct Windows {
    found: Option<(String, Span)>,
}

impl Visitor for Windows {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if let Some(condition) = &select.selection {
            let mut here = InCondition { queries: 0, found: None };
            let _all_visited = condition.visit(&mut here);
            if self.found.is_none() {
                self.found = here.found;
            }
        }
        ControlFlow::Continue(())
    }
}

/// A condition without the subqueries in it.
struct InCondition {
    queries: usize,
    found: Option<(String, Span)>,
}

impl Visitor for InCondition {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.queries == 0
            && let Expr::Function(function) = expr
            && function.over.is_some()
            && self.found.is_none()
        {
            self.found = Some((function.name.to_string().to_lowercase(), function.name.span()));
        }
        ControlFlow::Continue(())
    }
}
