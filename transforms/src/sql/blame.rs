//! Where in a statement an error is that comes without a place: found by trial.
//!
//! Behind the syntax tree nobody knows which part of the text a value came from. So parts are replaced by NULL, the last ones first and what
//! is in others before these, until the error is gone: the part that was replaced last is the one that the error is about.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::execution::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, OrderBy, Query, Select, SelectItem, Spanned, Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::Dialect;
use super::seek::inner;
use super::spark;

/// Line and column of what an error is about; `None` if it is about no value.
pub(super) async fn place(
    state: &SessionState,
    file: &str,
    statement: &Statement,
    message: &str,
) -> Option<(u64, u64)> {
    let _is_sql = inner(statement)?;
    let left = AtomicUsize::new(PLANNINGS_MAX);
    for is_whole in [false, true] {
        let trial = Trial { state, file, statement, message, is_whole, left: &left };
        if let Some(place) = trial.place().await {
            return Some(place);
        }
    }
    None
}

/// How often a statement is planned to find a place; more is needed only where trials mislead.
const PLANNINGS_MAX: usize = 40;

/// Parts by how deep they stand: what is larger takes long to plan, and its error is told without a place rather than late.
const SIZE_MAX: usize = 20_000;

/// The same statement, planned again and again.
struct Trial<'a> {
    state: &'a SessionState,
    file: &'a str,
    statement: &'a Statement,
    message: &'a str,
    /// Whether parts of GROUP BY and ORDER BY are replaced too. What SELECT has in common with them is then no longer in common.
    is_whole: bool,
    /// How many plannings are left.
    left: &'a AtomicUsize,
}

/// What came of planning a statement with less in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Planned,
    /// The same error.
    Same,
    /// The same but for names, types and values.
    Alike,
    /// Another one.
    Other,
}

/// Whether an error counts as gone.
type Gone = fn(Outcome) -> bool;

/// When an error counts as gone, and what else than the same error may be there before. Without an error once all is replaced there is one
/// value to blame, most likely.
const SEARCHES: [(Gone, Outcome); 3] = [
    (|outcome| matches!(outcome, Outcome::Planned), Outcome::Alike),
    (|outcome| matches!(outcome, Outcome::Planned | Outcome::Alike), Outcome::Same),
    (|outcome| matches!(outcome, Outcome::Planned | Outcome::Other), Outcome::Alike),
];

impl Trial<'_> {
    async fn place(&self) -> Option<(u64, u64)> {
        let Replaced { spans: parts, deepest, .. } = self.without(usize::MAX).1;
        if parts.len() * deepest > SIZE_MAX {
            return None;
        }
        let without_all = self.outcome(0).await?;
        let mut found: Option<Span> = None;
        for (gone, wanted) in SEARCHES {
            if !gone(without_all) {
                continue;
            }
            let (last, before) = self.last(parts.len(), gone).await?;
            // Some have no place of their own, but what is in them has.
            let mut spans = parts.iter().skip(last);
            let Some(span) = spans.find(|span| span.start.line > 0) else { continue };
            if before == Outcome::Same {
                // Only the types in the message have changed with what was replaced: it is about what both are in.
                let whole = found.and_then(|found| around(&parts, &found, span));
                return Some(begin(whole.unwrap_or(span)));
            }
            // It may be that of another error of its kind.
            if before == wanted && found.is_none() {
                found = Some(*span);
            }
        }
        found.as_ref().map(begin)
    }

    /// The last part that must be replaced with all behind it for the error to be gone, and what comes if it is not. With all replaced it is.
    /// `None` if that takes too many trials.
    async fn last(&self, parts: usize, gone: Gone) -> Option<(usize, Outcome)> {
        let (mut gone_from, mut there_from, mut there) = (0, parts, Outcome::Same);
        while gone_from + 1 < there_from {
            let middle = gone_from.midpoint(there_from);
            match self.outcome(middle).await? {
                outcome if gone(outcome) => gone_from = middle,
                outcome => (there_from, there) = (middle, outcome),
            }
        }
        Some((gone_from, there))
    }

    /// What comes with the parts from one on replaced; `None` if that was tried too often.
    async fn outcome(&self, from: usize) -> Option<Outcome> {
        let fewer = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).ok()?;
        let (statement, _) = self.without(from);
        let Err(error) = super::attempt(self.state, self.file, statement).await else {
            return Some(Outcome::Planned);
        };
        let message = error.explained(self.file).message;
        Some(if message == self.message {
            Outcome::Same
        } else if kind(&message) == kind(self.message) {
            Outcome::Alike
        } else {
            Outcome::Other
        })
    }

    /// The statement whose parts from one on are NULL, and all its parts.
    fn without(&self, from: usize) -> (Statement, Replaced) {
        let mut statement = self.statement.clone();
        let mut replaced = Replaced {
            from,
            is_whole: self.is_whole,
            is_spark: Dialect::of(self.state) == Dialect::Spark,
            spans: Vec::new(),
            deepest: 0,
            open: Vec::new(),
            orders: Vec::new(),
            groups: Vec::new(),
        };
        if let Statement::Statement(inner) = &mut statement {
            let _: ControlFlow<()> = inner.visit(&mut replaced);
        }
        (statement, replaced)
    }
}

/// The smallest part that both are in.
fn around<'a>(parts: &'a [Span], one: &Span, other: &Span) -> Option<&'a Span> {
    let (start, end) = (one.start.min(other.start), one.end.max(other.end));
    let holds = |part: &&Span| part.start.line > 0 && part.start <= start && end <= part.end;
    parts.iter().filter(holds).max_by_key(|part| (part.start, std::cmp::Reverse(part.end)))
}

fn begin(span: &Span) -> (u64, u64) {
    (span.start.line, span.start.column)
}

/// What a message says of any statement.
fn kind(message: &str) -> String {
    let outside = message.split('`').step_by(2);
    let words = outside.flat_map(str::split_whitespace);
    let is_plain = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    words.filter(is_plain).collect::<Vec<_>>().join(" ")
}

struct Replaced {
    from: usize,
    is_whole: bool,
    is_spark: bool,
    /// Where the parts are in the text.
    spans: Vec<Span>,
    deepest: usize,
    /// Those that have begun.
    open: Vec<usize>,
    orders: Vec<Option<OrderBy>>,
    groups: Vec<GroupByExpr>,
}

impl VisitorMut for Replaced {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if !self.is_whole {
            self.orders.push(query.order_by.take());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(order) = self.orders.pop() {
            query.order_by = order;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        // Columns keep their names.
        if self.is_spark {
            spark::name_columns(select);
        }
        for item in &mut select.projection {
            let alias = match item {
                SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.clone(),
                SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => match parts.last() {
                    Some(name) => name.clone(),
                    None => continue,
                },
                _ => continue,
            };
            if let SelectItem::UnnamedExpr(expr) = item {
                let expr = expr.clone();
                *item = SelectItem::ExprWithAlias { expr, alias };
            }
        }
        if !self.is_whole {
            let none = GroupByExpr::Expressions(Vec::new(), Vec::new());
            self.groups.push(std::mem::replace(&mut select.group_by, none));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        if let Some(group) = self.groups.pop() {
            select.group_by = group;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        self.open.push(self.spans.len());
        self.spans.push(expr.span());
        self.deepest = self.deepest.max(self.open.len());
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.open.pop().is_some_and(|index| index >= self.from) {
            *expr = Expr::value(Value::Null);
        }
        ControlFlow::Continue(())
    }
}
