//! Where in the job's files a condition of a plan stands, and in which words.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::common::Column;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Ident, JoinConstraint, JoinOperator, Select, Spanned, Visit, Visitor,
};

use super::condition::{Condition, Demand};
use crate::model::Models;
use crate::place::Place;

/// The conditions of models, by model.
pub(super) struct WrittenConditions {
    by_model: BTreeMap<String, Written>,
    /// The model that reads the others.
    model: String,
}

struct Written {
    file: String,
    conditions: Vec<WrittenCondition>,
}

/// One of a SELECT's conditions, as they are joined by AND.
struct WrittenCondition {
    text: String,
    /// Line and column.
    at: Option<(u64, u64)>,
    /// The names in it, each with its line and column.
    names: Vec<(u64, u64, String)>,
    has_subquery: bool,
}

impl WrittenConditions {
    /// Those of a model and of the models that it reads.
    pub(super) fn of(models: &Models, model: &str) -> Self {
        let wanted = models.with_those_that_it_reads(model);
        let models = models.iter().filter(|model| wanted.contains(&model.name));
        let written = models.map(|model| {
            let conditions = conditions(&model.statement);
            (model.name.clone(), Written { file: model.file.clone(), conditions })
        });
        Self { by_model: written.collect(), model: model.to_owned() }
    }

    /// Puts a condition into its words, if it is found: where all columns that it names are named, or, as some name none, by its text.
    pub(super) fn put_into_words(&self, condition: &mut Condition) {
        let (Demand::Holds(text) | Demand::Meets { by: text, .. }) = &condition.demand else {
            return;
        };
        let of = condition.within.iter().rev().find(|name| self.by_model.contains_key(*name));
        let Some(written) = self.by_model.get(of.unwrap_or(&self.model)) else { return };
        let Some(found) = written.find(&condition.names, &condition.inner, text) else { return };
        let at = found.at;
        condition.place = Some(Place { file: written.file.clone(), at });
        if let Demand::Holds(text) = &mut condition.demand {
            text.clone_from(&found.text);
        }
    }
}

impl Written {
    fn find(&self, names: &[Column], inner: &[Column], text: &str) -> Option<&WrittenCondition> {
        let names = places(names);
        let has_all = |of: &&WrittenCondition| names.iter().all(|name| of.names.contains(name));
        if !names.is_empty() {
            let found = self.conditions.iter().filter(has_all);
            // That of a subquery is in one of the query that it is in.
            if let Some(found) = found.min_by_key(|condition| condition.names.len()) {
                return Some(found);
            }
        }
        let wanted = letters(text);
        let mut same = self.conditions.iter().filter(|other| letters(&other.text) == wanted);
        if let Some(found) = same.next().filter(|_| same.next().is_none()) {
            return Some(found);
        }
        // Of an EXISTS only its subquery says where it is; what that reads may be of other files.
        let inner = places(inner);
        let named =
            |of: &WrittenCondition| inner.iter().filter(|name| of.names.contains(name)).count();
        let found = self.conditions.iter().filter(|of| of.has_subquery && named(of) > 0);
        found.max_by_key(|of| (named(of), of.names.len()))
    }
}

/// The names of columns, each with the line and column where it stands, as far as that is known.
fn places(columns: &[Column]) -> Vec<(u64, u64, String)> {
    let place = |column: &Column| {
        let start = column.spans().first()?.start;
        Some((start.line, start.column, column.name.to_lowercase()))
    };
    columns.iter().filter_map(place).collect()
}

/// A condition without what may be written or not: the tables of columns, parentheses, quotes, spaces and capitals.
fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    let mut word = 0;
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '.' if letters[word..].starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                letters.truncate(word);
            }
            '`' | '"' => {}
            c if c.is_alphanumeric() || c == '_' || c == '.' => letters.push(c),
            c => {
                if !matches!(c, '(' | ')') && !c.is_whitespace() {
                    letters.push(c);
                }
                word = letters.len();
            }
        }
    }
    letters
}

fn conditions(statement: &Statement) -> Vec<WrittenCondition> {
    let mut all = Selects::default();
    if let Statement::Statement(statement) = statement {
        let _all_visited = statement.visit(&mut all);
    }
    all.conditions
}

#[derive(Default)]
struct Selects {
    conditions: Vec<WrittenCondition>,
}

impl Selects {
    fn add(&mut self, condition: &Expr) {
        match condition {
            Expr::Nested(inner) => self.add(inner),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.add(left);
                self.add(right);
            }
            condition => {
                let mut names = Names::default();
                let _all_visited = condition.visit(&mut names);
                let start = condition.span().start;
                self.conditions.push(WrittenCondition {
                    text: condition.to_string(),
                    at: (start.line > 0).then_some((start.line, start.column)),
                    names: names.found,
                    has_subquery: names.has_subquery,
                });
            }
        }
    }
}

impl Visitor for Selects {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for join in select.from.iter().flat_map(|from| &from.joins) {
            if let JoinOperator::Join(JoinConstraint::On(condition))
            | JoinOperator::Inner(JoinConstraint::On(condition)) = &join.join_operator
            {
                self.add(condition);
            }
        }
        let conditions = [&select.selection, &select.having, &select.qualify];
        conditions.into_iter().flatten().for_each(|condition| self.add(condition));
        ControlFlow::Continue(())
    }
}

#[derive(Default)]
struct Names {
    found: Vec<(u64, u64, String)>,
    has_subquery: bool,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.has_subquery = true;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let parts: &[Ident] = match expr {
            Expr::Identifier(name) => std::slice::from_ref(name),
            Expr::CompoundIdentifier(parts) => parts,
            _ => &[],
        };
        if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
            let start = first.span.start;
            self.found.push((start.line, start.column, last.value.to_lowercase()));
        }
        ControlFlow::Continue(())
    }
}
