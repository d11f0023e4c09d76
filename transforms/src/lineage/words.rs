//! Expressions of a plan as a SELECT has them, for people.

use std::ops::ControlFlow;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};
use datafusion::sql::sqlparser::ast::{
    self, CastKind, DataType, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName,
    Select, SelectItem, TimezoneInfo, TypedString, Value, VisitMut, VisitorMut, WindowFrameBound,
};
use datafusion::sql::unparser::Unparser;
use datafusion::sql::unparser::dialect::Dialect;

use crate::functions::LIKE;
use crate::functions::conversion::{ARGUMENT, CAST, TRY_CAST};

/// What the functions that stand for Spark's are called more than those.
const OURS: &str = "unglue_";

/// An expression.
pub(super) fn text(expr: &Expr) -> String {
    let bare = bare(expr.clone()).unwrap_or_else(|_| expr.clone());
    match Unparser::new(&Spark).with_pretty(true).expr_to_sql(&bare) {
        Ok(mut written) => {
            let _all_visited = written.visit(&mut AsWritten);
            written.to_string()
        }
        Err(_) => without_types(&expr.human_display().to_string().replace(OURS, "")),
    }
}

/// Without the casts that a parameter makes of its argument, which nobody wrote; literals of a type are such too, and stay.
fn bare(expr: Expr) -> Result<Expr> {
    let is_literal = |args: &[Expr]| matches!(args, [Expr::Literal(..), Expr::Literal(..)]);
    let bare = expr.transform_up(|inner| {
        Ok(match inner {
            Expr::ScalarFunction(ScalarFunction { func, mut args })
                if func.name() == ARGUMENT && args.len() == 2 && !is_literal(&args) =>
            {
                Transformed::yes(args.swap_remove(0))
            }
            other => Transformed::no(other),
        })
    });
    Ok(bare?.data)
}

/// A condition over the rows of `input`, with what aggregates and windows compute in place of the names of their columns, as in HAVING.
pub(super) fn spelled_out(mut expr: Expr, mut input: &LogicalPlan) -> Result<Expr> {
    loop {
        let (made, next) = match input {
            LogicalPlan::Window(window) => (&window.window_expr, Some(&window.input)),
            LogicalPlan::Aggregate(aggregate) => (&aggregate.aggr_expr, None),
            LogicalPlan::Filter(filter) => (const { &Vec::new() }, Some(&filter.input)),
            LogicalPlan::Sort(sort) => (const { &Vec::new() }, Some(&sort.input)),
            LogicalPlan::Distinct(Distinct::All(input)) => (const { &Vec::new() }, Some(input)),
            _ => return Ok(expr),
        };
        let columns = input.schema().columns();
        let columns = columns.into_iter().rev().zip(made.iter().rev());
        let columns: Vec<(Column, &Expr)> = columns.collect();
        let spelled = expr.transform_up(|inner| {
            let of = match &inner {
                Expr::Column(column) => columns.iter().find(|(name, _)| name == column),
                _ => None,
            };
            Ok(match of {
                Some((_, made)) => Transformed::yes((*made).clone().unalias()),
                None => Transformed::no(inner),
            })
        });
        expr = spelled?.data;
        match next {
            Some(next) => input = next,
            None => return Ok(expr),
        }
    }
}

/// Rewrites what no SELECT has.
struct AsWritten;

impl VisitorMut for AsWritten {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            // The name of a column that has none is what computes it.
            if let SelectItem::ExprWithAlias { expr, alias } = item
                && !is_word(&alias.value)
            {
                *item = SelectItem::UnnamedExpr(expr.clone());
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<()> {
        plain(expr);
        ControlFlow::Continue(())
    }
}

fn is_word(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    begins && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Takes our own functions for what they stand for.
fn plain(expr: &mut ast::Expr) {
    let ast::Expr::Function(function) = expr else { return };
    let name = function.name.to_string();
    let FunctionArguments::List(list) = &mut function.args else { return };
    let values: Vec<&ast::Expr> = list.args.iter().filter_map(value_of).collect();
    let written = match (name.as_str(), values.as_slice()) {
        (ARGUMENT, [value, to]) => Some(typed(value, to)),
        (CAST, [value, to]) => as_literal(value, to).or_else(|| cast(CastKind::Cast, value, to)),
        (TRY_CAST, [value, to]) => cast(CastKind::TryCast, value, to),
        (LIKE, [text, pattern]) => Some(ast::Expr::Like {
            negated: false,
            any: false,
            expr: Box::new(nested((*text).clone())),
            pattern: Box::new((*pattern).clone()),
            escape_char: None,
        }),
        _ => None,
    };
    if let Some(written) = written {
        *expr = written;
        return;
    }
    // Of `count(*)` a plan has no star.
    let is_one = |value: &&ast::Expr| value.to_string() == "1";
    if name == "count" && values.len() == 1 && values.iter().all(is_one) {
        list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)];
    }
    if let Some(name) = name.strip_prefix(OURS) {
        function.name = ObjectName::from(vec![Ident::new(name)]);
    }
}

fn value_of(arg: &FunctionArg) -> Option<&ast::Expr> {
    match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some(value),
        _ => None,
    }
}

fn nested(expr: ast::Expr) -> ast::Expr {
    match expr {
        ast::Expr::Identifier(_)
        | ast::Expr::CompoundIdentifier(_)
        | ast::Expr::Value(_)
        | ast::Expr::Function(_)
        | ast::Expr::Cast { .. }
        | ast::Expr::Nested(_) => expr,
        other => ast::Expr::Nested(Box::new(other)),
    }
}

/// `DATE 'text'`, or the value alone where there are no such literals.
fn typed(value: &ast::Expr, to: &ast::Expr) -> ast::Expr {
    as_literal(value, to).unwrap_or_else(|| nested(value.clone()))
}

fn as_literal(value: &ast::Expr, to: &ast::Expr) -> Option<ast::Expr> {
    let text = |expr: &ast::Expr| match expr {
        ast::Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some((value.clone(), text.clone())),
            _ => None,
        },
        _ => None,
    };
    let ((value, _), (_, to)) = (text(value)?, text(to)?);
    let data_type = match to.as_str() {
        "DATE" => DataType::Date,
        "TIMESTAMP" => DataType::Timestamp(None, TimezoneInfo::None),
        _ => return None,
    };
    Some(ast::Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false }))
}

/// The type is the name that the function was given.
fn cast(kind: CastKind, value: &ast::Expr, to: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::Value(to) = to else { return None };
    let Value::SingleQuotedString(to) = &to.value else { return None };
    let to = ObjectName::from(vec![Ident::new(to)]);
    let (data_type, expr) = (DataType::Custom(to, Vec::new()), Box::new(value.clone()));
    Some(ast::Expr::Cast { kind, expr, data_type, array: false, format: None })
}

/// How Spark writes names.
struct Spark;

impl Dialect for Spark {
    fn identifier_quote_style(&self, name: &str) -> Option<char> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        // The name of a column that has none is what computes it.
        let is_plain = name.chars().all(is_word) || name.contains('(');
        (!is_plain).then_some('`')
    }

    fn col_alias_overrides(&self, name: &str) -> Result<Option<String>> {
        Ok(name.contains('(').then(|| without_types(&name.replace(OURS, ""))))
    }

    fn supports_nulls_first_in_sort(&self) -> bool {
        false
    }

    fn window_func_support_window_frame(
        &self,
        _function: &str,
        _start: &WindowFrameBound,
        _end: &WindowFrameBound,
    ) -> bool {
        false
    }
}

/// A column's name holds `Int64(1)` for 1.
fn without_types(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        let value = after.split_once(')').filter(|(value, _)| !value.contains('('));
        match value {
            Some((value, after)) if LITERALS.contains(&&before[name.len()..]) => {
                plain.extend([name, value]);
                rest = after;
            }
            _ => {
                plain.extend([before, "("]);
                rest = after;
            }
        }
    }
    plain + rest
}

/// What the engine writes around values.
const LITERALS: [&str; 7] = ["Int8", "Int16", "Int32", "Int64", "Float64", "Boolean", "Utf8"];
