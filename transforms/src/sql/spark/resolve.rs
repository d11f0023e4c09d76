//! Names that Spark finds and the planner does not: in another case (`CustomerID`), and aliases that stand before them in the same select
//! list (`price * 2 AS p, p + 1`, <https://spark.apache.org/docs/3.5.6/sql-ref-name-resolution.html>).
//!
//! Which columns there are is known to the planner only. So it is asked, and where it does not find a name, that name is corrected and it is
//! asked again; a name that it finds is never touched.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Select, SelectItem, VisitMut, VisitorMut, visit_expressions,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::sql::build::{nested, quoted};

/// How many names of one statement are corrected.
pub(crate) const NAMES_MAX: usize = 512;

/// Corrects the name that an error is about; false if there is none that Spark would find.
pub(crate) fn correct(statement: &mut Statement, error: &DataFusionError) -> bool {
    let DataFusionError::SchemaError(schema, _) = error.find_root() else { return false };
    let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref() else { return false };
    let Statement::Statement(inner) = statement else { return false };
    let at = error.diagnostic().and_then(|told| told.span);
    let wanted = Wanted {
        name: field.name(),
        at: at.map(|span| Location { line: span.start.line, column: span.start.column }),
    };
    let alike: BTreeSet<&str> = valid_fields
        .iter()
        .map(Column::name)
        .filter(|name| *name != field.name() && name.eq_ignore_ascii_case(field.name()))
        .collect();
    // Two that differ only in case are for the user to tell apart.
    if alike.len() > 1 {
        return false;
    }
    let in_case = alike.first();
    match in_case {
        Some(name) => {
            let mut renamed = Renamed { wanted, name, is_done: false };
            let _: ControlFlow<()> = inner.visit(&mut renamed);
            renamed.is_done
        }
        None => {
            let mut replaced = Replaced { wanted, is_done: false };
            let _: ControlFlow<()> = inner.visit(&mut replaced);
            replaced.is_done
        }
    }
}

/// A name that is not found.
struct Wanted<'a> {
    name: &'a str,
    at: Option<Location>,
}

impl Wanted<'_> {
    fn is(&self, first: &Ident, last: &Ident) -> bool {
        last.value.eq_ignore_ascii_case(self.name)
            && self.at.is_none_or(|at| first.span.start == at)
    }
}

struct Renamed<'a> {
    wanted: Wanted<'a>,
    name: &'a str,
    is_done: bool,
}

impl VisitorMut for Renamed<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let corrected = |last: &Ident| Ident { span: last.span, ..quoted(self.name) };
        match expr {
            Expr::Identifier(ident) if self.wanted.is(ident, ident) => {
                *ident = corrected(ident);
                self.is_done = true;
            }
            Expr::CompoundIdentifier(parts) => {
                if let [first, .., last] = parts.as_mut_slice()
                    && self.wanted.is(first, last)
                {
                    *last = corrected(last);
                    self.is_done = true;
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

struct Replaced<'a> {
    wanted: Wanted<'a>,
    is_done: bool,
}

impl VisitorMut for Replaced<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for index in 1..select.projection.len() {
            let (before, rest) = select.projection.split_at_mut(index);
            let Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) =
                rest.first_mut()
            else {
                continue;
            };
            let alias = before.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if self.wanted.is_named(alias) => {
                    Some(expr)
                }
                _ => None,
            });
            // It is written once more, so that it must be short and have the same value each time.
            let Some(meant) = alias.filter(|meant| may_be_repeated(meant)) else { continue };
            let mut put = Put { wanted: &self.wanted, meant, is_done: false };
            let _: ControlFlow<()> = expr.visit(&mut put);
            self.is_done |= put.is_done;
            if put.is_done && matches!(rest.first(), Some(SelectItem::UnnamedExpr(_))) {
                name_as_written(rest, self.wanted.name);
            }
        }
        ControlFlow::Continue(())
    }
}

fn may_be_repeated(expr: &Expr) -> bool {
    const PARTS_MAX: usize = 128;
    const OTHER_EACH_TIME: [&str; 5] = ["rand", "random", "randn", "uuid", "shuffle"];
    let mut parts = 0;
    visit_expressions(expr, |part| {
        parts += 1;
        let is_other = matches!(part, Expr::Function(function) if OTHER_EACH_TIME
            .iter()
            .any(|name| function.name.to_string().eq_ignore_ascii_case(name)));
        if is_other || parts > PARTS_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .is_continue()
}

impl Wanted<'_> {
    fn is_named(&self, alias: &Ident) -> bool {
        alias.value.eq_ignore_ascii_case(self.name)
    }
}

/// `id AS x, x`: the second column is named `x` as well, which the first one is; a table needs two names.
fn name_as_written(items: &mut [SelectItem], name: &str) {
    let Some(item) = items.first_mut() else { return };
    if let SelectItem::UnnamedExpr(expr) = item {
        let expr = expr.clone();
        *item = SelectItem::ExprWithAlias { expr, alias: quoted(&format!("{name}_2")) };
    }
}

struct Put<'a> {
    wanted: &'a Wanted<'a>,
    meant: &'a Expr,
    is_done: bool,
}

impl VisitorMut for Put<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Identifier(ident) = expr
            && self.wanted.is(ident, ident)
        {
            *expr = nested(self.meant.clone());
            self.is_done = true;
        }
        ControlFlow::Continue(())
    }
}
